"""Databases as teams have them: defaults of their own, pools, triggers, comments on indexes, other people at work."""

from __future__ import annotations

import sys
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import psycopg
import pytest
from databases import Manage, called
from django.db import DataError, connections, transaction
from pool import pooled
from programs import AS_OF, Databases, catalogue, execute

from mentara.models import AuditLog
from seeding.engine import large_load, lock, setaside
from seeding.engine.errors import SeedingError, UsageError
from seeding.engine.lock import one_run_at_a_time
from seeding.engine.sending import _begin_anew, sending
from seeding.engine.session import session, spare_connections
from seeding.guards import check_alias
from seeding.models import SetAside

SEED = ("seed", "--as-of", AS_OF, "-v", "0")
LARGE = (*SEED, "--clients", "700")


def database(url: str) -> str:
    return urlsplit(url).path[1:]


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.fresh("postgres")


def test_pool__lends_its_connections_for_a_transaction__is_refused(
    url: str, databases: Databases, django_db_blocker: Any
) -> None:
    for words in (SEED, ("verify_minimums",)):
        with pooled(url, lends=True) as through:
            refused = called(django_db_blocker, through, *words)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "reached through a pool that lends its connections anew for each transaction" in refused.stderr
    assert execute(url, 'SELECT count(*) FROM "User"') == [(0,)]


@pytest.mark.usefixtures("large")
def test_pool__each_client_keeps_its_connection__is_as_good_as_the_server(manage: Manage, url: str) -> None:
    before = catalogue(url)
    with pooled(url, lends=False) as through:
        for words in ((*LARGE, "--workers", "2"), ("verify_minimums", "-v", "0")):
            done = manage(through, *words)
            assert (done.returncode, done.stderr) == (0, "")
    assert catalogue(url) == before


def test_put_back__serializable_by_default__reads_what_is_committed(apart: str, url: str) -> None:
    execute(url, f"ALTER DATABASE \"{database(url)}\" SET default_transaction_isolation = 'serializable'")
    connections[apart].close()
    seen = "CREATE TABLE seen AS SELECT current_setting('transaction_isolation') AS level"
    SetAside.objects.using(apart).create(kind=setaside.INDEX, table="Post", name="own", statement=seen)
    setaside.put_back(apart)
    assert execute(url, "SELECT level FROM seen") == [("read committed",)]


def test_large_load__tables_that_may_not_be_truncated__are_filled_as_they_are(manage: Manage, url: str) -> None:
    execute(
        url,
        """CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'not allowed on %', TG_TABLE_NAME; END $$""",
        'CREATE TRIGGER no BEFORE TRUNCATE ON "Message" FOR EACH STATEMENT EXECUTE FUNCTION no()',
    )
    seeded = manage(url, *SEED)
    assert (seeded.returncode, seeded.stderr) == (0, "")


def test_large_load__somebody_s_transaction_has_read_a_table__leaves_indexes_in_place(
    manage: Manage, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setaside, "PATIENCE", "100ms")
    execute(url, f"ALTER DATABASE \"{database(url)}\" SET statement_timeout = '90ms'")
    before = catalogue(url)
    with psycopg.connect(url) as reader:
        reader.execute('SELECT FROM "Post"')
        seeded = manage(url, *SEED)
        reader.execute('SELECT FROM "Post"')
    assert (seeded.returncode, seeded.stderr) == (0, "")
    assert catalogue(url) == before


def test_reset__a_table_of_another_schema_refers_to_ours__names_it(manage: Manage, url: str) -> None:
    assert manage(url, *SEED).returncode == 0
    execute(url, "CREATE SCHEMA other", 'CREATE TABLE other.fav (post uuid REFERENCES "Post")')
    before = execute(url, 'SELECT COUNT(*) FROM "Post"')
    reset = manage(url, *SEED, "--reset", "--no-input")
    assert (reset.returncode, "other.fav, in another schema, refer to what would go" in reset.stderr) == (1, True)
    assert execute(url, 'SELECT COUNT(*) FROM "Post"') == before


