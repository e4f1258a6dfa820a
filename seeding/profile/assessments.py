"""What completed assessments say of people: levels on their concerns and on others, at first and later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seeding.engine.columns import JSON, TIME, UUID, read
from seeding.engine.grouping import rank_within
from seeding.engine.keys import Floats, Ids, Ints
from seeding.engine.run import Run
from seeding.profile.agreement import own_concern
from seeding.profile.values import Scores, Share, share
from seeding.world.concerns import CONCERNS
from seeding.world.instruments import level, taken
from seeding.world.mentara import rows
from seeding.world.people import People


@dataclass(frozen=True)
class Scored:
    """Completed assessments, one row a questionnaire taken: whose and when, its concern, score and band."""

    sitting: Ints
    user_id: Ids
    completed: Ints
    concern: Ints
    level: Floats
    """The score as a share of the questionnaire's range."""
    band: tuple[str, ...]


def scores_of(run: Run) -> Scored:
    """Every completed assessment of the database; questionnaires that are not known are left out."""
    done = rows(run, "PreAssessment", completed_at__isnull=False)
    found = read(done, pk=UUID, user_id=UUID, completed_at=TIME, scores=JSON, severity_levels=JSON)
    told = [
        (at, CONCERNS.index(slug), level(slug, score), str(band or ""))
        for at, (scores, bands) in enumerate(zip(found.scores, found.severity_levels, strict=True))
        for slug, score, band in taken(scores, bands)
        if slug in CONCERNS
    ]
    sitting = np.array([one[0] for one in told], dtype=np.int64)
    return Scored(
        sitting,
        found.user_id[sitting],
        found.completed_at[sitting],
        np.array([one[1] for one in told], dtype=np.int64),
        np.array([one[2] for one in told], dtype=np.float64),
        tuple(one[3] for one in told),
    )


@dataclass(frozen=True)
class Standing:
    """Each person's mean levels, NaN where there is none: on their concerns and on others, at first and at last."""

    concerned: Floats
    others: Floats
    first: Floats
    latest: Floats
    """On their concerns in their latest sitting, if that is not the first."""


def standing(everybody: People, scored: Scored) -> Standing:
    """How everybody stands by their completed assessments."""
    client = everybody.find(scored.user_id)
    own, turn = own_concern(everybody, client, scored.concern), _turns(client, scored)
    last = np.zeros(len(everybody), dtype=np.int64)
    np.maximum.at(last, client, turn)
    groups = (own, ~own, own & (turn == 0), own & (turn == last[client]) & (turn > 0))
    return Standing(*(_means(client[which], scored.level[which], len(everybody)) for which in groups))


def in_scores(stand: Standing) -> Iterator[Share]:
    """Whether scores are high where the concern lies, low elsewhere, and better later."""
    both = ~np.isnan(stand.concerned) & ~np.isnan(stand.others)
    higher = stand.concerned[both] > stand.others[both]
    yield share("clients who score higher where their concerns lie", higher.sum(), both.sum())
    both = ~np.isnan(stand.first) & ~np.isnan(stand.latest)
    better = stand.latest[both] < stand.first[both]
    yield share("clients who are better at their latest follow-up", better.sum(), both.sum())


def mean_scores(stand: Standing) -> Scores:
    """The same as means over the clients; first and follow-up of those who have both."""
    both = ~np.isnan(stand.first) & ~np.isnan(stand.latest)
    return Scores(*map(_mean, (stand.concerned, stand.others, stand.first[both], stand.latest[both])))


def _turns(client: Ints, scored: Scored) -> Ints:
    """Which sitting of their client's each row belongs to, counted from 0."""
    _, one, back = np.unique(scored.sitting, return_index=True, return_inverse=True)
    return rank_within(client[one], scored.completed[one])[back]


def _means(group: Ints, values: Floats, size: int) -> Floats:
    """The mean of each group's values; NaN for a group without any."""
    number = np.bincount(group, minlength=size)
    total = np.bincount(group, weights=values, minlength=size)
    return np.divide(total, number, out=np.full(size, np.nan), where=number > 0)


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return round(float(known.mean()), 4) if len(known) else None
