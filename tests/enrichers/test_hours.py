"""Therapists' hours: crowded, blocked or broken, they are opened as far as sessions need them, and others' stay."""

import datetime as dt
from collections import Counter

import pytest
from practice import Practice, assert_filled, enrich, run_of
from small_worlds import AS_OF

from mentara import models as m
from seeding.enrichers.meetings import MeetingsEnricher

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return Practice()


def test_therapist__not_approved_with_a_relationship__gets_windows_and_meetings_and_no_more(world):
    therapist = world.therapist("REJECTED")
    world.relate(world.client(), therapist)
    run = run_of()
    enrich(run)
    assert_filled(run)
    assert [m.TherapistAvailability.objects.count(), m.Meeting.objects.count(), m.Review.objects.count()] == [1, 3, 0]
    assert m.Worksheet.objects.count() == m.WorksheetAssignment.objects.count() == 1


def test_therapist__without_relationships__gets_no_window_for_meetings(world):
    world.therapist("PENDING")
    world.therapist("APPROVED")
    run = run_of()
    enrich(run)
    assert m.TherapistAvailability.objects.count() == 3
    assert m.Meeting.objects.count() == 0
    assert enrich(run) == 0


def test_therapist__windows_of_others_tiny_broken_or_blocked__still_gets_hours(world):
    therapist = world.therapist()
    world.relate(world.client(), therapist)
    for day, opens, closes, zone in (
        ("MONDAY", "09:00", "09:10", "Asia/Manila"),
        ("TUESDAY", "18:00", "17:00", "Asia/Manila"),
        ("WEDNESDAY", "09:00", "12:00", "Nowhere/Land"),
        ("THURSDAY", "late", "later", "Asia/Manila"),
    ):
        world.window(therapist, day, opens, closes, zone)
    for day in ("FRIDAY", "SATURDAY", "SUNDAY"):
        world.window(therapist, day, "00:00", "23:00", available=False)
    run = run_of()
    enrich(run)
    m.TherapistAvailability.objects.filter(start_time="late").delete()
    assert_filled(run)
    assert m.TherapistAvailability.objects.count() == 7


def test_therapist__blocked_but_for_the_evening__uses_the_evening(world):
    therapist = world.therapist()
    world.relate(world.client(), therapist)
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"):
        world.window(therapist, day, "00:00", "23:20", available=False)
    run = run_of()
    enrich(run)
    assert_filled(run)
    assert {one.start_time for one in m.TherapistAvailability.objects.filter(is_available=True)} == {"23:30"}
    assert {one.duration for one in m.Meeting.objects.all()} == {29}


def test_therapist__blocked_all_week__stays_short_and_nothing_is_repeated(world):
    therapist = world.therapist()
    world.relate(world.client(), therapist)
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"):
        world.window(therapist, day, "00:00", "23:59", available=False)
    run = run_of()
    enrich(run)
    assert m.Meeting.objects.count() == 0
    short = {"therapist.availabilityDays", *MeetingsEnricher.fills[:2], "therapist.sessionNotes"}
    assert_filled(run, except_for={*short, "therapist.reviewsReceived"})


def test_therapist__own_hours_crowded__opens_a_window_for_completed_sessions(world):
    therapist = world.therapist()
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY"):
        world.window(therapist, day, "09:00", "09:30")
    crowd = world.client()
    for day in range(60):
        start = (AS_OF - dt.timedelta(days=day)).replace(hour=1, minute=0)
        world.meet(crowd, therapist, start, 30, "NO_SHOW")
    world.relate(world.client(), therapist, AS_OF - dt.timedelta(days=2))
    run = run_of()
    enrich(run)
    assert_filled(run)


def test_therapist__only_sundays_not_crowded__opens_sundays_once(world):
    therapist, crowd = world.therapist(timezone="UTC"), world.client()
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY"):
        world.window(therapist, day, "09:00", "10:00", "UTC")
    for week in range(8):
        monday = (AS_OF - dt.timedelta(weeks=week)).replace(hour=0)
        world.meet(crowd, therapist, monday, 6 * 24 * 60, "NO_SHOW")
    world.relate(world.client(), therapist, AS_OF - dt.timedelta(days=2))
    run = run_of()
    enrich(run)
    assert_filled(run)
    opened = m.TherapistAvailability.objects.exclude(day_of_week__in=("MONDAY", "TUESDAY", "WEDNESDAY"))
    assert [window.day_of_week for window in opened] == ["SUNDAY"]


@pytest.mark.parametrize("reviews", [1, 3])
def test_therapist__crowded_of_late_but_not_earlier__opens_no_window_more(world, reviews):
    therapist = world.therapist(timezone="UTC")
    for day in ("TUESDAY", "WEDNESDAY", "THURSDAY"):
        world.window(therapist, day, "09:00", "12:00", "UTC")
    world.relate(world.client(), therapist)
    world.meet(world.client(), therapist, AS_OF - dt.timedelta(days=40), 39 * 24 * 60, "NO_SHOW")
    run = run_of(therapist_reviewsReceived=reviews)
    enrich(run)
    assert_filled(run)
    assert m.TherapistAvailability.objects.count() == 3


def test_therapist__with_fewer_hours_than_reviews_lacking__opens_a_window(world):
    therapist = world.therapist(timezone="UTC")
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY"):
        world.window(therapist, day, "09:00", "10:00", "UTC")
    for week in range(8):
        monday = (AS_OF - dt.timedelta(weeks=week)).replace(hour=12)
        world.meet(world.client(), therapist, monday, 6 * 24 * 60, "NO_SHOW")
    world.relate(world.client(), therapist, AS_OF - dt.timedelta(days=2))
    run = run_of(therapist_reviewsReceived=6)
    enrich(run)
    assert_filled(run)
    assert m.TherapistAvailability.objects.count() == 4


def test_therapist__three_hundred_relationships__meets_everybody_without_overlap(world):
    therapist = world.therapist()
    made = [world.relate(world.client(), therapist, AS_OF - dt.timedelta(days=29 + at)) for at in range(300)]
    run = run_of()
    enrich(run)
    counts = Counter(m.Meeting.objects.values_list("client_id", flat=True))
    assert set(counts.values()) == {3}
    assert len(counts) == len(made)
    assert_filled(run)
