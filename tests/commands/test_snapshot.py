"""`seed --snapshot` and `--restore`: the same rows come back, all or none, and only where they belong."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from databases import alias_for, on_both
from oracle import World, read_world
from programs import ROOT, Databases, environment, execute

from seeding.engine.errors import UsageError
from seeding.fixtures.snapshot import restore, take

AS_OF = ("--as-of", "2026-03-02T12:00Z", "--allow-production", "-v", "0")


@pytest.fixture(scope="session")
def snapshot(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[str, Path]]:
    """A seeded database of this kind and its snapshot, both only to be read."""

    @cache
    def taken(kind: str) -> tuple[str, Path]:
        url, path = databases.fresh(kind), tmp_path_factory.mktemp("kept") / "kept"
        subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, str(ROOT / "manage.py"), "seed", *AS_OF, "--snapshot", str(path)],
            env=environment(url),
            check=True,
        )
        return url, path

    return taken


@pytest.fixture(scope="module")
def kept(kind: str, snapshot: Callable[[str], tuple[str, Path]]) -> tuple[str, Path]:
    """A seeded database of each kind and its snapshot."""
    return snapshot(kind)


@pytest.fixture
def target(databases: Databases, kind: str) -> str:
    """The URL of a migrated, empty database of this kind."""
    return databases.fresh(kind)


@pytest.fixture
def rows(django_db_blocker: Any) -> Callable[[str], World]:
    """Every row of the database at a URL."""

    def read(url: str) -> World:
        with alias_for(url, django_db_blocker) as using:
            return read_world(using)

    return read


def test_restore__into_an_empty_database__brings_every_row_back(manage, kept, target, rows):
    source, path = kept
    ran = manage("seed", "--restore", str(path), "--allow-production", DATABASE_URL=target)
    assert (ran.code, ran.err) == (0, "")
    assert "as it was kept" in ran.out
    assert rows(target) == rows(source)
    again = manage("seed", "--as-of", "2026-03-02T12:00Z", "--allow-production", DATABASE_URL=target)
    assert "0 rows added" in again.out
    execute(
        target, "INSERT INTO seeding_run (seed, as_of) VALUES ('later', '2027-01-01 00:00:00')"
    )  # ids go on after ours
    assert len(execute(target, "SELECT DISTINCT id FROM seeding_run")) == 2


def test_restore__rows_there__is_refused_unless_told(manage, kept, target, rows):
    source, path = kept
    execute(target, """INSERT INTO seeding_run (seed, as_of) VALUES ('mine', '2027-01-01 00:00:00')""")
    ran = manage("seed", "--restore", str(path), "--allow-production", DATABASE_URL=target)
    assert (ran.code, ran.out) == (1, "")
    assert "not empty: there is 'seeding_run'" in ran.err
    assert execute(target, "SELECT seed FROM seeding_run") == [("mine",)]
    unasked = manage("seed", "--restore", str(path), "--reset", "--allow-production", DATABASE_URL=target)
    assert unasked.code == 2
    assert "--no-input" in unasked.err
    told = manage("seed", "--restore", str(path), "--reset", "--no-input", "--allow-production", DATABASE_URL=target)
    assert (told.code, told.err) == (0, "")
    assert rows(target) == rows(source)


def test_restore__foreign_table__is_refused(manage, kept, target):
    _, path = kept
    execute(target, "CREATE TABLE somebody_else (id integer)")
    ran = manage("seed", "--restore", str(path), "--allow-production", DATABASE_URL=target)
    assert ran.code == 1
    assert "not empty: there is 'somebody_else'" in ran.err
    assert execute(target, 'SELECT count(*) FROM "User"') == [(0,)]


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_snapshot__the_older_one_was_not_closed__is_refused(manage, snapshot, tmp_path, mode):
    path = shutil.copy(snapshot("sqlite")[1], tmp_path / "kept")
    killed = """if True:
        import os, sqlite3, sys
        held = sqlite3.connect(sys.argv[1])
        for statement in (f"PRAGMA journal_mode = {sys.argv[2]}", "PRAGMA cache_size = 5", "BEGIN"):
            held.execute(statement)
        for column in ("id", "title", "content"):
            held.execute(f'UPDATE "Post" SET {column} = {column}')
        os._exit(0)"""
    subprocess.run([sys.executable, "-c", killed, str(path), mode], check=True)  # noqa: S603  (our own words)
    ran = manage("seed", *AS_OF, "--clients", "9", "--snapshot", str(path))
    assert (ran.code, ran.out) == (2, "")
    assert "a program has it open, or did not close it (kept-" in ran.err


def test_snapshot__of_a_database_with_a_log_of_its_own__is_one_file(manage, filled, tmp_path):
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    assert manage("seed", *AS_OF, "--snapshot", str(tmp_path / "kept")).code == 0
    assert (tmp_path / "kept").read_bytes()[18:20] == b"\1\1"  # written and read without a log, says SQLite's header
    restored = manage("seed", "--restore", str(tmp_path / "kept"), DATABASE_URL=f"sqlite:///{tmp_path}/other.sqlite3")
    assert restored.code == 0
    assert not list(tmp_path.glob("kept-*"))


def test_restore__into_a_log_with_pages_of_another_size__says_what_to_do(refused, manage, snapshot, sqlite_url):
    file = sqlite_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as connection:
        for mode in ("page_size = 8192", "journal_mode = WAL"):
            connection.execute(f"PRAGMA {mode}")
        connection.execute("CREATE TABLE django_session (id)")
    restoring = ("seed", "--restore", str(snapshot("sqlite")[1]), "--reset", "--no-input")
    assert "run PRAGMA journal_mode = DELETE on the database, restore" in refused(*restoring, code=1)
    execute(sqlite_url, "PRAGMA journal_mode = DELETE")
    assert manage(*restoring).code == 0


@pytest.mark.parametrize("end", ["-seeding.lock", "-seeding.part", "-wal", "-shm", "-journal"])
def test_files__kept_beside_the_database__take_nothing_else(refused, sqlite_url, end):
    place = sqlite_url.removeprefix("sqlite:///") + end
    for option in ("--snapshot", "--report"):
        assert "is a file that is kept beside the database" in refused("seed", option, place, code=2)


def test_restore__another_name_of_the_database__is_refused(refused, filled, tmp_path):
    (tmp_path / "other").hardlink_to(filled)
    assert "is the database itself" in refused("seed", "--restore", str(tmp_path / "other"), code=2)


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["CREATE TABLE other (id)"], "odd is no snapshot of a Mentara database (no such table: django_migrations)"),
        (
            ["CREATE TABLE django_migrations (app, name)", "INSERT INTO django_migrations VALUES ('mentara', '0099')"],
            "odd belongs to other migrations (it has mentara.0099; it lacks ",
        ),
    ],
)
def test_restore__refused_where_no_database_is__makes_no_file(refused, tmp_path, statements, said):
    for statement in statements:
        execute(f"sqlite:///{tmp_path}/odd", statement)
    assert said in refused("seed", "--restore", "odd", code=2)
    assert [file.name for file in tmp_path.iterdir()] == ["odd"]


def test_restore__other_migrations__names_them(manage, kept, target):
    _, path = kept
    execute(
        target,
        "INSERT INTO django_migrations (app, name, applied) VALUES ('mentara', '0099_more', '2026-01-01 00:00:00')",
    )
    ran = manage("seed", "--restore", str(path), "--allow-production", DATABASE_URL=target)
    assert (ran.code, ran.out) == (2, "")
    assert "belongs to other migrations (it lacks mentara.0099_more); migrate alike" in ran.err
    execute(target, "DELETE FROM django_migrations WHERE name = '0099_more' OR app = 'seeding'")
    ran = manage("seed", "--restore", str(path), "--allow-production", DATABASE_URL=target)
    assert ran.code == 2
    assert "it has seeding.0001_initial" in ran.err
    assert execute(target, 'SELECT count(*) FROM "User"') == [(0,)]


def test_restore__damaged_file__changes_nothing(manage, kept, target, tmp_path):
    _, path = kept
    whole = path.read_bytes()
    broken = tmp_path / "broken"
    for content in (whole[: len(whole) // 2], whole[:-20_000] + bytes(20_000), b"", b"nothing of the kind"):
        broken.write_bytes(content)
        ran = manage("seed", "--restore", str(broken), "--allow-production", DATABASE_URL=target)
        assert (ran.code, ran.out) == (2, ""), ran.err
        assert len(ran.err.strip().splitlines()) == 1, ran.err
        assert execute(target, 'SELECT count(*) FROM "User"') == [(0,)]


def test_restore__damage_within_the_archive__changes_nothing(manage, databases, snapshot, tmp_path):
    (_, path), broken = snapshot("postgres"), tmp_path / "broken"
    with zipfile.ZipFile(path) as archive:
        largest = max(archive.infolist(), key=lambda member: member.compress_size)
    content = bytearray(path.read_bytes())
    more = int.from_bytes(content[largest.header_offset + 28 :][:2], "little")
    content[largest.header_offset + 30 + len(largest.filename) + more] |= 0b110  # a kind of block that there is not
    broken.write_bytes(content)
    target = databases.fresh("postgres")
    ran = manage("seed", "--restore", str(broken), "--allow-production", DATABASE_URL=target)
    assert (ran.code, ran.out) == (2, ""), ran.err
    assert "is damaged" in ran.err
    assert execute(target, 'SELECT count(*) FROM "User"') == [(0,)]


def test_restore__rows_that_the_server_refuses__change_nothing(manage, databases, snapshot, tmp_path):
    (_, path), other = snapshot("postgres"), tmp_path / "other"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(other, "w") as changed:
        for member in archive.namelist():
            content = archive.read(member)
            changed.writestr(member, content.replace(b"\tclient\t", b"\tnobody\t"))
    target = databases.fresh("postgres")
    ran = manage("seed", "--restore", str(other), "--allow-production", DATABASE_URL=target)
    assert (ran.code, ran.out) == (1, "")
    assert re.fullmatch(r".* cannot be restored \(.*check constraint.*\)\. Nothing was changed\.", ran.err.strip())
    assert execute(target, 'SELECT count(*) FROM "User"') == [(0,)]


def test_restore__tables_with_triggers__have_the_rows_that_were_kept(manage, databases, snapshot, rows):
    (source, path), target = snapshot("postgres"), databases.fresh("postgres")
    execute(
        target,
        """CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO "Notification" VALUES (gen_random_uuid(), NEW."userId", 'SYSTEM_UPDATE', 'NORMAL', 'x', 'y',
                '{}', NULL, true, NEW."createdAt", NEW."createdAt", NEW."createdAt");
            RETURN NULL; END $$""",
        'CREATE TRIGGER more AFTER INSERT ON "Comment" FOR EACH ROW EXECUTE FUNCTION more()',
        'CREATE TRIGGER "a""ways" AFTER INSERT ON "Post" FOR EACH ROW EXECUTE FUNCTION more()',
        'ALTER TABLE "Post" ENABLE ALWAYS TRIGGER "a""ways"',
    )
    states = "SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
    before = execute(target, states)
    assert manage("seed", "--restore", str(path), "--allow-production", DATABASE_URL=target).code == 0
    assert rows(target) == rows(source)
    assert execute(target, states) == before


def test_restore__row_too_few_in_the_archive__rolls_back_all(manage, databases, snapshot, tmp_path):
    (_, path), other = snapshot("postgres"), tmp_path / "other"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(other, "w") as changed:
        header = json.loads(archive.read("snapshot.json"))
        short = next(table["member"] for table in header["tables"] if table["name"] == "WorksheetAssignment")
        for member in archive.namelist():
            content = archive.read(member)
            changed.writestr(member, content.partition(b"\n")[2] if member == short else content)
    target = databases.fresh("postgres")
    ran = manage("seed", "--restore", str(other), "--allow-production", DATABASE_URL=target)
    assert ran.code == 2
    assert "WorksheetAssignment has " in ran.err
    assert "Nothing was changed" in ran.err
    assert execute(target, 'SELECT count(*) FROM "User"') == [(0,)]


def test_restore__not_migrated__on_sqlite_works_and_on_postgresql_says_so(manage, snapshot, sqlite_url, postgres_url):
    ran = manage("seed", "--restore", str(snapshot("sqlite")[1]))
    assert (ran.code, ran.err) == (0, "")
    assert execute(sqlite_url, 'SELECT count(*) FROM "Client"') == [(8,)]
    restoring = ("seed", "--restore", str(snapshot("postgres")[1]), "--allow-production")
    ran = manage(*restoring, DATABASE_URL=postgres_url)
    assert ran.code == 1
    assert "lacks migrations" in ran.err
    assert "run `python manage.py migrate` first" in ran.err
    ran = manage(*restoring, "--migrate", DATABASE_URL=postgres_url)
    assert (ran.code, ran.err) == (0, "")
    assert execute(postgres_url, 'SELECT count(*) FROM "Client"') == [(8,)]


def test_restore__of_another_kind__is_refused(manage, databases, snapshot):
    _, path = snapshot("sqlite")
    ran = manage("seed", "--restore", str(path), "--allow-production", DATABASE_URL=databases.fresh("postgres"))
    assert (ran.code, ran.out) == (2, "")
    assert "was taken from sqlite, but the database 'default' is postgresql" in ran.err


def test_snapshot__same_rows__same_bytes_on_postgresql(manage, snapshot, tmp_path):
    (url, first), second = snapshot("postgres"), tmp_path / "second"
    execute(url, f"ALTER DATABASE \"{urlsplit(url).path[1:]}\" SET timezone = 'America/New_York'")
    manage("seed", *AS_OF, "--snapshot", str(second), DATABASE_URL=url)
    assert first.read_bytes() == second.read_bytes()


def test_snapshot__not_satisfied__is_not_written(manage, filled, tmp_path):
    ran = manage("seed", *AS_OF, "--minimum", "community.members=99", "--snapshot", "kept")
    assert ran.code == 1
    assert "No snapshot was written" in ran.err
    assert list(tmp_path.glob("kept*")) == []


def test_snapshot__one_is_there__is_replaced_and_no_other_file(manage, kept, target, tmp_path):
    path, another = Path(shutil.copy(kept[1], tmp_path / "kept")), tmp_path / "kept.partial"
    another.write_text("of somebody who writes there too", encoding="utf-8")
    assert manage("seed", *AS_OF, "--clients", "20", "--snapshot", str(path), DATABASE_URL=target).code == 0
    assert path.read_bytes() != kept[1].read_bytes()
    assert another.read_text(encoding="utf-8") == "of somebody who writes there too"
    assert sorted(file.name for file in tmp_path.glob("*kept*")) == ["kept", "kept.partial"]


@pytest.mark.parametrize("there", ["a database", "a database that runs use", "an archive", "of the other kind"])
def test_snapshot__another_file_is_there__stays_as_it_is(manage, kind, kept, snapshot, filled, tmp_path, there):
    path, url = tmp_path / "there", kept[0]
    if there == "a database":
        shutil.copy(filled, path)
    elif there == "a database that runs use":
        shutil.copy(snapshot("sqlite")[1], path)
        assert manage("seed", *AS_OF, DATABASE_URL=f"sqlite:///{path}").code == 0
    elif there == "an archive":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("photo.jpg", "a holiday")
    else:
        shutil.copy(snapshot({"sqlite": "postgres", "postgres": "sqlite"}[kind])[1], path)
    before = path.read_bytes()
    ran = manage("seed", *AS_OF, "--enrich-only", "--snapshot", str(path), DATABASE_URL=url)
    assert (ran.code, ran.out) == (2, "")
    assert "another file is there; remove it or name another" in ran.err
    assert path.read_bytes() == before


def test_restore__from_a_snapshot__is_a_database_again_and_none_that_gives_way(manage, snapshot, databases, tmp_path):
    url, path = snapshot("sqlite")
    restored = databases.fresh("sqlite")
    assert manage("seed", "--restore", str(path), DATABASE_URL=restored).code == 0
    copied = shutil.copy(restored.removeprefix("sqlite:///"), tmp_path / "copied")
    assert manage("seed", *AS_OF, "--enrich-only", "--snapshot", str(copied), DATABASE_URL=url).code == 2


def test_restore__an_archive_of_something_else__is_no_snapshot(refused, tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("photo.jpg", "a holiday")
    assert "photos.zip is no snapshot" in refused("seed", "--restore", "photos.zip", code=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--snapshot", "nowhere/kept"], "the folder does not exist"),
        (["--snapshot", "."], "no file can be written there"),
        (["--restore", "mentara.sqlite3"], "is the database itself"),
        (["--snapshot", "kept", "--report", "./kept"], "--report and --snapshot name the same file"),
        (["--snapshot", "mentara.sqlite3"], "is the database itself"),
        (["--snapshot", "kept", "--dry-run"], "leave one out"),
        (["--restore", "nowhere"], "Cannot read nowhere: No such file"),
        (["--restore", "nowhere", "--mode", "heavy", "--clients", "0"], "leave out --mode, --clients"),
        (
            ["--restore", "nowhere", "--minimum", "client.posts=1", "--enrich-only"],
            "leave out --minimum, --enrich-only",
        ),
        (["--restore", "nowhere", "--snapshot", "kept"], "leave out --snapshot"),
    ],
)
def test_snapshot__wrong_usage__is_one_sentence(refused, tmp_path, words, said):
    assert said in refused("seed", *words, code=2)
    assert not (tmp_path / "mentara.sqlite3").exists()


@pytest.mark.parametrize(
    ("source", "option", "blocks", "earlier"),
    [
        ("sqlite", "--snapshot", 20, None),
        ("postgres", "--snapshot", 20, None),
        ("sqlite", "--report", 1, b'{\n  "mode": "an earlier one"\n}'),
    ],
)
def test_file__disk_is_full__says_so_and_leaves_the_earlier_one(snapshot, tmp_path, source, option, blocks, earlier):
    path, earlier = tmp_path / "kept", earlier or snapshot(source)[1].read_bytes()
    path.write_bytes(earlier)
    command = [sys.executable, str(ROOT / "manage.py"), "seed", "--enrich-only", *AS_OF, option, str(path)]
    ran = subprocess.run(  # noqa: S603  (our own program)
        ["/bin/sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *command],
        env=environment(snapshot(source)[0]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "what was there is left as it was" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [earlier]


def test_restore__somebody_else_goes_on_writing__gives_up_and_changes_nothing(manage, databases, snapshot):
    _, path = snapshot("sqlite")
    file = databases.fresh("sqlite").removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ran = manage("seed", "--restore", str(path), DATABASE_URL=f"sqlite:///{file}?timeout=1")
    assert (ran.code, ran.err) == (
        1,
        "Another program writes to the database; end it, then try again. Nothing changed.\n",
    )
    assert execute(f"sqlite:///{file}", 'SELECT COUNT(*) FROM "User"') == [(0,)]


def test_restore__in_production__wants_the_word(refused, tmp_path):
    assert "--allow-production" in refused("seed", "--restore", "kept", code=1, DEBUG="0", SECRET_KEY="s")


@pytest.mark.parametrize(
    "words", [["seed", "--restore", "", "--reset", "--no-input"], ["verify_minimums", "--locked", ""]]
)
def test_a_file__of_an_empty_name__is_refused_and_every_row_stays(manage, words, kept):
    url, _ = kept
    before = execute(url, 'SELECT COUNT(*) FROM "Post"')
    ran = manage(*words, DATABASE_URL=url)
    assert (ran.code, "name a file; this name is empty" in ran.err) == (2, True), ran.err
    assert execute(url, 'SELECT COUNT(*) FROM "Post"') == before


@on_both
@pytest.mark.parametrize("move", [take, restore])
def test_snapshot__within_a_transaction__is_refused_rather_than_waited_for(using, snapshot, tmp_path, move):
    path = Path(shutil.copy(snapshot("sqlite" if using == "default" else "postgres")[1], tmp_path / "kept"))
    before = path.read_bytes()
    with pytest.raises(UsageError, match=r"this is within a transaction"):
        move(using, path, lambda: None)
    assert path.read_bytes() == before
