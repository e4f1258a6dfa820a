"""Heart: clients like what others write, and every post is liked by somebody."""

from __future__ import annotations

from functools import partial

import numpy as np

from seeding.engine.columns import UUID, narrowed, read
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.errors import UnknownRowError
from seeding.engine.gaps import Gap, Subjects
from seeding.engine.grouping import Groups, distinct
from seeding.engine.keys import Ids, Ints, Keys
from seeding.engine.pairs import Codes, Matching, needed, pair_code
from seeding.rows.hearts import heart_rows
from seeding.world.communities import Memberships, Posts, comments, communities, memberships, posts
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import people


class HeartsEnricher(Enricher):
    """Clients who gave few hearts give them to posts that have few, never to their own."""

    table = "Heart"
    fills = ("client.hearts", "post.hearts")
    after = ("Comment",)

    def ensure_user_gives_hearts(self, users: Subjects = None) -> int:
        """Each client has given enough hearts."""
        return self.fill("client.hearts", subjects=users)

    def ensure_post_has_hearts(self, those: Subjects = None) -> int:
        """Each post has enough hearts."""
        return self.fill("post.hearts", subjects=those)

    def supply(self, gaps: Gaps) -> None:
        """Owed hearts meet unloved posts; the rest goes to popular posts or a comment, or comes from the sociable."""
        if not gaps:
            return
        members = memberships(self.run, people(self.run), communities(self.run))
        everything = posts(self.run, members.people, members.communities)
        giver, post, left = self.planned(gaps, members, everything)
        self.write_hearts(members, everything, giver, post)
        if len(left):
            self.heart_comments(members, everything, left)

    def planned(self, gaps: Gaps, members: Memberships, everything: Posts) -> tuple[Ints, Ints, Ints]:
        """Who is to heart which post, and who finds no post for one they owe."""
        owed = self.owed(gaps, members)
        plan, lacks, left = self.drafted(members, everything, owed, gaps["post.hearts"])
        takes = needed(plan.owners, plan.targets, owed, lacks)
        return plan.owners[takes], plan.targets[takes], left

    def drafted(self, members: Memberships, everything: Posts, owed: Ints, lacking: Gap) -> tuple[Matching, Ints, Ints]:
        """A plan that may hold more than it takes, how many hearts each post lacks, and whom it leaves owing one."""
        giver, place = self.by_turns(members, owed)
        by_community = Groups(everything.community, len(members.communities))
        given = self.given(members, everything, members.people.ids[distinct(giver)], lacking.ids)
        plan = self.matching(members, everything.author, everything.keys, given)
        post = np.repeat(everything.find(lacking.ids), lacking.needs)
        lacks = np.bincount(post, minlength=len(everything))

        giver_done, post_done = plan.meet(giver, place, post, everything.community[post])
        giver, place, post = giver[~giver_done], place[~giver_done], post[~post_done]
        popular, sociable = everything.by_popularity(len(members.communities)), members.by_sociability()
        found = plan.choose("owner", giver, place, popular, np.arange(len(everything)))
        plan.choose("target", post, everything.community[post], sociable, members.user)
        return plan, lacks, self.left(plan, members, by_community, giver[~found])

    def matching(self, members: Memberships, author: Ints, target_keys: Keys, given: Ints) -> Matching:
        """A plan of hearts on things written by these authors, none on one's own, none given already."""
        keys = members.people.keys, target_keys
        return Matching(self.run.draws, "heart", author, *keys, unique=True, taken=Codes(given))

    def given(self, members: Memberships, everything: Posts, givers: Ids, lacking: Ids) -> Ints:
        """The hearts that posts have already, as pair codes: all that these people gave or these posts have."""
        hearts = narrowed(self.run, rows(self.run, "Heart", post__isnull=False), user_id=givers, post_id=lacking)
        found = read(hearts, user_id=UUID, post_id=UUID)
        return pair_code(members.people.find(found.user_id), everything.find(found.post_id), len(everything))

    def owed(self, gaps: Gaps, members: Memberships) -> Ints:
        """How many hearts each person owes who belongs to a community."""
        owed = gaps["client.hearts"].needed_by(members.people.ids)
        owed[members.by_user.counts == 0] = 0
        return owed

    def by_turns(self, members: Memberships, owed: Ints) -> tuple[Ints, Ints]:
        """The giver of each heart owed, with one of their communities by turns."""
        giver = np.repeat(np.arange(len(owed)), owed)
        turn = np.arange(len(giver)) % np.maximum(members.by_user.counts[giver], 1)
        return giver, members.community[members.by_user.member(giver, turn)]

    def left(self, plan: Matching, members: Memberships, by_community: Groups, giver: Ints) -> Ints:
        """Have each of these give one more heart to anything there is; returns whose heart found nothing."""
        users, owed = np.unique(giver, return_counts=True)
        given = [
            self.elsewhere(plan, members, by_community, *one) for one in zip(users.tolist(), owed.tolist(), strict=True)
        ]
        return np.repeat(users, owed - np.array(given, dtype=np.int64))

    def elsewhere(self, plan: Matching, members: Memberships, by_community: Groups, user: int, number: int) -> int:
        """Give so many more hearts to any posts in any of the user's communities; returns how many found one."""
        given = 0
        for place in members.community[members.by_user.of(user)].tolist():
            targets = by_community.of(place)
            owner = np.full(len(targets), user, dtype=np.int64)
            free = np.flatnonzero(plan.free(owner, targets))[: number - given]
            given += int(plan.add(owner[free], targets[free]).sum())
        return given

    def write_hearts(self, members: Memberships, everything: Posts, giver: Ints, post: Ints) -> None:
        """Write the planned hearts on posts."""
        if len(giver):
            ids = self.new_ids("mentara.Heart", members.people.ids, giver)
            rows_of = partial(heart_rows, self.run, members, everything, "post_id")
            self.write_rows("mentara.Heart", rows_of, ids, giver, post)

    def heart_comments(self, members: Memberships, everything: Posts, giver: Ints) -> None:
        """For those who have hearted every post they can: hearts on comments in their communities."""
        written = comments(self.run, members, everything)
        if (written.community == NOBODY).any():  # on a post that has come since
            raise UnknownRowError
        found = read(rows(self.run, "Heart", comment__isnull=False), user_id=UUID, comment_id=UUID)
        given = pair_code(members.people.find(found.user_id), written.find(found.comment_id), len(written))
        plan = self.matching(members, written.author, written.keys, given)
        by_community = Groups(written.community, len(members.communities))
        self.left(plan, members, by_community, giver)
        if len(plan.owners):
            ids = self.new_ids("mentara.Heart", members.people.ids, plan.owners)
            rows_of = partial(heart_rows, self.run, members, written, "comment_id")
            self.write_rows("mentara.Heart", rows_of, ids, plan.owners, plan.targets)
