"""One seeding run at a time: an advisory lock on PostgreSQL, a locked file beside the database on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from django.core.files import locks
from django.db import connections

from seeding.engine.errors import SeedingError
from seeding.engine.files import LOCK, database_file
from seeding.engine.session import close_unless_idle

_KEY, _WORKERS = (
    int.from_bytes(blake2b(name, digest_size=8).digest(), "big") >> 1 for name in (b"seeding run", b"seeding workers")
)


@contextmanager
def one_run_at_a_time(using: str, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the database's seeding lock; call `waiting` first if another run has it, then wait for that run to end.

    Raises SeedingError where the lock's file cannot be written.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        inside = connection.in_atomic_block
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_KEY])
            if not cursor.fetchone()[0]:
                waiting()
                cursor.execute("SELECT pg_advisory_lock(%s)", [_KEY])
        try:
            with connection.cursor() as cursor:  # workers of a killed run may not have ended yet
                cursor.execute("SELECT pg_advisory_lock(%s)", [_WORKERS])
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_WORKERS])
            yield
        finally:
            if not inside:
                close_unless_idle(using)
            if connection.connection is not None:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [_KEY])
    elif path := _lock_file(using):
        try:
            file = path.open("w")
        except OSError as error:
            raise SeedingError(
                f"Cannot lock the database: {path} cannot be written ({error.strerror}); allow that, since runs wait "
                "for one another by it."
            ) from error
        with file:
            if not locks.lock(file, locks.LOCK_EX | locks.LOCK_NB):
                waiting()
                locks.lock(file, locks.LOCK_EX)
            yield
    else:
        yield


@contextmanager
def held(using: str) -> Iterator[None]:
    """Have the lock that this run holds, and a connection at rest.

    Be it anew: a connection that was lost or interrupted in a statement gave the lock to whoever waited for it.
    """
    close_unless_idle(using)
    if connections[using].vendor == "postgresql":
        with one_run_at_a_time(using, lambda: None):
            yield
    else:
        yield


def wait_for_run(using: str, waiting: Callable[[], None]) -> None:
    """Return once no run is at work on the database, calling `waiting` first if one is; later runs are not held up.

    Raises SeedingError where the lock's file cannot be read.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock_shared(%s)", [_KEY])
            if not cursor.fetchone()[0]:
                waiting()
                cursor.execute("SELECT pg_advisory_lock_shared(%s)", [_KEY])
            cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [_KEY])
    elif (path := _lock_file(using)) and path.exists():
        try:
            file = path.open()
        except OSError as error:
            raise SeedingError(
                f"Cannot tell if a run is at work: {path} cannot be read ({error.strerror}); allow that, since "
                "runs wait for one another by it."
            ) from error
        with file:
            if not locks.lock(file, locks.LOCK_SH | locks.LOCK_NB):
                waiting()
                locks.lock(file, locks.LOCK_SH)


def _lock_file(using: str) -> Path | None:
    """The file beside a SQLite database that its runs lock; None where nobody else could be at work."""
    database = database_file(using)
    return database and database.with_name(database.name + LOCK)


@contextmanager
def among_workers(using: str) -> Iterator[None]:
    """Let no other run begin while this process works for one, even if the run itself has been killed."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [_WORKERS])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [_WORKERS])
