"""Small set operations on arrays that planning is made of: rank in a group, find, pair, spread."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.keys import Ids, Ints, Keys, halves


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
        return order if _rises(values[order]) else np.argsort(values, kind="stable")
    bits = len(values).bit_length()
    if values.dtype == np.int64 and len(values) and max(-int(values.min()), int(values.max())) >> (62 - bits) == 0:
        return np.sort((values << bits) | np.arange(len(values))) & ((1 << bits) - 1)
    return np.argsort(values, kind="stable")


def _rises(ordered: NDArray[Any]) -> bool:
    return bool((ordered[1:] != ordered[:-1]).all())


def rank_within(groups: NDArray[Any], order: NDArray[Any] | None = None) -> Ints:
    """For each row its place, from 0, among the rows of its group, in the given order (default: as they stand)."""
    rows = in_order(groups) if order is None else grouped(groups, order)
    return _ranks(groups[rows], rows)


def grouped(groups: NDArray[Any], order: NDArray[Any]) -> Ints:
    """The rows group by group, in this order within each."""
    ordered = in_order(order)
    return ordered[in_order(groups[ordered])]


def _ranks(sorted_groups: NDArray[Any], rows: Ints) -> Ints:
    ranks = np.empty(len(rows), dtype=np.int64)
    if len(rows):
        fresh = np.r_[True, sorted_groups[1:] != sorted_groups[:-1]]
        starts = np.flatnonzero(fresh)
        ranks[rows] = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
    return ranks


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


def find_ids(wanted: Ids, among: Ids) -> Ints:
    """The position of each wanted id in an array of ids that need not be sorted, or -1."""
    order = in_order(among)
    places = find(wanted, among[order])
    return np.where(places >= 0, order[places], -1) if len(among) else places


def pair_by_group(left: Ints, left_order: Keys, right: Ints, right_order: Keys) -> tuple[Ints, Ints]:
    """Pair units of both sides that lie in the same group, each at most once: (left rows, right rows).

    The i-th unit of a group on the left, in its order, meets the i-th on the right; what is
    over on either side stays unpaired.
    """
    span = int(max(left.max(initial=0), right.max(initial=0))) + 1
    left_codes = rank_within(left, left_order) * span + left
    right_codes = rank_within(right, right_order) * span + right
    order = in_order(right_codes)
    places = find(left_codes, right_codes[order])
    matched = np.flatnonzero(places >= 0)
    return matched, order[places[matched]]


class Groups:
    """Rows gathered by an integer group: counts, and the n-th member of each, without a loop."""

    def __init__(self, group: Ints, size: int) -> None:
        self.rows = in_order(group)
        self.counts = np.bincount(group, minlength=size).astype(np.int64)
        self.starts = np.r_[0, np.cumsum(self.counts)[:-1]].astype(np.int64)

    def member(self, group: Ints, place: Ints) -> Ints:
        """The row at this place of the group; the group must not be empty."""
        return np.asarray(self.rows[self.starts[group] + place], dtype=np.int64)

    def of(self, group: int) -> Ints:
        """All rows of one group."""
        start = self.starts[group]
        return np.asarray(self.rows[start : start + self.counts[group]], dtype=np.int64)
