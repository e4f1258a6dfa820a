"""Comment: clients and therapists take part, and no post stays without an answer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.columns import NULL_ID
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Gap, Subjects
from seeding.engine.grouping import Groups, rank_within
from seeding.engine.keys import Bools, Ids, Ints
from seeding.engine.pairs import Matching
from seeding.engine.writer import Columns
from seeding.rows.comments import comment_rows, replied_to
from seeding.texts.turns import GAP_TURNS, next_slots
from seeding.world.communities import Memberships, Posts, communities, memberships, posts
from seeding.world.people import people

Places = NDArray[Any]
"""Places among people or posts, in four bytes each."""


class CommentsEnricher(Enricher):
    """Members who have said little answer the posts of their communities that few have answered."""

    table = "Comment"
    fills = ("client.comments", "therapist.comments", "post.comments")
    after = ("CommunityMember", "Post")

    def ensure_user_has_comments(self, users: Subjects = None) -> int:
        """Each client and approved therapist has written enough comments."""
        return self.fill("client.comments", "therapist.comments", subjects=users)

    def ensure_post_has_comments(self, those: Subjects = None) -> int:
        """Each post has enough comments."""
        return self.fill("post.comments", subjects=those)

    def supply(self, gaps: Gaps) -> None:
        """Owed comments meet unanswered posts; the rest goes to popular posts or comes from the sociable."""
        if not gaps:
            return
        members = memberships(self.run, people(self.run), communities(self.run))
        everything = posts(self.run, members.people, members.communities)
        answered = self.answered(everything, gaps["post.comments"])
        author, post = self.planned(gaps, members, everything)
        gaps.clear()  # so that memory holds the plan instead
        self.write_comments(members, everything, author, post, answered)

    def planned(self, gaps: Gaps, members: Memberships, everything: Posts) -> tuple[Places, Places]:
        """Who is to comment on which post, in as little memory as it takes: there are millions."""
        by_community = Groups(everything.community, len(members.communities))
        author, place = self.owed(gaps, members, by_community)
        lacking = gaps["post.comments"]
        post = np.repeat(everything.find(lacking.ids), lacking.needs)

        plan = Matching(
            self.run.draws,
            "comment",
            lambda owner, target: everything.author[target] == owner,
            members.people.keys,
            everything.keys,
            unique=False,
        )
        author_done, post_done = plan.meet(author, place, post, everything.community[post])
        author, place, post = author[~author_done], place[~author_done], post[~post_done]
        popular, sociable = everything.by_popularity(len(members.communities)), members.by_sociability()
        found = plan.choose("owner", author, place, popular, np.arange(len(everything)))
        own_author, own_place = author[~found], place[~found]
        found = plan.choose("target", post, everything.community[post], sociable, members.user)
        return self.with_own(plan, members, everything, own_author, own_place, post[~found])

    def answered(self, everything: Posts, lacking: Gap) -> Ints:
        """How many comments each post has, or has at least."""
        found = np.full(len(everything), self.least("post.comments"))
        found[everything.find(lacking.ids)] = lacking.has
        return found

    def owed(self, gaps: Gaps, members: Memberships, by_community: Groups) -> tuple[Ints, Ints]:
        """The comments users owe, each with one of their communities that has posts, by turns."""
        everybody = members.people.ids
        owed = np.maximum(gaps["client.comments"].needed_by(everybody), gaps["therapist.comments"].needed_by(everybody))
        with_posts = np.flatnonzero(by_community.counts[members.community] > 0)
        own = Groups(members.user[with_posts], len(members.people))
        owed[own.counts == 0] = 0
        author = np.repeat(np.arange(len(owed)), owed)
        turn = np.arange(len(author)) % np.maximum(own.counts[author], 1)
        return author, members.community[with_posts[own.member(author, turn)]]

    def with_own(
        self, plan: Matching, members: Memberships, everything: Posts, author: Ints, place: Ints, post: Ints
    ) -> tuple[Places, Places]:
        """The plan, and what only authors themselves can say: where nobody else has written, or nobody else belongs."""
        by_community = Groups(everything.community, len(members.communities))
        turn = np.arange(len(author)) % np.maximum(by_community.counts[place], 1)
        alone = post[members.row_of(everything.author[post], everything.community[post]) >= 0]
        return (
            np.concatenate([plan.owners, author, everything.author[alone]]).astype(np.int32),
            np.concatenate([plan.targets, by_community.member(place, turn), alone]).astype(np.int32),
        )

    def write_comments(
        self, members: Memberships, everything: Posts, author: Places, post: Places, answered: Ints
    ) -> None:
        """Write the planned comments; `answered` says how many each post has."""
        if not len(author):
            return
        slots = next_slots(self.run, "Comment", members.people, author).astype(np.int32)
        ids = self.new_ids("mentara.Comment", members.people.ids, author, slots)
        place = (answered[post] + rank_within(post)).astype(np.int32)
        parent = replied_to(self.run, members, everything, ids, author, post).astype(np.int32)

        def rows_of(own_ids: Ids, *numbers: Places) -> tuple[Columns, Bools]:
            author, post, slot, place, parent = (column.astype(np.int64) for column in numbers)
            answered = np.where(parent >= 0, ids[parent], NULL_ID)
            turn = GAP_TURNS + slot
            return comment_rows(self.run, members, everything, own_ids, author, post, turn, place, answered)

        self.write_rows("mentara.Comment", rows_of, ids, author, post, slots, place, parent)
