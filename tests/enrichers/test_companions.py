"""Who talks with whom. That is reckoned in Python, whichever database it was read from: one does for each test."""

import pytest
from databases import on_postgres, on_sqlite
from small_worlds import AS_OF, DAY, World, run_of

from mentara import models as m
from seeding.enrichers.messages import MessagesEnricher

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
