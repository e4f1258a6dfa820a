"""What a run and a verification need of their connection, whatever the settings, the role or the database say."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, OperationalError, connections

from seeding.engine.errors import NoConnectionError, SeedingError
from seeding.engine.files import file_identity

_IDLE_TIMEOUT = """
    SELECT set_config(name, CASE %s WHEN 'none' THEN '0' ELSE reset_val END, %s)
    FROM pg_settings WHERE name = 'idle_session_timeout'
"""
"""A connection of a run is idle while others of it are at work. PostgreSQL 13 has no such setting."""
GONE = "The database's file was deleted or replaced while this was at work; run it again."
_POOLED = 4
"""How many connections a pool of psycopg's has that is not told otherwise."""


@contextmanager
def session(using: str) -> Iterator[None]:
    """Work on a connection that keeps no record of statements, reads what is committed, and sees all rows.

    Raises what `check_pool` and `in_its_place` raise.
    """
    check_pool(using)
    with in_its_place(using), unlogged(using), steady(using), immediate(using):
        yield


def check_pool(using: str) -> None:
    """Raise SeedingError where a pool lends the server's connection to others between two transactions.

    A run's locks and settings would stay with them, and it would wait for itself. Whoever asks a pool is told of
    another process than the server's own; only then is a second connection made, to see whether the two take turns.
    """
    connection: Any = connections[using]
    if connection.vendor != "postgresql":
        return
    first = _process(connection)
    if connection.connection.info.backend_pid == first:
        return
    other = connection.copy()
    try:
        other.set_autocommit(False)
        lent = _process(other) == first or _process(connection) != first
    except OperationalError:  # a pool that has no second connection keeps each to one
        lent = False
    finally:
        other.close()
    if lent:
        raise SeedingError(
            f"The database {using!r} is reached through a pool that lends its connections anew for each transaction, "
            "which would leave a run's locks with others; connect to the server itself, or to a pool in session mode."
        )


@contextmanager
def one_more(using: str) -> Iterator[None]:
    """Have this thread use a connection of its own; closed in the end. Raises NoConnectionError if there is none.

    It is the driver's that is closed, so that Django's pool lends it to nobody with what was set here.
    """
    try:
        connections[using].ensure_connection()
    except OperationalError as refusal:
        raise NoConnectionError from refusal
    try:
        yield
    finally:
        if connections[using].vendor == "postgresql" and connections[using].connection is not None:
            connections[using].connection.close()
        connections[using].close()


def spare_connections(using: str) -> int:
    """How many more connections there may be at once; no more than Django's own pool has, if there is one."""
    pool = connections[using].settings_dict.get("OPTIONS", {}).get("pool")
    if not pool:
        return sys.maxsize
    sizes = pool if isinstance(pool, dict) else {}
    return int(sizes.get("max_size") or sizes.get("min_size", _POOLED)) - 1


def _process(connection: Any) -> int:
    """The server's process behind this connection, at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@contextmanager
def unlogged(using: str) -> Iterator[None]:
    """Keep no record of the statements run here, as Django does under DEBUG: a load has millions of values.

    Unless somebody has asked for one, as tests that count statements do.
    """
    connection = connections[using]
    if connection.force_debug_cursor or "make_debug_cursor" in vars(connection):
        yield
        return
    connection.make_debug_cursor = connection.make_cursor  # type: ignore[assignment, method-assign]  # one connection only, for a while
    try:
        yield
    finally:
        del connection.make_debug_cursor


@contextmanager
def steady(using: str) -> Iterator[None]:
    """Have PostgreSQL read what is committed by then, and refuse a question of which a policy would hide rows.

    A snapshot from the start of a transaction takes a table for empty that somebody has written to since. Within
    somebody's transaction its isolation stays.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        yield
        return
    from psycopg import IsolationLevel

    connection.ensure_connection()
    driver: Any = connection.connection
    inside, level = connection.in_atomic_block, driver.isolation_level
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('row_security', 'off', %s)", [inside])
        cursor.execute(_IDLE_TIMEOUT, ["none", inside])
    if not inside:
        driver.isolation_level = IsolationLevel.READ_COMMITTED
    try:
        yield
    finally:
        if not inside and connection.connection is driver and connection.is_usable():
            driver.isolation_level = level
            with connection.cursor() as cursor:
                cursor.execute("RESET row_security")
                cursor.execute(_IDLE_TIMEOUT, ["reset", False])


@contextmanager
def immediate(using: str) -> Iterator[None]:
    """Have SQLite's transactions take their turn as they begin.

    One that has read before it writes is refused at once where somebody else has written meanwhile, however patient.
    """
    connection: Any = connections[using]
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()  # which sets the mode of the settings
    before, connection.transaction_mode = connection.transaction_mode, "IMMEDIATE"
    try:
        yield
    finally:
        connection.transaction_mode = before


@contextmanager
def in_its_place(using: str) -> Iterator[None]:
    """Raise SeedingError where SQLite's file was deleted or replaced meanwhile: what was written is in no database."""
    before = file_identity(using)
    if before is not None:
        connections[using].ensure_connection()  # an open file's number is given to no other
    try:
        yield
    except (DatabaseError, FileNotFoundError) as error:
        if before in (None, file_identity(using)):
            raise
        raise SeedingError(GONE) from error
    if before not in (None, file_identity(using)):
        raise SeedingError(GONE)


def close_unless_idle(using: str) -> None:
    """Close a connection that an interruption has left within a statement, or a transaction that nobody will end."""
    connection = connections[using]
    driver: Any = connection.connection
    if driver is None:
        return
    if connection.vendor == "postgresql":
        from psycopg.pq import TransactionStatus

        idle = driver.info.transaction_status == TransactionStatus.IDLE
    else:
        idle = not driver.in_transaction
    if not idle or not connection.get_autocommit():
        connection.close()
