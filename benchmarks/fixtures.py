"""What a test session waits for before its first test: `python -m benchmarks.fixtures [RUNS]`.

A seeded database of a test session, light and medium, got three ways: built (cold), copied from the cache (warm), and
made as Django makes a test database, into which the same rows are loaded by `loaddata`. On SQLite, and on PostgreSQL
where DATABASE_URL names a server. Prints seconds of the median run as a Markdown table. What is timed is within one
process after `django.setup()`; each run is a process of its own.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import version
from itertools import product
from pathlib import Path

import psycopg

from benchmarks.processes import environment, measure
from benchmarks.results import middle, positive, run

MODES = ("light", "medium")
PREFIX = "mentara_benchmark_kept_"
WAYS = {"cold": "built (cold)", "warm": "copied (warm)", "loaddata": "migrate and loaddata"}


def get(way: str, mode: str, folder: Path) -> None:
    """In a process of its own: get a database this way and print the seconds and rows."""
    import django

    django.setup()
    from django.apps import apps
    from django.core.management import call_command
    from django.db import connections

    name = str(folder / "copy.sqlite3") if connections["default"].vendor == "sqlite" else "mentara_benchmark_copy"
    text = f"benchmark {os.environ['BENCHMARK_RUN']}"
    fixture = folder / f"{mode} {text}.json"
    started = time.perf_counter()
    from seeding.fixtures.cache import Templates, seeded_copy, store_of
    from seeding.fixtures.recipe import Recipe
    from seeding.fixtures.switching import connections_to, leading_to

    Templates.PREFIX = PREFIX
    with leading_to(connections_to("default", name)):
        if way == "loaddata":
            from seeding.fixtures.building import create

            create(connections["default"])
            call_command("loaddata", str(fixture), verbosity=0)
        elif seeded_copy("default", Recipe(mode=mode, seed=text), name, folder / "cache") is not (way == "warm"):
            sys.exit(f"What was measured is not {way}.")
        connections["default"].ensure_connection()
        seconds = time.perf_counter() - started
        rows = sum(model._default_manager.count() for model in apps.get_app_config("mentara").get_models())
        if way == "cold":
            call_command("dumpdata", "mentara", "seeding", output=str(fixture), verbosity=0)
    store_of("default", folder / "cache").drop(name)
    sys.stdout.write(json.dumps([seconds, rows]))


def taken_by(way: str, mode: str, folder: Path, url: str, at: str) -> list[float]:
    """Seconds and rows of one such process. Raises Failed where it failed."""
    command = [sys.executable, "-m", "benchmarks.fixtures", "--measure", way, mode, str(folder)]
    return list(json.loads(measure(command, environment(url, BENCHMARK_RUN=at)).out))


def main(arguments: Sequence[str]) -> None:
    """Measure in turns, so that a machine whose speed drifts slows all alike."""
    options = ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("runs", nargs="?", type=positive, default=5, help="of which the median counts (default: 5)")
    runs = options.parse_args(arguments).runs
    with tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": f"sqlite:///{folder}/none.sqlite3"}
        if os.environ.get("DATABASE_URL", "").startswith("postgres"):
            urls["PostgreSQL"] = os.environ["DATABASE_URL"]
        taken: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        rows: dict[str, float] = {}
        for at, (database, url), mode, way in product(range(runs), urls.items(), MODES, WAYS):
            place = Path(folder, database)
            place.mkdir(exist_ok=True)
            took, rows[mode] = taken_by(way, mode, place, url, str(at))
            taken[database, mode, way].append(took)
        if "PostgreSQL" in urls:
            drop_templates(urls["PostgreSQL"])
    versions = f"Python {platform.python_version()}, Django {version('Django')}, psycopg {version('psycopg')}"
    lines = [f"{versions}, {os.cpu_count()} cores, median of {runs} runs, seconds", ""]
    lines += [f"| database | mode | rows | {' | '.join(WAYS.values())} |", f"|{' --- |' * (3 + len(WAYS))}"]
    for database in urls:
        for mode in MODES:
            seconds = [f"{middle(taken[database, mode, way]):.2f}" for way in WAYS]
            lines.append(f"| {database} | {mode} | {rows[mode]} | {' | '.join(seconds)} |")
    sys.stdout.write("\n".join(lines) + "\n")


def drop_templates(url: str) -> None:
    """Remove what was kept on the server."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        for (name,) in connection.execute(found, [PREFIX]).fetchall():
            connection.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
            connection.execute(f'DROP DATABASE "{name}"')


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        get(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    else:
        run(main)
