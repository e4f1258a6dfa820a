"""What the calendar is kept in: who is taken when, and each therapist's open hours through the weeks.

Time is counted in cells of a quarter hour since 1970. A window on one date is an *occurrence*; a therapist's
occurrences are numbered through the weeks, and those that are full are skipped by links, so that a
crowded diary is searched as fast as an empty one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from seeding.engine.clock import DAY, MINUTE, day_of, week_of
from seeding.world.windows import QUARTER, quarters_ahead

CELL = QUARTER * MINUTE
CELLS = DAY // CELL
_DAY_OF_CELLS = (1 << CELLS) - 1
_DAYS_KEPT = 24
"""Bits for the day in the key of a person's day."""


class Busy:
    """The cells at which people are taken, as bits, a number for each person's day."""

    def __init__(self) -> None:
        self._days: dict[int, int] = {}

    def take(self, person: int, cell: int, cells: int) -> None:
        """Mark a person as taken from this cell on."""
        day, shift = divmod(cell, CELLS)
        while cells > 0:
            some = min(cells, CELLS - shift)
            key = (person << _DAYS_KEPT) + day
            self._days[key] = self._days.get(key, 0) | ((1 << some) - 1) << shift
            day, shift, cells = day + 1, 0, cells - some

    def taken(self, person: int, cell: int) -> int:
        """Which of the cells of a day's length from this one on are taken, the first as the lowest bit."""
        day, shift = divmod(cell, CELLS)
        key = (person << _DAYS_KEPT) + day
        return self._days.get(key, 0) >> shift | (self._days.get(key + 1, 0) << CELLS - shift) & _DAY_OF_CELLS

    def free(self, person: int, cell: int, starts: int, cells: int) -> int:
        """At which of so many starts from this cell on the person has so many cells free, as bits."""
        taken, width = self.taken(person, cell), 1
        while width < cells:
            step = min(width, cells - width)
            taken |= taken >> step
            width += step
        return ~taken & (1 << starts) - 1


@dataclass
class Diary:
    """One therapist's windows in the order of the week, and links past occurrences that are full."""

    slots: list[tuple[str, int, int, int, int, int]] = field(default_factory=list)
    """Time zone, weekday, first quarter hour of the day, number of starts, cells and minutes of a session."""
    _ahead: dict[int, int] = field(default_factory=dict)
    _behind: dict[int, int] = field(default_factory=dict)

    def hours(self, occurrence: int) -> tuple[int, int, int, int] | None:
        """The first cell, the number of starts, the cells and the minutes of a session; None where clocks change."""
        week, place = divmod(occurrence, len(self.slots))
        zone, weekday, first, starts, cells, minutes = self.slots[place]
        day = day_of(week, weekday)
        ahead = quarters_ahead(zone, day)
        return None if ahead is None else (day * CELLS + first - ahead, starts, cells, minutes)

    def nearest(self, week: int, place: int, first_day: int, last_day: int, *, skip: bool) -> Iterator[int]:
        """Occurrences of these days, perhaps some just outside, the nearest to the week's window at `place` first."""
        width = len(self.slots)
        low, high = week_of(first_day - 1) * width, (week_of(last_day + 1) + 1) * width - 1
        aim = min(max(week * width + place % width, low), high)
        ahead, behind = (self._ahead, self._behind) if skip else ({}, {})
        up, down = _end_of(ahead, aim), _end_of(behind, aim - 1)
        while up <= high or down >= low:
            if up <= high and (down < low or up - aim <= aim - down):
                yield up
                up = _end_of(ahead, up + 1)
            else:
                yield down
                down = _end_of(behind, down - 1)

    def close(self, occurrence: int) -> None:
        """Note that an occurrence is full."""
        self._ahead[occurrence], self._behind[occurrence] = occurrence + 1, occurrence - 1


def _end_of(links: dict[int, int], at: int) -> int:
    """Where the links lead from here; the way is shortened for the next who takes it."""
    end = at
    while end in links:
        end = links[end]
    while at != end:
        links[at], at = end, links[at]
    return end


def first_fit(free: int, wanted: int) -> int:
    """The wanted one of the free starts, or the next later one, or else the first."""
    later = free >> wanted
    return wanted + _lowest(later) if later else _lowest(free)


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
