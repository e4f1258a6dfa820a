"""A review: after a session, a client says how it went with the therapist."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, window
from seeding.engine.keys import Bools, Draws, Floats, Ids, Ints, Keys, is_base, keys_of, slots_of
from seeding.engine.run import Run
from seeding.engine.values import Columns, Some
from seeding.rows.assessments import progress
from seeding.texts import therapy
from seeding.world.care import Relationships, Sessions, binding_age
from seeding.world.concerns import shared
from seeding.world.people import People, by_day

_LUCK = Draws("reviews")
DELAYS = (2.0 * HOUR, 9.0 * HOUR, 26.0 * HOUR, 3.0 * DAY, 12.0 * DAY)
"""Quartiles of how long after a session its review is written."""
FITTING, OTHERWISE = (1.9, 4.0, 4.5, 4.9, 5.2, 5.6, 5.99), (1.0, 2.8, 3.7, 4.2, 4.7, 5.2, 5.99)
"""Sextiles of what a pair makes of each other, where the therapist knows a concern of the client's and where not."""
PROGRESS = 0.8
"""Stars between clients who get on least and most by their assessments. Chosen."""
PARTING = 1.0
"""Stars fewer for the last session of a pair who have ended it. Chosen."""
LEAST_PARTING, LEAST_ENDED, LEAST_STAYING = 1.0, 2.0, 3.0
"""The least stars for that session, for others of such a pair, and from who stays with the therapist. Chosen."""
_SESSIONS = 4
"""So many sessions of a pair are reviewed before what is said is what the client has said of another therapist."""


@dataclass(frozen=True)
class ReviewPlan:
    """Reviews to be written: of which sessions, and by whom about whom."""

    meeting_ids: Ids
    pair_ids: Ids
    """The relationships of those who met."""
    client_ids: Ids
    therapist_ids: Ids
    after: Ints
    """From when on there is something to say: the session is over, and entered."""
    since: Ints
    """When the relationship began."""
    topics: Ints

    @classmethod
    def of(cls, run: Run, everybody: People, related: Relationships, held: Sessions) -> ReviewPlan:
        """Reviews of these sessions, each of two who are in a relationship."""
        return cls(
            held.ids,
            related.ids[held.pair],
            everybody.ids[held.client],
            everybody.ids[held.therapist],
            held.after(run),
            related.since[held.pair],
            therapy.shared_topic(everybody.concerns[held.client], everybody.concerns[held.therapist]),
        )


def luck(session_ids: Ids) -> Floats:
    """Where each session stands, from 0 to 1, in the order in which sessions get a review: of a share, the first.

    Not by the run's seed, or each further seed would add some.
    """
    return _LUCK.unit("reviewed", keys_of(session_ids))


def ratings(
    run: Run,
    ids: Ids,
    pair_keys: Keys,
    client_keys: Keys,
    fits: Bools,
    goes_on: Bools,
    parting: Bools | bool = False,
) -> Ints:
    """How many stars each review gives: what the pair makes of each other, how the client gets on, and this session.

    `goes_on` says whose relationship does; `parting` are those of the last session of one that has ended.
    """
    draws = run.draws
    liking = np.where(fits, draws.along("liking", pair_keys, FITTING), draws.along("liking", pair_keys, OTHERWISE))
    liking = liking + PROGRESS * (progress(client_keys) - 0.5) - PARTING * np.asarray(parting)
    liking = liking + 0.35 * draws.bell("this session", keys_of(ids))
    least = np.select([parting, goes_on], [LEAST_PARTING, LEAST_STAYING], LEAST_ENDED)
    return np.clip(liking, least, 5.99).astype(np.int64)


def fits(everybody: People, related: Relationships, pair: Ints) -> Bools:
    """Whether the therapist of each of these relationships knows a concern of the client's."""
    own, known = (everybody.concerns[who[pair]] for who in (related.client, related.therapist))
    return np.asarray(shared(own, known).any(axis=1))


def review_rows(
    run: Run, ids: Ids, plan: ReviewPlan, stars: Ints, anonymous: Bools | None = None
) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the relationship.

    Whether the client stays anonymous is drawn, once for all of the client's reviews, unless it is given.
    """
    draws, keys = run.draws, keys_of(ids)
    frame = window(
        run.as_of, orders=np.maximum(plan.after, binding_age(run, plan.since)), ages=plan.since, room=JOIN_ROOM
    )
    written = by_day(run, frame, frame.after(draws.along("reviewed", keys, DELAYS)), keys, plan.client_ids)
    turn = _SESSIONS * _number(plan.pair_ids) + _number(plan.meeting_ids)
    brief = draws.chance("brief", keys, 0.15)
    titles, texts = therapy.reviews(draws, keys_of(plan.client_ids), turn, stars, plan.topics, brief)
    columns = {
        "id": ids,
        "client_id": plan.client_ids,
        "therapist_id": plan.therapist_ids,
        "meeting_id": plan.meeting_ids,
        "rating": stars,
        "title": Some(titles, draws.chance("titled", keys, 0.85)),
        "content": texts,
        "is_anonymous": draws.chance("anonymous", keys_of(plan.client_ids), 0.35) if anonymous is None else anonymous,
        "is_verified": True,
        "created_at": written,
        "updated_at": written,
    }
    return columns, frame.dated_back(written)


def _number(ids: Ids) -> Ints:
    """Which of their owner's rows these are: base rows from 0 up, gap rows from -1 down."""
    slot = slots_of(ids)
    return np.where(is_base(ids), slot, -1 - slot)
