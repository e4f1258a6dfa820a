"""The same seed and as-of give the same rows: in any process, on both databases, and whatever else is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from databases import BOTH, alias_for, on_both
from oracle import World, read_world
from programs import LIGHT, LIKE_TESTS, Databases, dump
from seeded import seeded
from seeding_program import lines_of
from test_properties import rolled_back
from worlds import AS_OF

from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest


@pytest.fixture(scope="module")
def reference(databases: Databases, django_db_blocker: Any) -> list[str]:
    """Every row of a light seed by this process."""
    with alias_for(databases.fresh("sqlite"), django_db_blocker) as apart:
        seeded(apart)
        return list(lines_of(read_world(apart)))


@pytest.mark.parametrize(
    ("kind", "surroundings"),
    [
        ("sqlite", {"PYTHONHASHSEED": "0", "TZ": "Pacific/Auckland", "LC_ALL": "C"}),
        ("postgres", {"PYTHONHASHSEED": "4242", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8"}),
    ],
)
def test_rows__another_process_and_surroundings__are_the_same(
    databases: Databases, reference: list[str], tmp_path: Path, kind: str, surroundings: dict[str, str]
) -> None:
    again = dump(databases.fresh(kind), tmp_path / "dump", LIGHT, **LIKE_TESTS, **surroundings)
    assert again.splitlines(keepends=True) == reference


@on_both
def test_rows__another_seed__differ(reference: list[str]) -> None:
    seeded("default", seed="another")
    rows, others = (telling(lines) for lines in (reference, lines_of(read_world("default"))))
    assert len(rows & others) < 0.01 * len(rows)


def telling(lines: Iterable[str]) -> set[str]:
    """The rows but for answers: there are few to choose among, and the cast is asked the same under any seed."""
    return {line for line in lines if not line.startswith("PreAssessmentAnswer")}


def base(using: str, **request: Any) -> World:
    """The base rows of a request in an empty database."""
    with rolled_back(using):
        seeded(using, enrich=False, **request)
        return read_world(using)


def missing(small: World, large: World) -> list[str]:
    """The rows of the smaller world that the larger one does not have, column for column."""
    return [
        f"{table} {key}"
        for table, rows in small.tables.items()
        for key, row in rows.items()
        if large[table].get(key) != row
    ]


@on_both
def test_base_rows__larger_modes__contain_the_smaller(using: str) -> None:
    light, medium, heavy = (base(using, mode=mode) for mode in ("light", "medium", "heavy"))
    assert light.size < medium.size < heavy.size
    assert missing(light, medium) == []
    assert missing(medium, heavy) == []


@on_both
@pytest.mark.parametrize("seed", ["c", "m", "p"])
def test_base_rows__larger_modes_of_other_seeds__contain_the_smaller(seed: str) -> None:
    light, medium, heavy = (base("default", mode=mode, seed=seed) for mode in ("light", "medium", "heavy"))
    assert missing(light, medium) == []
    assert missing(medium, heavy) == []


@on_both
def test_base_rows__light_grown_to_medium__are_those_of_a_fresh_medium(using: str) -> None:
    medium = base(using, mode="medium")
    seeded(using, enrich=False, mode="light")
    HybridSeedOrchestrator(SeedRequest(mode="medium", as_of=AS_OF, using=using, enrich=False)).run_hybrid_seed()
    assert read_world(using).tables == medium.tables


@on_both
@pytest.mark.parametrize(("mode", "clients"), [("light", (8, 100, 150)), ("heavy", (80, 120, 200))])
def test_base_rows__more_clients__contain_the_fewer(mode: str, clients: tuple[int, int, int]) -> None:
    few, more, most = (base("default", mode=mode, sizes={"clients": number}) for number in clients)
    assert few.size < more.size < most.size
    assert missing(few, more) == []
    assert missing(more, most) == []


@on_both
def test_base_rows__either_database__are_the_same() -> None:
    on_sqlite, on_postgres = (base(using, mode="medium") for using in BOTH)
    assert on_sqlite.tables == on_postgres.tables
