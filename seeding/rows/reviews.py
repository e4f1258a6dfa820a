"""A review: after a session, a client says how it went with the therapist."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, window
from seeding.engine.keys import Bools, Draws, Floats, Ids, Ints, Keys, keys_of
from seeding.engine.run import Run
from seeding.engine.writer import Columns, Some
from seeding.texts import therapy
from seeding.world.care import binding_age

_LUCK = Draws("reviews")
DELAYS = (2.0 * HOUR, 9.0 * HOUR, 26.0 * HOUR, 3.0 * DAY, 12.0 * DAY)
"""Quartiles of how long after a session its review is written."""
FITTING, OTHERWISE = (1.9, 4.0, 4.5, 4.9, 5.2, 5.6, 5.99), (1.0, 2.8, 3.7, 4.2, 4.7, 5.2, 5.99)
"""Sextiles of what a pair makes of each other, where the therapist knows the client's concern and where not."""


def luck(session_ids: Ids) -> Floats:
    """Where each session stands, from 0 to 1, in the order in which sessions get a review: of a share, the first.

    Not by the run's seed, or each further seed would add some.
    """
    return _LUCK.unit("reviewed", keys_of(session_ids))


def ratings(run: Run, ids: Ids, pair_keys: Keys, fits: Bools) -> Ints:
    """How many stars each review gives: what the pair makes of each other, and of this session."""
    draws = run.draws
    liking = np.where(fits, draws.along("liking", pair_keys, FITTING), draws.along("liking", pair_keys, OTHERWISE))
    return np.clip(liking + 0.35 * draws.bell("this session", keys_of(ids)), 1.0, 5.99).astype(np.int64)


def review_rows(
    run: Run,
    ids: Ids,
    meeting_ids: Ids,
    client_ids: Ids,
    therapist_ids: Ids,
    after: Ints,
    since: Ints,
    concerns: NDArray[np.int8],
    stars: Ints,
    anonymous: Bools | None = None,
) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the relationship.

    `after` is the session's end, `since` when the relationship began; `fits` says that the therapist knows the concern.
    Ratings, and whether the client stays anonymous, are drawn unless they are given.
    """
    draws, keys = run.draws, keys_of(ids)
    frame = window(run.as_of, orders=np.maximum(after, binding_age(run, since)), ages=since, room=JOIN_ROOM)
    written = frame.after(draws.along("reviewed", keys, DELAYS).astype(np.int64))
    titles, texts = therapy.reviews(draws, keys, stars, therapy.main_topic(concerns), draws.chance("brief", keys, 0.15))
    columns = {
        "id": ids,
        "client_id": client_ids,
        "therapist_id": therapist_ids,
        "meeting_id": meeting_ids,
        "rating": stars,
        "title": Some(titles, draws.chance("titled", keys, 0.85)),
        "content": texts,
        "is_anonymous": draws.chance("anonymous", keys, 0.35) if anonymous is None else anonymous,
        "is_verified": True,
        "created_at": written,
        "updated_at": written,
    }
    return columns, frame.dated_back(written)
