"""A satisfied re-run and a verification against the same questions in hand-written SQL: `python -m benchmarks.rerun`.

The 27 minimums are asked in benchmarks/sql by a bare driver, in one process, connecting included. Each is measured as a
whole process, and once more from inside: everything imported, from before connecting to the end.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import psycopg

from benchmarks.databases import Database, Postgres, databases
from benchmarks.processes import AS_OF, MANAGE, Failed, environment, measure, seed
from benchmarks.results import Results, goal, middle, parser, run, spread

LIMIT = 1.3
SQL, VERIFY, SEED = "SQL by hand", "verify_minimums", "seed again"
PROGRAM = (sys.executable, "-m")

Seconds = dict[str, list[float]]


def taken(database: Database, clients: int, runs: int) -> tuple[Seconds, Seconds, int]:
    """Seconds as whole processes and from inside, in turns, and the rows. Raises Failed where answers differ."""
    outside = {
        SQL: (*PROGRAM, "benchmarks.questions"),
        VERIFY: (*MANAGE, "verify_minimums", "-v", "0"),
        SEED: seed(clients),
    }
    inside = {
        SQL: outside[SQL],
        VERIFY: (*PROGRAM, "benchmarks.inside", "verify"),
        SEED: (*PROGRAM, "benchmarks.inside", "seed", str(clients), AS_OF),
    }
    url = database.copy()
    measure(outside[SEED], environment(url))
    _tidy(database, url)
    rows = sum(database.counts(url).values())
    _agree(url)
    whole: Seconds = {name: [] for name in outside}
    within: Seconds = {name: [] for name in inside}
    for _ in range(runs):
        for name, command in outside.items():
            whole[name].append(measure(command, environment(url)).seconds)
            within[name].append(json.loads(measure(inside[name], environment(url)).out)["seconds"])
    if sum(database.counts(url).values()) != rows:
        raise Failed("the re-run added rows to a satisfied database")
    database.drop(url)
    return whole, within, rows


def _tidy(database: Database, url: str) -> None:
    """Do what a server does by itself some minutes after a load, so that it does not do it while others are timed."""
    if isinstance(database, Postgres):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
    database.settle()


def _agree(url: str) -> None:
    answered = json.loads(measure((*PROGRAM, "benchmarks.questions"), environment(url)).out)["answers"]
    verified = json.loads(measure((*MANAGE, "verify_minimums", "--format", "json"), environment(url)).out)["minimums"]
    if sorted(answered) != sorted([check["key"], check["rows"], check["short"]] for check in verified):
        raise Failed("the SQL by hand and verify_minimums answer differently")


def main(arguments: Sequence[str]) -> None:
    """Measure on the databases asked for, at each number of clients, and write the tables."""
    options = parser(__doc__)
    options.add_argument("--clients", nargs="+", type=int, default=[100_000], metavar="N", help="default: 100000")
    asked = options.parse_args(arguments)
    with databases(tuple(asked.databases)) as targets:
        says = (
            "A satisfied re-run and a verification against the same 27 questions in hand-written SQL (benchmarks/sql). "
            f"Medians of {asked.runs} interleaved runs; inside is without the start of the process. PostgreSQL was "
            "vacuumed after the first seed."
        )
        page = Results("rerun", says, targets, arguments)
        for database in targets:
            for clients in asked.clients:
                whole, within, rows = taken(database, clients, asked.runs)
                _table(page, f"{database.title}, {clients:,} clients, {rows:,} rows", whole, within)
        page.write(asked.output)


def _table(page: Results, title: str, whole: Seconds, within: Seconds) -> None:
    by_hand, by_hand_within = middle(whole[SQL]), middle(within[SQL])
    lines = []
    for name, seconds in whole.items():
        ratio, inner = middle(seconds) / by_hand, middle(within[name])
        met = "" if name == SQL else goal(ratio, LIMIT)
        lines.append([name, middle(seconds), spread(seconds), ratio, met, inner, inner / by_hand_within])
    page.table(title, ("process", "s", "min–max", "× SQL", "goal", "inside s", "× SQL inside"), lines)


if __name__ == "__main__":
    run(main)
