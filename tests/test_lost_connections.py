"""PostgreSQL ends a connection, or one statement of it, in the middle of a large load."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from databases import BOTH, alias_for
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from programs import AS_OF, Databases, begun, catalogue, ended, execute, manage

from seeding.engine import setaside
from seeding.engine.errors import SeedingError
from seeding.engine.lock import _KEY, _WORKERS, held, one_run_at_a_time
from seeding.models import SetAside
from seeding.tables import seeded_models

WATCHED = ("seed", "--as-of", AS_OF, "--clients", "700")
LARGE = (*WATCHED, "-v", "0")
FEW = ("seed", "--as-of", AS_OF, "-v", "0", "--allow-production")


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.fresh("postgres")


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("stops", ["RAISE 'stopped'", "PERFORM pg_terminate_backend(pg_backend_pid())"])
def test_large_load__the_building_of_an_index_is_stopped__is_done_again_and_the_run_goes_on(
    url: str, django_db_blocker: Any, capsys: pytest.CaptureFixture[str], stops: str
) -> None:
    execute(
        url,
        "CREATE SEQUENCE calls",
        f"""CREATE FUNCTION fails_once(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
            BEGIN IF nextval('public.calls') = 1 THEN {stops}; END IF; RETURN $1; END $$""",
        'CREATE INDEX own_index ON "Post" (public.fails_once(title))',
    )
    before = catalogue(url)
    with alias_for(url, django_db_blocker) as apart:
        assert ended(*FEW, f"--database={apart}") == 0
    assert execute(url, "SELECT last_value > 1 FROM calls") == [(True,)]
    assert capsys.readouterr().err == ""
    assert catalogue(url) == before


@pytest.mark.parametrize("workers", [1, 2])
def test_put_back__a_connection_is_ended__names_that_index_and_makes_everything_else(
    url: str, django_db_blocker: Any, workers: int
) -> None:
    before = catalogue(url)
    with alias_for(url, django_db_blocker) as apart:
        setaside.set_aside(apart, seeded_models())
        ends = 'SELECT pg_terminate_backend(pg_backend_pid()); CREATE INDEX own ON "Post" (title)'
        own = SetAside.objects.using(apart).create(kind=setaside.INDEX, table="Post", name="own", statement=ends)
        with pytest.raises(SeedingError, match=r"^The index own of Post .*terminating connection.* Seed again\.$"):
            setaside.put_back(apart, workers)
        assert setaside.missing(apart) == ["index own of Post"]
        own.delete()
    assert catalogue(url) == before


@pytest.mark.usefixtures("large")
def test_large_load__the_connection_is_ended_in_a_copy__says_so_in_one_sentence(
    url: str, django_db_blocker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    before = catalogue(url)
    execute(
        url,
        "CREATE SEQUENCE copied",
        """CREATE FUNCTION ends() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('copied') = 60 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW;
        END $$""",
        'CREATE TRIGGER ends BEFORE INSERT ON "Comment" FOR EACH ROW EXECUTE FUNCTION ends()',
    )
    with alias_for(url, django_db_blocker) as apart:
        assert ended(*FEW, f"--database={apart}") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"The database 'apart' ({urlsplit(url).path[1:]}) stopped the command (")
    assert said.err.count("\n") == 1
    execute(url, 'DROP TRIGGER ends ON "Comment"')
    with alias_for(url, django_db_blocker) as apart:
        assert ended(*FEW, f"--database={apart}") == 0
    assert catalogue(url) == before


def test_seed__a_step_waits_for_somebody_who_waits_for_it__does_the_step_anew(
    url: str, django_db_blocker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(
        url,
        "CREATE SEQUENCE written",
        """CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('written') = 3 THEN RAISE deadlock_detected; END IF; RETURN NEW;
        END $$""",
        'CREATE TRIGGER waits BEFORE INSERT ON "Comment" FOR EACH ROW EXECUTE FUNCTION waits()',
    )
    with alias_for(url, django_db_blocker) as apart:
        assert ended(*FEW, f"--database={apart}") == 0
    assert capsys.readouterr().err == ""
    assert execute(url, 'SELECT (SELECT last_value FROM written) - count(*) FROM "Comment"') == [(3,)]


def finished(url: str, path: Path, blocker: Any) -> bytes:
    """What the database holds once this process has seeded it, as a fixture."""
    with alias_for(url, blocker) as apart, override_settings(DEBUG=True):  # as it is for programs
        call_command(*LARGE, f"--database={apart}")
        call_command("dump_seed", str(path), f"--database={apart}", "-v", "0")
    return path.read_bytes()


@pytest.fixture(scope="module")
def uninterrupted(databases: Databases, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> bytes:
    return finished(databases.fresh("sqlite"), tmp_path_factory.mktemp("whole") / "b.json", django_db_blocker)


@pytest.fixture(scope="module")
def databases_apart(server_apart: Any, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases(tmp_path_factory.mktemp("apart"), server_apart.get_uri())


@pytest.mark.parametrize("until", ["Therapy data", "Indexes and foreign keys"])
def test_large_load__the_server_is_stopped_and_started_again__ends_like_an_uninterrupted_one(
    server_apart: Any,
    databases_apart: Databases,
    uninterrupted: bytes,
    tmp_path: Path,
    django_db_blocker: Any,
    until: str,
) -> None:
    url = databases_apart.fresh("postgres")
    before, postmaster = catalogue(url), server_apart._postmaster_info.process
    stopped = begun(url, *WATCHED, until=until)
    os.kill(postmaster.pid, signal.SIGQUIT)  # an immediate stop
    out, _ = stopped.communicate(timeout=60)
    assert (stopped.returncode, "Traceback" in out) == (1, False)
    assert out.splitlines()[-1].startswith(f"The database 'default' ({urlsplit(url).path[1:]}) stopped the command (")
    postmaster.wait(60)
    refused = manage(url, *LARGE)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    server_apart.ensure_postgres_running()
    assert finished(url, tmp_path / "a.json", django_db_blocker) == uninterrupted
    assert catalogue(url) == before


@pytest.mark.django_db(databases=BOTH, transaction=True)
def test_lock__lost_with_its_connection__is_waited_for_before_anything_is_put_back() -> None:
    mine: Any = connections["postgres"]
    entered = Event()

    def put_back() -> None:
        with held("postgres"):
            entered.set()
        connections["postgres"].close()

    with psycopg.connect(**mine.get_connection_params(), autocommit=True) as other:
        other.execute("SET client_encoding = 'UTF8'")
        with one_run_at_a_time("postgres", lambda: None):
            other.execute("SELECT pg_terminate_backend(%s)", [mine.connection.info.backend_pid])
            other.execute("SELECT pg_advisory_lock(%s)", [_KEY])
            mine.close()
            thread = Thread(target=put_back)
            thread.start()
            waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
            while other.execute(waits).fetchone() != (True,):
                assert thread.is_alive()
            assert not entered.is_set()
            other.execute("SELECT pg_advisory_unlock(%s)", [_KEY])
            thread.join(30)
    assert entered.is_set()


@pytest.mark.django_db(databases=BOTH, transaction=True)
def test_lock__workers_of_a_killed_run_are_still_at_work__says_so_and_waits_for_them() -> None:
    told, entered = Event(), Event()

    def seed() -> None:
        with one_run_at_a_time("postgres", told.set):
            entered.set()
        connections["postgres"].close()

    with psycopg.connect(**connections["postgres"].get_connection_params(), autocommit=True) as worker:
        worker.execute("SELECT pg_advisory_lock_shared(%s)", [_WORKERS])
        thread = Thread(target=seed)
        thread.start()
        assert told.wait(30)
        assert not entered.is_set()
        worker.execute("SELECT pg_advisory_unlock_shared(%s)", [_WORKERS])
        thread.join(30)
    assert entered.is_set()


@pytest.mark.django_db(databases=BOTH, transaction=True)
def test_lock__interrupted_in_a_statement__stays_an_interruption_and_is_given_up() -> None:
    mine: Any = connections["postgres"]

    def be_interrupted() -> None:
        with one_run_at_a_time("postgres", lambda: None):
            mine.connection.pgconn.send_query(b"SELECT 1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        be_interrupted()
    with one_run_at_a_time("postgres", lambda: None):  # waits for whoever holds it still
        assert mine.is_usable()
