"""Secondary indexes and foreign keys set aside for a large load, and put back exactly as they were.

What is dropped is noted in the toolkit's own table in the same transaction, as the catalogue's own
definition, so that a run that was killed is made good by the next one. Primary keys, unique keys that
foreign keys refer to, all of a partitioned table, and what SQLite keeps within a table's definition stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connections, transaction
from django.db.models import Model

from seeding.engine.errors import SeedingError

INDEX, UNIQUE, FOREIGN_KEY = "index", "unique", "foreign key"
ENFORCEMENT = "enforcement of foreign keys"
"""SQLite's foreign keys cannot be dropped: they are not enforced for a while, and all rows checked afterwards."""
_SORT_MEMORY = "256MB"
_PLAIN_TABLE = "(SELECT oid FROM pg_class WHERE oid = to_regclass(%s) AND relkind = 'r')"


@dataclass(frozen=True)
class Definition:
    """An index or constraint: what it is, its table and name, and the statement that makes it."""

    kind: str
    table: str
    name: str
    statement: str


def can_set_aside(using: str) -> bool:
    """Whether this can be done here: on PostgreSQL and SQLite, outside of somebody's transaction."""
    return connections[using].vendor in ("postgresql", "sqlite") and not connections[using].in_atomic_block


def set_aside(using: str, models: Iterable[type[Model]]) -> None:
    """Drop the secondary indexes and foreign keys of these models' tables, noted in the same transaction."""
    tables = sorted(model._meta.db_table for model in models)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        found = [one for table in tables for one in _definitions(using, cursor, table)]
        found.sort(key=lambda one: one.kind != FOREIGN_KEY)
        _notes(using).bulk_create(
            _note_class()(kind=one.kind, table=one.table, name=one.name, statement=one.statement) for one in found
        )
        for one in found:
            cursor.execute(_drop(one))
        if connections[using].vendor == "sqlite":
            _notes(using).create(kind=ENFORCEMENT, statement=str(len(_violations(cursor))))
    connections[using].disable_constraint_checking()


def missing(using: str) -> list[str]:
    """What a killed run has left aside, in words."""
    notes = _notes(using).order_by("table", "name")
    return [f"{note.kind} {note.name} of {note.table}" if note.name else note.kind for note in notes]


def put_back(using: str, workers: int = 1) -> int:
    """Make again what is noted, largest table first, and validate it; returns how many there were.

    Raises SeedingError if the rows do not allow it; what could not be made stays noted.
    """
    notes = list(_notes(using).exclude(kind=ENFORCEMENT).order_by("pk"))
    tables: dict[str, list[Any]] = {}
    for note in notes:
        tables.setdefault(note.table, []).append(note)
    jobs = sorted(tables.values(), key=lambda of_table: -_size(using, of_table[0].table))
    apart = workers if connections[using].vendor == "postgresql" else 1
    _for_each(using, apart, _make_indexes, jobs)
    _add_foreign_keys(using, notes)
    _for_each(using, apart, _validate, jobs)
    for note in _notes(using).filter(kind=ENFORCEMENT):
        _enforce(using, note)
    return len(notes)


def _for_each(using: str, workers: int, make: Callable[[str, list[Any]], None], jobs: list[list[Any]]) -> None:
    """Go through the tables, each in one transaction, by so many connections."""
    if workers == 1:
        for of_table in jobs:
            make(using, of_table)
        return

    def apart(of_table: list[Any]) -> None:
        try:
            with connections[using].cursor() as cursor:  # the connections are busy enough
                cursor.execute("SET max_parallel_maintenance_workers = 0")
            make(using, of_table)
        finally:
            connections[using].close()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(apart, jobs))


def _make_indexes(using: str, notes: list[Any]) -> None:
    with transaction.atomic(using=using):
        for note in notes:
            if note.kind != FOREIGN_KEY:
                with _making(using, note) as cursor:
                    cursor.execute(note.statement)
                    note.delete()


def _add_foreign_keys(using: str, notes: list[Any]) -> None:
    with transaction.atomic(using=using):
        for note in notes:
            if note.kind == FOREIGN_KEY and not _has_constraint(using, note):
                with _making(using, note) as cursor:
                    cursor.execute(f"{note.statement} NOT VALID")


def _validate(using: str, notes: list[Any]) -> None:
    with transaction.atomic(using=using):
        for note in notes:
            if note.kind == FOREIGN_KEY:
                with _making(using, note) as cursor:
                    cursor.execute(f'ALTER TABLE "{note.table}" VALIDATE CONSTRAINT "{note.name}"')
                    note.delete()


