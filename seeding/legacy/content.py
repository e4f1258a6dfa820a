"""generate_content: posts, comments and hearts, a few members active and most quiet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.columns import MISSING, NULL_ID, TIME, UUID, Frame, narrowed, read
from seeding.engine.grouping import distinct, find, grouped, in_order, rank_within
from seeding.engine.ids import base_ids
from seeding.engine.keys import BASE, Bools, Ids, Ints, id_range, interpolate, keys_of
from seeding.engine.pairs import pair_code
from seeding.legacy.base import Base, generator
from seeding.legacy.base_members import BaseMembers
from seeding.legacy.cast_news import facts_of_post, tell_and_log
from seeding.legacy.cast_players import Players
from seeding.legacy.cast_talks import write_post
from seeding.legacy.hearts import Hearts
from seeding.legacy.plan import BEYOND, Shelf, Slots
from seeding.requirements import stages
from seeding.rows.comments import answered, answering, comment_rows, first_spoken, in_time, written_at
from seeding.rows.posts import post_rows
from seeding.world.communities import Posts, popularity, posts
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import ACTIVITY, SOCIABILITY

AGAIN = 2
"""So often at most somebody comments on the same post: a comment, and one that answers somebody else's."""
BACK_SHARE, NOTICED = 0.2, 3
"""How often a comment is by who posted, to those who answered, where a post is popular enough for that. Chosen."""
STARTED = (3.0, 1.95, 1.25)
"""So many comments are begun in each mode for one that is written: the most sociable run out of posts to answer, the
sooner the smaller the platform is. Measured; people who come with a larger mode, or beyond the modes, seldom do."""
_ATTEMPTS, _PATIENCE, _CHOOSY = 16, 3, 12
"""How often somebody looks for a post to answer where the one they come upon is their own or answered already; how
often before they would answer one again, and how often before one that came before they joined."""


@dataclass(frozen=True)
class FirstPosts:
    """The first base post of each base user, or NOBODY, and its birth."""

    post: Ints
    birth: Ints


@generator
def generate_content(base: Base) -> None:
    """Posts of base members in their communities, then answers, then hearts on both; at last the cast's own post."""
    content = Content(base)
    content.generate()
    cast = Players(base, content.world, content.members.people, content.user_at)
    write_post(cast)
    tell_and_log(cast, facts_of_post(cast))


