"""A heart: a member likes what somebody else wrote, soon after reading it."""

from __future__ import annotations

import numpy as np

from seeding.engine.clock import JOIN_ROOM, window
from seeding.engine.keys import Bools, Ids, Ints, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Columns
from seeding.rows.comments import AT_ONCE, DELAYS
from seeding.world.communities import Memberships, Posts


def heart_rows(
    run: Run, members: Memberships, things: Posts, on: str, ids: Ids, giver: Ints, thing: Ints
) -> tuple[Columns, Bools]:
    """The columns of hearts on posts, or on comments, and which rows are dated before the account or membership.

    `on` is the column that names what is liked: "post_id" or "comment_id".
    """
    community = things.community[thing]
    frame = window(
        run.as_of,
        orders=things.created[thing],
        ages=np.maximum(members.joined(giver, community), members.people.created[giver]),
        room=JOIN_ROOM,
        until=run.as_of,
    )
    keys, people = keys_of(ids), members.people
    delay = run.draws.along("hearted", keys, DELAYS).astype(np.int64)
    at_once = frame.after(delay)
    created = np.where(delay > AT_ONCE, people.at_own_hour(frame, at_once, giver, "heart hour", keys), at_once)
    columns = {
        "id": ids,
        "user_id": members.people.ids[giver],
        "post_id": None,
        "comment_id": None,
        on: things.ids[thing],
        "created_at": created,
    }
    return columns, frame.dated_back(created)
