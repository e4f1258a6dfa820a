"""Large loads: indexes and foreign keys set aside and put back, worker processes, and a Dask cluster."""

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
from uuid import UUID, uuid4

import psycopg
import pytest
from databases import alias_for
from django.db import IntegrityError, connection, connections, transaction
from oracle import World, read_world
from programs import LIGHT, LIKE_TESTS, Databases, catalogue, ended, execute, finish, killed, start
from seeded import seeded
from seeding_program import lines_of
from worlds import AS_OF

from mentara.models import AuditLog, Client, Comment, Heart, Post, User
from seeding.engine import large_load, pool, setaside, statistics
from seeding.engine.errors import SeedingError, UsageError
from seeding.engine.reports import Progress
from seeding.engine.run import Run
from seeding.engine.steps import Step, carry_out
from seeding.fixtures import snapshot
from seeding.models import SetAside
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.tables import seeded_models
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


@pytest.fixture
def url(databases: Databases, kind: str) -> str:
    """The URL of a migrated, empty database."""
    return databases.fresh(kind)


@pytest.fixture
def apart(url: str, django_db_blocker: Any) -> Iterator[str]:
    """The alias of that database in this process."""
    with alias_for(url, django_db_blocker) as alias:
        yield alias


on_postgres, on_sqlite = (pytest.mark.parametrize("kind", [kind]) for kind in ("postgres", "sqlite"))
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
def test_large_load__either_database__ends_with_the_same_rows_indexes_and_constraints(
    url: str, apart: str, small: World
) -> None:
    before, orchestrator = catalogue(url), asked(apart)
    assert orchestrator.run_hybrid_seed().rows > 0
    assert read_world(apart).tables == small.tables
    assert catalogue(url) == before
    assert orchestrator.run_hybrid_seed().rows == 0
    assert catalogue(url) == before


@on_postgres
@is_large
def test_large_load__has_ended__leaves_its_tables_vacuumed(url: str, apart: str) -> None:
    tables = ["Comment", "Heart", "Post", "User"]
    execute(url, *(f'ALTER TABLE "{table}" SET (autovacuum_enabled = off)' for table in tables))
    asked(apart).run_hybrid_seed()
    vacuumed = "SELECT relname::text FROM pg_stat_user_tables WHERE vacuum_count > 0 ORDER BY 1"
    assert set(tables) <= {table for (table,) in execute(url, vacuumed)}


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
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
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
        LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
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


@pytest.mark.django_db(transaction=True)
def test_put_back__rows_do_not_allow_an_index__says_so_and_enforces_foreign_keys_again() -> None:
    twice = uuid4()
    AuditLog.objects.bulk_create(AuditLog(action="DATA_EXPORT", entity="User", entity_id=twice) for _ in range(2))
    setaside.set_aside("default", [AuditLog])
    unique = 'CREATE UNIQUE INDEX only_once ON "AuditLog" ("entityId")'
    note = SetAside.objects.create(kind=setaside.INDEX, table="AuditLog", name="only_once", statement=unique)
    with pytest.raises(SeedingError, match=r"index only_once of AuditLog .* cannot be put back: .*\. Mend those rows"):
        setaside.put_back("default")
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)
    note.delete()
    setaside.put_back("default")
    assert setaside.missing("default") == []


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


@pytest.fixture
def cut_short(apart: str) -> str:
    """A seeded database whose indexes and foreign keys are aside, as a load leaves it that is killed in the end."""
    seeded(apart, **SIZES)
    setaside.set_aside(apart, seeded_models())
    connections[apart].close()
    return apart


def test_verification__a_large_load_was_killed__names_what_is_missing(
    cut_short: str, capsys: pytest.CaptureFixture[str]
) -> None:
    on, to_enrich = f"--database={cut_short}", ("--enrich-only", "--allow-production", f"--as-of={AS_OF.isoformat()}")
    assert ended("verify_minimums", on) == 1
    said = capsys.readouterr().out
    assert "are missing since a run did not end" in said
    assert "Not satisfied" in said
    assert ended("seed", on, *to_enrich, "--dry-run") == 1
    said = capsys.readouterr().out
    assert "are missing since a run did not end" in said
    assert "Would be satisfied" not in said
    assert ended("verify_minimums", on) == 1
    assert ended("seed", on, *to_enrich) == 0
    assert ended("verify_minimums", on) == 0


def test_rows_that_refer_to_none__came_while_keys_were_aside__stop_the_run_and_are_named(
    url: str, cut_short: str
) -> None:
    before = catalogue(url)
    nobody = "'00000000000000000000000000000000'"
    execute(url, f'UPDATE "Heart" SET "userId" = {nobody} WHERE id = (SELECT id FROM "Heart" LIMIT 1)')  # noqa: S608  (our own text)
    with pytest.raises(SeedingError, match="Heart"):
        asked(cut_short, base=False).run_hybrid_seed()
    assert catalogue(url) != before
    assert ended("verify_minimums", f"--database={cut_short}") == 1


