"""The cast on stage: the rows that show each state with the first base people, written before everybody else's.

What is shown stands in `cast.py` and `corpus/cast.json`. Somebody of the cast who is not there as the toolkit makes
them (the address is another account's, the calendar is kept by somebody else) plays no part.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seeding import cast
from seeding.cast import PAIRS, Pair
from seeding.engine.clock import JOIN_ROOM, MINUTE
from seeding.engine.columns import NULL_ID, TIME, UUID, read
from seeding.engine.grouping import find
from seeding.engine.ids import base_ids
from seeding.engine.keys import Ints, uuids_of
from seeding.legacy.base import Base
from seeding.legacy.cast_hours import ABROAD, LONG, Hours, hours_around
from seeding.legacy.cast_news import facts_of_therapy, tell_and_log
from seeding.legacy.cast_players import OWN_SLOT, Players
from seeding.legacy.cast_talks import write_talks
from seeding.legacy.plan import BaseWorld
from seeding.rows.availability import availability_rows
from seeding.rows.meetings import TYPES as KINDS
from seeding.rows.meetings import MeetingPlan, meeting_rows
from seeding.rows.reviews import ReviewPlan, review_rows
from seeding.rows.worksheets import STATUSES as COURSES
from seeding.rows.worksheets import AssignmentPlan, assignment_rows
from seeding.world.care import CANCELLED, COMPLETED, STATUSES, Relationships, Sessions, Therapists, sessions
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import CLIENT, THERAPIST, People
from seeding.world.windows import is_zone, planned, windows

_PLAYED = [one.week for pair in PAIRS for one in pair.sessions]
WEEKS = range(min(_PLAYED), max(_PLAYED) + 1)
"""The weeks from as-of in which the cast has sessions."""
SECOND_HOUR = 75
"""Minutes after the first session of the window at which the second begins."""


class Showcase:
    """Writes what the cast shows, step by step, as base data comes to be."""

    def __init__(self, base: Base, world: BaseWorld, everybody: People, place: Ints, staff: Therapists) -> None:
        self.base, self.run, self.everybody, self.staff = base, base.run, everybody, staff
        self.players = Players(base, world, everybody, place)
        self.zones = {
            ordinal: str(staff.zone[staff.row_of[at]])
            for (role, ordinal), at in self.players.place.items()
            if role == THERAPIST and staff.row_of[at] != NOBODY and is_zone(staff.zone[staff.row_of[at]])
        }
        self.couples: list[tuple[Pair, int]] = []

    def hours(self, therapist: int) -> Hours | None:
        """The hours in which a therapist of the cast meets clients: one is in a session, another awaits somebody.

        Who awaits somebody does so for less than `meetings.IN_THE_WAITING_ROOM`.
        """
        first = therapist == PAIRS[0].therapist
        begins = self.run.as_of + (-10 * MINUTE if first else 19 * MINUTE)
        return hours_around(begins, (self.zones[therapist], *ABROAD), WEEKS)

    def open_hours(self) -> None:
        """Windows of the cast's therapists: around as-of, on weekends, and hours that are not for sessions."""
        plan = [
            (therapist, hours.weekday, hours.opens, hours.opens + LONG, hours.zone, True)
            for therapist in sorted({pair.therapist for pair in PAIRS} & self.zones.keys())
            if (hours := self.hours(therapist))
        ]
        for who, days, opens, closes, available in cast.HOURS:
            plan += [(who, day, opens, closes, self.zones[who], available) for day in days if who in self.zones]
        known = set(windows(self.run, self.everybody).therapist.tolist())
        plan = [row for row in plan if self.players.place[THERAPIST, row[0]] not in known]
        if not plan:
            return
        whose, day, start, end, zone, free = (list(column) for column in zip(*plan, strict=True))
        owner = np.array([self.players.place[THERAPIST, one] for one in whose])
        new = planned(owner, np.array(day), np.array(start), np.array(end), zone, np.array(free))
        ids = base_ids("TherapistAvailability", self.everybody.ids[owner], OWN_SLOT + np.arange(len(plan)))
        since = self.staff.since[self.staff.row_of[owner]]
        columns, dated_back = availability_rows(self.run, ids, self.everybody, new, since)
        self.base.write_missing("mentara.TherapistAvailability", columns, dated_back=dated_back)

    def meet(self, related: Relationships) -> Ints:
        """The cast's sessions, those of today among them, where nobody is taken; returns the relationships."""
        self.couples = list(self.related(related))
        pairs: Ints = np.array([row for _, row in self.couples], dtype=np.int64)
        plan = list(self.free_sessions(related, pairs))
        if plan:
            row, turn, start, status, kind, ordinal = np.array(plan, dtype=np.int64).T
            minutes = self.staff.minutes_by_person[related.therapist[row]]
            details = MeetingPlan.of(
                self.run,
                self.everybody,
                related,
                row,
                start=start,
                minutes=minutes,
                status=status,
                ordinal=ordinal,
                kinds=kind,
            )
            columns, dated_back = meeting_rows(self.run, base_ids("Meeting", related.ids[row], turn), details)
            self.base.write_missing("mentara.Meeting", columns, dated_back=dated_back)
        return pairs

    def related(self, related: Relationships) -> Iterator[tuple[Pair, int]]:
        """The pairs of the cast and their relationships, where these are the base rows and leave room."""
        place = self.players.place
        for pair in PAIRS:
            client, therapist = place.get((CLIENT, pair.client)), place.get((THERAPIST, pair.therapist))
            if client is None or therapist is None or pair.therapist not in self.zones:
                continue
            row = int(related.row_of(np.array([client]), np.array([therapist]))[0])
            expected = base_ids("ClientTherapist", self.everybody.ids[[client]])[0]
            if row != NOBODY and related.ids[row] == expected and related.since[row] <= self.run.as_of - JOIN_ROOM:
                yield pair, row

    def free_sessions(self, related: Relationships, pairs: Ints) -> Iterator[tuple[int, ...]]:
        """Relationship, turn, start, status, kind and place in the series of the sessions that can be."""
        known = windows(self.run, self.everybody)
        people = [uuids_of(self.everybody.ids[who[pairs]]) for who in (related.client, related.therapist)]
        held = sessions(self.run, self.everybody, related, client__in=people[0]).and_also(
            sessions(self.run, self.everybody, related, therapist__in=people[1])
        )
        held = held.take(held.status != CANCELLED)
        begin, end = np.minimum(held.start, held.end), np.maximum(held.start, held.end)  # as the calendar takes them
        for pair, row in self.couples:
            hours, client, therapist = self.hours(pair.therapist), related.client[row], related.therapist[row]
            if hours is None or not (
                (known.therapist == therapist) & (known.day == hours.weekday) & (known.opens == hours.opens)
                & (known.closes == hours.opens + LONG) & (known.zone == hours.zone) & known.available
            ).any():  # fmt: skip
                continue
            length = int(self.staff.minutes_by_person[therapist]) * MINUTE
            live = [one.week for one in pair.sessions if one.status not in ("CANCELLED", "NO_SHOW")]
            for turn, one in enumerate(pair.sessions[: self.base.sizes.meetings]):
                start = hours.start(one.week, SECOND_HOUR * pair.later)
                fits = start + length <= hours.start(one.week, LONG) and (start < self.run.as_of or related.active[row])
                taken = (held.client == client) | (held.therapist == therapist)
                if fits and not (taken & (begin < start + length) & (start < end)).any():
                    earlier = sum(week < one.week for week in live)
                    yield row, turn, start, STATUSES.index(one.status), KINDS.index(one.kind), earlier

    def sheets(self) -> tuple[Ints, Ints, Ints]:
        """The relationship, the turn and the course (along STATUSES) of each worksheet that the cast are handed."""
        plan = [
            (row, turn, COURSES.index(course))
            for pair, row in self.couples
            for turn, course in enumerate(pair.sheets[: self.base.sizes.worksheets])
        ]
        row, turn, course = np.array(plan, dtype=np.int64).reshape(-1, 3).T
        return row, turn, course

    def assign(self, related: Relationships, row: Ints, turn: Ints, number: Ints, course: Ints) -> None:
        """These worksheets, of these numbers in their therapists' libraries, as far as those have them."""
        if not len(row):
            return
        therapists, clients = self.everybody.ids[related.therapist[row]], self.everybody.ids[related.client[row]]
        sheets = base_ids("Worksheet", therapists, number)
        ours = rows(self.run, "Worksheet", pk__in=uuids_of(sheets))
        library = read(ours, pk=UUID, created_at=TIME, therapist_id=UUID)
        given = read(
            rows(self.run, "WorksheetAssignment", worksheet__in=uuids_of(sheets)), worksheet_id=UUID, client_id=UUID
        )
        had = set(zip(given.worksheet_id.tolist(), given.client_id.tolist(), strict=True))
        place = find(sheets, library.pk)
        owned = np.append(library.therapist_id, NULL_ID)[place] == therapists
        good = owned & [both not in had for both in zip(sheets.tolist(), clients.tolist(), strict=True)]
        drawn_up = library.created_at[place[good]]
        assigned = AssignmentPlan.of(self.everybody, related, row[good], sheets[good], drawn_up)
        ids = base_ids("WorksheetAssignment", related.ids[row[good]], turn[good])
        columns, dated_back = assignment_rows(self.run, ids, assigned, course[good])
        self.base.write_missing("mentara.WorksheetAssignment", columns, dated_back=dated_back)

    def review(self, related: Relationships, held: Sessions) -> None:
        """What the cast made of their sessions, from one star to five."""
        plan = [
            (row, turn, one.stars, one.anonymous)
            for pair, row in self.couples
            for turn, one in enumerate(pair.sessions)
            if one.stars
        ]
        if not plan or not len(held):
            return
        row, turn, stars, anonymous = np.array(plan, dtype=np.int64).T
        at = find(base_ids("Meeting", related.ids[row], turn), held.ids)
        reviewed = read(rows(self.run, "Review", meeting__in=uuids_of(held.ids[at])), meeting_id=UUID).meeting_id
        good = (
            (at != NOBODY) & (held.pair[at] == row) & (held.status[at] == COMPLETED) & ~np.isin(held.ids[at], reviewed)
        )
        ids = base_ids("Review", related.ids[row[good]], turn[good])
        reviews = ReviewPlan.of(self.run, self.everybody, related, held.take(at[good]))
        columns, dated_back = review_rows(self.run, ids, reviews, stars[good], anonymous[good] > 0)
        self.base.write_missing("mentara.Review", columns, dated_back=dated_back)

    def talk_and_tell(self, related: Relationships) -> None:
        """Conversations; then what all of this brought to people's bells and into the log."""
        write_talks(self.players)
        tell_and_log(self.players, facts_of_therapy(self.players, self.couples, related))
