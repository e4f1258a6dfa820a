"""Large loads: indexes and foreign keys set aside and put back, worker processes, and a Dask cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from programs import AS_OF, Databases, catalogue, dump, execute, failed, finish, killed, manage, start
from seeding_program import FAILURE

from mentara.models import AuditLog
from seeding.engine import setaside
from seeding.engine.errors import SeedingError
from seeding.models import SetAside

OWN_ACCOUNT = """
    INSERT INTO "User" (id, email, password, role, "firstName", "lastName", "emailVerified", "isActive", "createdAt",
        "updatedAt")
    VALUES (gen_random_uuid(), 'own@mentara.example', '', 'client', 'Own', 'Account', true, true, now(), now())
"""
GROWN = {"mode": "light", "as_of": AS_OF, "sizes": {"clients": 60}}


@pytest.fixture(scope="module")
def small(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Every row of a run whose indexes stay where they are."""
    return dump(databases.fresh("sqlite"), tmp_path_factory.mktemp("small") / "dump", GROWN)


def dumped(url: str, path: Path, plan: dict[str, Any], **request: Any) -> str:
    finish(start(url, {**plan, "requests": [{**GROWN, **request}], "dump": str(path)}))
    return path.read_text(encoding="utf-8")


def test_growth__by_few_rows_then_by_many__adds_to_the_indexes_then_builds_them(
    databases: Databases, kind: str
) -> None:
    url = databases.fresh(kind)
    begun, few, many = ({**GROWN, "sizes": {"clients": number}} for number in (20, 21, 40))
    finish(start(url, {"requests": [begun]}))
    finish(start(url, {"large": True, "requests": [few], "kill_at": "Indexes and foreign keys"}))
    assert killed(start(url, {"large": True, "requests": [many], "kill_at": "Indexes and foreign keys"}))


def test_large_load__either_database__ends_with_the_same_rows_indexes_and_constraints(
    databases: Databases, tmp_path: Path, small: str, kind: str
) -> None:
    url = databases.fresh(kind)
    before = catalogue(url)
    rows = dumped(url, tmp_path / "dump", {"large": True})
    assert rows.splitlines() == small.splitlines()
    assert catalogue(url) == before


def test_large_load__has_ended__leaves_its_tables_vacuumed(databases: Databases) -> None:
    url, tables = databases.fresh("postgres"), ["Comment", "Heart", "Post", "User"]
    execute(url, *(f'ALTER TABLE "{table}" SET (autovacuum_enabled = off)' for table in tables))
    finish(start(url, {"large": True, "requests": [GROWN]}))
    vacuumed = "SELECT relname::text FROM pg_stat_user_tables WHERE vacuum_count > 0 ORDER BY 1"
    assert set(tables) <= {table for (table,) in execute(url, vacuumed)}


@pytest.mark.parametrize("workers", [2, 3, 4])
def test_workers__of_any_number__make_the_same_rows(
    databases: Databases, tmp_path: Path, small: str, workers: int
) -> None:
    url = databases.fresh("postgres")
    before = catalogue(url)
    rows = dumped(url, tmp_path / "dump", {"large": True}, workers=workers)
    assert rows.splitlines() == small.splitlines()
    assert catalogue(url) == before


