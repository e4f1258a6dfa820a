"""Large loads: the same rows, indexes and keys whoever does the work and whatever fails meanwhile, on a cluster too."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any
from unittest import mock

import psycopg
import pytest
from databases import alias_for
from django.db import connections
from oracle import World, read_world
from programs import LIGHT, LIKE_TESTS, Databases, catalogue, ended, execute, finish, killed, start
from seeded import seeded
from seeding_program import lines_of
from worlds import AS_OF

from mentara.models import Client, User
from seeding.engine import large_load, pool, setaside, statistics
from seeding.engine.errors import SeedingError, UsageError
from seeding.engine.reports import Progress
from seeding.engine.run import Run
from seeding.engine.steps import Step, carry_out
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.world.locales import DEFAULT

OWN_ACCOUNT = """
    INSERT INTO "User" (id, email, password, role, "firstName", "lastName", "emailVerified", "isActive", "createdAt",
        "updatedAt")
    VALUES (gen_random_uuid(), 'own@mentara.example', '', 'client', 'Own', 'Account', true, true, now(), now())
"""
SIZES: dict[str, Any] = {"mode": "light", "sizes": {"clients": 20}}
GROWN = {**LIGHT, **SIZES}
FAILURE = "the disk has had enough"
LAST = "Indexes and foreign keys"
MOMENTS = ("Base data", "Comments", LAST)
WATCHED = ("User", "Post", "PreAssessment", "Message")


on_postgres = pytest.mark.parametrize("kind", ["postgres"])
is_large = pytest.mark.usefixtures("large")


def asked(using: str, listen: Callable[[Progress], None] = lambda _: None, **request: Any) -> HybridSeedOrchestrator:
    given = {**GROWN, "as_of": AS_OF, "using": using, "workers": 2, **request}
    return HybridSeedOrchestrator(SeedRequest(**given), listen)


@pytest.fixture(scope="module")
def small(databases: Databases, django_db_blocker: Any) -> World:
    """Every row of a run whose indexes stay where they are."""
    with alias_for(databases.fresh("sqlite"), django_db_blocker) as alias:
        asked(alias).run_hybrid_seed()
        return read_world(alias)


def test_growth__by_few_rows_then_by_many__adds_to_the_indexes_then_builds_them(
    apart: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    phases: list[str] = []
    asked(apart).run_hybrid_seed()
    monkeypatch.setattr(large_load, "LARGE_LOAD", 0)
    for clients, is_large in ((21, False), (40, True)):
        asked(apart, lambda one: phases.append(one.name), sizes={"clients": clients}).run_hybrid_seed()
        assert (LAST in phases) is is_large


@is_large
@pytest.mark.parametrize("many", [0, large_load.LOAD_OF_MANY])
def test_large_load__either_database__ends_with_the_same_rows_indexes_and_constraints(
    url: str, apart: str, small: World, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_load, "LOAD_OF_MANY", many)
    before, orchestrator = catalogue(url), asked(apart)
    assert orchestrator.run_hybrid_seed().rows > 0
    assert read_world(apart).tables == small.tables
    assert catalogue(url) == before
    assert orchestrator.run_hybrid_seed().rows == 0
    assert catalogue(url) == before


@on_postgres
@is_large
@pytest.mark.parametrize("workers", [1, 2])
def test_large_load__has_ended__leaves_its_tables_vacuumed_once(url: str, apart: str, workers: int) -> None:
    tables = ["Comment", "Heart", "Post", "User"]
    execute(url, *(f'ALTER TABLE "{table}" SET (autovacuum_enabled = off)' for table in tables))
    asked(apart, workers=workers).run_hybrid_seed()
    vacuumed = dict(execute(url, "SELECT relname::text, vacuum_count FROM pg_stat_user_tables"))
    assert [vacuumed[table] for table in tables] == [1, 1, 1, 1]


@on_postgres
@is_large
def test_large_load__a_table_gets_no_more_rows__is_vacuumed_before_its_indexes_are_made(
    apart: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    vacuum, make = statistics.vacuum, setaside.make

    def note_vacuum(using: str, model: Any) -> None:
        done.append(f"{model._meta.db_table} vacuumed")
        vacuum(using, model)

    def note_indexes(using: str, *notes: Any) -> None:
        done.extend(note.table for note in notes if note.kind == setaside.INDEX)
        make(using, *notes)

    monkeypatch.setattr(statistics, "vacuum", note_vacuum)
    monkeypatch.setattr(setaside, "make", note_indexes)
    asked(apart).run_hybrid_seed()
    assert done.index("User vacuumed") < done.index("User") < done.index("AuditLog")


@on_postgres
@is_large
def test_large_load__somebody_reads_a_table_that_has_rows__does_not_wait_for_them(url: str, apart: str) -> None:
    execute(url, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = 2000', current_database()); END $$")
    connections[apart].close()
    with psycopg.connect(url) as reader:

        def listen(event: Progress) -> None:
            if (event.kind, event.name) == ("done", "Therapy data"):
                assert reader.execute('SELECT COUNT(*) FROM "Heart"').fetchone() != (0,)
            elif event.name == LAST:
                reader.rollback()

        assert asked(apart, listen).run_hybrid_seed().satisfied


def dumped(url: str, path: Path, **request: Any) -> list[str]:
    """Every row after a large load by a program, whose worker processes know the database from the environment."""
    plan = {"large": True, "requests": [{**GROWN, **request}], "dump": str(path)}
    finish(start(url, plan, **LIKE_TESTS))
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def watch(url: str) -> None:
    """Have the database note by which connections rows come: a process that does all steps has one for all."""
    execute(
        url,
        "CREATE TABLE came (by integer)",
        """CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO public.came VALUES (pg_backend_pid()); RETURN NULL; END $$""",
        *(f'CREATE TRIGGER note AFTER INSERT ON "{table}" EXECUTE FUNCTION note()' for table in WATCHED),
    )


def connections_that_wrote(url: str) -> int:
    ((number,),) = execute(url, "SELECT count(DISTINCT by) FROM came")
    return int(number)


@on_postgres
@pytest.mark.parametrize(("workers", "is_one"), [(2, True), (4, False)])
def test_workers__one_process_or_three__make_the_same_rows(
    url: str, tmp_path: Path, small: World, workers: int, is_one: bool
) -> None:
    watch(url)
    before = catalogue(url)
    assert dumped(url, tmp_path / "dump", workers=workers) == list(lines_of(small))
    assert catalogue(url) == before
    assert (connections_that_wrote(url) == 1) == is_one


@pytest.fixture
def dask_cluster() -> Iterator[str]:
    """The address of a Dask scheduler with two worker processes that know nothing of this project's settings."""
    from distributed import LocalCluster

    with (
        mock.patch.dict(os.environ, LIKE_TESTS),
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="localhost:0") as cluster,
    ):
        yield cluster.scheduler_address.removeprefix("tcp://")


