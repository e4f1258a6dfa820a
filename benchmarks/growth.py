"""How the cost of a seed grows with its size: `python -m benchmarks.growth`.

Time, peak memory and statements of `seed --clients N` as a whole process into a migrated, empty database, at growing
N; then the time of a verification, and of `seed` with 1 % more clients. Peak memory is the largest resident size that
any one process of the seeder reached; the database server's is not in it. Besides the table, a plot is written to
docs/growth.svg.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import Database, databases
from benchmarks.plot import Panel, svg
from benchmarks.processes import MANAGE, ROOT, Taken, environment, measure, seed
from benchmarks.results import Results, middle, parser, run, spread

PLOT = ROOT / "docs" / "growth.svg"
CLIENTS = (1_000, 10_000, 100_000)


@dataclass(frozen=True)
class Grown:
    """What a seed of one size took, run by run, the rows that it made and the statements that it sent.

    And the seconds that a verification took then, and 1 % more clients.
    """

    clients: int
    runs: list[Taken]
    rows: int
    statements: int
    verified: list[float]
    one_percent_more: list[float]

    @property
    def seconds(self) -> float:
        """Of the median run."""
        return middle(one.seconds for one in self.runs)

    @property
    def peak_mb(self) -> float:
        """Of the run that took most memory."""
        return max(one.peak_mb for one in self.runs)


def grown(database: Database, clients: int, runs: int) -> Grown:
    """Seed so many clients so many times."""
    taken, verified, one_percent_more = [], [], []
    for _ in range(runs):
        url = database.copy()
        before = sum(database.counts(url).values())
        database.settle()
        with tempfile.NamedTemporaryFile() as statements:
            counting = {"DJANGO_SETTINGS_MODULE": "benchmarks.counting", "STATEMENTS": statements.name}
            taken.append(measure(seed(clients), environment(url, **counting)))
            sent = Path(statements.name).stat().st_size
        rows = sum(database.counts(url).values()) - before
        verified.append(measure((*MANAGE, "verify_minimums", "-v", "0"), environment(url)).seconds)
        one_percent_more.append(measure(seed(clients + clients // 100), environment(url)).seconds)
        database.drop(url)
    return Grown(clients, taken, rows, sent, verified, one_percent_more)


def main(arguments: Sequence[str]) -> None:
    """Measure on the databases asked for, and write the tables and the plot."""
    options = parser(__doc__)
    options.add_argument("--clients", nargs="+", type=int, default=CLIENTS, metavar="N", help=f"default: {CLIENTS}")
    options.add_argument("--plot", type=Path, default=PLOT, metavar="FILE.svg", help="default: docs/growth.svg")
    asked = options.parse_args(arguments)
    with databases(tuple(asked.databases)) as targets:
        says = f"`seed --clients N` into a migrated, empty database. Whole processes, medians of {asked.runs} runs."
        page = Results("growth", says, targets, arguments)
        found: dict[str, list[Grown]] = {}
        for database in targets:
            found[database.title] = [grown(database, clients, asked.runs) for clients in asked.clients]
            page.table(database.title, HEAD, lines(found[database.title]))
        page.note("Peak is of the largest process of the seeder, in 10^6 bytes; × is against the size before.")
        page.note("The last columns are whole processes after that: a verification, and `seed` with 1 % more clients.")
        asked.plot.write_text(plot(found), encoding="utf-8")
        page.write(asked.output)


HEAD = ("clients", "rows", "s", "min–max", "rows/s", "× rows", "× s", "peak MB", "statements", "verify s", "1 % more s")


def lines(sizes: list[Grown]) -> list[list[object]]:
    """The rows of a table, each compared with the size before it."""
    shown: list[list[object]] = []
    for at, one in enumerate(sizes):
        growth = (one.rows / sizes[at - 1].rows, one.seconds / sizes[at - 1].seconds) if at else ("", "")
        times = [taken.seconds for taken in one.runs]
        speed = one.rows / one.seconds
        then = (middle(one.verified), middle(one.one_percent_more))
        took = (one.seconds, spread(times), speed, *growth, one.peak_mb, one.statements)
        shown.append([one.clients, one.rows, *took, *then])
    return shown


def plot(found: dict[str, list[Grown]]) -> str:
    """Seconds, memory and statements over clients."""
    shown = {"Seconds": "seconds", "Peak memory of a process, MB": "peak_mb", "Statements": "statements"}
    return svg(
        [
            Panel(
                title,
                "clients",
                {name: [(one.clients, getattr(one, value)) for one in sizes] for name, sizes in found.items()},
            )
            for title, value in shown.items()
        ]
    )


if __name__ == "__main__":
    run(main)
