"""Set operations on arrays and reading in blocks, held against what a loop would do."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import replace
from unittest import mock
from uuid import uuid4

import numpy as np
import pytest
from databases import on_both, on_postgres
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from enrichers.small_worlds import World, run_of
from hypothesis import given
from hypothesis import strategies as st
from programs import ROOT
from seeded import seeded
from worlds import AS_OF

from mentara.models import Comment, CommunityMember, Heart, Post, Therapist, TherapistAvailability, User
from seeding.engine import columns, keys, pairs, postgres_writer
from seeding.engine.checks import check_minimum
from seeding.engine.columns import TEXT, TIME, UUID, read
from seeding.engine.gaps import Gap, find_gap, measure_gap
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
from seeding.engine.ids import existing
from seeding.engine.kept import Kept
from seeding.engine.keys import Draws, along, ids_of, interpolate, is_base, keys_of
from seeding.engine.pairs import Codes, Matching, needed
from seeding.enrichers.memberships import MembershipsEnricher
from seeding.enrichers.relationships import RelationshipsEnricher
from seeding.legacy.base import Base
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.requirements import MINIMUMS
from seeding.world.people import people

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


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["+00:00", "-05:30", "Z"])
def test_read__times_stored_with_a_zone__are_the_instants_they_are(zone):
    world = World("default")
    when = dt.datetime.fromisoformat(f"2026-01-31 23:30:00.5{zone}")
    for stored in (None, f"2026-01-31 23:30:00.5{zone}"):
        with connection.cursor() as cursor:
            cursor.execute('UPDATE "User" SET "lastLoginAt" = %s WHERE id = %s', [stored, world.client().pk.hex])
    found = read(User.objects.filter(role="client"), pk=UUID, last_login=TIME, created_at=TIME)
    assert sorted(found.last_login.tolist()) == [columns.MISSING, columns.micros(when)]


@on_both
@pytest.mark.parametrize("name", ["Ana", "", "Zoë\nO'Neil", "a\x1fb"])
@pytest.mark.parametrize("block", [1, 100_000])
def test_read__texts_and_times__come_as_they_are_stored(using, name, block):
    world = World(using)
    clients = [world.client() for _ in range(20)]
    User.objects.using(using).filter(pk=clients[3].pk).update(first_name=name)
    with mock.patch.object(columns, "_BLOCK", block):
        found = read(User.objects.using(using), pk=UUID, first_name=TEXT, created_at=TIME)
    stored = User.objects.using(using).order_by("pk").values_list("pk", "first_name", "created_at")
    assert keys.uuids_of(found.pk) == [pk for pk, _, _ in stored]
    assert found.first_name.tolist() == [text for _, text, _ in stored]
    assert found.created_at.tolist() == [columns.micros(when) for *_, when in stored]


@on_both
@pytest.mark.parametrize(("kept", "written", "seen"), [(False, "Post", 2), (True, "Post", 1), (True, "User", 2)])
def test_people__somebody_comes_meanwhile__are_as_read_until_the_run_itself_writes_some(using, kept, written, seen):
    world, run = World(using), replace(run_of(using), kept=Kept() if kept else None)
    world.client()
    people(run)
    world.client()
    run.wrote(written)
    found = people(run)
    assert len(found) == seen
    assert found.ids.flags.writeable != kept


@on_both
@pytest.mark.parametrize(("written", "short"), [("Heart", 2), ("CommunityMember", 1), ("Client", 1)])
def test_gap__filled_meanwhile_by_somebody_else__is_as_read_until_the_run_writes_what_it_counts(using, written, short):
    world, run = World(using), replace(run_of(using), kept=Kept())
    minimum = run.minimums["client.communityMemberships"]
    member, _ = (world.client().user for _ in range(2))
    assert measure_gap(run, minimum) == measure_gap(replace(run, large=True), minimum) == (2, 2, 2)
    world.community(member)
    run.wrote(written)
    assert measure_gap(run, minimum) == (2, short, short)
    assert measure_gap(replace(run, large=True), minimum) == (2, 1, 1)


@on_both
@pytest.mark.parametrize(
    ("key", "height", "asked_again"),
    [
        ("post.hearts", 1, False),
        ("post.hearts", 0, False),
        ("relationship.meetings", 1, True),
        ("client.messagesPerConversation", 1, True),
    ],
)
def test_gap__the_run_adds_subjects__has_those_that_are_short(using, key, height, asked_again):
    world, run = World(using), replace(run_of(using, {key: height}), kept=Kept())
    client, therapist, staff = world.client(), world.therapist(), world.user("moderator")
    place = world.community(client.user)
    world.meet(client, therapist)
    find_gap(run, run.minimums[key])

    made = [
        world.make(Post, user=client.user, community=place, title="On tea", content="Tea."),
        world.relate(client, therapist),
        world.talk("DIRECT", therapist.user, staff),
    ]
    with CaptureQueriesContext(connections[using]) as captured:
        for one in made:
            run.wrote(one._meta.db_table, ids_of([one.pk]))
        kept = find_gap(run, run.minimums[key])
    assert using == "postgres" or bool(len(captured)) == asked_again
    anew = find_gap(run_of(using, {key: height}), run.minimums[key])
    assert (kept.ids.tolist(), kept.has.tolist()) == (anew.ids.tolist(), anew.has.tolist())
    assert len(kept) == (key == "post.hearts" and height)


@on_both
def test_gap__of_any_height__is_measured_in_rows_and_read_in_the_order_of_ids(using):
    world, run = World(using), replace(run_of(using), kept=Kept())
    posts = run.minimums["client.posts"]

    def measured(height):
        asked = replace(posts, at_least=height)
        assert measure_gap(run, asked) == measure_gap(replace(run, large=True), asked)
        return measure_gap(run, asked)

    assert measured(5) == (0, 0, 0)
    author, *_ = (world.client().user for _ in range(9))
    world.make(Post, user=author, community=world.community(author), title="On tea", content="Tea.")
    for table in ("Client", "Post"):
        run.wrote(table)
    assert [measured(height) for height in (5, 1, 0)] == [(9, 9, 44), (9, 8, 8), (9, 0, 0)]
    found = find_gap(run, posts).ids.tolist()
    assert found == sorted(found)


@on_both
def test_gap__of_days__counts_several_windows_of_a_day_once(using):
    world, run = World(using), run_of(using)
    therapist = world.therapist()
    for opens, closes in (("09:00", "11:00"), ("13:00", "15:00")):
        hours = {"day_of_week": "MONDAY", "start_time": opens, "end_time": closes, "timezone": "Asia/Manila"}
        world.make(TherapistAvailability, therapist=therapist, is_available=True, **hours)
    assert find_gap(run, run.minimums["therapist.availabilityDays"]).has.tolist() == [1]


def test_gap__people_asked_about__need_what_they_are_short_of_and_others_nothing():
    short, enough, new = (bytes([at]) * 16 for at in (1, 2, 3))
    gap = Gap("client.posts", of_kind("ids", [short, new]), np.array([2, 0]), 5)
    assert gap.needed_by(of_kind("ids", [short, enough])).tolist() == [3, 0]
    assert gap.needed_by(of_kind("ids", [])).tolist() == []
    assert [gap.among(of_kind("ids", [one])).needs.tolist() for one in (short, enough, new)] == [[3], [], [5]]


@on_both
@pytest.mark.parametrize(("few", "large"), [(0, False), (2, False), (3, False), (3, True)])
def test_narrowed__few_or_many_ids__leaves_the_rows_they_lead_from(using, few, large):
    world = World(using)
    members = [world.client().user for _ in range(4)]
    ours = world.community(*members)
    theirs = world.community(*(world.client().user for _ in range(3)), slug="sleep")
    run = replace(run_of(using), large=large)
    asked = {"user_id": np.sort(keys.ids_of([members[1].pk, members[3].pk])), "community_id": keys.ids_of([theirs.pk])}
    with mock.patch.object(columns, "FEW", few):
        rows = columns.narrowed(run, CommunityMember.objects.using(using), **asked)
    found = set(rows.values_list("user_id", "community_id"))
    everything = set(CommunityMember.objects.using(using).values_list("user_id", "community_id"))
    mine = {(members[1].pk, ours.pk), (members[3].pk, ours.pk)} | {row for row in everything if row[1] == theirs.pk}
    assert len(mine) == 5 < len(everything)
    assert found == (mine if few == 3 and not large else everything)


@on_both
def test_narrowed__by_paths_through_other_tables__leaves_the_rows_that_either_leads_from(using):
    seeded(using)
    run, everything = run_of(using), Comment.objects.using(using).select_related("post", "parent")
    answered = [row for row in everything if row.parent is not None]
    about = {answered[0].post.user_id, answered[-1].parent.user_id}
    whom = np.sort(keys.ids_of(about))
    rows = columns.narrowed(run, Comment.objects.using(using), post__user=whom, parent__user=whom)
    mine = {row.pk for row in everything if {row.post.user_id, row.parent and row.parent.user_id} & about}
    assert {row.pk for row in rows} == mine
    assert len(rows) == len(mine) < len(everything)


@on_both
@pytest.mark.parametrize("minimum", MINIMUMS, ids=[one.key for one in MINIMUMS])
def test_gap__subjects_few_or_many__is_the_same(using, minimum, monkeypatch):
    seeded(using, enrich=False)
    raised = replace(minimum, at_least=30)
    few, counted = find_gap(run_of(using), raised), check_minimum(using, raised)
    monkeypatch.setattr("seeding.engine.minimum.FEW", 0)
    many = find_gap(run_of(using), raised)
    assert len(many) > 0
    assert (few.ids.tolist(), few.has.tolist()) == (many.ids.tolist(), many.has.tolist())
    assert check_minimum(using, raised).short == counted.short == len(many)


@pytest.mark.django_db
def test_existing__many_ids_in_falling_order__are_all_found(monkeypatch):
    world = World("default")
    there = np.sort(keys.ids_of([world.user("client").pk for _ in range(5)]))[::-1]
    monkeypatch.setattr("seeding.engine.ids._MANY", 0)
    assert existing("default", User, there).all()


@on_both
def test_missing__many_rows_of_a_large_load__are_looked_for_by_one_query(using, monkeypatch):
    seeded(using)
    asking = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using))
    base = Base(replace(asking.run, large=True), asking.sizes, "base")
    there = ids_of(Heart.objects.using(using).order_by("pk").values_list("pk", flat=True))
    theirs = there[is_base(there)]
    monkeypatch.setattr("seeding.legacy.base.AT_ONCE", 2)
    with CaptureQueriesContext(connections[using]) as asked:
        missing = base.missing("mentara.Heart", np.r_[theirs[::-1], keys.ids_of([uuid4()])])
    assert len(asked) <= 1  # on PostgreSQL it is asked past Django
    assert missing.tolist() == [False] * len(theirs) + [True]
    assert len(theirs) > 2


@on_postgres
def test_insert__amounts_of_any_length__are_as_postgresql_reads_them(using):
    cents = np.array([0, 7, 150_000, 999_999, 1_000_000, 1_234_567, 99_999_999])
    with connections[using].cursor() as cursor:
        cursor.execute('CREATE TEMPORARY TABLE "Therapist" ("hourlyRate" numeric(10, 2))')
        field = Therapist._meta.get_field("hourly_rate")
        postgres_writer.insert(using, Therapist, [field], {"hourly_rate": cents}, len(cents))
        cursor.execute('SELECT "hourlyRate" * 100 FROM "Therapist"')
        assert [hundredfold for (hundredfold,) in cursor.fetchall()] == cents.tolist()


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
