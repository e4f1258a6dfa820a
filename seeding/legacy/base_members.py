"""Base members in the communities they belong to, and how many rows each of them makes there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.columns import UUID, read
from seeding.engine.grouping import distinct, is_in
from seeding.engine.keys import BASE, Bools, Ints, id_range, uuids_of
from seeding.engine.pairs import pair_code
from seeding.legacy.base import Base
from seeding.legacy.plan import Slots
from seeding.requirements import stages
from seeding.world.communities import Memberships, communities, memberships
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import people


class BaseMembers:
    """Who is there, and where: base rows refer to base rows only.

    Therapists who were not approved write nothing.
    """

    def __init__(self, base: Base) -> None:
        self.base, self.run, self.sizes = base, base.run, base.sizes
        self.world = base.world
        self.members: Memberships = memberships(base.run, people(base.run), communities(base.run))
        present = self.world.present(self.members.people)
        user_at = np.where(np.r_[self.members.people.quiet, False][present], NOBODY, present)
        self.user_at: NDArray[Any] = user_at.astype(np.int32)
        self.place_at = self.world.present_communities(self.members.communities)
        here = self.place_at != NOBODY
        self.base_community = np.full(len(self.members.communities), NOBODY)
        self.base_community[self.place_at[here]] = np.flatnonzero(here)
        new = self.user_at[self.world.is_new]
        self.newcomers = self.members.people.ids[new[new != NOBODY]]
        self.memberships = self.world.first_memberships(self.made())

    def made(self) -> Bools:
        """Which planned memberships exist as base rows; looked up only for those that were not asked for."""
        slots, community = self.world.membership_slots
        user, place = self.user_at[slots.owner], self.place_at[community]
        made = ~slots.asked & (user != NOBODY) & (place != NOBODY)
        whose = self.members.people.ids[distinct(user[made])]
        ours = rows(self.run, "CommunityMember", pk__range=id_range(BASE), user__in=uuids_of(whose))
        found = read(ours, user_id=UUID, community_id=UUID)
        member, joined = self.members.people.find(found.user_id), self.members.communities.find(found.community_id)
        span = len(self.members.communities)
        made[made] = is_in(pair_code(user[made], place[made], span), pair_code(member, joined, span))
        return made

    def slots(
        self, purpose: str, a_post: int, quantiles: tuple[float, ...], owners: Ints, *, writing: bool = False
    ) -> tuple[Slots, Ints, Ints]:
        """Rows of active users that can be made here, on average so many `a_post` that a user writes.

        Returns the slots, and base community and community of each; `writing` is done in fewer places than reading.
        """
        active = a_post * self.world.active(quantiles, owners)
        usual = [posts * active for posts in stages("posts_per_user")]
        slots = self.world.drawn_slots(purpose, usual, self.sizes.posts_per_user * active, owners)
        if writing:
            membership = self.world.written_in(slots, self.memberships)
        else:
            membership = self.world.membership_of(f"{purpose} place", slots, self.memberships)
        community = self.world.membership_slots[1][membership]
        user, place = self.user_at[slots.owner], self.place_at[community]
        good = np.flatnonzero((user != NOBODY) & (place != NOBODY))
        good = good[self.members.row_of(user[good], place[good]) != NOBODY]
        return slots.take(good), community[good], place[good]

    def new(self, slots: Slots) -> Ints:
        """Which of the rows are asked for and may be missing."""
        return np.flatnonzero(slots.asked & self.world.is_new[slots.owner])

    def belongs(self, user: Ints, community: Ints) -> Bools:
        """Whether each user is a member; under another seed a row may stand elsewhere than this one would put it."""
        return self.members.row_of(user, community) != NOBODY
