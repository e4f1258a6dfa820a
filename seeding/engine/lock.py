"""One seeding run at a time: an advisory lock on PostgreSQL, a locked file beside the database on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.core.files import locks
from django.db import connections

from seeding.engine.errors import SeedingError
from seeding.engine.files import LOCK, database_file
from seeding.engine.session import check_pool, close_unless_idle

_KEY, _WORKERS = (
    int.from_bytes(blake2b(name, digest_size=8).digest(), "big") >> 1 for name in (b"seeding run", b"seeding workers")
)


@contextmanager
def one_run_at_a_time(using: str, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the database's seeding lock; call `waiting` first if another run has it, then wait for that run to end.

    It also waits for workers that a killed run has left at work. Databases in memory, and those of other kinds, have
    no such lock. Raises SeedingError where the lock's file cannot be written, and what `check_pool` raises.
    """
    if connections[using].vendor == "postgresql":
        with _server_lock(using, waiting):
            if not _call(using, "pg_try_advisory_lock", _WORKERS):  # workers of a killed run have not ended yet
                waiting()
                _call(using, "pg_advisory_lock", _WORKERS)
            _call(using, "pg_advisory_unlock", _WORKERS)
            yield
    elif path := _lock_file(using):
        with _locked(path, "w", locks.LOCK_EX, waiting, f"Cannot lock the database: {path} cannot be written"):
            yield
    else:
        yield


@contextmanager
def held(using: str) -> Iterator[None]:
    """Hold the lock of this run, on a connection at rest.

    It is taken anew: a connection that was lost, or interrupted in a statement, gave the lock to whoever waited for it.
    """
    close_unless_idle(using)
    if connections[using].vendor == "postgresql":
        if not connections[using].is_usable():
            connections[using].close()
        with one_run_at_a_time(using, lambda: None):
            yield
    else:
        yield


@contextmanager
def between_runs(using: str, waiting: Callable[[], None]) -> Iterator[None]:
    """Look at the database while no run is at work on it, calling `waiting` first if one is; later runs wait.

    Raises SeedingError where the lock's file cannot be read, and what `check_pool` raises.
    """
    if connections[using].vendor == "postgresql":
        with _server_lock(using, waiting, shared="_shared"):
            yield
    elif (path := _lock_file(using)) and path.exists():
        with _locked(path, "r", locks.LOCK_SH, waiting, f"Cannot tell if a run is at work: {path} cannot be read"):
            yield
    else:
        yield


@contextmanager
def among_workers(using: str) -> Iterator[None]:
    """Let no other run begin while this process works for one, even if the run itself has been killed."""
    if connections[using].vendor != "postgresql":
        yield
        return
    _call(using, "pg_advisory_lock_shared", _WORKERS)
    try:
        yield
    finally:
        _call(using, "pg_advisory_unlock_shared", _WORKERS)


@contextmanager
def _server_lock(using: str, waiting: Callable[[], None], shared: str = "") -> Iterator[None]:
    """Hold PostgreSQL's lock of runs, alone or `_shared`.

    Within a transaction it ends with it: after an error nothing more can be asked there, nor unlocked.
    """
    check_pool(using)
    inside = connections[using].in_atomic_block
    lock = f"advisory{'_xact' if inside else ''}_lock{shared}"
    if not _call(using, f"pg_try_{lock}", _KEY):
        waiting()
        _call(using, f"pg_{lock}", _KEY)
    try:
        yield
    finally:
        if not inside:
            close_unless_idle(using)
            if connections[using].connection is not None:
                _call(using, f"pg_advisory_unlock{shared}", _KEY)


def _call(using: str, function: str, key: int) -> Any:
    """What one of PostgreSQL's functions for advisory locks returns."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [key])
        return cursor.fetchone()[0]


def _lock_file(using: str) -> Path | None:
    """The file beside a SQLite database that its runs lock; None where nobody else could be at work."""
    database = database_file(using)
    return database and database.with_name(database.name + LOCK)


@contextmanager
def _locked(path: Path, mode: str, how: int, waiting: Callable[[], None], refused: str) -> Iterator[None]:
    """Hold a lock on a file; call `waiting` first if another has it. Raises SeedingError where it cannot be opened."""
    try:
        file = path.open(mode)
    except OSError as error:
        raise SeedingError(
            f"{refused} ({error.strerror}); allow that, since runs wait for one another by it."
        ) from error
    with file:
        if not locks.lock(file, how | locks.LOCK_NB):
            waiting()
            locks.lock(file, how)
        yield
