"""Commands as programs of their own, where exit codes and what a person reads matter."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

MANAGE = Path(__file__).parents[2] / "manage.py"
OURS = ("DATABASE_URL", "DEBUG", "SECRET_KEY", "PGHOST", "PGHOSTADDR", "PGSERVICE", "PYTHONIOENCODING")


@dataclass(frozen=True)
class Ran:
    """How a program ended and what it wrote."""

    code: int
    out: str
    err: str


Manage = Callable[..., Ran]


@pytest.fixture
def manage(sqlite_url: str, tmp_path: Path) -> Manage:
    """Run manage.py with these words, on a SQLite file of the test's own unless DATABASE_URL is given."""

    def run(*words: str, stdin: str = "", **environment: str) -> Ran:
        kept = {key: value for key, value in os.environ.items() if key not in OURS}
        done = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, str(MANAGE), *words],
            env={**kept, "PYTHONUTF8": "1", "DATABASE_URL": sqlite_url, **environment},
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def refused(manage: Manage) -> Callable[..., str]:
    """Run manage.py and expect one sentence instead of a run; returns the sentence."""

    def run(*words: str, code: int, **environment: str) -> str:
        ran = manage(*words, **environment)
        assert (ran.code, ran.out) == (code, "")
        assert "Traceback" not in ran.err
        assert len(ran.err.strip().splitlines()) == 1, ran.err
        return ran.err.strip()

    return run


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that a first run has filled, to be copied."""
    path = tmp_path_factory.mktemp("seeded") / "mentara.sqlite3"
    subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, str(MANAGE), "seed", "-v", "0", "--as-of", "2026-03-01T12:00Z"],
        env={**os.environ, "DATABASE_URL": f"sqlite:///{path}", "DEBUG": "1"},
        check=True,
    )
    return path


@pytest.fixture
def filled(seeded_file: Path, tmp_path: Path) -> Path:
    """A copy of the filled file, where `manage` looks for it."""
    path = tmp_path / "mentara.sqlite3"
    path.write_bytes(seeded_file.read_bytes())
    return path