def test_put_back__one_row_refers_to_none__makes_everything_else_and_names_it(url: str, apart: str) -> None:
    seeded(apart, **SIZES)
    before, nobody = catalogue(url), "'00000000000000000000000000000000'"
    setaside.set_aside(apart, seeded_models())
    execute(url, f'UPDATE "Heart" SET "userId" = {nobody} WHERE id = (SELECT id FROM "Heart" LIMIT 1)')  # noqa: S608  (our own text)
    with pytest.raises(SeedingError, match="Heart"):
        setaside.put_back(apart)
    left = [note.table for note in SetAside.objects.using(apart).exclude(kind=setaside.ENFORCEMENT)]
    assert left in ([], ["Heart"])
    after = catalogue(url)
    assert [one for one in before if one not in after and "Heart" not in str(one)] == []


UNIQUE = 'ALTER TABLE "Post" ADD CONSTRAINT own UNIQUE (id, title)'
INDEXED = 'CREATE UNIQUE INDEX own ON "Post" (id, title)'
REFERRING = 'ALTER TABLE "Heart" ADD CONSTRAINT own FOREIGN KEY ("postId") REFERENCES "Post"'
ODD = {
    "index that a table is clustered on": (INDEXED, 'ALTER TABLE "Post" CLUSTER ON own'),
    "key that a table is clustered on": (UNIQUE, 'ALTER TABLE "Post" CLUSTER ON own'),
    "index that tells rows apart": (INDEXED, 'ALTER TABLE "Post" REPLICA IDENTITY USING INDEX own'),
    "key that tells rows apart": (UNIQUE, 'ALTER TABLE "Post" REPLICA IDENTITY USING INDEX own'),
    "statistics": ('CREATE INDEX own ON "Post" (lower(title))', "ALTER INDEX own ALTER COLUMN 1 SET STATISTICS 500"),
    "comment on the index of a key": (UNIQUE, "COMMENT ON INDEX own IS 'mine'"),
    "comment on a key": (UNIQUE, "COMMENT ON CONSTRAINT own ON \"Post\" IS 'mine'"),
    "comment on a foreign key": (REFERRING, "COMMENT ON CONSTRAINT own ON \"Heart\" IS 'it''s mine'"),
    "deferrable key": (f"{UNIQUE} DEFERRABLE",),
    "deferred key": (f"{UNIQUE} DEFERRABLE INITIALLY DEFERRED",),
    "foreign key that is not validated": (f"{REFERRING} NOT VALID",),
    "exclusion": ('ALTER TABLE "Post" ADD CONSTRAINT own EXCLUDE USING btree (id WITH =)',),
    "index that could not be made": (
        INDEXED,
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'own'::regclass",
    ),
    "table of somebody else that refers to ours": ('CREATE TABLE own (post uuid REFERENCES "Post")',),
    "table in parts": (
        'ALTER TABLE "AuditLog" RENAME TO own',
        'CREATE TABLE "AuditLog" (LIKE own INCLUDING DEFAULTS) PARTITION BY HASH (id)',
        'ALTER TABLE "AuditLog" ATTACH PARTITION own FOR VALUES WITH (MODULUS 1, REMAINDER 0)',
        'CREATE INDEX whole ON "AuditLog" ("createdAt", action)',
    ),
    "table whose parts are yet to come": (
        'ALTER TABLE "AuditLog" RENAME TO own',
        'CREATE TABLE "AuditLog" (LIKE own INCLUDING DEFAULTS) PARTITION BY HASH (id)',
        'ALTER TABLE "AuditLog" ADD CONSTRAINT whole FOREIGN KEY ("entityId") REFERENCES "Post"',
    ),
}
UNTOLD = (
    """SELECT indexrelid::regclass::text, indisclustered, indisreplident, indisvalid,
        obj_description(indexrelid, 'pg_class'),
        ARRAY(SELECT attstattarget FROM pg_attribute WHERE attrelid = indexrelid ORDER BY attnum)
    FROM pg_index ORDER BY 1""",
    "SELECT conname, obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conname = 'own'",
)
"""What the definitions of indexes and constraints do not say."""


@on_postgres
@pytest.mark.parametrize("odd", ODD)
def test_put_back__indexes_or_keys_that_are_odd__are_as_they_were(url: str, apart: str, odd: str) -> None:
    def everything() -> list[Any]:
        return [*catalogue(url), *(row for query in UNTOLD for row in execute(url, query))]

    execute(url, *ODD[odd])
    before = everything()
    setaside.set_aside(apart, [AuditLog, Comment, Heart, Post])
    connections[apart].close()
    setaside.put_back(apart)
    assert everything() == before


STRAY = """
    INSERT INTO "AuditLog" (id, action, entity, "entityId", "createdAt", "userId")
    VALUES (hex(randomblob(16)), 'DATA_EXPORT', 'User', hex(randomblob(16)), '2026-01-01', hex(randomblob(16)))
"""


