"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

Key = str | UUID
Sift = Callable[[Iterable[Any]], Iterable[Key]]


@dataclass(frozen=True)
class Rule:
    """A sentence of the coherence rules about one table, and the query for the rows that break it."""

    id: str
    table: str
    statement: str
    select: str
    """A template (see sql.py) of the query for the keys of offending rows, the same row perhaps more than once."""
    sift: Sift | None = None
    """Where SQL cannot decide: picks the keys of offending rows from the rows of the query."""
