"""TherapistAvailability: therapists keep enough days open, and whoever has sessions to hold has hours for them."""

from __future__ import annotations

import numpy as np

from seeding.care import CANCELLED, Therapists, relationships, sessions, therapists
from seeding.engine.clock import JOIN_ROOM
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects
from seeding.engine.grouping import find
from seeding.engine.keys import Bools, Ids, Ints
from seeding.locales import locale
from seeding.rows.availability import availability_rows
from seeding.scheduling import HORIZON, SETTLED, Calendar
from seeding.windows import UNREADABLE, Windows, new_windows, windows, zones
from seeding.world import CLIENT, People, people

HELD = (
    "therapist.clientRelationships",
    "therapist.meetings",
    "therapist.sessionNotes",
    "therapist.reviewsReceived",
)
"""What takes sessions, those with clients still to be found among them."""
DOCUMENTED = HELD[2:]
"""What takes sessions that are over by as-of."""


class AvailabilityEnricher(Enricher):
    """Therapists open hours on further days, and at least one window that a session fits into."""

    table = "TherapistAvailability"
    fills = ("therapist.availabilityDays",)

    def ensure_therapist_availability(self, those: Subjects = None) -> int:
        """Each approved therapist has enough days, and each who owes sessions has hours for them."""
        return self.fill("therapist.availabilityDays", subjects=those)

    def supply(self, gaps: Gaps) -> None:
        """Missing days first; who then still has no hour for the sessions they owe opens one window more."""
        short = gaps["therapist.availabilityDays"]
        owing = {key: self.gap(key, gaps.subjects).ids for key in HELD}
        unmet = self.gap("relationship.meetings").ids
        seeking = self.gap("client.therapists")
        if not (len(short) or len(unmet) or len(seeking) or any(map(len, owing.values()))):
            return
        everybody = people(self.run)
        staff = therapists(self.run, everybody)
        found = windows(self.run, everybody)
        needs = np.zeros(len(everybody), dtype=np.int64)
        needs[everybody.find(short.ids)] = short.needs
        if len(seeking):
            owing[seeking.key] = everybody.ids[everybody.approved]
        without = self.without_hours(everybody, staff, found, owing, unmet)
        if gaps.subjects is not None:
            without &= np.isin(everybody.ids, gaps.subjects)
        opened = self.open(everybody, staff, found, needs, skip_open_days=True)
        without[opened] = False
        self.open(everybody, staff, found, without.astype(np.int64), skip_open_days=False)

    def without_hours(
        self, everybody: People, staff: Therapists, found: Windows, owing: dict[str, Ids], unmet: Ids
    ) -> Bools:
        """Who owes sessions and has no usable window, or none of ours and no hour left in the past weeks."""
        related = relationships(self.run, everybody)
        caring = np.bincount(related.therapist, minlength=len(everybody)) > 0
        caring |= everybody.approved & (everybody.role == CLIENT).any()
        meets, documents = np.zeros((2, len(everybody)), dtype=np.bool_)
        for key, ids in owing.items():
            meets[everybody.find(ids)] = True
            documents[everybody.find(ids)] |= key in DOCUMENTED
        meets[related.therapist[find(unmet, related.ids)]] = True
        usable, own = (
            np.bincount(found.therapist[which], minlength=len(everybody)) > 0
            for which in (found.usable, found.usable & found.ours)
        )
        crowded = caring & documents & usable & ~own
        if crowded.any():
            calendar = Calendar(found, staff.minutes_by_person)
            held = sessions(self.run, everybody, related)
            held = held.take(crowded[held.therapist] & (held.status != CANCELLED))
            calendar.block(held.therapist, held.start, held.end, self.run.as_of + HORIZON)
            weeks = self.run.as_of - JOIN_ROOM, self.run.as_of - SETTLED
            for at in np.flatnonzero(crowded).tolist():
                crowded[at] = not calendar.has_room(at, *weeks)
        without: Bools = caring & ((meets & ~usable) | crowded)
        return without

    def open(self, everybody: People, staff: Therapists, found: Windows, needs: Ints, *, skip_open_days: bool) -> Ints:
        """Write so many new windows, each on another day; returns who got one."""
        who = np.flatnonzero(needs)
        if not len(who):
            return who
        taken: dict[int, dict[int, list[tuple[int, int]]]] = {at: {} for at in who.tolist()}
        open_days: dict[int, set[int]] = {at: set() for at in taken}
        near = np.flatnonzero(needs[found.therapist])
        columns = (found.therapist, found.day, found.opens, found.closes, found.available)
        for at, day, opens, closes, available in zip(*(column[near].tolist() for column in columns), strict=True):
            if UNREADABLE not in (opens, closes):
                taken[at].setdefault(day, []).append((opens, closes))
            if available and skip_open_days:
                open_days[at].add(day)
        row, day, opens, closes = new_windows(
            self.run.draws, everybody.keys[who], needs[who], list(taken.values()), list(open_days.values())
        )
        who = who[row]
        if len(who):
            profile = staff.row_of[who]
            usual = locale(self.run.locale).timezones[0]
            own = [zone if zone in zones() else usual for zone in staff.zone[profile].tolist()]
            ids = self.new_ids("mentara.TherapistAvailability", everybody.ids[who])
            columns_, dated_back = availability_rows(
                self.run, ids, everybody.ids[who], staff.since[profile], day, opens, closes, own
            )
            self.write("mentara.TherapistAvailability", columns_, dated_back)
        return who