@pytest.mark.usefixtures("large")
def test_large_load__serializable_by_default__is_done_at_once(manage: Manage, url: str) -> None:
    execute(url, f"ALTER DATABASE \"{database(url)}\" SET default_transaction_isolation = 'serializable'")
    seeded = manage(url, *SEED)
    assert (seeded.returncode, seeded.stderr) == (0, "")


@pytest.mark.usefixtures("large")
def test_large_load__comments_on_indexes_and_keys__are_kept(manage: Manage, url: str) -> None:
    index = execute(url, "SELECT indexname FROM pg_indexes WHERE tablename = 'Post' AND indexname LIKE '%createdAt%'")
    key = execute(url, "SELECT conname FROM pg_constraint WHERE conrelid = '\"Heart\"'::regclass AND contype = 'f'")
    execute(
        url,
        f"COMMENT ON INDEX \"{index[0][0]}\" IS 'for the feed'",
        f'COMMENT ON CONSTRAINT "{key[0][0]}" ON "Heart" IS \'for the heart\'',
    )
    assert manage(url, *SEED).returncode == 0
    assert execute(url, "SELECT count(*) FROM pg_description WHERE description LIKE 'for the %'") == [(2,)]


def test_large_load__another_connection_has_written_meanwhile__does_not_empty_the_table(apart: str, url: str) -> None:
    row = """INSERT INTO "AuditLog" (id, action, entity, "entityId", "createdAt")
        VALUES (gen_random_uuid(), 'USER_LOGIN', 'User', gen_random_uuid(), now())"""
    execute(url, f"ALTER DATABASE \"{database(url)}\" SET default_transaction_isolation = 'repeatable read'")
    with session(apart), transaction.atomic(using=apart), sending(apart, large=True):
        execute(url, row)
        assert not _begin_anew(apart, "AuditLog")
    assert AuditLog.objects.using(apart).count() == 1


def test_large_load__somebody_reads_an_empty_table__is_not_waited_for(apart: str, url: str) -> None:
    with psycopg.connect(url) as reader:
        reader.execute('SELECT FROM "AuditLog"')
        with session(apart), transaction.atomic(using=apart), sending(apart, large=True):
            with connections[apart].cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = 1000")
            assert not _begin_anew(apart, "AuditLog")


def test_large_load__statements_may_take_little_time__rows_are_sent_as_long_as_it_takes(apart: str, url: str) -> None:
    def limit() -> str:
        with connections[apart].cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return str(cursor.fetchone()[0])

    execute(url, f"ALTER DATABASE \"{database(url)}\" SET statement_timeout = '20s'")
    with session(apart):
        with transaction.atomic(using=apart), sending(apart, large=True):
            assert limit() == "0"
        assert limit() == "20s"


def test_session__on_a_connection_of_somebody_s__is_given_back_as_it_was(apart: str, url: str) -> None:
    def idle() -> str:
        with connections[apart].cursor() as cursor:
            cursor.execute("SHOW idle_session_timeout")
            return str(cursor.fetchone()[0])

    execute(url, f"ALTER DATABASE \"{database(url)}\" SET idle_session_timeout = '20s'")
    connection = connections[apart]
    connection.ensure_connection()
    connection.connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
    with session(apart):
        assert connection.connection.isolation_level == psycopg.IsolationLevel.READ_COMMITTED
        assert idle() == "0"
    assert idle() == "20s"
    assert connection.connection.isolation_level == psycopg.IsolationLevel.SERIALIZABLE
    with connection.cursor() as cursor:
        cursor.execute("SHOW row_security")
        assert cursor.fetchone() == ("on",)


def test_session__under_debug__keeps_no_record_of_statements(apart: str, settings: Any) -> None:
    settings.DEBUG = True
    connections[apart].queries_log.clear()
    with session(apart), connections[apart].cursor() as cursor:
        cursor.execute("SELECT 1")
    assert not [one for one in connections[apart].queries_log if one["sql"] == "SELECT 1"]


