"""Rules of relationships, sessions, notes, worksheets and reviews. Each is broken alone, or only seems to be."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from coherence.kept_world import AS_OF, DAY, HOUR, SESSION, STARTED, STARTS, World, ago, broken, change, found

pytestmark = pytest.mark.django_db


def strangers(world: World, **fields: Any) -> Any:
    """A therapist whom nobody knows yet, with hours at noon."""
    therapist = world.user("therapist", **fields)
    world.open("MONDAY", "09:00", "12:00", therapist=therapist.therapist_profile)
    return therapist


def test_meeting_assignment_and_review__of_strangers__are_reported(world: World) -> None:
    therapist = strangers(world)
    meeting = world.meet(STARTED + HOUR, therapist=therapist.therapist_profile)
    assignment = world.assign("OVERDUE", due=ago(20), therapist=therapist)
    review = world.rate(meeting)
    assert found() == broken("R1", meeting, assignment, review)


def test_meeting_assignment_and_review__before_the_relationship__are_reported(world: World) -> None:
    therapist = strangers(world)
    world.relate(world.client, therapist, days=10)
    meeting = world.meet(STARTED + HOUR, therapist=therapist.therapist_profile)
    assignment = world.assign("OVERDUE", due=ago(20), therapist=therapist)
    review = world.rate(meeting)
    assert found() == broken("R1", meeting, assignment, review)


def test_meeting_assignment_and_review__before_a_young_relationship_of_theirs__are_allowed(world: World) -> None:
    therapist = strangers(world)
    world.relate(world.client, therapist, days=10, theirs=True)
    meeting = world.meet(STARTED + HOUR, therapist=therapist.therapist_profile)
    world.assign("OVERDUE", due=ago(20), therapist=therapist)
    world.rate(meeting)
    assert found() == set()


def test_meeting__after_as_of_of_an_inactive_relationship__is_reported(world: World) -> None:
    change(world.relationship, status="inactive")
    assert found() == broken("R1", world.planned)


@pytest.mark.parametrize("shift", [-HOUR, 3 * HOUR, DAY])
def test_meeting__outside_the_windows__is_reported(world: World, shift: dt.timedelta) -> None:
    change(world.planned, start_time=STARTS + shift, end_time=STARTS + shift + SESSION)
    assert found() == broken("R2", world.planned)


@pytest.mark.parametrize("start", [dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, 23, tzinfo=dt.UTC)])
def test_meeting__at_the_ends_of_the_calendar__is_reported(world: World, start: dt.datetime) -> None:
    change(world.planned, start_time=start, end_time=start + dt.timedelta(minutes=50))
    assert ("R2", "Meeting", str(world.planned.pk)) in found()


def test_meeting__that_summer_time_puts_outside__is_reported(world: World) -> None:
    start = STARTS + 3 * HOUR  # noon in New York, where it would be eleven in winter
    change(world.planned, start_time=start, end_time=start + SESSION)
    assert found() == broken("R2", world.planned)
    change(world.planned, start_time=start - 7 * DAY, end_time=start - 7 * DAY + SESSION)
    assert found() == set()


def test_meeting__in_a_window_that_is_not_available__is_reported(world: World) -> None:
    change(world.window, is_available=False)
    assert found() == broken("R2", world.held, world.planned, world.cancelled)


def test_meeting__across_two_windows__is_reported(world: World) -> None:
    change(world.window, end_time="09:30")
    world.open("MONDAY", "09:30", "12:00")
    assert found() == broken("R2", world.held, world.planned, world.cancelled)


def test_window__that_cannot_be_read__holds_no_meeting(world: World) -> None:
    world.open("MONDAY", "9 am", "noon", theirs=True)
    world.open("TUESDAY", "09:00", "12:00", theirs=True, timezone="Mars/Olympus")
    change(world.planned, start_time=STARTS + DAY, end_time=STARTS + DAY + SESSION)
    assert found() == broken("R2", world.planned)


@pytest.mark.parametrize("whose", ["client", "therapist"])
def test_meetings__that_overlap__are_reported(world: World, whose: str) -> None:
    client, therapist = world.client, world.therapist
    if whose == "client":
        therapist = strangers(world)
    else:
        client = world.friend
    world.relate(client, therapist)
    pair = {"client": client.client_profile, "therapist": therapist.therapist_profile}
    meeting = world.meet(STARTED + HOUR / 2, **pair)
    assert found() == broken("R3", world.held, meeting)


def test_meeting__that_overlaps_one_of_theirs__is_reported(world: World) -> None:
    world.meet(STARTED - HOUR / 2, theirs=True)
    assert found() == broken("R3", world.held)


def test_meetings__back_to_back_or_cancelled_or_only_theirs__may_touch(world: World) -> None:
    world.meet(STARTED + SESSION)
    world.meet(STARTED + HOUR / 2, status="CANCELLED")
    world.meet(STARTED + 30 * HOUR, theirs=True)
    world.meet(STARTED + 30 * HOUR, theirs=True)
    assert found() == set()


def test_meeting__inside_a_long_one_but_not_next_to_it__is_reported(world: World) -> None:
    start = STARTED - HOUR
    world.meet(start, theirs=True, minutes=180)
    world.meet(start + HOUR / 4, theirs=True, minutes=15)
    assert found() == broken("R3", world.held)


def test_notes__written_before_the_end__are_reported(world: World) -> None:
    change(world.notes, created_at=STARTED + SESSION)
    change(world.notes, updated_at=STARTED + SESSION)
    assert found() == broken("R4", world.notes)


def test_notes__of_a_cancelled_session__are_reported(world: World) -> None:
    change(world.notes, meeting=world.cancelled)
    assert found() == broken("R4", world.notes)


def test_windows__that_overlap__are_reported(world: World) -> None:
    theirs = world.open("MONDAY", "11:00", "13:00", theirs=True)
    assert found() == broken("R5", world.window)
    change(theirs, start_time="12:00")
    assert found() == set()


def test_window__that_ends_before_it_starts__is_reported(world: World) -> None:
    window = world.open("FRIDAY", "12:00", "09:00")
    assert found() == broken("R5", window)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("submitted", {"submitted_at": None}),
        ("submitted", {"feedback": "Thank you."}),
        ("reviewed", {"submitted_at": None}),
        ("reviewed", {"feedback": None}),
        ("reviewed", {"feedback": ""}),
        ("overdue", {"submitted_at": ago(21)}),
        ("overdue", {"due_date": AS_OF + DAY}),
        ("assigned", {"due_date": ago(1)}),
        ("assigned", {"submitted_at": ago(1)}),
        ("submitted", {"due_date": ago(31)}),
    ],
)
def test_assignment__that_its_status_or_dates_deny__is_reported(
    world: World, name: str, fields: dict[str, Any]
) -> None:
    row = getattr(world, name)
    change(row, **fields)
    assert found() == broken("R6", row)


def test_assignment__submitted_after_it_was_due__is_allowed(world: World) -> None:
    change(world.submitted, submitted_at=ago(10))
    assert found() == set()


@pytest.mark.parametrize("name", ["cancelled", "planned"])
def test_review__of_a_session_that_was_not_held__is_reported(world: World, name: str) -> None:
    change(world.review, meeting=getattr(world, name))
    assert found() == broken("R7", world.review)


def test_review__before_the_end__is_reported(world: World) -> None:
    change(world.review, created_at=STARTED + SESSION)
    assert found() == broken("R7", world.review)


def test_review__of_somebody_elses_session__is_reported(world: World) -> None:
    world.relate(world.friend, world.therapist)
    change(world.review, client=world.friend.client_profile)
    assert found() == broken("R7", world.review)


def test_review__next_to_one_of_theirs__is_reported(world: World) -> None:
    world.rate(world.held, theirs=True, client=world.friend.client_profile)
    assert found() == broken("R7", world.review)


def test_review__verified_wrongly__is_reported(world: World) -> None:
    change(world.review, is_verified=False)
    assert found() == broken("R7", world.review)
    change(world.review, meeting=None)
    assert found() == set()
    change(world.review, is_verified=True)
    assert found() == broken("R7", world.review)


@pytest.mark.parametrize("status", ["PENDING", "REJECTED"])
def test_relationship__of_a_therapist_who_is_not_approved__is_reported(world: World, status: str) -> None:
    therapist = world.user("therapist", theirs=True)
    change(therapist.therapist_profile, status=status)
    relationship = world.relate(world.client, therapist)
    assert found() == broken("R8", relationship)


@pytest.mark.parametrize(("days", "told"), [(60, True), (40, False)])
def test_relationship__before_the_approval__is_reported_where_that_left_room(
    world: World, days: int, told: bool
) -> None:
    therapist = world.user("therapist")
    relationship = world.relate(world.client, therapist, days=70)
    change(therapist.therapist_profile, processed_at=ago(days))
    assert found() == (broken("R8", relationship) if told else set())


def test_therapist_of_theirs__not_approved_with_a_relationship_of_theirs__gets_what_it_needs(world: World) -> None:
    therapist = strangers(world, theirs=True)
    change(therapist.therapist_profile, status="PENDING")
    world.relate(world.client, therapist, theirs=True)
    world.meet(STARTED + HOUR, therapist=therapist.therapist_profile)
    world.assign("OVERDUE", due=ago(20), therapist=therapist)
    assert found() == set()


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ("APPROVED", {"processed_by_admin": None}),
        ("REJECTED", {"processed_at": None}),
        ("PENDING", {}),
    ],
)
def test_therapist__whose_status_and_decision_differ__is_reported(
    world: World, status: str, fields: dict[str, Any]
) -> None:
    therapist = world.user("therapist").therapist_profile
    change(therapist, status=status, **fields)
    assert found() == broken("R8", therapist)