@pytest.fixture
def dask_cluster() -> Iterator[str]:
    """The address of a Dask scheduler with two worker processes that know nothing of this project's settings."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster.scheduler_address.removeprefix("tcp://")


@pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed", "ignore::ResourceWarning")
def test_dask__two_worker_processes__make_the_same_rows(
    databases: Databases, tmp_path: Path, small: str, dask_cluster: str
) -> None:
    url = databases.fresh("postgres")
    rows = dumped(url, tmp_path / "dump", {"large": True}, executor=f"dask://{dask_cluster}")
    assert rows.splitlines() == small.splitlines()


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("moment", ["Base data", "Comments", "Indexes and foreign keys"])
def test_next_run__a_large_load_was_killed__puts_everything_back(
    databases: Databases, tmp_path: Path, small: str, kind: str, moment: str, workers: int
) -> None:
    url = databases.fresh(kind)
    before = catalogue(url)
    request = {**GROWN, "workers": workers}
    assert killed(start(url, {"large": True, "requests": [request], "kill_at": moment}))
    assert catalogue(url) != before
    assert dumped(url, tmp_path / "dump", {}).splitlines() == small.splitlines()
    assert catalogue(url) == before


@pytest.mark.parametrize("moment", ["Base data", "Comments", "Indexes and foreign keys"])
def test_large_load__somebody_who_listens_fails__puts_everything_back(
    databases: Databases, tmp_path: Path, small: str, kind: str, moment: str
) -> None:
    url = databases.fresh(kind)
    before = catalogue(url)
    assert failed(start(url, {"large": True, "requests": [GROWN], "fail_at": moment}), FAILURE)
    assert catalogue(url) == before
    assert dumped(url, tmp_path / "dump", {}).splitlines() == small.splitlines()


def test_large_load__a_thread_that_makes_indexes_fails__puts_everything_back(databases: Databases) -> None:
    url = databases.fresh("postgres")
    before = catalogue(url)
    assert failed(start(url, {"large": True, "requests": [{**GROWN, "workers": 2}], "fail_thread": True}), FAILURE)
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


def test_large_load__the_same_orchestrator_again__adds_nothing(databases: Databases, kind: str) -> None:
    url = databases.fresh(kind)
    before = catalogue(url)
    first, again = finish(start(url, {"large": True, "requests": [GROWN], "again": 1}))
    assert (first > 0, again) == (True, 0)
    assert catalogue(url) == before


def test_large_load__of_an_orchestrator_that_empties_first__is_large_each_time(databases: Databases, kind: str) -> None:
    url = databases.fresh(kind)
    before = catalogue(url)
    first, again = finish(start(url, {"large": True, "requests": [{**GROWN, "reset": True}], "again": 1}))
    assert first == again > 0
    assert catalogue(url) == before


def test_large_load__a_view_needs_a_key_and_a_row_was_there__keeps_both(databases: Databases, tmp_path: Path) -> None:
    url = databases.fresh("postgres")
    with psycopg.connect(url) as connection:
        connection.execute('CREATE VIEW loud AS SELECT p.*, count(*) FROM "Post" p JOIN "Heart" ON true GROUP BY p.id')
        connection.execute(OWN_ACCOUNT)
    before = catalogue(url)
    rows = dumped(url, tmp_path / "dump", {"large": True})
    assert catalogue(url) == before
    assert '"own@mentara.example"' in rows


def test_verification__a_large_load_was_killed__names_what_is_missing(databases: Databases, kind: str) -> None:
    url = databases.fresh(kind)
    assert killed(start(url, {"large": True, "requests": [GROWN], "kill_at": "Indexes and foreign keys"}))
    found = manage(url, "verify_minimums")
    assert found.returncode == 1
    assert "are missing since a run did not end" in found.stdout
    assert "Not satisfied" in found.stdout
    foreseen = manage(url, "seed", "--enrich-only", "--dry-run", "--as-of", AS_OF)
    assert foreseen.returncode == 0
    assert "Would be satisfied" in foreseen.stdout
    assert manage(url, "verify_minimums").returncode == 1
    assert manage(url, "seed", "--enrich-only", "--as-of", AS_OF).returncode == 0
    assert manage(url, "verify_minimums").returncode == 0


def test_rows_that_refer_to_none__came_while_keys_were_aside__stop_the_run_and_are_named(
    databases: Databases, kind: str
) -> None:
    url = databases.fresh(kind)
    assert killed(start(url, {"large": True, "requests": [GROWN], "kill_at": "Indexes and foreign keys"}))
    before = catalogue(url)
    nobody = "'00000000000000000000000000000000'"
    execute(url, f'UPDATE "Heart" SET "userId" = {nobody} WHERE id = (SELECT id FROM "Heart" LIMIT 1)')  # noqa: S608  (our own text)
    stopped = manage(url, "seed", "--enrich-only", "--as-of", AS_OF)
    assert stopped.returncode == 1
    assert "Heart" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert catalogue(url) != before
    assert manage(url, "verify_minimums").returncode == 1


def test_executor__nobody_answers__empties_nothing(databases: Databases) -> None:
    url = databases.fresh("postgres")
    finish(start(url, {"requests": [GROWN]}))
    refused = manage(
        url,
        "seed",
        "--reset",
        "--no-input",
        "--allow-production",
        "--clients",
        "700",
        "--executor",
        "dask://localhost:1",
    )
    assert refused.returncode == 2
    assert re.search(r"No Dask scheduler answers at localhost:1 \(.*Connection refused\)", refused.stderr)
    with psycopg.connect(url) as connection:
        assert connection.execute('SELECT COUNT(*) FROM "Client"').fetchone() == (60,)


@pytest.mark.parametrize("address", ["ray://here:1", "dask://", "dask"])
def test_executor__of_another_kind__is_wrong_usage(databases: Databases, address: str) -> None:
    refused = manage(databases.fresh("sqlite"), "seed", "--executor", address)
    assert refused.returncode == 2
    assert "dask://HOST:PORT" in refused.stderr


@pytest.mark.parametrize("workers", ["0", "-1"])
def test_workers__below_one__are_wrong_usage(databases: Databases, workers: str) -> None:
    refused = manage(databases.fresh("sqlite"), "seed", "--workers", workers)
    assert refused.returncode == 2
    assert "--workers" in refused.stderr
