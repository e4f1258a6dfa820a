"""generate_communities: communities on concerns and general subjects, their members and moderators."""

from __future__ import annotations

import numpy as np

from seeding.engine.grouping import find, first_of_each, rank_within
from seeding.engine.ids import base_ids
from seeding.engine.keys import Bools, Ids, Ints, keys_of
from seeding.engine.pairs import pair_code
from seeding.legacy.base import Base, generator
from seeding.legacy.plan import BaseWorld, at_birth
from seeding.requirements import stages
from seeding.rows.communities import community_ids, community_rows, community_slug
from seeding.rows.memberships import membership_rows
from seeding.world.communities import communities, memberships
from seeding.world.concerns import ATTRACTION, CONCERNS, topic_of
from seeding.world.mentara import NOBODY
from seeding.world.people import CLIENT, MODERATOR, people

MODERATOR_SLOT = 1000
CANDIDATES = 8
"""Among so many members of the platform a community finds each of its joiners."""
CHOSEN, JOINERS = 4, 40
"""A community is chosen by some four members, and finds a joiner for so many of its usual members beyond these times
its attraction; set so that members per community and memberships per user are the modes', as far as both can be."""


@generator
def generate_communities(base: Base) -> None:
    """Communities by topic; users join those of their concerns first; each community has a moderator."""
    add_communities(base)
    world = base.world
    everybody, places = people(base.run), communities(base.run)
    user_at, place_at = world.present(everybody), world.present_communities(places)
    subject, slot, user, place = planned(world, user_at != NOBODY)
    asked = world.is_new[user] & (place < world.sizes.communities)
    user, place = user_at[user], place_at[place]
    good = np.flatnonzero(asked & (user != NOBODY) & (place != NOBODY))
    good = good[memberships(base.run, everybody, places).row_of(user[good], place[good]) == NOBODY]
    codes = pair_code(user[good], place[good], len(places))
    good = good[np.sort(first_of_each(codes))]
    ids = base_ids("CommunityMember", subject[good], slot[good])
    columns, dated_back = membership_rows(base.run, ids, everybody, user[good], places, place[good])
    base.write_missing("mentara.CommunityMember", columns, dated_back=dated_back)


def planned(world: BaseWorld, there: Bools) -> tuple[Ids, Ints, Ints, Ints]:
    """Subject, slot, base user and base community of every base membership; of two on one pair the first counts.

    They stand in the order of birth, so that what a smaller mode has counts in a larger one too. Those who join are
    among the base users who are `there`.
    """
    slots, community = world.membership_slots
    kept = slots.asked
    ids = community_ids(np.arange(len(world.community_birth)))
    moderators = world.of_role(MODERATOR)
    watch = np.arange(len(ids)) if len(moderators) else np.empty(0, dtype=np.int64)
    duty = at_birth("moderators", world.community_birth[watch])
    watcher = moderators[(watch % duty) % max(len(moderators), 1)] if len(moderators) else watch
    place, user, turn, birth = joiners(world, ids, there)
    order = np.argsort(
        np.concatenate(
            [
                world.community_birth[watch],
                np.maximum(slots.birth[kept], world.community_birth[community[kept]]),
                birth,
            ]
        ),
        kind="stable",
    )
    return (
        np.concatenate([ids[watch], world.ids[slots.owner[kept]], ids[place]])[order],
        np.concatenate([np.full(len(watch), MODERATOR_SLOT), slots.slot[kept], turn])[order],
        np.concatenate([watcher, slots.owner[kept], user])[order],
        np.concatenate([watch, community[kept], place])[order],
    )


def joiners(world: BaseWorld, ids: Ids, there: Bools) -> tuple[Ints, Ints, Ints, Ints]:
    """Members who came by another way, the best suited of some candidates each: community, user, turn, birth."""
    topics = np.array([topic_of(community_slug(at)) for at in range(len(ids))], dtype=np.int64)
    attraction = np.array(ATTRACTION)[topics]
    place = np.repeat(np.arange(len(ids)), joining(world.sizes.members_per_community, attraction))
    turn = rank_within(place)
    per_mode = [joining(size, attraction[place]) <= turn for size in stages("members_per_community")]
    birth = np.maximum(np.sum(per_mode, axis=0), world.community_birth[place])
    choice = at_birth("users", birth)
    user, suits = np.zeros(len(place), dtype=np.int64), np.full(len(place), -1.0)
    for attempt in range(CANDIDATES):
        candidate = world.run.draws.below(f"joiner {attempt}", keys_of(ids)[place], choice, turn)
        fit = np.where(there[candidate], suitability(world, candidate, place, topics[place], birth), -1)
        user, suits = np.where(fit > suits, candidate, user), np.maximum(suits, fit)
    good = suits >= 0
    return place[good], user[good], turn[good], birth[good]


def joining(members: int, attraction: Ints) -> Ints:
    """How many members communities of this attraction find, that usually have so many, besides those who chose them."""
    return np.rint(max(members - CHOSEN, 0) * attraction / JOINERS).astype(np.int64)


def suitability(world: BaseWorld, user: Ints, place: Ints, topic: Ints, birth: Ints) -> Ints:
    """How well users suit base communities: they care about it, or nothing speaks against it, or it is not for them.

    Whoever has joined by then has no need to join again.
    """
    cares = (world.concerns[user] == topic[:, None]).any(axis=1)
    foreign = (world.role[user] == CLIENT) & (topic < len(CONCERNS))
    codes, first = world.chosen_in
    at = find(pair_code(user, place, len(world.community_birth)), codes)
    joined = at != NOBODY
    joined[joined] = first[at[joined]] <= birth[joined]
    return np.select([joined, cares, foreign], [0, 3, 1], 2)


def add_communities(base: Base) -> None:
    """The base communities that no row stands for yet, by id, slug or name."""
    places = communities(base.run)
    columns = community_rows(base.run, np.arange(base.sizes.communities))
    named = zip(columns["slug"], columns["name"], strict=True)
    fresh = [slug not in places.slugs and name not in places.names for slug, name in named]
    base.write_missing("mentara.Community", columns, np.array(fresh, dtype=np.bool_))
