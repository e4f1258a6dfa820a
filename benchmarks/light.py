"""Whole processes in light mode against `django.setup()` alone: `python -m benchmarks.light`.

On a migrated database that is empty for each first run. Wall time and CPU time (user and system, the database
server's not among them) of the median run, each as a ratio to the bare start of the same project.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.databases import Database, databases
from benchmarks.processes import MANAGE, Taken, environment, measure
from benchmarks.results import Results, goal, middle, parser, run, spread

SETUP = (sys.executable, "-c", "import django; django.setup()")
SEED = (*MANAGE, "seed", "--mode", "light", "-v", "0")
STEPS = {
    "django.setup()": SETUP,
    "seed": SEED,
    "seed again": SEED,
    "verify_minimums": (*MANAGE, "verify_minimums", "-v", "0"),
}
LIMITS = {"sqlite": {"seed": 3.0, "seed again": 2.5}, "postgres": {"seed": 4.0, "seed again": 2.5}}


def taken(database: Database, runs: int) -> dict[str, list[Taken]]:
    """Measure in turns, so that a machine whose speed drifts slows all alike."""
    found: dict[str, list[Taken]] = {name: [] for name in STEPS}
    for _ in range(runs):
        url = database.copy()
        database.settle()
        for name, command in STEPS.items():
            found[name].append(measure(command, environment(url)))
        database.drop(url)
    return found


def main(arguments: Sequence[str]) -> None:
    """Measure on the databases asked for and write the table."""
    options = parser(__doc__, runs=7)
    asked = options.parse_args(arguments)
    with databases(tuple(asked.databases)) as targets:
        says = f"Whole processes in light mode, medians of {asked.runs} interleaved runs; goals are of wall time."
        page = Results("light", says, targets, arguments)
        for database in targets:
            found = taken(database, asked.runs)
            bare = middle(one.seconds for one in found["django.setup()"])
            bare_cpu = middle(one.cpu for one in found["django.setup()"])
            rows = []
            for name, repeated in found.items():
                seconds, cpu = [one.seconds for one in repeated], middle(one.cpu for one in repeated)
                ratio, limit = middle(seconds) / bare, LIMITS[database.kind].get(name)
                met = goal(ratio, limit) if limit else ""
                rows.append([name, middle(seconds), spread(seconds), ratio, met, cpu, cpu / bare_cpu])
            head = ("process", "s", "min–max", "× django.setup()", "goal", "CPU s", "× its CPU")
            page.table(database.title, head, rows)
        page.write(asked.output)


if __name__ == "__main__":
    run(main)
