"""Tests on a seeded Mentara: the fixtures `seeded_db` and `seed_world`, the marker `seed_mode`.

For pytest-django, also under pytest-xdist. A test that asks for a seeded database gets a copy of one that is kept in a
cache, and rolls back what it does; every other test gets Django's own test database, as without this plugin. A test
that commits (`transaction=True`, `live_server`, async calls) spoils the copy, and the next one gets a new copy.

Loaded in every pytest run where the package is installed: so nothing else is imported until a test asks for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from seeding.config import Config
    from seeding.fixtures.recipe import Recipe
    from seeding.fixtures.seed_world import SeedWorld
    from seeding.fixtures.serving import Serving
    from seeding.fixtures.worlds import Worlds

ALIAS = "default"
CACHE = "mentara-seeding"


class Session:
    """What is known of the running session: whether a test asks for a world, which one the running test does."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.asked = False
        self.refusal = ""
        self.mode: str | None = None
        self.worlds: Worlds | None = None
        self.blocker: Any = None
        self.serving: Serving | None = None

    def default_mode(self) -> str:
        """The mode of tests that name none: command line, ini file, configuration file, light.

        Raises pytest.UsageError for one that is unknown, UsageError for what the configuration file has wrong.
        """
        from seeding.requirements import DEFAULT_MODE

        option, ini = self.config.getoption("seed_mode"), self.config.getini("seed_mode")
        if option is not None:
            return known_mode(option, "--seed-mode")
        return known_mode(ini, "seed_mode") if ini else self.settings().mode or DEFAULT_MODE

    def settings(self) -> Config:
        """What the file of `seed_config` says."""
        from seeding.config import read_config

        path = self.config.getini("seed_config")
        return read_config(str(self.config.rootpath / path) if path else None, "seed_config")

    def recipe(self, mode: str) -> Recipe:
        """What a world of this mode is made from. Raises UsageError for what the ini file has wrong."""
        from seeding.config import parse_as_of, parse_seed
        from seeding.fixtures.recipe import DEFAULT_AS_OF, Recipe

        settings = self.settings()
        return Recipe(
            mode=mode,
            seed=Recipe.seed if settings.seed is None else parse_seed(settings.seed),
            as_of=parse_as_of(self.config.getini("seed_as_of") or None, "seed_as_of") or DEFAULT_AS_OF,
            sizes=settings.sizes,
            minimums=settings.minimums,
            locale=settings.locale or Recipe.locale,
        )

    def cache_folder(self) -> Path:
        """Where SQLite files are kept. Raises UsageError where nobody says, or no folder can be."""
        from seeding.engine.errors import UsageError

        given, cache = self.config.getini("seed_cache_dir"), getattr(self.config, "cache", None)
        try:
            if given:
                folder = self.config.rootpath / given
                folder.mkdir(parents=True, exist_ok=True)
                return folder
            if cache is not None:
                return cache.mkdir(CACHE)
        except OSError as error:
            raise UsageError(
                f"Seeded databases cannot be kept in {error.filename} ({error.strerror}); "
                "name a folder that can be made in seed_cache_dir."
            ) from error
        raise UsageError("Seeded databases are kept in pytest's cache, which is off; set seed_cache_dir.")

    def show(self) -> None:
        """Lead the alias and its mirrors to what the running test asks for."""
        from seeding.engine.errors import SeedingError

        if self.worlds is None:
            return
        try:
            with self.blocker.unblock():
                self.worlds.show(self.mode)
        except SeedingError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None  # or each cause is printed, too
        self.serve()

    def make_own(self) -> None:
        """Make Django's own database now: threads of the test have connections of their own, which do not make it."""
        from django.db import connections

        with self.blocker.unblock():
            connections[ALIAS].ensure_connection()

    def serve(self) -> None:
        """Let `live_server`, if there is one, read what is shown."""
        if self.serving is not None:
            self.serving.show(self.worlds.own if self.worlds else (), seeded=self.mode is not None)


_SESSION = pytest.StashKey[Session]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what can be set."""
    group = parser.getgroup("mentara-seeding", "Mentara seeding")
    group.addoption("--seed-mode", metavar="MODE", help="mode of the seeded test database: light, medium or heavy")
    parser.addini("seed_mode", "mode of the seeded test database (default: light)")
    parser.addini("seed_as_of", "the instant its data is seen from (default: 2026-03-02T12:00Z)")
    parser.addini("seed_config", "TOML file with its sizes and minimums, as for `seed --config`")
    parser.addini("seed_cache_dir", "folder for kept SQLite files (default: in pytest's cache)")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "seed_mode(mode): run on a seeded database of this mode: light, medium, heavy")
    config.stash[_SESSION] = Session(config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Refuse what cannot be before the first test; a worker of pytest-xdist, which cannot say so, refuses each test."""
    session = config.stash[_SESSION]
    asking = [item for item in items if asks(item)]
    session.asked = bool(asking)
    try:
        if asking:
            check(session, asking)
            check_classes(session, items)
    except pytest.UsageError as error:
        if not hasattr(config, "workerinput"):
            raise
        session.refusal = str(error)


