"""Which files are a SQLite database's, where others may take their places, and writing them whole or not at all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from stat import S_IMODE, S_IWUSR
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from django.db import connections

from seeding.engine.errors import SeedingError, UsageError

OF_SQLITE = ("-journal", "-wal", "-shm")
"""What the names of the files end in that SQLite keeps beside a database that is open, or was not closed."""
LOCK = "-seeding.lock"
"""What the name of the file beside a SQLite database ends in that runs lock."""
PART = "-seeding.part"
"""What the name of one ends in that is to be copied into it."""


def database_file(using: str) -> Path | None:
    """The file of a SQLite database, also where the settings name it by a URI; None for one in memory or another kind.

    Connects to nothing: that would make a file that is missing.
    """
    connection: Any = connections[using]
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return None
    name = str(connection.settings_dict["NAME"])
    return Path(unquote(urlsplit(name).path) if name.startswith("file:") else name).resolve()


def file_identity(using: str) -> tuple[int, int] | None:
    """What tells a SQLite database's file from another of its name; None where there is none."""
    file = database_file(using)
    try:
        found = file.stat() if file else None
    except FileNotFoundError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def copy_into(part: Path, connection: Any) -> None:
    """Fill a SQLite database without a table with a copy of this one, in one transaction; its pages keep their size."""
    connection.ensure_connection()
    with closing(sqlite3.connect(part)) as made, connection.wrap_database_errors:
        made.execute("PRAGMA journal_mode = DELETE")  # or the other one would have a log too
        made.execute(f"PRAGMA page_size = {connection.connection.execute('PRAGMA page_size').fetchone()[0]}")
        made.execute("VACUUM")
        made.backup(connection.connection)


def remove_database(file: Path) -> None:
    """Remove a SQLite database that nobody uses, if it is there, and what lies beside it."""
    for end in ("", *OF_SQLITE, LOCK):
        file.with_name(file.name + end).unlink(missing_ok=True)


def located(what: str, path: str | Path) -> Path:
    """Where a path leads, whether a file is there or not. Raises UsageError where none can be, as for a long name."""
    try:
        file = Path(path).resolve()
        with suppress(FileNotFoundError, NotADirectoryError):
            file.stat()
    except (OSError, RuntimeError, ValueError) as error:  # before Python 3.13 of links in a circle; of a NUL byte
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{what} {path}: no file can be there ({reason}); name another.") from error
    return file


def begins_with(*known: bytes) -> Callable[[Path], bool]:
    """What tells files that begin with one of these from others."""

    def begins(file: Path) -> bool:
        with file.open("rb") as stream:
            return stream.read(max(map(len, known))).startswith(known)

    return begins


def check_place(option: str, path: str, is_older: Callable[[Path], bool]) -> None:
    """Make sure that a file can take its place there: neither a database's nor that of a file of another kind.

    `is_older` tells whether a file that is there is of this kind. Raises UsageError beforehand.
    """
    for alias in connections:
        check_other_than_database(option, path, alias)
    file = Path(path).resolve()
    if not file.parent.is_dir():
        raise UsageError(f"{option} {path}: the folder does not exist; create it or name another.")
    if (Path(path).exists() and not file.is_file()) or not os.access(file.parent, os.W_OK):
        raise UsageError(f"{option} {path}: no file can be written there; name another.")
    if not file.exists():
        return
    try:
        gives_way = is_older(file) or not file.stat().st_size
    except OSError as error:
        raise UsageError(f"{option} {path}: what is there cannot be read ({error.strerror}); name another.") from error
    if not gives_way:
        raise UsageError(f"{option} {path}: another file is there; remove it or name another.")
    if not file.stat().st_mode & S_IWUSR:
        raise UsageError(f"{option} {path}: the file is protected from writing; allow that or name another.")


def check_other_than_database(option: str, path: str, using: str) -> None:
    """Raise UsageError for the file that is the database or lies beside it, or where no file can be."""
    file, database = located(option, path), database_file(using)
    if database is None:
        return
    if file == database or (file.exists() and database.exists() and file.samefile(database)):
        raise UsageError(f"{option} {path} is the database itself; name another file.")
    if file in (database.with_name(database.name + end) for end in (*OF_SQLITE, LOCK, PART)):
        raise UsageError(f"{option} {path} is a file that is kept beside the database; name another.")


@contextmanager
def part_of(path: str | Path) -> Iterator[Path]:
    """The path of a part to write, one that nobody else writes, which takes the file's place when all is written.

    An error leaves what was there before. Raises SeedingError where the disk refuses.
    """
    file = Path(path).resolve()
    part = file.with_name(f".{token_hex(8)}.part")
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())  # or a power cut could leave the name without the content
        if file.exists():
            part.chmod(S_IMODE(file.stat().st_mode))
        part.replace(file)
    except OSError as error:
        raise SeedingError(f"Cannot write {path} ({error.strerror}); what was there is left as it was.") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def written_whole(path: str) -> Iterator[BinaryIO]:
    """A file to write that takes its place when all is written; an error leaves what was there before.

    Raises SeedingError where the disk refuses.
    """
    with part_of(path) as part, part.open("wb") as stream:
        yield stream
