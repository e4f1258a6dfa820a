"""Commands as a person calls them: how they end and what they say; in this process unless their start matters."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from databases import called
from programs import Databases

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
def program(sqlite_url: str, tmp_path: Path) -> Manage:
    """Start manage.py with these words, on a SQLite file of the test's own unless DATABASE_URL is given."""

    def run(*words: str, **environment: str) -> Ran:
        kept = {key: value for key, value in os.environ.items() if key not in OURS}
        done = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, str(MANAGE), *words],
            env={**kept, "PYTHONUTF8": "1", "DATABASE_URL": sqlite_url, **environment},
            cwd=tmp_path,
            input="",
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def manage(sqlite_url: str, tmp_path: Path, program: Manage, django_db_blocker: Any) -> Manage:
    """Do in this process what `program` does, which is asked where the environment says more than DATABASE_URL."""

    def run(*words: str, DATABASE_URL: str = sqlite_url, **environment: str) -> Ran:  # noqa: N803 - as it is called
        if environment:
            return program(*words, DATABASE_URL=DATABASE_URL, **environment)
        with chdir(tmp_path):
            done = called(django_db_blocker, DATABASE_URL, *words)
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def refused(manage: Manage) -> Callable[..., str]:
    """Run manage.py and expect one sentence instead of a run; returns the sentence."""
    return one_sentence(manage)


@pytest.fixture
def refused_program(program: Manage) -> Callable[..., str]:
    """Start manage.py and expect one sentence instead of a run; returns the sentence."""
    return one_sentence(program)


def one_sentence(called: Manage) -> Callable[..., str]:
    def run(*words: str, code: int, **environment: str) -> str:
        ran = called(*words, **environment)
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


@pytest.fixture
def migrated(databases: Databases, tmp_path: Path) -> Path:
    """A migrated file without rows, where `manage` looks for it."""
    return Path(shutil.move(databases.fresh("sqlite").removeprefix("sqlite:///"), tmp_path / "mentara.sqlite3"))
