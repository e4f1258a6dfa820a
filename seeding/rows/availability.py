"""An availability: hours of a weekday that a therapist keeps open for sessions."""

from __future__ import annotations

from seeding.corpus import load
from seeding.engine.clock import joining
from seeding.engine.keys import Bools, Ids, Ints, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Columns, Some
from seeding.texts.composing import pick
from seeding.world.people import People
from seeding.world.windows import DAYS, Windows, clock_of


def availability_rows(run: Run, ids: Ids, everybody: People, planned: Windows, since: Ints) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the therapist; `since` is when the profile was made."""
    keys = keys_of(ids)
    frame = joining(run.as_of, since)
    created = frame.at(0.01 + 0.05 * run.draws.unit("opened", keys))
    remarks = pick(run.draws, "availability note", keys, load("worksheets")["notes"])
    columns = {
        "id": ids,
        "therapist_id": everybody.ids[planned.therapist],
        "day_of_week": [DAYS[at] for at in planned.day.tolist()],
        "start_time": [clock_of(minute) for minute in planned.opens.tolist()],
        "end_time": [clock_of(minute) for minute in planned.closes.tolist()],
        "timezone": planned.zone.tolist(),
        "is_available": planned.available,
        "notes": Some(remarks, run.draws.chance("has availability note", keys, 0.2)),
        "created_at": created,
        "updated_at": created,
    }
    return columns, frame.dated_back(created)
