"""Set operations on arrays, held against what a loop would do."""

from __future__ import annotations

import subprocess
import sys
from unittest import mock

import numpy as np
import pytest
from databases import on_both
from enrichers.small_worlds import World, run_of
from hypothesis import given
from hypothesis import strategies as st
from programs import ROOT

from seeding.engine import keys, pairs
from seeding.engine.grouping import (
    WeightedGroups,
    distinct,
    find,
    first_of_each,
    in_order,
    is_in,
    pair_by_group,
    rank_within,
)
from seeding.engine.keys import Draws, along, interpolate, keys_of
from seeding.engine.pairs import Codes, Matching, needed
from seeding.enrichers.memberships import MembershipsEnricher
from seeding.enrichers.relationships import RelationshipsEnricher

small = st.integers(-3, 3)
numbers = st.one_of(small, st.integers(-(2**63), 2**63 - 1))
halves = st.sampled_from([b"\0" * 7 + b"\1", b"\xff" * 8, b"abcdefgh", b"zbcdefgh"])
ids = st.builds(bytes.__add__, halves, halves)


def of_kind(kind: str, values: list) -> np.ndarray:
    if kind == "ids":
        return np.array(values, dtype="S16")
    return np.array(values, dtype=np.int64).astype(kind)


@given(st.one_of(
    st.tuples(st.just("int64"), st.lists(numbers)),
    st.tuples(st.just("int32"), st.lists(small)),
    st.tuples(st.just("uint64"), st.lists(small)),
    st.tuples(st.just("ids"), st.lists(ids)),
))  # fmt: skip
def test_in_order__any_values__sorts_as_a_stable_sort_does(case):
    values = of_kind(*case)
    assert in_order(values).tolist() == np.argsort(values, kind="stable").tolist()


@given(st.one_of(
    st.tuples(st.just("int64"), st.lists(st.one_of(small, numbers))),
    st.tuples(st.just("uint64"), st.lists(small)),
    st.tuples(st.just("ids"), st.lists(ids)),
), st.data())  # fmt: skip
def test_distinct__any_values__has_each_once_and_knows_its_first_row(case, data):
    kind, values = case
    column = of_kind(kind, values)
    once = distinct(column).tolist()
    assert once == sorted(set(column.tolist()))
    assert first_of_each(column).tolist() == [column.tolist().index(one) for one in once]
    known = data.draw(st.lists(st.sampled_from(values), max_size=5)) if values else []
    expected = [one in of_kind(kind, known).tolist() for one in column.tolist()]
    assert is_in(column, of_kind(kind, known)).tolist() == expected


@given(st.lists(st.tuples(small, small)))
def test_rank_within__any_groups__counts_up_in_each(rows):
    groups, order = (np.array(column, dtype=np.int64) for column in (zip(*rows, strict=True) if rows else ([], [])))
    expected = [
        sum((other, at) < (mine, here) for at, (group, other) in enumerate(rows) if group == own)
        for here, (own, mine) in enumerate(rows)
    ]
    assert rank_within(groups, order).tolist() == expected


@given(st.lists(ids, unique=True), st.lists(ids))
def test_find__ids_that_share_halves__gives_each_its_place(among, wanted):
    among = sorted(among)
    found = find(np.array(wanted, dtype="S16"), np.array(among, dtype="S16"))
    assert found.tolist() == [among.index(one) if one in among else -1 for one in wanted]


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_pair_by_group__both_sides__pairs_the_first_of_each_group_in_their_orders(left, right):
    draws = Draws("pairs")

    def side(groups: list[int], purpose: str) -> tuple[np.ndarray, np.ndarray]:
        rows = np.array(groups, dtype=np.int64)
        return rows, draws.bits(purpose, np.arange(len(rows), dtype=np.uint64))

    (one, one_order), (other, other_order) = side(left, "left"), side(right, "right")
    expected = []
    for group in range(4):
        mine = sorted((row for row, own in enumerate(left) if own == group), key=lambda row: one_order[row])
        yours = sorted((row for row, own in enumerate(right) if own == group), key=lambda row: other_order[row])
        expected += zip(mine, yours, strict=False)
    found = pair_by_group(one, one_order, other, other_order)
    assert list(zip(*(rows.tolist() for rows in found), strict=True)) == sorted(expected)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3))),
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
)
def test_needed__rows_planned_for_both_sides__are_enough_and_none_of_them_is_more_than_it_takes(rows, owed, lacking):
    owner, target = (np.array(side, dtype=np.int64) for side in (zip(*rows, strict=True) if rows else ([], [])))
    kept = needed(owner, target, np.array(owed), np.array(lacking))
    for side, wanted in ((owner, owed), (target, lacking)):
        for one in range(4):
            assert (side[kept] == one).sum() >= min((side == one).sum(), wanted[one])
    for row in np.flatnonzero(kept).tolist():
        has_more = (
            (owner[kept] == owner[row]).sum() > owed[owner[row]],
            (target[kept] == target[row]).sum() > lacking[target[row]],
        )
        assert not all(has_more)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4))))
def test_weighted_groups__every_place__is_a_row_as_often_as_it_weighs(rows):
    group, weight = (np.array(column, dtype=np.int64) for column in (zip(*rows, strict=True) if rows else ([], [])))
    pool = WeightedGroups(group, 3, weight)
    for at in range(3):
        expected = [row for row, (own, times) in enumerate(rows) if own == at for _ in range(times)]
        assert pool.counts[at] == len(expected)
        assert pool.member(np.full(len(expected), at), np.arange(len(expected))).tolist() == expected


