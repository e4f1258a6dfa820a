"""Communities, who belongs where, and the posts written there, as arrays over the people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.columns import MISSING, TEXT, TIME, UUID, Frame, places_of, read
from seeding.engine.grouping import Groups, WeightedGroups, find, in_order
from seeding.engine.keys import BASE, Bools, Draws, Ids, Ints, Keys, id_range, ids_of, keys_of
from seeding.engine.pairs import pair_code
from seeding.engine.run import Run
from seeding.engine.values import Columns
from seeding.world.concerns import ARRIVING, CONCERNS, topic_of
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import CLIENT, People

POPULARITY = (1.0, 1.0, 1.3, 1.8, 2.4, 3.2, 4.5, 7.0, 30.0)
"""Octiles of how much attention a post or comment attracts: the most popular eighth draws some half of it; chosen."""


@dataclass(frozen=True)
class Communities:
    """Every community, in the order of ids, with the topic it is about."""

    ids: Ids
    created: Ints
    topic: Ints
    slugs: list[str]
    names: list[str]

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, ids: Ids) -> Ints:
        """The place of each id. Raises UnknownRowError for one that is not among them."""
        return places_of(ids, self.ids)


def communities(run: Run) -> Communities:
    """Every community of the database."""

    def ask() -> Communities:
        found = read(rows(run, "Community"), pk=UUID, created_at=TIME, slug=TEXT, name=TEXT)
        slugs, names = found.slug.tolist(), found.name.tolist()
        topics = [topic_of(slug, name) for slug, name in zip(slugs, names, strict=True)]
        return Communities(found.pk, found.created_at, np.array(topics, dtype=np.int64), slugs, names)

    return run.once("communities", ("Community",), ask, small=True)


@dataclass(frozen=True)
class Memberships:
    """Who belongs where since when: rows of people × communities in the order of ids, with lookups both ways."""

    people: People
    communities: Communities
    ids: Ids
    user: Ints
    community: Ints
    joined_at: Ints

    @classmethod
    def of(cls, everybody: People, places: Communities, rows: Frame) -> Memberships:
        """Those of these rows."""
        user, community = everybody.find(rows.user_id), places.find(rows.community_id)
        return cls(everybody, places, rows.id, user, community, rows.joined_at)

    def __len__(self) -> int:
        return len(self.user)

    def with_new(self, rows: Columns) -> Memberships:
        """The same and these new rows."""
        new = Memberships.of(self.people, self.communities, Frame({**rows}))
        return Memberships(self.people, self.communities, *_together(self.columns, new.columns))

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        """The ids and what is known of each."""
        return self.ids, self.user, self.community, self.joined_at

    @cached_property
    def by_user(self) -> Groups:
        """The memberships of each user."""
        return Groups(self.user, len(self.people))

    def by_sociability(self) -> WeightedGroups:
        """The memberships in each community, weighing as much as the member answers and likes.

        Who keeps quiet weighs nothing.
        """
        weight = 1 + (2 * self.people.sociability[self.user]).astype(np.int64)
        weight[self.people.quiet[self.user]] = 0
        return WeightedGroups(self.community, len(self.communities), weight)

    @cached_property
    def by_community(self) -> Groups:
        """The memberships in each community."""
        return Groups(self.community, len(self.communities))

    @cached_property
    def _codes(self) -> tuple[Ints, Ints]:
        """The pairs as codes, in order, and the row of each; then NOBODY."""
        codes = pair_code(self.user, self.community, len(self.communities))
        order = in_order(codes)
        return codes[order], np.r_[order, NOBODY]

    @cached_property
    def at_home(self) -> Bools:
        """Which memberships suit the member: a client's in general communities and those of their own concerns."""
        topic = self.communities.topic[self.community]
        own = (self.people.concerns[self.user] == topic[:, None]).any(axis=1)
        return np.asarray(own | (topic >= len(CONCERNS)) | (self.people.role[self.user] != CLIENT))

    @cached_property
    def arriving(self) -> Bools:
        """Which memberships are of clients where members introduce themselves."""
        arrive = self.communities.topic == ARRIVING
        return np.asarray(arrive[self.community] & (self.people.role[self.user] == CLIENT))

    def row_of(self, user: Ints, community: Ints) -> Ints:
        """The membership of each user in each community, row by row, or NOBODY."""
        codes, rows_of = self._codes
        return rows_of[find(pair_code(user, community, len(self.communities)), codes)]

    def joined(self, user: Ints, community: Ints) -> Ints:
        """When each user joined each community; long ago where they are not a member."""
        row = self.row_of(user, community)
        return np.where(row >= 0, self.joined_at[row], MISSING) if len(self) else np.full(len(row), MISSING)


