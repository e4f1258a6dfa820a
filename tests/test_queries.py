"""An enricher asks the database a number of questions that does not depend on how many subjects there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from databases import on_both
from django.apps import apps
from django.db import connections
from django.test.utils import CaptureQueriesContext
from enrichers.small_worlds import World
from test_properties import rolled_back
from worlds import AS_OF, Description, build

from mentara.models import Post
from seeding.engine.checks import check_minimum
from seeding.engine.gaps import find_gap
from seeding.engine.kept import Kept
from seeding.engine.keys import BASE, id_range
from seeding.engine.minimum import Minimum, Rows
from seeding.engine.run import Run
from seeding.legacy import GENERATORS
from seeding.orchestrator import TIERS, HybridSeedOrchestrator, enrich_table
from seeding.request import SeedRequest
from seeding.requirements import THERAPISTS
from seeding.world.communities import Memberships, Posts, communities, memberships, posts
from seeding.world.people import people

pytestmark = on_both

ORDERED = [enricher for tier in TIERS for enricher in tier]
TRANSACTIONS = ("SAVEPOINT", "RELEASE SAVEPOINT")


def gaps(clients: int) -> Description:
    """A database in which everything is missing, for so many clients and a fifth as many therapists and posts."""
    some = range(clients // 5)
    return Description(
        clients=[(400.0, True, True)] * clients,
        therapists=[(500.0, True, True, "APPROVED", "Asia/Manila", 50, ["anxiety"]) for _ in some],
        moderators=[(500.0, True, True)] * 2,
        admins=[(500.0, True, True)] * 2,
        communities=[(600.0,)] * 4,
        memberships=[(number, number, True, 300.0) for number in range(clients)],
        posts=[(number, number, 100.0) for number in some],
        relationships=[(number, number, True, 200.0) for number in some],
        meetings=[(number, number, "COMPLETED", 50.0 + number, 50, True) for number in some],
        conversations=[("GROUP", 150.0, [(number, 140.0, True)]) for number in some],
        assessments=[(number, 91.0) for number in some],
    )


def queries(using: str, clients: int) -> dict[str, set[str]]:
    """What each enricher asks while it fills the gaps around so many clients, and when all are filled.

    The same statement with the same parameters counts once, as does a bulk insert in several parts; what is
    asked anew for each subject has other parameters each time.
    """
    found = {}
    with rolled_back(using):
        build(gaps(clients), using)
        run = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, base=False)).run
        for phase in ("filling", "satisfied"):
            for enricher in ORDERED:
                with CaptureQueriesContext(connections[using]) as captured:
                    result = enricher(run).enrich()
                assert (result.rows > 0) == (phase == "filling"), enricher.__name__
                asked = {query["sql"] for query in captured if not query["sql"].startswith(TRANSACTIONS)}
                found[f"{enricher.__name__} {phase}"] = asked
    return found


def test_enrichers__more_subjects__ask_no_more(using: str) -> None:
    few, many, most = (queries(using, clients) for clients in (10, 60, 300))
    more = {
        name: (len(few[name]), len(many[name]), len(most[name]))
        for name in few
        if not len(few[name]) >= len(many[name]) >= len(most[name])
    }
    assert more == {}
    assert max(map(len, many.values())) <= 40
    assert all(len(asked) <= 8 for name, asked in many.items() if name.endswith("satisfied"))


def test_gaps__kept_while_enrichers_write__are_as_asked_anew(using: str) -> None:
    with rolled_back(using):
        build(gaps(20), using)
        run = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, base=False)).run
        keeping = replace(run, kept=Kept())
        for enricher in (None, *ORDERED):
            if enricher:
                enricher(keeping).enrich()
            for minimum in run.minimums.values():
                kept, anew = find_gap(keeping, minimum), find_gap(run, minimum)
                assert [*zip(kept.ids, kept.has, strict=True)] == [*zip(anew.ids, anew.has, strict=True)], minimum.key


def test_members_and_posts__kept_while_a_world_grows__are_as_asked_anew(using: str) -> None:
    def read(one: Run) -> tuple[Memberships, Posts]:
        members = memberships(one, people(one), communities(one))
        return members, posts(one, members.people, members.communities)

    with rolled_back(using):
        HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, sizes={"clients": 4})).run_hybrid_seed()
        run = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, sizes={"clients": 9})).run
        keeping = replace(run, kept=Kept())
        for step in (*GENERATORS, *(partial(enrich_table, enricher) for enricher in ORDERED)):
            step(keeping)
            for kept, anew in zip(read(keeping), read(run), strict=True):
                assert [column.tolist() for column in kept.columns] == [column.tolist() for column in anew.columns]
        posts_there = Post.objects.using(using)
        assert len(read(run)[1].base) == posts_there.filter(pk__range=id_range(BASE)).count() < posts_there.count()


def test_next_run__somebody_has_signed_up__looks_only_for_who_is_short_of_what_somebody_is() -> None:
    HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).run_hybrid_seed()
    World("default").client()
    with CaptureQueriesContext(connections["default"]) as captured:
        report = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).run_hybrid_seed()
    assert report.satisfied
    assert {check.short for check in report.audit} == {0, 1}
    looked = [query["sql"] for query in captured if "held WHERE n <" in query["sql"]]
    assert 0 < len(looked) <= 1.5 * sum(check.short for check in report.audit)
    assert not any('FROM "Therapist"' in sql for sql in looked)


@pytest.mark.parametrize(("mode", "counted"), [("light", False), ("heavy", True)])
def test_postgres__tables_that_have_grown__are_counted_so_that_plans_fit(mode: str, counted: bool) -> None:
    def times_counted() -> int:
        with connections["postgres"].cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT analyze_count FROM pg_stat_user_tables WHERE relname = 'Message'")
            times: int = cursor.fetchone()[0]
            return times

    before = times_counted()
    HybridSeedOrchestrator(SeedRequest(mode=mode, as_of=AS_OF, using="postgres")).run_hybrid_seed()
    assert (times_counted() > before) == counted


@pytest.mark.parametrize(
    ("rows", "apart"),
    [
        (Rows("mentara.ConversationParticipant", {"user__role__in": ("moderator", "admin")}), False),
        (Rows("mentara.User", {"client_profile__isnull": True}), False),
        (Rows("mentara.Conversation", {"participants__user__role": "client"}), True),
    ],
)
def test_rows__of_a_join__are_named_once_and_looked_up_apart_only_where_it_could_repeat_them(
    rows: Rows, apart: bool
) -> None:
    HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).run_hybrid_seed()
    found = rows.query("default")
    assert ("EXISTS" in str(found.query)) == apart
    assert found.count() == len(set(found.values_list("pk", flat=True))) > 0


def steps(work: Callable[[], object]) -> int:
    """How many thousand steps SQLite takes for some work."""
    counted = []
    connections["default"].ensure_connection()
    driver = connections["default"].connection
    driver.set_progress_handler(lambda: counted.append(1), 1000)
    try:
        work()
    finally:
        driver.set_progress_handler(None, 0)
    return len(counted)


def checked(run: Run, minimum: Minimum) -> object:
    return check_minimum(run.using, minimum)


@pytest.mark.parametrize("looks", [find_gap, checked])
def test_sqlite__one_therapist_has_all_relationships__not_all_sessions_are_looked_at_for_each(
    looks: Callable[[Run, Minimum], object],
) -> None:
    """Which of two indexes SQLite takes depends on their order, and a large load makes them anew."""
    newer = "meeting_therapist_start_idx"

    def taken(clients: int) -> int:
        with rolled_back("default"), connections["default"].cursor() as cursor:
            some = [(number, 0, True, 200.0) for number in range(clients)]
            held = [(number, 0, "COMPLETED", 50.0 + number, 50, True) for number in range(clients)]
            build(replace(gaps(clients), relationships=some, meetings=held), "default")
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [newer])
            (made,) = cursor.fetchone()
            cursor.execute(f"DROP INDEX {newer}")
            cursor.execute(made)
            run = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).run
            return steps(lambda: looks(run, run.minimums["relationship.meetings"]))

    few, many = taken(200), taken(800)
    assert 0 < many < 6 * few


def test_rows__of_which_a_path_leads_to_other_rows__are_looked_up_without_the_table_between() -> None:
    HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).run_hybrid_seed()
    seats = apps.get_model("mentara.ConversationParticipant")._default_manager
    of_therapists = seats.filter(user__therapist_profile__status="APPROVED")
    for rows, expected in (
        (
            Rows("mentara.Conversation", {"participants__user": THERAPISTS}),
            of_therapists.values_list("conversation_id"),
        ),
        (Rows("mentara.ConversationParticipant", {"user": THERAPISTS}), of_therapists.values_list("pk")),
    ):
        found = rows.query("default")
        assert '"User"' not in str(found.query)
        assert 0 < found.count() < rows.model_class()._default_manager.count()
        assert set(found.values_list("pk")) == set(expected)
