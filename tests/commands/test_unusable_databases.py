"""Databases that a command cannot use: what is wrong, where, and what to do, in a sentence."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connections
from programs import execute

from seeding import guards
from seeding.engine.errors import SeedingError


@pytest.mark.parametrize("command", ["seed", "verify_minimums"])
def test_server__unreachable__is_one_sentence(refused, command):
    said = refused(command, code=1, DATABASE_URL="postgresql://localhost:1/mentara")
    assert "Connection refused" in said
    assert "start the server, make the database or correct DATABASE_URL" in said


def test_migrate__server_or_database_that_is_not_there__is_one_sentence(refused, program, postgres_server):
    nowhere = urlunsplit(urlsplit(postgres_server)._replace(path="/nowhere"))
    for url, reason in (
        ("postgresql://localhost:1/mentara", "Connection refused"),
        (nowhere, '"nowhere" does not exist'),
    ):
        said = refused("migrate", "-v", "0", code=1, DATABASE_URL=url)
        assert said.startswith("The database refused (")
        assert reason in said
        assert "that its server runs and that the role may do this there, or correct DATABASE_URL" in said
    assert "Traceback" in program("migrate", "--traceback", DATABASE_URL=nowhere).err


def test_migrate__taken_back_and_done_again__makes_every_table_once(manage):
    assert manage("migrate", "-v", "0").code == 0
    assert manage("migrate", "seeding", "zero", "-v", "0").code == 0
    again = manage("migrate", "-v", "0")
    assert (again.code, again.err) == (0, "")


def test_migrate__table_that_is_there_already__is_not_blamed_on_the_server(refused, filled):
    execute(f"sqlite:///{filled}", "DELETE FROM django_migrations")
    said = refused("migrate", "-v", "0", code=1)
    assert said.startswith('The database refused (table "User" already exists); if Mentara\'s application made its')
    assert "run `python manage.py migrate --fake-initial`" in said
    assert execute(f"sqlite:///{filled}", "SELECT COUNT(*) FROM django_migrations") == [(0,)]


def test_loaddata__a_row_that_is_there_under_another_key__is_blamed_on_no_setting(refused, filled, tmp_path):
    taken = execute(f"sqlite:///{filled}", 'SELECT email FROM "User"')[0][0]
    row = {"model": "mentara.user", "pk": str(uuid4()), "fields": {"email": taken, "password": "", "role": "client"}}
    (tmp_path / "rows.json").write_text(json.dumps([row]), encoding="utf-8")
    said = refused("loaddata", "rows.json", "-v", "0", code=1)
    assert said.startswith("The database refused (Problem installing fixture")
    assert said.rstrip().endswith(
        "a row that is there already, or one that is missing, is in the way (--traceback shows where)."
    )


def test_shell__code_of_a_developers_own_that_the_database_refuses__shows_where(program):
    ran = program("shell", "-c", "from mentara.models import Post; Post.objects.count()")
    assert ran.code == 1
    assert "Traceback" in ran.err
    assert "no such table: Post" in ran.err


@pytest.mark.parametrize("command", ["seed", "verify_minimums"])
def test_database__no_database_at_all__is_one_sentence(refused, tmp_path, command):
    (tmp_path / "mentara.sqlite3").write_text("this is no database\n" * 100, encoding="utf-8")
    assert "file is not a database" in refused(command, code=1)


@pytest.mark.parametrize("command", ["seed", "verify_minimums"])
def test_database__damaged_or_no_file__is_told_with_a_remedy(refused, filled, command):
    filled.write_bytes(filled.read_bytes()[:100_000])
    said = refused(command, code=1)
    assert said.endswith("(database disk image is malformed); bring it back from a copy or correct DATABASE_URL.")
    said = refused(command, code=1, DATABASE_URL=f"sqlite:///{filled.parent}")
    assert said.endswith("; see that it is a file that may be read or correct DATABASE_URL.")


def test_seed__database_of_another_application__is_left_as_it_is(refused, tmp_path):
    path = tmp_path / "mentara.sqlite3"
    execute(f"sqlite:///{path}", "CREATE TABLE invoices (id)")
    before = path.read_bytes()
    said = refused("seed", code=1)
    assert said.startswith(f"The database {path} holds tables of something else (invoices); name another")
    assert path.read_bytes() == before


@pytest.mark.parametrize("words", [["seed"], ["seed", "--dry-run"], ["verify_minimums"], ["dump_seed", "a.json"]])
def test_migrations__recorded_by_another_project__are_told(refused, tmp_path, words):
    path = tmp_path / "mentara.sqlite3"
    another_project_s(path)
    said = refused(*words, code=1)
    assert said.startswith(f"The database {path} has the migrations of another project (Migration admin.0001_initial ")
    assert said.endswith("); name another in DATABASE_URL.")


def test_migrate__recorded_by_another_project__is_one_sentence(refused_program, tmp_path):
    another_project_s(tmp_path / "mentara.sqlite3")
    assert "(Migration admin.0001_initial is applied before its dependency" in refused_program("migrate", code=1)


def another_project_s(path):
    """Make the database of a Django project with users of its own."""
    execute(
        f"sqlite:///{path}",
        "CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied TEXT)",
        "INSERT INTO django_migrations VALUES (1, 'admin', '0001_initial', '2026-01-01')",
    )


@pytest.mark.parametrize("command", ["verify_minimums", "seed --dry-run"])
def test_migrations__not_applied__are_told_with_the_database(refused, tmp_path, command):
    said = refused(*command.split(), code=1)
    assert said.startswith(f"The database {tmp_path / 'mentara.sqlite3'} lacks migrations (mentara.0001_initial, …)")
    assert said.endswith("; run `python manage.py migrate` first.")


@pytest.mark.parametrize(
    "lost",
    [
        "DELETE FROM django_migrations",
        "DELETE FROM django_migrations WHERE app = 'mentara'",
        "DROP TABLE django_migrations",
    ],
    ids=["emptied", "in_part", "dropped"],
)
@pytest.mark.parametrize("command", ["seed", "verify_minimums"])
def test_migrations__record_lost__is_told_with_what_brings_it_back(refused, manage, filled, command, lost):
    execute(f"sqlite:///{filled}", lost)
    said = refused(command, code=1)
    assert said.startswith("The table User is there, and the database has not recorded mentara.0001_initial, ")
    assert "empty django_migrations and run `python manage.py migrate --fake`" in said
    if "DROP" not in lost:
        execute(f"sqlite:///{filled}", "DELETE FROM django_migrations")
    assert manage("migrate", "--fake", "-v", "0").code == 0
    assert manage(command).code == 0


def test_migrations__tables_made_by_the_application__are_told_with_what_records_them(refused, manage, filled):
    with closing(sqlite3.connect(filled)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    others = [name for name in tables if name.startswith(("auth_", "django_", "seeding_"))]
    execute(f"sqlite:///{filled}", "PRAGMA foreign_keys = off", *(f'DROP TABLE "{name}"' for name in others))
    said = refused("seed", code=1)
    assert said.startswith("The table User is there, and the database has not recorded mentara.0001_initial, ")
    assert "If Mentara's application made it, run `python manage.py migrate --fake-initial`; else " in said
    assert manage("migrate", "--fake-initial", "-v", "0").code == 0
    assert manage("seed", "-v", "0", "--as-of", "2026-03-01T12:00Z").code == 0


def test_migrations__record_of_the_toolkit_s_lost_on_postgresql__is_told(refused, databases):
    url = databases.fresh("postgres")
    execute(url, "DELETE FROM django_migrations WHERE app = 'seeding'")
    said = refused("verify_minimums", code=1, DATABASE_URL=url)
    assert "is there, and the database has not recorded seeding.0001_initial, which makes it." in said


@pytest.mark.parametrize("words", [["seed"], ["verify_minimums"], ["dump_seed", "a.json"], ["read_seed"]])
def test_column__dropped_by_hand__is_named(refused, filled, words):
    execute(f"sqlite:///{filled}", 'ALTER TABLE "Post" DROP COLUMN "title"')
    assert refused(*words, code=1).startswith("The database lacks Post.title, which a migration")


@pytest.mark.parametrize("words", [["seed", "--allow-production"], ["verify_minimums"]])
def test_table__dropped_by_hand_on_postgresql__is_named(refused, databases, words):
    url = databases.fresh("postgres")
    execute(url, 'DROP TABLE "Heart"')
    assert refused(*words, code=1, DATABASE_URL=url).startswith("The database lacks Heart.id, which a migration")


def test_posts__deleted_alone__are_missed(manage, refused, filled):
    execute(f"sqlite:///{filled}", 'DELETE FROM "Post" WHERE id IN (SELECT id FROM "Post" ORDER BY id LIMIT 5)')
    said = refused("seed", "-v", "0", "--as-of", "2026-03-02", code=1)
    assert said.startswith("Rows refer to others that are not there.")
    assert "T1 Comment: " in manage("verify_minimums", "--coherence").out
    assert manage("profile_seed").code == 0


@pytest.mark.parametrize(
    ("statement", "words", "said"),
    [
        ("UPDATE TherapistAvailability SET isAvailable = 'yes'", ["seed", "-v", "0"], "isAvailable holds 'yes'"),
        ("UPDATE Post SET id = 'no-key' WHERE rowid = 3", ["verify_minimums"], "Post.id holds 'no-key'"),
        ("UPDATE Post SET createdAt = 'yesterday' WHERE rowid = 3", ["profile_seed"], "createdAt holds 'yesterday'"),
        ("UPDATE Therapist SET expertise = 'all'", ["profile_seed"], "Therapist.expertise holds 'all'"),
        ("UPDATE Post SET title = x'ff'", ["dump_seed", "a.json"], "Post.title holds X'FF'"),
    ],
)
def test_value__that_its_column_cannot_hold__is_told(refused, filled, statement, words, said):
    execute(f"sqlite:///{filled}", "PRAGMA ignore_check_constraints = on", statement)
    assert f"{said}); once that is mended, run it again" in refused(*words, code=1)


@pytest.mark.django_db
def test_error__that_no_value_explains__is_raised(monkeypatch):
    monkeypatch.setattr("seeding.management.commands.verify_minimums.check_alias", int)
    with pytest.raises(ValueError, match="'default'"):
        call_command("verify_minimums")


def test_dates__written_in_another_style__are_told(refused, databases):
    url = databases.fresh("postgres")
    said = refused("verify_minimums", code=1, DATABASE_URL=url, PGOPTIONS="-c DateStyle=SQL")
    assert "can't parse timestamptz with DateStyle 'SQL, " in said


@pytest.mark.parametrize(
    ("command", "url", "said"),
    [
        ("seed", "nonsense", "DATABASE_URL cannot be read"),
        ("verify_minimums", "sqlite:///a.sqlite3?nonsense=1", "DATABASE_URL has an option that SQLite does not take"),
    ],
)
def test_settings__unreadable_url__is_one_sentence(refused_program, program, command, url, said):
    assert refused_program(command, code=2, DATABASE_URL=url).startswith(said)
    assert "Traceback" in program(command, "--traceback", DATABASE_URL=url).err


@pytest.mark.parametrize("command", ["seed", "verify_minimums"])
def test_migrations__missing_on_postgresql__names_the_command(refused, postgres_url, command):
    words = ["--allow-production"] if command == "seed" else []
    assert "run `python manage.py migrate` first" in refused(command, *words, code=1, DATABASE_URL=postgres_url)


@pytest.mark.parametrize(
    "words", [["seed", "--allow-production", "-v", "0"], ["verify_minimums"], ["dump_seed", "a.sql"], ["profile_seed"]]
)
def test_database__refuses_in_the_middle__is_one_sentence(refused, databases, words):
    url = databases.fresh("postgres")
    with psycopg.connect(url) as other:
        other.execute('LOCK TABLE "Post" IN ACCESS EXCLUSIVE MODE')
        said = refused(*words, code=1, DATABASE_URL=url, PGOPTIONS="-c lock_timeout=10ms")
    name = urlsplit(url).path[1:]
    assert f"The database 'default' ({name}) stopped the command (canceling statement due to lock timeout)" in said
    assert "once that is mended, run it again" in said


def test_folder__not_writable__is_one_sentence(refused, filled, monkeypatch):
    if os.geteuid() == 0:  # whom no folder refuses
        (filled.parent / f"{filled.name}-seeding.lock").mkdir()
    else:
        filled.parent.chmod(0o555)
    try:
        assert "Cannot lock the database: " in refused("seed", "-v", "0", code=1)
    finally:
        filled.parent.chmod(0o755)


def test_lock__not_readable__is_told_with_a_remedy(refused, filled):
    (filled.parent / f"{filled.name}-seeding.lock").mkdir()
    said = refused("verify_minimums", code=1)
    assert said.startswith("Cannot tell if a run is at work: ")
    assert "; allow that, since runs wait for one another by it." in said


@pytest.mark.django_db
def test_database__with_a_log_in_a_folder_not_writable__is_told_with_a_remedy(monkeypatch):
    def refuse():
        raise OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(connections["default"].introspection, "table_names", refuse)
    with pytest.raises(SeedingError, match="allow its folder to be written"):
        guards.check_reachable("default")


def test_role__without_the_right_to_write__is_one_sentence(refused, databases):
    said = refused(
        *("seed", "--allow-production", "-v", "0"),
        code=1,
        DATABASE_URL=databases.fresh("postgres"),
        PGOPTIONS="-c default_transaction_read_only=on",
    )
    assert "cannot execute" in said
    assert "in a read-only transaction" in said


def test_folder__not_there__is_said_so(refused, tmp_path):
    for command in ("seed", "verify_minimums"):
        said = refused(command, code=1, DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/mentara.sqlite3")
        assert said == f"There is no folder {tmp_path}/nowhere for the database; make it or correct DATABASE_URL."


@pytest.mark.parametrize("command", ["seed", "verify_minimums", "migrate"])
def test_url__an_option_that_the_driver_lacks__is_named(refused, command):
    said = refused(command, code=1, DATABASE_URL="postgresql:///mentara?sslmod=1")
    assert "sslmod" in said
    assert said.removesuffix(" (--traceback shows where).").removesuffix(".").endswith("correct DATABASE_URL")


def test_second_database__a_file_that_is_not_there__is_not_made(refused, tmp_path):
    second = "DATABASES['second'] = {**DATABASES['default'], 'NAME': 'second.sqlite3'}"
    (tmp_path / "two.py").write_text(f"from mentara.settings import *\n{second}\n", encoding="utf-8")
    said = refused(*("seed", "--database", "second"), code=1, DJANGO_SETTINGS_MODULE="two", PYTHONPATH=str(tmp_path))
    assert said.endswith("run `python manage.py migrate --database second` first.")
    assert not (tmp_path / "second.sqlite3").exists()
