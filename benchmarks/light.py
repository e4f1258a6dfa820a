"""Whole processes in light mode against `django.setup()` alone: `python -m benchmarks.light [RUNS]`.

On a SQLite file that is migrated and empty for each first run. Prints CPU seconds (user and system) of the median
run, and the ratio to the bare start, as a Markdown table.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SETUP = [sys.executable, "-c", "import django; django.setup()"]
SEED = [sys.executable, "manage.py", "seed", "--mode", "light", "-v", "0"]
VERIFY = [sys.executable, "manage.py", "verify_minimums", "-v", "0"]


def cpu_seconds(command: list[str], url: str) -> float:
    """The CPU seconds that a process of its own took. Raises CalledProcessError where it failed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "mentara.settings", "DEBUG": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  (our own)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(runs: int) -> None:
    """Measure in turns, so that a machine whose speed drifts slows all alike."""
    taken: dict[str, list[float]] = {"django.setup()": [], "seed": [], "seed again": [], "verify_minimums": []}
    with tempfile.TemporaryDirectory() as folder:
        template, copy = Path(folder) / "empty.sqlite3", Path(folder) / "seeded.sqlite3"
        cpu_seconds([sys.executable, "manage.py", "migrate", "-v", "0"], f"sqlite:///{template}")
        for _ in range(runs):
            shutil.copy(template, copy)
            url = f"sqlite:///{copy}"
            for name, command in zip(taken, (SETUP, SEED, SEED, VERIFY), strict=True):
                taken[name].append(cpu_seconds(command, url))
    bare = statistics.median(taken["django.setup()"])
    lines = [f"Python {platform.python_version()}, {os.cpu_count()} cores, median of {runs} runs, SQLite", ""]
    lines += ["| process | CPU s | × django.setup() |", "| --- | --- | --- |"]
    for name, seconds in taken.items():
        middle = statistics.median(seconds)
        lines.append(f"| {name} | {middle:.2f} | {middle / bare:.1f} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