class Content(BaseMembers):
    """The three steps, each on what the one before has written."""

    def generate(self) -> None:
        """Write what is missing of posts, comments and hearts."""
        slots, community, ids = self.add_posts()
        everything = posts(self.run, self.members.people, self.members.communities).base
        at = find(ids, everything.ids)
        there = np.flatnonzero(at != NOBODY)
        if not len(there):
            return
        drawing = popularity(keys_of(ids[there]))
        post_shelf = Shelf(self.world, community[there], slots.birth[there], slots.owner[there], drawing)
        begun = there[slots.slot[there] == 0]
        first = FirstPosts(*np.full((2, len(self.world)), NOBODY))
        first.post[slots.owner[begun]], first.birth[slots.owner[begun]] = at[begun], slots.birth[begun]
        comments = self.add_comments(everything, at[there], post_shelf, first)
        hearts = Hearts(self, everything)
        hearts.add_to_posts(at[there], post_shelf)
        hearts.add_to_comments(*comments)

    def add_posts(self) -> tuple[Slots, Ints, Ids]:
        """Base posts: the slots, base community and id of each."""
        slots, community, place = self.slots("posts", 1, ACTIVITY, np.arange(len(self.world)), writing=True)
        author = self.user_at[slots.owner]
        ids = base_ids("Post", self.world.ids[slots.owner], slots.slot)
        new = self.new(slots)
        new = new[self.base.missing("mentara.Post", ids[new])]
        plan = (ids[new], author[new], place[new], slots.slot[new])
        self.base.write_rows("mentara.Post", partial(post_rows, self.run, self.members), *plan)
        return slots, community, ids

    def add_comments(self, everything: Posts, post_at: Ints, shelf: Shelf, first: FirstPosts) -> tuple[Slots, Ids]:
        """Base comments: the slots and id of each that is planned, also of those that have found no post."""
        everybody = np.arange(len(self.world))
        active = self.world.active(SOCIABILITY, everybody)
        averages = np.multiply(stages("posts_per_user"), stages("comments_per_post"))
        usual = [begun * average * active for begun, average in zip(STARTED, averages, strict=True)]
        average = self.sizes.posts_per_user * self.sizes.comments_per_post
        begun = np.minimum(
            interpolate(average, averages, np.array(STARTED)), np.array([*STARTED, 1.0])[self.world.birth]
        )
        slots = self.world.drawn_slots("comments", usual, begun * average * active, everybody)
        ids = base_ids("Comment", self.world.ids[slots.owner], slots.slot)
        due = self.due(everything, self.planned(slots, ids, everything, post_at, shelf, first))
        self.base.write_rows("mentara.Comment", partial(comment_rows, self.run, self.members, everything), *due)
        return slots, ids

    def planned(
        self, slots: Slots, ids: Ids, everything: Posts, post_at: Ints, shelf: Shelf, first: FirstPosts
    ) -> Frame:
        """The comments that have found a post; those that are there were `created` then, others at MISSING."""
        post, new = np.full(len(ids), NOBODY, dtype=np.int32), self.new(slots)
        post[new] = self.posts_to_answer(slots.take(new), everything, post_at, shelf)
        back = new[self.comes_back(slots.take(new), everything, first)]
        post[back] = first.post[slots.owner[back]]
        to_answer = everything.ids[distinct(post[post != NOBODY])]
        beside = narrowed(self.run, rows(self.run, "Comment", pk__range=id_range(BASE)), pk=ids[new], post_id=to_answer)
        known = read(beside, pk=UUID, post_id=UUID, created_at=TIME)
        at = find(ids, known.pk)
        there = at != NOBODY
        post[there] = find(known.post_id[at[there]], everything.ids)
        created = np.r_[known.created_at, MISSING][at]
        plan = {**vars(slots), "author": self.user_at[slots.owner], "id": ids, "post": post, "created": created}
        return Frame(plan).take(np.flatnonzero(post != NOBODY))

    def due(self, everything: Posts, plan: Frame) -> tuple[NDArray[Any], ...]:
        """Of the planned comments that can be written: id, author, post, slot, place under it, and what they answer."""
        new = plan.created == MISSING
        parent, kept = self.threaded(everything, plan, new)
        due, turn = kept[new[kept]], kept[in_order(plan.id[kept])]
        place = np.empty(len(plan), dtype=np.int32)
        seniority = plan.birth[turn] * np.int64(len(self.world)) + self.world.ordinal[plan.owner[turn]]
        place[turn] = rank_within(plan.post[turn], seniority)
        answered = np.where(parent[due] != NOBODY, plan.id[parent[due]], NULL_ID)
        return plan.id[due], plan.author[due], plan.post[due], plan.slot[due], place[due], answered

    def threaded(self, everything: Posts, plan: Frame, new: Bools) -> tuple[NDArray[Any], Ints]:
        """For each planned comment the one it answers, or NOBODY; and which of them are there or can be written."""
        created = plan.created.copy()
        created[new] = written_at(self.run, self.members, everything, plan.id[new], plan.author[new], plan.post[new])
        replies, spoken = answering(self.run, self.members, everything, plan.id, plan.author, plan.post)
        again = rank_within(pair_code(plan.author, plan.post, len(everything))) > 0
        replies |= again & ~self.members.people.professional[plan.author]
        parent = parents(created, plan.post, plan.author, plan.birth, replies, spoken & ~again)
        return parent, np.flatnonzero(~again | (parent != NOBODY) | ~new)

    def posts_to_answer(self, slots: Slots, everything: Posts, post_at: Ints, shelf: Shelf) -> NDArray[Any]:
        """For each slot a post by somebody else, none too often by one person, or NOBODY."""
        author = self.user_at[slots.owner]
        post: NDArray[Any] = np.full(len(author), NOBODY, dtype=np.int32)
        left = theirs = np.arange(len(author))
        for attempt in range(_ATTEMPTS):
            some = slots.take(left)
            membership = self.world.membership_of(f"comments place {attempt}", some, self.memberships)
            place = self.world.membership_slots[1][membership]
            share = self.run.draws.unit(f"answers {attempt}", self.world.keys[some.owner], some.slot)
            picked = shelf.pick(place, some.birth, some.owner, share)
            post[left] = np.where(picked != NOBODY, post_at[picked], NOBODY)
            theirs = theirs[np.isin(slots.owner[theirs], some.owner)]
            who, what = author[theirs], post[theirs]
            good = (who != NOBODY) & (what != NOBODY)
            good &= (everything.author[what] != who) & self.belongs(who, everything.community[what])
            same = pair_code(slots.owner[theirs], what, len(everything) + 1)  # NOBODY's is a code of its own
            good &= rank_within(same) < (1 if attempt < _PATIENCE else AGAIN)
            if attempt < _CHOOSY:
                good &= in_time(self.members, everything, who, what)
            left = theirs[~good]
        post[left] = NOBODY
        return post

    def comes_back(self, slots: Slots, everything: Posts, first: FirstPosts) -> Bools:
        """For which slots their owner writes under their own first post, once or twice, to those who answered it."""
        author, post = self.user_at[slots.owner], first.post[slots.owner]
        back = self.run.draws.chance("comes back", self.world.keys[slots.owner], BACK_SHARE, slots.slot)
        back &= (author != NOBODY) & (post != NOBODY) & (slots.birth >= first.birth[slots.owner])
        back &= popularity(everything.keys[post]) >= NOTICED
        back &= (everything.author[post] == author) & ~self.members.people.professional[author]
        chosen = np.flatnonzero(back)
        back[chosen] = (rank_within(slots.owner[chosen]) < AGAIN) & self.belongs(
            author[chosen], everything.community[post[chosen]]
        )
        return back


def parents(created: Ints, post: Ints, author: Ints, birth: Ints, replies: Bools, spoken: Bools) -> Ints:
    """For each reply the last answerable comment before it there, by somebody else, that every larger world has too.

    Who has answered that one already answers the one before it, or nobody.
    """
    order, parent = grouped(post, created), np.full(len(created), NOBODY)
    answerable = spoken & ~replies
    for stage in range(BEYOND):
        answerable |= (birth == stage) & first_spoken(order, post, spoken & (birth <= stage))
    for but_one in (False, True):
        for stage in range(BEYOND + 1):
            mine, seen = replies & (birth == stage), answerable & (birth <= min(stage, BEYOND - 1))
            parent[mine] = answered(order, created, post, author, mine, seen, but_one=but_one)[mine]
        replies = (parent != NOBODY) & (rank_within(pair_code(author, parent + 1, len(parent) + 1)) > 0)
        parent[replies] = NOBODY
    return parent
