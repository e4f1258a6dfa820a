"""A post: a member tells what happened, therapists and staff explain, at the author's usual hour."""

from __future__ import annotations

import numpy as np

from seeding.engine.clock import DAY, JOIN_ROOM, on_weekday, weekdays_of, window
from seeding.engine.keys import Bools, Ids, Ints, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Columns
from seeding.texts import threads
from seeding.world.communities import Memberships
from seeding.world.concerns import ARRIVING
from seeding.world.people import weekdays

POSTED = (0.02, 0.30, 0.56, 0.79, 0.98)
"""Quartiles of when in their time as a member somebody posts: more and more often, as members of a community that
grows on them do; what is left of the time is for the first answers. Chosen."""
ARRIVED = 7 * DAY
"""Within what time of joining members introduce themselves, where that is done; chosen."""


def post_rows(
    run: Run, members: Memberships, ids: Ids, author: Ints, community: Ints, turn: Ints
) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the account or membership; `turn` counts each author's posts."""
    people, communities, keys = members.people, members.communities, keys_of(ids)
    frame = window(
        run.as_of,
        ages=np.maximum.reduce(
            [members.joined(author, community), people.created[author], communities.created[community]]
        ),
        room=JOIN_ROOM,
    )
    topics, explains = communities.topic[community], people.professional[author]
    soon = np.where((topics == ARRIVING) & ~explains, np.minimum(ARRIVED / (frame.end - frame.start), 1.0), 1.0)
    created = frame.at(soon * run.draws.along("posted", keys, POSTED))
    created = on_weekday(frame, created, weekdays(run, "post day", keys), people.utc_offset[author])
    created = people.at_own_hour(frame, created, author, "post hour", keys)
    weekday = weekdays_of(created + people.utc_offset[author])
    titles, bodies = threads.posts(run.draws, ids, topics, explains, people.keys[author], turn, weekday)
    columns = {
        "id": ids,
        "user_id": people.ids[author],
        "community_id": communities.ids[community],
        "title": titles,
        "content": bodies,
        "created_at": created,
        "updated_at": created,
    }
    return columns, frame.dated_back(created)
