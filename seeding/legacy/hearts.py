"""Base hearts: readers are shown posts and comments of their communities, and like some of them."""

from __future__ import annotations

from functools import partial

import numpy as np

from seeding.engine.columns import TIME, UUID, narrowed, places_of, read
from seeding.engine.grouping import find, first_of_each
from seeding.engine.ids import base_ids
from seeding.engine.keys import BASE, Ids, Ints, Keys, id_range, keys_of, mix
from seeding.engine.pairs import pair_code
from seeding.engine.values import parts
from seeding.legacy.base_members import BaseMembers
from seeding.legacy.plan import Shelf, Slots
from seeding.rows.hearts import comment_heart_rows, post_heart_rows
from seeding.world.communities import Posts, popularity
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import SOCIABILITY

SHOWN = 8
"""How many posts, and as many comments, a reader of average activity is shown, and may heart, for each post that one
writes."""
COMMENT_HEARTS = 10_000
"""Slots of hearts on comments begin here, beyond those of hearts on posts."""
_FIRST, _LAST = id_range(BASE)


class Hearts:
    """Hearts of base members on the base posts and comments there are."""

    def __init__(self, readers: BaseMembers, everything: Posts) -> None:
        self.readers, self.posts = readers, everything
        self.base, self.run, self.sizes = readers.base, readers.run, readers.sizes
        self.world, self.members = readers.world, readers.members

    def add_to_posts(self, post_at: Ints, shelf: Shelf) -> None:
        """Hearts of readers on posts they were shown."""
        hearts = rows(self.run, "Heart", post__gte=_FIRST, post__lte=_LAST)
        found = read(narrowed(self.run, hearts, user_id=self.readers.newcomers), user_id=UUID, post_id=UUID)
        reader, post = self.members.people.find(found.user_id), self.posts.find(found.post_id)
        given = pair_code(reader, post, len(self.posts))
        likes = partial(self.likes, "post", self.sizes.heart_on_post, shelf, post_at)
        owner, slot, giver, post = likes(self.posts.keys, self.posts.author, self.posts.community, given)
        ids = base_ids("Heart", self.world.ids[owner], slot)
        new = self.base.missing("mentara.Heart", ids)
        rows_of = partial(post_heart_rows, self.run, self.members, self.posts)
        self.base.write_rows("mentara.Heart", rows_of, ids[new], giver[new], post[new])

    def add_to_comments(self, planned: Slots, ids: Ids) -> None:
        """Hearts of readers on comments they were shown."""
        ours = rows(self.run, "Comment", pk__range=(_FIRST, _LAST))
        comments = read(ours, pk=UUID, user_id=UUID, post_id=UUID, created_at=TIME)
        if not len(comments):
            return
        at, post = find(ids, comments.pk), find(comments.post_id, self.posts.ids)
        there = np.flatnonzero((at != NOBODY) & (post[at] != NOBODY))
        drawing = popularity(keys_of(ids[there]))
        community = self.readers.base_community[self.posts.community[post[at[there]]]]
        shelf = Shelf(self.world, community, planned.birth[there], planned.owner[there], drawing)
        hearts = rows(self.run, "Heart", comment__gte=_FIRST, comment__lte=_LAST)
        found = read(narrowed(self.run, hearts, user_id=self.readers.newcomers), user_id=UUID, comment_id=UUID)
        reader, comment = self.members.people.find(found.user_id), places_of(found.comment_id, comments.pk)
        given = pair_code(reader, comment, len(comments))
        author, place = self.members.people.find(comments.user_id), self.posts.community[post]
        likes = partial(self.likes, "comment", self.sizes.heart_on_comment, shelf, at[there])
        owner, slot, giver, comment = likes(keys_of(comments.pk), author, place, given)
        heart_ids = base_ids("Heart", self.world.ids[owner], COMMENT_HEARTS + slot)
        new = self.base.missing("mentara.Heart", heart_ids)
        giver, comment = giver[new], comment[new]
        plan = (heart_ids[new], giver, place[comment], comments.created_at[comment], comments.pk[comment])
        self.base.write_rows("mentara.Heart", partial(comment_heart_rows, self.run, self.members), *plan)

    def likes(
        self,
        kind: str,
        chance: float,
        shelf: Shelf,
        shelved: Ints,
        thing_keys: Keys,
        author: Ints,
        place: Ints,
        given: Ints,
    ) -> tuple[Ints, ...]:
        """Which readers like which of the things they are shown: base user, slot, user and thing of each heart.

        `shelved` are the things on the shelf; `author` and `place` are those of all things; none is liked twice by
        somebody, nor where it is `given` already, as pair codes. Who is shown a thing again likes it as little or as
        much as before. Worked out for some readers at a time.
        """
        hearts, given_codes = [tuple(np.empty((4, 0), dtype=np.int64))], np.sort(given)
        readers = np.flatnonzero(self.world.is_new)
        for part in parts(len(readers)):
            slots, community, _ = self.readers.slots(f"{kind}s shown", SHOWN, SOCIABILITY, readers[part])
            keys = self.world.keys[slots.owner]
            share = self.run.draws.unit(f"{kind} shown", keys, slots.slot)
            picked = shelf.pick(community, slots.birth, slots.owner, share)
            shown = np.flatnonzero(slots.asked & (picked != NOBODY))
            luck = self.run.draws.unit(f"{kind} liked", keys[shown] ^ mix(thing_keys[shelved[picked[shown]]]))
            good = shown[luck < chance]
            thing, giver = shelved[picked[good]], self.readers.user_at[slots.owner[good]]
            new = self.new_pairs(giver, thing, author[thing], given_codes, len(author))
            new = new[self.readers.belongs(giver[new], place[thing[new]])]
            hearts.append((slots.owner[good[new]], slots.slot[good[new]], giver[new], thing[new]))
        return tuple(np.concatenate(column) for column in zip(*hearts, strict=True))

    def new_pairs(self, giver: Ints, target: Ints, author: Ints, given: Ints, span: int) -> Ints:
        """Which hearts to give: not on one's own, the first of each pair, none `given` (in order)."""
        codes = pair_code(giver, target, span)
        fresh = np.flatnonzero((giver != author) & (find(codes, given) == NOBODY))
        return np.sort(fresh[first_of_each(codes[fresh])])