def _enforce(using: str, note: Any) -> None:
    with connections[using].cursor() as cursor:
        broken = _violations(cursor)
    if len(broken) > int(note.statement):
        table, row, parent, _ = broken[-1]
        raise SeedingError(
            f"{len(broken)} rows refer to rows that do not exist, for instance row {row} of {table} to {parent}."
        )
    note.delete()
    connections[using].enable_constraint_checking()


def _violations(cursor: Any) -> list[Any]:
    return list(cursor.execute("PRAGMA foreign_key_check").fetchall())


@contextmanager
def _making(using: str, note: Any) -> Iterator[Any]:
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            if connections[using].vendor == "postgresql":
                cursor.execute(f"SET LOCAL maintenance_work_mem = '{_SORT_MEMORY}'")
                cursor.execute("SET LOCAL synchronous_commit = off")  # lost, it is noted still
            yield cursor
    except DatabaseError as error:
        raise SeedingError(
            f"The {note.kind} {note.name} of {note.table} was set aside for a load and cannot be put back: {error}"
            "Mend those rows, then seed again."
        ) from error


def rows_about(using: str, models: Iterable[type[Model]]) -> int:
    """How many rows these models' tables hold, by what the database knows without counting where it does."""
    total = 0
    with connections[using].cursor() as cursor:
        for model in models:
            table = model._meta.db_table
            if connections[using].vendor == "sqlite":
                cursor.execute(f'SELECT COALESCE(MAX(rowid), 0) FROM "{table}"')  # noqa: S608  (names of our own models)
            else:
                cursor.execute("SELECT reltuples FROM pg_class WHERE oid = to_regclass(%s)", [f'"{table}"'])
            known = int(cursor.fetchone()[0])
            total += known if known >= 0 else model._default_manager.using(using).count()
    return total


def analyze(using: str, models: Iterable[type[Model]]) -> None:
    """Have PostgreSQL count anew what its plans go by: the keys of these models' tables."""
    if connections[using].vendor != "postgresql":
        return
    with connections[using].cursor() as cursor:
        for model in models:
            keys = [
                f'"{field.column}"' for field in model._meta.concrete_fields if field.primary_key or field.is_relation
            ]
            cursor.execute(f'ANALYZE "{model._meta.db_table}" ({", ".join(keys)})')


def _note_class() -> Any:
    return apps.get_model("seeding.SetAside")


def _notes(using: str) -> Any:
    return _note_class()._default_manager.using(using)


def _drop(one: Definition) -> str:
    if one.kind == INDEX:
        return f'DROP INDEX "{one.name}"'
    return f'ALTER TABLE "{one.table}" DROP CONSTRAINT "{one.name}"'


def _definitions(using: str, cursor: Any, table: str) -> Iterator[Definition]:
    if connections[using].vendor == "sqlite":
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL", [table]
        )
        for name, statement in sorted(cursor.fetchall()):
            yield Definition(INDEX, table, name, statement)
        return
    cursor.execute(
        "SELECT contype, conname, pg_get_constraintdef(oid) FROM pg_constraint "  # noqa: S608  (our own text)
        f"WHERE conrelid = {_PLAIN_TABLE} AND (contype = 'f' AND convalidated OR contype = 'u' "
        "AND conindid NOT IN (SELECT conindid FROM pg_constraint WHERE contype = 'f')) ORDER BY conname",
        [f'"{table}"'],
    )
    for contype, name, definition in cursor.fetchall():
        kind = FOREIGN_KEY if contype in ("f", b"f") else UNIQUE
        yield Definition(kind, table, name, f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
    cursor.execute(
        "SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "  # noqa: S608
        f"WHERE indrelid = {_PLAIN_TABLE} AND indisvalid AND NOT (indisprimary OR indisclustered OR indisreplident) "
        "AND indexrelid NOT IN (SELECT conindid FROM pg_constraint) ORDER BY relname",
        [f'"{table}"'],
    )
    for name, statement in cursor.fetchall():
        yield Definition(INDEX, table, name, statement)


def _has_constraint(using: str, note: Any) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass(%s) AND conname = %s)",
            [f'"{note.table}"', note.name],
        )
        return bool(cursor.fetchone()[0])


def _size(using: str, table: str) -> int:
    if connections[using].vendor != "postgresql":
        return 0
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(to_regclass(%s))", [f'"{table}"'])
        return int(cursor.fetchone()[0])
