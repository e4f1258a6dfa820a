"""Indexes, keys and foreign keys set aside for a large load, and put back exactly as they were.

What is dropped is noted in the toolkit's own table in the same transaction, as the catalogue's own
definition (`catalogue.py`), so that a run that was killed is made good by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from django.apps import apps
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models import Model

from seeding.engine import statistics
from seeding.engine.catalogue import FOREIGN_KEY, INDEX, KEY, VALIDATION, definitions
from seeding.engine.errors import SeedingError
from seeding.engine.lock import among_workers
from seeding.engine.session import one_more, steady
from seeding.engine.sharing import share_out

T = TypeVar("T")
R = TypeVar("R")
NOTES = "seeding_set_aside"
"""The table that says what is aside."""
ENFORCEMENT = "enforcement of foreign keys"
"""SQLite's foreign keys cannot be dropped: they are not enforced for a while, and all rows checked afterwards."""
THERE, DENIED = {"42P07", "42710", "42P16"}, "42501"
"""PostgreSQL's codes for an index or a constraint that is there already, and for what a role may not do."""
PATIENCE = "3s"
"""So long PostgreSQL waits for each table that somebody's open transaction has read, and lets nobody else read it."""
_SETTINGS = """
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    SELECT set_config('effective_io_concurrency', '0', true), set_config('maintenance_io_concurrency', '0', true);
    SELECT set_config(name, '0', true) FROM pg_settings WHERE name LIKE '%timeout' AND name <> 'deadlock_timeout'
        AND context = 'user';
    SELECT set_config('deadlock_timeout', '10ms', true) FROM pg_roles WHERE rolname = current_user AND rolsuper
"""
"""For the transactions that put back: of several at once none is refused for having read what another has struck off,
whatever the role's default. What a crash loses is still noted, and building an index may take any time.
Rows just written are in memory, so reading ahead gains nothing. Autovacuum gives way after `deadlock_timeout`."""
_MAY_ALL = """
    SELECT bool_and(pg_has_role(relowner, 'USAGE') AND has_schema_privilege(relnamespace, 'CREATE'))
    FROM pg_class WHERE oid = ANY(%s::regclass[])
"""
"""Whether the current role may drop and create the indexes of these tables."""
_LARGEST_FIRST = """
    SELECT name FROM unnest(%s::text[]) name ORDER BY pg_relation_size(to_regclass(format('%%I', name))) DESC, name
"""


def can_set_aside(using: str, models: Iterable[type[Model]]) -> bool:
    """Whether that is possible: on PostgreSQL and SQLite, outside of a transaction, by a role that may do it."""
    connection = connections[using]
    if connection.in_atomic_block:
        return False
    if connection.vendor != "postgresql":
        return connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(_MAY_ALL, [[f'"{model._meta.db_table}"' for model in models]])
        return bool(cursor.fetchone()[0])


def set_aside(using: str, models: Iterable[type[Model]]) -> None:
    """Drop the secondary indexes and foreign keys of these models' tables, noted in the same transaction.

    Raises OperationalError where somebody else holds a table for longer than this has patience.
    """
    tables = sorted(model._meta.db_table for model in models)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            cursor.execute("SET LOCAL statement_timeout = 0")
            quoted = ", ".join(f'"{table}"' for table in tables)
            cursor.execute(f"LOCK TABLE {quoted}")  # so that nobody changes a table, or its keys, once they are noted
        found = sorted(definitions(using, tables), key=lambda one: one.kind != FOREIGN_KEY)
        notes = _notes(using)
        notes.bulk_create(
            notes.model(kind=one.kind, table=one.table, name=one.name, statement=one.statement) for one in found
        )
        drops = [one.drop for one in found if one.drop]
        for statement in ["; ".join(drops)] if connections[using].vendor == "postgresql" else drops:
            cursor.execute(statement)
        if connections[using].vendor == "sqlite":
            notes.create(kind=ENFORCEMENT, statement=str(len(_violations(cursor))))
    connections[using].disable_constraint_checking()


def missing(using: str) -> list[str]:
    """What a killed run has left aside, in words."""
    kinds: dict[tuple[str, str], str] = {}
    for note in _notes(using).order_by("table", "name", "pk"):
        if note.kind in (KEY, FOREIGN_KEY) or (note.table, note.name) not in kinds:
            kinds[note.table, note.name] = note.kind
    return [f"{kind} {name} of {table}" if name else kind for (table, name), kind in kinds.items()]


