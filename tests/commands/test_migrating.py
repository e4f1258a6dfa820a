"""Tables are made where they are missing, whole or not at all, and nowhere else."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from databases import on_both
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connections
from django.db.models import signals
from programs import execute

from seeding import migrating
from seeding.engine.errors import SeedingError
from seeding.fixtures.switching import connections_to, leading_to


@pytest.mark.parametrize(
    ("folders", "missing"),
    [
        ({}, {"mentara.0001_initial", "seeding.0001_initial"}),
        ({"seeding": None}, {"mentara.0001_initial"}),
        ({"mentara": "seeding.migrations"}, {"mentara.0004_set_aside_unmanaged", "seeding.0001_initial"}),
    ],
)
def test_migrations__in_folders_of_the_project_s__are_those_looked_for(settings, monkeypatch, folders, missing):
    settings.MIGRATION_MODULES = folders
    for check, answer in (("check_reachable", None), ("is_absent", True)):
        monkeypatch.setattr(migrating, check, lambda _, answer=answer: answer)
    found = set(migrating.missing_migrations("default"))
    assert missing <= found
    assert ("seeding.0001_initial" in found) is (folders.get("seeding", "") is not None)


def test_migrate__another_run_was_first__says_nothing_of_its_own(monkeypatch, tmp_path, django_db_blocker):
    @contextmanager
    def waited(*_):
        call_command("migrate", verbosity=0)
        yield

    told = []
    monkeypatch.setattr(migrating, "one_run_at_a_time", waited)
    with django_db_blocker.unblock(), leading_to(connections_to("default", str(tmp_path / "new.sqlite3"))):
        migrating.ensure_migrated("default", apply=True, tell=told.append)
        assert migrating.missing_migrations("default") == []
    assert told == []


@pytest.mark.parametrize("there", [False, True], ids=["no file", "an empty file"])
def test_migrate__interrupted_before_django_s_own_tables_are_filled__leaves_no_half_of_a_database(
    tmp_path, django_db_blocker, there
):
    def stop(**_):
        raise KeyboardInterrupt

    file = tmp_path / "new.sqlite3"
    if there:
        file.touch()
    with django_db_blocker.unblock(), leading_to(connections_to("default", str(file))):
        signals.post_migrate.connect(stop, weak=False)
        try:
            with pytest.raises(KeyboardInterrupt):
                migrating.ensure_migrated("default", apply=True)
        finally:
            signals.post_migrate.disconnect(stop)
        names = {"new.sqlite3-seeding.lock", *(["new.sqlite3"] if there else [])}
        assert {path.name for path in tmp_path.iterdir()} == names
        assert not there or file.stat().st_size == 0
        migrating.ensure_migrated("default", apply=True)
        assert Permission.objects.using("default").count() > 100
        assert Session.objects.using("default").count() == 0


def test_migrate__somebody_makes_tables_meanwhile__keeps_them_and_says_so(tmp_path, django_db_blocker):
    file = tmp_path / "new.sqlite3"
    with django_db_blocker.unblock(), leading_to(connections_to("default", str(file))):
        with pytest.raises(SeedingError, match="has made the database meanwhile"), migrating.made_whole("default"):
            execute(f"sqlite:///{file}", "CREATE TABLE precious (id)")
        assert connections["default"].introspection.table_names() == ["precious"]


def test_migrate__an_empty_file_of_somebody_s__stays_as_it_was_set_up(tmp_path, django_db_blocker):
    file = tmp_path / "new.sqlite3"
    set_up = ("PRAGMA page_size = 8192", "PRAGMA journal_mode = WAL", "CREATE TABLE t (id)", "DROP TABLE t")
    left = file.with_name(f"{file.name}-seeding.part")
    left.write_bytes(b"what a killed run left")
    left.with_name(f"{left.name}-journal").touch()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        for statement in set_up:
            other.execute(statement)
        file.chmod(0o600)
        before = file.stat()
        with django_db_blocker.unblock(), leading_to(connections_to("default", str(file))):
            migrating.ensure_migrated("default", apply=True)
        assert other.execute("SELECT COUNT(*) FROM django_migrations").fetchone()[0] > 10
        assert [other.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "journal_mode")] == [
            8192,
            "wal",
        ]
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    after = file.stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert not [*tmp_path.glob("*.part*")]


@on_both
def test_migrations__all_applied__nothing_is_missing(using):
    migrating.ensure_migrated(using, apply=False)
    assert migrating.missing_migrations(using) == []


@pytest.mark.django_db
def test_migrations__one_not_recorded__names_the_command():
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'seeding' AND name LIKE '0004%'")
    with pytest.raises(SeedingError, match=r"seeding\.0004_set_aside_unmanaged.*run `python manage.py migrate` first"):
        migrating.ensure_migrated("default", apply=False)


def tables_of(url):
    return {name for (name,) in execute(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def test_migrate__seed_on_a_server_that_is_refused__makes_no_table(program, postgres_url):
    refused = program("seed", "--migrate", DATABASE_URL=postgres_url, DEBUG="0", SECRET_KEY="secret")
    assert refused.code == 1
    assert refused.err.startswith("Refusing to write: DEBUG is off.")
    assert tables_of(postgres_url) == set()


def test_migrate__seed_on_a_server__comes_before_and_is_said(program, postgres_url):
    lacking = program("seed", "--migrate", "--dry-run", DATABASE_URL=postgres_url)
    assert (lacking.code, tables_of(postgres_url)) == (1, set())
    assert "lacks migrations" in lacking.err
    done = program("seed", "--migrate", "--base-only", DATABASE_URL=postgres_url)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Migrated the database.")
    assert {"User", "seeding_run", "django_session"} <= tables_of(postgres_url)
    execute(postgres_url, "DELETE FROM django_migrations WHERE app = 'sessions'", "DROP TABLE django_session")
    again = program("seed", "--migrate", "--base-only", DATABASE_URL=postgres_url)
    assert (again.code, again.err, "Migrated" in again.out) == (0, "", False)
    assert "django_session" in tables_of(postgres_url)


def test_migrate__seed_on_a_server_twice_at_once__both_are_satisfied(program, postgres_url):
    def seed(_):
        return program("seed", "--migrate", "--as-of", "2026-03-01", DATABASE_URL=postgres_url)

    with ThreadPoolExecutor(2) as both:
        one, other = both.map(seed, range(2))
    assert [one.code, one.err, other.code, other.err] == [0, "", 0, ""]
    assert sorted("\n0 rows added" in ran.out for ran in (one, other)) == [False, True]


def test_migrate__seed_on_a_server_with_tables_of_something_else__leaves_it_alone(program, postgres_url):
    execute(postgres_url, "CREATE TABLE precious (id integer)")
    refused = program("seed", "--migrate", DATABASE_URL=postgres_url)
    assert refused.code == 1
    assert "holds tables of something else (precious)" in refused.err
    assert tables_of(postgres_url) == {"precious"}
