"""Care looks like care: a pair meets in a rhythm, notes and reviews follow, rows say when they changed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db.models import Count, F, Max, Min, OuterRef, Q, Subquery
from seeded import seeded
from test_properties import rolled_back
from worlds import AS_OF

from mentara import models as m
from seeding.cast import SITTINGS
from seeding.corpus import load
from seeding.engine.keys import ids_of, keys_of
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.reading import reading
from seeding.request import SeedRequest
from seeding.rows.assessments import progress
from seeding.rows.meetings import past_status
from seeding.rows.messages import ON_DUTY
from seeding.rows.reviews import ratings
from seeding.texts.composing import topic
from seeding.world.care import CANCELLED, NO_SHOW
from seeding.world.concerns import CONCERNS

pytestmark = pytest.mark.django_db


def world(**request: Any) -> None:
    seeded("default", **request)


def test_sessions__by_adherence__are_missed_the_more_the_less_of_it():
    share = (np.arange(1000) + 0.5) / 1000
    outcomes = [past_status(share, np.full(1000, adherence)) for adherence in (0.0, 0.5, 1.0)]
    none, half, full = (np.count_nonzero(outcome == NO_SHOW) for outcome in outcomes)
    assert none > half > full > 0
    assert len({np.count_nonzero(outcome == CANCELLED) for outcome in outcomes}) == 1


def test_clients__enriched_under_another_name__are_asked_about_the_same_concerns():
    def asked():
        sat = m.PreAssessment.objects.filter(completed_at__isnull=False)
        return {(client, *sorted(scores)) for client, scores in sat.values_list("user", "scores")}

    world(mode="heavy", seed="one", enrich=False)
    before = asked()
    clients = {client for client, *_ in before}
    HybridSeedOrchestrator(SeedRequest(mode="heavy", seed="other", as_of=AS_OF, base=False)).run_hybrid_seed()
    assert len(clients) > 50
    assert {one for one in asked() if one[0] in clients} == before


def test_ratings__by_progress__are_higher_where_assessments_get_better():
    run, ids = reading("default"), ids_of(UUID(int=number) for number in range(3000))
    keys, yes = keys_of(ids), np.full(3000, True)
    stars = ratings(run, ids, keys, keys, yes, yes)
    getting_on = progress(keys)
    assert stars[getting_on > 0.75].mean() > stars[getting_on < 0.25].mean() + 0.3


def test_ratings__by_fit__are_higher_where_the_therapist_knows_a_concern_and_lowest_at_parting():
    run, ids = reading("default"), ids_of(UUID(int=number) for number in range(1000))
    fitting, otherwise, parting = (
        ratings(run, ids, keys_of(ids), keys_of(ids), np.full(1000, fits), np.full(1000, not last), last).mean()
        for fits, last in ((True, False), (False, False), (True, True))
    )
    assert fitting > otherwise + 0.2 > parting + 0.4


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (m.Review, "created_at"), (m.PreAssessment, "completed_at"), (m.Worksheet, "created_at"),
        (m.WorksheetAssignment, "assigned_at"), (m.WorksheetAssignment, "submitted_at"),
        (m.WorksheetAssignment, "updated_at"), (m.ClientTherapist, "assigned_at"), (m.Meeting, "created_at"),
    ],
)  # fmt: skip
def test_care__by_the_hour__is_seldom_at_night(table: Any, column: str) -> None:
    world(mode="heavy")
    zone = ZoneInfo("Asia/Manila")
    hours = [found.astimezone(zone).hour for found in table.objects.values_list(column, flat=True) if found]
    assert sum(hour < 5 for hour in hours) < 0.08 * len(hours)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (m.WorksheetAssignment, "assigned_at"), (m.Worksheet, "created_at"), (m.Therapist, "processed_at"),
        (m.WorksheetAssignment, "updated_at"),
    ],
)  # fmt: skip
def test_care__what_therapists_and_administrators_do__is_in_working_hours(table: Any, column: str) -> None:
    world(mode="heavy")
    rows = table.objects.exclude(**{column: None})
    if column == "updated_at":
        rows = rows.filter(status="REVIEWED")
    hours = [found.astimezone(ZoneInfo("Asia/Manila")).hour for found in rows.values_list(column, flat=True)]
    assert len(hours) > 20
    assert np.mean([8 <= hour <= 19 for hour in hours]) > 0.9


def test_sessions__called_off__are_so_by_day():
    world(mode="heavy")
    called_off = m.Meeting.objects.filter(status="CANCELLED").values_list("updated_at", flat=True)
    hours = [found.astimezone(ZoneInfo("Asia/Manila")).hour for found in called_off]
    assert len(hours) > 10
    assert np.mean([hour < 5 for hour in hours]) < 0.15


def test_windows__of_therapists__are_not_all_in_the_morning():
    world(mode="heavy")
    opens = [int(opens[:2]) for opens in m.TherapistAvailability.objects.values_list("start_time", flat=True)]
    assert 0.2 < np.mean([hour >= 12 for hour in opens]) < 0.8


def test_sessions__of_one_pair__are_booked_one_after_the_other():
    world(mode="heavy")
    booked = defaultdict(list)
    for client, therapist, at in m.Meeting.objects.order_by("start_time").values_list(
        "client_id", "therapist_id", "created_at"
    ):
        booked[client, therapist].append(at)
    following = [pair for each in booked.values() for pair in pairwise(each)]
    assert len(following) > 200
    assert all(later > one - timedelta(days=1) for one, later in following)


def test_sessions__with_a_therapist_who_knows_one_concern_of_several__are_about_that():
    world(mode="heavy")
    plain = {slug: topic(at)["plain"] for at, slug in enumerate(CONCERNS)}
    told = Counter()
    for text, known in m.Meeting.objects.values_list("description", "therapist__expertise"):
        named = [slug for slug, name in plain.items() if text and f" {name} " in text]
        if named:  # of "social anxiety" and "anxiety" the longer one is meant
            told[max(named, key=len) in known] += 1
    assert told[True] > 20
    assert told[False] == 0


def test_assessments__of_the_cast__take_a_course_of_their_own():
    world(mode="medium")
    courses = defaultdict(list)
    done = m.PreAssessment.objects.filter(completed_at__isnull=False).order_by("completed_at")
    for client, scores in done.values_list("user_id", "scores"):
        for slug, score in scores.items():
            courses[client, slug].append(score)
    often = Counter((slug, *course) for (_, slug), course in courses.items() if len(course) == SITTINGS)
    assert often.total() > 40
    assert max(often.values()) == 1


def test_follow_ups__of_clients_in_care__mostly_come_once_they_have_met_their_therapist():
    world(mode="heavy")
    begun = m.ClientTherapist.objects.annotate(
        met=Min("client__meetings__start_time", filter=Q(client__meetings__status="COMPLETED")),
        assessed=Max("client__pre_assessments__completed_at"),
    )
    known = list(begun.filter(met__isnull=False, assessed__isnull=False).values_list("met", "assessed"))
    assert len(known) > 50
    assert sum(assessed < met for met, assessed in known) < 0.15 * len(known)


def test_sessions__of_one_pair__are_on_different_days_mostly_on_one_slot():
    world(mode="heavy")
    by_pair = defaultdict(list)
    for client, therapist, start in m.Meeting.objects.exclude(status="CANCELLED").values_list(
        "client_id", "therapist_id", "start_time"
    ):
        by_pair[client, therapist].append(start.astimezone(ZoneInfo("Asia/Manila")))
    following = [pair for starts in by_pair.values() for pair in pairwise(sorted(starts))]
    assert all(one.date() < other.date() for one, other in following)
    same = [(one.weekday(), one.time()) == (other.weekday(), other.time()) for one, other in following]
    assert np.mean(same) > 0.7
    apart, ahead = np.array([((other - one).days, one > AS_OF) for one, other in following]).T
    assert (apart < 2).mean() < 0.02
    assert np.isin(apart, (7, 14, 21, 28)).mean() > 0.75
    assert np.isin(apart, (7, 14)).mean() > 0.7
    assert np.isin(apart[ahead == 0], (14, 21, 28)).mean() > 0.15
    assert (apart[ahead == 1] == 7).mean() > 0.6


@pytest.mark.parametrize("name", ["mentara", "another"])
def test_pairs__still_meeting__were_matched_over_more_than_three_weeks(name):
    world(mode="heavy", seed=name)
    days = [(AS_OF - pair.assigned_at).days for pair in m.ClientTherapist.objects.filter(status="active")]
    assert len(days) > 40
    early, late = np.percentile(days, (90, 10))
    assert early - late > 21


@pytest.mark.parametrize(("mode", "name"), [("medium", "mentara"), ("heavy", "mentara"), ("heavy", "another")])
def test_sessions__of_a_pair__begin_within_weeks_of_the_match(mode, name):
    world(mode=mode, seed=name)
    first = m.Meeting.objects.filter(client=OuterRef("client"), therapist=OuterRef("therapist")).order_by("start_time")
    pairs = m.ClientTherapist.objects.annotate(first=Subquery(first.values("start_time")[:1]))
    waits = [(pair.first - pair.assigned_at).days for pair in pairs]
    assert len(waits) > 20
    assert np.median(waits) < 21
    assert max(waits) < 90
    assert sum(wait > 60 for wait in waits) < 0.06 * len(waits)


@pytest.mark.parametrize(("mode", "name"), [("medium", "mentara"), ("heavy", "mentara"), ("heavy", "another")])
def test_sessions__titled_as_the_first__are_a_pair_s_first_held(mode, name):
    world(mode=mode, seed=name)
    titles = set(load("meetings")["titles"]["first"])
    held = defaultdict(list)
    for session in m.Meeting.objects.filter(status="COMPLETED").order_by("start_time"):
        held[session.client_id, session.therapist_id].append(session.title in titles)
    assert sum(any(first) for first in held.values()) > 10
    assert not [pair for pair, first in held.items() if any(first[1:])]


def test_notes__of_sessions_whose_relationship_is_gone__take_up_the_session_before():
    with rolled_back("default"):
        world(mode="heavy", enrich=False)
        m.ClientTherapist.objects.all().delete()
        m.MeetingNotes.objects.all().delete()
        m.Therapist.objects.update(status="PENDING", processed_at=None, processed_by_admin=None)
        HybridSeedOrchestrator(SeedRequest("heavy", as_of=AS_OF)).run_hybrid_seed()
        opened = tuple(line.split("{")[0] for line in load("notes")["first"])
        notes = m.MeetingNotes.objects.order_by("meeting__start_time")
        told = defaultdict(list)
        for client, therapist, text in notes.values_list("meeting__client", "meeting__therapist", "notes"):
            told[client, therapist].append(text[3:].startswith(opened))
        assert sum(len(first) > 1 for first in told.values()) > 10
        assert not [first for first in told.values() if any(first[1:])]


def sentences(note: str) -> set[str]:
    """What a note says, without the letters of its form and short remarks."""
    said = {line.strip() for part in note.splitlines() for line in re.split(r"(?<=[.]) ", part[3:])}
    return {line for line in said if len(line) > 25}


@pytest.mark.parametrize("name", ["mentara", "another"])
def test_notes__of_sessions_running__do_not_repeat_one_another(name):
    world(mode="heavy", seed=name)
    told = defaultdict(list)
    notes = m.MeetingNotes.objects.order_by("meeting__start_time", "pk")
    for client, therapist, text in notes.values_list("meeting__client", "meeting__therapist", "notes"):
        told[client, therapist].append(sentences(text))
    running = [bool(one & other) for texts in told.values() for one, other in pairwise(texts)]
    assert len(running) > 100
    assert np.mean(running) < 0.05


@pytest.mark.parametrize("name", ["mentara", "another"])
def test_notes__of_whoever_thinks_of_death__speak_of_safety(name):
    world(mode="heavy", seed=name)
    safe, asked = (*load("notes")["risk"], *load("notes")["risk_first"]), 0
    item = m.PreAssessmentAnswer.objects.filter(questionnaire="depression", answer_index=8, value__gte=2)
    item = item.exclude(pre_assessment__completed_at=None)
    for client, when in item.values_list("pre_assessment__user", "pre_assessment__completed_at"):
        after = m.MeetingNotes.objects.filter(meeting__client=client, meeting__start_time__gt=when)
        for text in after.values_list("notes", flat=True):
            assert any(line in text for line in safe)
            asked += 1
    assert asked > 10


@pytest.mark.parametrize("name", ["mentara", "another"])
def test_notes__of_a_first_session__speak_of_no_safety_plan_there_was_before(name):
    world(mode="heavy", seed=name)
    corpus = load("notes")
    begun = [re.escape(line).replace(r"\{theme\}", ".+") for line in corpus["first"]]
    notes = list(m.MeetingNotes.objects.values_list("notes", flat=True))
    first = [text for text in notes if re.search("|".join(begun), text)]
    assert sum(any(line in text for line in corpus["risk_first"]) for text in first) > 5
    assert [text for text in first if any(line in text for line in corpus["risk"])] == []


def test_messages__older_than_a_long_weekend__have_been_read_by_whoever_is_there_to_help():
    world(mode="heavy")
    seats = m.ConversationParticipant.objects.filter(conversation__last_message_at__gt=F("last_read_at"))
    old = seats.filter(conversation__last_message_at__lt=AS_OF - timedelta(microseconds=ON_DUTY))
    assert old.filter(user__role="client").count() > 10
    assert not old.exclude(user__role="client").exists()


def test_rows__whose_state_has_changed__were_updated_when_it_did():
    world(mode="heavy")
    late = m.WorksheetAssignment.objects.filter(status="OVERDUE")
    closed = m.User.objects.filter(is_active=False)
    begun = m.Meeting.objects.filter(status="IN_PROGRESS")
    confirmed = m.Meeting.objects.filter(status__in=("CONFIRMED", "WAITING"))
    assert all(rows.exists() for rows in (late, closed, begun, confirmed))
    assert not late.exclude(updated_at=F("due_date")).exists()
    assert not closed.exclude(updated_at=F("last_login")).exists()
    assert not begun.exclude(updated_at=F("start_time")).exists()
    assert confirmed.filter(updated_at__gt=F("created_at")).count() > confirmed.count() * 0.9


def test_sessions__of_pairs_still_meeting__have_no_long_hole():
    longest = []
    for seed in ("mentara", "a", "b"):
        with rolled_back("default"):
            world(mode="medium", seed=seed)
            kept = m.Meeting.objects.exclude(status="CANCELLED").order_by("start_time")
            for pair in m.ClientTherapist.objects.filter(status="active"):
                starts = kept.filter(client=pair.client, therapist=pair.therapist).values_list("start_time", flat=True)
                longest.append(max((later - earlier).days for earlier, later in pairwise([*starts, starts.last()])))
    assert len(longest) > 60
    assert np.mean([days >= 42 for days in longest]) < 0.05


def test_base__nobody_else_is_to_have_a_therapist__the_cast_has():
    world(mode="light", enrich=False, sizes={"with_therapist": 0})
    assert m.ClientTherapist.objects.count() == 3


def test_reviews__of_one_client__say_something_else_about_the_therapist_each_time():
    world(mode="heavy")
    said = Counter()
    for client, therapist, title, text in m.Review.objects.values_list("client_id", "therapist_id", "title", "content"):
        said.update((client, therapist, sentence) for sentence in (title, *re.split(r"(?<=[.!?]) ", text)) if sentence)
    several = Counter(m.Review.objects.values_list("client_id", "therapist_id"))
    assert max(several.values()) > 2
    assert set(said.values()) == {1}


def test_reviews__of_several_therapists__say_something_else_of_each():
    world(minimums={"therapist.clientRelationships": 7, "therapist.reviewsReceived": 9})
    said = Counter()
    for client, title, text in m.Review.objects.values_list("client_id", "title", "content"):
        said.update((client, sentence) for sentence in (title, *re.split(r"(?<=[.!?]) ", text)) if sentence)
    therapists = m.Review.objects.values_list("client_id").annotate(Count("therapist", distinct=True))
    assert max(number for _, number in therapists) == 3
    assert set(said.values()) == {1}


def test_assessments__of_two_weeks_ago__have_been_processed_but_one():
    world(mode="heavy")
    waiting = m.PreAssessment.objects.filter(is_processed=False, completed_at__isnull=False)
    assert waiting.filter(created_at__gt=AS_OF - timedelta(days=14)).exists()
    assert waiting.filter(created_at__lt=AS_OF - timedelta(days=15)).count() <= 1


def test_base__clients_with_a_therapist__have_seen_whom_they_were_recommended():
    world(mode="heavy", enrich=False)
    seen = m.Client.objects.filter(has_seen_therapist_recommendations=True)
    assert not m.Client.objects.filter(relationships__isnull=False).exclude(pk__in=seen).exists()
    assert m.Client.objects.exclude(pk__in=seen).exists()


@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_conversations__of_a_therapy_that_has_ended__do_not_begin(seed):
    world(mode="heavy", seed=seed)
    ended = set(m.ClientTherapist.objects.filter(status="inactive").values_list("client_id", "therapist_id"))
    assert ended
    seats = defaultdict(set)
    for talk, user in m.ConversationParticipant.objects.exclude(conversation__type="GROUP").values_list(
        "conversation_id", "user_id"
    ):
        seats[talk].add(user)
    assert not [pair for pair in ended if set(pair) in seats.values()]