OF_DASK = pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed", "ignore::ResourceWarning")


@OF_DASK
@on_postgres
def test_dask__two_worker_processes__make_the_same_rows(
    url: str, tmp_path: Path, small: World, dask_cluster: str
) -> None:
    watch(url)
    assert dumped(url, tmp_path / "dump", executor=f"dask://{dask_cluster}") == list(lines_of(small))
    assert connections_that_wrote(url) > 1


def die(_: Run) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


@OF_DASK
def test_dask__a_step_ends_each_worker_that_does_it__is_an_error_in_a_sentence() -> None:
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address="localhost:0") as cluster,
        pool.cluster(f"dask://{cluster.scheduler_address.removeprefix('tcp://')}") as executor,
        pytest.raises(SeedingError, match="A worker process was ended"),
    ):
        carry_out([Step("first", frozenset(), die)], Run("default", "mentara", 0, {}, DEFAULT), executor)


ON_SQLITE = [("sqlite", moment, 1) for moment in MOMENTS]
ON_POSTGRES = [("postgres", *case) for case in (("Base data", 1), ("Comments", 1), ("Comments", 3), (LAST, 3))]


@pytest.mark.parametrize(("kind", "moment", "workers"), ON_SQLITE + ON_POSTGRES)
def test_next_run__a_large_load_was_killed__puts_everything_back(
    url: str, apart: str, small: World, moment: str, workers: int
) -> None:
    before = catalogue(url)
    plan = {"large": True, "requests": [{**GROWN, "workers": workers}], "kill_at": moment}
    assert killed(start(url, plan, **LIKE_TESTS))
    assert catalogue(url) != before
    asked(apart).run_hybrid_seed()
    assert read_world(apart).tables == small.tables
    assert catalogue(url) == before


@is_large
@pytest.mark.parametrize("moment", MOMENTS)
def test_large_load__somebody_who_listens_fails__puts_everything_back(
    url: str, apart: str, small: World, moment: str
) -> None:
    def listen(progress: Progress) -> None:
        if progress.kind in ("start", "phase") and progress.name == moment:
            assert setaside.is_any(apart)
            raise OSError(FAILURE)

    before = catalogue(url)
    with pytest.raises(OSError, match=FAILURE):
        asked(apart, listen).run_hybrid_seed()
    assert catalogue(url) == before
    asked(apart).run_hybrid_seed()
    assert read_world(apart).tables == small.tables


