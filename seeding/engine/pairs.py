"""Joint planning of pairs: somebody who owes a row meets something that lacks one, so that one row serves both.

Both sides lie in groups (a community). Nobody is paired with what is their own; a unique plan never
pairs the same two twice. What chance does not pair, an exhaustive pass does, so that whatever can be
paired is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle, pairwise

import numpy as np
from numpy.typing import NDArray

from seeding.engine.grouping import Groups, WeightedGroups, find, first_of_each, pair_by_group, rank_within
from seeding.engine.keys import Bools, Draws, Ints, Keys

_ROUNDS, _CHOOSY = 10, 4
"""So often chance pairs those that are left, and so often of these only where it suits."""
_SAMPLE = 1000
_BATCH = 100_000
"""About so many units are paired at a time, group by group, so that memory holds little besides the units."""


def some_then_all(draws: Draws, unit: int, candidates: Ints) -> Iterator[Ints]:
    """A thousand of the candidates, drawn for this unit, then all of them, should nobody there be free.

    So that what many units cost does not grow with the number of candidates as well.
    """
    if len(candidates) > _SAMPLE:
        places = draws.below("candidates", np.arange(_SAMPLE, dtype=np.uint64), len(candidates), unit)
        yield candidates[np.unique(places)]
    yield candidates


def pair_code(owner: Ints, target: Ints, targets: int) -> Ints:
    """One number for each pair of an owner and one of so many targets."""
    return owner.astype(np.int64, copy=False) * max(targets, 1) + target


def needed(owner: Ints, target: Ints, owed: Ints, lacking: Ints) -> Bools:
    """Which planned rows it takes: all but those without which their owner and their target have enough as well.

    `owed` is how many rows each owner is to have, `lacking` how many each target.
    """
    over = np.bincount(owner, minlength=len(owed)) - owed
    besides = np.bincount(target, minlength=len(lacking)) - lacking
    kept = np.ones(len(owner), dtype=np.bool_)
    while True:
        rows = np.flatnonzero(kept & (over > 0)[owner] & (besides > 0)[target])
        rows = rows[rank_within(owner[rows]) == 0]
        rows = rows[rank_within(target[rows]) == 0]  # no owner and no target twice
        if not len(rows):
            return kept
        kept[rows] = False
        over[owner[rows]] -= 1
        besides[target[rows]] -= 1


class Codes:
    """Whole numbers that are looked up and added to by turns, in time that grows with those given, not with all.

    They are kept as sorted runs, each more than twice as long as the next, so that there are few.
    """

    def __init__(self, codes: Ints | None = None) -> None:
        self._runs: list[Ints] = []
        if codes is not None:
            self.add(codes)

    def has(self, codes: Ints) -> Bools:
        """Which of these numbers are among them."""
        found = np.zeros(len(codes), dtype=np.bool_)
        for run in self._runs:
            found |= find(codes, run) >= 0
        return found

    def add(self, codes: Ints) -> None:
        """Add these numbers, none of which is among them yet."""
        self._runs.append(np.sort(codes))
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            merged = np.concatenate([self._runs.pop(), self._runs.pop()])
            merged.sort()
            self._runs.append(merged)


@dataclass
class Matching:
    """Rows planned so far as owner and target, in four bytes each, and which pairs of them exist already."""

    draws: Draws
    purpose: str
    authors: Ints
    """Whose own each target is."""
    owner_keys: Keys
    target_keys: Keys
    unique: bool
    taken: Codes = field(default_factory=Codes)
    suits: Callable[[Ints, Ints], Bools] | None = None
    """Which pairs of an owner and a target are preferred, if some are."""
    _owners: list[NDArray[np.int32]] = field(default_factory=list)
    _targets: list[NDArray[np.int32]] = field(default_factory=list)

    @property
    def owners(self) -> Ints:
        """The owner of each planned row."""
        return _joined(self._owners)

    @property
    def targets(self) -> Ints:
        """The target of each planned row."""
        return _joined(self._targets)

    def code(self, owner: Ints, target: Ints) -> Ints:
        """One number for each pair."""
        return pair_code(owner, target, len(self.target_keys))

    def free(self, owner: Ints, target: Ints, *, choosy: bool = False) -> Bools:
        """Which of these pairs may be planned: not with one's own nor, where pairs are unique, there already.

        Who is choosy takes only those that suit.
        """
        good = self.authors[target] != owner
        if choosy and self.suits:
            good &= self.suits(owner, target)
        return good & ~self.taken.has(self.code(owner, target)) if self.unique else good

    def add(self, owner: Ints, target: Ints, *, choosy: bool = False) -> Bools:
        """Plan the pairs that are free, where pairs are unique one that is named twice once; returns which were."""
        good = self.free(owner, target, choosy=choosy)
        if self.unique:
            codes, places = self.code(owner, target), np.flatnonzero(good)
            good = np.zeros(len(owner), dtype=np.bool_)
            good[places[first_of_each(codes[places])]] = True
            self.taken.add(codes[good])
        self._owners.append(owner[good].astype(np.int32))
        self._targets.append(target[good].astype(np.int32))
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
                good = self.add(owner[left[one]], target[right[other]], choosy=attempt < _CHOOSY)
                owner_done[left[one[good]]] = True
                target_done[right[other[good]]] = True
        return owner_done, target_done

    def choose(self, side: str, units: Ints, groups: Ints, pool: WeightedGroups, member: Ints) -> Bools:
        """Find a partner in the group's pool for each unit (an owner or a target); returns which found one.

        `side` says what the units are, "owner" or "target"; `member` translates a pool row to the partner.
        """
        if self.unique:  # where somebody needs more partners than there are, the last ones are not looked for
            done = rank_within(units.astype(np.int64) * len(pool.sizes) + groups) >= pool.sizes[groups]
        else:
            done = pool.sizes[groups] == 0
        hopeless = done.copy()
        keys = self.owner_keys if side == "owner" else self.target_keys
        for attempt in range(_ROUNDS):
            left = np.flatnonzero(~done & (pool.counts[groups] > 0))
            if not len(left):
                break
            place = self.draws.below(
                f"{self.purpose} {side} picks {attempt}", keys[units[left]], pool.counts[groups[left]], left
            )
            partner = member[pool.member(groups[left], place)]
            pairs = self._sides(side, units[left], partner)
            done[left[self.add(*pairs, choosy=attempt < _CHOOSY)]] = True
        left = np.flatnonzero(~done)
        partner = self._first_free(side, units[left], groups[left], pool, member)
        found = partner >= 0
        if found.any():
            self.add(*self._sides(side, units[left[found]], partner[found]))
        hopeless[left[~found]] = True
        return ~hopeless

    def _first_free(self, side: str, units: Ints, groups: Ints, pool: WeightedGroups, member: Ints) -> Ints:
        """For each unit the first partner in its group who is free, where pairs are unique each time another; or -1.

        Each unit's group is looked through once, however often the unit stands there.
        """
        free: dict[tuple[int, int], Iterator[int]] = {}
        found = np.full(len(units), -1)
        for at, (unit, group) in enumerate(zip(units.tolist(), groups.tolist(), strict=True)):
            if (unit, group) not in free:
                partners = np.array([*dict.fromkeys(member[pool.of(group)].tolist())], dtype=np.int64)
                some = partners[self.free(*self._sides(side, np.full(len(partners), unit), partners))].tolist()
                free[unit, group] = iter(some) if self.unique else cycle(some[:1])
            found[at] = next(free[unit, group], -1)
        return found

    def _sides(self, side: str, units: Ints, partners: Ints) -> tuple[Ints, Ints]:
        return (units, partners) if side == "owner" else (partners, units)


def _joined(parts: list[NDArray[np.int32]]) -> Ints:
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def _batches(owner_group: Ints, target_group: Ints) -> Iterator[tuple[Ints, Ints]]:
    """The owners and the targets of some groups at a time."""
    groups = int(max(owner_group.max(initial=-1), target_group.max(initial=-1))) + 1
    sides = Groups(owner_group, groups), Groups(target_group, groups)
    units = np.cumsum(sides[0].counts + sides[1].counts) // _BATCH
    firsts = np.flatnonzero(np.diff(units, prepend=-1)).tolist()
    for first, last in pairwise([*firsts, groups]):
        left, right = (np.sort(np.concatenate([side.of(at) for at in range(first, last)])) for side in sides)
        yield left, right
