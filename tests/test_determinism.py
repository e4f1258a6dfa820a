"""The same seed and as-of give the same rows: in any process, on both databases, and whatever else is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from databases import BOTH, on_both
from oracle import World, read_world
from programs import LIGHT, Databases, dump
from test_properties import rolled_back
from worlds import AS_OF

from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest

SURROUNDINGS = {
    "plain": {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    "auckland": {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C"},
    "newfoundland": {"PYTHONHASHSEED": "4242", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8"},
}


@pytest.fixture(scope="module")
def reference(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("reference") / "dump"
    return dump(databases.fresh("sqlite"), path, LIGHT, **SURROUNDINGS["plain"])


@pytest.mark.parametrize(
    ("kind", "surroundings"),
    [("sqlite", "auckland"), ("sqlite", "newfoundland"), ("postgres", "plain"), ("postgres", "newfoundland")],
)
def test_rows__another_process_and_surroundings__are_the_same(
    databases: Databases, reference: str, tmp_path: Path, kind: str, surroundings: str
) -> None:
    again = dump(databases.fresh(kind), tmp_path / "dump", LIGHT, **SURROUNDINGS[surroundings])
    assert again.splitlines() == reference.splitlines()


def test_rows__another_seed__differ(databases: Databases, reference: str, tmp_path: Path) -> None:
    other = dump(databases.fresh("sqlite"), tmp_path / "dump", {**LIGHT, "seed": "another"})
    rows, others = (telling(text) for text in (reference, other))
    assert len(rows & others) < 0.01 * len(rows)


def telling(text: str) -> set[str]:
    """The rows but for answers: there are few to choose among, and the cast is asked the same under any seed."""
    return {line for line in text.splitlines() if not line.startswith("PreAssessmentAnswer")}


def seed(using: str, **request: Any) -> World:
    """Run a request; returns all rows that are there then."""
    HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, **request)).run_hybrid_seed()
    return read_world(using)


def base(using: str, **request: Any) -> World:
    """The base rows of a request in an empty database."""
    with rolled_back(using):
        return seed(using, enrich=False, **request)


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
    with rolled_back(using):
        seed(using, enrich=False, mode="light")
        grown = seed(using, enrich=False, mode="medium")
    assert grown.tables == base(using, mode="medium").tables


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
