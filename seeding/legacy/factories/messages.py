"""Conversations, their seats, and what is said there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from factory.declarations import (
    BaseDeclaration,
    LazyAttribute,
    List,
    Maybe,
    PostGenerationDeclaration,
    SelfAttribute,
    SubFactory,
)
from factory.enums import CREATE_STRATEGY

from mentara import models
from mentara.models import User
from seeding.engine.clock import micros
from seeding.engine.columns import MISSING
from seeding.engine.keys import Ids, Ints
from seeding.engine.values import Columns
from seeding.legacy.factories.accounts import UserFactory
from seeding.legacy.factories.base import Factory, Timestamped
from seeding.legacy.factories.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.factories.one_row import code, each, is_saved, key, people_of
from seeding.planning.exchanges import exchange
from seeding.rows import messages
from seeding.texts import messages as message_texts
from seeding.world.mentara import NOBODY
from seeding.world.people import People

NO_OCCASION = np.zeros((1, len(message_texts.OCCASIONS)), dtype=np.bool_)
"""What is said in a conversation that was made by hand supposes nothing."""
AHEAD = 64
"""Among so many turns the sender's next one is looked for."""


def seats_of(conversation: Any) -> list[Any]:
    """The participants in the order of joining; of a conversation that was only built, those built with it."""
    if is_saved(conversation):
        return list(conversation.participants.select_related("user").order_by("joined_at", "pk"))
    return list(getattr(conversation, "seats", ()))


def seated(everybody: People, users: Iterable[User]) -> Ints:
    """The places of the users on the seats of one conversation."""
    seats = np.full((1, messages.SEATS), NOBODY, dtype=np.int64)
    for number, one in enumerate(users):
        seats[0, number] = everybody.find(key(one))[0]
    return seats


def quiet(ids: Ids, seats: Ints) -> messages.Threads:
    """Conversations in which nothing is said."""
    return messages.Threads(
        ids,
        seats[:, : messages.SPEAKERS],
        each(MISSING, ids),
        each(0, ids),
        each(False, ids),
        each(0, ids),
        NO_OCCASION,
        each(MISSING, ids),
    )


def conversation_columns(of: Any, ids: Ids) -> Columns:
    """A conversation of the users, before the first message."""
    users = list(of.users)[: messages.SEATS]
    everybody = people_of(of.run, *users)
    seats = seated(everybody, users)
    company = messages.Company(each(code(of.type, messages.TYPES), ids), seats, each(MISSING, ids))
    threads = quiet(ids, seats)
    begun = messages.opened(of.run, ids, everybody, company)
    return messages.conversation_rows(ids, company, begun, threads, exchange(of.run, everybody, threads))


class _Seats(PostGenerationDeclaration):
    """A participant for each of the users; `participants=None` makes none."""

    def call(self, instance: Any, step: Any, context: Any) -> Any:
        if context.value_provided:
            return context.value
        instance.seats = [
            step.recurse(
                ConversationParticipantFactory,
                {"run": step.stub.run, "conversation": instance, "user": user, "seat": seat},
            )
            for seat, user in enumerate(step.stub.users)
        ]
        return instance.seats


class ConversationFactory(Timestamped[models.Conversation]):
    """A conversation that nothing has been said in, and its participants: a client and whom the type suggests."""

    class Meta:
        model = models.Conversation

    class Params:
        slot = Free()
        company = LazyAttribute(lambda talk: {"SESSION": "therapist", "SUPPORT": "moderator"}.get(talk.type, "client"))
        users = List(
            [
                SubFactory(UserFactory, run=SelfAttribute("...run")),
                SubFactory(UserFactory, run=SelfAttribute("...run"), role=SelfAttribute("...company")),
            ]
        )
        first = LazyAttribute(lambda talk: talk.users[0])
        row = Row(conversation_columns)

    id = Key("first")
    type = "DIRECT"
    title = Column()
    is_active = Column()
    last_message_at = Column()
    participants = _Seats()


def participant_columns(of: Any, ids: Ids) -> Columns:
    """The user on one of the seats, who has joined once the conversation was begun."""
    everybody = people_of(of.run, of.user)
    seats = np.full((1, messages.SEATS), NOBODY, dtype=np.int64)
    seats[0, of.seat % messages.SEATS] = 0
    talk = key(of.conversation)
    company = messages.Company(each(code(of.conversation.type, messages.TYPES), ids), seats, each(MISSING, ids))
    begun = each(max(micros(of.conversation.created_at), micros(of.user.created_at)), ids)
    joined = messages.joined(of.run, talk, company, begun)
    threads = quiet(talk, seats)
    silence = exchange(of.run, everybody, threads)
    return messages.participant_rows(of.run, ids, everybody, company, joined, threads, silence)[0]


def refuse_a_third(conversation: models.Conversation, user: User) -> None:
    """Raises ValueError if two others take part in a DIRECT conversation."""
    others = [seat for seat in seats_of(conversation) if seat.user != user]
    if conversation.type == "DIRECT" and len(others) > 1:
        raise ValueError(
            f"A DIRECT conversation is one of two people, and {user.email} would be a third; "
            'give one of the two, or a conversation of type "GROUP".'
        )


