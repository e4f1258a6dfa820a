"""Who of the cast is there as the toolkit makes them, and so plays their part."""

from __future__ import annotations

import numpy as np

from seeding import cast
from seeding.engine.keys import Ids, Ints
from seeding.legacy.base import Base
from seeding.legacy.plan import BaseWorld
from seeding.world.mentara import NOBODY
from seeding.world.people import ROLES, People

OWN_SLOT = 3000
"""Slots of the cast's own rows begin here, beyond those of other base rows of the same owner."""
Who = tuple[int, int]
"""A role and an ordinal."""


class Players:
    """People of the cast by role and ordinal, as places among the people."""

    def __init__(self, base: Base, world: BaseWorld, everybody: People, place: Ints) -> None:
        self.base, self.run, self.everybody = base, base.run, everybody
        ours = np.flatnonzero((place != NOBODY) & (world.ordinal < cast.STAGE))
        ours = ours[everybody.ids[place[ours]] == world.ids[ours]]
        ours = ours[everybody.role[place[ours]] == world.role[ours]]
        who = zip(world.role[ours].tolist(), world.ordinal[ours].tolist(), strict=True)
        self.place: dict[Who, int] = dict(zip(who, place[ours].tolist(), strict=True))

    def ids(self, *who: Who) -> Ids:
        """The ids of people of the cast."""
        return self.everybody.ids[[self.place[one] for one in who]]

    def who(self, named: tuple[str, int]) -> int:
        """The place of somebody whom cast.py names, or NOBODY."""
        return self.place.get((ROLES.index(named[0]), named[1]), NOBODY)
