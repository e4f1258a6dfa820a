"""Composing what is said in conversations: each follows a scenario turn by turn, and then the next one.

Who says what is decided by who takes part, and what they talk about by what there has been between them: a scenario
may need an occasion. Its lines name the first speaker as `{client}` or `{a}`, the second as `{therapist}` or `{b}`, and
what it is about as `{concern}`. A turn has lines, and may have sentences that go with any of them, `then`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.corpus import load
from seeding.engine.grouping import rank_within
from seeding.engine.keys import Bools, Draws, Ints, Keys, blocks
from seeding.texts import composing
from seeding.world.people import ADMIN, MODERATOR, THERAPIST

WITH_THERAPIST, WITH_PEER, IN_THREE, IN_GROUP, WITH_STAFF, ALONE = range(6)
SECTIONS = ("therapist", "peer", "group", "group", "support", "support")
"""Where the corpus holds each kind's scenarios: three leave out a group's fourth, who is alone gets no answer."""
THINGS = "things"
OCCASIONS = (
    "acquaintance", "match", "unplanned", "first", "session", "between", "free", "appointment", "worksheet", "missed",
    "therapist",
)  # fmt: skip
"""What a scenario may need: nobody has written here before; matched lately, and no session arranged; no session so far,
and none arranged, or the first, while the other has had some; a session held, and the next one arranged or not; any
arranged; a worksheet given lately, and one not handed in; the last session missed lately; somebody's therapist."""
PASSING = ("acquaintance", "match", "unplanned", "first", "missed")
"""Occasions that a conversation begins with, and does not come back to."""
AHEAD = ("first", "between", "appointment")
"""Occasions that are over with the next session."""
_NO_NAME = re.compile(r"[/@:<>\d\n]|\.\S|^\s*$")
NAMELESS = "friend"
ANY_TIME = -1

Turn = tuple[int, int]
"""Who speaks, and the pool that the line comes from."""


@dataclass(frozen=True)
class Script:
    """All scenarios of each kind. A reel is one of them with others following, as a stretch of the turns.

    `needs` says the occasion that each needs, counted along OCCASIONS, or ANY_TIME.
    """

    first: Ints
    number: Ints
    titles: list[str]
    needs: Ints
    start: Ints
    length: Ints
    speaker: Ints
    pool: Ints
    lines: NDArray[Any]
    pool_start: Ints
    pool_size: Ints
    minutes: NDArray[np.float64]
    """For each pool, between how many minutes its lines follow on those before; NaN where that is left open."""

    def turns(self, reel: Ints, turn: Ints) -> tuple[Ints, Ints]:
        """Who speaks at this turn of each reel, and from which pool; a reel that has run out begins again."""
        at = self.start[reel] + turn % self.length[reel]
        return self.speaker[at], self.pool[at]


@cache
def script() -> Script:
    """The dialogues of the corpus."""
    dialogues = load("dialogues")
    every = [turn for cast in dialogues.values() for scenario in cast for turn in scenario["turns"]]
    pools = [alternatives(turn) for turn in every]
    numbers = iter(range(len(pools)))
    turns = {
        cast: [[(turn["from"], next(numbers)) for turn in scenario["turns"]] for scenario in scenarios]
        for cast, scenarios in dialogues.items()
    }
    reels: list[list[Turn]] = []
    titles: list[str] = []
    needs: list[str] = []
    for kind, section in enumerate(SECTIONS):
        scenarios = [_shortened(kind, scenario) for scenario in turns[section]]
        wanted = [scenario.get("needs", "") for scenario in dialogues[section]]
        reels += [_reel(scenarios, wanted, at) for at in range(len(scenarios))]
        titles += [scenario["title"] for scenario in dialogues[section]]
        needs += wanted
    number = np.array([len(turns[section]) for section in SECTIONS])
    length, size = np.array([len(reel) for reel in reels]), np.array([len(pool) for pool in pools])
    flat = np.array([turn for reel in reels for turn in reel], dtype=np.int64)
    lines = np.array([line for pool in pools for line in pool], dtype=object)
    minutes = np.array([turn.get("minutes", (np.nan, np.nan)) for turn in every])
    needed = np.array([OCCASIONS.index(one) if one else ANY_TIME for one in needs])
    return Script(
        _starts(number), number, titles, needed, _starts(length), length, flat[:, 0], flat[:, 1], lines,
        _starts(size), size, minutes,
    )  # fmt: skip


