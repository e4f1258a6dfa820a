"""Composing texts from the corpus: which sentences meet is drawn from the row's key, so a text follows from its row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import count
from math import gcd, prod
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


def in_turn(purpose: str, author_keys: Keys, turn: Ints, pools: Pools) -> Iterator[tuple[str, ...]]:
    """An alternative from each pool a row; no author repeats a combination before all were used.

    Each author walks through the combinations from a start of their own, in steps that visit every one; the texts of
    base rows and those that fill gaps begin half the way apart.
    """
    total = prod(len(pool) for pool in pools)
    step = next(step for step in count(int(total * 0.618) + 1) if gcd(step, total) == 1)
    turn = np.where(turn >= GAP_TURNS, turn - GAP_TURNS + total // 2, turn)
    at = (_WALKS.below(purpose, author_keys, total) + turn * step) % total
    columns = []
    for pool in pools:
        at, place = np.divmod(at, len(pool))
        columns.append([pool[one] for one in place.tolist()])
    return zip(*columns, strict=True)


def compose_in_turn(purpose: str, author_keys: Keys, turn: Ints, pools: Pools) -> list[str]:
    """One text a row, the alternatives joined, none of which an author repeats before all combinations were used."""
    return [" ".join(dict.fromkeys(filter(None, parts))) for parts in in_turn(purpose, author_keys, turn, pools)]


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
    phrases = pick(draws, "when", keys, load("comments")["when"])
    return [
        text.replace("{when}", phrase) if "{when}" in text else text
        for text, phrase in zip(texts, phrases, strict=True)
    ]


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
    subjects = subjects_of(keys, topics)
    groups = np.where(explains, topics, len(TOPICS) + topics * 16 + subjects)
    titles = by_group(groups, lambda group, rows: _post_titles(author_keys[rows], group, turn[rows]))
    bodies = by_group(groups, lambda group, rows: _post_bodies(author_keys[rows], group, turn[rows]))
    return titles, fill_when(draws, keys, bodies)


def _post_titles(author_keys: Keys, group: int, turn: Ints) -> list[str]:
    if group < len(TOPICS):
        return compose_in_turn("insight", author_keys, turn, _insights(group, "title"))
    about, subject = divmod(group - len(TOPICS), 16)
    return compose_in_turn("title", author_keys, turn, [topic(about)["subjects"][subject]["titles"]])


def _insights(group: int, part: str) -> Pools:
    """What therapists' posts are composed from; titles and bodies have pools of the same sizes, so that they fit."""
    shared = load("comments")
    around = [["", *shared["therapist_openings"]], shared["therapist_closings"]]
    opening, closing = around if part == "body" else [[""] * len(pool) for pool in around]
    return [opening, [insight[part] for insight in topic(group)["insights"]], closing]


def _post_bodies(author_keys: Keys, group: int, turn: Ints) -> list[str]:
    if group < len(TOPICS):
        return compose_in_turn("insight", author_keys, turn, _insights(group, "body"))
    about, subject = divmod(group - len(TOPICS), 16)
    texts = topic(about)
    parts = texts["subjects"][subject]
    greetings = ["", *load("comments")["greetings"]]
    closings = [*texts["asks"], *texts["hopes"]]
    pools = [greetings, parts["situations"], parts["details"], texts["feelings"], closings]
    return compose_in_turn("post", author_keys, turn, pools)


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
    groups = (answers.topics * 16 + answers.subjects + 1) * 8 + answers.voice
    texts = by_group(groups, lambda group, rows: _comments(draws, answers.take(rows), group))
    return fill_when(draws, keys, texts)


@cache
def _on_subject(about: int, subject: int, lines: str) -> list[str]:
    """Lines of the corpus about a subject (counted from 1)."""
    name = topic(about)["subjects"][subject - 1]["name"].replace("my ", "your ")
    return [line.replace("{subject}", name) for line in load("comments")[lines]]


def _comments(draws: Draws, answers: Answers, group: int) -> list[str]:
    """Comments of one group: how they begin and end is their author's own, what they say has its place under the post.

    Nobody begins and ends twice in the same way before all ways were used, so nobody says the same text twice.
    """
    rest, voice = divmod(group, 8)
    about, subject = divmod(rest, 16)
    shared, texts = load("comments"), topic(about)
    first, last = {
        PEER: (["", *shared["openers"]], ["", *(texts["advice"] if subject else shared["goodbyes"])]),
        THERAPIST: (shared["therapist_comments"], ["", *shared["therapist_goodbyes"]]),
        AUTHOR: (shared["author_replies"], texts["hopes"]),
        REPLY: (shared["replies"], ["", *shared["goodbyes"]]),
        STAFF: (shared["staff_comments"], ["", *shared["staff_goodbyes"]]),
    }[voice]
    middle: list[str] = []
    if subject and voice in (THERAPIST, STAFF):
        middle = _on_subject(about, subject, "therapist_subjects" if voice == THERAPIST else "staff_subjects")
    elif voice == PEER or (subject and voice == REPLY):
        middle = texts["subjects"][subject - 1]["comments"] if subject else texts["advice"]
    elif voice == THERAPIST:
        middle = shared["therapist_seconds"]
    own = in_turn(f"comment {voice}", answers.author_keys, answers.turn, [first, last])
    if not middle:
        return [" ".join(filter(None, parts)) for parts in own]
    at = draws.below("answer", answers.post_keys, len(middle)) + answers.place
    rows = zip(own, (at % len(middle)).tolist(), strict=True)
    return [" ".join(filter(None, (begins, middle[said], ends))) for (begins, ends), said in rows]