def check(session: Session, asking: Sequence[pytest.Item]) -> None:
    """Refuse a project, an ini file or a marker that makes no sense. Raises pytest.UsageError."""
    if not session.config.pluginmanager.hasplugin("django"):
        raise pytest.UsageError(f"{asking[0].nodeid} asks for a seeded database: install pytest-django.")
    from django.apps import apps

    from seeding.engine.errors import UsageError
    from seeding.fixtures.cache import store_of
    from seeding.guards import check_alias
    from seeding.tables import APPS

    missing = [name for name in APPS if apps.ready and not apps.is_installed(name)]
    if missing:
        raise pytest.UsageError(f"A seeded database needs {' and '.join(map(repr, missing))} in INSTALLED_APPS.")
    try:
        folder = session.cache_folder()
        if apps.ready:
            store_of(ALIAS, folder)
            check_alias(ALIAS)
        for mode in {mode_of(item, session) for item in asking}:
            session.recipe(mode)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


def asks(item: pytest.Item) -> bool:
    """Whether a test asks for a seeded database."""
    return "seeded_db" in getattr(item, "fixturenames", ()) or item.get_closest_marker("seed_mode") is not None


def mode_of(item: pytest.Item, session: Session) -> str:
    """The mode a test asks for. Raises pytest.UsageError for a marker without one, or for one that is unknown."""
    marker = item.get_closest_marker("seed_mode")
    if marker is None:
        return session.default_mode()
    if len(marker.args) != 1 or marker.kwargs or not isinstance(marker.args[0], str):
        raise pytest.UsageError(f'{item.nodeid}: seed_mode takes a mode, such as seed_mode("medium").')
    return known_mode(marker.args[0], f"{item.nodeid}: seed_mode")


def known_mode(mode: str, written: str) -> str:
    """The mode. Raises pytest.UsageError, which says where it was written, for one that there is not."""
    from seeding.requirements import MODES

    if mode not in MODES:
        raise pytest.UsageError(f"{written} {mode!r} is unknown; choose one of {', '.join(MODES)}.")
    return mode


def check_classes(session: Session, items: Sequence[pytest.Item]) -> None:
    """Refuse a TestCase with several databases: its tests share one transaction. Raises pytest.UsageError."""
    from django.test import TestCase

    seen: dict[type, str | None] = {}
    for item in items:
        kind = getattr(item, "cls", None)
        if kind is None or not issubclass(kind, TestCase):
            continue
        mode = mode_of(item, session) if asks(item) else None
        if seen.setdefault(kind, mode) != mode:
            raise pytest.UsageError(
                f"{item.nodeid}: the tests of a TestCase share one database; mark the class {kind.__name__} instead."
            )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Lead to the database of this test, before anything opens a transaction."""
    session = item.config.stash[_SESSION]
    if session.asked:
        if session.refusal and asks(item):
            pytest.fail(session.refusal, pytrace=False)
        session.mode = mode_of(item, session) if asks(item) else None
        session.show()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """When pytest-django sets up the databases, put that off until a test may use one, and get the seeded ones ready.

    A project may have its own `django_db_setup` around that: it too works on Django's database, so that is shown
    while it runs.
    """
    session = request.config.stash[_SESSION]
    if session.asked and session.mode is None and fixturedef.argname == "_django_db_helper":
        session.make_own()
    if session.asked and fixturedef.argname == "live_server":
        from seeding.fixtures.serving import Serving

        server = yield
        session.serving = Serving(server)
        session.serve()
        return server
    if not session.asked or fixturedef.argname != "django_db_setup":
        return (yield)
    session.blocker = request.getfixturevalue("django_db_blocker")
    if session.worlds is None:
        session.worlds = prepare(session, request)
    wanted, session.mode = session.mode, None
    session.show()
    result = yield
    fixturedef.addfinalizer(lambda: clear(session))
    session.mode = wanted
    session.show()
    return result


def prepare(session: Session, request: pytest.FixtureRequest) -> Worlds:
    """The worlds of this session, none of which is made yet.

    Where there are mirrors, Django's own database is made at once: whoever connects to a mirror expects it there.
    """
    from django.db import connections

    from seeding.fixtures.worlds import Worlds, create_when_needed

    folder = request.getfixturevalue("tmp_path_factory").mktemp("seeded")
    worlds = Worlds(ALIAS, session.recipe, session.cache_folder(), folder)
    if len(worlds.own) == 1:
        create_when_needed(connections[ALIAS])
    return worlds


def clear(session: Session) -> None:
    """Remove the copies, before Django removes its own."""
    if session.worlds is not None:
        with session.blocker.unblock():
            session.worlds.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Note a test outside of a transaction: it rolled nothing back, and Django may be about to empty all tables.

    What a coroutine asks of Django runs in other threads, which have no part in a transaction of this one.
    """
    session = item.config.stash[_SESSION]
    if session.worlds is not None and session.mode is not None:
        from django.db import connections

        if not connections[ALIAS].in_atomic_block or inspect.iscoroutinefunction(getattr(item, "obj", None)):
            session.worlds.spoil()


@pytest.fixture
def seeded_db(db: None, request: pytest.FixtureRequest) -> Recipe:  # noqa: ARG001  (asked for, not read)
    """The test's database is seeded; returns what it was seeded with: mode, seed, as_of, sizes, minimums, locale."""
    session = request.config.stash[_SESSION]
    mode = mode_of(request.node, session)
    if session.mode != mode:  # its database was chosen before it began
        pytest.fail(
            "This test asked for a seeded database while it was under way: name seeded_db or seed_world among its "
            f'arguments, or mark it seed_mode("{mode}").',
            pytrace=False,
        )
    return session.recipe(mode)


@pytest.fixture
def seed_world(seeded_db: Recipe) -> SeedWorld:
    """Picks demo accounts and rows by state, such as `seed_world.a_client(with_therapist=True)`."""
    from seeding.fixtures.seed_world import SeedWorld

    return SeedWorld(seeded_db, ALIAS)
