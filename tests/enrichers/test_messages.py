"""Conversations and messages: gaps close exactly, and every written row keeps the rules."""

import itertools
from collections import Counter, defaultdict
from uuid import UUID

import numpy as np
import pytest
from databases import BOTH, on_both
from django.db.models import Exists, OuterRef
from small_worlds import AS_OF, DAY, HOUR, LONG_AGO, MINUTE, World, ours, queries, run_of

from mentara import models as m
from seeding.engine.clock import micros
from seeding.engine.keys import ids_of
from seeding.enrichers.messages import MessagesEnricher
from seeding.planning.exchanges import exchange
from seeding.rows.messages import Threads, newest
from seeding.texts import messages as message_texts
from seeding.world.mentara import NOBODY
from seeding.world.people import people

pytestmark = on_both
CONVERSATIONS, MESSAGES = "client.conversations", "client.messagesPerConversation"
TABLES = (m.Conversation, m.ConversationParticipant, m.Message)
MORNING = LONG_AGO.replace(hour=1) + 20 * DAY
"""Nine o'clock in the Philippines, long before as-of."""


@pytest.fixture
def world(using):
    return World(using)


def enrich(using, **heights):
    keys = {"conversations": CONVERSATIONS, "messages": MESSAGES}
    result = MessagesEnricher(run_of(using, {keys[name]: height for name, height in heights.items()})).enrich()
    assert not broken(using)
    assert enricher_adds_nothing(using, **{keys[name]: height for name, height in heights.items()})
    return result


def enricher_adds_nothing(using, **heights):
    return MessagesEnricher(run_of(using, heights)).enrich().rows == 0


def everything(using, model, *related):
    return list(model.objects.using(using).select_related(*related))


def broken(using):
    """What the rows that the toolkit wrote break of M1 to M3, T1 and T2, said in plain words."""
    found = []
    seats = everything(using, m.ConversationParticipant, "conversation", "user")
    messages = everything(using, m.Message, "conversation", "sender", "reply_to")
    new = {row.pk for model in TABLES for row in ours(everything(using, model))}
    taken = {(seat.conversation_id, seat.user_id): seat for seat in seats}
    pairs = defaultdict(list)
    people = defaultdict(set)
    for seat in seats:
        people[seat.conversation_id].add(seat.user_id)
        if seat.pk in new:
            young = seat.user.created_at > AS_OF - 90 * DAY
            found += ["T1 seat, conversation"] * (seat.joined_at < seat.conversation.created_at)
            found += ["T1 seat, account"] * (seat.joined_at < seat.user.created_at and not young)
            found += ["M3 read before joining"] * (seat.last_read_at is None or seat.last_read_at < seat.joined_at)
            found += ["T2 seat"] * (max(seat.joined_at, seat.last_read_at) > AS_OF)
            found += ["foreign conversation joined"] * (seat.conversation_id not in new)
    for talk in everything(using, m.Conversation):
        sent = [message.created_at for message in messages if message.conversation_id == talk.pk]
        added = [message for message in messages if message.conversation_id == talk.pk and message.pk in new]
        if talk.type == "DIRECT":
            for pair in itertools.combinations(sorted(people[talk.pk]), 2):
                pairs[pair].append(talk.pk in new)
        if talk.pk in new:
            found += ["M1 two people"] * (talk.type == "DIRECT" and len(people[talk.pk]) != 2)
            found += ["T2 conversation"] * (talk.created_at > AS_OF or talk.updated_at < talk.created_at)
        if talk.pk in new or added:
            found += ["M3 newest"] * (talk.last_message_at != max(sent, default=None))
            found += ["T2 updated"] * (added != [] and talk.updated_at < max(one.created_at for one in added))
        found += ["messages at once"] * (len(set(sent)) < len(sent))
        others = [message.created_at for message in messages if message.conversation == talk and message.pk not in new]
        past = [instant for instant in others if instant < AS_OF - MINUTE]
        found += ["written in between"] * (bool(past and added) and min(one.created_at for one in added) <= max(past))
    found += ["M1 pair"] * sum(len(which) > 1 and any(which) for which in pairs.values())
    for message in messages:
        if message.pk in new:
            seat = taken.get((message.conversation_id, message.sender_id))
            young = message.sender.created_at > AS_OF - 90 * DAY
            late = max(seat.joined_at, message.conversation.created_at) > AS_OF - 7 * DAY if seat else False
            found += ["M2 sender"] * (seat is None or seat.joined_at >= message.created_at)
            found += ["T1 message, account"] * (message.created_at < message.sender.created_at and not young)
            found += ["T1 message, conversation"] * (message.created_at < message.conversation.created_at)
            found += ["T2 message"] * (message.created_at > AS_OF and not late)
            found += ["braces"] * ("{" in message.content)
            answered = message.reply_to
            if answered:
                found += ["M2 reply"] * (
                    answered.conversation_id != message.conversation_id or answered.created_at >= message.created_at
                )
    return Counter(found)


