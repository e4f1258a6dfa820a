"""Who talks with whom. That is reckoned in Python, whichever database it was read from: one does for each test."""

import pytest
from databases import on_postgres, on_sqlite
from small_worlds import AS_OF, DAY, World, run_of

from mentara import models as m
from seeding.enrichers.messages import MessagesEnricher
from seeding.planning import companions

CONVERSATIONS, MESSAGES = "client.conversations", "client.messagesPerConversation"


@pytest.fixture
def world(using):
    return World(using)


@on_sqlite
def test_group__with_a_moderator__has_messages_of_the_others(world, using):
    clients = [world.client().user for _ in range(2)]
    world.talk("GROUP", world.user("moderator"), *clients)
    MessagesEnricher(run_of(using, {CONVERSATIONS: 0})).enrich()
    senders = m.Message.objects.using(using).values_list("sender_id", flat=True)
    assert set(senders) == {user.pk for user in clients}


@on_postgres
def test_pair__that_talks_of_its_sessions__has_no_second_conversation_about_them(world, using):
    for _ in range(12):
        client, therapist = world.client(), world.therapist()
        world.relate(client, therapist)
        world.meet(client, therapist)
        world.talk("SESSION", client.user, therapist.user, said=[(client.user, AS_OF - 40 * DAY)])
    added = MessagesEnricher(run_of(using, {CONVERSATIONS: 3, MESSAGES: 1})).enrich()
    assert added.added["Conversation"] >= 12
    assert m.Conversation.objects.using(using).filter(type="SESSION").count() == 12


@on_sqlite
def test_request__moderators_are_busy_but_one__goes_to_the_idle_one(world, using):
    idle, client = world.user("moderator"), world.client()
    for _ in range(5):
        world.talk("SUPPORT", world.user("moderator"), world.user("client"))
    MessagesEnricher(run_of(using, {CONVERSATIONS: 1})).ensure_user_has_conversations(client.user)
    assert m.ConversationParticipant.objects.using(using).filter(user=idle).count() == 1


@on_sqlite
def test_groups__of_few_who_are_owed_many_conversations__seat_everybody_once(world, using):
    world.community(*(world.client().user for _ in range(4)))
    MessagesEnricher(run_of(using, {CONVERSATIONS: 20, MESSAGES: 0})).enrich()
    groups = m.Conversation.objects.using(using).filter(type="GROUP")
    assert groups.exists()
    for group in groups:
        seats = group.participants.values_list("user_id", flat=True)
        assert 3 <= len(seats) == len(set(seats))


@on_postgres
def test_group__its_moderators_are_those_who_talk__seats_everybody_once(world, using, monkeypatch):
    monkeypatch.setattr(companions, "LISTENS_SHARE", 1.0)
    world.community(*(world.client(user=world.user("moderator")).user for _ in range(4)))
    MessagesEnricher(run_of(using, {CONVERSATIONS: 20, MESSAGES: 0})).enrich()
    groups = m.Conversation.objects.using(using).filter(type="GROUP")
    assert groups.exists()
    assert {group.participants.count() for group in groups} <= {3, 4}


@on_sqlite
@pytest.mark.parametrize(("matched", "arranged"), [(100, 40), (40, 100)], ids=["arranged", "matched"])
def test_talk_of_sessions__matched_and_arranged__begins_after_both(world, using, matched, arranged):
    for _ in range(8):
        client, therapist = world.client(), world.therapist()
        world.relate(client, therapist, since=AS_OF - matched * DAY)
        world.meet(client, therapist, AS_OF - 35 * DAY, created_at=AS_OF - arranged * DAY)
    MessagesEnricher(run_of(using, {CONVERSATIONS: 2, MESSAGES: 1})).enrich()
    talks = m.Conversation.objects.using(using).filter(type="SESSION")
    assert talks.exists()
    assert not talks.filter(created_at__lt=AS_OF - 40 * DAY).exists()
