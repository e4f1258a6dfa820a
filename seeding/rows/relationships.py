"""A relationship: a client is assigned to a therapist who knows their concern."""

from __future__ import annotations

import numpy as np

from seeding.cast import MATCHED, PAIRS
from seeding.engine.clock import DAY, JOIN_ROOM, window
from seeding.engine.keys import Bools, Ids, Ints, Keys, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Columns
from seeding.world.people import by_day

INACTIVE_SHARE = 0.12
"""The share of relationships that have ended: enough to see the state in a medium seed; chosen, not measured."""


def ended(run: Run, client_keys: Keys, ordinals: Ints, open_: Bools) -> Bools:
    """Which base relationships have ended, since not both accounts are open or by chance; the cast's as planned."""
    drawn = run.draws.chance("inactive", client_keys, INACTIVE_SHARE) & ~np.isin(ordinals, list(MATCHED))
    return drawn | ~open_ | np.isin(ordinals, [pair.client for pair in PAIRS if not pair.active])


def relationship_rows(
    run: Run, ids: Ids, client_ids: Ids, therapist_ids: Ids, since: Ints, inactive: Bools
) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the client or therapist; `since` is when both were ready."""
    frame = window(run.as_of, ages=since, until=run.as_of - JOIN_ROOM - DAY)
    keys = keys_of(ids)
    assigned = by_day(run, frame, frame.at(0.03 + 0.5 * run.draws.unit("assigned", keys)), keys)
    columns = {
        "id": ids,
        "client_id": client_ids,
        "therapist_id": therapist_ids,
        "status": np.where(inactive, "inactive", "active").tolist(),
        "assigned_at": assigned,
    }
    return columns, frame.dated_back(assigned)
