"""Joint planning of pairs: somebody who owes a row meets something that lacks one, so that one row serves both.

Both sides lie in groups (a community). The rule says which pairs may not be (one's own post); a
unique plan never pairs the same two twice. What chance does not pair, an exhaustive pass does, so
that whatever can be paired is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from seeding.engine.grouping import Groups, WeightedGroups, pair_by_group
from seeding.engine.keys import Bools, Draws, Ints, Keys

_ROUNDS = 6
_BATCH = 100_000
"""About so many units are paired at a time, group by group, so that memory holds little besides the units."""
Refuses = Callable[[Ints, Ints], Bools]
"""Given owners and targets row by row: which pairs may not be made."""


@dataclass
class Matching:
    """Rows planned so far as owner and target, and which pairs of them exist already."""

    draws: Draws
    purpose: str
    refuses: Refuses
    owner_keys: Keys
    target_keys: Keys
    unique: bool
    taken: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    _owners: list[Ints] = field(default_factory=lambda: [np.empty(0, dtype=np.int64)])
    _targets: list[Ints] = field(default_factory=lambda: [np.empty(0, dtype=np.int64)])

    @property
    def owners(self) -> Ints:
        """The owner of each planned row."""
        return np.concatenate(self._owners)

    @property
    def targets(self) -> Ints:
        """The target of each planned row."""
        return np.concatenate(self._targets)

    def code(self, owner: Ints, target: Ints) -> Ints:
        """One number for each pair."""
        return owner * max(len(self.target_keys), 1) + target

    def add(self, owner: Ints, target: Ints) -> Bools:
        """Plan these pairs but for those refused, there already, or named twice; returns which were planned."""
        good = ~self.refuses(owner, target)
        if self.unique:
            codes = self.code(owner, target)
            good &= ~np.isin(codes, self.taken)
            places = np.flatnonzero(good)
            _, first = np.unique(codes[places], return_index=True)
            good = np.zeros(len(owner), dtype=np.bool_)
            good[places[first]] = True
            self.taken = np.concatenate([self.taken, codes[good]])
        self._owners.append(owner[good])
        self._targets.append(target[good])
        return good

    def meet(self, owner: Ints, owner_group: Ints, target: Ints, target_group: Ints) -> tuple[Bools, Bools]:
        """Pair owing owners with lacking targets of their group; returns which units of either side found one."""
        owner_done, target_done = np.zeros(len(owner), dtype=np.bool_), np.zeros(len(target), dtype=np.bool_)
        for owners, targets in _batches(owner_group, target_group):
            for attempt in range(_ROUNDS):
                left, right = owners[~owner_done[owners]], targets[~target_done[targets]]
                if not (len(left) and len(right)):
                    break
                owner_keys, target_keys = self.owner_keys[owner[left]], self.target_keys[target[right]]
                left_order = self.draws.bits(f"{self.purpose} owner {attempt}", owner_keys, left)
                right_order = self.draws.bits(f"{self.purpose} target {attempt}", target_keys, right)
                one, other = pair_by_group(owner_group[left], left_order, target_group[right], right_order)
                good = self.add(owner[left[one]], target[right[other]])
                owner_done[left[one[good]]] = True
                target_done[right[other[good]]] = True
        return owner_done, target_done

    def choose(self, side: str, units: Ints, groups: Ints, pool: WeightedGroups, member: Ints) -> Bools:
        """Find a partner in the group's pool for each unit (an owner or a target); returns which found one.

        `side` says what the units are, "owner" or "target"; `member` translates a pool row to the partner.
        """
        done = pool.counts[groups] == 0
        hopeless = done.copy()
        keys = self.owner_keys if side == "owner" else self.target_keys
        for attempt in range(_ROUNDS):
            left = np.flatnonzero(~done)
            if not len(left):
                break
            place = self.draws.below(
                f"{self.purpose} {side} picks {attempt}", keys[units[left]], pool.counts[groups[left]], left
            )
            partner = member[pool.member(groups[left], place)]
            done[left[self._add(side, units[left], partner)]] = True
        for at in np.flatnonzero(~done).tolist():
            partners = member[pool.of(int(groups[at]))]
            free = np.flatnonzero(~self._refused(side, np.full(len(partners), units[at]), partners))
            if len(free):
                self._add(side, units[at : at + 1], partners[free[:1]])
            else:
                hopeless[at] = True
        return ~hopeless

    def _sides(self, side: str, units: Ints, partners: Ints) -> tuple[Ints, Ints]:
        return (units, partners) if side == "owner" else (partners, units)

    def _add(self, side: str, units: Ints, partners: Ints) -> Bools:
        return self.add(*self._sides(side, units, partners))

    def _refused(self, side: str, units: Ints, partners: Ints) -> Bools:
        owner, target = self._sides(side, units, partners)
        refused = self.refuses(owner, target)
        return refused | np.isin(self.code(owner, target), self.taken) if self.unique else refused


def _batches(owner_group: Ints, target_group: Ints) -> Iterator[tuple[Ints, Ints]]:
    """The owners and the targets of some groups at a time."""
    groups = int(max(owner_group.max(initial=-1), target_group.max(initial=-1))) + 1
    sides = Groups(owner_group, groups), Groups(target_group, groups)
    units = np.cumsum(sides[0].counts + sides[1].counts) // _BATCH
    firsts = np.flatnonzero(np.diff(units, prepend=-1)).tolist()
    for first, last in pairwise([*firsts, groups]):
        left, right = (np.sort(np.concatenate([side.of(at) for at in range(first, last)])) for side in sides)
        yield left, right
