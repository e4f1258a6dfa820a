"""What is written does not depend on the order in which a database gives its rows, which no query here asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
from databases import on_sqlite
from edits import Hand, edits
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import World, read_world
from seeded import seeded
from test_properties import SMALL, heights, rolled_back
from worlds import AS_OF, Description, build, descriptions

from seeding.engine import columns, gaps
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest

pytestmark = on_sqlite
ORDERS = (None, 1, 2)


@contextmanager
def shuffled(order: int | None) -> Iterator[None]:
    """Give the rows of every answer in an order of its own; None leaves them as they come."""
    if order is None:
        yield
        return
    draws, as_they_come = np.random.default_rng(order), columns.read_sql

    def read_sql(*question: Any, **more: Any) -> list[Any]:
        answer = as_they_come(*question, **more)
        places = draws.permutation(len(answer[0]))
        return [column[places] for column in answer]

    with mock.patch.object(columns, "read_sql", read_sql), mock.patch.object(gaps, "read_sql", read_sql):
        yield


def written(using: str, order: int | None, **request: Any) -> World:
    """What the database holds after a seed that is then taken back."""
    with rolled_back(using), shuffled(order):
        HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, **request)).run_hybrid_seed()
        return read_world(using)


def different(using: str, **request: Any) -> set[str]:
    """The tables whose rows depend on the order."""
    first, *others = (written(using, order, **request).tables for order in ORDERS)
    return {table for other in others for table in first if other[table] != first[table]}


@given(descriptions, heights, st.sampled_from([0.0, 0.7]))
@settings(max_examples=25)
def test_rows_of_others__in_any_order__lead_to_the_same_rows(
    using: str, description: Description, minimums: dict[str, int], rate: float
) -> None:
    with rolled_back(using):
        build(description, using)
        assert different(using, base=False, minimums=minimums, sizes={"review_rate": rate}) == set()


@given(edits, st.integers(2, 5))
@settings(max_examples=15)
def test_edited_rows__in_any_order__lead_to_the_same_rows(using: str, described: Any, clients: int) -> None:
    with rolled_back(using):
        seeded(using, sizes=SMALL)
        Hand(using).carry_out(described)
        assert different(using, sizes={**SMALL, "clients": clients}, seed="another") == set()


def test_own_rows__in_any_order__lead_to_the_same_rows(using: str) -> None:
    assert different(using, mode="medium") == set()