def memberships(run: Run, everybody: People, places: Communities) -> Memberships:
    """Every membership of the database."""

    def ask() -> Memberships:
        found = read(rows(run, "CommunityMember"), id=UUID, user_id=UUID, community_id=UUID, joined_at=TIME)
        return Memberships.of(everybody, places, found)

    tables = ("CommunityMember", "User", "Therapist", "Community")
    return run.once("memberships", tables, ask, grows={"CommunityMember": Memberships.with_new})


@dataclass(frozen=True)
class Posts:
    """Posts, or comments, as numbers: author and community, in four bytes each, and when."""

    ids: Ids
    author: NDArray[Any]
    community: NDArray[Any]
    created: Ints

    @classmethod
    def of(cls, everybody: People, places: Communities, rows: Frame) -> Posts:
        """Those of these rows."""
        author, community = everybody.find(rows.user_id), places.find(rows.community_id)
        return cls(rows.id, author.astype(np.int32), community.astype(np.int32), rows.created_at)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def base(self) -> Posts:
        """The base posts among them."""
        first, last = ids_of(id_range(BASE))
        some = slice(np.searchsorted(self.ids, first), np.searchsorted(self.ids, last, side="right"))
        return Posts(*(column[some] for column in self.columns))

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        """The ids and what is known of each."""
        return self.ids, self.author, self.community, self.created

    @cached_property
    def keys(self) -> Keys:
        """The posts' keys."""
        return keys_of(self.ids)

    def by_popularity(self, communities: int) -> WeightedGroups:
        """The posts in each community, weighing as much as they are read."""
        return WeightedGroups(self.community, communities, popularity(self.keys))

    def find(self, ids: Ids) -> Ints:
        """The place of each id, NOBODY for null. Raises UnknownRowError for one that is not among them."""
        return places_of(ids, self.ids)


def posts(run: Run, everybody: People, places: Communities) -> Posts:
    """Every post of the database, in the order of ids."""

    def ask() -> Posts:
        found = read(rows(run, "Post"), id=UUID, user_id=UUID, community_id=UUID, created_at=TIME)
        return Posts.of(everybody, places, found)

    def with_new(known: Posts, rows: Columns) -> Posts:
        new = Posts.of(everybody, places, Frame({**rows}))
        return Posts(*_together(known.columns, new.columns))

    return run.once("posts", ("Post", "User", "Therapist", "Community"), ask, grows={"Post": with_new})


def _together(known: tuple[NDArray[Any], ...], new: tuple[NDArray[Any], ...]) -> Iterator[NDArray[Any]]:
    """Columns of rows in the order of ids, which come first, with those of new rows in their places."""
    order = in_order(new[0])
    places = np.searchsorted(known[0], new[0][order])
    return (np.insert(column, places, more[order]) for column, more in zip(known, new, strict=True))


def comments(run: Run, members: Memberships, everything: Posts, **where: Any) -> Posts:
    """Every comment of the database, or those that a filter names; the community of one on another post is NOBODY."""
    found = read(rows(run, "Comment", **where), pk=UUID, user_id=UUID, post_id=UUID, created_at=TIME)
    author = members.people.find(found.user_id).astype(np.int32)
    community = np.r_[everything.community, NOBODY].astype(np.int32)[find(found.post_id, everything.ids)]
    return Posts(found.pk, author, community, found.created_at)


def popularity(keys: Keys) -> Ints:
    """How much attention posts or comments with these keys attract, as weights from 1 up."""
    return Draws("popularity").along("weight", keys, POPULARITY).astype(np.int64)
