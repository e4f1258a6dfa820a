"""Base hearts: readers are shown posts and comments of their communities, and like some of them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.columns import UUID, narrowed, read
from seeding.engine.grouping import find, first_of_each
from seeding.engine.ids import base_ids
from seeding.engine.keys import BASE, Ids, Ints, id_range, keys_of, mix
from seeding.engine.pairs import pair_code
from seeding.engine.values import parts
from seeding.legacy.base_members import BaseMembers
from seeding.legacy.plan import Shelf, Slots
from seeding.rows.hearts import heart_rows
from seeding.world.communities import Posts, comments, popularity
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
        owner, slot, giver, post = self.likes("post", self.sizes.heart_on_post, self.posts, shelf, post_at, given)
        self.write(self.posts, "post_id", base_ids("Heart", self.world.ids[owner], slot), giver, post)

    def add_to_comments(self, planned: Slots, ids: Ids) -> None:
        """Hearts of readers on comments they were shown."""
        written = comments(self.run, self.members, self.posts, pk__range=(_FIRST, _LAST))
        shelf, shelved = self.comment_shelf(planned, ids, written)
        if not len(shelved):
            return
        hearts = rows(self.run, "Heart", comment__gte=_FIRST, comment__lte=_LAST)
        found = read(narrowed(self.run, hearts, user_id=self.readers.newcomers), user_id=UUID, comment_id=UUID)
        given = pair_code(self.members.people.find(found.user_id), written.find(found.comment_id), len(written))
        liked = self.likes("comment", self.sizes.heart_on_comment, written, shelf, shelved, given)
        owner, slot, giver, comment = liked
        heart_ids = base_ids("Heart", self.world.ids[owner], COMMENT_HEARTS + slot)
        self.write(written, "comment_id", heart_ids, giver, comment)

    def comment_shelf(self, planned: Slots, ids: Ids, written: Posts) -> tuple[Shelf, Ints]:
        """The planned comments that are there, on base posts; and the place of each among those written."""
        at = find(ids, written.ids)
        there = np.flatnonzero((at != NOBODY) & (np.r_[written.community, NOBODY][at] != NOBODY))
        community = self.readers.base_community[written.community[at[there]]]
        weight = popularity(keys_of(ids[there]))
        return Shelf(self.world, community, planned.birth[there], planned.owner[there], weight), at[there]

    def write(self, things: Posts, on: str, ids: Ids, giver: Ints, thing: Ints) -> None:
        """Write those of the hearts on these things that are not there yet."""
        new = self.base.missing("mentara.Heart", ids)
        rows_of = partial(heart_rows, self.run, self.members, things, on)
        self.base.write_rows("mentara.Heart", rows_of, ids[new], giver[new], thing[new])

    def likes(
        self, kind: str, chance: float, things: Posts, shelf: Shelf, shelved: Ints, given: Ints
    ) -> tuple[NDArray[Any], ...]:
        """Which readers like which of the things they are shown: base user, slot, user and thing of each heart.

        `shelved` are the things on the shelf; none is liked twice by somebody, nor where it is `given` already, as pair
        codes. Who is shown a thing again likes it as little or as much as before. Worked out for some readers at once.
        """
        hearts, given_codes = [tuple(np.empty((4, 0), dtype=np.int32))], np.sort(given)
        readers = np.flatnonzero(self.world.is_new)
        for part in parts(len(readers)):
            slots, community, _ = self.readers.slots(f"{kind}s shown", SHOWN, SOCIABILITY, readers[part])
            keys = self.world.keys[slots.owner]
            share = self.run.draws.unit(f"{kind} shown", keys, slots.slot)
            picked = shelf.pick(community, slots.birth, slots.owner, share)
            shown = np.flatnonzero(slots.asked & (picked != NOBODY))
            luck = self.run.draws.unit(f"{kind} liked", keys[shown] ^ mix(things.keys[shelved[picked[shown]]]))
            good = shown[luck < chance]
            thing, giver = shelved[picked[good]], self.readers.user_at[slots.owner[good]]
            new = self.new_pairs(giver, thing, things.author[thing], given_codes, len(things))
            new = new[self.readers.belongs(giver[new], things.community[thing[new]])]
            found = slots.owner[good[new]], slots.slot[good[new]], giver[new], thing[new]
            hearts.append(tuple(column.astype(np.int32) for column in found))
        return tuple(np.concatenate(column) for column in zip(*hearts, strict=True))

    def new_pairs(self, giver: Ints, target: Ints, author: Ints, given: Ints, span: int) -> Ints:
        """Which hearts to give: not on one's own, the first of each pair, none `given` (in order)."""
        codes = pair_code(giver, target, span)
        fresh = np.flatnonzero((giver != author) & (find(codes, given) == NOBODY))
        return np.sort(fresh[first_of_each(codes[fresh])])
