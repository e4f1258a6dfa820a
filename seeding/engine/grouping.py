"""Small set operations on arrays that planning is made of: rank in a group, find, pair, spread."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.keys import Bools, Ints, Keys, halves


def in_order(values: NDArray[Any]) -> Ints:
    """The rows by their values, rows of the same value as they stand.

    Whole numbers are sorted together with their places, ids by their first halves and keys as they are where all
    differ: sorting numbers is many times faster than a stable sort of places.
    """
    if values.dtype == np.dtype("S16"):
        high, low = halves(values)
        order = np.argsort(high)
        return order if _rises(high[order]) else np.lexsort((low, high))
    if values.dtype == np.uint64:
        order = np.argsort(values)
        if _rises(values[order]):
            return order
        del order
    bits = len(values).bit_length()
    if values.dtype.kind == "i" and len(values) and max(-int(values.min()), int(values.max())) >> (62 - bits) == 0:
        codes = values.astype(np.int64) << bits
        narrow: Any = np.int32 if bits < 32 else np.int64
        codes |= np.arange(len(values), dtype=narrow)
        codes.sort()
        codes &= (1 << bits) - 1
        return codes
    return np.argsort(values, kind="stable")


def _rises(ordered: NDArray[Any]) -> bool:
    return bool((ordered[1:] != ordered[:-1]).all())


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """The values in order, each once: many times faster than `np.unique`, which hashes, or compares ids as text."""
    ordered = values[in_order(values)] if values.dtype.kind == "S" else np.sort(values)
    return ordered[_begins(ordered)]


def first_of_each(values: NDArray[Any]) -> Ints:
    """The first row of each value, in the order of the values."""
    order = in_order(values)
    return order[_begins(values[order])]


def _begins(ordered: NDArray[Any]) -> Bools:
    return np.r_[np.ones(min(len(ordered), 1), dtype=np.bool_), ordered[1:] != ordered[:-1]]


def rank_within(groups: NDArray[Any], order: NDArray[Any] | None = None) -> Ints:
    """For each row its place, from 0, among the rows of its group, in the given order (default: as they stand)."""
    rows = in_order(groups) if order is None else grouped(groups, order)
    return _ranks(groups[rows], rows)


def grouped(groups: NDArray[Any], order: NDArray[Any]) -> NDArray[Any]:
    """The rows group by group, in this order within each; as places in four bytes each where that will do."""
    ordered = in_order(order).astype(_narrow(len(order)))
    return ordered[in_order(groups[ordered])]


def _ranks(sorted_groups: NDArray[Any], rows: NDArray[Any]) -> Ints:
    """The ranks, worked out in four bytes each where that will do: millions of rows are ranked at once."""
    count = len(rows)
    ends = np.r_[np.flatnonzero(sorted_groups[1:] != sorted_groups[:-1]) + 1, np.full(min(count, 1), count)]
    sizes = np.diff(ends, prepend=0)
    narrow = _narrow(count)
    places: NDArray[Any] = np.arange(count, dtype=narrow)
    places -= np.repeat((ends - sizes).astype(narrow), sizes)
    ranks = np.empty(count, dtype=np.int64)
    ranks[rows] = places
    return ranks


def _narrow(count: int) -> Any:
    """The type of places among so many rows: millions of them are held at once."""
    return np.int32 if count < 2**31 else np.int64


def find(wanted: NDArray[Any], among: NDArray[Any]) -> Ints:
    """The position of each wanted value in a sorted array without repeats, or -1."""
    if not len(among):
        return np.full(len(wanted), -1, dtype=np.int64)
    places = np.minimum(_places(wanted, among), len(among) - 1)
    return np.where(among[places] == wanted, places, -1).astype(np.int64)


def _places(wanted: NDArray[Any], among: NDArray[Any]) -> Ints:
    if among.dtype == wanted.dtype == np.dtype("S16"):
        high, _ = halves(among)
        if _rises(high):
            return np.searchsorted(high, halves(wanted)[0])
    return np.searchsorted(among, wanted)


def is_in(values: NDArray[Any], known: NDArray[Any]) -> Bools:
    """Which of the values are known: many times faster than `np.isin` for ids and for numbers far apart."""
    return find(values, distinct(known)) >= 0


def find_unsorted(wanted: NDArray[Any], among: NDArray[Any]) -> Ints:
    """The position of each wanted value in an array that need not be sorted, without repeats, or -1."""
    order = in_order(among)
    return np.r_[order, -1][find(wanted, among[order])]


def last_before(group: Ints, time: Ints, wanted: Ints, before: Ints) -> Ints:
    """For each wanted group the row with its latest time before an instant, or -1; the rows are groups with times."""
    asks = np.arange(len(group) + len(wanted)) >= len(group)
    groups = np.concatenate([group, wanted])
    order = np.lexsort((~asks, np.concatenate([time, before]), groups))
    rows = order[np.maximum.accumulate(np.where(asks[order], 0, np.arange(len(order))))]
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.where((groups[rows] == groups[order]) & ~asks[rows], rows, -1)
    return found[len(group) :]


def pair_by_group(left: Ints, left_order: Keys, right: Ints, right_order: Keys) -> tuple[Ints, Ints]:
    """Pair units of both sides that lie in the same group, each at most once: (left rows, right rows).

    The i-th unit of a group on the left, in its order, meets the i-th on the right; what is
    over on either side stays unpaired.
    """
    size = int(max(left.max(initial=-1), right.max(initial=-1))) + 1
    left_counts, right_counts = np.bincount(left, minlength=size), np.bincount(right, minlength=size)
    both = np.minimum(left_counts, right_counts)
    place = np.arange(both.sum()) - np.repeat(np.cumsum(both) - both, both)
    one = grouped(left, left_order)[np.repeat(np.cumsum(left_counts) - left_counts, both) + place]
    other = grouped(right, right_order)[np.repeat(np.cumsum(right_counts) - right_counts, both) + place]
    order = in_order(one)
    return one[order], other[order]


class Groups:
    """Rows gathered by an integer group: counts, and the n-th member of each, without a loop.

    `rows` are what members are called by; without them, it is by their places in `group`.
    """

    def __init__(self, group: Ints, size: int, rows: Ints | None = None) -> None:
        order = in_order(group)
        self.rows = order.astype(_narrow(len(group))) if rows is None else rows[order]
        self.counts = np.bincount(group, minlength=size).astype(np.int64)
        self.starts = np.r_[0, np.cumsum(self.counts)[:-1]].astype(np.int64)

    def member(self, group: Ints, place: Ints) -> Ints:
        """The row at this place of the group; the group must not be empty."""
        return np.asarray(self.rows[self.starts[group] + place], dtype=np.int64)

    def by_turns(self, numbers: Ints) -> Ints:
        """So many rows of each group, its members by turns; none of an empty group."""
        group = np.repeat(np.arange(len(numbers)), np.where(self.counts > 0, np.maximum(numbers, 0), 0))
        return self.member(group, rank_within(group) % self.counts[group])

    def of(self, group: int) -> Ints:
        """All rows of one group."""
        start = self.starts[group]
        return np.asarray(self.rows[start : start + self.counts[group]], dtype=np.int64)


class WeightedGroups:
    """Rows gathered by an integer group, each standing there as often as it weighs (a whole number).

    `sizes` says how many rows each group has, `counts` how much they weigh together: `member` takes places below that.
    """

    def __init__(self, group: Ints, size: int, weight: Ints) -> None:
        self._groups, self._weight = Groups(group, size), weight
        self._ends = np.cumsum(weight[self._groups.rows])
        before = np.r_[0, self._ends]
        self._starts = before[self._groups.starts]
        self.sizes = self._groups.counts
        self.counts = before[self._groups.starts + self._groups.counts] - self._starts

    def member(self, group: Ints, place: Ints) -> Ints:
        """The row at this place of the group; the group must not be empty."""
        at = np.searchsorted(self._ends, self._starts[group] + place, side="right")
        return np.asarray(self._groups.rows[at], dtype=np.int64)

    def of(self, group: int) -> Ints:
        """All rows of one group, once each, those that weigh nothing last."""
        rows = self._groups.of(group)
        return rows[np.argsort(self._weight[rows] == 0, kind="stable")]