class ConversationParticipantFactory(Factory[models.ConversationParticipant]):
    """A user's seat in a conversation, or the one that they have already; by default in a request for support.

    A third person in a DIRECT conversation is refused with a ValueError.
    """

    class Meta:
        model = models.ConversationParticipant
        django_get_or_create = ("conversation", "user")

    class Params:
        slot = Free()
        seat = 0
        row = Row(participant_columns)

    id = Key("conversation")
    conversation = Parent(
        ConversationFactory,
        type="SUPPORT",
        users=LazyAttribute(lambda talk: [talk.factory_parent.user]),
        participants=None,
    )
    user = Parent(UserFactory)
    role = Column()
    joined_at = Column()
    last_read_at = Column()
    is_active = Column()
    is_muted = Column()

    @classmethod
    def _adjust_kwargs(cls, **given: Any) -> dict[str, Any]:
        refuse_a_third(given["conversation"], given["user"])
        return given


@dataclass(frozen=True)
class Turn:
    """Where a conversation stands: who speaks in it, what was said, and which line of its script is next."""

    speakers: list[User]
    reel: Ints
    said: int
    next: int
    after: int


def turn_of(of: Any) -> Turn:
    """Where the conversation stands."""
    seats = seats_of(of.conversation)
    if not seats:
        raise ValueError("Nobody takes part in this conversation; give the message a sender.")
    speakers = [seat.user for seat in seats][: messages.SPEAKERS]
    everybody = people_of(of.run, *speakers)
    talk = exchange(of.run, everybody, quiet(key(of.conversation), seated(everybody, speakers)))
    said = of.conversation.messages.count() if is_saved(of.conversation) else 0
    after = max(micros(of.conversation.created_at), *(micros(seat.joined_at) for seat in seats))
    speaker, _ = message_texts.script().turns(talk.reel, np.array([said]))
    return Turn(speakers, talk.reel, said, int(speaker[0]), after)


def next_sender(of: Any) -> User:
    """Whose turn it is to speak."""
    return of.turn.speakers[of.turn.next % len(of.turn.speakers)]


NEXT_SENDER = LazyAttribute(next_sender)


class _HasSender(BaseDeclaration):
    """Whether it is said who sends the message, by a subclass or in the call."""

    def evaluate(self, instance: Any, step: Any, extra: dict[str, Any]) -> bool:  # noqa: ARG002 - factory_boy's signature
        declared = {**step.builder.factory_meta.declarations, **step.builder.extras}
        return declared["sender"] is not NEXT_SENDER


def message_columns(of: Any, ids: Ids) -> Columns:
    """The sender's next line in the conversation's script."""
    speakers, said = list(of.turn.speakers), of.turn.said
    places = [number for number, one in enumerate(speakers) if one.pk == of.sender.pk]
    turns = message_texts.script().turns(np.repeat(of.turn.reel, AHEAD), said + np.arange(AHEAD))[0].tolist()
    if places and places[0] in turns:
        said += turns.index(places[0])
    else:
        speakers[turns[0] % len(speakers)] = of.sender
    everybody = people_of(of.run, *speakers)
    known = (of.conversation.last_message_at, of.reply_to and of.reply_to.created_at, of.seat.joined_at)
    after = max([of.turn.after, *(micros(one) for one in known if one)])
    silence = quiet(key(of.conversation), seated(everybody, speakers))
    threads = replace(silence, after=each(after, ids), said=each(said, ids), more=each(1, ids))
    talk = exchange(of.run, everybody, threads)
    by_place = {int(everybody.find(key(one))[0]): one.first_name for one in speakers}
    names = [by_place[place] for place in range(len(everybody))]
    lines = messages.script_of(of.run, ids, everybody, threads, talk)
    return messages.message_rows(ids, everybody, names, threads, talk, lines, np.arange(1))[0]


class _Heard(PostGenerationDeclaration):
    """The conversation notes when its newest message came."""

    def call(self, instance: models.Message, step: Any, context: Any) -> None:  # noqa: ARG002 - factory_boy's signature
        talk = instance.conversation
        talk.last_message_at = max(talk.last_message_at or instance.created_at, instance.created_at)
        talk.updated_at = max(talk.updated_at, instance.created_at)
        if step.builder.strategy == CREATE_STRATEGY:
            talk.save(update_fields=["last_message_at", "updated_at"])


class MessageFactory(Timestamped[models.Message]):
    """The next line of a conversation, by whoever's turn it is; whoever else sends one takes a seat there.

    `reply_to` is a message of it, and says by itself which conversation it is.
    In a DIRECT conversation of two others there is none: such a sender is refused with a ValueError.
    """

    class Meta:
        model = models.Message

    class Params:
        slot = Free()
        turn = LazyAttribute(turn_of)
        seat = Parent(
            ConversationParticipantFactory, conversation=SelfAttribute("..conversation"), user=SelfAttribute("..sender")
        )
        row = Row(message_columns)

    id = Key("conversation")
    conversation = Maybe(
        "reply_to",
        SelfAttribute("reply_to.conversation"),
        Maybe(
            _HasSender(),
            Parent(ConversationFactory, users__0=SelfAttribute("...sender")),
            Parent(ConversationFactory),
        ),
    )
    sender = NEXT_SENDER
    content = Column()
    message_type = Column()
    reply_to = None
    is_edited = Column()
    edited_at = Column()
    is_deleted = Column()
    heard = _Heard()
