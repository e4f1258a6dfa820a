"""Instants and windows. An instant is an integer: microseconds since 1970 in UTC.

A child's window is computed before its draw, from the newest of its parents to as-of, so nothing
is repaired afterwards. Two kinds of parents bound it:

- *orders* (a comment follows its post, notes follow the session) hold without exception;
- *ages* (an account, a membership) yield when they leave no room: an account made a minute ago is
  treated as if it had been there for some weeks, and the caller counts the rows dated so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from seeding.engine.keys import Bools, Floats, Ints

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
ROOM = 6 * WEEK
JOIN_ROOM = 4 * WEEK
"""A membership or a relationship made here is at least this old, so that what it carries has room."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_THURSDAY = 3
"""The weekday of the first of January 1970, from Monday 0: so many days after the week began."""
EPOCH_2000 = 946_684_800_000_000
"""PostgreSQL counts from the first of January 2000."""
LONG_AGO = -(10**17)
LAST = 253_402_300_799 * SECOND
"""The last second of the year 9999, after which neither Python nor a driver reads an instant."""


def micros(moment: datetime) -> int:
    """The instant of an aware datetime. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def moment(instant: int) -> datetime:
    """The aware datetime (UTC) of an instant."""
    return EPOCH + timedelta(microseconds=int(instant))


@dataclass(frozen=True)
class Window:
    """From when to when each row may be dated, and the ages that it should not precede."""

    start: Ints
    end: Ints
    ages: Ints

    def at(self, share: Floats | float) -> Ints:
        """The instant at this share of the window, in whole milliseconds, strictly after its start."""
        span = np.maximum(self.end - self.start, 2000)
        step = np.clip((span * share).astype(np.int64), 1000, span)
        return np.minimum(self.start + step, LAST) // 1000 * 1000

    def after(self, delay: Ints | Floats) -> Ints:
        """The instant this long after the start; a delay that does not fit is folded into the window."""
        span = np.maximum(self.end - self.start, 2000)
        delay = delay.astype(np.int64)
        step = np.where(delay < span, delay, delay % span)
        return np.minimum(self.start + np.maximum(step, 1000), LAST) // 1000 * 1000

    def dated_back(self, instants: Ints) -> Bools:
        """Which rows had to be dated before the account or membership they belong to."""
        return instants < self.ages


def window(
    as_of: int,
    *,
    orders: Ints | int = LONG_AGO,
    ages: Ints | int = LONG_AGO,
    room: int = ROOM,
    until: int | None = None,
) -> Window:
    """The window of rows whose parents are given as instants, the newest of each kind.

    Ages count as no later than `room` before as-of; `until` ends the window
    where nothing forces it later: by default a minute before as-of, so that what follows on the row has room.
    """
    order, age = np.broadcast_arrays(np.asarray(orders, dtype=np.int64), np.asarray(ages, dtype=np.int64))
    start = np.maximum(order, np.minimum(age, as_of - room))
    limit = as_of - MINUTE if until is None else until
    forced = np.where(start < as_of - SECOND, as_of, np.minimum(start + HOUR, LAST))
    end = np.where(start < limit - SECOND, limit, forced)
    return Window(start.astype(np.int64), end.astype(np.int64), age.astype(np.int64))


def joining(as_of: int, ages: Ints) -> Window:
    """The window of what other rows hang on, such as a membership: it ends a day before these have no JOIN_ROOM."""
    return window(as_of, ages=ages, until=as_of - JOIN_ROOM - DAY)


def past(as_of: int, instants: Ints, otherwise: Ints) -> Ints:
    """The later of the two instants, or `otherwise` where the first is still to come."""
    return np.where(instants < as_of - MINUTE, np.maximum(instants, otherwise), otherwise)


def week_of(day: int) -> int:
    """The number of the week, from its Monday on, that a day (since 1970) lies in."""
    return (day + _THURSDAY) // 7


def weekday_of(day: int) -> int:
    """The day of the week (0 Monday – 6 Sunday) of a day (since 1970)."""
    return (day + _THURSDAY) % 7


def day_of(week: int, weekday: int) -> int:
    """The day (since 1970) that is this day (0 Monday – 6 Sunday) of the week."""
    return week * 7 + weekday - _THURSDAY


def weekdays_of(local: Ints) -> Ints:
    """The day of the week (0 Monday – 6 Sunday) of each local instant."""
    return (local // DAY + _THURSDAY) % 7


def on_weekday(frame: Window, instants: Ints, weekdays: Ints, offset: Ints | int) -> Ints:
    """Move each instant to this day (0 Monday – 6 Sunday) of its local week, where that still lies in its window.

    `offset` is the local time's distance from UTC in microseconds.
    """
    moved = instants + (weekdays - weekdays_of(instants + offset)) * DAY
    return np.where((moved > frame.start) & (moved <= frame.end), moved, instants)


def on_hour(frame: Window, instants: Ints, hours: Floats, offset: Ints | int) -> Ints:
    """Move each instant to this hour (0–24) of its local day, where that still lies in its window.

    `offset` is the local time's distance from UTC in microseconds.
    """
    day = ((instants + offset) // DAY) * DAY - offset
    moved = ((day + (hours * HOUR).astype(np.int64)) // 1000) * 1000
    return np.where((moved > frame.start) & (moved <= frame.end), moved, instants)
