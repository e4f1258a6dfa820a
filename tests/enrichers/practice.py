"""A practice to test on: therapists with windows, and what the enrichers of therapy write, judged by the oracle."""

import datetime as dt
from dataclasses import replace

import small_worlds
from oracle import read_world
from oracle_rules import broken_rules
from small_worlds import AS_OF, LONG_AGO, World, ours

from mentara import models as m
from seeding.engine.clock import micros
from seeding.enrichers.availability import AvailabilityEnricher
from seeding.enrichers.meetings import MeetingsEnricher
from seeding.enrichers.reviews import ReviewsEnricher
from seeding.enrichers.worksheets import WorksheetsEnricher

ORDER = (AvailabilityEnricher, MeetingsEnricher, WorksheetsEnricher, ReviewsEnricher)
TABLES = (m.TherapistAvailability, m.Meeting, m.MeetingNotes, m.Worksheet, m.WorksheetAssignment, m.Review)


def run_of(as_of=AS_OF, rate=0.0, **heights):
    run = small_worlds.run_of("default", {key.replace("_", "."): height for key, height in heights.items()})
    return replace(run, as_of=micros(as_of), sizes={"review_rate": rate})


def enrich(run):
    return sum(enricher(run).enrich().rows for enricher in ORDER)


class Practice(World):
    """A small world in which therapists have windows, and sessions any length."""

    def __init__(self, made=LONG_AGO):
        super().__init__("default", made)

    def therapist(self, status="APPROVED", **fields):
        therapist = super().therapist(status)
        m.Therapist.objects.filter(pk=therapist.pk).update(approaches=["CBT", "ACT"], **fields)
        return therapist

    def meet(self, client, therapist, start, minutes=50, status="COMPLETED", made=LONG_AGO):
        end = start + dt.timedelta(minutes=minutes)
        return super().meet(client, therapist, start, status, end_time=end, duration=abs(minutes), created_at=made)

    def window(self, therapist, day, opens, closes, zone="Asia/Manila", available=True):
        return self.make(
            m.TherapistAvailability, therapist=therapist, day_of_week=day, start_time=opens, end_time=closes,
            timezone=zone, is_available=available,
        )  # fmt: skip


def broken(as_of=AS_OF):
    """What written rows break of the rules, and of what the toolkit keeps besides."""
    return [*broken_rules(read_world("default"), as_of), *careless(as_of)]


def careless(as_of):
    for meeting in ours(m.Meeting.objects.all()):
        start = meeting.start_time
        wrong = {
            "off the quarter hour": start != start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0),
            "too short": meeting.duration < 15,
            "waited for too early": meeting.status == "WAITING" and start > as_of + dt.timedelta(minutes=30),
            "without an address, or with one in vain": (meeting.meeting_type == "video") != bool(meeting.meeting_url),
        }
        yield from (f"{meeting!r} is {what}" for what, found in wrong.items() if found)
    for window in ours(m.TherapistAvailability.objects.all()):
        if not len(window.start_time) == len(window.end_time) == 5:
            yield f"{window!r} is not told as HH:MM"
    for sheet in ours(m.Worksheet.objects.all()):
        if sheet.created_at > as_of - dt.timedelta(weeks=4):
            yield f"{sheet!r} of {sheet.created_at} is too young"
    for given in ours(m.WorksheetAssignment.objects.all()):
        if given.feedback == "" or (given.submitted_at and given.submitted_at < given.assigned_at):
            yield f"{given!r} is handed in too early, or answered with nothing"
    for table, column in ((m.MeetingNotes, "notes"), (m.Review, "content"), (m.Worksheet, "instructions")):
        yield from (
            f"{row!r} is not filled in" for row in ours(table.objects.all()) if "{" in (getattr(row, column) or "")
        )


def assert_filled(run, as_of=AS_OF, except_for=()):
    """Every minimum of the four tables is met, no rule is broken, and a second pass has nothing to add."""
    for enricher in ORDER:
        for key in enricher.fills:
            if key not in except_for:
                assert not len(enricher(run).gap(key)), key
    assert broken(as_of) == []
    assert enrich(run) == 0
