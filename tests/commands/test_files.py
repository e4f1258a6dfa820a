"""The files that seeding leaves behind, as a person asks for them: --lock, --dump and dump_seed."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from seeding.engine.errors import UsageError
from seeding.engine.files import begins_with, check_place

AS_OF = ("--as-of", "2026-03-01T12:00Z")


def test_seed__lock_and_dump__are_of_what_was_seeded(manage, filled, tmp_path):
    ran = manage("seed", *AS_OF, "--lock", "--dump", "fixture.json.gz")
    assert (ran.code, ran.err) == (0, "")
    lock = tomllib.loads((tmp_path / "seed.lock").read_text(encoding="utf-8"))
    rows = json.loads(gzip.decompress((tmp_path / "fixture.json.gz").read_bytes()))
    locked = sum(table["rows"] for table in lock["tables"].values())
    assert ran.out.endswith(f"Locked 24 tables in seed.lock.\nDumped {len(rows)} rows to fixture.json.gz.\n")
    assert len(rows) == locked + 1  # the toolkit's own note of the run
    assert manage("verify_minimums", "--locked").code == 0


def test_seed__short__is_locked_and_dumped_as_it_is(manage, filled, tmp_path):
    ran = manage("seed", *AS_OF, "-v", "0", "--minimum", "community.members=99", "--lock", "--dump", "fixture.sql")
    assert (ran.code, ran.out) == (1, "")
    assert tomllib.loads((tmp_path / "seed.lock").read_text(encoding="utf-8"))["minimums"]["community.members"] == 99
    assert (tmp_path / "fixture.sql").read_text(encoding="utf-8").endswith("COMMIT;\n")


def test_dump_seed__what_is_there__is_written_without_seeding(manage, sqlite_url, tmp_path):
    assert manage("migrate", "-v", "0").code == 0
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
        moment = "2026-03-01 12:00:00"
        row = ("0" * 31 + "1", "Name", "slug", "", "", moment, moment)
        connection.execute(
            'INSERT INTO "Community" (id, name, slug, description, imageUrl, createdAt, updatedAt) '
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            row,
        )
    ran = manage("dump_seed", "fixture.json")
    assert (ran.code, ran.out) == (0, "Dumped 1 row to fixture.json.\n")
    fields = {"name": "Name", "slug": "slug", "description": "", "image_url": ""}
    dates = dict.fromkeys(("created_at", "updated_at"), "2026-03-01T12:00:00.000000Z")
    model = {"model": "mentara.community", "pk": "00000000-0000-0000-0000-000000000001"}
    assert json.loads((tmp_path / "fixture.json").read_text()) == [{**model, "fields": {**dates, **fields}}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["seed", "--dump", "fixture.xml"], "the ending tells the format; use one of .json, .sql, .json.gz, .sql.gz"),
        (["seed", "--dump", "nowhere/fixture.json"], "the folder does not exist"),
        (["seed", "--lock", "."], "no file can be written there"),
        (["seed", "--lock", "/dev/null"], "no file can be written there"),
        (["seed", "--lock", "mentara.sqlite3"], "--lock mentara.sqlite3 is the database itself; name another file."),
        (["seed", "--report", "./mentara.sqlite3"], "is the database itself"),
        (["seed", "--lock", "a.json", "--dump", "./a.json"], "--lock and --dump name the same file, ./a.json"),
        (["seed", "--lock", "--dry-run"], "--dry-run writes nothing to lock or to dump"),
        (["dump_seed", "fixture.xml"], "the ending tells the format"),
        (["dump_seed", "fixture.json", "--database", "other"], "Unknown database 'other'"),
    ],
)
def test_files__wrong_usage__is_one_sentence_and_touches_no_database(refused, tmp_path, words, said):
    assert said in refused(*words, code=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--config", "mine.toml", "--report", "./mine.toml"], "--config and --report name the same file, ./mine.toml"),
        (["--lock", "mine.toml"], "--lock mine.toml: another file is there; remove it or name another."),
        (["--snapshot", "mine.toml"], "--snapshot mine.toml: another file is there"),
        (["--report", "mine.toml"], "--report mine.toml: another file is there"),
    ],
)
def test_files__another_one_is_there__is_not_written_over(refused, tmp_path, words, said):
    mine = tmp_path / "mine.toml"
    mine.write_text('mode = "light"\n', encoding="utf-8")
    assert said in refused("seed", *words, code=2)
    assert [one.read_text(encoding="utf-8") for one in tmp_path.iterdir()] == ['mode = "light"\n']


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("package.json", b'{"name": "mine"}\n'),
        ("table.sql", b"SELECT 1;\n"),
        ("table.sql.gz", gzip.compress(b"SELECT 1;\n", mtime=0)),
    ],
)
def test_files__one_of_the_same_ending_is_there__is_not_written_over(refused, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    for words in (("seed", "--dump"), ("dump_seed",), ("seed", "--report")):
        assert f"{name}: another file is there; remove it or name another." in refused(*words, name, code=2)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [content]


def test_files__an_older_one_is_there__is_replaced(manage, filled):
    for name in ("a.json", "a.sql", "a.json.gz", ".json"):
        written = [(manage("dump_seed", name), (filled.parent / name).read_bytes()) for _ in range(2)]
        assert [ran.code for ran, _ in written] == [0, 0]
        assert written[0][1] == written[1][1]
    for _ in range(2):
        assert manage("seed", *AS_OF, "-v", "0", "--report", "report", "--lock").code == 0


def test_files__an_older_one_that_is_protected__is_not_written_over(refused, filled, tmp_path):
    (tmp_path / "a.sql").touch(0o444)
    said = refused("dump_seed", "a.sql", code=2)
    assert said == "file a.sql: the file is protected from writing; allow that or name another."


def test_files__who_may_read_an_older_one__may_read_the_new_one_and_nobody_else(manage, filled, tmp_path):
    (tmp_path / "a.sql").touch()
    (tmp_path / "a.sql").chmod(0o600)
    assert manage("dump_seed", "a.sql").code == 0
    assert (tmp_path / "a.sql").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("option", ["--snapshot", "--lock", "--dump"])
def test_files__a_pipe__is_refused_before_anything_is_done(refused, tmp_path, option):
    reader, writer = os.pipe()
    (tmp_path / "pipe.sql").symlink_to(f"/dev/fd/{writer}")
    try:
        assert f"{option} pipe.sql: no file can be written there" in refused("seed", option, "pipe.sql", code=2)
    finally:
        os.close(reader)
        os.close(writer)
    assert not (tmp_path / "mentara.sqlite3").exists()


def test_files__the_database_of_another_alias__is_not_written_over(refused, tmp_path):
    second = "DATABASES['second'] = {**DATABASES['default'], 'NAME': 'second.sqlite3'}"
    (tmp_path / "two.py").write_text(f"from mentara.settings import *\n{second}\n", encoding="utf-8")
    (tmp_path / "second.sqlite3").write_bytes(b"SQLite format 3\0")
    project = {"DJANGO_SETTINGS_MODULE": "two", "PYTHONPATH": str(tmp_path)}
    said = refused("seed", "--snapshot", "second.sqlite3", code=2, **project)
    assert said == "--snapshot second.sqlite3 is the database itself; name another file."


LONG = f"{'x' * 300}.sql"


@pytest.mark.parametrize(
    "words",
    [
        *(["seed", option, LONG] for option in ("--report", "--lock", "--snapshot", "--restore", "--dump", "--config")),
        ["dump_seed", LONG],
        ["verify_minimums", "--locked", LONG],
        ["seed", "--lock", f"{LONG}/seed.lock"],
    ],
)
def test_files__a_name_that_none_can_have__is_refused_before_anything_is_done(refused, tmp_path, words):
    assert "File name too long" in refused(*words, code=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["seed", "verify_minimums", "profile_seed"])
def test_database__a_name_that_no_file_can_have__is_refused(refused, tmp_path, command):
    said = refused(command, code=2, DATABASE_URL=f"sqlite:///{tmp_path}/{LONG}")
    assert said == f"The database {tmp_path}/{LONG}: no file can be there (File name too long); name another."


@pytest.mark.parametrize("option", ["--report", "--lock", "--snapshot", "--restore", "--dump"])
def test_files__links_in_a_circle__are_refused(refused, tmp_path, option):
    (tmp_path / "a.sql").symlink_to("a.sql")
    assert f"{option} a.sql: no file can be there (" in refused("seed", option, "a.sql", code=2)


def test_seed__the_longest_name_that_a_file_can_have__is_written(manage, filled, tmp_path):
    name = "x" * 250 + ".json"
    assert manage("seed", *AS_OF, "-v", "0", "--report", name).code == 0
    assert json.loads((tmp_path / name).read_text(encoding="utf-8"))["mode"] == "light"


def test_files__what_may_not_be_looked_at__is_refused(somebody):
    with TemporaryDirectory() as folder:
        path = Path(folder, "seed.lock")
        path.touch(0)
        with pytest.raises(UsageError, match=r"cannot be read \(Permission denied\); name another\.$"):
            check_place("--lock", str(path), begins_with(b"#"))
        Path(folder).chmod(0)
        with pytest.raises(UsageError, match=r"no file can be there \(Permission denied\); name another\.$"):
            check_place("--lock", str(path), begins_with(b"#"))
        Path(folder).chmod(0o700)


@pytest.mark.parametrize("option", ["--report", "--lock", "--snapshot", "--restore", "--dump"])
def test_files__database_named_by_a_uri__is_not_written_over(refused, tmp_path, option):
    path = tmp_path / "my base.sql"
    url = f"sqlite:///file:{tmp_path}/my%2520base.sql%3Fmode=rwc"
    assert "is the database itself" in refused("seed", option, str(path), code=2, DATABASE_URL=url)
    assert list(tmp_path.iterdir()) == []


def test_dump_seed__no_database__names_the_command_and_makes_no_file(refused, tmp_path):
    assert "run `python manage.py migrate` first" in refused("dump_seed", "fixture.json", code=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_seed__report_to_a_full_disk__says_so(manage, filled):
    ran = manage("seed", *AS_OF, "-v", "0", "--report", "/dev/full")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "The report cannot be written to /dev/full (No space left on device).\n"
