"""Composing texts from the corpus: which sentences meet is drawn from the row's key, so a text follows from its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
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


@cache
def topic(index: int) -> Mapping[str, Any]:
    """Everything the corpus holds on one topic."""
    folder = "concerns" if index < len(CONCERNS) else "general"
    found: Mapping[str, Any] = load(f"{folder}/{TOPICS[index]}")
    return found


def compose(draws: Draws, purpose: str, keys: Keys, pools: Pools, joint: str = " ", turn: Ints | int = 0) -> list[str]:
    """One text a key: an alternative from each pool, joined; `turn` steps the first pool on, so texts of one author differ."""
    picked = [draws.below(f"{purpose} {at}", keys, len(pool)) for at, pool in enumerate(pools)]
    picked[0] = (picked[0] + turn) % len(pools[0])
    columns = [[pool[at] for at in places.tolist()] for pool, places in zip(pools, picked, strict=True)]
    return columns[0] if len(columns) == 1 else [joint.join(filter(None, parts)) for parts in zip(*columns, strict=True)]


def by_group(groups: NDArray[Any], make: Callable[[int, Ints], Sequence[str]]) -> list[str]:
    """Texts for rows that are made group by group: `make(group, rows)` gives those of one group."""
    texts = np.empty(len(groups), dtype=object)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        texts[rows] = make(int(group), rows)
    return texts.tolist()  # type: ignore[no-any-return]


def pick(draws: Draws, purpose: str, keys: Keys, pool: Sequence[str]) -> list[str]:
    """One alternative a key."""
    return compose(draws, purpose, keys, [pool])


def fill_when(draws: Draws, keys: Keys, texts: list[str]) -> list[str]:
    """Put a time phrase where a text asks for one."""
    phrases = pick(draws, "when", keys, load("comments")["when"])
    return [text.replace("{when}", phrase) if "{when}" in text else text for text, phrase in zip(texts, phrases, strict=True)]


def subjects_of(post_keys: Keys, topics: Ints) -> Ints:
    """The subject, within its topic, that a post made here is about."""
    counts = np.array([len(topic(at)["subjects"]) if at in topics else 1 for at in range(len(TOPICS))])
    return _SUBJECTS.below("subject", post_keys, counts[topics])


def posts(draws: Draws, keys: Keys, topics: Ints, therapist: NDArray[np.bool_], turn: Ints) -> tuple[list[str], list[str]]:
    """Titles and bodies of posts: what happened to a member, or what a therapist explains."""
    subjects = subjects_of(keys, topics)
    groups = np.where(therapist, topics, len(TOPICS) + topics * 16 + subjects)
    titles = by_group(groups, lambda group, rows: _post_titles(draws, keys[rows], group, turn[rows]))
    bodies = by_group(groups, lambda group, rows: _post_bodies(draws, keys[rows], group, turn[rows]))
    return titles, fill_when(draws, keys, bodies)


def _post_titles(draws: Draws, keys: Keys, group: int, turn: Ints) -> list[str]:
    if group < len(TOPICS):
        return compose(draws, "insight", keys, [[insight["title"] for insight in topic(group)["insights"]]], turn=turn)
    about, subject = divmod(group - len(TOPICS), 16)
    return compose(draws, "title", keys, [topic(about)["subjects"][subject]["titles"]], turn=turn)


def _post_bodies(draws: Draws, keys: Keys, group: int, turn: Ints) -> list[str]:
    if group < len(TOPICS):
        texts = topic(group)
        return compose(
            draws,
            "insight",
            keys,
            [[insight["body"] for insight in texts["insights"]], load("comments")["therapist_closings"]],
            turn=turn,
        )
    about, subject = divmod(group - len(TOPICS), 16)
    texts = topic(about)
    parts = texts["subjects"][subject]
    greetings = ["", "", *load("comments")["greetings"]]
    pools = [parts["situations"], parts["details"], texts["feelings"], [*texts["asks"], *texts["hopes"]]]
    opened = compose(draws, "greeting", keys, [greetings])
    told = compose(draws, "post", keys, pools, turn=turn)
    return [f"{hello} {story}" if hello else story for hello, story in zip(opened, told, strict=True)]


def comments(draws: Draws, keys: Keys, topics: Ints, subjects: Ints, voice: Ints, turn: Ints) -> list[str]:
    """Comments that answer a post on its subject, in a voice: a peer's, a therapist's, or the author's own."""
    groups = (topics * 16 + subjects + 1) * 4 + voice
    texts = by_group(groups, lambda group, rows: _comments(draws, keys[rows], group, turn[rows]))
    return fill_when(draws, keys, texts)


PEER, THERAPIST, AUTHOR, REPLY = range(4)


def _comments(draws: Draws, keys: Keys, group: int, turn: Ints) -> list[str]:
    rest, voice = divmod(group, 4)
    about, subject = divmod(rest, 16)
    shared, texts = load("comments"), topic(about)
    specific = texts["advice"] if subject == 0 else texts["subjects"][subject - 1]["comments"]
    pools = {
        PEER: [specific, ["", *texts["advice"]], ["", "", *shared["openers"]]],
        THERAPIST: [shared["therapist_comments"], shared["therapist_seconds"]],
        AUTHOR: [shared["author_replies"], texts["hopes"]],
        REPLY: [shared["replies"], specific],
    }[voice]
    if voice != PEER:
        return compose(draws, f"comment {voice}", keys, pools, turn=turn)
    answer = compose(draws, "comment", keys, pools[:1], turn=turn)
    advice = compose(draws, "advice", keys, pools[1:2])
    opener = compose(draws, "opener", keys, pools[2:], turn=turn)
    parts = zip(opener, answer, advice, strict=True)
    return [" ".join(dict.fromkeys(filter(None, part))) for part in parts]
