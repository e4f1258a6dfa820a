"""TherapistAvailability: therapists keep enough days open, and whoever has sessions to hold has hours for them."""

from __future__ import annotations

import numpy as np

from seeding.engine.columns import places_of
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Gap, Subjects
from seeding.engine.grouping import Groups, rank_within
from seeding.engine.keys import Bools, Ints, is_seeded
from seeding.planning.scheduling import ANYBODY, Calendar, calendar_of, known_to_all, opening
from seeding.rows.availability import availability_rows
from seeding.world.care import COMPLETED, Sessions, relationships, sessions, sessions_lacking, therapists
from seeding.world.locales import chosen_locales, locale
from seeding.world.people import CLIENT, people
from seeding.world.windows import DAYS, Windows, hours_taken, is_zone, new_windows, open_days, planned, windows

NOTES, REVIEWS = "therapist.sessionNotes", "therapist.reviewsReceived"
OWED = ("therapist.clientRelationships", "therapist.meetings", NOTES, REVIEWS)
"""What takes sessions, those with clients still to be found among them."""


class AvailabilityEnricher(Enricher):
    """Therapists open hours on further days, and at least one window that a session fits into."""

    table = "TherapistAvailability"
    fills = ("therapist.availabilityDays",)
    after = ("ClientTherapist",)

    def ensure_therapist_availability(self, those: Subjects = None) -> int:
        """Each approved therapist has enough days, and each who owes sessions has hours for them."""
        return self.fill("therapist.availabilityDays", subjects=those)

    def supply(self, gaps: Gaps) -> None:
        """Missing days first; who then has no hour for the sessions they owe opens one window more."""
        short = gaps["therapist.availabilityDays"]
        owing = {key: self.gap(key, gaps.subjects) for key in OWED}
        unmet, seeking = self.gap("relationship.meetings"), self.gap("client.therapists")
        if not (len(short) or len(unmet) or len(seeking) or any(map(len, owing.values()))):
            return
        self.everybody = people(self.run)
        self.staff = therapists(self.run, self.everybody)
        self.related = relationships(self.run, self.everybody)
        asked = np.ones(len(self.everybody), dtype=np.bool_)
        if gaps.subjects is not None:
            asked = np.isin(self.everybody.ids, gaps.subjects)
        owes = np.logical_or.reduce([self.is_short(gap) for gap in owing.values()])
        owes[self.related.therapist[places_of(unmet.ids, self.related.ids)]] = True
        owes |= self.everybody.approved & (len(seeking) > 0)

        found = windows(self.run, self.everybody)
        opened = self.open(found, short.needed_by(self.everybody.ids), skip_open_days=True)
        without = asked & owes & self.caring() & (np.bincount(found.therapist[found.usable], minlength=len(asked)) == 0)
        without[opened] = False
        self.open(found, without.astype(np.int64), skip_open_days=False)
        self.relieve(*(owing[key].needed_by(self.everybody.ids) for key in (NOTES, REVIEWS)))

    def is_short(self, gap: Gap) -> Bools:
        """Whom a gap is about, person by person."""
        return np.isin(self.everybody.ids, gap.ids)

    def caring(self) -> Bools:
        """Who has clients, or may find some."""
        have: Bools = np.bincount(self.related.therapist, minlength=len(self.everybody)) > 0
        return have | (self.everybody.approved & (self.everybody.role == CLIENT).any())

    def relieve(self, notes: Ints, reviews: Ints) -> None:
        """Therapists in need of a completed session whose past is taken up by others' rows open an hour then.

        Whoever has completed a session that we wrote is out of that need, so this happens once.
        """
        if not (notes.any() or reviews.any()):
            return
        held = sessions(self.run, self.everybody, self.related)
        ours = np.bincount(held.therapist[(held.status == COMPLETED) & is_seeded(held.ids)], minlength=len(notes)) > 0
        lacking = sessions_lacking(self.run, held, notes, reviews)
        needy = np.flatnonzero(self.caring() & ~ours & (lacking > 0))
        self.pairs = Groups(self.related.therapist, len(notes))
        self.since = opening(self.run, self.related.since)
        calendar = self.calendar(windows(self.run, self.everybody), held, needy)
        numbers = zip(needy.tolist(), lacking[needy].tolist(), strict=True)
        needy = needy[[not self.has_room(calendar, at, number) for at, number in numbers]]
        taken = hours_taken(windows(self.run, self.everybody), needy)
        every_day = np.full(len(needy), len(DAYS))
        row, day, opens, closes = new_windows(self.run.draws, self.everybody.keys[needy], every_day, taken)
        fits = np.zeros(len(row), dtype=np.bool_)
        for one in range(len(DAYS)):
            at = np.flatnonzero(day == one)
            who = needy[row[at]]
            calendar = self.calendar(planned(who, day[at], opens[at], closes[at], self.zones_of(who)), held, who)
            fits[at] = [self.has_room(calendar, therapist, 1) for therapist in who.tolist()]
        first = np.flatnonzero(fits)
        first = first[rank_within(row[first]) == 0]
        self.write_windows(needy[row[first]], day[first], opens[first], closes[first])

    def calendar(self, open_hours: Windows, held: Sessions, whose: Ints) -> Calendar:
        """The calendar of these therapists and their clients, with these windows and sessions."""
        concerned = np.zeros(len(self.everybody), dtype=np.bool_)
        concerned[whose] = True
        concerned[self.related.client[concerned[self.related.therapist]]] = True
        return calendar_of(self.run, open_hours, self.staff, held, concerned)

    def has_room(self, calendar: Calendar, therapist: int, number: int) -> bool:
        """Whether there was room for so many sessions with clients since they met; without any, in the last weeks."""
        pairs = self.pairs.of(therapist)
        earliest, last = known_to_all(self.run)
        met = zip(self.related.client[pairs].tolist(), self.since[pairs].tolist(), strict=True)
        return calendar.take_room(therapist, list(met) or [(ANYBODY, earliest)], last, number)

    def open(self, found: Windows, needs: Ints, *, skip_open_days: bool) -> Ints:
        """Write so many new windows, each on another day; returns who got one."""
        who = np.flatnonzero(needs)
        taken = hours_taken(found, who)
        skipped = open_days(found, who) if skip_open_days else ()
        row, *hours = new_windows(self.run.draws, self.everybody.keys[who], needs[who], taken, skipped)
        self.write_windows(who[row], *hours)
        return who[row]

    def zones_of(self, who: Ints) -> list[str]:
        """The therapists' time zones; that of the run's first locale where theirs is none."""
        usual = locale(chosen_locales(self.run.locale)[0]).timezone
        return [zone if is_zone(zone) else usual for zone in self.staff.zone[self.staff.row_of[who]].tolist()]

    def write_windows(self, who: Ints, day: Ints, opens: Ints, closes: Ints) -> None:
        """Write windows of these people."""
        if len(who):
            ids = self.new_ids("mentara.TherapistAvailability", self.everybody.ids, who)
            since = self.staff.since[self.staff.row_of[who]]
            new = planned(who, day, opens, closes, self.zones_of(who))
            columns, dated_back = availability_rows(self.run, ids, self.everybody, new, since)
            self.write("mentara.TherapistAvailability", columns, dated_back)
