"""Composing texts from the corpus: which sentences meet is drawn from the row's key, so a text follows from its row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from math import gcd
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from seeding.corpus import load
from seeding.engine.grouping import distinct
from seeding.engine.keys import Draws, Ints, Keys
from seeding.world.concerns import CONCERNS, TOPICS

T = TypeVar("T")
Pools = Sequence[Sequence[str]]
GAP_TURNS = 1500
"""The texts of what fills gaps count on from here, and those of base rows from 0: a world that grows repeats none."""
ANYWHERE = 1 << 16
"""Below this it is drawn where to begin in a pool, whatever its size; by turns from there, begun again at the end."""
_WALKS = Draws("walks")
"""Where authors begin their walks through the combinations: the same under any seed, so that two never meet."""


@cache
def topic(index: int) -> Mapping[str, Any]:
    """Everything the corpus holds on one topic."""
    folder = "concerns" if index < len(CONCERNS) else "general"
    found: Mapping[str, Any] = load(f"{folder}/{TOPICS[index]}")
    return found


class Book:
    """The pools that rows of several groups are composed from, so that all groups are composed at once."""

    def __init__(self, groups: NDArray[Any], pools_of: Callable[[int], Pools]) -> None:
        found = distinct(groups)
        self.page = np.searchsorted(found, groups)
        pages = [pools_of(group) for group in found.tolist()]
        self.pools = max(map(len, pages), default=0)
        filled = [[*page, *[[""]] * (self.pools - len(page))] for page in pages]
        self.size = np.array([[len(pool) for pool in page] for page in filled], dtype=np.int64).reshape(-1, self.pools)
        self.start = (np.cumsum(self.size) - self.size.reshape(-1)).reshape(self.size.shape)
        self.lines = np.array([line for page in filled for pool in page for line in pool], dtype=object)

    def sizes(self, pool: int) -> Ints:
        """How many lines each row's pool of this number has."""
        return np.asarray(self.size[self.page, pool])

    def pick(self, pool: int, place: Ints) -> list[str]:
        """The line at this place of each row's pool of this number."""
        found: list[str] = self.lines[self.start[self.page, pool] + place].tolist()
        return found


def in_turn(purpose: str, author_keys: Keys, turn: Ints, book: Book) -> Iterator[tuple[str, ...]]:
    """An alternative from each pool a row; no author repeats a combination before all were used.

    Each author walks through the combinations from a start of their own, in steps that visit every one; for texts that
    fill gaps the other way round, so that these say nothing first that a base row of the author has said.
    """
    totals = book.size.prod(axis=1)
    total, step = totals[book.page], np.array([_step(one) for one in totals.tolist()], dtype=np.int64)[book.page]
    turn = np.where(turn >= GAP_TURNS, GAP_TURNS - 1 - turn, turn)
    at = (_WALKS.below(purpose, author_keys, total) + turn * step) % total
    columns = []
    for pool in range(book.pools):
        at, place = np.divmod(at, book.sizes(pool))
        columns.append(book.pick(pool, place))
    return zip(*columns, strict=True)


def asides(turn: Ints, book: Book) -> list[str]:
    """What else each row says whose author has been through its combinations before, or nothing.

    Base rows, and those that fill gaps, have half of the combinations to themselves, and half of the asides. The next
    row says another one, and so does the same combination when it comes up again.
    """
    lines = load("comments")["asides"]
    gap, room = turn >= GAP_TURNS, len(lines) // 2
    turn, total = np.where(gap, turn - GAP_TURNS, turn), np.maximum(book.size.prod(axis=1)[book.page], 1)
    has_said_all = turn >= np.maximum(total // 2, 1)
    place = np.where(has_said_all, 1 + gap * room + (turn // total + turn % total) % room, 0)
    found: list[str] = np.array(["", *lines], dtype=object)[place].tolist()
    return found


@cache
def _step(total: int) -> int:
    """A step that visits each of so many combinations before it comes back to the first."""
    return next(step for step in count(int(total * 0.618) + 1) if gcd(step, total) == 1)


def by_group(groups: NDArray[Any], make: Callable[[int, Ints], Sequence[T]]) -> list[T]:
    """Texts, or what else rows need, made group by group: `make(group, rows)` gives those of one group."""
    texts = np.empty(len(groups), dtype=object)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        texts[rows] = make(int(group), rows)
    made: list[T] = texts.tolist()
    return made


def pick(draws: Draws, purpose: str, keys: Keys, pool: Sequence[T]) -> list[T]:
    """One alternative a key."""
    return [pool[at] for at in draws.below(purpose, keys, len(pool)).tolist()]


def fill_when(draws: Draws, keys: Keys, texts: list[str]) -> list[str]:
    """Put a time phrase where a text asks for one: any, or one that may be a working day by daylight."""
    open_ = [at for at, text in enumerate(texts) if "{" in text]
    for asked, phrases in (("{when}", "when"), ("{day}", "days")):
        asking = [at for at in open_ if asked in texts[at]]
        said = pick(draws, "when", keys[asking], load("comments")[phrases])
        for at, phrase in zip(asking, said, strict=True):
            texts[at] = texts[at].replace(asked, phrase)
    return texts
