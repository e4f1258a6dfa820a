"""Small set operations on arrays that planning is made of: rank in a group, find, pair, spread."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.keys import Ids, Ints, Keys


def rank_within(groups: NDArray[Any], order: NDArray[Any] | None = None) -> Ints:
    """For each row its place, from 0, among the rows of its group, in the given order (default: as they stand)."""
    rows = np.lexsort((np.arange(len(groups)) if order is None else order, groups))
    return _ranks(groups[rows], rows)


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
    places = np.minimum(np.searchsorted(among, wanted), len(among) - 1)
    return np.where(among[places] == wanted, places, -1).astype(np.int64)


def find_ids(wanted: Ids, among: Ids) -> Ints:
    """The position of each wanted id in an array of ids that need not be sorted, or -1."""
    order = np.argsort(among, kind="stable")
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
    order = np.argsort(right_codes, kind="stable")
    places = find(left_codes, right_codes[order])
    matched = np.flatnonzero(places >= 0)
    return matched, order[places[matched]]


class Groups:
    """Rows gathered by an integer group: counts, and the n-th member of each, without a loop."""

    def __init__(self, group: Ints, size: int) -> None:
        self.rows = np.argsort(group, kind="stable").astype(np.int64)
        self.counts = np.bincount(group, minlength=size).astype(np.int64)
        self.starts = np.r_[0, np.cumsum(self.counts)[:-1]].astype(np.int64)

    def member(self, group: Ints, place: Ints) -> Ints:
        """The row at this place of the group; the group must not be empty."""
        return np.asarray(self.rows[self.starts[group] + place], dtype=np.int64)

    def of(self, group: int) -> Ints:
        """All rows of one group."""
        start = self.starts[group]
        return np.asarray(self.rows[start : start + self.counts[group]], dtype=np.int64)
