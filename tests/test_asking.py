"""Questions asked side by side of a large database are answered as they are one by one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from threading import get_ident
from typing import Any
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from databases import alias_for
from django.db import OperationalError, connections, transaction
from django.db.models.expressions import RawSQL
from programs import ROOT, Databases, environment
from seeded import seeded as fill
from worlds import AS_OF

from mentara.models import Notification, Post
from seeding.engine import asking, lock
from seeding.engine.columns import INT, UUID, read
from seeding.engine.errors import NoConnectionError
from seeding.engine.sharing import share_out
from seeding.guards import WAITING
from seeding.models import SetAside
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.verification import verify, with_heights


@pytest.fixture(params=("sqlite", "postgres"))
def seeded(request: pytest.FixtureRequest, databases: Databases, django_db_blocker: Any) -> Iterator[str]:
    """The alias of a database of its own that holds a light seed."""
    with alias_for(databases.fresh(request.param), django_db_blocker) as using:
        fill(using)
        yield using


def test_verify__side_by_side__finds_what_it_finds_one_by_one(seeded: str) -> None:
    Notification.objects.using(seeded).all().delete()
    one_by_one = verify(seeded, with_heights({"client.posts": 9}), filled=True)
    with mock.patch.object(asking, "LARGE", 0):
        side_by_side = verify(seeded, with_heights({"client.posts": 9}), filled=True)
    assert side_by_side == one_by_one
    assert {check.key for check in one_by_one.minimums if check.short} == {"client.posts", "user.notifications"}


@pytest.mark.parametrize("seeded", ["postgres"], indirect=True)
def test_questions__tables_vacuumed__are_answered_by_indexes_alone(seeded: str) -> None:
    def costs(_: int) -> str:
        with connections[seeded].cursor() as cursor:
            cursor.execute("SHOW random_page_cost")
            return str(cursor.fetchone()[0])

    with mock.patch.object(asking, "LARGE", 0), connections[seeded].cursor() as cursor:
        cursor.execute('ALTER TABLE "Notification" SET (autovacuum_enabled = off)')
        assert asking.each(seeded, costs, [1, 2], [Notification]) == ["4", "4"]
        for _ in range(100):  # a page that is being written out meanwhile is left for the next time
            cursor.execute('VACUUM (FREEZE) "Notification"')
            cursor.execute("SELECT relallvisible = relpages FROM pg_class WHERE relname = 'Notification'")
            if cursor.fetchone() == (True,):
                break
        assert asking.each(seeded, costs, [1, 2], [Notification]) == ["1.1", "1.1"]


def test_verify__within_a_transaction__reads_what_it_has_written(seeded: str) -> None:
    with mock.patch.object(asking, "LARGE", 0), transaction.atomic(using=seeded):
        Post.objects.using(seeded).all().delete()
        found = {check.key: check.short for check in verify(seeded, with_heights({})).minimums}
        transaction.set_rollback(True, using=seeded)
    assert found["client.posts"] > 0
    assert found["community.posts"] > 0


@pytest.mark.parametrize(("large", "apart"), [(0, True), (10**9, False)])
def test_each__by_size_of_the_database__asks_in_threads_and_leaves_no_connection(
    seeded: str, large: int, apart: bool
) -> None:
    used = []

    def ask(number: int) -> tuple[bool, int]:
        used.append(connections[seeded])
        return get_ident() != here, Post.objects.using(seeded).count() + number

    here, posts = get_ident(), Post.objects.using(seeded).count()
    with mock.patch.object(asking, "LARGE", large):
        answers = asking.each(seeded, ask, range(5), [Post])
    assert answers == [(apart, posts + number) for number in range(5)]
    assert all((one.connection is None) == apart for one in used)


@pytest.mark.parametrize(("processors", "questions", "used"), [(8, 3, 3), (2, 5, 2), (64, 0, 0)])
@pytest.mark.parametrize("seeded", ["sqlite"], indirect=True)
def test_each__more_processors_or_questions__uses_no_more_connections_than_either(
    seeded: str, processors: int, questions: int, used: int
) -> None:
    with (
        mock.patch.object(asking, "LARGE", 0),
        mock.patch.object(asking, "cores", return_value=processors),
        mock.patch.object(asking, "_alone", wraps=asking._alone) as alone,
    ):
        assert asking.each(seeded, str, range(questions), [Post]) == [*map(str, range(questions))]
    assert alone.call_count == used


def test_read__the_database_refuses__raises_an_error_of_django_s(seeded: str) -> None:
    connection = connections[seeded]
    if connection.vendor == "sqlite":
        connection.connection.execute("PRAGMA busy_timeout = 1")
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(OperationalError, match="locked"):
                read(Post.objects.using(seeded), pk=UUID)
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 1")
        slow = RawSQL("(SELECT count(*) FROM generate_series(1, 10000000))", [])
        with pytest.raises(OperationalError, match="timeout"):
            read(Post.objects.using(seeded).annotate(slow=slow), pk=UUID, slow=INT)


@pytest.mark.parametrize("seeded", ["sqlite"], indirect=True)
def test_run_and_verification__sqlite_named_by_a_uri__are_done(seeded: str) -> None:
    connection = connections[seeded]
    connection.close()
    connection.settings_dict["NAME"] = f"file:{connection.settings_dict['NAME']}?mode=rw"
    with mock.patch.object(asking, "LARGE", 0):
        assert verify(seeded, with_heights({})).satisfied
    assert HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=seeded)).run_hybrid_seed().rows == 0


@pytest.mark.parametrize("seeded", ["postgres"], indirect=True)
def test_run_lock__the_wait_for_workers_ends_with_an_error__is_given_back(seeded: str, postgres_server: str) -> None:
    url = urlunsplit(urlsplit(postgres_server)._replace(path=f"/{connections[seeded].settings_dict['NAME']}"))
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock_shared(%s)", [lock._WORKERS])
        with connections[seeded].cursor() as cursor:
            cursor.execute("SET statement_timeout = 50")
        with (
            pytest.raises(OperationalError, match="timeout"),
            lock.one_run_at_a_time(seeded, lambda: None),
        ):
            pytest.fail("a worker of another run is still at work")
        assert other.execute("SELECT pg_try_advisory_lock(%s)", [lock._KEY]).fetchone() == (True,)


def url_of(alias: str, server: str) -> str:
    settings = connections[alias].settings_dict
    if connections[alias].vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    return urlunsplit(urlsplit(server)._replace(path=f"/{settings['NAME']}"))


def test_verify_minimums__a_run_is_at_work__waits_for_its_end(seeded: str, postgres_server: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "verify_minimums"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with lock.one_run_at_a_time(seeded, lambda: None):
        process = subprocess.Popen(command, env=environment(url_of(seeded, postgres_server)), **pipes)  # noqa: S603 - our own program
        assert process.stderr is not None
        assert process.stderr.readline().strip() == WAITING
        Post.objects.using(seeded).all().delete()
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "short of client.posts" in out


def test_seed__somebody_verifies__waits_for_their_answer(seeded: str, postgres_server: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "seed", "--as-of", "2026-06-01T12:00:00Z"]
    with lock.one_run_at_a_time(seeded, lambda: None):
        pass  # the file that SQLite's runs lock is there from the first of them on
    with lock.between_runs(seeded, lambda: pytest.fail("nobody is at work")):
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, env=environment(url_of(seeded, postgres_server)), stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert any(WAITING in line for line in process.stdout)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_verify__indexes_are_aside__counts_who_is_short_and_looks_for_nobody(seeded: str) -> None:
    SetAside.objects.using(seeded).create(kind="index", table="Post", name="nowhere", statement="-")
    Post.objects.using(seeded).all().delete()
    report = verify(seeded, with_heights({}))
    check = next(check for check in report.minimums if check.key == "client.posts")
    assert (check.short, check.findings) == (8, ())
    assert not report.satisfied


def test_share_out__no_connection_for_a_thread__is_not_taken_for_an_error_of_the_work() -> None:
    def work(subject: int) -> int:
        if subject == 2:
            raise NoConnectionError
        return subject

    with pytest.raises(NoConnectionError):
        share_out(work, [1, 2, 3, 4], 2, nullcontext)


def test_share_out__no_connection_for_any_thread__is_done_by_the_caller() -> None:
    @contextmanager
    def apart() -> Iterator[None]:
        raise NoConnectionError
        yield

    assert share_out(lambda subject: -subject, [1, 2, 3, 4], 2, apart) == [-1, -2, -3, -4]
