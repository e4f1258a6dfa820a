"""Sessions, windows, notes, reviews and worksheets: gaps close exactly, and every written row keeps the rules."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from practice import TABLES, Practice, assert_filled, broken, enrich, run_of
from small_worlds import AS_OF, ours

from mentara import models as m
from seeding.enrichers.availability import AvailabilityEnricher
from seeding.enrichers.meetings import MeetingsEnricher
from seeding.enrichers.reviews import ReviewsEnricher
from seeding.enrichers.worksheets import WorksheetsEnricher

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return Practice()


def test_therapist__with_two_clients_and_nothing_else__gets_exactly_what_is_missing(world):
    therapist = world.therapist()
    for _ in range(2):
        world.relate(world.client(), therapist)
    run = run_of()
    enrich(run)
    assert_filled(run)
    assert m.TherapistAvailability.objects.values("day_of_week").distinct().count() == 3
    assert [m.TherapistAvailability.objects.count(), m.Meeting.objects.count()] == [3, 6]
    assert m.MeetingNotes.objects.count() == m.Meeting.objects.filter(status="COMPLETED").count()
    assert [m.Worksheet.objects.count(), m.WorksheetAssignment.objects.count(), m.Review.objects.count()] == [3, 2, 1]
    assert len({sheet.title for sheet in m.Worksheet.objects.all()}) == 3


def test_database__many_pairs_of_all_kinds__is_filled_and_stays(world):
    zones = ["America/New_York", "Asia/Manila", "Europe/Berlin", "Pacific/Auckland", "Nowhere/Land", "America/Havana"]
    clients = [world.client() for _ in range(12)]
    for at, zone in enumerate(zones):
        therapist = world.therapist(timezone=zone, session_length=(50, 45, 60, 90, 0, 600)[at])
        for client in clients[at : at + 4]:
            young = AS_OF - dt.timedelta(days=3 * at)
            world.relate(client, therapist, young, "inactive" if at % 3 == 2 else "active")
    run = run_of(rate=0.4)
    enrich(run)
    assert_filled(run)


@pytest.mark.parametrize("date", [(2026, 3, 10, 9, 17), (2026, 11, 3)])
def test_meeting__clocks_change_nearby__lies_in_its_window_by_the_local_clock(date):
    as_of = dt.datetime(*date, tzinfo=dt.UTC)
    world = Practice(as_of - dt.timedelta(days=40))
    therapist = world.therapist(timezone="America/New_York")
    for day, hours in (("SUNDAY", ("00:00", "05:00")), ("SUNDAY", ("21:00", "24:00")), ("MONDAY", ("08:10", "09:05"))):
        world.window(therapist, day, *hours, zone="America/New_York")
    for _ in range(25):
        world.relate(world.client(), therapist, as_of - dt.timedelta(days=40))
    run = run_of(as_of)
    enrich(run)
    m.TherapistAvailability.objects.filter(end_time="24:00").update(end_time="23:59")
    assert_filled(run, as_of)
    assert m.Meeting.objects.count() == 75


def test_relationship__of_yesterday__has_sessions_dated_back_and_says_so(world):
    world.relate(world.client(), world.therapist(), AS_OF - dt.timedelta(days=1))
    run = run_of(therapist_clientRelationships=1)
    AvailabilityEnricher(run).enrich()
    result = MeetingsEnricher(run).enrich()
    assert result.added["Meeting"] == 4
    assert result.dated_back == sum(
        meeting.created_at < AS_OF - dt.timedelta(days=1) for meeting in m.Meeting.objects.all()
    )
    enrich(run)
    assert_filled(run)


def test_relationship__assigned_tomorrow__is_filled(world):
    world.relate(world.client(created_at=AS_OF + dt.timedelta(days=2)), world.therapist(), AS_OF + dt.timedelta(days=1))
    run = run_of()
    enrich(run)
    assert_filled(run)


def test_relationship__inactive_and_no_hour_left__gets_cancelled_sessions_in_the_past(world):
    therapist = world.therapist()
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY"):
        world.window(therapist, day, "09:00", "10:00")
    since = AS_OF - dt.timedelta(days=30)
    busy = world.client()
    for week in range(1, 10):
        world.meet(busy, therapist, AS_OF - dt.timedelta(days=7 * week), 7 * 24 * 60, "NO_SHOW")
    world.relate(world.client(), therapist, since, "inactive")
    run = run_of(therapist_sessionNotes=0, therapist_reviewsReceived=0)
    enrich(run)
    assert_filled(run)
    assert set(m.Meeting.objects.exclude(client=busy).values_list("status", flat=True)) == {"CANCELLED"}


def test_relationship__past_is_full__meets_ahead(world):
    therapist = world.therapist()
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY"):
        world.window(therapist, day, "09:00", "10:00")
    busy = world.client()
    held = world.meet(busy, therapist, AS_OF - dt.timedelta(days=300), 300 * 24 * 60, "COMPLETED")
    world.relate(world.client(), therapist)
    world.relate(busy, therapist)
    run = run_of()
    enrich(run)
    assert_filled(run)
    assert m.MeetingNotes.objects.filter(meeting=held).count() == 2
    assert all(one.start_time > AS_OF or one.status == "CANCELLED" for one in ours(m.Meeting.objects.all()))


def test_database__overlapping_mess_of_others__is_filled_around_it(world):
    therapists = [world.therapist() for _ in range(2)]
    clients = [world.client() for _ in range(3)]
    for at in range(40):
        start = AS_OF - dt.timedelta(hours=13 * at + 1, minutes=7 * at)
        status = ("COMPLETED", "SCHEDULED", "NO_SHOW", "IN_PROGRESS", "CANCELLED")[at % 5]
        world.meet(clients[at % 3], therapists[at % 2], start, 95, status, made=AS_OF - dt.timedelta(days=at % 9))
        world.meet(clients[at % 3], therapists[1], start + dt.timedelta(days=30), -10, "COMPLETED", made=start)
    world.relate(clients[0], therapists[0])
    world.relate(clients[1], therapists[0])
    world.relate(clients[2], therapists[1], AS_OF + dt.timedelta(days=3))
    world.relate(clients[0], therapists[1])
    run = run_of(rate=0.5)
    enrich(run)
    assert_filled(run)


def test_meeting__completed_in_the_future_by_others__has_notes_after_its_end(world):
    client, therapist = world.client(), world.therapist()
    world.relate(client, therapist)
    meeting = world.meet(client, therapist, AS_OF + dt.timedelta(days=5))
    run = run_of()
    assert MeetingsEnricher(run).ensure_meeting_has_notes(meeting) == 1
    assert MeetingsEnricher(run).ensure_meeting_has_notes(meeting) == 0
    assert meeting.notes.get().created_at > meeting.end_time
    assert m.Meeting.objects.count() == 1
    enrich(run)
    assert_filled(run)


def test_minimums__raised__are_met_exactly(world):
    therapists = [world.therapist() for _ in range(3)]
    clients = [world.client() for _ in range(5)]
    for therapist in therapists:
        for client in clients:
            world.relate(client, therapist)
    run = run_of(
        relationship_meetings=6, therapist_meetings=40, therapist_sessionNotes=35, therapist_reviewsReceived=9,
        relationship_worksheets=5, meeting_notesIfCompleted=2, therapist_availabilityDays=7,
    )  # fmt: skip
    enrich(run)
    assert_filled(run)
    meetings = Counter(m.Meeting.objects.values_list("therapist_id", flat=True))
    assert set(meetings.values()) == {40}
    assert set(Counter(m.Worksheet.objects.values_list("therapist_id", flat=True)).values()) == {5}
    assert m.Review.objects.count() == 27


def test_minimum__of_notes_beyond_all_hours__is_met_by_further_notes(world):
    therapist = world.therapist()
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY"):
        world.window(therapist, day, "09:00", "09:30")
    world.relate(world.client(), therapist, AS_OF - dt.timedelta(days=2))
    run = run_of(therapist_sessionNotes=30)
    enrich(run)
    assert_filled(run)
    assert m.MeetingNotes.objects.count() == 30
    assert m.Meeting.objects.filter(status="COMPLETED").count() <= 12


def documented(world, *written):
    """A therapist and two clients whose past sessions have so many notes each; the six meetings they need are there."""
    therapist, clients = world.therapist(), [world.client() for _ in range(2)]
    for client in clients:
        world.relate(client, therapist)
    for at, number in enumerate(written):
        held = world.meet(clients[at % 2], therapist, AS_OF - dt.timedelta(days=20 + at))
        for _ in range(number):
            m.MeetingNotes.objects.create(meeting=held, notes="Held.", created_at=held.end_time, updated_at=AS_OF)
    for at in range(len(written), 6):
        world.meet(clients[at % 2], therapist, AS_OF - dt.timedelta(days=60 + at), status="CANCELLED")
    return therapist


@pytest.mark.parametrize(
    ("written", "wanted", "further"),
    [((0,), 1, 0), ((0,), 2, 1), ((0, 0), 2, 0), ((0, 1, 0), 3, 0), ((0, 1, 0), 5, 2), ((1, 3), 5, 1), ((0, 0), 1, 0)],
)
def test_sessions__that_need_no_notes__are_documented_before_others_are_held(world, written, wanted, further):
    documented(world, *written)
    run = run_of(meeting_notesIfCompleted=0, therapist_sessionNotes=wanted, therapist_reviewsReceived=0)
    enrich(run)
    assert_filled(run)
    assert [m.Meeting.objects.count(), m.MeetingNotes.objects.count()] == [6 + further, wanted]
    notes = Counter(m.MeetingNotes.objects.values_list("meeting", flat=True))
    assert max(notes.values()) == max(*written, 1)


def test_ensure__completed_sessions__documents_as_many_as_the_therapist_needs(world):
    therapist = documented(world, 0, 0, 0, 0, 0)
    run = run_of()
    assert MeetingsEnricher(run).ensure_therapist_has_completed_meetings(therapist) == 2
    assert m.MeetingNotes.objects.values("meeting").distinct().count() == 2
    enrich(run)
    assert_filled(run)
    assert [m.Meeting.objects.count(), m.MeetingNotes.objects.count()] == [6, 5]


def test_ensure__one_of_many__touches_only_that_one(world):
    therapists = [world.therapist() for _ in range(3)]
    pairs = [world.relate(world.client(), therapist) for therapist in therapists for _ in range(2)]
    run = run_of()
    assert AvailabilityEnricher(run).ensure_therapist_availability(therapists[0]) == 3
    assert set(m.TherapistAvailability.objects.values_list("therapist", flat=True)) == {therapists[0].pk}
    MeetingsEnricher(run).ensure_relationship_has_meetings(pairs[:1])
    assert [m.Meeting.objects.count(), m.Meeting.objects.filter(client=pairs[0].client).count()] == [3, 3]
    MeetingsEnricher(run).ensure_therapist_has_meetings(therapists[0].pk)
    assert m.Meeting.objects.count() == 4
    MeetingsEnricher(run).ensure_therapist_has_completed_meetings(iter(therapists[:1]))
    assert ReviewsEnricher(run).ensure_therapist_has_reviews([therapists[0]]) == 1
    assert WorksheetsEnricher(run).ensure_therapist_has_worksheets(therapists[1]) == 3
    assert WorksheetsEnricher(run).ensure_client_has_assignments(pairs[2]) == 1
    assert WorksheetsEnricher(run).ensure_client_has_assignments([pairs[0].client]) == 2
    assert broken() == []
    enrich(run)
    assert_filled(run)


def test_review__rate__is_a_share_of_completed_sessions_under_any_seed(world):
    therapist = world.therapist()
    for _ in range(40):
        world.relate(world.client(), therapist)
    run = run_of(relationship_meetings=5)
    enrich(run)
    completed = m.Meeting.objects.filter(status="COMPLETED").count()
    added = ReviewsEnricher(run).ensure_completed_meetings_get_reviews(0.4)
    assert 0.25 < (added + 1) / completed < 0.55
    assert ReviewsEnricher(replace(run, seed="other")).ensure_completed_meetings_get_reviews(0.4) == 0
    assert ReviewsEnricher(run).ensure_completed_meetings_get_reviews(1.0) == completed - added - 1
    assert broken() == []


def test_review__share_of_sessions__leaves_out_those_before_the_relationship(world):
    client, therapist = world.client(), world.therapist()
    world.relate(client, therapist, AS_OF - dt.timedelta(days=30))
    world.meet(client, therapist, AS_OF - dt.timedelta(days=31))
    held = world.meet(client, therapist, AS_OF - dt.timedelta(days=29))
    assert ReviewsEnricher(run_of()).ensure_completed_meetings_get_reviews(1.0) == 1
    assert m.Review.objects.get().meeting == held


def test_review__sessions_that_nobody_may_review__are_not_asked_about_again_and_again(world):
    client, therapist = world.client(), world.therapist()
    world.relate(client, therapist, AS_OF - dt.timedelta(days=30))
    world.meet(client, therapist, AS_OF - dt.timedelta(days=31))
    world.meet(world.client(), therapist, AS_OF - dt.timedelta(days=20))
    with CaptureQueriesContext(connection) as asked:
        assert ReviewsEnricher(run_of()).ensure_completed_meetings_get_reviews(1.0) == 0
    assert not [query for query in asked if 'FROM "User"' in query["sql"]]


def test_pair__meets_in_a_rhythm__weekly_or_fortnightly_at_the_same_hour(world):
    pairs = [world.relate(world.client(), world.therapist()) for _ in range(40)]
    run = run_of(relationship_meetings=6)
    enrich(run)
    steps = Counter()
    for pair in pairs:
        past = m.Meeting.objects.filter(client=pair.client, start_time__lt=AS_OF).exclude(status="CANCELLED")
        starts = past.order_by("start_time").values_list("start_time", flat=True)
        steps.update(later - one for one, later in pairwise(starts))
    regular = sum(count for step, count in steps.items() if step % dt.timedelta(weeks=1) == dt.timedelta())
    assert regular > 0.85 * steps.total()


def test_notes__of_the_next_session__take_up_the_homework(world):
    from seeding.corpus import load

    world.relate(world.client(), world.therapist())
    run = run_of(relationship_meetings=8, therapist_sessionNotes=8)
    enrich(run)
    notes = [note.notes for note in m.MeetingNotes.objects.select_related("meeting").order_by("meeting__start_time")]
    homework = load("notes")["homework"]
    followed = 0
    for before, after in pairwise(notes):
        set_then = [noun for noun in homework if noun in before.splitlines()[-1]]
        if set_then:
            assert any(noun in after.splitlines()[0] for noun in set_then) or "previous session's focus" in after
            followed += 1
    assert followed >= 3


def test_rows__of_these_tables_made_anew__are_the_same(world):
    therapists = [world.therapist() for _ in range(2)]
    for therapist in therapists:
        for _ in range(3):
            world.relate(world.client(), therapist)
    run = run_of(rate=0.5)
    enrich(run)
    first = [sorted(map(str, table.objects.values_list())) for table in TABLES]
    for table in TABLES:
        table.objects.all().delete()
    enrich(run)
    assert [sorted(map(str, table.objects.values_list())) for table in TABLES] == first


def test_queries__ten_times_the_subjects__are_as_many(world):
    def fill(number):
        for _ in range(number):
            therapist = world.therapist()
            for _ in range(2):
                world.relate(world.client(), therapist)
        with CaptureQueriesContext(connection) as queries:
            enrich(run_of(rate=0.4))
        return len(queries)

    fill(1)
    assert fill(2) >= fill(20)
