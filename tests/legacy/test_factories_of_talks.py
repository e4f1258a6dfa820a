"""Factories of conversations, notifications and audit logs make what a test asks for."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import pytest
from factory.declarations import SubFactory
from one_day import broken

from mentara import models
from seeding.legacy import factories

pytestmark = pytest.mark.usefixtures("same_day")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", models.Conversation.Type.values)
def test_conversation__type__decides_who_takes_part(kind: str) -> None:
    conversation = factories.ConversationFactory(type=kind)
    roles = {seat.user.role for seat in conversation.participants.all()}
    assert roles == {"SESSION": {"client", "therapist"}, "SUPPORT": {"client", "moderator"}}.get(kind, {"client"})
    assert conversation.participants.count() == 2
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize("kind", models.Conversation.Type.values)
def test_message__one_after_the_other__is_an_exchange(kind: str) -> None:
    conversation = factories.ConversationFactory(type=kind)
    messages = factories.MessageFactory.create_batch(6, conversation=conversation)
    assert len({message.sender_id for message in messages}) == 2
    assert [message.created_at for message in messages] == sorted(message.created_at for message in messages)
    conversation.refresh_from_db()
    assert conversation.last_message_at == messages[-1].created_at
    assert broken() == []


@pytest.mark.django_db
def test_message__sender_from_outside__takes_a_seat() -> None:
    conversation = factories.ConversationFactory(type="GROUP")
    message = factories.MessageFactory(conversation=conversation, sender=factories.UserFactory())
    answer = factories.MessageFactory(conversation=conversation, reply_to=message, sender=message.sender)
    assert conversation.participants.count() == 3
    assert answer.created_at > message.created_at
    assert broken() == []


@pytest.mark.django_db
def test_message__of_an_answer__is_of_the_conversation_of_what_it_answers() -> None:
    message = factories.MessageFactory()
    answer = factories.MessageFactory(reply_to=message)
    assert answer.conversation == message.conversation
    assert answer.created_at > message.created_at
    assert answer.conversation.participants.filter(user=answer.sender).exists()
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["client", "therapist"])
def test_message__sender_alone_given__talks_to_one_other(role: str) -> None:
    sender = factories.UserFactory(role=role)
    message = factories.MessageFactory(sender=sender)
    assert message.sender == sender
    assert message.conversation.participants.count() == 2
    assert factories.MessageFactory(conversation=message.conversation, sender=sender).sender == sender
    assert broken() == []


@pytest.mark.django_db
def test_message__sender_of_a_subclass__talks_to_one_other() -> None:
    class TherapistsMessageFactory(factories.MessageFactory):
        sender = SubFactory(factories.UserFactory, role="therapist")

    message = TherapistsMessageFactory()
    assert {seat.user.role for seat in message.conversation.participants.all()} == {"therapist", "client"}
    assert broken() == []


@pytest.mark.django_db
def test_conversation__of_two__refuses_a_third() -> None:
    conversation, somebody = factories.ConversationFactory(), factories.UserFactory()
    refusal = rf"DIRECT conversation is one of two people, and {somebody.email} would be a third"
    with pytest.raises(ValueError, match=refusal):
        factories.MessageFactory(conversation=conversation, sender=somebody)
    with pytest.raises(ValueError, match=refusal):
        factories.ConversationParticipantFactory(conversation=conversation, user=somebody)
    with pytest.raises(ValueError, match=refusal):
        factories.MessageFactory.build(conversation=factories.ConversationFactory.build(), sender=somebody)
    assert conversation.participants.count() == 2
    assert broken() == []


@pytest.mark.django_db
def test_message__in_an_empty_conversation__asks_for_a_sender() -> None:
    conversation = factories.ConversationFactory(participants=None)
    with pytest.raises(ValueError, match="give the message a sender"):
        factories.MessageFactory(conversation=conversation)


@pytest.mark.django_db
@pytest.mark.parametrize("is_read", [False, True])
def test_notification__read_or_not__has_its_moment(is_read: bool) -> None:
    notifications = factories.NotificationFactory.create_batch(5, is_read=is_read)
    assert {(one.is_read, one.read_at is not None) for one in notifications} == {(is_read, is_read)}
    assert broken() == []


ABOUT = {
    factories.MeetingFactory: ("APPOINTMENT_CONFIRMED", "client.user"),
    factories.WorksheetAssignmentFactory: ("WORKSHEET_ASSIGNED", "client.user"),
    factories.ClientTherapistFactory: ("RELATIONSHIP_ESTABLISHED", "client.user"),
    factories.ReviewFactory: ("REVIEW_RECEIVED", "therapist.user"),
    factories.TherapistFactory: ("THERAPIST_APPROVED", "user"),
    factories.CommentFactory: ("COMMUNITY_REPLY", "post.user"),
    factories.PostFactory: ("COMMUNITY_POST", "user"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("about", ABOUT, ids=lambda about: about._meta.model.__name__)
def test_notification__about_a_row__goes_to_whom_it_concerns(about: type[factories.Factory]) -> None:
    row = about()
    kind, concerned = ABOUT[about]
    notification = factories.NotificationFactory(about=row)
    assert notification.type == kind
    assert notification.user == attrgetter(concerned)(row)
    assert notification.data == {"entity": row._meta.db_table, "entityId": str(row.pk)}
    assert broken() == []
    assert factories.NotificationFactory.build(about=about.build()).type == kind


@pytest.mark.django_db
def test_notification__about_a_message__goes_to_somebody_else_there() -> None:
    message = factories.MessageFactory()
    notification = factories.NotificationFactory(about=message)
    assert (notification.type, notification.user == message.sender) == ("MESSAGE_RECEIVED", False)
    assert broken() == []
    alone = factories.MessageFactory.build(conversation__users=[message.sender])
    assert factories.NotificationFactory.build(about=alone).user == message.sender


@pytest.mark.django_db
def test_notification__about_a_community__goes_to_somebody_who_joins() -> None:
    community, member = factories.CommunityFactory(), factories.CommunityMemberFactory()
    assert factories.NotificationFactory(about=community).user == community.members.get().user
    assert factories.NotificationFactory(about=member.community, user=member.user).type == "COMMUNITY_JOINED"
    assert member.community.members.get() == member
    assert broken() == []


@pytest.mark.django_db
def test_notification__about_an_account__goes_to_its_user() -> None:
    user = factories.UserFactory()
    assert factories.NotificationFactory(about=user).user == factories.NotificationFactory(user=user).user == user
    assert broken() == []


@pytest.mark.parametrize("given", [{}, {"type": "WORKSHEET_DUE"}])
def test_notification__about_a_row_that_nobody_is_told_of__is_refused(given: dict[str, str]) -> None:
    sheet = factories.WorksheetFactory.build()
    refusal = r"Nobody is told of rows of Worksheet; let `about` be a row of Meeting, .*WorksheetAssignment, "
    with pytest.raises(ValueError, match=refusal):
        factories.NotificationFactory.build(about=sheet, **given)
    with pytest.raises(ValueError, match=refusal):
        factories.NotificationFactory.build(about=sheet, user=sheet.therapist.user, **given)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("about", "action"),
    [
        (factories.PostFactory, "MODERATE_POST"),
        (factories.CommentFactory, "MODERATE_COMMENT"),
        (factories.ReviewFactory, "REVIEW_MODERATE"),
        (factories.AdminFactory, "ADMIN_SYSTEM_CONFIG"),
        (factories.MeetingFactory, "DATA_EXPORT"),
    ],
)
def test_audit_log__about_a_row__says_what_was_done(about: Any, action: str) -> None:
    row = about()
    log = factories.AuditLogFactory(about=row)
    assert (log.action, log.entity, log.entity_id, log.user_role) == (action, row._meta.db_table, row.pk, "admin")
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "verb"), [("APPROVED", "APPROVE"), ("REJECTED", "REJECT")])
def test_audit_log__application__was_decided(status: str, verb: str) -> None:
    therapist = factories.TherapistFactory(status=status)
    log = factories.AuditLogFactory(about=therapist, user=therapist.processed_by_admin.user)
    assert log.action == f"{verb}_THERAPIST_APPLICATION"


@pytest.mark.django_db
def test_audit_log__of_somebody_who_has_gone__keeps_the_role() -> None:
    log = factories.AuditLogFactory(user=None, about=factories.PostFactory())
    assert (log.user, log.user_role) == (None, "admin")


@pytest.mark.django_db
def test_message__to_a_therapist_while_there_are_others__is_written():
    therapist, talk = factories.TherapistFactory(), factories.ConversationFactory(type="GROUP")
    factories.TherapistFactory()
    for user in (factories.ClientFactory().user, therapist.user):
        factories.ConversationParticipantFactory(conversation=talk, user=user)
    assert factories.MessageFactory(conversation=talk, sender=therapist.user).conversation_id == talk.pk
    assert broken() == []
