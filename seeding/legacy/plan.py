"""The base world as numbers: which base rows exist at given sizes, and what they refer to.

Nested by construction: a row is drawn from its own key, and refers only to rows that every larger
world has as well. `birth` is the smallest mode that has a row: 0 light, 1 medium, 2 heavy, 3 beyond.
The world is planned as the largest mode has it, or larger; sizes only say what of it is written, so that what is
there already stays as it is where less is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.grouping import find, in_order, rank_within
from seeding.engine.keys import Bools, Draws, Floats, Ids, Ints, Keys, along, keys_of
from seeding.engine.pairs import pair_code
from seeding.engine.run import Run
from seeding.requirements import MODES, Sizes, stages
from seeding.rows.accounts import email, expert_in
from seeding.rows.communities import community_ids, community_slug
from seeding.world.communities import Communities, communities
from seeding.world.concerns import (
    ARRIVING,
    ATTRACTION,
    COMMUNITY_ORDER,
    CONCERNS,
    EXPERTISE,
    HELD,
    STRAYING,
    TOPICS,
    concern_stages,
)
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import CLIENT, ROLES, THERAPIST, People, drawn_concerns, liveliness, user_ids

BEYOND = len(MODES)
_ATTEMPTS = 4
"""How often a membership is drawn anew that its owner has already; what is double then is left out."""
INTRODUCES = 0.6
"""How likely a client who writes at all begins by introducing themselves, as a member where that is done; chosen."""


def birth_of(ordinals: Ints, thresholds: tuple[int, ...]) -> Ints:
    """The first mode that has each ordinal."""
    return np.searchsorted(np.array(thresholds), ordinals, side="right").astype(np.int64)


def at_birth(size: str, birth: Ints) -> Ints:
    """A size as the mode has it in which each row is born; as heavy has it for what is born beyond."""
    known = stages(size)
    return np.array([*known, known[-1]])[birth]


@dataclass(frozen=True)
class Slots:
    """Rows of base users: the owner, which of the owner's rows it is, its birth, and whether it is asked for.

    In as few bytes as will do: millions are planned at once.
    """

    owner: NDArray[Any]
    slot: NDArray[Any]
    birth: NDArray[Any]
    asked: Bools

    def take(self, rows: Ints) -> Slots:
        """Some of the slots."""
        return Slots(self.owner[rows], self.slot[rows], self.birth[rows], self.asked[rows])


class BaseWorld:
    """Base users in order of seniority (birth, role, ordinal), base communities, and who owns how many rows."""

    def __init__(self, run: Run, sizes: Sizes) -> None:
        self.run, self.sizes = run, sizes
        asked = np.array([getattr(sizes, f"{role}s") for role in ROLES])
        counts = np.maximum(asked, [stages(f"{role}s")[-1] for role in ROLES])
        role = np.repeat(np.arange(len(ROLES)), counts)
        ordinal = np.concatenate([np.arange(count) for count in counts])
        births = [birth_of(np.arange(count), stages(f"{name}s")) for name, count in zip(ROLES, counts, strict=True)]
        birth = np.concatenate(births)
        order = np.lexsort((ordinal, role, birth))
        self.role: Ints = role[order]
        self.ordinal: Ints = ordinal[order]
        self.birth: Ints = birth[order]
        self.asked: Bools = self.ordinal < asked[self.role]
        self.ids: Ids = np.empty(len(order), dtype="S16")
        for code in range(len(ROLES)):
            mine = self.role == code
            self.ids[mine] = user_ids(code, self.ordinal[mine])
        self.keys = keys_of(self.ids)
        communities = max(sizes.communities, stages("communities")[-1])
        self.community_birth = birth_of(np.arange(communities), stages("communities"))

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def open_communities(self) -> int:
        """Up to which number base communities are asked for or there."""
        there = np.flatnonzero(self.present_communities(communities(self.run)) != NOBODY)
        return max(self.sizes.communities, int(there.max(initial=-1)) + 1)

    @cached_property
    def is_new(self) -> Bools:
        """Whose rows may be missing: those of everybody asked for, or where all modes stand, of the clients beyond.

        Nobody's rows depend on clients who come after them.
        """
        standing = self.run.standing or 0
        if standing < stages("clients")[-1]:
            return self.asked
        return self.asked & (self.role == CLIENT) & (self.ordinal >= standing)

    def of_role(self, role: int) -> Ints:
        """The base users of one role that are asked for, by seniority."""
        return np.flatnonzero(self.asked & (self.role == role))

    def present(self, people: People) -> Ints:
        """Each base user's place among the people of the database; whoever has the address and role counts."""
        place = find(self.ids, people.ids)
        missing = np.flatnonzero(place == NOBODY)
        if len(missing) and len(people):
            addresses = [email(self.role[at], int(self.ordinal[at])) for at in missing.tolist()]
            known = {
                row["email"]: row["pk"].bytes
                for row in rows(self.run, "User", email__in=addresses).values("pk", "email")
            }
            found = people.find(np.array([known.get(address, b"") for address in addresses], dtype="S16"))
            place[missing] = np.where((found >= 0) & (people.role[found] == self.role[missing]), found, NOBODY)
        return place

    def present_communities(self, communities: Communities) -> Ints:
        """Each base community's place among those of the database, by id or slug."""
        place = find(community_ids(np.arange(len(self.community_birth))), communities.ids)
        by_slug = {slug: at for at, slug in enumerate(communities.slugs)}
        for at in np.flatnonzero(place == NOBODY).tolist():
            place[at] = by_slug.get(community_slug(at), NOBODY)
        return place

    def owned(self, numbers: list[Ints], wanted: Ints, owners: Ints) -> Slots:
        """The slots of rows that users own: `wanted` at these sizes, `numbers` in each mode."""
        planned = np.where(self.birth[owners] < BEYOND, np.maximum(wanted, numbers[-1]), wanted)
        first = np.cumsum(planned) - planned
        owner = np.repeat(owners.astype(np.int32), planned)
        slot = np.arange(len(owner), dtype=np.int32) - np.repeat(first.astype(np.int32), planned)
        birth = np.zeros(len(owner), dtype=np.int8)
        for number in numbers:
            birth += np.repeat(number.astype(np.int32), planned) <= slot
        birth = np.maximum(birth, np.repeat(self.birth[owners].astype(np.int8), planned))
        return Slots(owner, slot, birth, slot < np.repeat(wanted.astype(np.int32), planned))

    def active(self, quantiles: tuple[float, ...], owners: Ints) -> Floats:
        """How active these users are by quantiles around 1."""
        return along(quantiles, liveliness(self.ids[owners], self.role[owners]))

    def drawn_slots(self, purpose: str, usual: list[Floats], asked: Floats, owners: Ints) -> Slots:
        """Rows of these owners: the number `asked` of each, `usual` in each mode, rounded up or down by lot."""
        share = self.run.draws.unit(f"{purpose} share", self.keys[owners])
        numbers = [(number + share).astype(np.int64) for number in (*usual, asked)]
        return self.owned(numbers[:-1], numbers[-1], owners)

    @cached_property
    def concerns(self) -> np.ndarray:
        """Up to six topics each user cares about: a therapist's expertise, or a client's concerns.

        Of these only such as the first world with this client has communities for.
        """
        cares = np.full((len(self), EXPERTISE), NOBODY, dtype=np.int64)
        clients, therapists = (np.flatnonzero(self.role == role) for role in (CLIENT, THERAPIST))
        held = drawn_concerns(self.keys[clients], self.ordinal[clients])
        for stage, concerns in concern_stages("clients"):
            held[(self.ordinal[clients] < stage)[:, None] & (held >= concerns)] = NOBODY
        cares[clients, :HELD] = np.take_along_axis(held, np.argsort(held == NOBODY, axis=1, kind="stable"), axis=1)
        for at, known in zip(
            therapists.tolist(), expert_in(self.keys[therapists], self.ordinal[therapists]), strict=True
        ):
            cares[at, : len(known)] = known
        return cares

    @cached_property
    def membership_slots(self) -> tuple[Slots, Ints]:
        """Memberships of base users, and the community of each: their concerns', then any.

        People beyond the mode's own have only the communities of this world to go to.
        """
        lean = np.array([-1, 0, 0, 1])[self.run.draws.below("memberships", self.keys, 4)]
        numbers = [np.maximum(average + lean, 1) for average in stages("memberships_per_user")]
        everybody = np.arange(len(self))
        slots = self.owned(numbers, np.maximum(self.sizes.memberships_per_user + lean, 1), everybody)
        topics = np.array([TOPICS.index(slug) for slug in COMMUNITY_ORDER])
        of_topic = np.argsort(topics)
        concern = self.concerns[slots.owner, np.minimum(slots.slot, EXPERTISE - 1)]
        concerned = (concern >= 0) & (slots.slot < HELD) & (of_topic[concern] < self.open_communities)
        community = np.where(concerned, of_topic[concern], NOBODY)
        open_slots = np.flatnonzero(~concerned)
        choice = np.minimum(at_birth("communities", slots.birth), max(self.open_communities, 1))
        pull = np.cumsum(np.r_[0, np.where(topics < len(CONCERNS), STRAYING, np.array(ATTRACTION)[topics])])
        for attempt in range(_ATTEMPTS):
            luck = self.run.draws.below(
                f"community {attempt}", self.keys[slots.owner[open_slots]], pull[choice[open_slots]],
                slots.slot[open_slots],
            )  # fmt: skip
            community[open_slots] = np.searchsorted(pull, luck, side="right") - 1
            again = rank_within(pair_code(slots.owner, community, len(COMMUNITY_ORDER))) > 0
            open_slots = np.flatnonzero(again & ~concerned)
        return slots, community

    @cached_property
    def chosen_in(self) -> tuple[Ints, Ints]:
        """The pairs of user and community that members chose themselves, as sorted codes, and each one's first mode."""
        slots, community = self.membership_slots
        code = pair_code(slots.owner, community, len(self.community_birth))
        order = np.lexsort((slots.birth, code))
        codes, first = np.unique(code[order], return_index=True)
        return codes, slots.birth[order][first]

    def first_memberships(self, made: Bools) -> Ints:
        """How many memberships each base user has had from the first: as asked for, or up to the last one `made`."""
        members, _ = self.membership_slots
        here = (members.birth <= self.birth[members.owner]) & (members.asked | made)
        first = np.ones(len(self), dtype=np.int64)
        np.maximum.at(first, members.owner[here], members.slot[here] + 1)
        return first

    def membership_of(self, purpose: str, slots: Slots, first: Ints) -> Ints:
        """For each row the base membership it is made in, one of so many that its owner has had from the first."""
        members, _ = self.membership_slots
        start = np.searchsorted(members.owner, slots.owner)
        return start + self.run.draws.below(purpose, self.keys[slots.owner], first[slots.owner], slots.slot)

    def written_in(self, slots: Slots, first: Ints) -> Ints:
        """For each post the base membership it is written in.

        Many clients begin where members arrive, and who belongs elsewhere as well does not write there again.
        """
        drawn = self.membership_of("posts place", slots, first)
        members, community = self.membership_slots
        arrives = np.array([TOPICS.index(slug) == ARRIVING for slug in COMMUNITY_ORDER])[community]
        arrives &= (self.role[members.owner] == CLIENT) & (members.slot < first[members.owner])
        arrival = np.full(len(self), NOBODY)
        arrival[members.owner[arrives]] = np.flatnonzero(arrives)
        begins = (slots.slot == 0) & (arrival[slots.owner] != NOBODY)
        begins &= self.run.draws.chance("introduces", self.keys[slots.owner], INTRODUCES)
        start = drawn - members.slot[drawn]
        elsewhere = np.where(arrives[drawn], start + (members.slot[drawn] + 1) % first[slots.owner], drawn)
        return np.where(begins, arrival[slots.owner], elsewhere)


