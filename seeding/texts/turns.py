"""Which of an author's texts a new one is: the number by which none is repeated before all were used."""

from __future__ import annotations

import numpy as np
from django.db.models import Count

from seeding.engine.columns import INT, UUID, narrowed, read
from seeding.engine.grouping import rank_within
from seeding.engine.keys import Ints
from seeding.engine.run import Run
from seeding.world.people import People, rows

GAP_TURNS = 1500
"""The texts of what fills gaps count on from here, and those of base rows from 0: a world that grows repeats none."""


def next_turn(run: Run, model: str, everybody: People, author: Ints) -> Ints:
    """A number for each new row that none of its author's rows of this model has, nor any base row to come."""
    written_by = narrowed(run, rows(run, model), user_id=everybody.ids[np.unique(author)])
    counted = written_by.values("user_id").annotate(number=Count("pk"))
    found = read(counted, user_id=UUID, number=INT)
    written = np.zeros(len(everybody), dtype=np.int64)
    written[everybody.find(found.user_id)] = found.number
    return GAP_TURNS + written[author] + rank_within(author)
