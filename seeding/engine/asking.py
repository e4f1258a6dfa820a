"""Asks a large database several questions at once, each on a connection, and so a processor, of its own.

PostgreSQL would share a single question among processors, but each of them then counts all of what is grouped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from django.db import connections
from django.db.models import Model

from seeding.engine.files import database_file
from seeding.engine.session import one_more, spare_connections, steady
from seeding.engine.sharing import cores, share_out

T = TypeVar("T")
R = TypeVar("R")
LARGE = 20 << 20
"""From so many bytes on, some 100,000 rows, connections of their own are worth opening."""
MOST = 4
"""So many connections at most are asked of PostgreSQL, whose processors may be fewer than this machine's."""
ALONE = "SELECT set_config('max_parallel_workers_per_gather', '0', {local}), set_config('work_mem', '32MB', {local})"
"""Has a PostgreSQL connection, or its transaction, count by itself and in memory, as far as that goes."""
_BY_INDEX = """
    SELECT set_config('random_page_cost', '1.1', false) FROM pg_class
    WHERE oid = ANY(%s::text[]::regclass[]) HAVING SUM(relallvisible) > 0.9 * SUM(relpages)
"""
"""Has a PostgreSQL connection count in indexes alone where tables have been vacuumed: a half less time (measured)."""


def each(using: str, ask: Callable[[T], R], subjects: Collection[T], models: Iterable[type[Model]]) -> list[R]:
    """What is answered about each subject, in their order; `models` are those whose tables are read.

    Where the role or the server allows no more connections, all is asked on the one that there is.
    """
    connection: Any = connections[using]
    tables = [f'"{model._meta.db_table}"' for model in models]
    if connection.in_atomic_block or not _is_large(connection, tables):
        return [ask(subject) for subject in subjects]
    number = min(cores(), MOST, spare_connections(using)) if connection.vendor == "postgresql" else cores()
    if not number:
        return [ask(subject) for subject in subjects]
    return share_out(ask, subjects, number, partial(_alone, using, tables))


@contextmanager
def _alone(using: str, tables: list[str]) -> Iterator[None]:
    """Ask on a connection of this thread's own, which keeps to one processor."""
    with one_more(using), steady(using):
        if connections[using].vendor == "postgresql":
            with connections[using].cursor() as cursor:
                cursor.execute(ALONE.format(local="false"))
                cursor.execute(_BY_INDEX, [tables])
        yield


def _is_large(connection: Any, tables: list[str]) -> bool:
    """Whether these tables, or the whole file that holds them, are large, and threads can share them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT SUM(pg_relation_size(to_regclass(name))) FROM unnest(%s::text[]) name", [tables])
            return int(cursor.fetchone()[0] or 0) >= LARGE
    file = database_file(connection.alias)
    return file is not None and file.stat().st_size >= LARGE
