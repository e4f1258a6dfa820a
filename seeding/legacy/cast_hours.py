"""The hours around as-of in which therapists of the cast meet clients, in a zone where it is day then."""

from __future__ import annotations

from dataclasses import dataclass

from seeding.engine.clock import MINUTE, weekday_of
from seeding.planning.diaries import CELL, CELLS
from seeding.world.windows import QUARTER, quarters_ahead

LONG = 150
"""Minutes of the window that is open around as-of: room for two sessions of an hour, one after the other."""
BY_DAY = (6 * 60, 23 * 60)
"""Between these minutes of the local day somebody may be at work."""
ABROAD = ("Asia/Dubai", "Atlantic/Reykjavik", "Pacific/Honolulu")
"""Zones without summer time, in one of which it is day at any time: where a therapist sits when it is night at home."""


@dataclass(frozen=True)
class Hours:
    """A therapist's open hours around as-of: the zone, and the local day and quarter hour at which they begin."""

    zone: str
    day: int
    quarter: int

    @property
    def weekday(self) -> int:
        """The day of the week from Monday."""
        return weekday_of(self.day)

    @property
    def opens(self) -> int:
        """The minute of the day."""
        return self.quarter * QUARTER

    def start(self, week: int, minutes: int = 0) -> int:
        """The instant so many minutes into these hours, so many weeks away.

        Raises ValueError for a day on which the clocks change: the hours were not looked for in that week.
        """
        day = self.day + 7 * week
        ahead = quarters_ahead(self.zone, day)
        if ahead is None:
            raise ValueError(f"The clocks of {self.zone} change in week {week}, for which no hours were looked for.")
        return (day * CELLS + self.quarter - ahead) * CELL + minutes * MINUTE


def hours_around(instant: int, zones: tuple[str, ...], weeks: range) -> Hours | None:
    """Hours that begin at the quarter hour of the instant, in the first zone where that is by day.

    The clocks must not change on that weekday within these weeks; None where no zone will do.
    """
    cell = instant // CELL
    for zone in zones:
        for day in (cell // CELLS + step for step in (-1, 0, 1)):
            ahead = quarters_ahead(zone, day)
            if ahead is None or (cell + ahead) // CELLS != day:
                continue
            found = Hours(zone, day, (cell + ahead) % CELLS)
            steady = all(quarters_ahead(zone, day + 7 * week) is not None for week in weeks)
            if steady and BY_DAY[0] <= found.opens and found.opens + LONG <= BY_DAY[1]:
                return found
    return None
