"""Results as Markdown: what was measured, where, and the figures."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median

import django

from benchmarks.databases import KINDS, Database, Postgres
from benchmarks.processes import ROOT, Failed

FOLDER = ROOT / "docs" / "benchmarks"


class Results:
    """A page that grows table by table."""

    def __init__(self, name: str, says: str, databases: Iterable[Database], arguments: Sequence[str]) -> None:
        self.name = name
        command = shlex.join(["python", "-m", f"benchmarks.{name}", *without_places(arguments)])
        self.lines = [f"# {name}", "", says, "", f"`{command}` on {machine()}; {versions(databases)}."]

    def table(self, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add a table; a float is shown with the digits that its size deserves."""
        self.lines += ["", f"## {title}", "", _line(head), _line(["---"] * len(head))]
        self.lines += [_line([figure(cell) for cell in row]) for row in rows]

    def note(self, text: str) -> None:
        """Add a paragraph."""
        self.lines += ["", text]

    def write(self, output: Path | None) -> None:
        """Write the page to a file, the benchmark's own in docs/benchmarks unless given, and print it."""
        file = output or FOLDER / f"{self.name}.md"
        text = "\n".join(self.lines) + "\n"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        sys.stdout.write(text)


def positive(text: str) -> int:
    """The number. Raises ArgumentTypeError for one below 1."""
    if int(text) < 1:
        raise ArgumentTypeError(f"{text} is too few; give 1 or more")
    return int(text)


def parser(doc: str | None, runs: int = 3) -> ArgumentParser:
    """The options that all benchmarks have."""
    made = ArgumentParser(description=(doc or "").split("\n", 1)[0])
    made.add_argument("--databases", nargs="+", choices=KINDS, default=list(KINDS), help="default: both")
    made.add_argument(
        "--runs", type=positive, default=runs, metavar="N", help="repetitions, of which the median counts"
    )
    made.add_argument("--output", type=Path, metavar="FILE.md", help="where to write (default: docs/benchmarks)")
    return made


def run(main: Callable[[Sequence[str]], None]) -> None:
    """Run a benchmark with the command line's arguments; what a program of it failed with is said, with exit code 1."""
    try:
        main(sys.argv[1:])
    except Failed as error:
        sys.exit(str(error))


def without_places(arguments: Sequence[str]) -> list[str]:
    """The arguments without those that say where to write."""
    kept, skip = [], False
    for argument in arguments:
        places = argument.split("=")[0] in ("--output", "--plot")
        if not skip and not places:
            kept.append(argument)
        skip = places and "=" not in argument
    return kept


def machine() -> str:
    """The cores and the memory of this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB memory"


def versions(databases: Iterable[Database]) -> str:
    """The versions of Python, Django and the databases, and the settings of a server."""
    titles = [f"{one.title} ({one.settings})" if isinstance(one, Postgres) else one.title for one in databases]
    return ", ".join([f"Python {platform.python_version()}", f"Django {django.__version__}", *titles])


def goal(ratio: float, limit: float, *, at_least: bool = False) -> str:
    """The limit of a ratio, and whether it is kept."""
    kept = ratio >= limit if at_least else ratio <= limit
    return f"{'≥' if at_least else '≤'} {limit:g} {'✅' if kept else '❌'}"


def spread(values: Sequence[float]) -> str:
    """The least and the greatest of repeated measurements."""
    return f"{figure(min(values))}–{figure(max(values))}"


def figure(cell: object) -> str:
    """A cell as text: whole numbers with separators, others with two digits behind the point, or one from 100 on."""
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.1f}" if abs(cell) >= 100 else f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell).replace("|", "/")


def middle(values: Iterable[float]) -> float:
    """The median."""
    return float(median(values))


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