def is_any(using: str) -> bool:
    """Whether anything is aside: of a large load under way, or left by one that was killed."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {NOTES}")  # noqa: S608  (our own name)
        return bool(cursor.fetchone()[0])


def put_back(using: str, workers: int = 1) -> None:
    """Make again what is noted, largest table first, and validate it; foreign keys are enforced again in any case.

    PostgreSQL vacuums the tables before, so that it validates by indexes alone.
    Raises SeedingError if the rows do not allow it, once all that they do allow is made; the rest stays noted.
    """
    if not is_any(using):
        return
    tables = _largest_first(using, set(_notes(using).exclude(kind=ENFORCEMENT).values_list("table", flat=True)))
    models = {model._meta.db_table: model for model in apps.get_models()}
    apart = workers if connections[using].vendor == "postgresql" else 1
    try:
        ours = [models[table] for table in tables if table in models]
        _for_each(using, apart, statistics.vacuum, statistics.unvetted(using, ours))
        left = _for_each(using, apart, refused, [[note] for note in indexes(using, tables)])
        left.append(refused(using, _unhindered(using, KEY, by=INDEX)))
        left.append(refused(using, _unhindered(using, FOREIGN_KEY, by=KEY)))
        to_validate = _unhindered(using, VALIDATION, by=FOREIGN_KEY)
        of_each = [[note for note in to_validate if note.table == table] for table in tables]
        left += _for_each(using, apart, refused, of_each)
        if any(left):
            raise SeedingError("\n".join(map(str, chain.from_iterable(left))))
        for note in _notes(using).filter(kind=ENFORCEMENT):
            _check_references(using, note)
    finally:
        connections[using].enable_constraint_checking()


def indexes(using: str, tables: list[str]) -> list[Any]:
    """The notes of the indexes of these tables, table by table."""
    noted = _notes(using).filter(kind=INDEX, table__in=tables).order_by("pk")
    return sorted(noted, key=lambda note: tables.index(note.table))


def refused(using: str, notes: list[Any]) -> list[SeedingError]:
    """Make what is noted, together or if some cannot be made one by one; returns why for those."""
    try:
        make(using, *notes)
    except SeedingError as error:
        connections[using].close_if_unusable_or_obsolete()  # so that a lost connection stops nothing else
        return [error] if len(notes) == 1 else [why for note in notes for why in refused(using, [note])]
    return []


def make(using: str, *notes: Any) -> None:
    """Make what is noted and strike it off, all of it or nothing. Raises SeedingError if the rows do not allow it.

    PostgreSQL takes it as one message, and so as one transaction.
    """
    if not notes:
        return
    strike_off = f"DELETE FROM {NOTES} WHERE id IN ({', '.join(str(note.pk) for note in notes)})"  # noqa: S608  (our own name and numbers)
    statements = [*(note.statement for note in notes), strike_off]
    if connections[using].vendor == "postgresql":
        with _telling_what_failed(notes[0]), connections[using].cursor() as cursor:
            cursor.execute("; ".join([_SETTINGS, *statements]))
        return
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for statement in statements:
            with _telling_what_failed(notes[0]):
                cursor.execute(statement)


@contextmanager
def _telling_what_failed(note: Any) -> Iterator[None]:
    """Name what could not be put back, if that was alone, and what to do."""
    try:
        yield
    except DatabaseError as error:
        raise SeedingError(
            f"The {note.kind} {note.name} of {note.table} was set aside for a load and cannot be put back: "
            f"{str(error).strip().partition(chr(10))[0].rstrip('.')}. {_remedy(error)}."
        ) from error


def _remedy(error: DatabaseError) -> str:
    code = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, IntegrityError):
        return "Mend those rows, then seed again"
    if code == DENIED:
        return "Grant that to the role, then seed again"
    if code in THERE or "already exists" in str(error):
        return "Somebody has made it by hand meanwhile: drop that one, then seed again"
    return "Seed again"


def _unhindered(using: str, kind: str, *, by: str) -> list[Any]:
    """The notes of one kind, but of those of which a note of another kind is left."""
    left = set(_notes(using).filter(kind=by).values_list("table", "name"))
    return [note for note in _notes(using).filter(kind=kind).order_by("pk") if (note.table, note.name) not in left]


@contextmanager
def one_of_many(using: str) -> Iterator[None]:
    """Work in a thread and on a connection of its own, which leaves the other processors to others.

    It takes rough statistics only: autovacuum takes them anew, since they are not of all columns.
    Raises NoConnectionError if there is no connection for it.
    """
    with one_more(using), steady(using), among_workers(using):
        with connections[using].cursor() as cursor:
            cursor.execute("SET max_parallel_maintenance_workers = 0; SET default_statistics_target = 20")
        yield


def _for_each(using: str, workers: int, work: Callable[[str, T], R], subjects: list[T]) -> list[R]:
    """Go through the subjects on so many connections, or as many as there are."""
    if workers == 1:
        return [work(using, subject) for subject in subjects]
    return share_out(partial(work, using), subjects, workers, partial(one_of_many, using))


def _check_references(using: str, note: Any) -> None:
    with connections[using].cursor() as cursor:
        broken = _violations(cursor)
    if len(broken) > int(note.statement):
        table, row, parent, _ = broken[-1]
        raise SeedingError(
            f"{len(broken)} references lead to rows that do not exist, {note.statement} of them before the load; "
            f"for instance that of row {row} of {table} to {parent}. Mend those rows, then seed again."
        )
    note.delete()


def _violations(cursor: Any) -> list[Any]:
    return list(cursor.execute("PRAGMA foreign_key_check").fetchall())


def _notes(using: str) -> Any:
    return apps.get_model("seeding.SetAside")._default_manager.using(using)


def _largest_first(using: str, tables: Iterable[str]) -> list[str]:
    if connections[using].vendor != "postgresql":
        return sorted(tables)
    with connections[using].cursor() as cursor:
        cursor.execute(_LARGEST_FIRST, [sorted(tables)])
        return [table for (table,) in cursor.fetchall()]
