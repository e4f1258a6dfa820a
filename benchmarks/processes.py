"""Whole processes, measured: wall time, CPU time, the largest process, and what was printed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import struct_rusage

ROOT = Path(__file__).parent.parent
MANAGE = (sys.executable, "manage.py")
SETTINGS = "mentara.settings"
AS_OF = "2026-03-02T12:00:00+00:00"
LONGEST = 200  # characters shown of a line that a failed process wrote
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # ru_maxrss counts bytes there, kibibytes elsewhere


class Failed(Exception):  # noqa: N818  (it says what the process did)
    """A process ended with an error, or took longer than allowed; the message has its last lines."""


@dataclass(frozen=True)
class Taken:
    """What a process took.

    `seconds` is from start to end, `cpu` user and system seconds of it and of the processes it waited for, and
    `peak_mb` the greatest resident size that any one of them reached, in megabytes (10^6 bytes). Linux counts a process
    as large as the one that started it was just then, so it is true where that is the smaller of the two.
    """

    seconds: float
    cpu: float
    peak_mb: float
    out: str


def seed(clients: int) -> tuple[str, ...]:
    """The command that seeds so many clients, always as of the same instant."""
    return (*MANAGE, "seed", "--clients", str(clients), "--as-of", AS_OF, "-v", "0")


def environment(url: str = "", **more: str) -> dict[str, str]:
    """The environment of a program of this project on the database at `url`, which keeps bytecode, as by default."""
    here = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    placed = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": SETTINGS, "DEBUG": "1", "PYTHONPATH": str(ROOT)}
    return {**here, **placed, **more}


def measure(
    command: Sequence[str | Path], env: dict[str, str], cwd: Path = ROOT, at_most: float | None = None
) -> Taken:
    """Run a command to its end. Raises Failed where it exits with an error or takes more than `at_most` seconds."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=out, stderr=err, start_new_session=True)  # noqa: S603  (our own)
        try:
            status, usage = _wait(process.pid, None if at_most is None else started + at_most)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            said = [_without_folders(line.strip())[:LONGEST] for line in (*out, *err) if line.strip()]
            name = " ".join(Path(part).name for part in command[:3])
            raise Failed(f"{name} … exited with {process.returncode}: {' / '.join(said[-3:])}")
        peak_mb = usage.ru_maxrss * _RSS_UNIT / 1e6
        return Taken(seconds, usage.ru_utime + usage.ru_stime, peak_mb, out.read())


def _without_folders(line: str) -> str:
    """A line with the names of files only, so that results do not tell where this machine has them."""
    return re.sub(r"(?:file://)?/(?:[^\s/:'\"]+/)+", "", line)


def _wait(pid: int, until: float | None) -> tuple[int, struct_rusage]:
    if until is None:
        _, status, usage = os.wait4(pid, 0)
        return status, usage
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return status, usage
        if time.perf_counter() > until:
            raise Failed("took longer than allowed")
        time.sleep(0.02)  # so that watching takes no processor from what is watched
