"""The calendar: places sessions inside therapists' windows, on each pair's weekly slot where that is free.

Whoever asks first is placed first, so asking for more sessions later never moves an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, MINUTE, WEEK, week_of, window
from seeding.engine.columns import MISSING
from seeding.engine.grouping import Groups, rank_within
from seeding.engine.keys import Bools, Ints, Keys
from seeding.engine.run import Run
from seeding.planning.diaries import CELL, CELLS, Busy, Diary, first_fit
from seeding.world.care import CANCELLED, Relationships, Sessions, Therapists
from seeding.world.windows import QUARTER, Windows

SETTLED = HOUR
"""A past session has ended this long before as-of, so that its notes are written; a coming one is this far off."""
HORIZON = 10 * 52 * WEEK
"""How far ahead sessions are placed: beyond ten years nobody keeps a calendar."""
LEAST_PLACES = 3
"""A series of sessions has room for so many by as-of, however few of them are planned; chosen."""
_WEEKS, _SELDOM = (2, 3), 0.5
"""Weeks between two sessions at most, and what share of pairs goes up to the second; chosen."""
APART = (2, 1, 0)
"""Within so many days nobody comes twice, so that what is set for home has time; fewer where the calendar is full."""
ANYBODY = -1
"""A client who is not known yet, and always free."""
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
    """Whether the session takes place: it keeps off others, and others off it. A cancelled one only its client's."""


@dataclass(frozen=True)
class Placed:
    """When each session starts (MISSING where it found no place), and its length in minutes."""

    start: Ints
    minutes: Ints

    @property
    def found(self) -> Bools:
        """Which sessions found a place."""
        return self.start != MISSING


