"""Windows: the hours of a weekday at which a therapist takes sessions, by the clock of the window's own zone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from seeding.engine.columns import BOOL, TEXT, UUID, read
from seeding.engine.keys import Bools, Draws, Ints, Keys
from seeding.engine.run import Run
from seeding.world.mentara import rows
from seeding.world.people import People

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
QUARTER = 15
"""Sessions start on quarter hours, and last at least one."""
UNREADABLE = -1
LAST_MINUTE = 24 * 60 - 1
USUAL, WHOLE_DAY = (7 * 60, 21 * 60), (0, LAST_MINUTE)
SHORTEST, LONGEST, STEP = 3 * 60, 8 * 60, 30
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_FIRST_DAY, _LAST_DAY = date.min.toordinal() + 1, date.max.toordinal() - 1
"""Local time can be told within these: a zone may lie a day off."""
Hours = tuple[int, int]


@cache
def is_zone(name: str) -> bool:
    """Whether a time zone has this name, as `available_timezones` says, which opens hundreds of files to know."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return not name.startswith(("posix", "right"))


@cache
def minute_of(clock: str) -> int:
    """The minute of the day that a clock text means; midnight at the end of the day counts as the minute before."""
    if clock == "24:00":
        return LAST_MINUTE
    found = _CLOCK.fullmatch(clock)
    return int(found[1]) * 60 + int(found[2]) if found else UNREADABLE


