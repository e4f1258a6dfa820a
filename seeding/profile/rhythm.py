"""At which hours, on which weekdays and in which months rows are dated."""

from __future__ import annotations

import numpy as np

from seeding.engine.clock import HOUR, weekdays_of
from seeding.engine.columns import TIME, read
from seeding.engine.keys import Ints
from seeding.engine.run import Run
from seeding.profile.values import Growth, Rhythm
from seeding.world.mentara import rows
from seeding.world.people import local_offset

MOMENTS = {
    "posts": ("Post", "created_at"),
    "comments": ("Comment", "created_at"),
    "messages": ("Message", "created_at"),
    "meetings": ("Meeting", "start_time"),
}
GROWTH = {"sign-ups": ("User", "created_at"), "posts": ("Post", "created_at")}


def rhythm(run: Run, name: str, model: str, column: str) -> Rhythm:
    """At which local hours and on which weekdays rows are dated."""
    local = _local(run, model, column)
    hours = np.bincount(local // HOUR % 24, minlength=24)
    weekdays = np.bincount(weekdays_of(local), minlength=7)
    return Rhythm(name, tuple(hours.tolist()), tuple(weekdays.tolist()))


def growth(run: Run, name: str, model: str, column: str) -> Growth:
    """How many rows were made month by month."""
    made = _local(run, model, column).astype("datetime64[us]").astype("datetime64[M]")
    months, numbers = np.unique(made, return_counts=True)
    return Growth(name, dict(zip(months.astype(str).tolist(), numbers.tolist(), strict=True)))


def _local(run: Run, model: str, column: str) -> Ints:
    found = read(rows(run, model), **{column: TIME})
    return np.asarray(found.columns[column] + local_offset(run), dtype=np.int64)
