"""What the sqlite3 program does with `.dump` and `.read`, where there is none: `python -m benchmarks.sqlite_dump`.

`save DATABASE DUMP` writes a database as SQL, `load DATABASE DUMP` runs that SQL on another.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path


def save(database: Path, dump: Path) -> None:
    """Write the statements that make the database anew."""
    with closing(sqlite3.connect(database)) as connection, dump.open("w", encoding="utf-8") as file:
        file.writelines(f"{statement}\n" for statement in connection.iterdump())


def load(database: Path, dump: Path) -> None:
    """Run the statements of a dump."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))


if __name__ == "__main__":
    {"save": save, "load": load}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
