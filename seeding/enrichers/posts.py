"""Post: every client and therapist has written, and every community has something to read."""

from __future__ import annotations

from functools import partial

import numpy as np

from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects
from seeding.engine.grouping import Groups
from seeding.engine.keys import Ints
from seeding.engine.pairs import needed
from seeding.planning.turns import next_slots
from seeding.rows.posts import post_rows
from seeding.texts.composing import GAP_TURNS
from seeding.world.communities import Memberships, communities, memberships
from seeding.world.people import people

ELSEWHERE = 0.1
"""How much clients write where others' concerns are at home, or members arrive, against what they write elsewhere."""
LEAST = 0.01
"""What the most silent member's chance to be asked for a post weighs, against 1 for the average member's."""


class PostsEnricher(Enricher):
    """Members write in the communities they belong to, where something is missing first."""

    table = "Post"
    fills = ("client.posts", "therapist.posts", "community.posts")
    after = ("CommunityMember",)

    def ensure_user_has_posts(self, users: Subjects = None) -> int:
        """Each client and approved therapist has written enough posts."""
        return self.fill("client.posts", "therapist.posts", subjects=users)

    def ensure_community_has_posts(self, those: Subjects = None) -> int:
        """Each community has enough posts."""
        return self.fill("community.posts", subjects=those)

    def supply(self, gaps: Gaps) -> None:
        """Authors who owe posts serve communities that lack them; what is left is written by active members."""
        if not gaps:
            return
        everybody = people(self.run)
        members = memberships(self.run, everybody, communities(self.run))
        as_client, as_therapist = (gaps[key].needed_by(everybody.ids) for key in ("client.posts", "therapist.posts"))
        owed = np.maximum(as_client, as_therapist)
        owed[members.by_user.counts == 0] = 0
        missing = gaps["community.posts"].needed_by(members.communities.ids)

        author = np.repeat(np.arange(len(everybody)), owed)
        community = self.where_to_write(members, author, missing)
        extra_author, extra_community = self.who_else_writes(members, missing, community)
        author, community = np.r_[author, extra_author], np.r_[community, extra_community]
        takes = needed(author, community, owed, missing)
        author, community = author[takes], community[takes]
        if len(author):
            slots = next_slots(self.run, "Post", everybody, author)
            ids = self.new_ids("mentara.Post", everybody.ids, author, slots)
            plan = (ids, author, community, GAP_TURNS + slots)
            self.write_rows("mentara.Post", partial(post_rows, self.run, members), *plan)

    def where_to_write(self, members: Memberships, author: Ints, missing: Ints) -> Ints:
        """A community for each owed post: the author's neediest while some lack posts, then by turns.

        Authors keep to where they are at home, unless they belong nowhere such. Where members arrive a client is asked
        for one post, unless they belong nowhere else.
        """
        homely = np.bincount(members.user[members.at_home], minlength=len(members.people))
        rows = np.flatnonzero(members.at_home | (homely[members.user] == 0))
        own_places = Groups(members.user[rows], len(members.people), rows)
        still = missing.copy()
        turn = np.arange(len(author))
        start = self.run.draws.below("first place", members.people.keys[author], own_places.counts[author])
        place = (start + turn) % own_places.counts[author]
        chosen, arriving = own_places.member(author, place), members.arriving
        have_arrived: set[int] = set()
        for at, user in enumerate(author.tolist()):
            if not (still > 0).any():
                break
            own = own_places.of(user)
            if user in have_arrived and not arriving[own].all():
                own = own[~arriving[own]]
            neediest = own[np.argmax(still[members.community[own]])]
            if still[members.community[neediest]] > 0:
                chosen[at] = neediest
            still[members.community[chosen[at]]] -= 1
            if arriving[chosen[at]]:
                have_arrived.add(user)
        return np.asarray(members.community[chosen], dtype=np.int64)

    def who_else_writes(self, members: Memberships, missing: Ints, planned: Ints) -> tuple[Ints, Ints]:
        """Authors for what communities still lack: the most active first of all, where they are at home."""
        lacking = missing - np.bincount(planned, minlength=len(missing))
        lacking[members.by_community.counts == 0] = 0
        active = np.where(members.people.quiet, 0.0, members.people.activity)[members.user]
        weight = active * active * np.where(members.at_home & ~members.arriving, 1.0, ELSEWHERE) + LEAST
        authors: list[int] = []
        places: list[int] = []
        for place in np.flatnonzero(lacking > 0).tolist():
            own = members.by_community.of(place)
            up_to = np.cumsum(weight[own])
            marks = (np.arange(lacking[place]) + 0.5) * (up_to[-1] / lacking[place])
            authors += members.user[own[np.searchsorted(up_to, marks)]].tolist()
            places += [place] * int(lacking[place])
        return np.array(authors, dtype=np.int64), np.array(places, dtype=np.int64)
