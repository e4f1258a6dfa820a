"""A database that the toolkit has no bulk path for gets the same rows, by way of Django."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import alias_for
from django.core.management import call_command
from enrichers.small_worlds import World as Newcomers
from oracle import read_world
from programs import Databases
from worlds import AS_OF

from seeding.engine import setaside
from seeding.engine.errors import UsageError
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.tables import seeded_models
from seeding.verification import verify, with_heights


@pytest.fixture
def plain(databases: Databases, django_db_blocker: Any) -> Iterator[str]:
    """The alias of an empty database of another kind."""
    with alias_for(databases.fresh("sqlite"), django_db_blocker, ENGINE="plain_backend") as alias:
        yield alias


@pytest.mark.django_db
def test_seed__another_backend__has_the_rows_that_sqlite_has(plain: str) -> None:
    for using in (plain, "default"):
        Newcomers(using).client()
        for clients in (8, 9):
            request = SeedRequest(as_of=AS_OF, using=using, sizes={"clients": clients})
            assert HybridSeedOrchestrator(request).run_hybrid_seed().satisfied
        assert HybridSeedOrchestrator(request).run_hybrid_seed().rows == 0
    assert read_world(plain).tables == read_world("default").tables


def test_large_load__another_backend__sets_nothing_aside(plain: str) -> None:
    assert not setaside.can_set_aside(plain, seeded_models())


def test_coherence__another_backend__is_refused_in_a_sentence(plain: str) -> None:
    HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=plain)).run_hybrid_seed()
    with pytest.raises(UsageError, match="SQLite's and PostgreSQL's; 'apart' is Plain"):
        verify(plain, with_heights({}), coherence=True)


@pytest.mark.parametrize(
    ("option", "name", "said"),
    [
        ("--snapshot", "kept", "Snapshots are for SQLite and PostgreSQL; 'apart' is Plain.\n"),
        ("--dump", "rows.sql.gz", "rows.sql.gz: no SQL is written for Plain; use .json or .json.gz.\n"),
    ],
)
def test_files__that_another_backend_has_none_of__are_refused_before_seeding(
    plain: str, tmp_path: Path, option: str, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("seed", option, str(tmp_path / name), "--database", plain)
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(said)
    assert read_world(plain).size == 0
