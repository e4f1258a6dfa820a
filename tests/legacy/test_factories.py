"""Factories make rows that hold on their own and are what a test asks for."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from itertools import pairwise
from operator import attrgetter
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db.models import Model
from factory.declarations import PostGenerationDeclaration, SubFactory

from mentara import models
from seeding.coherence import AsOf, check
from seeding.engine.clock import micros, moment
from seeding.engine.run import Run
from seeding.legacy import factories
from seeding.legacy.factories import base
from seeding.legacy.factories.one_row import FREE

AS_OF = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
FACTORIES = {
    each._meta.model.__name__: each
    for each in vars(factories).values()
    if isinstance(each, type) and issubclass(each, factories.Factory) and each is not factories.Factory
}
NEVER_SEEDED = {"Invoice", "Payment"}

every_factory = pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)


@pytest.fixture(autouse=True)
def _same_day(monkeypatch: pytest.MonkeyPatch) -> None:
    now = base.default_run()
    run = Run(now.using, now.seed, micros(AS_OF), now.minimums, now.locale)
    monkeypatch.setattr(base, "default_run", lambda: run)


def values(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def broken(*but: str) -> list[str]:
    found = check("default", AsOf(AS_OF, AS_OF))
    return [f"{one.rule} {one.table}: {one.statement}" for one in found if one.rule not in but]


def attributes(factory: type[factories.Factory]) -> list[str]:
    declared = factory._meta.base_declarations
    return [name for name, value in declared.items() if not isinstance(value, PostGenerationDeclaration)]


# A factory on its own


def test_factories__tables__are_all_there_but_billing() -> None:
    assert set(FACTORIES) == set(models.__all__) - NEVER_SEEDED


@every_factory
def test_factory__every_column__is_declared(factory: type[factories.Factory]) -> None:
    fields = {field.name for field in factory._meta.model._meta.concrete_fields}
    assert set(attributes(factory)) == fields


@pytest.mark.django_db
@every_factory
def test_factory__on_its_own__makes_a_valid_row(factory: type[factories.Factory]) -> None:
    row = factory()
    row.full_clean()
    assert values(type(row).objects.get(pk=row.pk)) == values(row)


@pytest.mark.django_db
@every_factory
def test_factory__on_its_own__breaks_no_rule(factory: type[factories.Factory]) -> None:
    factory()
    assert broken() == []


@pytest.mark.django_db
@every_factory
def test_factory__batch__breaks_no_rule(factory: type[factories.Factory]) -> None:
    assert len({row.pk for row in factory.create_batch(4)}) == 4
    assert broken() == []


@every_factory
def test_factory__build__needs_no_database(factory: type[factories.Factory]) -> None:
    assert factory.build().pk


@every_factory
def test_factory__any_attribute__can_be_given(factory: type[factories.Factory]) -> None:
    other = factory.build()
    for name in attributes(factory):
        given = getattr(other, name)
        assert getattr(factory.build(**{name: given}), name) == given, name


@every_factory
def test_factory__counting_anew__makes_the_same_rows(factory: type[factories.Factory]) -> None:
    for each in FACTORIES.values():
        each.reset_sequence()
    rows = [values(row) for row in factory.build_batch(2)]
    for each in FACTORIES.values():
        each.reset_sequence()
    assert [values(row) for row in factory.build_batch(2)] == rows


def test_sequence__of_users__never_meets_a_seeded_account() -> None:
    users = factories.UserFactory.build_batch(3)
    assert all(int(user.email.removeprefix("client").partition("@")[0]) > FREE for user in users)


def test_default_run__now__is_truncated_to_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    before = dt.datetime.now(dt.UTC)
    assert before - dt.timedelta(seconds=1) < moment(base.default_run().as_of) <= dt.datetime.now(dt.UTC)
    assert moment(base.default_run().as_of).microsecond == 0


def test_start_up__commands_and_generators__do_not_import_factory_boy() -> None:
    program = (
        "import sys, django; django.setup(); import seeding.legacy, seeding.orchestrator; "
        "from django.core.management import load_command_class; load_command_class('seeding', 'seed'); "
        "sys.exit('factory' in sys.modules or 'faker' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 - our own words


# What a test asks for


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["client", "therapist", "admin", "moderator"])
def test_user__of_a_role__has_the_profile_of_it(role: str) -> None:
    user = factories.UserFactory(role=role)
    assert getattr(user, f"{role}_profile").user == user
    assert user.email.startswith(role)
    assert broken() == []


@pytest.mark.django_db
def test_user__profile_details__reach_the_profile() -> None:
    assert factories.UserFactory(profile__city="Cebu").client_profile.city == "Cebu"
    assert not models.Client.objects.filter(user=factories.UserFactory(profile=None)).exists()


def test_user__of_a_free_ordinal__is_active_and_verified() -> None:
    assert all(user.is_active and user.email_verified for user in factories.UserFactory.build_batch(100))


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED"])
def test_therapist__status__decides_on_the_admin(status: str) -> None:
    therapist = factories.TherapistFactory(status=status)
    decided = (therapist.processed_by_admin is not None, therapist.processed_at is not None)
    assert decided == ((status != "PENDING"),) * 2
    assert therapist.license_verified == (status == "APPROVED")
    assert broken() == []


def test_therapist__by_default__is_approved() -> None:
    assert {therapist.status for therapist in factories.TherapistFactory.build_batch(10)} == {"APPROVED"}


@pytest.mark.django_db
def test_member__moderator__is_a_user_with_that_role() -> None:
    member = factories.CommunityMemberFactory(moderator=True)
    assert (member.role, member.user.role) == ("MODERATOR", "moderator")


@pytest.mark.django_db
def test_post__batch_of_one_author__shares_the_memberships() -> None:
    member = factories.CommunityMemberFactory()
    posts = factories.PostFactory.create_batch(3, user=member.user, community=member.community)
    assert len({post.title for post in posts}) == 3
    assert models.CommunityMember.objects.get() == member
    assert broken() == []


@pytest.mark.django_db
def test_comment__reply__is_later_than_what_it_answers() -> None:
    post = factories.PostFactory()
    comment = factories.CommentFactory(post=post)
    replies = factories.CommentFactory.create_batch(8, post=post, parent=comment)
    assert min(reply.created_at for reply in replies) > comment.created_at
    assert broken() == []


@pytest.mark.django_db
def test_heart__for_a_comment__has_no_post() -> None:
    heart = factories.HeartFactory(comment=factories.CommentFactory())
    assert heart.post is None
    assert broken() == []


@pytest.mark.django_db
def test_relationship__of_the_same_two__is_the_same() -> None:
    pair = factories.ClientTherapistFactory(status="inactive")
    assert factories.ClientTherapistFactory(client=pair.client, therapist=pair.therapist) == pair


@pytest.mark.django_db
@pytest.mark.parametrize("status", models.Meeting.Status.values)
def test_meeting__status__decides_when(status: str) -> None:
    meeting = factories.MeetingFactory(status=status)
    if status in ("COMPLETED", "NO_SHOW", "CANCELLED"):
        assert meeting.end_time <= AS_OF
    elif status == "IN_PROGRESS":
        assert meeting.start_time < AS_OF < meeting.end_time
    else:
        assert meeting.start_time > AS_OF
    assert broken(*(["R2"] if status == "IN_PROGRESS" else [])) == []


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["COMPLETED", "SCHEDULED"])
def test_meeting__many_of_one_pair__never_overlap(status: str) -> None:
    pair = factories.ClientTherapistFactory()
    meetings = factories.MeetingFactory.create_batch(12, client=pair.client, therapist=pair.therapist, status=status)
    times = sorted((meeting.start_time, meeting.end_time) for meeting in meetings)
    assert all(end <= start for (_, end), (start, _) in pairwise(times))
    assert models.ClientTherapist.objects.count() == 1
    assert broken() == []


@pytest.mark.django_db
def test_meeting__therapist_without_a_free_hour__is_placed_all_the_same() -> None:
    window = factories.TherapistAvailabilityFactory(start_time="09:00", end_time="09:10")
    assert factories.MeetingFactory(therapist=window.therapist, status="COMPLETED").end_time <= AS_OF
    assert factories.MeetingFactory(therapist=window.therapist, client=factories.ClientFactory()).start_time > AS_OF


def test_meeting__not_by_video__has_no_address() -> None:
    assert factories.MeetingFactory.build(meeting_type="audio").meeting_url is None
    assert factories.MeetingFactory.build().meeting_url.startswith("https://meet.mentara.example/")


@pytest.mark.django_db
def test_notes__of_the_second_session__take_up_the_first() -> None:
    pair = factories.ClientTherapistFactory()
    given = {"client": pair.client, "therapist": pair.therapist, "status": "COMPLETED"}
    first, second = sorted(factories.MeetingFactory.create_batch(2, **given), key=lambda meeting: meeting.start_time)
    same = {"slot": 0, "id": second.pk}
    later = factories.MeetingNotesFactory.build(meeting=second, **same).notes
    first.delete()
    assert factories.MeetingNotesFactory.build(meeting=second, **same).notes != later


@pytest.mark.django_db
def test_windows__of_one_therapist__are_on_different_days() -> None:
    therapist = factories.TherapistFactory()
    windows = factories.TherapistAvailabilityFactory.create_batch(7, therapist=therapist)
    assert len({window.day_of_week for window in windows}) == 7
    factories.TherapistAvailabilityFactory(therapist=therapist)
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize("status", models.WorksheetAssignment.Status.values)
def test_assignment__status__decides_on_dates_and_feedback(status: str) -> None:
    assignments = factories.WorksheetAssignmentFactory.create_batch(5, status=status)
    assert {assignment.status for assignment in assignments} == {status}
    assert broken() == []


@pytest.mark.django_db
def test_assignment__status_of_a_subclass__decides_as_well() -> None:
    class ReviewedFactory(factories.WorksheetAssignmentFactory):
        status = "REVIEWED"

    assert ReviewedFactory().feedback
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize("rating", [1, 3, 5])
def test_review__rating__is_what_it_says(rating: int) -> None:
    review = factories.ReviewFactory(rating=rating)
    assert (review.rating, review.is_verified) == (rating, True)
    other = factories.ReviewFactory.build(
        **{name: getattr(review, name) for name in ("id", "client", "therapist", "meeting")}, rating=6 - rating % 3
    )
    assert other.content != review.content
    assert broken() == []


@pytest.mark.django_db
def test_review__without_a_meeting__is_not_verified() -> None:
    pair = factories.ClientTherapistFactory()
    assert not factories.ReviewFactory(meeting=None, client=pair.client, therapist=pair.therapist).is_verified
    assert broken() == []


@pytest.mark.django_db
def test_assessment__follow_up__comes_weeks_later() -> None:
    client = factories.ClientFactory()
    first = factories.PreAssessmentFactory(user=client)
    later = factories.PreAssessmentFactory(user=client, follow_up=True)
    assert later.completed_at >= first.completed_at + dt.timedelta(weeks=3)
    assert broken() == []


@pytest.mark.django_db
def test_assessment__not_completed__has_no_scores() -> None:
    assessment = factories.PreAssessmentFactory(completed_at=None)
    assert (assessment.scores, assessment.is_processed, assessment.answers.count()) == ({}, False, 0)
    answer = factories.PreAssessmentAnswerFactory(pre_assessment=assessment, questionnaire="moods")
    assert (answer.answer_index, answer.value) == (0, 0)


@pytest.mark.django_db
def test_assessment__given_an_account__is_of_its_client() -> None:
    account = factories.UserFactory()
    assert factories.PreAssessmentFactory(user=account).user == account.client_profile
    assert factories.PreAssessmentAnswerFactory(pre_assessment__user=account).pre_assessment.user.user == account
    assert factories.PreAssessmentFactory.build(user=factories.UserFactory.build()).user.user.role == "client"
    with pytest.raises(ValueError, match=r"Clients are assessed, and therapist\d+@.* \(therapist\) is none"):
        factories.PreAssessmentFactory(user=factories.UserFactory(role="therapist"))


@pytest.mark.django_db
@pytest.mark.parametrize("follow_up", [False, True])
def test_answer__of_an_assessment_that_has_all__is_the_one_there(follow_up: bool) -> None:
    assessment = factories.PreAssessmentFactory(follow_up=follow_up)
    there = set(assessment.answers.all())
    assert set(factories.PreAssessmentAnswerFactory.create_batch(4, pre_assessment=assessment)) < there
    assert set(assessment.answers.all()) == there
    some = factories.PreAssessmentAnswerFactory(follow_up=follow_up)
    assert some.pre_assessment.answers.count() > 1
    assert broken() == []


@pytest.mark.django_db
def test_answer__that_the_scores_are_not_made_of__is_refused() -> None:
    answer = factories.PreAssessmentAnswerFactory()
    item = {"questionnaire": answer.questionnaire, "answer_index": answer.answer_index}
    with pytest.raises(ValueError, match=f"is answered by {answer.value} already, .* made with answers=None"):
        factories.PreAssessmentAnswerFactory(pre_assessment=answer.pre_assessment, value=answer.value + 1, **item)
    with pytest.raises(ValueError, match="has no score for 'moods', but for "):
        factories.PreAssessmentAnswerFactory(questionnaire="moods")
    alone = factories.PreAssessmentFactory(answers=None)
    other = factories.PreAssessmentAnswerFactory(pre_assessment=alone, value=3)
    assert list(alone.answers.values_list("value", flat=True)) == [other.value] == [3]


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
def test_comment__with_a_parent__replies_under_its_post():
    comment = factories.CommentFactory()
    assert factories.CommentFactory(parent=comment).post_id == comment.post_id


@pytest.mark.django_db
def test_message__to_a_therapist_while_there_are_others__is_written():
    therapist, talk = factories.TherapistFactory(), factories.ConversationFactory(type="GROUP")
    factories.TherapistFactory()
    for user in (factories.ClientFactory().user, therapist.user):
        factories.ConversationParticipantFactory(conversation=talk, user=user)
    assert factories.MessageFactory(conversation=talk, sender=therapist.user).conversation_id == talk.pk
    assert broken() == []


# What is given


@pytest.mark.django_db
@pytest.mark.parametrize(
    "factory", [each for each in FACTORIES.values() if issubclass(each, base.Timestamped)], ids=lambda one: one.__name__
)
def test_row__made_yesterday__has_not_changed_before(factory: type[factories.Factory]) -> None:
    made = AS_OF - dt.timedelta(hours=20)
    row: Any = factory.create(created_at=made)
    assert row.created_at == made
    assert row.updated_at >= made


@pytest.mark.django_db
def test_user__password_in_plain_text__is_one_to_log_in_with() -> None:
    assert factories.UserFactory.create(password="secret").check_password("secret")
    again = factories.UserFactory.create(password=make_password("other"))
    assert again.check_password("other")
    assert not factories.UserFactory.create(password=None).has_usable_password()


@pytest.mark.django_db
@pytest.mark.parametrize("side", ["client", "therapist"])
def test_review__of_somebody_given__is_of_a_session_of_theirs(side: str) -> None:
    given = {"client": factories.ClientFactory, "therapist": factories.TherapistFactory}[side].create()
    for review in factories.ReviewFactory.create_batch(2, **{side: given}):
        assert getattr(review, side) == getattr(review.meeting, side) == given
    assert broken() == []


@pytest.mark.django_db
def test_assignment__of_a_therapist_given__is_of_a_worksheet_of_theirs() -> None:
    therapist = factories.TherapistFactory.create()
    assert factories.WorksheetAssignmentFactory.create(therapist=therapist).worksheet.therapist == therapist
    assert broken() == []


@pytest.mark.django_db
def test_meeting__of_a_relationship_or_window_given__is_theirs() -> None:
    care, window = factories.ClientTherapistFactory.create(), factories.TherapistAvailabilityFactory.create()
    meeting = factories.MeetingFactory.create(relationship=care)
    assert (meeting.client, meeting.therapist) == (care.client, care.therapist)
    assert factories.MeetingFactory.create(window=window).therapist == window.therapist
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["SUBMITTED", "REVIEWED", "OVERDUE"])
def test_assignment__that_the_pair_is_too_young_for__is_refused(status: str) -> None:
    care = factories.ClientTherapistFactory.create(assigned_at=AS_OF - dt.timedelta(hours=26))
    with pytest.raises(ValueError, match=rf"status='{status}' has room yet: .* too young; make that older"):
        factories.WorksheetAssignmentFactory.create(
            worksheet__therapist=care.therapist, client=care.client, status=status
        )