def conversations_of(using, client):
    return list(m.Conversation.objects.using(using).filter(participants__user=client.user_id))


def number_of_messages(using):
    talks = m.Conversation.objects.using(using)
    return [talk.messages.count() for talk in talks]


def neighbourhood(world, clients=8):
    """Clients of one community, some with a therapist whom they have met, and people who help."""
    moderator, admin = world.user("moderator"), world.admin().user
    therapists = [world.therapist() for _ in range(2)]
    people = [world.client() for _ in range(clients)]
    world.community(*(client.user for client in people), moderator)
    world.community(*(client.user for client in people[: clients // 2]), slug="stress")
    for at, client in enumerate(people[::2]):
        world.relate(client, therapists[at % 2])
        world.meet(client, therapists[at % 2])
    return people, therapists, (moderator, admin)


def test_messages__a_neighbourhood__everybody_has_exactly_enough(using, world):
    clients, _, _ = neighbourhood(world)
    enrich(using)
    assert [len(conversations_of(using, client)) for client in clients] == [2] * len(clients)
    assert set(number_of_messages(using)) == {5}


def test_messages__many_neighbours__conversations_of_every_type(using, world):
    neighbourhood(world, 40)
    enrich(using)
    types = Counter(talk.type for talk in everything(using, m.Conversation))
    assert set(types) == {"DIRECT", "GROUP", "SESSION", "SUPPORT"}
    for talk in everything(using, m.Conversation):
        roles = sorted(seat.user.role for seat in talk.participants.select_related("user"))
        assert talk.title or talk.type == "DIRECT"
        if talk.type == "GROUP":
            assert roles.count("client") in (3, 4)
            assert set(roles) <= {"client", "moderator"}
        elif talk.type == "SESSION":
            assert roles == ["client", "therapist"]
        elif talk.type == "SUPPORT":
            assert roles in (["admin", "client"], ["client", "moderator"])
        else:
            assert roles in (["client", "client"], ["client", "therapist"])


def test_messages__relationship__its_two_talk_first_of_all(using, world):
    clients, therapists, _ = neighbourhood(world)
    enrich(using, conversations=1)
    for client, therapist in zip(clients[::2], therapists * 2, strict=True):
        (talk,) = conversations_of(using, client)
        assert talk.type == "DIRECT"
        assert {seat.user_id for seat in talk.participants.all()} == {client.pk, therapist.pk}


def test_messages__sessions_day_after_day__are_written_before_or_after(using, world):
    therapist, patient = world.therapist(), world.client()
    for client in (world.client() for _ in range(6)):
        world.relate(client, therapist)
    for day in range(2, 280):
        for hour in (0, 3, 6, 9, 20, 23):
            world.meet(patient, therapist, AS_OF - day * DAY + hour * HOUR)
    enrich(using, messages=12)
    written = m.Message.objects.using(using).filter(sender=therapist.user)
    in_session = m.Meeting.objects.using(using).filter(
        start_time__lte=OuterRef("created_at"), end_time__gt=OuterRef("created_at")
    )
    assert written.count() > 30
    assert not written.filter(Exists(in_session)).exists()


def test_messages__one_client_alone__asks_for_support_unanswered(using, world):
    client = world.client()
    enrich(using)
    talks = conversations_of(using, client)
    assert [talk.type for talk in talks] == ["SUPPORT", "SUPPORT"]
    assert [talk.participants.count() for talk in talks] == [1, 1]
    assert number_of_messages(using) == [5, 5]
    texts = [message.content for message in everything(using, m.Message)]
    assert len(set(texts)) == len(texts)


def test_messages__raised_minimums__three_users_are_enough(using, world):
    clients = [world.client(), world.client()]
    world.community(*(client.user for client in clients), world.user("moderator"))
    enrich(using, conversations=12, messages=40)
    assert [len(conversations_of(using, client)) for client in clients] == [12, 12]
    assert set(number_of_messages(using)) == {40}


def test_messages__hundreds_up_to_now__are_read_before_as_of(using, world):
    neighbourhood(world)
    enrich(using, messages=300)
    last_read = [seat.last_read_at for seat in everything(using, m.ConversationParticipant)]
    assert AS_OF - MINUTE < max(last_read) <= AS_OF


def test_messages__minimum_of_no_messages__a_conversation_without_a_last_one(using, world):
    world.client()
    enrich(using, messages=0)
    assert [talk.last_message_at for talk in everything(using, m.Conversation)] == [None, None]


def test_messages__existing_private_conversation__no_second_one(using, world):
    client, therapist = world.client(), world.therapist()
    world.relate(client, therapist)
    talk = world.talk("DIRECT", client.user, therapist.user, said=[(client.user, LONG_AGO + 11 * DAY)])
    enrich(using)
    first, second = sorted(conversations_of(using, client), key=lambda one: one.pk != talk.pk)
    assert (first.pk, first.messages.count(), second.type) == (talk.pk, 5, "SUPPORT")


def test_messages__private_conversation_of_three__its_pairs_count_as_taken(using, world):
    client, other, therapist = world.client(), world.client(), world.therapist()
    world.relate(client, therapist)
    world.community(client.user, other.user)
    world.talk("DIRECT", client.user, other.user, therapist.user)
    enrich(using)
    assert {talk.type for talk in ours(everything(using, m.Conversation))} == {"SUPPORT"}


def test_messages__conversation_changed_since_its_last_message__keeps_when(using, world):
    client, other = world.client(), world.client()
    at = LONG_AGO + 20 * DAY
    talk = world.talk("DIRECT", client.user, other.user, said=[(client.user, at)], updated_at=AS_OF)
    enrich(using)
    assert talk.messages.count() == 5
    talk.refresh_from_db()
    assert talk.updated_at == AS_OF


def test_messages__suspended_moderator_and_an_active_one__the_active_one_helps(using, world):
    active, suspended = world.user("moderator"), world.user("moderator", is_active=False)
    for _ in range(4):
        world.client()
    enrich(using)
    assert active.conversation_participations.count() == 8
    assert not suspended.conversation_participations.exists()


def test_messages__short_conversation__goes_on_after_its_newest_message(using, world):
    client, other = world.client(), world.client()
    at = LONG_AGO + 20 * DAY
    talk = world.talk("DIRECT", client.user, other.user, said=[(client.user, at), (other.user, at + HOUR)])
    full = world.talk("GROUP", client.user, other.user, said=[(client.user, at + n * HOUR) for n in range(5)])
    before = {row.pk: vars(row) for row in everything(using, m.Conversation)}
    result = enrich(using)
    assert result.added == {"Message": 3}
    after = {row.pk: vars(row) for row in everything(using, m.Conversation)}
    drop = ("_state", "last_message_at", "updated_at")
    assert {key: {k: v for k, v in row.items() if k not in drop} for key, row in before.items()} == {
        key: {k: v for k, v in row.items() if k not in drop} for key, row in after.items()
    }
    assert after[full.pk]["last_message_at"] == before[full.pk]["last_message_at"]
    new = ours(everything(using, m.Message))
    assert all(at + HOUR < message.created_at < at + 10 * DAY for message in new)
    assert {message.conversation_id for message in new} == {talk.pk}
    assert {message.sender_id for message in new} == {client.pk, other.pk}


def talk_before(world, using, **session):
    """The messages that a client and a therapist exchange, who have a session so planned."""
    client, therapist = world.client(), world.therapist()
    world.relate(client, therapist)
    talk = world.talk("DIRECT", client.user, therapist.user, said=[(client.user, MORNING)])
    if session:
        world.meet(client, therapist, **{"created_at": LONG_AGO, "status": "CONFIRMED", **session})
    enrich(using)
    return sorted(message.created_at for message in ours(talk.messages.all()))


@pytest.mark.parametrize(
    ("session", "is_over"),
    [
        ({"status": "CONFIRMED"}, True),
        ({"status": "NO_SHOW"}, True),
        ({"status": "CANCELLED"}, False),
        ({"created_at": MORNING + 3 * HOUR}, False),
    ],
    ids=("planned", "missed", "cancelled", "entered afterwards"),
)
def test_messages__of_client_and_therapist__end_before_their_next_session(using, world, session, is_over):
    start = MORNING + 2 * HOUR
    sent = talk_before(world, using, start=start, **session)
    assert len(sent) == 4
    assert sent[0] < start
    assert (sent[-1] <= start - 10 * MINUTE) is is_over


def test_messages__session_within_minutes__do_not_hurry(using, world):
    sent = talk_before(world, using, start=MORNING + 15 * MINUTE)
    assert sent[-1] > MORNING + HOUR


def test_exchange__of_clients__ends_before_a_session_if_it_is_about_that(using, world):
    run = run_of(using)
    for _ in range(2):
        world.client()
    everybody = people(run)
    ids, one = ids_of(UUID(int=number) for number in range(400)), np.ones(400, dtype=np.int64)
    after, none = micros(MORNING) * one, 0 * one
    speakers = np.tile([0, 1, NOBODY, NOBODY], (400, 1))
    subjects = np.tile([name == "first" for name in message_texts.OCCASIONS], (400, 1))
    session = after + 3 * 3_600_000_000
    threads = Threads(ids, speakers, after, none, none > 0, 5 * one, subjects, session)
    talk = exchange(run, everybody, threads)
    about, last = message_texts.looks_ahead(talk.reel), newest(threads, talk)
    assert about.any()
    assert (last[about] < session[about]).all()
    assert (last[~about] > session[~about]).any()


@pytest.mark.parametrize("tomorrow", [AS_OF + DAY, AS_OF - MINUTE, AS_OF])
def test_messages__conversation_of_tomorrow__messages_come_shortly_after(using, world, tomorrow):
    client, other = world.client(), world.client()
    talk = world.talk("DIRECT", client.user, other.user, at=tomorrow)
    enrich(using)
    new = ours(talk.messages.all())
    assert len(new) == 5
    assert all(tomorrow < message.created_at <= max(tomorrow + HOUR + MINUTE, AS_OF) for message in new)


@pytest.mark.parametrize("sent", [AS_OF + DAY, AS_OF, AS_OF - MINUTE / 2])
def test_messages__a_message_of_tomorrow__does_not_push_others_there(using, world, sent):
    client, other = world.client(), world.client()
    talk = world.talk("DIRECT", client.user, other.user, said=[(client.user, sent), (other.user, AS_OF - 9 * DAY)])
    enrich(using)
    new = ours(talk.messages.all())
    assert len(new) == 3
    assert all(AS_OF - 9 * DAY < message.created_at < AS_OF for message in new)


def test_messages__who_left_or_comes_later__leaves_speaking_to_the_others(using, world):
    client, other, gone, late = (world.client().user for _ in range(4))
    talk = world.talk("GROUP", client, other, gone, late)
    talk.participants.filter(user=gone).update(is_active=False)
    talk.participants.filter(user=late).update(joined_at=AS_OF + DAY)
    MessagesEnricher(run_of(using)).ensure_conversation_has_messages(talk)
    assert {message.sender_id for message in ours(everything(using, m.Message))} == {client.pk, other.pk}
    assert not broken(using)


def test_messages__the_other_joins_tomorrow__who_is_there_writes_alone(using, world):
    client, late = world.client().user, world.client().user
    talk = world.talk("DIRECT", client, late)
    talk.participants.filter(user=late).update(joined_at=AS_OF + DAY)
    enrich(using)
    assert {message.sender_id for message in ours(talk.messages.all())} == {client.pk}
    assert all(message.created_at < AS_OF for message in talk.messages.all())


def test_messages__the_other_has_left__both_speak_all_the_same(using, world):
    client, gone = world.client().user, world.client().user
    talk = world.talk("DIRECT", client, gone)
    talk.participants.filter(user=gone).update(is_active=False)
    MessagesEnricher(run_of(using)).ensure_conversation_has_messages([talk.pk])
    assert {message.sender_id for message in ours(everything(using, m.Message))} == {client.pk, gone.pk}


def test_messages__group_with_its_moderator__the_moderator_listens(using, world):
    clients, moderator = [world.client().user for _ in range(3)], world.user("moderator")
    world.talk("GROUP", *clients, moderator)
    MessagesEnricher(run_of(using)).ensure_conversation_has_messages()
    assert {message.sender_id for message in everything(using, m.Message)} == {user.pk for user in clients}


def test_messages__support_with_many__a_client_and_a_helper_speak(using, world):
    one, other, moderator, admin = world.client().user, world.client().user, world.user("moderator"), world.admin().user
    world.talk("SUPPORT", one, other, moderator, admin)
    MessagesEnricher(run_of(using)).ensure_conversation_has_messages()
    speakers = {message.sender.role for message in everything(using, m.Message, "sender")}
    assert len(speakers) == 2
    assert "client" in speakers


@pytest.mark.parametrize("made", [AS_OF - MINUTE, AS_OF + DAY])
def test_messages__accounts_without_a_past__are_dated_back_and_counted(using, made):
    world = World(using, made=made)
    neighbourhood(world, 4)
    result = enrich(using)
    rows = [*everything(using, m.ConversationParticipant), *everything(using, m.Message)]
    assert result.dated_back == len(rows) > 0
    assert all(row.created_at < AS_OF for row in everything(using, m.Message))


def test_messages__moderator_who_is_a_client__answers_nobody_but_others(using, world):
    moderator, admin = world.user("moderator"), world.admin().user
    world.client(user=moderator)
    enrich(using, conversations=6)
    talks = everything(using, m.Conversation)
    assert len(talks) == 6
    for talk in talks:
        assert {seat.user_id for seat in talk.participants.all()} == {moderator.pk, admin.pk}


def test_messages__only_moderator_is_the_client__is_alone(using, world):
    world.client(user=world.user("moderator"))
    enrich(using)
    assert m.ConversationParticipant.objects.using(using).count() == 2


def test_messages__relationship_with_oneself__is_no_conversation(using, world):
    therapist = world.therapist()
    client = world.client(user=therapist.user)
    world.relate(client, therapist)
    enrich(using)
    assert m.ConversationParticipant.objects.using(using).count() == 2


def test_messages__clients_named__only_they_are_served(using, world):
    clients, _, _ = neighbourhood(world)
    MessagesEnricher(run_of(using)).ensure_user_has_conversations(clients[0])
    assert [len(conversations_of(using, client)) for client in clients] == [2] + [0] * (len(clients) - 1)
    MessagesEnricher(run_of(using)).ensure_user_has_conversations([clients[1], clients[2]])
    assert [len(conversations_of(using, client)) for client in clients[1:3]] == [2, 2]
    assert set(number_of_messages(using)) == {5}
    assert not broken(using)


def test_messages__minimum_raised_later__conversations_go_on_without_repeating_themselves(using, world):
    neighbourhood(world)
    enrich(using)
    before = {row.pk for row in everything(using, m.Message)}
    enrich(using, messages=25)
    for talk in everything(using, m.Conversation):
        said = [(message.sender_id, message.content) for message in talk.messages.all()]
        assert len(said) == 25 == len(set(said))
    assert len(before) * 5 == m.Message.objects.using(using).count()


def test_messages__lines__name_those_who_speak(using, world):
    clients, _, _ = neighbourhood(world)
    enrich(using, messages=12)
    texts = " ".join(message.content for message in everything(using, m.Message))
    assert any(client.user.first_name in texts for client in clients)
    assert "anxiety" in texts


def test_messages__nameless_people__are_friends(using, world, monkeypatch):
    monkeypatch.setattr(message_texts, "spoken_name", lambda name: name or "whoever you are")
    for _ in range(6):
        world.client(first_name="")
    world.community(*m.User.objects.using(using))
    enrich(using)
    said = [message.content for message in everything(using, m.Message)]
    assert any("whoever you are" in text for text in said)
    assert not any("{" in text for text in said)


def test_messages__number_of_clients__does_not_change_the_number_of_queries(using, world):
    neighbourhood(world)
    counts = []
    for clients in (5, 5, 30):
        people = [grow(world) for _ in range(clients)]
        world.talk("GROUP", *(client.user for client in people[:3]))
        counts.append(queries(using, MessagesEnricher(run_of(using)).enrich))
    assert counts[1] == counts[2]


def grow(world):
    """One more client with a therapist in the first community."""
    client = world.client()
    place = m.Community.objects.using(world.using).get(slug="anxiety")
    world.make(m.CommunityMember, user=client.user, community=place, joined_at=world.made + DAY)
    therapist = m.Therapist.objects.using(world.using).order_by("pk").first()
    world.relate(client, therapist)
    world.meet(client, therapist)
    return client


def test_messages__both_databases__get_the_same_rows():
    found = []
    for using in BOTH:
        neighbourhood(World(using), 12)
        MessagesEnricher(run_of(using)).enrich()
        found.append([sorted(model.objects.using(using).values_list()) for model in (m.Conversation, m.Message)])
    assert found[0] == found[1]