def alternatives(turn: Mapping[str, Any]) -> list[str]:
    """What may be said at a turn: its lines, each with every sentence that may come `then`, like ones far apart."""
    lines, then = turn["lines"], turn.get("then")
    if then is None:
        return list(lines)
    places = (divmod(at, len(lines)) for at in range(len(lines) * len(then)))
    return [f"{lines[place]} {then[(place + lap) % len(then)]}" for lap, place in places]


def _starts(sizes: Ints) -> Ints:
    return np.cumsum(sizes) - sizes


def _shortened(kind: int, scenario: list[Turn]) -> list[Turn]:
    """The turns of a scenario that those present can speak; who is alone begins and gets no answer."""
    present = {IN_THREE: 3, ALONE: 1}.get(kind, 4)
    spoken = [turn for turn in scenario if turn[0] < present]
    return spoken[:1] if kind == ALONE else spoken


def _reel(scenarios: Sequence[list[Turn]], needs: Sequence[str], at: int) -> list[Turn]:
    """A scenario and, in a ring, those after it: first what needs nothing or the same, then what might be by then."""
    ring = [place for place in [*range(at + 1, len(needs)), *range(at)] if needs[place] not in PASSING]
    after = sorted(ring, key=lambda place: needs[place] not in ("", needs[at]))
    return [turn for place in [at, *after] for turn in scenarios[place]]


def kinds(roles: NDArray[Any], speakers: Ints) -> Ints:
    """The kind of conversation between up to four speakers (below zero: nobody), of whom the first is a client."""
    size = (speakers >= 0).sum(axis=1)
    first, second = speakers[:, 0], speakers[:, 1]
    two, staff = size == 2, np.isin(roles, (MODERATOR, ADMIN))
    return np.select(
        [
            size == 1,
            two & (roles[second] == THERAPIST) & (roles[first] != THERAPIST),
            two & staff[second] & ~staff[first],
            two,
            size == 3,
        ],
        [ALONE, WITH_THERAPIST, WITH_STAFF, WITH_PEER, IN_THREE],
        IN_GROUP,
    ).astype(np.int64)


def reels(draws: Draws, keys: Keys, kind: Ints, occasions: Bools) -> Ints:
    """The reel of each conversation: one that needs nothing, or one of these occasions (a column each of OCCASIONS)."""
    every = script()
    found = np.empty(len(kind), dtype=np.int64)
    for part in blocks(len(kind)):
        first = every.first[kind[part], None]
        at = first + np.arange(max(every.number))
        there = at < first + every.number[kind[part], None]
        need = every.needs[np.where(there, at, 0)]
        fits = there & ((need == ANY_TIME) | np.take_along_axis(occasions[part], np.maximum(need, 0), axis=1))
        chosen = draws.below("scenario", keys[part], fits.sum(axis=1))
        found[part] = first[:, 0] + np.argmax(np.cumsum(fits, axis=1) > chosen[:, None], axis=1)
    return found


def looks_ahead(reel: Ints) -> Bools:
    """Which of these reels begin with a scenario that is about a session to come."""
    return np.isin(script().needs[reel], [OCCASIONS.index(one) for one in AHEAD])


def lines(draws: Draws, first_sender: Keys, pool: Ints) -> Ints:
    """The line said from each of these pools: none is said again before its whole pool has been said.

    So a line depends on the messages that are written together, and on the key of the first of their senders.
    """
    every = script()
    drawn = draws.below("line", first_sender, composing.ANYWHERE)
    rank, size = rank_within(pool), every.pool_size[pool]
    return np.asarray(every.pool_start[pool] + (drawn + rank + rank // size * pool) % size)


def said(line: Ints, first: list[str], second: list[str], topics: Ints) -> list[str]:
    """The lines with names and concerns put in."""
    plain = [topic_name(topic) for topic in range(-1, int(topics.max(initial=-1)) + 1)]
    spoken = script().lines[line]
    for at in np.flatnonzero(_asks()[line]).tolist():
        a, b = spoken_name(first[at]), spoken_name(second[at])
        text = spoken[at].replace("{concern}", plain[topics[at] + 1]).replace("{client}", a).replace("{a}", a)
        spoken[at] = text.replace("{therapist}", b).replace("{b}", b)
    return spoken.tolist()


@cache
def spoken_name(name: str) -> str:
    """What somebody is called by: no name where theirs, which they chose, is blank or could be an address."""
    return NAMELESS if _NO_NAME.search(name) else name.strip()


def topic_name(topic: int) -> str:
    """A concern as people say it; "things" where there is none."""
    return str(composing.topic(topic)["plain"]) if topic >= 0 else THINGS


@cache
def _asks() -> Bools:
    return np.array(["{" in line for line in script().lines])
