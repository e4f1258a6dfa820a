"""The calendar: places sessions inside therapists' windows, on each pair's weekly slot where that is free.

Whoever asks first is placed first, so asking for more sessions later never moves an earlier one.
A therapist's window on one date is an *occurrence*; occurrences are numbered through the weeks, and
those that are full are skipped by links, so that a crowded calendar is searched as fast as an empty one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, MINUTE, WEEK, window
from seeding.engine.columns import MISSING
from seeding.engine.keys import Bools, Ints, Keys
from seeding.engine.run import Run
from seeding.windows import QUARTER, Windows, quarters_ahead

CELL = QUARTER * MINUTE
CELLS = DAY // CELL
"""Time is kept in cells of a quarter hour."""
_DAY_OF_CELLS = (1 << CELLS) - 1
_MONDAY = 3
"""Days from the Monday before 1970 to its first day, so that weeks begin on Mondays."""
SETTLED = HOUR
"""A past session has ended this long before as-of, so that its notes are written; a coming one is this far off."""
HORIZON = 10 * 52 * WEEK
"""How far ahead sessions are placed: beyond ten years nobody keeps a calendar."""
_FORTNIGHTLY_SPAN = 12 * WEEK
_SOONEST = 10
"""Days until which a pair's next session begins."""


@dataclass(frozen=True)
class Wishes:
    """Sessions to be placed, in the order of their turns; people are any numbers, therapists those of the windows."""

    therapist: Ints
    client: Ints
    preference: Keys
    """Random bits of the pair, which choose the window and the hour they prefer."""
    aim: Ints
    earliest: Ints
    latest: Ints
    """Each session is as near the aim as possible; it starts and ends between earliest and latest."""
    binding: Bools
    """Whether the session takes place: it keeps off others, and others off it. A cancelled one does not."""


@dataclass(frozen=True)
class Placed:
    """When each session starts (MISSING where it found no place), and its length in minutes."""

    start: Ints
    minutes: Ints

    @property
    def found(self) -> Bools:
        """Which sessions found a place."""
        return self.start != MISSING


def rhythm(run: Run, pair_keys: Keys, earliest: Ints) -> Ints:
    """The time between a pair's sessions: a week, or a fortnight for some who have known each other for long."""
    fortnightly = run.draws.chance("fortnightly", pair_keys, 0.4) & (earliest + _FORTNIGHTLY_SPAN < run.as_of)
    return np.where(fortnightly, 2 * WEEK, WEEK)


def opening(run: Run, since: Ints) -> Ints:
    """The earliest start of a session of a pair who met at `since`, or are treated as if they had."""
    return window(run.as_of, ages=since, room=JOIN_ROOM).start + HOUR


def past_wishes(
    run: Run, pair_keys: Keys, therapist: Ints, client: Ints, since: Ints, active: Bools, turn: Ints, binding: Bools
) -> Wishes:
    """Sessions that are over by as-of: the pair's `turn`-th (from 0) each, in the rhythm of the pair.

    Those of a pair still meeting lie in the last weeks, those of others near the beginning.
    """
    earliest = opening(run, since)
    step = rhythm(run, pair_keys, earliest)
    lately = run.as_of - (4 + run.draws.below("recent sessions", pair_keys, 7)) * step
    begin = np.where(active, np.maximum(earliest, lately), earliest)
    aim = np.minimum(begin + turn * step, run.as_of - SETTLED)
    latest = np.full(len(aim), run.as_of - SETTLED)
    preference = run.draws.bits("weekly slot", pair_keys)
    return Wishes(therapist, client, preference, aim, earliest, latest, binding)


def coming_wishes(run: Run, pair_keys: Keys, therapist: Ints, client: Ints, turn: Ints) -> Wishes:
    """Sessions after as-of: the pair's `turn`-th coming one (from 0) each, in the rhythm of the pair."""
    soon = run.as_of + DAY * run.draws.below("next session", pair_keys, _SOONEST)
    aim = np.minimum(soon + turn * WEEK, run.as_of + HORIZON)
    earliest, latest = (np.full(len(aim), run.as_of + far) for far in (SETTLED, HORIZON))
    preference = run.draws.bits("weekly slot", pair_keys)
    return Wishes(therapist, client, preference, aim, earliest, latest, np.ones(len(aim), dtype=np.bool_))


@dataclass
class _Diary:
    """One therapist's windows in the order of the week, and links from each full occurrence to the next and the last."""

    slots: list[tuple[str, int, int, int, int, int]] = field(default_factory=list)
    ahead: dict[int, int] = field(default_factory=dict)
    behind: dict[int, int] = field(default_factory=dict)


