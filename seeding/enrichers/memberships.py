"""CommunityMember: nobody is without a community, and no community is deserted or without a moderator."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice

import numpy as np

from seeding.engine.columns import UUID, read
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects
from seeding.engine.keys import Floats, Ids, Ints
from seeding.engine.pairs import some_then_all
from seeding.rows.memberships import membership_rows
from seeding.world.communities import communities, memberships
from seeding.world.concerns import CONCERNS
from seeding.world.mentara import rows
from seeding.world.people import ADMIN, CLIENT, MODERATOR, THERAPIST, people

ACTIVE = {
    "client.communityMemberships": ("client.posts", "client.comments", "client.hearts"),
    "therapist.communityMemberships": ("therapist.posts", "therapist.comments"),
}
"""What people owe that they can do in a community only; so they join one even where none is asked for."""
STANDING = {CLIENT: 1.0, THERAPIST: 1.5, MODERATOR: 1.2, ADMIN: 0.2}
"""Whom a community about no concern finds first; one about a concern finds those clients first who have it."""
CONCERNED, CHANCE, BUSY, CLOSED = 3.0, 0.8, 0.15, 6.0
"""What a concern in common and chance count for a member, each membership held and a closed account against; chosen."""
SUITED, COMPANY = 4.0, 2.0
"""What a concern in common, and company that is missing, count for a community; chosen, against chance from 0 to 1."""
_AT_ONCE = 100_000
"""So many pairs of a user and a community are weighed at a time, so that memory does not grow with them."""


class MembershipsEnricher(Enricher):
    """Everybody finds a community that fits, and every community has company and somebody who looks after it."""

    table = "CommunityMember"
    fills = (
        "client.communityMemberships",
        "therapist.communityMemberships",
        "community.members",
        "community.moderators",
    )

    def ensure_user_in_communities(self, users: Subjects = None) -> int:
        """Each client and approved therapist belongs to enough communities."""
        return self.fill("client.communityMemberships", "therapist.communityMemberships", subjects=users)

    def ensure_community_has_members(self, those: Subjects = None) -> int:
        """Each community has enough members."""
        return self.fill("community.members", subjects=those)

    def ensure_community_has_moderators(self, those: Subjects = None) -> int:
        """Each community has enough moderators."""
        return self.fill("community.moderators", subjects=those)

    def supply(self, gaps: Gaps) -> None:
        """Moderators first, for they count as members too; then people without a place; then places without people."""
        joining = {key: self.joining(gaps, key) for key in ACTIVE}
        crowd = self.crowd() if "community.members" in gaps and gaps.subjects is None else 0
        if not (gaps or crowd or any(len(ids) for ids, _ in joining.values())):
            return
        self.people = people(self.run)
        self.communities = communities(self.run)
        self.members = memberships(self.run, self.people, self.communities)
        self.loads = np.bincount(self.members.user, minlength=len(self.people))
        self.joined: dict[int, set[int]] = defaultdict(set)
        self.planned: list[tuple[int, int]] = []
        members_missing = gaps["community.members"].needed_by(self.communities.ids)
        members_missing = np.maximum(members_missing, crowd - self.members.by_community.counts)

        moderators = gaps["community.moderators"]
        for place, needs in zip(self.communities.find(moderators.ids).tolist(), moderators.needs.tolist(), strict=True):
            members_missing[place] -= self.join_best(place, needs, only=MODERATOR)
        for ids, needed in joining.values():
            users = self.people.find(ids)
            left = needed - np.array([len(self.joined.get(user, ())) for user in users.tolist()], dtype=np.int64)
            self.join_all(users[left > 0], left[left > 0], members_missing)
        for place in np.flatnonzero(members_missing > 0).tolist():
            self.join_best(place, int(members_missing[place]))
        self.write_planned()

    def joining(self, gaps: Gaps, key: str) -> tuple[Ids, Ints]:
        """Who joins how many communities: those short, or if none is asked for those who owe what takes one."""
        gap = gaps[key]
        if key not in gaps or gap.at_least > 0:
            return gap.ids, gap.needs
        owing = np.unique(np.concatenate([self.gap(other, gaps.subjects).ids for other in ACTIVE[key]]))
        placed = read(rows(self.run, "CommunityMember"), user_id=UUID).user_id if len(owing) else owing
        ids = owing[~np.isin(owing, placed)]
        return ids, np.ones(len(ids), dtype=np.int64)

    def crowd(self) -> int:
        """How many members it takes until posts are written, answered and liked by others; 0 if all have so many."""
        hearts, written = self.least("post.hearts"), self.least("community.posts") + self.least("post.comments")
        crowd = hearts + 1 if hearts else min(written, 1)
        return crowd if crowd > self.least("community.members") else 0

    def places_of(self, user: int) -> list[int]:
        """The communities that somebody belongs to, by now or before this run."""
        return [*self.members.community[self.members.by_user.of(user)].tolist(), *self.joined.get(user, ())]

    def join(self, user: int, place: int) -> None:
        """Plan one membership."""
        self.planned.append((user, place))
        self.joined[user].add(place)
        self.loads[user] += 1

    def join_all(self, users: Ints, needed: Ints, missing: Ints) -> None:
        """Plan so many communities for each user: one by one while places lack members, then many at a time."""
        alone = 0
        while alone < len(users) and (missing > 0).any():
            for _, place in self.best_places(users[alone : alone + 1], needed[alone : alone + 1], missing):
                self.join(int(users[alone]), place)
                missing[place] -= 1
            alone += 1
        at_once = _AT_ONCE // max(len(missing), 1) + 1
        for start in range(alone, len(users), at_once):
            some = slice(start, start + at_once)
            for user, place in self.best_places(users[some], needed[some], missing):
                self.join(user, place)

    def best_places(self, users: Ints, needed: Ints, missing: Ints) -> list[tuple[int, int]]:
        """Each user with the communities that fit them best: their concerns first, then where company is missing."""
        topic = self.communities.topic
        fits = (self.people.concerns[users][:, :, None] == topic).any(axis=1)
        noise = self.run.draws.unit("place", self.people.keys[users][:, None], np.arange(len(topic)))
        score = SUITED * fits + COMPANY * (missing > 0) + noise
        for at, user in enumerate(users.tolist()):
            score[at, self.places_of(user)] = -np.inf
        row, rank = np.nonzero(np.arange(len(topic)) < needed[:, None])
        place = np.argsort(-score, axis=1)[row, rank]
        free = score[row, place] > -np.inf
        return list(zip(users[row[free]].tolist(), place[free].tolist(), strict=True))

    def join_best(self, place: int, needs: int, only: int | None = None) -> int:
        """Plan the users who fit a community best, as many as needed and there are; returns how many."""
        everybody = np.arange(len(self.people)) if only is None else np.flatnonzero(self.people.role == only)
        there = set(self.members.user[self.members.by_community.of(place)].tolist())
        best: list[int] = []
        for some in some_then_all(self.run.draws, place, everybody):
            ranked = some[np.argsort(-self.fitness(place, some), kind="stable")].tolist()
            strangers = (user for user in ranked if user not in there and place not in self.joined.get(user, ()))
            best = list(islice(strangers, needs))
            if len(best) == needs:
                break
        for user in best:
            self.join(user, place)
        return len(best)

    def fitness(self, place: int, users: Ints) -> Floats:
        """How well these users fit: those concerned, therapists who know the concern, staff, then everybody else."""
        role = self.people.role[users]
        standing = np.zeros(len(users))
        for one, value in STANDING.items():
            standing[role == one] = value
        topic = int(self.communities.topic[place])
        if topic < len(CONCERNS):
            standing[role == CLIENT] = -1.0
        concerned = (self.people.concerns[users] == topic).any(axis=1)
        noise = self.run.draws.unit("member", self.people.keys[users], place)
        against = BUSY * self.loads[users] + CLOSED * ~self.people.active[users]
        return standing + CONCERNED * concerned + CHANCE * noise - against

    def write_planned(self) -> None:
        """Write the planned memberships."""
        if self.planned:
            user, place = np.array(self.planned, dtype=np.int64).T
            ids = self.new_ids("mentara.CommunityMember", self.people.ids, user)
            columns, dated_back = membership_rows(self.run, ids, self.people, user, self.communities, place)
            self.write("mentara.CommunityMember", columns, dated_back)
