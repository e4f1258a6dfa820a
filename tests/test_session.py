"""The connection of a run on SQLite: it takes its turn at once, and minds that its file stays where it is."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from programs import Databases

from seeding.engine.errors import SeedingError
from seeding.engine.session import session
from seeding.fixtures.switching import connections_to, leading_to
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.verification import verify, with_heights


@pytest.fixture
def file(databases: Databases, django_db_blocker: Any) -> Iterator[Path]:
    """The file of a migrated database, which Django's default connection leads to, in SQLite's own mode."""
    name = databases.fresh("sqlite").removeprefix("sqlite:///")
    with django_db_blocker.unblock(), leading_to(connections_to("default", name)):
        connections["default"].ensure_connection()  # which sets the mode of the settings
        connections["default"].transaction_mode = None
        yield Path(name)


def writes(other: sqlite3.Connection) -> None:
    other.execute("CREATE TABLE theirs (id)")
    other.execute("DROP TABLE theirs")


def test_transaction__of_a_run__takes_its_turn_before_it_reads(file: Path) -> None:
    with closing(sqlite3.connect(file, timeout=0)) as other:
        with session("default"), transaction.atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
            writes(other)
        with transaction.atomic():
            writes(other)
    assert connections["default"].transaction_mode is None  # type: ignore[attr-defined]  # SQLite's alone


def seeded() -> None:
    HybridSeedOrchestrator(SeedRequest()).run_hybrid_seed()


@pytest.mark.parametrize("work", [seeded, lambda: verify("default", with_heights({}))], ids=["seed", "verify"])
@pytest.mark.parametrize("at_last", [False, True], ids=["replaced", "deleted"])
def test_file__gone_while_a_run_is_at_work__is_said(file: Path, work: Any, at_last: bool, monkeypatch: Any) -> None:
    def move(*_: Any) -> list[str]:
        shutil.copy(file, f"{file}-copy")
        file.unlink()
        if not at_last:
            Path(f"{file}-copy").rename(file)
        return []

    monkeypatch.setattr("seeding.engine.setaside.missing", move)
    with pytest.raises(SeedingError, match="file was deleted or replaced"):
        work()


def test_file__gone_before_rows_are_written__is_said_instead_of_what_sqlite_says(file: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("seeding.engine.setaside.put_back", lambda *_: file.unlink())
    with pytest.raises(SeedingError, match="file was deleted or replaced"):
        seeded()
