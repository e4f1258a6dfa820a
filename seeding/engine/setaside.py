"""Indexes, keys and foreign keys set aside for a large load, and put back exactly as they were.

What is dropped is noted in the toolkit's own table in the same transaction, as the catalogue's own
definition, so that a run that was killed is made good by the next one. What stays: the primary key of a table that has
rows, unique keys that foreign keys refer to, all of a partitioned table, what other objects need, indexes with a
comment, a tablespace or statistics of their own, on SQLite unique indexes and what is within a table's definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from django.apps import apps
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models import Model

from seeding.engine import statistics
from seeding.engine.errors import SeedingError
from seeding.engine.lock import among_workers
from seeding.engine.session import one_more, steady
from seeding.engine.sharing import share_out

T = TypeVar("T")
R = TypeVar("R")
NOTES = "seeding_set_aside"
"""The table that says what is aside."""
INDEX, KEY, FOREIGN_KEY, VALIDATION = "index", "key", "foreign key", "validation"
ENFORCEMENT = "enforcement of foreign keys"
"""SQLite's foreign keys cannot be dropped: they are not enforced for a while, and all rows checked afterwards."""
THERE, DENIED = {"42P07", "42710"}, "42501"
"""PostgreSQL's codes for an index or a constraint that is there already, and for what a role may not do."""
PATIENCE = "3s"
"""So long PostgreSQL waits for each table that somebody's open transaction has read, and lets nobody else read it."""
_SETTINGS = """
    SELECT set_config('effective_io_concurrency', '0', true), set_config('maintenance_io_concurrency', '0', true);
    SELECT set_config(name, '0', true) FROM pg_settings WHERE name LIKE '%timeout' AND name <> 'deadlock_timeout'
        AND context = 'user';
    SELECT set_config('deadlock_timeout', '10ms', true) FROM pg_roles WHERE rolname = current_user AND rolsuper
"""
"""For the transactions that put back: what a crash loses is still noted, and building an index may take any time.
Rows just written are in memory, so reading ahead gains nothing. Autovacuum gives way after `deadlock_timeout`."""
_MAY_ALL = """
    SELECT bool_and(pg_has_role(relowner, 'USAGE') AND has_schema_privilege(relnamespace, 'CREATE'))
    FROM pg_class WHERE oid = ANY(%s::regclass[])
"""
"""Whether the current role may drop and create the indexes of these tables."""
_PLAIN_TABLE = "(SELECT oid FROM pg_class WHERE oid = to_regclass(%(table)s) AND relkind = 'r')"
_TOLD_BY_DEFINITION = """(
    reltablespace = 0 AND obj_description(pg_class.oid, 'pg_class') IS NULL
    AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attstattarget >= 0)
)"""
"""An index about which its definition says everything."""
_COMES_BACK = """(
    referring.contype = 'f' AND referring.convalidated AND has_table_privilege(referring.confrelid, 'REFERENCES')
    AND has_schema_privilege((SELECT relnamespace FROM pg_class WHERE oid = referring.confrelid), 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgconstraint = referring.oid AND tgenabled <> 'O')
)"""
"""A foreign key that the current role may make again, and that is then as it was."""
_IN_REACH = """NOT EXISTS (
    SELECT FROM pg_depend
    LEFT JOIN pg_proc ON refclassid = 'pg_proc'::regclass AND pg_proc.oid = refobjid
    LEFT JOIN pg_opclass ON refclassid = 'pg_opclass'::regclass AND pg_opclass.oid = refobjid
    LEFT JOIN pg_collation ON refclassid = 'pg_collation'::regclass AND pg_collation.oid = refobjid
    WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
        AND NOT has_schema_privilege(COALESCE(pronamespace, opcnamespace, collnamespace), 'USAGE')
)"""
"""An index of which the current role may name all that its definition names."""
_FOREIGN_KEYS = f"""
    SELECT conname, pg_get_constraintdef(oid), quote_literal(obj_description(oid, 'pg_constraint'))
    FROM pg_constraint referring WHERE conrelid = {_PLAIN_TABLE} AND {_COMES_BACK} ORDER BY conname
"""  # noqa: S608  (our own text)
_KEYS = f"""
    SELECT conname, pg_get_indexdef(conindid),
        CASE contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END || format(' USING INDEX %%I', conname)
        || CASE WHEN condeferrable THEN ' DEFERRABLE' ELSE '' END
        || CASE WHEN condeferred THEN ' INITIALLY DEFERRED' ELSE '' END
    FROM pg_constraint made JOIN pg_index ON indexrelid = conindid JOIN pg_class ON pg_class.oid = conindid
    WHERE conrelid = {_PLAIN_TABLE} AND contype::text = ANY(%(kinds)s) AND relname = conname
        AND relam = (SELECT oid FROM pg_am WHERE amname = 'btree') AND NOT (indisclustered OR indisreplident)
        AND {_TOLD_BY_DEFINITION} AND obj_description(made.oid, 'pg_constraint') IS NULL
        AND NOT EXISTS (
            SELECT FROM pg_constraint referring
            WHERE referring.contype = 'f' AND referring.conindid = made.conindid AND NOT (
                made.contype = 'p' AND {_COMES_BACK} AND referring.conrelid IN (
                    SELECT oid FROM pg_class WHERE relkind = 'r' AND oid = ANY(%(ours)s::regclass[])
                )
            )
        )
        AND NOT EXISTS (
            SELECT FROM pg_depend
            WHERE refclassid = 'pg_constraint'::regclass AND refobjid = made.oid AND deptype = 'n'
        )
    ORDER BY conname
"""  # noqa: S608  (our own text)
_SQLITE_INDEXES = """
    SELECT name, sql FROM sqlite_master
    WHERE type = 'index' AND tbl_name = %s AND sql NOT LIKE 'CREATE UNIQUE%%'
"""
_INDEXES = f"""
    SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = {_PLAIN_TABLE} AND indisvalid AND NOT (indisprimary OR indisclustered OR indisreplident)
        AND indexrelid NOT IN (SELECT conindid FROM pg_constraint) AND {_TOLD_BY_DEFINITION} AND {_IN_REACH}
    ORDER BY relname
"""  # noqa: S608  (our own text)