@on_sqlite
def test_put_back__rows_that_refer_to_none_were_there_before__is_held_up_by_others_only(url: str, apart: str) -> None:
    execute(url, STRAY)
    setaside.set_aside(apart, [AuditLog])
    setaside.put_back(apart)
    assert setaside.missing(apart) == []
    setaside.set_aside(apart, [AuditLog])
    execute(url, STRAY)
    with pytest.raises(SeedingError, match="2 references lead to rows that do not exist, 1 of them before the load"):
        setaside.put_back(apart)


@on_sqlite
def test_set_aside__unique_indexes_of_sqlite__allow_no_row_twice_meanwhile(url: str, apart: str) -> None:
    execute(url, 'CREATE UNIQUE INDEX own ON "AuditLog" ("entityId")')
    setaside.set_aside(apart, [AuditLog])
    twice = [AuditLog(action="DATA_EXPORT", entity="User", entity_id=UUID(int=1)) for _ in range(2)]
    with pytest.raises(IntegrityError, match="entityId"):
        AuditLog.objects.using(apart).bulk_create(twice)


def test_large_load__within_a_transaction_of_somebody_else__sets_nothing_aside(apart: str) -> None:
    assert setaside.can_set_aside(apart, seeded_models())
    with transaction.atomic(using=apart):
        assert not setaside.can_set_aside(apart, seeded_models())


def test_put_back__somebody_has_made_an_index_by_hand__says_what_to_do_and_then_puts_everything_back(
    url: str, apart: str
) -> None:
    seeded(apart, **SIZES)
    before = catalogue(url)
    setaside.set_aside(apart, seeded_models())
    note = SetAside.objects.using(apart).filter(kind=setaside.INDEX, table="Heart").order_by("pk")[0]
    execute(url, note.statement)
    with pytest.raises(SeedingError, match=f"{note.name} of Heart .* drop that one, then seed again"):
        setaside.put_back(apart)
    execute(url, f'DROP INDEX "{note.name}"')
    setaside.put_back(apart)
    assert catalogue(url) == before


def test_reset__rows_came_that_a_key_does_not_allow__deletes_them_and_puts_everything_back(
    url: str, apart: str
) -> None:
    seeded(apart, **SIZES)
    before, nobody = catalogue(url), "'00000000000000000000000000000000'"
    setaside.set_aside(apart, seeded_models())
    execute(url, f'UPDATE "Heart" SET "userId" = {nobody} WHERE id = (SELECT id FROM "Heart" LIMIT 1)')  # noqa: S608  (our own text)
    connections[apart].close()
    assert asked(apart, reset=True).run_hybrid_seed().satisfied
    assert catalogue(url) == before


def test_flush__a_large_load_was_killed__loses_no_index_or_key(url: str, apart: str) -> None:
    before = catalogue(url)
    seeded(apart, **SIZES)
    setaside.set_aside(apart, seeded_models())
    connections[apart].close()
    assert ended("flush", f"--database={apart}", "--no-input") == 0
    assert asked(apart).run_hybrid_seed().satisfied
    assert catalogue(url) == before


def test_restore__a_large_load_was_killed__puts_every_index_and_key_back(url: str, apart: str, tmp_path: Path) -> None:
    before, file = catalogue(url), tmp_path / "kept"
    seeded(apart, **SIZES)
    snapshot.take(apart, file, lambda: None)
    setaside.set_aside(apart, seeded_models())
    connections[apart].close()
    snapshot.restore(apart, file, lambda: None, replace=True)
    assert catalogue(url) == before
    assert setaside.missing(apart) == []


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
    with pytest.raises(UsageError, match=f"No Dask scheduler answers at {stranger}"):
        asked(apart, reset=True, executor=f"dask://{stranger}").run_hybrid_seed()
    assert Client.objects.using(apart).count() == 20


@OF_DASK
@on_postgres
def test_executor__nobody_answers__says_why(apart: str) -> None:
    with pytest.raises(UsageError, match=r"No Dask scheduler answers at localhost:1 \(.*Connection refused\)"):
        asked(apart, executor="dask://localhost:1").run_hybrid_seed()


def test_executor__without_dask__names_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="needs Dask; install this package again with its extra `dask`"):
        pool.cluster("dask://localhost:1").__enter__()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["ray://here:1", "dask://", "dask", ""])
def test_executor__of_another_kind__is_wrong_usage(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("seed", f"--executor={address}", "--allow-production") == 2
    assert "dask://HOST:PORT" in capsys.readouterr().err


@pytest.mark.django_db
@pytest.mark.parametrize("workers", ["0", "-1"])
def test_workers__below_one__are_wrong_usage(workers: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("seed", f"--workers={workers}", "--allow-production") == 2
    assert "--workers" in capsys.readouterr().err
