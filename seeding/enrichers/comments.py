"""Comment: clients and therapists take part, and no post stays without an answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.columns import NULL_ID, UUID, narrowed, read
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Gap, Subjects
from seeding.engine.grouping import Groups, WeightedGroups, distinct, rank_within
from seeding.engine.keys import Bools, Ids, Ints
from seeding.engine.pairs import Codes, Matching, needed, pair_code
from seeding.engine.values import Columns
from seeding.planning.to_heart import more_to_say
from seeding.planning.turns import next_slots
from seeding.rows.comments import comment_rows, in_time, replied_to
from seeding.texts.composing import GAP_TURNS
from seeding.world.communities import Memberships, Posts, communities, memberships, posts
from seeding.world.mentara import rows
from seeding.world.people import people

BACK_SHARE = 0.3
"""How often somebody who owes a comment comes back to a post of their own that others answer. Chosen."""
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
        """Owed comments meet unanswered posts; the rest goes to popular posts or comes from the sociable.

        Where clients would find too little by others to heart, somebody says more.
        """
        hearts = self.gap_beside(gaps, "post.comments", "client.hearts")  # nobody's where some posts are asked for
        if not (gaps or len(hearts)):
            return
        members = memberships(self.run, people(self.run), communities(self.run))
        everything = posts(self.run, members.people, members.communities)
        said_before = self.said_before(everything, gaps["post.comments"])
        author, post = self.planned(gaps, members, everything)
        gaps.clear()  # so that memory holds the plan instead
        owed = hearts.needed_by(members.people.ids)
        who, place = more_to_say(self.run, members, everything, owed, author, post)
        if len(who):
            author, post = self.with_more(members, everything, author, post, who, place)
        self.write_comments(members, everything, author, post, said_before)

    def with_more(
        self, members: Memberships, everything: Posts, author: Places, post: Places, who: Ints, place: Ints
    ) -> tuple[Places, Places]:
        """The planned comments and more: on posts of others, first those new to the author, or else on one's own."""
        by_community = Groups(everything.community, len(members.communities))
        popular = everything.by_popularity(len(members.communities))
        given = self.given(members, everything, distinct(who), np.empty(0, dtype="S16"))
        planned = pair_code(author, post, len(everything))
        plans = self.matching(members, everything, distinct(np.r_[given, planned])), self.matching(members, everything)
        for plan in plans:
            found = plan.choose("owner", who, place, popular, np.arange(len(everything)))
            who, place = who[~found], place[~found]
        own = by_community.member(place, np.arange(len(place)) % np.maximum(by_community.counts[place], 1))
        return (
            places_in([author, *(plan.owners for plan in plans), who]),
            places_in([post, *(plan.targets for plan in plans), own]),
        )

    def planned(self, gaps: Gaps, members: Memberships, everything: Posts) -> tuple[Places, Places]:
        """Who is to comment on which post, in as little memory as it takes: there are millions."""
        author, post, owed, lacks = self.drafted(gaps, members, everything)
        takes = needed(author, post, owed, lacks)
        return author[takes], post[takes]

    def drafted(self, gaps: Gaps, members: Memberships, everything: Posts) -> tuple[Places, Places, Ints, Ints]:
        """A plan that may hold more than it takes; and how many comments each person owes, and each post lacks.

        Nobody comments twice on a post of somebody else's as long as there is another way that takes no more comments.
        """
        by_community = Groups(everything.community, len(members.communities))
        author, place = self.owed(gaps, members, by_community)
        owed, lacking = np.bincount(author, minlength=len(members.people)), gaps["post.comments"]
        back = self.coming_back(members, everything, lacking, owed)
        own = everything.find(lacking.ids[back])
        lacks = np.bincount(everything.find(lacking.ids), lacking.needs, len(everything)).astype(np.int64)
        post: Places = np.repeat(everything.find(lacking.ids).astype(np.int32), lacking.needs - back)
        still = self.left(author, everything.author[own])
        author, place = author[still], place[still]
        once = self.matching(members, everything, self.given(members, everything, distinct(author), lacking.ids))
        again = self.matching(members, everything)

        for plan in (once, again):
            author_done, post_done = plan.meet(author, place, post, places_in([everything.community[post]]))
            author, place, post = author[~author_done], place[~author_done], post[~post_done]
            served, found = self.from_others(plan, members, everything, author, post)
            still = self.left(author, served)
            author, place, post = author[still], place[still], post[~found]
        popular, sociable = everything.by_popularity(len(members.communities)), members.by_sociability()
        for plan in (once, again):
            found = plan.choose("owner", author, place, popular, np.arange(len(everything)))
            author, place = author[~found], place[~found]
            found = plan.choose("target", post, everything.community[post], sociable, members.user)
            post = post[~found]
        alone = post[members.row_of(everything.author[post], everything.community[post]) >= 0]
        still = self.left(author, everything.author[alone])
        author, place = author[still], place[still]
        turn = np.arange(len(author)) % np.maximum(by_community.counts[place], 1)
        own, rest = np.concatenate([own, alone]), by_community.member(place, turn)
        return (
            places_in([once.owners, again.owners, everything.author[own], author]),
            places_in([once.targets, again.targets, own, rest]),
            owed,
            lacks,
        )

    def from_others(
        self, plan: Matching, members: Memberships, everything: Posts, author: Places, post: Places
    ) -> tuple[Ints, Bools]:
        """Let posts that are left be answered by who owes comments elsewhere; returns by whom, and which posts were."""
        owed = np.bincount(author, minlength=len(members.people))[members.user]
        some = np.flatnonzero(owed)
        owing = WeightedGroups(members.community[some], len(members.communities), owed[some])
        before = len(plan.owners)
        found = plan.choose("target", post, everything.community[post], owing, members.user[some])
        return plan.owners[before:], found

    def left(self, owing: Ints, served: Ints) -> Bools:
        """Which of the comments owed are left when these people have written one for each time they are named."""
        most = int(max(owing.max(initial=0), served.max(initial=0))) + 1
        return rank_within(owing) >= np.bincount(served, minlength=most)[owing]

    def coming_back(self, members: Memberships, everything: Posts, lacking: Gap, owed: Ints) -> Bools:
        """Under which of the posts that lack comments one is their author's, who owes it, to others who answer."""
        post = everything.find(lacking.ids)
        author = everything.author[post]
        back = self.run.draws.chance("coming back", everything.keys[post], BACK_SHARE)
        back &= (lacking.has + lacking.needs > 1) & ~members.people.professional[author]
        back &= members.row_of(author, everything.community[post]) >= 0
        chosen = np.flatnonzero(back)
        back[chosen] = rank_within(author[chosen]) < owed[author[chosen]]
        return back

    def matching(self, members: Memberships, everything: Posts, given: Ints | None = None) -> Matching:
        """A plan of comments on posts of others; with those `given`, as pair codes, of none by somebody twice."""
        sides, unique = (everything.author, members.people.keys, everything.keys), given is not None
        there = partial(in_time, members, everything)
        return Matching(self.run.draws, "comment", *sides, unique=unique, taken=Codes(given), suits=there)

    def given(self, members: Memberships, everything: Posts, authors: Ints, lacking: Ids) -> Ints:
        """The comments there are, as pair codes: all that these people wrote or these posts have."""
        mine = members.people.ids[authors]
        found = read(
            narrowed(self.run, rows(self.run, "Comment"), user_id=mine, post_id=lacking), user_id=UUID, post_id=UUID
        )
        writer, post = members.people.find(found.user_id), everything.find(found.post_id)
        return distinct(pair_code(writer, post, len(everything)))

    def said_before(self, everything: Posts, lacking: Gap) -> NDArray[np.int32]:
        """How many comments each post has, or has at least."""
        found = np.full(len(everything), self.least("post.comments"), dtype=np.int32)
        found[everything.find(lacking.ids)] = lacking.has
        return found

    def owed(self, gaps: Gaps, members: Memberships, by_community: Groups) -> tuple[Places, Places]:
        """The comments users owe, each with one of their communities that has posts, by turns."""
        everybody = members.people.ids
        owed = np.maximum(gaps["client.comments"].needed_by(everybody), gaps["therapist.comments"].needed_by(everybody))
        with_posts = np.flatnonzero(by_community.counts[members.community] > 0)
        own = Groups(members.user[with_posts], len(members.people), with_posts)
        owed[own.counts == 0] = 0
        author: Places = np.repeat(np.arange(len(owed), dtype=np.int32), owed)
        turn = np.arange(len(author)) % np.maximum(own.counts[author], 1)
        return author, members.community[own.member(author, turn)].astype(np.int32)

    def write_comments(
        self, members: Memberships, everything: Posts, author: Places, post: Places, said_before: NDArray[np.int32]
    ) -> None:
        """Write the planned comments; `said_before` says how many each post has."""
        if not len(author):
            return
        slots = next_slots(self.run, "Comment", members.people, author).astype(np.int32)
        ids = self.new_ids("mentara.Comment", members.people.ids, author, slots)
        nth = (said_before[post] + rank_within(post)).astype(np.int32)
        parent = replied_to(self.run, members, everything, ids, author, post)

        def rows_of(own_ids: Ids, *numbers: Places) -> tuple[Columns, Bools]:
            author, post, slot, nth, parent = (column.astype(np.int64) for column in numbers)
            answered = np.where(parent >= 0, ids[parent], NULL_ID)
            turn = GAP_TURNS + slot
            return comment_rows(self.run, members, everything, own_ids, author, post, turn, nth, answered)

        self.write_rows("mentara.Comment", rows_of, ids, author, post, slots, nth, parent)


def places_in(parts: Sequence[Places]) -> Places:
    """All these places, in four bytes each."""
    return np.concatenate(parts, dtype=np.int32, casting="same_kind")
