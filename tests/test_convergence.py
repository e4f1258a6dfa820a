"""Runs end in the same place: repeated, later, after losses, after being killed, and side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import alias_for, crossed, on_both
from django.apps import apps
from edits import Hand, edits
from enrichers.small_worlds import World as Newcomers
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import World, read_world, short_of
from oracle_rules import broken_rules
from programs import LIGHT, LIKE_TESTS, Databases, finish, killed, start
from seeded import seeded
from test_properties import SMALL, changed, rolled_back
from worlds import AS_OF

from seeding.engine.keys import GAP, id_range
from seeding.engine.reports import HybridSeedReport, Progress
from seeding.enrichers.assessments import AssessmentsEnricher
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.requirements import MINIMUMS

MODELS = {model.__name__: model for model in apps.get_app_config("mentara").get_models()}
SEEDED = sorted(MODELS.keys() - {"Payment", "Invoice"})
PARTS = ("Communities", "Therapy data", "Enrichment", "Posts", "Meetings", "Notifications")
losses = st.dictionaries(
    st.sampled_from(SEEDED), st.lists(st.integers(0, 400), min_size=1, max_size=15), min_size=1, max_size=6
)


def run(using: str, **request: Any) -> HybridSeedReport:
    return HybridSeedOrchestrator(SeedRequest(**{"as_of": AS_OF, "using": using, **request})).run_hybrid_seed()


def added(report: HybridSeedReport) -> Counter[str]:
    return sum((Counter(part.added) for part in (*report.legacy, *report.enrichment)), Counter())


@on_both
@pytest.mark.parametrize("mode", ["light", "medium", "heavy"])
def test_seed__each_mode__meets_every_minimum_and_keeps_every_rule(using: str, mode: str) -> None:
    report = run(using, mode=mode)
    world = read_world(using)
    assert {key: rows for key, rows in short_of(world).items() if rows} == {}
    assert report.satisfied
    assert broken_rules(world, AS_OF) == []
    assert added(report).total() == world.size


@on_both
@pytest.mark.parametrize("seed", ["r1", "r4", "r6", "r9"])
def test_gaps__of_users_posts_and_communities__are_filled_with_no_row_that_both_sides_could_spare(
    using: str, seed: str
) -> None:
    run(using, seed=seed)
    world = read_world(using)
    heights = {minimum.key: minimum.at_least for minimum in MINIMUMS}
    first, last = id_range(GAP)
    approved = {row["user_id"] for row in world.rows("Therapist") if row["status"] == "APPROVED"}
    roles = {
        row["id"]: row["role"] for row in world.rows("User") if row["role"] != "therapist" or row["id"] in approved
    }
    for table, target, told in (
        ("Post", "community_id", "community.posts"),
        ("Comment", "post_id", "post.comments"),
        ("Heart", "post_id", "post.hearts"),
    ):
        rows = world.rows(table)
        by, to = (Counter(row[side] for row in rows) for side in ("user_id", target))
        spare = [
            row["id"]
            for row in rows
            if first <= row["id"] <= last
            and row[target]
            and by[row["user_id"]] > heights.get(f"{roles.get(row['user_id'])}.{told.split('.')[1]}", 0)
            and to[row[target]] > heights[told]
        ]
        assert spare == []


@on_both
@pytest.mark.parametrize("mode", ["light", "medium"])
def test_second_run__the_same_day_and_two_weeks_later__adds_nothing(using: str, mode: str) -> None:
    seeded(using, mode=mode)
    world = read_world(using)
    for later in (timedelta(hours=3), timedelta(days=14)):
        assert added(run(using, mode=mode, as_of=AS_OF + later)) == {}
        assert added(run(using, mode=mode, as_of=AS_OF + later, base=False)) == {}
    assert read_world(using).tables == world.tables


@on_both
@pytest.mark.parametrize("again", ["the whole run", "one enricher"])
def test_an_orchestrator_asked_again__somebody_signed_up_meanwhile__sees_them(using: str, again: str) -> None:
    orchestrator = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using))
    assert orchestrator.run_hybrid_seed().satisfied
    newcomer = Newcomers(using).client()
    if again == "the whole run":
        assert orchestrator.run_hybrid_seed().satisfied
        assert {key: rows for key, rows in short_of(read_world(using)).items() if rows} == {}
    else:
        orchestrator.run_table_enrichment(AssessmentsEnricher)
    assert MODELS["PreAssessment"].objects.using(using).filter(user=newcomer.user_id).exists()


@on_both
def test_larger_mode__over_a_seeded_smaller_one__is_satisfied_and_changes_nothing(using: str) -> None:
    seeded(using)
    before = read_world(using)
    report = run(using, mode="medium")
    after = read_world(using)
    assert report.satisfied
    assert changed(before, after) == []
    assert broken_rules(after, AS_OF) == []
    assert added(run(using, mode="medium")) == {}


def delete(using: str, world: World, lost: dict[str, list[int]]) -> None:
    """Delete the rows of these numbers, counted round, with what hangs on them."""
    for table, numbers in lost.items():
        keys = sorted(world[table])
        chosen = {keys[number % len(keys)] for number in numbers}
        MODELS[table].objects.using(using).filter(pk__in=chosen).delete()


@pytest.mark.parametrize(("using", "examples"), [("default", 12), ("postgres", 4)], ids=["sqlite", "postgres"])
@on_both
def test_another_run__rows_were_deleted__leaves_nothing_short(using: str, examples: int) -> None:
    seeded(using)
    world = read_world(using)

    @settings(max_examples=examples)
    @given(losses)
    def holds(lost: dict[str, list[int]]) -> None:
        with rolled_back(using):
            delete(using, world, lost)
            before = read_world(using)
            report = run(using)
            after = read_world(using)
            assert {key: rows for key, rows in short_of(after).items() if rows} == {}
            assert report.satisfied
            assert changed(before, after) == []
            broken = set(broken_rules(after, AS_OF)) - set(broken_rules(before, AS_OF))
            new = {str(key) for table, rows in after.tables.items() for key in rows.keys() - before[table].keys()}
            assert [breach for breach in broken if breach.split()[2].rstrip(":") in new] == []
            assert added(run(using)) == {}

    holds()


@pytest.mark.parametrize(
    ("kind", "death"),
    [
        ("sqlite", {"kill_at": "Content"}),
        ("postgres", {"kill_at": "Comments"}),
        *((kind, {"kill_after": inserts}) for kind in ("sqlite", "postgres") for inserts in (9, 28)),
    ],
)
def test_next_run__the_first_was_killed__ends_like_an_uninterrupted_one(
    databases: Databases, whole: World, kind: str, death: dict[str, Any], django_db_blocker: Any
) -> None:
    url = databases.fresh(kind)
    assert killed(start(url, {"requests": [LIGHT], **death}, **LIKE_TESTS))
    with alias_for(url, django_db_blocker) as apart:
        run(apart)
        assert read_world(apart).tables == whole.tables


@pytest.fixture(scope="module")
def whole(databases: Databases, django_db_blocker: Any) -> World:
    """Every row after one run that nothing interrupts."""
    with alias_for(databases.fresh("sqlite"), django_db_blocker) as apart:
        seeded(apart)
        return read_world(apart)


def interrupt(using: str, at: str, **request: Any) -> None:
    """Run until this part begins."""

    def listen(progress: Progress) -> None:
        if progress.name == at:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        HybridSeedOrchestrator(SeedRequest(**{"as_of": AS_OF, "using": using, **request}), listen).run_hybrid_seed()


def another_seed(using: str) -> None:
    seeded(using, seed="y")


def hours_closed(using: str) -> None:
    seeded(using)
    MODELS["Meeting"].objects.using(using).all().delete()
    MODELS["TherapistAvailability"].objects.using(using).update(is_available=False)


@on_both
@pytest.mark.parametrize(
    ("using", "at", "before"), crossed(["Therapy data", "Enrichment", "Comments"], [another_seed, hours_closed])
)
def test_next_run__one_over_rows_of_before_was_interrupted__ends_like_an_uninterrupted_one(
    using: str, before: Callable[[str], None], at: str
) -> None:
    with rolled_back(using):
        before(using)
        run(using)
        uninterrupted = read_world(using)
    before(using)
    interrupt(using, at)
    run(using)
    assert read_world(using).tables == uninterrupted.tables


@pytest.mark.parametrize(("using", "examples"), [("default", 5), ("postgres", 2)], ids=["sqlite", "postgres"])
@on_both
def test_next_run__one_over_a_database_people_worked_in_was_interrupted__ends_like_an_uninterrupted_one(
    using: str, examples: int
) -> None:
    seeded(using, sizes=SMALL)

    @settings(max_examples=examples)
    @given(edits, st.sampled_from(PARTS), st.sampled_from(("mentara", "y")), st.integers(2, 5))
    def holds(described: list[Any], at: str, seed: str, clients: int) -> None:
        request = {"seed": seed, "sizes": SMALL | {"clients": clients}}
        with rolled_back(using):
            Hand(using).carry_out(described)
            with rolled_back(using):
                run(using, **request)
                uninterrupted = read_world(using)
            interrupt(using, at, **request)
            run(using, **request)
            assert read_world(using).tables == uninterrupted.tables

    holds()


def test_two_runs__at_once__the_second_waits_and_adds_nothing(databases: Databases, tmp_path: Path, kind: str) -> None:
    url, waits = databases.fresh(kind), str(tmp_path / "waits")
    runs = [start(url, {"requests": [LIGHT], "hold_until": waits, "waits": waits}) for _ in range(2)]
    rows = sorted(finish(process) for process in runs)
    assert rows[0] == [0]
    assert rows[1][0] > 0
    assert Path(waits).exists()
