"""What enrichers and generators read of the world: people and their concerns, communities, memberships.

A person made by this toolkit is drawn from their key; a person found in the database is read off
what is there: the concerns of somebody who joined communities are those communities' concerns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import BooleanField, Case, Count, ExpressionWrapper, Q, When
from numpy.typing import NDArray

from seeding.cast import CONCERNED
from seeding.concerns import CONCERNS, PREVALENCE, topic_of
from seeding.engine.clock import HOUR
from seeding.engine.columns import BOOL, INT, JSON, MISSING, TEXT, TIME, UUID, Frame, read
from seeding.engine.grouping import Groups, find, rank_within
from seeding.engine.keys import Bools, Draws, Floats, Ids, Ints, Keys, is_base, keys_of, locality_of
from seeding.engine.minimum import Rows
from seeding.engine.run import Run

CLIENT, THERAPIST, MODERATOR, ADMIN = range(4)
ROLES = ("client", "therapist", "moderator", "admin")
ROLE_BITS = 26
"""Base users' localities hold the role above this bit and the ordinal below it."""
NOBODY = -1
CONCERN_STAGES = ((8, 5), (25, 10))
"""The first eight clients have concerns among the first five, the next up to twenty-five among the first ten:
what the smaller modes have communities for, so that a larger mode repeats the smaller one's people."""


def rows(run: Run, model: str, **where: Any) -> Any:
    """The rows of one Mentara model on this run's database."""
    return Rows(f"mentara.{model}", where).query(run.using)


class People:
    """Every user, in the order of ids, with the state that their rows are read off."""

    def __init__(self, run: Run, frame: Frame) -> None:
        self.run = run
        self.ids: Ids = frame.pk
        self.keys: Keys = keys_of(frame.pk)
        self.role: Ints = frame.role_code
        self.created: Ints = frame.created_at
        self.active: Bools = frame.is_active
        self.approved: Bools = frame.approved

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, ids: Ids) -> Ints:
        """The place of each id, or NOBODY."""
        return find(ids, self.ids)

    @cached_property
    def concerns(self) -> NDArray[np.int8]:
        """Up to three concerns each, the main one first, as numbers of CONCERNS; NOBODY fills the rest."""
        concerns = np.full((len(self), 3), NOBODY, dtype=np.int8)
        clients = self.role == CLIENT
        concerns[clients] = drawn_concerns(self.run.draws, self.keys[clients], ordinals_of(self.ids[clients]))
        foreign = clients & ~is_base(self.ids)
        if foreign.any():
            self._read_off(concerns, foreign)
        therapists = np.flatnonzero(self.role == THERAPIST)
        if len(therapists):
            found = read(rows(self.run, "Therapist"), pk=UUID, expertise=JSON)
            for place, slugs in zip(self.find(found.pk).tolist(), found.expertise, strict=True):
                known = [CONCERNS.index(slug) for slug in slugs if slug in CONCERNS] if isinstance(slugs, list) else []
                concerns[place, : len(known[:3])] = known[:3]
        return concerns

    def _read_off(self, concerns: NDArray[np.int8], foreign: Bools) -> None:
        joined = memberships(self.run, self, communities(self.run))
        about = joined.communities.topic[joined.community]
        fits = foreign[joined.user] & (about < len(CONCERNS))
        order = np.flatnonzero(fits)[np.lexsort((joined.joined_at[fits], joined.user[fits]))]
        place = rank_within(joined.user[order])
        order, place = order[place < 3], place[place < 3]
        known = np.unique(joined.user[order])
        concerns[known] = NOBODY
        concerns[joined.user[order], place] = about[order]

    def has_concern(self, topic: int) -> Bools:
        """Whose concern this topic is (a therapist's concerns are what they are expert in)."""
        return (self.concerns == topic).any(axis=1)

    def trait(self, name: str) -> Floats:
        """A stable trait of each person between 0 and 1: talkativeness, adherence and so on."""
        return Draws("people").unit(name, self.keys)

    @cached_property
    def hours(self) -> Floats:
        """The local hour around which each person is usually online, mostly evenings."""
        return Draws("people").along("hour", self.keys, (6.0, 9.0, 12.5, 18.0, 19.5, 20.5, 21.5, 22.5, 23.5))


def ordinals_of(ids: Ids) -> Ints:
    """The ordinals, from 0, of base users within their role."""
    return np.asarray(locality_of(ids) & ((1 << ROLE_BITS) - 1))


