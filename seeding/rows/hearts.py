"""A heart: a member likes what somebody else wrote, soon after reading it."""

from __future__ import annotations

import numpy as np

from seeding.engine.clock import JOIN_ROOM, window
from seeding.engine.keys import Bools, Ids, Ints, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Columns
from seeding.rows.comments import AT_ONCE, DELAYS
from seeding.world.communities import Memberships, Posts


def post_heart_rows(
    run: Run, members: Memberships, everything: Posts, ids: Ids, giver: Ints, post: Ints
) -> tuple[Columns, Bools]:
    """The columns of hearts on posts, and which rows are dated before the account or membership."""
    on = {"post_id": everything.ids[post], "comment_id": None}
    return _heart_rows(run, members, ids, giver, everything.community[post], everything.created[post], on)


def comment_heart_rows(
    run: Run, members: Memberships, ids: Ids, giver: Ints, community: Ints, written_at: Ints, comment_ids: Ids
) -> tuple[Columns, Bools]:
    """The same of hearts on comments, in the communities where these were written."""
    return _heart_rows(run, members, ids, giver, community, written_at, {"post_id": None, "comment_id": comment_ids})


def _heart_rows(
    run: Run, members: Memberships, ids: Ids, giver: Ints, community: Ints, written_at: Ints, on: Columns
) -> tuple[Columns, Bools]:
    frame = window(
        run.as_of,
        orders=written_at,
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
        **on,
        "created_at": created,
    }
    return columns, frame.dated_back(created)
