"""Factories of relationships, sessions, worksheets, reviews and assessments make what a test asks for."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from one_day import AS_OF, broken

from mentara import models
from seeding.legacy import factories

pytestmark = pytest.mark.usefixtures("same_day")


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