class Calendar:
    """Who is taken when. People are known by the numbers that windows and wishes use."""

    def __init__(self, windows: Windows, session_minutes: Ints) -> None:
        """`session_minutes` holds the length of each therapist's sessions, found by the therapist's number."""
        self._busy: dict[int, int] = {}
        self._diaries: dict[int, _Diary] = {}
        fits = np.flatnonzero(windows.usable)
        therapist, first, room = windows.therapist[fits], windows.first_quarter[fits], windows.room[fits]
        minutes = np.minimum(np.maximum(session_minutes[therapist], QUARTER), room)
        cells, starts = -(-minutes // QUARTER), (room - minutes) // QUARTER + 1
        numbers = (column.tolist() for column in (windows.day[fits], first, starts, cells, minutes))
        for owner, zone, *slot in zip(therapist.tolist(), windows.zone[fits].tolist(), *numbers, strict=True):
            self._diaries.setdefault(owner, _Diary()).slots.append((zone, *slot))
        for diary in self._diaries.values():
            diary.slots.sort(key=lambda slot: slot[1:])

    def block(self, person: Ints, start: Ints, end: Ints, until: int) -> None:
        """Mark people as taken from start to end, as far as that lies between 1970 and `until`."""
        start, end = np.minimum(start, end), np.maximum(start, end)
        first = np.clip(start // CELL, 0, until // CELL)
        after = np.clip(np.maximum(-(-end // CELL), first + 1), 0, until // CELL)
        for who, low, high in zip(person.tolist(), first.tolist(), after.tolist(), strict=True):
            self._take(who, low, high - low)

    def place(self, wishes: Wishes) -> Placed:
        """Find each session the free time nearest to its aim, one after the other."""
        count = len(wishes.aim)
        start, minutes = np.full(count, MISSING), np.zeros(count, dtype=np.int64)
        columns = (
            wishes.therapist,
            wishes.client,
            wishes.preference,
            (wishes.aim // DAY + _MONDAY) // 7,
            -(-wishes.earliest // CELL),
            wishes.latest // MINUTE,
            wishes.binding,
        )
        for row, wish in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
            found = self._find(*wish)
            if found:
                cell, cells, length = found
                start[row], minutes[row] = cell * CELL, length
                if wish[-1]:
                    self._take(wish[0], cell, cells)
                    self._take(wish[1], cell, cells)
        return Placed(start, minutes)

    def has_room(self, therapist: int, earliest: int, latest: int) -> bool:
        """Whether a session of the therapist with anybody fits between these instants."""
        week = (earliest // DAY + _MONDAY) // 7
        return self._find(therapist, -1, 0, week, -(-earliest // CELL), latest // MINUTE, True) is not None

    def _take(self, person: int, cell: int, cells: int) -> None:
        day, shift = divmod(cell, CELLS)
        while cells > 0:
            some = min(cells, CELLS - shift)
            key = (person << 24) + day
            self._busy[key] = self._busy.get(key, 0) | ((1 << some) - 1) << shift
            day, shift, cells = day + 1, 0, cells - some

    def _taken(self, person: int, cell: int) -> int:
        """Which of the cells of a day's length from this one on are taken, as bits."""
        day, shift = divmod(cell, CELLS)
        key = (person << 24) + day
        return self._busy.get(key, 0) >> shift | (self._busy.get(key + 1, 0) << CELLS - shift) & _DAY_OF_CELLS

    def _find(
        self, therapist: int, client: int, preference: int, week: int, earliest: int, latest: int, binding: bool
    ) -> tuple[int, int, int] | None:
        """The cell, the number of cells and the minutes of the free time nearest to the preferred window of the week."""
        diary = self._diaries.get(therapist)
        if diary is None:
            return None
        width = len(diary.slots)
        low = ((earliest // CELLS - 1 + _MONDAY) // 7) * width
        high = ((latest * MINUTE // DAY + 1 + _MONDAY) // 7 + 1) * width - 1
        aim = min(max(week * width + (preference >> 32) % width, low), high)
        ahead, behind = (diary.ahead, diary.behind) if binding else ({}, {})
        up, down = _end_of(ahead, aim), _end_of(behind, aim - 1)
        while up <= high or down >= low:
            forward = up <= high and (down < low or up - aim <= aim - down)
            occurrence = up if forward else down
            found = self._look_into(diary, occurrence, therapist, client, preference, earliest, latest, binding)
            if found:
                return found
            if forward:
                up = _end_of(ahead, up + 1)
            else:
                down = _end_of(behind, down - 1)
        return None

    def _look_into(
        self,
        diary: _Diary,
        occurrence: int,
        therapist: int,
        client: int,
        preference: int,
        earliest: int,
        latest: int,
        binding: bool,
    ) -> tuple[int, int, int] | None:
        week, place = divmod(occurrence, len(diary.slots))
        zone, weekday, first, starts, cells, minutes = diary.slots[place]
        day = week * 7 - _MONDAY + weekday
        ahead = quarters_ahead(zone, day)
        if ahead is None:
            return None
        base = day * CELLS + first - ahead
        free = (1 << starts) - 1
        if binding:
            free &= ~_spread(self._taken(therapist, base), cells)
            if not free:
                diary.ahead[occurrence], diary.behind[occurrence] = occurrence + 1, occurrence - 1
                return None
            free &= ~_spread(self._taken(client, base), cells)
        if earliest > base:
            free = free >> (earliest - base) << (earliest - base)
        free &= (1 << min(max((latest - minutes) // QUARTER - base + 1, 0), starts)) - 1
        if not free:
            return None
        wanted = (preference & 0xFFFF) % ((starts - 1) // cells + 1) * cells
        if not free >> wanted & 1:
            later = free >> wanted
            wanted = wanted + _lowest(later) if later else _lowest(free)
        return base + wanted, cells, minutes


def _spread(taken: int, cells: int) -> int:
    """The starts at which a session of so many cells would meet a taken cell."""
    width = 1
    while width < cells:
        step = min(width, cells - width)
        taken |= taken >> step
        width += step
    return taken


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _end_of(links: dict[int, int], at: int) -> int:
    """Where the links lead from here; the way is shortened for the next who takes it."""
    end = at
    while end in links:
        end = links[end]
    while at != end:
        links[at], at = end, links[at]
    return end
