"""What the measures are: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """So many of so many; the share is None of nothing."""

    name: str
    part: int
    whole: int
    share: float | None


def share(name: str, part: int, whole: int) -> Share:
    """So many of so many."""
    return Share(name, int(part), int(whole), round(int(part) / int(whole), 4) if whole else None)


@dataclass(frozen=True)
class Spread:
    """How unevenly rows fall on their owners: Gini's coefficient (0 all alike, towards 1 one has everything)."""

    name: str
    owners: int
    gini: float
    mean: float
    most: int


@dataclass(frozen=True)
class Scores:
    """Mean scores, as shares of each questionnaire's range, on the client's concerns and on others."""

    concerned: float | None
    others: float | None
    first: float | None
    follow_up: float | None


@dataclass(frozen=True)
class States:
    """How often each value that a column may hold occurs; `missing` are those that never do."""

    column: str
    found: Mapping[str, int]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Rhythm:
    """How many rows fall on each hour of the local day and on each weekday from Monday."""

    name: str
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]


@dataclass(frozen=True)
class Growth:
    """How many rows were made in each local month in which any was, in the order of time."""

    name: str
    months: Mapping[str, int]


@dataclass(frozen=True)
class Profile:
    """All measures of one database."""

    rows: Mapping[str, int]
    distinct: tuple[Share, ...]
    spread: tuple[Spread, ...]
    agreement: tuple[Share, ...]
    scores: Scores
    states: tuple[States, ...]
    flags: tuple[States, ...]
    bands: tuple[States, ...]
    accounts: States
    rhythm: tuple[Rhythm, ...]
    growth: tuple[Growth, ...]
    utc_offset: int
    """Minutes between UTC and the local time of the rhythm."""
