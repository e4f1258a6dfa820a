"""Runs seeding_program.py in fresh processes, on databases of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.core.management import call_command

ROOT = Path(__file__).parent.parent
AS_OF = "2026-03-02T12:00:00+00:00"
LIGHT = {"mode": "light", "as_of": AS_OF}
LIKE_TESTS = {"DEBUG": "0", "SECRET_KEY": "secret"}
"""Has a program write the accounts that a test's own process writes, where DEBUG is off."""


def environment(url: str, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "mentara.settings",
        "PYTHONPATH": str(ROOT),
        **more,
    }


@dataclass
class Databases:
    """Migrated databases without rows, as many as asked for: copies of one."""

    directory: Path
    server: str
    numbers: Any = field(default_factory=count)
    made: list[str] = field(default_factory=list)

    @cached_property
    def _strategy(self) -> str:
        """How to copy a database in a moment: from PostgreSQL 15 on that has to be asked for."""
        with psycopg.connect(self.server) as connection:
            return "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""

    def fresh(self, kind: str) -> str:
        """The URL of a migrated, empty database: "sqlite" or "postgres"."""
        template, name = f"{kind}_template", f"{kind}_{next(self.numbers)}"
        if kind == "sqlite":
            file = self.directory / template
            if not file.exists():
                self._migrate(f"sqlite:///{file}")
            return f"sqlite:///{shutil.copy(file, self.directory / name)}"
        if template not in self.made:
            self._create(template)
            self._migrate(self._url(template))
        self._create(name, f'TEMPLATE "{self._name(template)}" {self._strategy}')
        return self._url(name)

    def drop(self) -> None:
        """Remove the databases on the server."""
        for name in self.made:
            self._execute(f'DROP DATABASE "{self._name(name)}" WITH (FORCE)')

    def _name(self, name: str) -> str:
        return f"{name}_{os.getpid()}"

    def _url(self, name: str) -> str:
        return urlunsplit(urlsplit(self.server)._replace(path=f"/{self._name(name)}"))

    def _create(self, name: str, options: str = "") -> None:
        self._execute(f'CREATE DATABASE "{self._name(name)}" {options}')
        self.made.append(name)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(statement)

    def _migrate(self, url: str) -> None:
        manage(url, "migrate", "--verbosity", "0").check_returncode()


def start(url: str, plan: dict[str, Any], **env: str) -> subprocess.Popen[str]:
    """Start the program."""
    program = [sys.executable, str(ROOT / "tests" / "seeding_program.py"), json.dumps(plan)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(program, env=environment(url, **env), **pipes)  # noqa: S603 - our own program


def manage(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of manage.py on this database to its end."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(command, env=environment(url), capture_output=True, text=True, timeout=300, check=False)  # noqa: S603 - our own program


def ended(command: str, *words: str) -> int:
    """The exit code of a command in this process."""
    try:
        call_command(command, *words)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def begun(url: str, *words: str, until: str) -> subprocess.Popen[str]:
    """A command of manage.py, both its outputs as one, once it has said this.

    It minds Ctrl-C, also where a shell has started the tests in the background, with Ctrl-C ignored.
    """
    command, surroundings = [sys.executable, str(ROOT / "manage.py"), *words], environment(url, PYTHONUNBUFFERED="1")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    minding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, env=surroundings, preexec_fn=minding, **pipes)  # noqa: S603, PLW1509 - our own program
    assert any(until in line for line in process.stdout)
    return process


def fixture(url: str, path: Path) -> bytes:
    """What the database holds, as a fixture that is written to this file."""
    manage(url, "dump_seed", str(path)).check_returncode()
    return path.read_bytes()


def execute(url: str, *statements: str) -> list[Any]:
    """Run the statements, each for itself, in UTC; returns the rows of the last."""
    if url.startswith("sqlite"):
        opened: Any = closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None))
    else:
        opened = psycopg.connect(url, autocommit=True, options="-c timezone=UTC")
    with opened as connection:
        for statement in statements:
            cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def catalogue(url: str) -> list[Any]:
    """Every index and constraint with its definition, and what is noted as set aside."""
    of_sqlite = ("SELECT name, tbl_name, sql FROM sqlite_master ORDER BY name",)
    of_postgres = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        """SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid), convalidated FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    )
    queries = (*(of_sqlite if url.startswith("sqlite") else of_postgres), "SELECT * FROM seeding_set_aside")
    return [row for query in queries for row in execute(url, query)]


def finish(process: subprocess.Popen[str]) -> list[int]:
    """Wait for the program's end; returns the rows added by each request."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out)


def killed(process: subprocess.Popen[str]) -> bool:
    """Wait until the program has killed itself."""
    _, err = process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL, err
    return True


def dump(url: str, path: Path, *requests: dict[str, Any], **env: str) -> str:
    """Run the requests in a fresh process, and return every row of the database as text."""
    finish(start(url, {"requests": requests, "dump": str(path)}, **env))
    return path.read_text(encoding="utf-8")
