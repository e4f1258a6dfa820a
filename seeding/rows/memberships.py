"""A membership: somebody joins a community, early enough to have been part of what was said there."""

from __future__ import annotations

import numpy as np

from seeding.engine.clock import DAY, joining
from seeding.engine.keys import Bools, Ids, Ints, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Columns
from seeding.world.communities import Communities
from seeding.world.concerns import ARRIVING
from seeding.world.people import CLIENT, MODERATOR, People

JOINED = (0.02, 0.52)
"""Between which shares of their time on the platform somebody joins; chosen."""
WELCOMED = 2 * DAY
"""Within what time of signing up a member goes to where members introduce themselves; chosen."""


def membership_rows(
    run: Run, ids: Ids, people: People, user: Ints, communities: Communities, community: Ints
) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the account or community; moderators join as such."""
    frame = joining(run.as_of, np.maximum(people.created[user], communities.created[community]))
    keys = keys_of(ids)
    share = run.draws.along("joined", keys, JOINED)
    arrives = (communities.topic[community] == ARRIVING) & (people.role[user] == CLIENT)
    joined = frame.at(np.where(arrives, share * np.minimum(WELCOMED / (frame.end - frame.start), 1.0), share))
    joined = people.at_own_hour(frame, joined, user, "joining hour", keys)
    moderates = people.role[user] == MODERATOR
    columns = {
        "id": ids,
        "user_id": people.ids[user],
        "community_id": communities.ids[community],
        "role": ["MODERATOR" if yes else "MEMBER" for yes in moderates.tolist()],
        "joined_at": joined,
    }
    return columns, frame.dated_back(joined)
