"""A heart: a member likes what somebody else wrote, soon after reading it."""

from __future__ import annotations

import numpy as np

from seeding.engine.clock import JOIN_ROOM, window
from seeding.engine.keys import Bools, Ids, Ints, keys_of
from seeding.engine.run import Run
from seeding.engine.writer import Columns
from seeding.rows.comments import DELAYS
from seeding.world.communities import Memberships


def heart_rows(
    run: Run, members: Memberships, on: str, ids: Ids, giver: Ints, community: Ints, written_at: Ints, target: Ids
) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the account or membership; `on` is post_id or comment_id."""
    frame = window(
        run.as_of,
        orders=written_at,
        ages=np.maximum(members.joined(giver, community), members.people.created[giver]),
        room=JOIN_ROOM,
        until=run.as_of,
    )
    created = frame.after(run.draws.along("hearted", keys_of(ids), DELAYS).astype(np.int64))
    columns = {
        "id": ids,
        "user_id": members.people.ids[giver],
        "post_id": target if on == "post_id" else None,
        "comment_id": target if on == "comment_id" else None,
        "created_at": created,
    }
    return columns, frame.dated_back(created)