heights = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=6)


@given(heights, st.lists(st.floats(0, 1)))
def test_along__any_quantiles_and_ranks__rounds_each_step_as_plain_arithmetic_does(quantiles, ranks):
    steps = len(quantiles) - 1
    ends = np.linspace(0.0, 1.0, steps + 1).tolist()
    for rank, found in zip(ranks, along(tuple(quantiles), np.array(ranks)).tolist(), strict=True):
        at = int(rank * steps)
        if at == steps:
            assert found == quantiles[-1]
        else:
            slope = (quantiles[at + 1] - quantiles[at]) / (ends[at + 1] - ends[at])
            assert found == slope * (rank - ends[at]) + quantiles[at]
            assert interpolate(rank, np.array(ends), np.array(quantiles)) == pytest.approx(found, abs=1e-6)


@given(heights, st.floats(-9, 9))
def test_interpolate__beyond_the_ends__goes_on_level(values, at):
    ends = np.arange(len(values), dtype=np.float64)
    assert interpolate(at, ends, np.array(values)) == pytest.approx(np.interp(at, ends, values), abs=1e-6)


def test_draws__more_keys_than_a_block__are_those_of_each_key_alone(monkeypatch):
    some = keys_of(np.array([bytes([at]) * 16 for at in range(1, 40)], dtype="S16"))
    slots = np.arange(len(some))
    whole = Draws("x").unit("y", some, slots), Draws("x").bits("y", some)
    monkeypatch.setattr(keys, "_BLOCK", 7)
    assert (Draws("x").unit("y", some, slots) == whole[0]).all()
    assert (Draws("x").bits("y", some) == whole[1]).all()


@given(st.lists(st.integers(0, 4), max_size=30), st.lists(st.integers(0, 4), max_size=30), st.booleans())
def test_meet__some_groups_at_a_time__pairs_as_all_at_once(owner_group, target_group, unique):
    def met() -> set[tuple[int, int]]:
        owners, targets = np.arange(len(owner_group)), np.arange(len(target_group))
        plan = Matching(
            Draws("meet"),
            "heart",
            targets * 2 % 7,
            owners.astype(np.uint64),
            targets.astype(np.uint64),
            unique=unique,
        )
        groups = (np.array(group, dtype=np.int64) for group in (owner_group, target_group))
        owner_done, target_done = plan.meet(owners, next(groups), targets, next(groups))
        assert np.flatnonzero(owner_done).tolist() == sorted(plan.owners.tolist())
        assert np.flatnonzero(target_done).tolist() == sorted(plan.targets.tolist())
        return set(zip(plan.owners.tolist(), plan.targets.tolist(), strict=True))

    whole = met()
    with mock.patch.object(pairs, "_BATCH", 1):
        assert met() == whole


@given(st.lists(st.sets(st.integers(-1, 60)), max_size=12), st.lists(st.integers(-2, 61)))
def test_codes__looked_up_and_added_by_turns__are_a_set_in_few_runs(batches, asked):
    codes, known = Codes(), set()
    for batch in batches:
        assert codes.has(np.array(asked, dtype=np.int64)).tolist() == [one in known for one in asked]
        codes.add(np.array(sorted(batch - known, reverse=True), dtype=np.int64))
        known |= batch
    assert codes.has(np.array(asked, dtype=np.int64)).tolist() == [one in known for one in asked]
    assert sum(map(len, codes._runs)) == len(known)
    assert len(codes._runs) <= len(known).bit_length() + 1


@on_both
@pytest.mark.parametrize("sample", [1, 3, 1000])
def test_some_then_all__few_or_many_are_drawn_first__everybody_finds_enough(using, sample):
    world = World(using)
    clients, therapists = [world.client() for _ in range(9)], [world.therapist() for _ in range(5)]
    world.user("moderator")
    world.community(*(client.user for client in clients[:4]))
    world.community(slug="sleep")
    world.relate(clients[0], therapists[0])
    heights = {"client.therapists": 2, "therapist.clientRelationships": 8, "community.members": 12}
    run = run_of(using, heights)
    with mock.patch.object(pairs, "_SAMPLE", sample):
        for enricher in (MembershipsEnricher, RelationshipsEnricher):
            assert enricher(run).enrich().rows
            assert not any(len(enricher(run).gap(key)) for key in enricher.fills)
            assert not enricher(run).enrich().rows


MEMORY = """
import sys
import numpy as np
from seeding.engine.memory import return_large_blocks

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 >> 20

if sys.argv[1] == "returned":
    return_large_blocks()
np.ones(30 << 17)
before = resident()
blocks = [np.ones(1 << 18) for _ in range(40)]
last = blocks.pop()
del blocks
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone keeps so much")
def test_return_large_blocks__arrays_freed_below_one_that_stays__leave_the_process() -> None:
    kept, returned = (
        int(subprocess.run([sys.executable, "-c", MEMORY, how], cwd=ROOT, capture_output=True, check=True).stdout)  # noqa: S603  (our own)
        for how in ("kept", "returned")
    )
    assert kept > 60
    assert returned < 10
