"""What is known of clients whom somebody else registered, read off rows that somebody else wrote.

What the toolkit adds about them never counts, so they stay the same people from run to run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.columns import JSON, MISSING, TEXT, TIME, UUID, Frame, read
from seeding.engine.grouping import find, rank_within
from seeding.engine.keys import Bools, Floats, Ids, Ints, seeded_range
from seeding.engine.run import Run
from seeding.world.concerns import CONCERNS, HELD, known_concerns, topic_of
from seeding.world.instruments import instruments, level, taken
from seeding.world.mentara import NOBODY, rows

HIGH_LEVEL = 0.45
"""From this share of a questionnaire's range on a score counts as high where no published severity is given."""


@dataclass(frozen=True)
class Strangers:
    """Clients with up to three concerns each, the surest first, and their level in each questionnaire taken."""

    concerns: NDArray[np.int8]
    """NOBODY fills the rest: all of it for somebody of whom nothing is known."""
    levels: Floats
    """By client and concern: the first score as a share of the questionnaire's range; NaN where it was not taken."""
    burdened: Bools
    """By client and concern: whether a severity found is in the upper half of the published ones or, where none was
    given, the score is from HIGH_LEVEL on."""


def strangers(run: Run, clients: Ids) -> Strangers:
    """What is known of these clients, given in the order of ids: high scores first, then communities, then care."""
    levels = np.full((len(clients), len(CONCERNS)), np.nan)
    burdened = np.zeros(levels.shape, dtype=np.bool_)
    concerns = np.full((len(clients), HELD), NOBODY, dtype=np.int8)
    known_of = Strangers(concerns, levels, burdened)
    if not len(clients):
        return known_of
    _read_scores(run, clients, known_of)
    scored, high = np.nonzero(burdened)
    member, joined, since = _communities(run, clients)
    cared, known = _care(run, clients)
    silent = ~np.isin(cared, np.concatenate([scored, member]))
    client = np.concatenate([scored, member, cared[silent]])
    concern = np.concatenate([high, joined, known[silent]])
    kind = np.repeat([0, 1, 2], [len(scored), len(member), int(silent.sum())])
    within = np.concatenate([-levels[scored, high], since.astype(np.float64), np.zeros(int(silent.sum()))])
    order = np.lexsort((concern, within, kind, client))
    client, concern = client[order], concern[order]
    first = np.sort(np.unique(client * len(CONCERNS) + concern, return_index=True)[1])
    client, concern = client[first], concern[first]
    place = rank_within(client)
    concerns[client[place < HELD], place[place < HELD]] = concern[place < HELD]
    return known_of


def _read(run: Run, model: str, **kinds: str) -> Frame:
    return read(rows(run, model).exclude(pk__range=seeded_range()), **kinds)


def _read_scores(run: Run, clients: Ids, into: Strangers) -> None:
    """Note the levels of these clients and how severe they are."""
    levels, burdened = into.levels, into.burdened
    found = _read(run, "PreAssessment", pk=UUID, user_id=UUID, completed_at=TIME, scores=JSON, severity_levels=JSON)
    clients_of = find(found.user_id, clients)
    order = np.argsort(found.completed_at, kind="stable")
    order = order[(clients_of[order] != NOBODY) & (found.completed_at[order] != MISSING)]
    for at, client in zip(order.tolist(), clients_of[order].tolist(), strict=True):
        for slug, score, band in taken(found.scores[at], found.severity_levels[at]):
            if slug in CONCERNS:
                concern = CONCERNS.index(slug)
                burdened[client, concern] |= _is_high(slug, score, band)
                if np.isnan(levels[client, concern]):
                    levels[client, concern] = level(slug, score)


def _is_high(slug: str, score: float, band: Any) -> bool:
    names = instruments()[slug].band_names
    return names.index(band) >= len(names) // 2 if band in names else level(slug, score) >= HIGH_LEVEL


def _communities(run: Run, clients: Ids) -> tuple[Ints, Ints, Ints]:
    """The communities on a concern that clients joined: who, the concern, and when."""
    found = _read(run, "CommunityMember", user_id=UUID, joined_at=TIME, community__slug=TEXT, community__name=TEXT)
    client = find(found.user_id, clients)
    names = zip(found.community__slug.tolist(), found.community__name.tolist(), strict=True)
    topic = np.array([topic_of(slug, name) for slug, name in names], dtype=np.int64)
    about = (client != NOBODY) & (topic < len(CONCERNS))
    return client[about], topic[about], found.joined_at[about]


def _care(run: Run, clients: Ids) -> tuple[Ints, Ints]:
    """The clients in somebody's care, and what the therapist is expert in first."""
    found = _read(run, "ClientTherapist", client_id=UUID, therapist__expertise=JSON)
    client = find(found.client_id, clients)
    known = np.array([(*known_concerns(one), NOBODY)[0] for one in found.therapist__expertise], dtype=np.int64)
    fits = (client != NOBODY) & (known != NOBODY)
    return client[fits], known[fits]
