"""The coherence rules as queries: an independent judge of what the toolkit wrote.

    check("default", AsOf(first, last))            # every rule, every table
    check("default", as_of, tables=["Post"])       # those about some

It shares no code with what writes rows, only reads the database, and prints nothing. After a bulk load,
ANALYZE first: PostgreSQL plans badly without statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connections

from seeding.coherence import assessment, believability, communication, community, engagement, people, therapy, time
from seeding.coherence.people import FICTIONAL_PHONES, FictionalPhone
from seeding.coherence.rule import Key, Rule
from seeding.coherence.sql import DIALECTS, AsOf, renderer
from seeding.coherence.tables import TABLES
from seeding.engine.errors import UsageError
from seeding.engine.reports import Broken

__all__ = ["FICTIONAL_PHONES", "RULES", "AsOf", "FictionalPhone", "Rule", "check"]

RULES: tuple[Rule, ...] = (
    *time.RULES,
    *community.RULES,
    *therapy.RULES,
    *communication.RULES,
    *assessment.RULES,
    *engagement.RULES,
    *people.RULES,
    *believability.RULES,
)
EXAMPLES = 5


def check(using: str, as_of: AsOf, tables: Iterable[str] | None = None) -> tuple[Broken, ...]:
    """Find what breaks the rules, in their order, or those about some tables.

    Raises ValueError for a table that is not known, UsageError for another database than SQLite and PostgreSQL.
    """
    wanted = set(TABLES if tables is None else tables)
    if unknown := wanted - TABLES.keys():
        raise ValueError(f"no such table: {', '.join(sorted(unknown))}")
    connection = connections[using]
    if connection.vendor not in DIALECTS:
        raise UsageError(f"The rules are queries of SQLite's and PostgreSQL's; {using!r} is {connection.display_name}.")
    render = renderer(connection.vendor, as_of)
    with connection.cursor() as cursor, _mapped(cursor, connection.vendor):

        @lru_cache(maxsize=1)  # neighbours may ask the same
        def fetch(query: str) -> list[Any]:
            cursor.execute(query)
            return list(cursor.fetchall())

        found = [_judge(rule, render(rule.select), fetch) for rule in RULES if rule.table in wanted]
    return tuple(broken for broken in found if broken.rows)


@contextmanager
def _mapped(cursor: Any, vendor: str) -> Iterator[None]:
    """Let SQLite read its file through memory meanwhile: several times faster where the file is large."""
    before = cursor.execute("PRAGMA mmap_size").fetchone() if vendor == "sqlite" else None
    if before is None:
        yield
        return
    cursor.execute("PRAGMA mmap_size = 17179869184")
    try:
        yield
    finally:
        cursor.execute(f"PRAGMA mmap_size = {before[0]}")


def _judge(rule: Rule, select: str, fetch: Callable[[str], list[Any]]) -> Broken:
    """Find the rows that break one rule, perhaps none; `select` is its query on this database."""
    if rule.sift is not None:
        keys: list[Key] = sorted(set(rule.sift(fetch(select))))
        rows, keys = len(keys), keys[:EXAMPLES]
    else:
        found = fetch(
            f"WITH broken(id) AS ({select}), each_once AS (SELECT DISTINCT id FROM broken) "  # noqa: S608 - of a rule
            f"SELECT id, (SELECT count(*) FROM each_once) FROM each_once ORDER BY id LIMIT {EXAMPLES}"
        )
        rows, keys = (found[0][1] if found else 0), [key for key, _ in found]
    return Broken(rule.id, rule.table, rows, rule.statement, tuple(_dashed(key) for key in keys))


def _dashed(key: Key) -> str:
    return str(key if isinstance(key, UUID) else UUID(key))
