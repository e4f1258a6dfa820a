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
SATURDAY = 5
_WALKS = Draws("walks")
"""Where authors begin their walks through the pools: the same under any seed, so that two never meet."""


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
    """An alternative from each pool a row; no author says a line again before its pool, or all combinations, were used.

    Each author walks through every pool from a start of their own, in steps that visit each line; for texts that fill
    gaps the other way round, so that these say nothing first that a base row of the author has said. Where a pool
    comes round together with those before it, it goes one line ahead of them.
    """
    turn, page = np.where(turn >= GAP_TURNS, GAP_TURNS - 1 - turn, turn), book.page
    columns, combined = [], np.ones(len(book.size), dtype=np.int64)
    for pool in range(book.pools):
        size: Ints = book.size[:, pool]
        together, combined = np.lcm(combined, size), combined * size
        ahead = (turn + (together // 2)[page]) // together[page] % (combined // together)[page]
        step = np.array([_step(one) for one in size.tolist()], dtype=np.int64)[page]
        place: Ints = _WALKS.below(purpose, author_keys, size[page], pool) + (turn + ahead) * step
        columns.append(book.pick(pool, place % size[page]))
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
    """A step that visits each of so many lines before it comes back to the first."""
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


def fill_when(draws: Draws, keys: Keys, texts: list[str], weekday: Ints) -> list[str]:
    """Put a time phrase where a text asks for one: any, or one for a working day by daylight.

    `weekday` (0 Monday) is the day on which each is written, from which some phrases count back.
    """
    for asked, phrases in (("{when}", lambda _: load("comments")["when"]), ("{day}", _working_days)):
        asking = np.array([at for at, text in enumerate(texts) if asked in text], dtype=np.int64)
        for day in range(7):
            rows = asking[weekday[asking] == day]
            for at, phrase in zip(rows.tolist(), pick(draws, "when", keys[rows], phrases(day)), strict=True):
                texts[at] = texts[at].replace(asked, phrase)
    return texts


def _working_days(weekday: int) -> list[str]:
    """Phrases for a day on which people worked, said on this day of the week."""
    days = load("comments")["days"]
    return [phrase for phrase, back in days.items() if back is None or (weekday - back) % 7 < SATURDAY]
