"""Composing texts from the corpus: which sentences meet is drawn from the row's key, so a text follows from its row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, partial
from itertools import count
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.concerns import CONCERNS, TOPICS
from seeding.corpus import load
from seeding.engine.keys import Draws, Ints, Keys

Pools = Sequence[Sequence[str]]
NO_SUBJECT = -1
_SUBJECTS = Draws("subjects")
"""The subject of a post must be found again by whoever comments on it later, under any seed."""
GAP_TURNS = 1500
"""The texts of what fills gaps count on from here, and those of base rows from 0: a world that grows repeats none."""
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
        found, self.page = np.unique(groups, return_inverse=True)
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

    Each author walks through the combinations from a start of their own, in steps that visit every one; the texts of
    base rows and those that fill gaps begin half the way apart.
    """
    totals = book.size.prod(axis=1)
    total, step = totals[book.page], np.array([_step(one) for one in totals.tolist()], dtype=np.int64)[book.page]
    turn = np.where(turn >= GAP_TURNS, turn - GAP_TURNS + total // 2, turn)
    at = (_WALKS.below(purpose, author_keys, total) + turn * step) % total
    columns = []
    for pool in range(book.pools):
        at, place = np.divmod(at, book.sizes(pool))
        columns.append(book.pick(pool, place))
    return zip(*columns, strict=True)


@cache
def _step(total: int) -> int:
    """A step that visits each of so many combinations before it comes back to the first."""
    return next(step for step in count(int(total * 0.618) + 1) if gcd(step, total) == 1)


def compose_in_turn(purpose: str, author_keys: Keys, turn: Ints, book: Book) -> list[str]:
    """One text a row, the alternatives joined, none of which an author repeats before all combinations were used."""
    return [" ".join(dict.fromkeys(filter(None, parts))) for parts in in_turn(purpose, author_keys, turn, book)]


def compose(draws: Draws, purpose: str, keys: Keys, pools: Pools, joint: str = " ") -> list[str]:
    """One text a key: an alternative from each pool, joined."""
    picked = [draws.below(f"{purpose} {at}", keys, len(pool)) for at, pool in enumerate(pools)]
    columns = [[pool[at] for at in places.tolist()] for pool, places in zip(pools, picked, strict=True)]
    return [joint.join(filter(None, parts)) for parts in zip(*columns, strict=True)]


def by_group(groups: NDArray[Any], make: Callable[[int, Ints], Sequence[str]]) -> list[str]:
    """Texts for rows that are made group by group: `make(group, rows)` gives those of one group."""
    texts = np.empty(len(groups), dtype=object)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        texts[rows] = make(int(group), rows)
    return texts.tolist()


def pick(draws: Draws, purpose: str, keys: Keys, pool: Sequence[str]) -> list[str]:
    """One alternative a key."""
    return [pool[at] for at in draws.below(f"{purpose} 0", keys, len(pool)).tolist()]


def fill_when(draws: Draws, keys: Keys, texts: list[str]) -> list[str]:
    """Put a time phrase where a text asks for one."""
    asking = [at for at, text in enumerate(texts) if "{when}" in text]
    phrases = pick(draws, "when", keys[asking], load("comments")["when"])
    for at, phrase in zip(asking, phrases, strict=True):
        texts[at] = texts[at].replace("{when}", phrase)
    return texts


def subjects_of(post_keys: Keys, topics: Ints) -> Ints:
    """The subject, within its topic, that a post made here is about."""
    counts = np.array([len(topic(at)["subjects"]) if at in topics else 1 for at in range(len(TOPICS))])
    return _SUBJECTS.below("subject", post_keys, counts[topics])


def posts(
    draws: Draws, keys: Keys, topics: Ints, explains: NDArray[np.bool_], author_keys: Keys, turn: Ints
) -> tuple[list[str], list[str]]:
    """Titles and bodies of posts: what happened to a member, or what somebody explains who is there to help.

    `turn` counts the posts of each author.
    """
    groups = topics * 16 + subjects_of(keys, topics)

    def told(rows: Ints) -> tuple[list[str], list[str]]:
        who = author_keys[rows], turn[rows]
        return (
            compose_in_turn("title", *who, Book(groups[rows], _titles)),
            compose_in_turn("post", *who, Book(groups[rows], _bodies)),
        )

    def explained(rows: Ints) -> tuple[list[str], list[str]]:
        who = author_keys[rows], turn[rows]
        title, body = (Book(topics[rows], partial(_insights, part=part)) for part in ("title", "body"))
        return compose_in_turn("insight", *who, title), compose_in_turn("insight", *who, body)

    written = np.empty((2, len(keys)), dtype=object)
    for rows, write in ((np.flatnonzero(~explains), told), (np.flatnonzero(explains), explained)):
        if len(rows):
            written[:, rows] = write(rows)
    titles, bodies = written.tolist()
    return titles, fill_when(draws, keys, bodies)


def _titles(group: int) -> Pools:
    about, subject = divmod(group, 16)
    return [topic(about)["subjects"][subject]["titles"]]


def _bodies(group: int) -> Pools:
    about, subject = divmod(group, 16)
    texts = topic(about)
    parts = texts["subjects"][subject]
    greetings = ["", *load("comments")["greetings"]]
    return [greetings, parts["situations"], parts["details"], texts["feelings"], [*texts["asks"], *texts["hopes"]]]


def _insights(about: int, part: str) -> Pools:
    """What therapists' posts are composed from; titles and bodies have pools of the same sizes, so that they fit."""
    shared = load("comments")
    around = [["", *shared["therapist_openings"]], shared["therapist_closings"]]
    opening, closing = around if part == "body" else [[""] * len(pool) for pool in around]
    return [opening, [insight[part] for insight in topic(about)["insights"]], closing]


PEER, THERAPIST, AUTHOR, REPLY, STAFF = range(5)


@dataclass(frozen=True)
class Answers:
    """Comments to be composed: what about, in which voice, by whom, and where they stand.

    `turn` counts the comments of each author, `place` those under each post.
    """

    topics: Ints
    subjects: Ints
    voice: Ints
    author_keys: Keys
    turn: Ints
    post_keys: Keys
    place: Ints

    def take(self, which: Ints) -> Answers:
        """Some of the comments."""
        return Answers(*(getattr(self, each.name)[which] for each in fields(self)))


def comments(draws: Draws, keys: Keys, answers: Answers) -> list[str]:
    """Comments that answer a post on its subject, each as its author's other ones and the post's do not put it."""
    texts = by_group(answers.voice, lambda voice, rows: _comments(draws, answers.take(rows), voice))
    return fill_when(draws, keys, texts)


@cache
def _on_subject(about: int, subject: int, lines: str) -> list[str]:
    """Lines of the corpus about a subject (counted from 1)."""
    name = topic(about)["subjects"][subject - 1]["name"].replace("my ", "your ")
    return [line.replace("{subject}", name) for line in load("comments")[lines]]


def _comments(draws: Draws, answers: Answers, voice: int) -> list[str]:
    """Comments in one voice: how they begin and end is their author's own, what they say has its place under the post.

    Nobody begins and ends twice in the same way before all ways were used, so nobody says the same text twice.
    """
    groups = answers.topics * 16 + answers.subjects + 1
    own = in_turn(f"comment {voice}", answers.author_keys, answers.turn, Book(groups, partial(_around, voice)))
    middle = Book(groups, partial(_middle, voice))
    at = draws.below("answer", answers.post_keys, middle.sizes(0)) + answers.place
    says = middle.pick(0, at % middle.sizes(0))
    return [" ".join(filter(None, (begins, said, ends))) for (begins, ends), said in zip(own, says, strict=True)]


def _around(voice: int, group: int) -> Pools:
    """How comments on a subject (counted from 1, or 0) of a topic begin and end."""
    about, subject = divmod(group, 16)
    shared, texts = load("comments"), topic(about)
    if voice == PEER:
        return [["", *shared["openers"]], ["", *(texts["advice"] if subject else shared["goodbyes"])]]
    if voice == THERAPIST:
        return [shared["therapist_comments"], ["", *shared["therapist_goodbyes"]]]
    if voice == AUTHOR:
        return [shared["author_replies"], texts["hopes"]]
    if voice == REPLY:
        return [shared["replies"], ["", *shared["goodbyes"]]]
    return [shared["staff_comments"], ["", *shared["staff_goodbyes"]]]


def _middle(voice: int, group: int) -> Pools:
    """What they say in between, if anything."""
    about, subject = divmod(group, 16)
    shared, texts = load("comments"), topic(about)
    if subject and voice in (THERAPIST, STAFF):
        return [_on_subject(about, subject, "therapist_subjects" if voice == THERAPIST else "staff_subjects")]
    if subject and voice in (PEER, REPLY):
        return [texts["subjects"][subject - 1]["comments"]]
    return [{PEER: texts["advice"], THERAPIST: shared["therapist_seconds"]}.get(voice, [""])]
