"""Post: every client and therapist has written, and every community has something to read."""

from __future__ import annotations

import numpy as np

from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects
from seeding.engine.keys import Ints
from seeding.rows.posts import post_rows
from seeding.world import Memberships, communities, memberships, next_turn, people


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
        """Authors who owe posts serve communities that lack them; what is left is written by talkative members."""
        if not gaps:
            return
        everybody = people(self.run)
        members = memberships(self.run, everybody, communities(self.run))
        owed = np.zeros(len(everybody), dtype=np.int64)
        for key in ("client.posts", "therapist.posts"):
            at = everybody.find(gaps[key].ids)
            owed[at] = np.maximum(owed[at], gaps[key].needs)
        owed[members.by_user.counts == 0] = 0
        missing = np.zeros(len(members.communities), dtype=np.int64)
        missing[np.searchsorted(members.communities.ids, gaps["community.posts"].ids)] = gaps["community.posts"].needs

        author = np.repeat(np.arange(len(everybody)), owed)
        community = self.where_to_write(members, author, missing)
        extra_author, extra_community = self.who_else_writes(members, missing, community)
        author, community = np.r_[author, extra_author], np.r_[community, extra_community]
        if len(author):
            ids = self.new_ids("mentara.Post", everybody.ids[author])
            turn = next_turn(self.run, "Post", everybody, author)
            columns, dated_back = post_rows(self.run, ids, members, author, community, turn)
            self.write("mentara.Post", columns, dated_back)

    def where_to_write(self, members: Memberships, author: Ints, missing: Ints) -> Ints:
        """A community for each owed post: the author's neediest while some lack posts, then by turns."""
        still = missing.copy()
        turn = np.arange(len(author))
        start = self.run.draws.below("first place", members.people.keys[author], members.by_user.counts[author])
        place = (start + turn) % members.by_user.counts[author] if len(author) else turn
        chosen = members.community[members.by_user.member(author, place)]
        for at, user in enumerate(author.tolist()):
            if not (still > 0).any():
                break
            own = members.community[members.by_user.of(user)]
            neediest = own[np.argmax(still[own])]
            if still[neediest] > 0:
                chosen[at] = neediest
            still[chosen[at]] -= 1
        return np.asarray(chosen, dtype=np.int64)

    def who_else_writes(self, members: Memberships, missing: Ints, planned: Ints) -> tuple[Ints, Ints]:
        """Authors for what communities still lack: their members by turns, the talkative first."""
        lacking = missing - np.bincount(planned, minlength=len(missing))
        lacking[members.by_community.counts == 0] = 0
        talk = members.people.trait("talkative")
        authors: list[int] = []
        places: list[int] = []
        for place in np.flatnonzero(lacking > 0).tolist():
            own = members.user[members.by_community.of(place)]
            ranked = own[np.argsort(-talk[own], kind="stable")]
            authors += np.resize(ranked, lacking[place]).tolist()
            places += [place] * int(lacking[place])
        return np.array(authors, dtype=np.int64), np.array(places, dtype=np.int64)
