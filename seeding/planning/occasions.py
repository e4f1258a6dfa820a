"""What there is to talk about: what has happened, by the time of each conversation, between those who talk."""

from __future__ import annotations

import numpy as np

from seeding.engine.clock import DAY
from seeding.engine.columns import MISSING, TIME, UUID, read
from seeding.engine.grouping import last_before, rank_within
from seeding.engine.keys import Bools, Ints
from seeding.engine.run import Run
from seeding.texts.messages import OCCASIONS
from seeding.world.care import CANCELLED, COMPLETED, NO_SHOW, Relationships, Sessions
from seeding.world.mentara import rows
from seeding.world.people import THERAPIST, People

LATELY = 21 * DAY
"""So long a match, a missed session or a new worksheet is something to write about."""


def occasions(
    run: Run, everybody: People, related: Relationships, every: Sessions, speakers: Ints, opening: Bools, at: Ints
) -> Bools:
    """Which of OCCASIONS (a column each) each conversation has at its instant.

    Between a client and a therapist what counts is what these two have had; in other company, what the first speaker
    has had with any therapist, by all relationships and sessions. `opening` says where nobody has written before.
    """
    wanted = _whose(everybody, speakers)

    def before(client: Ints, therapist: Ints, time: Ints, instant: Ints) -> tuple[Ints, Ints]:
        """For each conversation how many of these came before an instant, and when the last did, or MISSING."""
        group, times = _shared(everybody, client, therapist), np.tile(time, 2)
        row = last_before(group, times, wanted, instant)
        return np.r_[rank_within(group, times) + 1, 0][row], np.r_[times, MISSING][row]

    def last(client: Ints, therapist: Ints, time: Ints) -> Ints:
        """When the latest of these events was, or MISSING."""
        return before(client, therapist, time, at)[1]

    held, missed = (every.take(every.status == status) for status in (COMPLETED, NO_SHOW))
    given = read(
        rows(run, "WorksheetAssignment"),
        client_id=UUID, worksheet__therapist_id=UUID, assigned_at=TIME, submitted_at=TIME,
    )  # fmt: skip
    whose, by = everybody.find(given.client_id), everybody.find(given.worksheet__therapist_id)
    number, last_given = before(whose, by, given.assigned_at, at)
    back = np.flatnonzero(given.submitted_at != MISSING)
    handed_in, _ = before(whose[back], by[back], given.submitted_at[back], at)
    matched = last(related.client, related.therapist, related.since)
    last_held, last_missed = (last(some.client, some.therapist, some.end) for some in (held, missed))
    planned = _planned(every)
    arranged, begun = (
        before(planned.client, planned.therapist, *when)[0] for when in ((planned.created, at), (planned.start, at + 1))
    )
    met, ahead = last_held != MISSING, arranged > begun
    other_met = (
        last_before(_shared(everybody, held.client, held.therapist), np.tile(held.end, 2), speakers[:, 1], at) >= 0
    )
    there = {
        "acquaintance": opening,
        "match": opening & ~met & ~ahead & (matched > at - LATELY),
        "unplanned": ~met & ~ahead,
        "first": ~met & ahead & other_met,
        "session": met,
        "between": met & ahead,
        "free": met & ~ahead,
        "appointment": ahead,
        "worksheet": (last_given > at - LATELY) & (number > handed_in),
        "missed": met & (last_missed > np.maximum(last_held, at - LATELY)),
        "therapist": matched != MISSING,
    }
    return np.stack([there[name] for name in OCCASIONS], axis=1)


def next_session(everybody: People, every: Sessions, speakers: Ints, after: Ints) -> Ints:
    """When the next planned session starts of those whose sessions count in each conversation; MISSING for none."""
    planned = _planned(every)
    starts = np.tile(planned.start, 2)
    row = last_before(
        _shared(everybody, planned.client, planned.therapist), -starts, _whose(everybody, speakers), -after
    )
    return np.r_[starts, MISSING][row]


def _planned(every: Sessions) -> Sessions:
    """The sessions that were to be; not those that somebody enters afterwards, which never lay ahead."""
    return every.take((every.status != CANCELLED) & (every.created < every.start))


def _whose(everybody: People, speakers: Ints) -> Ints:
    """A number for whose matches, sessions and worksheets count: the two's, or the first one's with any therapist."""
    first, second = speakers[:, 0], speakers[:, 1]
    treated = (second >= 0) & (everybody.role[second] == THERAPIST)
    return np.where(treated, (second + 1) * len(everybody) + first, first)


def _shared(everybody: People, client: Ints, therapist: Ints) -> Ints:
    """These numbers for what a client has with a therapist: first all by the client alone, then all by the two."""
    return np.concatenate([client, (therapist + 1) * len(everybody) + client])
