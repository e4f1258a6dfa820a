"""Whatever a database held before: one pass leaves nothing short that can be met, and harms nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from databases import on_both
from django.db import transaction
from edits import Hand, edits
from enrichers.small_worlds import run_of
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import MINIMUMS, Short, World, counts, ours, out_of_reach, read_world, short_of
from oracle_rules import broken_rules
from worlds import AS_OF, Description, build, descriptions

from seeding.engine import checks, minimum
from seeding.engine.gaps import find_gap
from seeding.engine.keys import uuids_of
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.verification import with_heights

pytestmark = on_both

MAY_MOVE = {"Conversation": {"last_message_at", "updated_at"}}
SMALL = {"clients": 3, "therapists": 2, "admins": 1, "moderators": 1, "communities": 3}
EXAMPLES = {"default": 48, "postgres": 12}
heights = st.dictionaries(st.sampled_from(sorted(MINIMUMS)), st.integers(0, 4), max_size=4)
many_hearts = st.fixed_dictionaries({"client.hearts": st.integers(5, 60)})


@contextmanager
def rolled_back(using: str) -> Iterator[None]:
    with transaction.atomic(using=using):
        yield
        transaction.set_rollback(True, using=using)


def asked(using: str, minimums: dict[str, int]) -> HybridSeedOrchestrator:
    request = SeedRequest(seed="properties", as_of=AS_OF, using=using, base=False, minimums=minimums)
    return HybridSeedOrchestrator(request)


def changed(before: World, after: World) -> list[str]:
    """The rows of before that are gone or look different."""
    found = []
    for table, rows in before.tables.items():
        for key, row in rows.items():
            now = after[table].get(key)
            moved = {name for name in row if now is None or now[name] != row[name]} - MAY_MOVE.get(table, set())
            if moved:
                found.append(f"{table} {key}: {'deleted' if now is None else sorted(moved)}")
    return found


def edited(before: World, after: World) -> set[UUID]:
    """The rows of before that look different, as far as they are there."""
    return {
        key for table, rows in after.tables.items() for key in rows if before[table].get(key, rows[key]) != rows[key]
    }


def foreign(before: World, after: World) -> list[str]:
    """New rows that do not say that the toolkit made them."""
    return [
        f"{table} {key}"
        for table, rows in after.tables.items()
        for key in rows.keys() - before[table].keys()
        if not ours(key)
    ]


def excess(short: Short, reach: Short) -> dict[str, dict[UUID, int]]:
    """What is short although it could be met, or shorter than it had to be."""
    found = {}
    for key, lacking in short.items():
        wrong = {row: has for row, has in lacking.items() if row not in reach[key] or has < reach[key][row]}
        if wrong:
            found[key] = wrong
    return found


def newly_broken(before: World, after: World, theirs: Collection[UUID]) -> list[str]:
    """Breaches of rules by rows that broke none before."""
    broken = broken_rules(after, AS_OF, theirs)
    known = {breach.partition(":")[0] for breach in broken and broken_rules(before, AS_OF, theirs)}
    return [breach for breach in broken if breach.partition(":")[0] not in known]


def assert_one_pass_is_enough(using: str, minimums: dict[str, int], theirs: Collection[UUID] = ()) -> None:
    before = read_world(using)
    report = asked(using, minimums).run_hybrid_seed()
    after = read_world(using)
    short = short_of(after, minimums)

    assert changed(before, after) == []
    assert foreign(before, after) == []
    assert newly_broken(before, after, theirs) == []
    assert excess(short, out_of_reach(before, after, minimums)) == {}
    said = {check.key: check.short for check in report.verification.minimums}
    assert said == {key: len(rows) for key, rows in short.items()}
    assert all(check.met or check.why for check in report.verification.minimums)
    assert report.satisfied == (not any(short.values()))
    assert report.rows == after.size - before.size
    tables = {table: len(after[table]) - len(before[table]) for table in after.tables}
    added = {table: rows for result in report.enrichment for table, rows in result.added.items()}
    assert added == {table: rows for table, rows in tables.items() if rows}

    again = asked(using, minimums).enrich_all_tables()
    assert {result.table: result.rows for result in again if result.rows} == {}
    assert read_world(using).tables == after.tables


def assert_counts_agree(using: str, minimums: dict[str, int]) -> None:
    world = read_world(using)
    counted, short = counts(world), short_of(world, minimums)
    for key, one in with_heights(minimums).items():
        for few in (0, minimum.FEW):
            with mock.patch.object(minimum, "FEW", few), mock.patch.object(checks, "FINDINGS", 1000):
                gap, check = find_gap(run_of(using), one), checks.check_minimum(using, one)
            assert dict(zip(uuids_of(gap.ids), gap.has.tolist(), strict=True)) == short[key], key
            assert (check.rows, check.short) == (len(counted[key]), len(short[key])), key
            assert {UUID(finding.row): finding.has for finding in check.findings} == short[key], key


def test_one_pass__any_database__leaves_nothing_short_that_can_be_met(using: str) -> None:
    @settings(max_examples=EXAMPLES[using])
    @given(descriptions, st.just({}) | heights | many_hearts)
    def holds(described: Description, minimums: dict[str, int]) -> None:
        with rolled_back(using):
            build(described, using)
            assert_one_pass_is_enough(using, minimums)

    holds()


@pytest.mark.parametrize("seeded", [{}, {"enrich": False}], ids=["enriched", "base_only"])
def test_one_pass__a_seeded_database_people_worked_in__leaves_nothing_short_that_can_be_met(
    using: str, seeded: dict[str, bool]
) -> None:
    HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, sizes=SMALL, **seeded)).run_hybrid_seed()
    before = read_world(using)

    @settings(max_examples=EXAMPLES[using] // 4)
    @given(edits, heights)
    def holds(described: list[Any], minimums: dict[str, int]) -> None:
        with rolled_back(using):
            Hand(using).carry_out(described)
            assert_one_pass_is_enough(using, minimums, edited(before, read_world(using)))

    holds()


def test_counts__any_database__are_those_of_the_oracle(using: str) -> None:
    @settings(max_examples=EXAMPLES[using] // 2)
    @given(descriptions, heights)
    def holds(described: Description, minimums: dict[str, int]) -> None:
        with rolled_back(using):
            build(described, using)
            assert_counts_agree(using, minimums)

    holds()