class Shelf:
    """Things to answer or like, by community and age: each reader finds what every larger world shows them too."""

    def __init__(self, world: BaseWorld, community: Ints, birth: Ints, owner: Ints, weight: Ints) -> None:
        self.span = len(world) + BEYOND + 1
        code = community * self.span + np.where(birth < BEYOND, birth, BEYOND + owner)
        self.order = in_order(code)
        self.codes = code[self.order]
        self.weights = np.r_[0, np.cumsum(weight[self.order])]

    def pick(self, community: Ints, birth: Ints, reader: Ints, share: Floats) -> Ints:
        """The thing at this share of what the reader may see of the community, each as likely as it is popular; or -1.

        Weights are whole numbers, so that their sums are the same however much else the world holds.
        """
        start = np.searchsorted(self.codes, community * self.span)
        limit = community * self.span + np.where(birth < BEYOND, birth, BEYOND + reader)
        end = np.searchsorted(self.codes, limit, side="right")
        luck = ((self.weights[end] - self.weights[start]) * share).astype(np.int64)
        at = np.searchsorted(self.weights, self.weights[start] + luck, side="right") - 1
        picked = np.full(len(community), NOBODY, dtype=np.int64)
        picked[end > start] = self.order[at[end > start]]
        return picked


def turns_of_pairs(
    draws: Draws, purpose: str, keys: Keys, most_in_each_mode: tuple[int, ...], most: int
) -> tuple[Ints, Ints, Ints]:
    """Up to `most` rows for each pair, the more the higher its draw: the pair, the turn, the first mode that has it."""
    share = draws.unit(purpose, keys)
    number = np.minimum(1 + (share * most).astype(np.int64), most)
    pair = np.repeat(np.arange(len(keys)), number)
    turn = rank_within(pair)
    limits = (np.minimum(1 + (share * size).astype(np.int64), size) for size in most_in_each_mode)
    birth = sum((limit[pair] <= turn).astype(np.int64) for limit in limits)
    return pair, turn, np.asarray(birth)
