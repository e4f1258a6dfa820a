"""Questions to a large SQLite file side by side: it answers one connection with one processor.

PostgreSQL answers a single question with several processors by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connections
from django.db.models import Model

from seeding.engine.setaside import rows_about

T = TypeVar("T")
R = TypeVar("R")
LARGE = 100_000
"""From so many rows on, connections of their own are worth opening."""


def each(using: str, ask: Callable[[T], R], subjects: Iterable[T], models: Iterable[type[Model]]) -> list[R]:
    """What is answered about each subject, in their order; `models` are those whose tables are read."""
    connection: Any = connections[using]
    if (
        connection.vendor != "sqlite"
        or connection.in_atomic_block
        or connection.is_in_memory_db()
        or rows_about(using, models) < LARGE
    ):
        return [ask(subject) for subject in subjects]

    def apart(subject: T) -> R:
        try:
            return ask(subject)
        finally:
            connections[using].close()

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(apart, subjects))
