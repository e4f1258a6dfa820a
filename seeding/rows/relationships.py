"""A relationship: a client is assigned to a therapist who knows their concern."""

from __future__ import annotations

import numpy as np

from seeding.cast import MATCHED, PAIRS
from seeding.engine.clock import WEEK, joining
from seeding.engine.keys import Bools, Ids, Ints, Keys, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Columns
from seeding.world.people import by_day, ordinals_of

INACTIVE_SHARE = 0.12
"""The share of relationships that have ended: enough to see the state in a medium seed; chosen, not measured."""
AT_LEAST, AT_MOST, CAST_AT_MOST = 2 * WEEK, 8 * WEEK, 5 * WEEK
"""Pairs who still meet, and the cast's, were matched so long before the last weeks: as long ago as their sessions go
back in a pair's rhythm, or as planned for the cast. Chosen."""


def ended(run: Run, client_keys: Keys, ordinals: Ints, open_: Bools) -> Bools:
    """Which base relationships have ended, since not both accounts are open or by chance; the cast's as planned."""
    drawn = run.draws.chance("inactive", client_keys, INACTIVE_SHARE) & ~np.isin(ordinals, list(MATCHED))
    return drawn | ~open_ | np.isin(ordinals, [pair.client for pair in PAIRS if not pair.active])


def relationship_rows(
    run: Run, ids: Ids, client_ids: Ids, therapist_ids: Ids, since: Ints, inactive: Bools
) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the client or therapist; `since` is when both were ready."""
    frame = joining(run.as_of, since)
    keys = keys_of(ids)
    share = run.draws.unit("assigned", keys)
    early = 0.03 + 0.5 * share
    of_cast = np.isin(ordinals_of(client_ids), list(MATCHED))
    at_most = np.where(of_cast, CAST_AT_MOST, AT_MOST)
    lately = 1.0 - (at_most - (at_most - AT_LEAST) * share) / (frame.end - frame.start)
    long_ago = inactive & ~of_cast
    assigned = by_day(run, frame, frame.at(np.where(long_ago, early, np.maximum(early, lately))), keys, client_ids)
    columns = {
        "id": ids,
        "client_id": client_ids,
        "therapist_id": therapist_ids,
        "status": np.where(inactive, "inactive", "active").tolist(),
        "assigned_at": assigned,
    }
    return columns, frame.dated_back(assigned)