def rhythm(run: Run, pair_keys: Keys, span: Ints, number: Ints) -> Ints:
    """The time between so many sessions of each pair: whole weeks, with which they take most of the span."""
    most = np.where(run.draws.chance("meets seldom", pair_keys, _SELDOM), _WEEKS[1], _WEEKS[0])
    return np.clip(span // (WEEK * (number - 1)), 1, most) * WEEK


def opening(run: Run, since: Ints) -> Ints:
    """The earliest start of a session of a pair who met at `since`, or are treated as if they had."""
    return window(run.as_of, ages=since, room=JOIN_ROOM).start + HOUR


def known_to_all(run: Run) -> tuple[int, int]:
    """From when to when any pair could have met: the last weeks, as long as each relationship counts as old."""
    return run.as_of - JOIN_ROOM + HOUR, run.as_of - SETTLED


def taken_up(run: Run, held: Sessions, person: Ints, since: Ints) -> Bools:
    """Which of these people had less than one day in four weeks free, beside the sessions that were not cancelled.

    `since` says from when on that counts for each, which for all of them are the last four weeks at least.
    """
    held = held.take(held.status != CANCELLED)
    begin, end = (np.tile(side(held.start, held.end), 2) for side in (np.minimum, np.maximum))
    whose = np.r_[held.client, held.therapist]
    pool = Groups(person, 1 + int(max(person.max(initial=-1), whose.max(initial=-1))))
    session = np.repeat(np.arange(len(whose)), pool.counts[whose])
    at = pool.member(whose[session], rank_within(session))
    first, last = opening(run, since), run.as_of - SETTLED
    taken = np.clip(end[session], first[at], last) - np.clip(begin[session], first[at], last)
    left = last - first - np.bincount(at, taken, len(person))
    return np.asarray(left * (JOIN_ROOM // DAY) < last - first)


def past_wishes(
    run: Run,
    related: Relationships,
    pair: Ints,
    turn: Ints,
    binding: Bools,
    *,
    number: Ints,
    first: int | Ints = MISSING,
) -> Wishes:
    """Sessions that are over by as-of: of the relationship at each `pair` the `turn`-th (from 0), in its rhythm.

    Of a pair still meeting the last of so many a `number` lies in the last days, those of others near the beginning.
    What does not fit before as-of comes in between where a `first` session is there and enough weeks have passed since;
    else it comes before all of these, as far as the two knew each other.
    """
    keys, active = related.keys[pair], related.active[pair]
    earliest, last = opening(run, related.since[pair]), run.as_of - SETTLED
    number = np.maximum(number, LEAST_PLACES)
    step = np.where(active, rhythm(run, keys, last - earliest, number), WEEK)
    lately = last - (number - 1) * step - DAY * run.draws.below("recent sessions", keys, 7)
    begin = np.maximum(np.where(active, np.maximum(earliest, lately), earliest), np.minimum(first, last))
    over = turn - (last - begin) // step
    before = begin - over * step
    opened = np.asarray(first) != MISSING
    since = np.where(opened, np.maximum(earliest, np.minimum(first, last)), earliest)
    weeks = np.maximum((last - since) // WEEK, 1)
    between = since + turn % weeks * WEEK + WEEK // 2
    goes_back = (before >= earliest) & ~(opened & (weeks > turn))
    aim = np.select([over <= 0, goes_back], [begin + turn * step, before], np.minimum(between, last))
    preference = run.draws.bits("weekly slot", keys)
    latest = np.full(len(aim), last)
    return Wishes(related.therapist[pair], related.client[pair], preference, aim, earliest, latest, binding)


def coming_wishes(run: Run, related: Relationships, pair: Ints, turn: Ints) -> Wishes:
    """Sessions after as-of: of the relationship at each `pair` the `turn`-th coming one (from 0), week by week."""
    keys = related.keys[pair]
    soon = run.as_of + DAY * run.draws.below("next session", keys, _SOONEST)
    aim = np.minimum(soon + turn % (HORIZON // WEEK) * WEEK, run.as_of + HORIZON)
    earliest, latest = (np.full(len(aim), run.as_of + far) for far in (SETTLED, HORIZON))
    preference, binding = run.draws.bits("weekly slot", keys), np.ones(len(aim), dtype=np.bool_)
    return Wishes(related.therapist[pair], related.client[pair], preference, aim, earliest, latest, binding)


class _Wish(NamedTuple):
    """A wish in the calendar's units: `earliest` is a cell, `latest` the minute at which the session has ended."""

    therapist: int
    client: int
    preference: int
    day: int
    earliest: int
    latest: int
    binding: bool


class Calendar:
    """Who is taken when. People are known by the numbers that windows and wishes use."""

    def __init__(self, windows: Windows, session_minutes: Ints) -> None:
        """`session_minutes` holds the length of each therapist's sessions, found by the therapist's number."""
        self._busy, self._called_off = Busy(), Busy()
        self._full: set[tuple[int, ...]] = set()
        """Searches that found no time: it only fills up."""
        self._diaries: dict[int, Diary] = {}
        fits = np.flatnonzero(windows.usable)
        therapist, first, room = windows.therapist[fits], windows.first_quarter[fits], windows.room[fits]
        minutes = np.minimum(np.maximum(session_minutes[therapist], QUARTER), room)
        cells, starts = -(-minutes // QUARTER), (room - minutes) // QUARTER + 1
        zones = windows.zone[fits].tolist()
        numbers = (column.tolist() for column in (windows.day[fits], first, starts, cells, minutes))
        for owner, zone, *slot in zip(therapist.tolist(), zones, *numbers, strict=True):
            self._diaries.setdefault(owner, Diary()).slots.append((zone, *slot))
        for diary in self._diaries.values():
            diary.slots.sort(key=lambda slot: slot[1:])

    def keep_off(self, held: Sessions, concerned: Bools, until: int) -> None:
        """Mark those concerned as taken by their sessions, of those that were cancelled only the clients."""
        off = held.status == CANCELLED
        for busy, person, of_these in (
            (self._busy, held.client, ~off),
            (self._busy, held.therapist, ~off),
            (self._called_off, held.client, off),
        ):
            mask = concerned[person] & of_these
            _block(busy, person[mask], held.start[mask], held.end[mask], until)

    def block(self, person: Ints, start: Ints, end: Ints, until: int) -> None:
        """Mark people as taken from start to end, as far as that lies between 1970 and `until`."""
        _block(self._busy, person, start, end, until)

    def place(self, wishes: Wishes) -> Placed:
        """Find each session the free time nearest to its aim, one after the other."""
        count = len(wishes.aim)
        start, minutes = np.full(count, MISSING), np.zeros(count, dtype=np.int64)
        columns = (
            wishes.therapist,
            wishes.client,
            wishes.preference,
            wishes.aim // DAY,
            -(-wishes.earliest // CELL),
            wishes.latest // MINUTE,
            wishes.binding,
        )
        for row, wish in enumerate(map(_Wish, *(column.tolist() for column in columns))):
            found = next(filter(None, (self._find_once(wish, days) for days in APART)), None)
            if found:
                cell, cells, length = found
                start[row], minutes[row] = cell * CELL, length
                if wish.binding:
                    self._busy.take(wish.therapist, cell, cells)
                (self._busy if wish.binding else self._called_off).take(wish.client, cell, cells)
        return Placed(start, minutes)

    def take_room(self, therapist: int, met: Iterable[tuple[int, int]], latest: int, number: int) -> bool:
        """Whether so many sessions fit by `latest`, with these clients from these instants on; takes their time."""
        for client, earliest in met:
            times = 0, earliest // DAY, -(-earliest // CELL), latest // MINUTE, True
            while number and (found := self._find(therapist, client, *times)):
                for person in {therapist, client} - {ANYBODY}:
                    self._busy.take(person, *found[:2])
                number -= 1
        return not number

    def _find_once(self, wish: _Wish, apart: int) -> tuple[int, int, int] | None:
        """What `_find` finds; a search that found nothing, whichever week it began in, is not made again."""
        search = wish.therapist, wish.client, wish.earliest, wish.latest, wish.binding, apart
        if search in self._full:
            return None
        found = self._find(*wish, apart=apart)
        if not found:
            self._full.add(search)
        return found

    def _find(
        self,
        therapist: int,
        client: int,
        preference: int,
        day: int,
        earliest: int,
        latest: int,
        binding: bool,
        *,
        apart: int = 0,
    ) -> tuple[int, int, int] | None:
        """The cell, the number of cells and the minutes of the free time nearest to the week's preferred window.

        `earliest` is a cell, `latest` the minute at which the session has ended; `apart`, unless it is 0, leaves out
        windows in which the client had a session that was cancelled, or has one within so many days.
        """
        diary = self._diaries.get(therapist)
        if diary is None:
            return None
        days = earliest // CELLS, latest // (CELLS * QUARTER)
        for occurrence in diary.nearest(week_of(day), preference >> 32, *days, skip=binding):
            hours = diary.hours(occurrence)
            if hours is None:
                continue
            base, starts, cells, minutes = hours
            free = (1 << starts) - 1
            if binding:
                free = self._busy.free(therapist, base, starts, cells)
                if not free:
                    diary.close(occurrence)
                    continue
                free &= self._busy.free(client, base, starts, cells)
            if apart and self._is_near(client, base, starts - 1 + cells, apart):
                continue
            if earliest > base:
                free = free >> (earliest - base) << (earliest - base)
            free &= (1 << min(max((latest - minutes) // QUARTER - base + 1, 0), starts)) - 1
            if free:
                wanted = (preference & 0xFFFF) % ((starts - 1) // cells + 1) * cells
                return base + first_fit(free, wanted), cells, minutes
        return None

    def _is_near(self, client: int, base: int, cells: int, days: int) -> bool:
        if self._called_off.taken(client, base) & (1 << cells) - 1:
            return True
        return any(self._busy.taken(client, base + day * CELLS) for day in range(-days, days))


def calendar_of(run: Run, hours: Windows, staff: Therapists, held: Sessions, concerned: Bools) -> Calendar:
    """The calendar of these windows, on which those concerned are taken by their sessions."""
    calendar = Calendar(hours, staff.minutes_by_person)
    calendar.keep_off(held, concerned, run.as_of + HORIZON)
    return calendar


def _block(busy: Busy, person: Ints, start: Ints, end: Ints, until: int) -> None:
    start, end = np.minimum(start, end), np.maximum(start, end)
    first = np.clip(start // CELL, 0, until // CELL)
    after = np.clip(np.maximum(-(-end // CELL), first + 1), 0, until // CELL)
    for who, low, high in zip(person.tolist(), first.tolist(), after.tolist(), strict=True):
        busy.take(who, low, high - low)
