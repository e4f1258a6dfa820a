"""Which of an author's texts a new one is: the number by which none is repeated before all were used."""

from __future__ import annotations

import numpy as np

from seeding.engine.columns import UUID, narrowed, read
from seeding.engine.grouping import distinct, rank_within
from seeding.engine.keys import GAP, Ints, id_range, slots_of
from seeding.engine.run import Run
from seeding.world.mentara import rows
from seeding.world.people import People


def next_slots(run: Run, model: str, everybody: People, author: Ints) -> Ints:
    """For each row that is to fill a gap a slot behind those of its author's that are there, whatever was deleted.

    A row's text is that of the turn `GAP_TURNS` + slot, so nobody says again what still stands.
    """
    filled = narrowed(run, rows(run, model, pk__range=id_range(GAP)), user_id=everybody.ids[distinct(author)])
    found = read(filled, pk=UUID, user_id=UUID)
    following = np.zeros(len(everybody), dtype=np.int64)
    np.maximum.at(following, everybody.find(found.user_id), slots_of(found.pk) + 1)
    return following[author] + rank_within(author)
