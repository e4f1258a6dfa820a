"""A community: a place for one concern or general subject, known by its ordinal and founded before anybody came."""

from __future__ import annotations

import numpy as np

from seeding.engine.clock import DAY, HOUR
from seeding.engine.keys import BASE, Ids, Ints, keys_of, make_ids, salt
from seeding.engine.run import Run
from seeding.engine.values import Columns
from seeding.rows.accounts import DOMAIN
from seeding.texts.composing import topic
from seeding.world.concerns import COMMUNITY_ORDER, TOPICS, topic_of

FOUNDED = (610, 720)
"""Days before as-of between which communities were founded, before any base account was made."""


def community_slug(ordinal: int) -> str:
    """The slug of the n-th base community."""
    further, at = divmod(ordinal, len(COMMUNITY_ORDER))
    return COMMUNITY_ORDER[at] if not further else f"{COMMUNITY_ORDER[at]}-{further + 1}"


def community_name(slug: str) -> str:
    """The name of a base community; further circles on a topic are numbered."""
    about = topic_of(slug)
    further = slug.removeprefix(TOPICS[about]).removeprefix("-")
    name = str(topic(about)["community"]["name"])
    return f"{name} {further}" if further else name


def community_ids(ordinals: Ints) -> Ids:
    """The ids of base communities, by ordinal from 0."""
    keys = np.array([salt("base community", community_slug(at)) for at in ordinals.tolist()], dtype=np.uint64)
    return make_ids("Community", BASE, keys, ordinals, 0)


def community_rows(run: Run, ordinals: Ints) -> Columns:
    """The columns of base communities."""
    ids = community_ids(ordinals)
    slugs = [community_slug(at) for at in ordinals.tolist()]
    least, most = FOUNDED
    days = least + run.draws.below("founded", keys_of(ids), most - least)
    created = (run.as_of - days * DAY) // DAY * DAY + 9 * HOUR
    return {
        "id": ids,
        "name": [community_name(slug) for slug in slugs],
        "slug": slugs,
        "description": [topic(topic_of(slug))["community"]["description"] for slug in slugs],
        "image_url": [f"https://images.{DOMAIN}/communities/{slug}.jpg" for slug in slugs],
        "created_at": created,
        "updated_at": created,
    }