@dataclass(frozen=True)
class Definition:
    """An index or constraint: what it is, its table and name, the statement that makes it, and what drops it.

    A primary or unique key is two: an index, and the key that takes it over and with which it is dropped. So is a
    foreign key: it is made for rows to come, then validated for those that are there.
    """

    kind: str
    table: str
    name: str
    statement: str
    drop: str


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
        found = [one for table in tables for one in _definitions(using, cursor, table, tables)]
        found.sort(key=lambda one: one.kind != FOREIGN_KEY)
        notes = _notes(using)
        notes.bulk_create(
            notes.model(kind=one.kind, table=one.table, name=one.name, statement=one.statement) for one in found
        )
        for one in found:
            if one.drop:
                cursor.execute(one.drop)
        if connections[using].vendor == "sqlite":
            notes.create(kind=ENFORCEMENT, statement=str(len(_violations(cursor))))
    connections[using].disable_constraint_checking()


def missing(using: str) -> list[str]:
    """What a killed run has left aside, in words."""
    kinds = {(note.table, note.name): note.kind for note in _notes(using).order_by("table", "name", "pk")}
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
    named = set(_notes(using).exclude(kind=ENFORCEMENT).values_list("table", flat=True))
    tables = sorted(named, key=lambda table: (-_size(using, table), table))
    models = {model._meta.db_table: model for model in apps.get_models()}
    apart = workers if connections[using].vendor == "postgresql" else 1
    try:
        ours = [models[table] for table in tables if table in models]
        _for_each(using, apart, statistics.vacuum, statistics.unvetted(using, ours))
        refused = _for_each(using, apart, _refused, [[note] for note in indexes(using, tables)])
        refused.append(_refused(using, _unhindered(using, KEY, by=INDEX)))
        refused.append(_refused(using, _unhindered(using, FOREIGN_KEY, by=KEY)))
        refused += _for_each(using, apart, _validate, tables)
        if any(refused):
            raise SeedingError("\n".join(map(str, chain.from_iterable(refused))))
        for note in _notes(using).filter(kind=ENFORCEMENT):
            _check_references(using, note)
    finally:
        connections[using].enable_constraint_checking()