def clock_of(minute: int) -> str:
    """The clock text of a minute of the day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


@cache
def quarters_ahead(zone: str, day: int) -> int | None:
    """By how many quarter hours a zone is ahead of UTC on a local day since 1970; None if its clocks change then."""
    before, after = (_offset(zone, _EPOCH_ORDINAL + at) for at in (day, day + 1))
    quarters, rest = divmod(before, timedelta(minutes=QUARTER))
    return None if before != after or rest else quarters


def _offset(zone: str, ordinal: int) -> timedelta:
    day = date.fromordinal(min(max(ordinal, _FIRST_DAY), _LAST_DAY))
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    return midnight.utcoffset() or timedelta()


@dataclass(frozen=True)
class Windows:
    """Windows as numbers: whose (a place among people), the day from Monday on, minutes of the day; and the zone."""

    therapist: Ints
    day: Ints
    opens: Ints
    closes: Ints
    zone: NDArray[np.object_]
    available: Bools

    @cached_property
    def first_quarter(self) -> Ints:
        """The first quarter hour of the day at which a session may start."""
        return -(-self.opens // QUARTER)

    @cached_property
    def room(self) -> Ints:
        """The minutes from the first quarter hour to the end."""
        return self.closes - self.first_quarter * QUARTER

    @property
    def readable(self) -> Bools:
        """Of which windows the hours are known."""
        return (self.opens != UNREADABLE) & (self.closes != UNREADABLE)

    @cached_property
    def usable(self) -> Bools:
        """Which windows can hold a session: available, readable, of a zone that exists, and long enough."""
        known = np.array([is_zone(zone) for zone in self.zone.tolist()], dtype=np.bool_)
        return self.available & known & self.readable & (self.room >= QUARTER)


def planned(
    therapist: Ints, day: Ints, opens: Ints, closes: Ints, zone: Sequence[str], available: Bools | bool = True
) -> Windows:
    """Windows that are about to be written."""
    names = np.empty(len(therapist), dtype=object)
    names[:] = list(zone)
    return Windows(therapist, day, opens, closes, names, np.broadcast_to(available, len(therapist)))


def windows(run: Run, everybody: People) -> Windows:
    """Every window of the database, in the order of therapist, day and hours."""
    found = read(
        rows(run, "TherapistAvailability"),
        pk=UUID, therapist_id=UUID, day_of_week=TEXT, start_time=TEXT, end_time=TEXT, timezone=TEXT, is_available=BOOL,
    )  # fmt: skip
    therapist = everybody.find(found.therapist_id)
    day = np.array([DAYS.index(name) for name in found.day_of_week], dtype=np.int64)
    opens = np.array([minute_of(clock) for clock in found.start_time], dtype=np.int64)
    closes = np.array([minute_of(clock) for clock in found.end_time], dtype=np.int64)
    order = np.lexsort((closes, opens, day, therapist))
    hours = therapist[order], day[order], opens[order], closes[order]
    return Windows(*hours, found.timezone[order], found.is_available[order])


Taken = Mapping[int, Sequence[Hours]]
"""The hours that windows take already, by day."""


def hours_taken(found: Windows, who: Ints) -> list[dict[int, list[Hours]]]:
    """For each of these people the hours that windows take, by day."""
    taken: dict[int, dict[int, list[Hours]]] = {at: {} for at in who.tolist()}
    near = np.isin(found.therapist, who) & found.readable
    columns = (found.therapist, found.day, found.opens, found.closes)
    for at, day, opens, closes in zip(*(column[near].tolist() for column in columns), strict=True):
        taken[at].setdefault(day, []).append((opens, closes))
    return list(taken.values())


def open_days(found: Windows, who: Ints) -> list[set[int]]:
    """For each of these people the days on which they have open hours."""
    days: dict[int, set[int]] = {at: set() for at in who.tolist()}
    near = np.isin(found.therapist, who) & found.available
    for at, day in zip(found.therapist[near].tolist(), found.day[near].tolist(), strict=True):
        days[at].add(day)
    return list(days.values())


def new_windows(
    draws: Draws, keys: Keys, counts: Ints, taken: Sequence[Taken] = (), skipped: Sequence[set[int]] = ()
) -> tuple[Ints, Ints, Ints, Ints]:
    """Hours for new windows: (row, day, opens, closes), as many days for each key as counted and as there is room for.

    Days without a window come first, weekends late; a window never touches hours that are taken.
    """
    week = np.arange(len(DAYS))
    liking = draws.unit("day", keys[:, None], week[None, :]) + np.array([0, 0, 0, 0, 0, 0.8, 1.5])
    lengths = (SHORTEST + STEP * draws.below("hours", keys, (LONGEST - SHORTEST) // STEP + 1)).tolist()
    shares = draws.unit("opens", keys).tolist()
    found: list[tuple[int, int, int, int]] = []
    for row, count in enumerate(counts.tolist()):
        own: Taken = taken[row] if taken else {}
        rank = liking[row] + np.array([3.0 * (day in own) for day in week.tolist()])
        days = [day for day in np.argsort(rank, kind="stable").tolist() if not (skipped and day in skipped[row])]
        hours = ((day, hours_free(own.get(day, ()), lengths[row], shares[row])) for day in days)
        fitting = ((row, day, *free) for day, free in hours if free)
        found += islice(fitting, count)
    table = np.array(found, dtype=np.int64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def shut(run: Run, everybody: People, who: Ints) -> Bools:
    """Which of these people have no window that holds a session, nor hours for one."""
    found = windows(run, everybody)
    once = np.ones(len(who), dtype=np.int64)
    to_open, *_ = new_windows(run.draws, everybody.keys[who], once, hours_taken(found, who))
    return ~np.isin(who, np.r_[found.therapist[found.usable], who[to_open]])


def hours_free(taken: Sequence[Hours], length: int, share: float) -> Hours | None:
    """Hours of one day outside those taken: at usual times if these leave room, else whenever there is some."""
    for first, last in (USUAL, WHOLE_DAY):
        rounded = ((-(-start // STEP) * STEP, end // STEP * STEP) for start, end in gaps_between(taken, first, last))
        start, end = max(rounded, key=lambda gap: gap[1] - gap[0], default=(0, 0))
        if end - start >= SHORTEST:
            size = min(length, end - start)
            start += int(share * ((end - start - size) // STEP + 1)) * STEP
            return start, start + size
    rest = ((-(-start // QUARTER) * QUARTER, end) for start, end in gaps_between(taken, *WHOLE_DAY))
    start, end = max(rest, key=lambda gap: gap[1] - gap[0], default=(0, 0))
    return (start, end) if end - start >= QUARTER else None


def gaps_between(taken: Sequence[Hours], first: int, last: int) -> list[Hours]:
    """The stretches from first to last minute that nothing takes; hours that run past midnight take the evening."""
    gaps, at = [], first
    for opens, closes in sorted((start, max(end, start + 1) if end >= start else LAST_MINUTE) for start, end in taken):
        if opens > at:
            gaps.append((at, min(opens, last)))
        at = max(at, closes)
    return [*gaps, (at, last)]
