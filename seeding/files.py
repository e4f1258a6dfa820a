"""Files that a command writes: checked before the run, and either there in whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from seeding.engine.errors import UsageError


def check_writable(option: str, path: str | None) -> None:
    """Make sure that a file can be written. Raises UsageError before anything has been done."""
    if path is None:
        return
    file = Path(path)
    if not file.resolve().parent.is_dir():
        raise UsageError(f"{option} {path}: the folder does not exist; create it or name another.")
    if file.is_dir() or not os.access(file if file.exists() else file.resolve().parent, os.W_OK):
        raise UsageError(f"{option} {path}: no file can be written there; name another.")


@contextmanager
def written_whole(path: str) -> Iterator[BinaryIO]:
    """A file to write that takes its place when all is written; an error leaves what was there before."""
    file = Path(path).resolve()
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            yield stream
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