def indexes(using: str, tables: list[str]) -> list[Any]:
    """The notes of the indexes of these tables, table by table."""
    noted = _notes(using).filter(kind=INDEX, table__in=tables).order_by("pk")
    return sorted(noted, key=lambda note: tables.index(note.table))


def make(using: str, *notes: Any) -> None:
    """Make what is noted and strike it off, all of it or nothing. Raises SeedingError if the rows do not allow it."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute(_SETTINGS)
        for note in notes:
            try:
                cursor.execute(note.statement)
            except DatabaseError as error:
                raise SeedingError(
                    f"The {note.kind} {note.name} of {note.table} was set aside for a load and cannot be put back: "
                    f"{str(error).strip().partition(chr(10))[0].rstrip('.')}. {_remedy(error)}."
                ) from error
        _notes(using).filter(pk__in=[note.pk for note in notes]).delete()


def _remedy(error: DatabaseError) -> str:
    code = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, IntegrityError):
        return "Mend those rows, then seed again"
    if code == DENIED:
        return "Grant that to the role, then seed again"
    if code in THERE or "already exists" in str(error):
        return "Somebody has made it by hand meanwhile: drop that one, then seed again"
    return "Seed again"


def _refused(using: str, notes: list[Any]) -> list[SeedingError]:
    """Make what is noted, together or if some cannot be made one by one; returns why for those."""
    try:
        make(using, *notes)
    except SeedingError as error:
        return [error] if len(notes) == 1 else [why for note in notes for why in _refused(using, [note])]
    return []


def _unhindered(using: str, kind: str, *, by: str, **where: str) -> list[Any]:
    """The notes of one kind, but of those of which a note of another kind is left."""
    left = set(_notes(using).filter(kind=by).values_list("table", "name"))
    noted = _notes(using).filter(kind=kind, **where).order_by("pk")
    return [note for note in noted if (note.table, note.name) not in left]


def _validate(using: str, table: str) -> list[SeedingError]:
    return _refused(using, _unhindered(using, VALIDATION, by=FOREIGN_KEY, table=table))


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


def _definitions(using: str, cursor: Any, table: str, ours: list[str]) -> Iterator[Definition]:
    if connections[using].vendor == "sqlite":
        cursor.execute(_SQLITE_INDEXES, [table])
        for name, statement in sorted(cursor.fetchall()):
            yield Definition(INDEX, table, name, statement, f"DROP INDEX {_quoted(name)}")
        return
    alter, of_table = f'ALTER TABLE "{table}"', {"table": f'"{table}"', "ours": [f'"{one}"' for one in ours]}
    cursor.execute(_FOREIGN_KEYS, of_table)
    for name, definition, comment in cursor.fetchall():
        constraint = f"CONSTRAINT {_quoted(name)}"
        make, drop = f"{alter} ADD {constraint} {definition} NOT VALID", f"{alter} DROP {constraint}"
        make += f'; COMMENT ON {constraint} ON "{table}" IS {comment}' if comment else ""
        yield Definition(VALIDATION, table, name, f"{alter} VALIDATE {constraint}", "")
        yield Definition(FOREIGN_KEY, table, name, make, drop)
    cursor.execute(_KEYS, {**of_table, "kinds": ["u"] if statistics.has_rows(using, table) else ["p", "u"]})
    for name, index, kind in cursor.fetchall():
        constraint = f"CONSTRAINT {_quoted(name)}"
        make, drop = f"{alter} ADD {constraint} {kind}", f"{alter} DROP {constraint}"
        yield Definition(INDEX, table, name, index, "")
        yield Definition(KEY, table, name, make, drop)
    cursor.execute(_INDEXES, of_table)
    for name, statement in cursor.fetchall():
        yield Definition(INDEX, table, name, statement, f"DROP INDEX {_quoted(name)}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _size(using: str, table: str) -> int:
    if connections[using].vendor != "postgresql":
        return 0
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(to_regclass(%s))", [f'"{table}"'])
        return int(cursor.fetchone()[0])
