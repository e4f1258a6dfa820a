"""Rules of conversations and messages. Each is broken alone, or only seems to be."""

from __future__ import annotations

import datetime as dt

import pytest
from coherence.kept_world import World, ago, broken, change, found

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seats", [1, 3])
def test_conversation__direct_but_not_of_two__is_reported(world: World, seats: int) -> None:
    conversation = world.talk(*[world.user("client") for _ in range(seats)])
    assert found() == broken("M1", conversation)
    change(conversation, type="GROUP")
    assert found() == set()


def test_conversation_of_theirs__that_a_seeded_seat_makes_three__is_reported(world: World) -> None:
    conversation = world.talk(world.client, world.friend, theirs=True)
    assert found() == set()
    world.sit(conversation, world.moderator)
    assert found() == broken("M1", conversation)


def test_conversation__second_of_a_pair__is_reported(world: World) -> None:
    world.talk(world.therapist, world.client, theirs=True)
    assert found() == broken("M1", world.conversation)


def test_conversations_of_theirs__of_the_same_pair__are_not_judged(world: World) -> None:
    world.talk(world.friend, world.client, theirs=True)
    world.talk(world.client, world.friend, theirs=True)
    assert found() == set()


def test_message__of_somebody_who_takes_no_part__is_reported(world: World) -> None:
    message = world.say(world.conversation, world.friend, days=40)
    assert found() == broken("M2", message)


def test_message__when_its_sender_joined__is_reported_in_a_conversation_of_theirs_too(world: World) -> None:
    conversation = world.talk(world.client, world.friend, theirs=True, days=5)
    message = world.say(conversation, world.friend, days=4)
    assert found() == broken("M2", message)


def test_reply__to_a_later_message__is_reported(world: World) -> None:
    change(world.hello, reply_to=world.answered)
    assert broken("M2", world.hello) <= found()


def test_reply__to_a_message_elsewhere__is_reported(world: World) -> None:
    elsewhere = world.talk(world.client, world.friend)
    message = world.say(elsewhere, world.client, days=40, reply_to=world.hello)
    assert found() == broken("M2", message)


@pytest.mark.parametrize("moment", [None, ago(50), ago(48)])
def test_conversation__that_misdates_its_newest_message__is_reported(world: World, moment: dt.datetime | None) -> None:
    change(world.conversation, last_message_at=moment)
    assert found() == broken("M3", world.conversation)


def test_conversation__that_dates_a_message_it_has_not__is_reported(world: World) -> None:
    conversation = world.talk(world.client, world.friend)
    change(conversation, last_message_at=ago(20))
    assert found() == broken("M3", conversation)


def test_conversation_of_theirs__with_seeded_messages__tells_the_newest(world: World) -> None:
    conversation = world.talk(world.client, world.friend, theirs=True)
    world.say(conversation, world.client, theirs=True, days=30)
    change(conversation, last_message_at=None)
    assert found() == set()
    world.say(conversation, world.friend, days=20)
    assert found() == set()
    change(conversation, last_message_at=ago(30))
    assert found() == broken("M3", conversation)


def test_conversation__in_which_they_wrote_afterwards__may_lag_behind_them(world: World) -> None:
    world.say(world.conversation, world.client, theirs=True, days=5)
    change(world.conversation, last_message_at=ago(49))
    assert found() == set()


def test_participant__who_read_before_joining__is_reported(world: World) -> None:
    seat = world.conversation.participants.first()
    change(seat, last_read_at=ago(61))
    assert found() == broken("M3", seat)
