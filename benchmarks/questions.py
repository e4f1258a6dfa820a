"""The minimums asked in hand-written SQL by a bare driver: `python -m benchmarks.questions`, on DATABASE_URL.

Prints JSON: the seconds from before connecting to the last answer, and for each minimum its key, the rows that it is
about, and how many of them are short.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "sql"


def statements(kind: str) -> Iterator[str]:
    """The statements for one database: "sqlite" or "postgres"."""
    lines = (FOLDER / f"minimums.{kind}.sql").read_text(encoding="utf-8").splitlines()
    code = "\n".join(line for line in lines if not line.startswith("--"))
    yield from (part for part in code.split(";") if part.strip())


def connect(url: str) -> Any:
    """A connection of the driver alone, reading only."""
    if url.startswith("sqlite:///"):
        import sqlite3

        return sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True)
    import psycopg

    return psycopg.connect(url)


def main() -> None:
    """Ask all and print the answers."""
    url = os.environ["DATABASE_URL"]
    asked = list(statements("sqlite" if url.startswith("sqlite:") else "postgres"))
    started = time.perf_counter()
    connection = connect(url)
    answers = [connection.execute(statement).fetchone() for statement in asked]
    seconds = time.perf_counter() - started
    connection.close()
    json.dump({"seconds": seconds, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
