"""Composing texts from the corpus: which sentences meet is drawn from the row's key, so a text follows from its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
_WALKS = Draws("walks")
"""Where authors begin their walks through the combinations: the same under any seed, so that two never meet."""


@cache
def topic(index: int) -> Mapping[str, Any]:
    """Everything the corpus holds on one topic."""
    folder = "concerns" if index < len(CONCERNS) else "general"
    found: Mapping[str, Any] = load(f"{folder}/{TOPICS[index]}")
    return found


def compose_in_turn(purpose: str, author_keys: Keys, turn: Ints, pools: Pools, joint: str = " ") -> list[str]:
    """One text a row, none of which an author repeats before all combinations were used.

    Each author walks through the combinations from a start of their own, in steps that visit every one.
    """
    total = prod(len(pool) for pool in pools)
    step = next(step for step in count(int(total * 0.618) + 1) if gcd(step, total) == 1)
    at = (_WALKS.below(purpose, author_keys, total) + turn * step) % total
    columns = []
    for pool in pools:
        at, place = np.divmod(at, len(pool))
        columns.append([pool[one] for one in place.tolist()])
    return [joint.join(dict.fromkeys(filter(None, parts))) for parts in zip(*columns, strict=True)]


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
    draws: Draws, keys: Keys, topics: Ints, therapist: NDArray[np.bool_], author_keys: Keys, turn: Ints
) -> tuple[list[str], list[str]]:
    """Titles and bodies of posts: what happened to a member, or what a therapist explains.

    `turn` counts the posts of each author.
    """
    subjects = subjects_of(keys, topics)
    groups = np.where(therapist, topics, len(TOPICS) + topics * 16 + subjects)
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
    shared = load("comments")
    if group < len(TOPICS):
        return compose_in_turn("insight", author_keys, turn, _insights(group, "body"))
    about, subject = divmod(group - len(TOPICS), 16)
    texts = topic(about)
    parts = texts["subjects"][subject]
    greetings = ["", *shared["greetings"]]
    closings = [*texts["asks"], *texts["hopes"]]
    pools = [greetings, parts["situations"], parts["details"], texts["feelings"], closings]
    return compose_in_turn("post", author_keys, turn, pools)


PEER, THERAPIST, AUTHOR, REPLY = range(4)


def comments(
    draws: Draws, keys: Keys, topics: Ints, subjects: Ints, voice: Ints, author_keys: Keys, turn: Ints
) -> list[str]:
    """Comments that answer a post on its subject, in a voice: a peer's, a therapist's, or the author's own.

    `turn` counts the comments of each author.
    """
    groups = (topics * 16 + subjects + 1) * 4 + voice
    texts = by_group(groups, lambda group, rows: _comments(author_keys[rows], group, turn[rows]))
    return fill_when(draws, keys, texts)


@cache
def _on_subject(about: int, subject: int) -> list[str]:
    """What a therapist says of a subject (counted from 1), or where it is not known."""
    if subject == 0:
        return list(load("comments")["therapist_seconds"])
    name = topic(about)["subjects"][subject - 1]["name"]
    return [line.replace("{subject}", name) for line in load("comments")["therapist_subjects"]]


def _comments(author_keys: Keys, group: int, turn: Ints) -> list[str]:
    rest, voice = divmod(group, 4)
    about, subject = divmod(rest, 16)
    shared, texts = load("comments"), topic(about)
    specific = texts["advice"] if subject == 0 else texts["subjects"][subject - 1]["comments"]
    pools = {
        PEER: [["", *shared["openers"]], specific, ["", *texts["advice"]]],
        THERAPIST: [shared["therapist_comments"], _on_subject(about, subject), shared["therapist_closings"]],
        AUTHOR: [shared["author_replies"], ["", *texts["feelings"]], texts["hopes"]],
        REPLY: [shared["replies"], specific, ["", *texts["advice"]]],
    }[voice]
    return compose_in_turn(f"comment {voice}", author_keys, turn, pools)