def test_worker__on_a_connection_of_its_own__keeps_the_next_run_from_starting(apart: str, url: str) -> None:
    free = f"SELECT pg_try_advisory_lock({lock._WORKERS})"
    with setaside.one_of_many(apart):
        assert execute(url, free) == [(False,)]
    assert execute(url, free) == [(True,)]


def test_worker__has_ended__has_closed_the_driver_s_connection_with_what_was_set_on_it(apart: str) -> None:
    connections[apart].ensure_connection()
    driver = connections[apart].connection
    with setaside.one_of_many(apart):
        assert connections[apart].connection is driver
    assert driver.closed


def test_put_back__statements_may_take_little_time__takes_the_time_it_takes(apart: str) -> None:
    slow = "SELECT count(*) FROM generate_series(1, 5000000)"
    SetAside.objects.using(apart).create(kind=setaside.INDEX, table="Post", name="slow", statement=slow)
    with connections[apart].cursor() as cursor:
        cursor.execute("SET statement_timeout = 150")
    setaside.put_back(apart)
    assert setaside.missing(apart) == []


def test_put_back__the_server_refuses_for_its_own_reasons__does_not_blame_rows(apart: str) -> None:
    SetAside.objects.using(apart).create(kind=setaside.INDEX, table="Post", name="odd", statement="SELECT 1/0")
    with pytest.raises(SeedingError, match=r"division by zero\. Seed again\.$"):
        setaside.put_back(apart)


def test_run__within_a_transaction_that_fails__raises_the_error_and_leaves_no_lock(apart: str) -> None:
    with pytest.raises(DataError), transaction.atomic(using=apart), one_run_at_a_time(apart, lambda: None):
        connections[apart].cursor().execute("SELECT 1 / 0")
    with connections[apart].cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("pool", "spare"),
    [(None, sys.maxsize), (False, sys.maxsize), (True, 3), ({"min_size": 2}, 1), ({"min_size": 2, "max_size": 6}, 5)],
)
def test_pool__of_django__has_so_many_connections_to_spare(apart: str, pool: Any, spare: int) -> None:
    settings = {**connections[apart].settings_dict, "OPTIONS": {"pool": pool}}
    with mock.patch.object(connections[apart], "settings_dict", settings):
        assert spare_connections(apart) == spare
        assert large_load.LargeLoad(apart, (), lambda _: None, 8).workers == min(8, spare)


@pytest.mark.usefixtures("large")
def test_large_load__sqlite__another_table_refers_to_a_unique_index(manage: Manage, databases: Databases) -> None:
    url = databases.fresh("sqlite")
    execute(
        url,
        'CREATE UNIQUE INDEX mine ON "Post" ("id", "userId")',
        'CREATE TABLE ext (post, author, FOREIGN KEY (post, author) REFERENCES "Post" ("id", "userId"))',
    )
    seeded = manage(url, *SEED)
    assert (seeded.returncode, seeded.stderr) == (0, "")


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [("AUTOCOMMIT", False, "Nothing would be committed"), ("TIME_ZONE", "Asia/Manila", "UTC")],
)
def test_settings__under_which_rows_would_be_lost_or_shifted__are_refused(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: Any, said: str
) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, setting, value)
    with pytest.raises(UsageError, match=said):
        check_alias("default")


def test_settings__without_time_zones__are_refused(settings: Any) -> None:
    settings.USE_TZ = False
    with pytest.raises(UsageError, match="USE_TZ"):
        check_alias("default")


def test_settings__with_accounts_of_another_model__are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.AUTH_USER_MODEL", "auth.User")
    with pytest.raises(UsageError, match=r"AUTH_USER_MODEL is 'auth.User'; set it to 'mentara.User'"):
        check_alias("default")