def drawn_concerns(draws: Draws, keys: Keys, ordinals: Ints) -> NDArray[np.int8]:
    """One to three concerns for clients known only by key and ordinal; those of the cast are set."""
    choice = np.full(len(keys), len(CONCERNS))
    for stage, concerns in reversed(CONCERN_STAGES):
        choice[ordinals < stage] = concerns
    weights = np.cumsum(PREVALENCE)
    found = np.full((len(keys), 3), NOBODY, dtype=np.int64)
    total = weights[choice - 1]
    found[:, 0] = np.searchsorted(weights, draws.below("concern", keys, total), side="right")
    step = 1 + draws.below("second concern", keys, choice - 1)
    found[:, 1] = (found[:, 0] + step) % choice
    third = 1 + draws.below("third concern", keys, choice - 2)
    third += third >= step
    found[:, 2] = (found[:, 0] + third) % choice
    number = 1 + (draws.unit("concerns", keys)[:, None] > np.array([0.30, 0.75])).sum(axis=1)
    found[np.arange(3)[None, :] >= number[:, None]] = NOBODY
    for at in np.flatnonzero(ordinals <= max(CONCERNED)).tolist():
        if (held := CONCERNED.get(int(ordinals[at]))) is not None:
            found[at] = [*held, NOBODY]
    return found.astype(np.int8)


def people(run: Run) -> People:
    """Every user of the database."""
    codes = [When(role=role, then=code) for code, role in enumerate(ROLES)]
    users = rows(run, "User").annotate(
        role_code=Case(*codes, default=NOBODY),
        approved=ExpressionWrapper(Q(therapist_profile__status="APPROVED"), output_field=BooleanField()),
    )
    return People(run, read(users, pk=UUID, role_code=INT, created_at=TIME, is_active=BOOL, approved=BOOL))


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


def communities(run: Run) -> Communities:
    """Every community of the database."""
    found = read(rows(run, "Community"), pk=UUID, created_at=TIME, slug=TEXT, name=TEXT)
    slugs, names = found.slug.tolist(), found.name.tolist()
    topics = [topic_of(slug, name) for slug, name in zip(slugs, names, strict=True)]
    return Communities(found.pk, found.created_at, np.array(topics, dtype=np.int64), slugs, names)


class Memberships:
    """Who belongs where since when: rows of people × communities, with lookups both ways."""

    def __init__(self, frame: Frame, everybody: People, places: Communities) -> None:
        self.people, self.communities = everybody, places
        self.user: Ints = everybody.find(frame.user_id)
        self.community: Ints = find(frame.community_id, places.ids)
        self.joined_at: Ints = frame.joined_at

    def __len__(self) -> int:
        return len(self.user)

    @cached_property
    def by_user(self) -> Groups:
        """The memberships of each user."""
        return Groups(self.user, len(self.people))

    @cached_property
    def by_community(self) -> Groups:
        """The memberships in each community."""
        return Groups(self.community, len(self.communities))

    @cached_property
    def _codes(self) -> tuple[Ints, Ints]:
        codes = self.user * len(self.communities) + self.community
        order = np.argsort(codes)
        return codes[order], order

    def row_of(self, user: Ints, community: Ints) -> Ints:
        """The membership of each user in each community, row by row, or NOBODY."""
        codes, order = self._codes
        places = find(user * len(self.communities) + community, codes)
        return np.where(places >= 0, order[places], NOBODY) if len(order) else places

    def joined(self, user: Ints, community: Ints) -> Ints:
        """When each user joined each community; long ago where they are not a member."""
        row = self.row_of(user, community)
        return np.where(row >= 0, self.joined_at[row], MISSING) if len(self) else np.full(len(row), MISSING)


def memberships(run: Run, everybody: People, places: Communities) -> Memberships:
    """Every membership of the database."""
    found = read(rows(run, "CommunityMember"), pk=UUID, user_id=UUID, community_id=UUID, joined_at=TIME)
    return Memberships(found, everybody, places)


@dataclass(frozen=True)
class Posts:
    """Every post as numbers: author, community, when, and the subject it is about (NO_SUBJECT if unknown)."""

    ids: Ids
    author: Ints
    community: Ints
    created: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def keys(self) -> Keys:
        """The posts' keys."""
        return keys_of(self.ids)

    def find(self, ids: Ids) -> Ints:
        """The place of each id, or NOBODY."""
        return find(ids, self.ids)


def posts(run: Run, everybody: People, places: Communities) -> Posts:
    """Every post of the database."""
    found = read(rows(run, "Post"), pk=UUID, user_id=UUID, community_id=UUID, created_at=TIME)
    return Posts(found.pk, everybody.find(found.user_id), find(found.community_id, places.ids), found.created_at)


def next_turn(run: Run, model: str, everybody: People, author: Ints) -> Ints:
    """The number of each new row among its author's rows of this model, counting on from those that are there."""
    counted = rows(run, model).values("user_id").annotate(number=Count("pk"))
    found = read(counted, user_id=UUID, number=INT)
    written = np.zeros(len(everybody), dtype=np.int64)
    written[everybody.find(found.user_id)] = found.number
    return written[author] + rank_within(author)


LOCAL_OFFSETS = {"en_PH": 8, "en_US": -5, "en_GB": 0, "en_AU": 10, "en_CA": -5, "en_IN": 5, "de_DE": 1, "fr_FR": 1}
"""Hours between a locale's usual time and UTC, for the hours people write at; others count as UTC."""


def local_offset(run: Run) -> int:
    """The run's local time's distance from UTC in microseconds."""
    return LOCAL_OFFSETS.get(run.locale, 0) * HOUR
