"""The fifteen concerns and the general subjects that Mentara's communities are about."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.keys import Ints
from seeding.requirements import stages

CONCERNS = (
    "anxiety",
    "depression",
    "stress",
    "insomnia",
    "burnout",
    "panic",
    "social-anxiety",
    "ptsd",
    "adhd",
    "ocd",
    "bipolar",
    "binge-eating",
    "alcohol",
    "phobia",
    "drug-use",
)
GENERAL = (
    "new-members",
    "wellbeing",
    "mindfulness",
    "families-and-carers",
    "students",
    "workplace",
    "gratitude",
    "movement",
)
TOPICS = CONCERNS + GENERAL
HELD, EXPERTISE = 3, 6
"""How many concerns a client has at most, and how many a therapist is expert in at most."""
ARRIVING = TOPICS.index("new-members")
"""Where members introduce themselves."""
PREVALENCE = (20, 17, 15, 10, 9, 6, 6, 4, 5, 3, 2, 3, 3, 2, 2)
"""How often each concern is somebody's first, in parts of about a hundred: the common ones lead, as in
WHO's World Mental Health Report (2022); the figures themselves are round numbers chosen for a demo."""

COMMUNITY_ORDER = (*CONCERNS[:5], *GENERAL[:2], *CONCERNS[5:10], *GENERAL[2:5], *CONCERNS[10:], *GENERAL[5:])
"""The order in which larger modes add communities; beyond these come further circles on the same topics."""

ATTRACTION = (*PREVALENCE, 30, 20, 14, 8, 8, 6, 8, 6)
"""How many people each topic attracts, on one scale: a few communities are large and most are small."""
STRAYING = 1
"""How likely somebody joins the community of another's concern, on the same scale: it happens, and not often."""

OTHER_TOPIC = TOPICS.index("wellbeing")


def concern_stages(size: str) -> tuple[tuple[int, int], ...]:
    """For each mode how many people it has, by the name of that size, and how many concerns are theirs to have.

    These are the first of CONCERNS, which the mode has communities for, so that a larger mode repeats a smaller one's
    people.
    """
    concerns = (sum(slug in CONCERNS for slug in COMMUNITY_ORDER[:number]) for number in stages("communities"))
    return tuple(zip(stages(size), concerns, strict=True))


def texts_in(column: Any) -> tuple[str, ...]:
    """The texts in a JSON column that holds a list of them, unless somebody else has written something else."""
    return tuple(entry for entry in column if isinstance(entry, str)) if isinstance(column, list) else ()


def known_concerns(column: Any) -> tuple[int, ...]:
    """The concerns that a JSON list of slugs names, as numbers of CONCERNS in its order."""
    return tuple(CONCERNS.index(slug) for slug in texts_in(column) if slug in CONCERNS)


def topic_of(slug: str, name: str = "") -> int:
    """The topic of a community, by its slug or by a concern named in it; else the general one."""
    if slug in TOPICS:
        return TOPICS.index(slug)
    text = f"{slug} {name}".lower().replace(" ", "-")
    for topic in sorted(TOPICS, key=len, reverse=True):
        if topic in text:
            return TOPICS.index(topic)
    return OTHER_TOPIC


def shared(own: NDArray[Any], others: NDArray[Any]) -> NDArray[np.bool_]:
    """Which concerns of each (a row) the other has as well, column by column; -1 is none."""
    return np.asarray((own[:, :, None] == others[:, None, :]).any(axis=2) & (own >= 0))


def first_shared(own: NDArray[np.int8], others: NDArray[np.int8]) -> Ints:
    """The first concern of each (a row) that the other has as well, or else their first; numbers of CONCERNS or -1."""
    first = shared(own, others).argmax(axis=1)
    return np.take_along_axis(own, first[:, None], axis=1)[:, 0].astype(np.int64)
