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
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import psycopg

ROOT = Path(__file__).parent.parent
MODES = ("light", "medium")
PREFIX = "mentara_benchmark_kept_"
WAYS = {"cold": "built (cold)", "warm": "copied (warm)", "loaddata": "migrate and loaddata"}


def measure(way: str, mode: str, folder: Path) -> None:
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


def run(way: str, mode: str, folder: Path, url: str, at: str) -> list[float]:
    """Seconds and rows of one such process. Raises CalledProcessError where it failed."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "mentara.settings",
        "DEBUG": "1",
        "BENCHMARK_RUN": at,
    }
    command = [sys.executable, "-m", "benchmarks.fixtures", "--measure", way, mode, str(folder)]
    out = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603  (our own)
    return list(json.loads(out))


def main(runs: int) -> None:
    """Measure in turns, so that a machine whose speed drifts slows all alike."""
    with tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": f"sqlite:///{folder}/none.sqlite3"}
        if os.environ.get("DATABASE_URL", "").startswith("postgres"):
            urls["PostgreSQL"] = os.environ["DATABASE_URL"]
        taken: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        rows: dict[str, float] = {}
        for at in range(runs):
            for database, url in urls.items():
                place = Path(folder) / database
                place.mkdir(exist_ok=True)
                for mode in MODES:
                    for way in WAYS:
                        seconds, rows[mode] = run(way, mode, place, url, str(at))
                        taken[database, mode, way].append(seconds)
        if "PostgreSQL" in urls:
            drop_templates(urls["PostgreSQL"])
    versions = f"Python {platform.python_version()}, Django {version('Django')}, psycopg {version('psycopg')}"
    lines = [f"{versions}, {os.cpu_count()} cores, median of {runs} runs, seconds", ""]
    lines += [f"| database | mode | rows | {' | '.join(WAYS.values())} |", f"|{' --- |' * (3 + len(WAYS))}"]
    for database in urls:
        for mode in MODES:
            middle = [f"{statistics.median(taken[database, mode, way]):.2f}" for way in WAYS]
            lines.append(f"| {database} | {mode} | {rows[mode]} | {' | '.join(middle)} |")
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
        measure(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    else:
        options = ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
        options.add_argument("runs", nargs="?", type=int, default=5, help="of which the median counts (default: 5)")
        main(options.parse_args().runs)
