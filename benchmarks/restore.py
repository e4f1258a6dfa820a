"""Seeding against restoring a dump of the very same database: `python -m benchmarks.restore`.

What a user would do instead of seeding is to restore a dump. Each way is a whole process that ends in the same rows:
`seed --clients N` into a migrated, empty database; on PostgreSQL `pg_restore -j2` of `pg_dump -Fc`, and `psql -f` of a
plain dump, each into a database without tables; on SQLite reloading a `.dump`. Making a dump is measured, and is no
part of the ratio.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.databases import Database, Postgres, SQLite, databases
from benchmarks.processes import Failed, environment, measure, seed
from benchmarks.results import Results, goal, middle, parser, run, spread

JUDGED = {"postgres": "pg_restore -j2", "sqlite": "reload of .dump"}
LIMIT = 1.0  # a seed costs no more than restoring a dump of it

Command = Sequence[str | Path]
Way = Callable[[str], Command]


def ways(database: Database, folder: Path) -> tuple[dict[str, Way], dict[str, Way]]:
    """What makes dumps of a database in a folder, and what restores them into another: commands by name."""
    if isinstance(database, Postgres):
        return _postgres_ways(database, folder)
    return _sqlite_ways(database, folder)


def _postgres_ways(database: Postgres, folder: Path) -> tuple[dict[str, Way], dict[str, Way]]:
    pg_dump, pg_restore, psql = (database.program(name) for name in ("pg_dump", "pg_restore", "psql"))
    custom, plain = folder / "custom.dump", folder / "plain.sql"
    dumps: dict[str, Way] = {
        "pg_dump -Fc": lambda url: (pg_dump, "-Fc", "-f", custom, "-d", url),
        "pg_dump": lambda url: (pg_dump, "-f", plain, "-d", url),
    }
    restores: dict[str, Way] = {
        "pg_restore -j2": lambda url: (pg_restore, "-j2", "-d", url, custom),
        "psql -f": lambda url: (psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", plain),
    }
    return dumps, restores


def _sqlite_ways(database: SQLite, folder: Path) -> tuple[dict[str, Way], dict[str, Way]]:
    dump, path, sqlite3 = folder / "sqlite.dump", database.path, shutil.which("sqlite3")
    if sqlite3:
        return (
            {".dump": lambda url: (sqlite3, path(url), f".output '{dump}'", ".dump")},
            {JUDGED["sqlite"]: lambda url: (sqlite3, "-bail", path(url), f".read '{dump}'")},
        )
    python = (sys.executable, "-m", "benchmarks.sqlite_dump")
    return (
        {".dump": lambda url: (*python, "save", path(url), dump)},
        {JUDGED["sqlite"]: lambda url: (*python, "load", path(url), dump)},
    )


def taken(database: Database, clients: int, runs: int) -> tuple[dict[str, list[float]], int]:
    """Seconds of each way in turns, and the rows. Raises Failed where a restored database has other counts."""
    with tempfile.TemporaryDirectory(prefix="mentara-dumps-") as folder:
        dumps, restores = ways(database, Path(folder))
        found: dict[str, list[float]] = {name: [] for name in ("seed", *restores, *dumps)}
        counts: dict[str, int] = {}
        for _ in range(runs):
            seeded = database.copy()
            _timed(database, found["seed"], seed(clients), seeded)
            counts = database.counts(seeded)
            for name, dump in dumps.items():
                _timed(database, found[name], dump(seeded), seeded)
            database.drop(seeded)
            for name, restore in restores.items():
                url = database.bare()
                _timed(database, found[name], restore(url), url)
                if database.counts(url) != counts:
                    raise Failed(f"{name} on {database.title} restored other numbers of rows than were seeded")
                database.drop(url)
    return found, sum(counts.values())


def _timed(database: Database, into: list[float], command: Command, url: str) -> None:
    database.settle()
    into.append(measure(command, environment(url)).seconds)


def main(arguments: Sequence[str]) -> None:
    """Measure on the databases asked for, at each number of clients, and write the tables."""
    options = parser(__doc__)
    options.add_argument("--clients", nargs="+", type=int, default=[10_000], metavar="N", help="default: 10000")
    asked = options.parse_args(arguments)
    with databases(tuple(asked.databases)) as targets:
        says = f"Seeding against restoring a dump of it. Whole processes, medians of {asked.runs} interleaved runs."
        page = Results("restore", says, targets, arguments)
        for database in targets:
            for clients in asked.clients:
                found, rows = taken(database, clients, asked.runs)
                _table(page, database, clients, rows, found)
        if any(database.kind == "sqlite" for database in targets):
            sqlite3 = shutil.which("sqlite3")
            by = "the sqlite3 program" if sqlite3 else "Python's sqlite3 (iterdump, executescript)"
            page.note(f"SQLite is dumped and reloaded by {by}.")
        page.note("Each restored database had the seeded counts in all tables.")
        page.write(asked.output)


def _table(page: Results, database: Database, clients: int, rows: int, found: dict[str, list[float]]) -> None:
    mine = middle(found["seed"])
    lines = []
    for name, seconds in found.items():
        ratio = mine / middle(seconds)
        making = "dump" in name and name != JUDGED["sqlite"]
        met = goal(ratio, LIMIT) if name == JUDGED[database.kind] else ""
        shown = "" if name == "seed" or making else ratio
        lines.append([name, middle(seconds), spread(seconds), rows / middle(seconds), shown, met])
    head = ("way", "s", "min–max", "rows/s", "seed ÷ this", "goal")
    page.table(f"{database.title}, {clients:,} clients, {rows:,} rows", head, lines)


if __name__ == "__main__":
    run(main)