@on_postgres
@is_large
def test_large_load__a_thread_that_makes_indexes_fails__puts_everything_back(
    url: str, apart: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, calls = setaside.make, count()

    def fail_once(*arguments: Any) -> None:
        if next(calls) == 0:
            raise OSError(FAILURE)
        make(*arguments)

    monkeypatch.setattr(setaside, "make", fail_once)
    before = catalogue(url)
    with pytest.raises(OSError, match=FAILURE):
        asked(apart).run_hybrid_seed()
    assert catalogue(url) == before


@is_large
def test_large_load__of_an_orchestrator_that_empties_first__is_large_each_time(url: str, apart: str) -> None:
    phases: list[str] = []
    before, orchestrator = catalogue(url), asked(apart, lambda one: phases.append(one.name), reset=True)
    assert orchestrator.run_hybrid_seed().rows == orchestrator.run_hybrid_seed().rows > 0
    assert phases.count(LAST) == 2
    assert catalogue(url) == before


@on_postgres
@is_large
def test_large_load__a_view_needs_a_key_and_a_row_was_there__keeps_both(url: str, apart: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute('CREATE VIEW loud AS SELECT p.*, count(*) FROM "Post" p JOIN "Heart" ON true GROUP BY p.id')
        connection.execute(OWN_ACCOUNT)
    before = catalogue(url)
    asked(apart).run_hybrid_seed()
    assert catalogue(url) == before
    assert User.objects.using(apart).filter(email="own@mentara.example").exists()


@on_postgres
@is_large
@pytest.mark.parametrize("table", ["Notification", "Comment"])
def test_large_load__a_table_in_parts__is_filled_as_it_is(url: str, apart: str, table: str) -> None:
    execute(
        url,
        f'ALTER TABLE "{table}" RENAME TO before',
        f'CREATE TABLE "{table}" (LIKE before INCLUDING DEFAULTS INCLUDING INDEXES) PARTITION BY HASH (id)',
        *(
            f'CREATE TABLE part_{at} PARTITION OF "{table}" FOR VALUES WITH (MODULUS 2, REMAINDER {at})'
            for at in range(2)
        ),
        "DROP TABLE before CASCADE",
        'ALTER TABLE "Heart" ADD CONSTRAINT "liked" FOREIGN KEY ("commentId") REFERENCES "Comment" (id)'
        " DEFERRABLE INITIALLY DEFERRED",
    )
    before = catalogue(url)
    assert asked(apart).run_hybrid_seed().satisfied
    assert all(count for (count,) in execute(url, "SELECT COUNT(*) FROM part_0 UNION ALL SELECT COUNT(*) FROM part_1"))
    assert catalogue(url) == before


@pytest.fixture
def stranger() -> Iterator[str]:
    """Where somebody hangs up at once who is no scheduler."""
    with socket.create_server(("localhost", 0)) as server:

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    server.accept()[0].close()

        Thread(target=hang_up, daemon=True).start()
        yield f"localhost:{server.getsockname()[1]}"


@OF_DASK
@on_postgres
def test_executor__that_is_no_scheduler__empties_nothing(apart: str, stranger: str) -> None:
    seeded(apart, **SIZES)
    with pytest.raises(SeedingError, match=f"No Dask scheduler answers at {stranger}"):
        asked(apart, reset=True, executor=f"dask://{stranger}").run_hybrid_seed()
    assert Client.objects.using(apart).count() == 20


@OF_DASK
@on_postgres
def test_executor__nobody_answers__says_why(apart: str) -> None:
    said = r"No Dask scheduler answers at localhost:1 \(.*Connection refused\)"
    with pytest.raises(SeedingError, match=said) as refusal:
        asked(apart, executor="dask://localhost:1").run_hybrid_seed()
    assert refusal.value.exit_code == 1


def test_executor__without_dask__names_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="needs Dask; install this package again with its extra `dask`"):
        pool.cluster("dask://localhost:1").__enter__()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["ray://here:1", "dask://", "dask", "", "dask://here:65536"])
def test_executor__of_another_kind__is_wrong_usage(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("seed", f"--executor={address}", "--allow-production") == 2
    assert "dask://HOST:PORT" in capsys.readouterr().err


@pytest.mark.django_db
@pytest.mark.parametrize("workers", ["0", "-1"])
def test_workers__below_one__are_wrong_usage(workers: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("seed", f"--workers={workers}", "--allow-production") == 2
    assert "--workers" in capsys.readouterr().err
