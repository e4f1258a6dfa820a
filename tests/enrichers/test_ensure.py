"""Each enricher's own methods: for one subject, then for all, on a seeded database that is asked for more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from databases import in_turn, on_both
from django.apps import apps
from django.db import transaction
from oracle import World, read_world, short_of
from oracle_rules import broken_rules
from seeded import seeded
from worlds import AS_OF

from seeding import enrichers as e
from seeding.engine.enricher import Enricher
from seeding.engine.errors import UsageError
from seeding.engine.keys import ids_of
from seeding.engine.run import Run
from seeding.models import SeedRun
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest

pytestmark = on_both
METHODS: dict[str, tuple[type[Enricher], dict[str, int]]] = {
    "ensure_user_in_communities": (
        e.MembershipsEnricher, {"client.communityMemberships": 4, "therapist.communityMemberships": 4},
    ),
    "ensure_community_has_members": (e.MembershipsEnricher, {"community.members": 11}),
    "ensure_community_has_moderators": (e.MembershipsEnricher, {"community.moderators": 2}),
    "ensure_client_has_therapist": (e.RelationshipsEnricher, {"client.therapists": 2}),
    "ensure_therapist_has_clients": (e.RelationshipsEnricher, {"therapist.clientRelationships": 5}),
    "ensure_therapist_availability": (e.AvailabilityEnricher, {"therapist.availabilityDays": 7}),
    "ensure_user_has_posts": (e.PostsEnricher, {"client.posts": 8, "therapist.posts": 4}),
    "ensure_community_has_posts": (e.PostsEnricher, {"community.posts": 14}),
    "ensure_client_has_assessments": (e.AssessmentsEnricher, {"client.completedAssessments": 4}),
    "ensure_user_has_comments": (e.CommentsEnricher, {"client.comments": 16, "therapist.comments": 8}),
    "ensure_post_has_comments": (e.CommentsEnricher, {"post.comments": 4}),
    "ensure_user_gives_hearts": (e.HeartsEnricher, {"client.hearts": 12}),
    "ensure_post_has_hearts": (e.HeartsEnricher, {"post.hearts": 3}),
    "ensure_relationship_has_meetings": (e.MeetingsEnricher, {"relationship.meetings": 5}),
    "ensure_therapist_has_meetings": (e.MeetingsEnricher, {"therapist.meetings": 14}),
    "ensure_meeting_has_notes": (e.MeetingsEnricher, {"meeting.notesIfCompleted": 1}),
    "ensure_therapist_has_completed_meetings": (e.MeetingsEnricher, {"therapist.sessionNotes": 5}),
    "ensure_therapist_has_worksheets": (e.WorksheetsEnricher, {"therapist.worksheets": 6}),
    "ensure_client_has_assignments": (e.WorksheetsEnricher, {"relationship.worksheets": 4}),
    "ensure_user_has_conversations": (e.MessagesEnricher, {"client.conversations": 5}),
    "ensure_conversation_has_messages": (e.MessagesEnricher, {"client.messagesPerConversation": 9}),
    "ensure_therapist_has_reviews": (e.ReviewsEnricher, {"therapist.reviewsReceived": 1}),
    "ensure_user_has_notifications": (e.NotificationsEnricher, {"user.notifications": 4}),
    "ensure_admin_has_audit_logs": (e.AuditLogsEnricher, {"admin.auditLogs": 6}),
}  # fmt: skip
LOST = {"ensure_meeting_has_notes": "MeetingNotes", "ensure_therapist_has_reviews": "Review"}
"""No height makes these short again, but rows that are gone."""
BY_RATE = "ensure_completed_meetings_get_reviews"


def asking(using: str, heights: dict[str, int] | None = None, lost: str = "") -> Run:
    """A light seed without one table's rows, and a run that asks for more."""
    seeded(using)
    if lost:
        apps.get_model("mentara", lost)._default_manager.using(using).all().delete()
    return HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, minimums=heights or {})).run


def short(world: World, heights: dict[str, int]) -> set[Any]:
    found = short_of(world, heights)
    return {subject for key in heights for subject in found[key]}


def test_methods__of_all_enrichers__are_these():
    every = {name for enricher in e.ENRICHERS for name in vars(enricher) if name.startswith("ensure_")}
    assert every == {*METHODS, BY_RATE}


@pytest.mark.parametrize(("using", "method"), in_turn(METHODS))
def test_ensure__one_subject_then_all__closes_just_these_gaps(using: str, method: str):
    enricher_class, heights = METHODS[method]
    enricher = enricher_class(asking(using, heights, LOST.get(method, "")))
    ensure = getattr(enricher, method)
    before = read_world(using)
    gaps = short(before, heights)
    one = min(gaps)
    rows = ensure(one)
    between = read_world(using)
    assert rows == between.size - before.size > 0
    assert one not in short(between, heights)
    left, stats = short_of(between, heights), enricher.get_stats()
    assert {key: stats.short[key] for key in heights} == {key: len(left[key]) for key in heights}
    rest = ensure()
    after = read_world(using)
    assert rest == after.size - between.size
    assert short(after, heights) == set()
    assert ensure() == 0
    assert set(broken_rules(after, AS_OF)) <= set(broken_rules(before, AS_OF))  # rows that are gone may be missed


@pytest.mark.parametrize("kind", [np.array, ids_of], ids=["uuids", "ids"])
def test_ensure__an_array_of_uuids_or_ids__fills_for_each(using: str, kind: Any):
    enricher = e.NotificationsEnricher(asking(using, {"user.notifications": 4}))
    users = sorted(short(read_world(using), {"user.notifications": 4}))[:2]
    assert enricher.ensure_user_has_notifications(kind(users)) > 0
    assert not set(users) & short(read_world(using), {"user.notifications": 4})


def test_ensure__more_ids_than_a_statement_can_have__fills_those_that_are_there(using: str):
    enricher = e.WorksheetsEnricher(asking(using, {"relationship.worksheets": 4}))
    one = min(short(read_world(using), {"relationship.worksheets": 4}))
    unknown = np.arange(1, 260_000, dtype=">u8").view("S8").astype("S16")
    assert enricher.ensure_client_has_assignments(np.concatenate([ids_of([one]), unknown])) > 0
    assert one not in short(read_world(using), {"relationship.worksheets": 4})
    assert enricher.ensure_client_has_assignments() > 0


@pytest.mark.parametrize(
    ("subject", "named"), [("5eed0000-0000-8000-8000-000000000000", "'5eed0000-.*'"), (7, "7"), ([None], "None")]
)
def test_ensure__neither_a_row_nor_a_uuid__is_refused_in_words(subject: Any, named: str):
    with pytest.raises(UsageError, match=f"^{named} is neither a row nor a UUID"):
        e.PostsEnricher(asking("default")).ensure_user_has_posts(subject)


@pytest.mark.parametrize("table", ["Post", "Community"])
def test_ensure__a_row_of_another_table__is_refused_in_words(table: str):
    run = asking("default", {"client.posts": 8})
    row = apps.get_model("mentara", table)._default_manager.using("default").first()
    with pytest.raises(UsageError, match=rf"is a {table}; give one of Client or Therapist"):
        e.PostsEnricher(run).ensure_user_has_posts(row)
    with pytest.raises(UsageError, match=rf"is a {table}; give one of Client or ClientTherapist"):
        e.WorksheetsEnricher(run).ensure_client_has_assignments([row])


@pytest.mark.parametrize(
    ("enricher", "method", "table", "wanted"),
    [
        (e.AssessmentsEnricher, "ensure_client_has_assessments", "Therapist", "Client"),
        (e.AuditLogsEnricher, "ensure_admin_has_audit_logs", "Client", "Admin"),
        (e.ReviewsEnricher, "ensure_therapist_has_reviews", "Client", "Therapist"),
        (e.PostsEnricher, "ensure_user_has_posts", "Moderator", "Client or Therapist"),
    ],
)
def test_ensure__a_profile_of_another_role__is_refused_in_words(
    enricher: type[Enricher], method: str, table: str, wanted: str
):
    run = asking("default")
    row = apps.get_model("mentara", table)._default_manager.using("default").first()
    with pytest.raises(UsageError, match=rf"is a {table}; give one of {wanted}, several, or None for all"):
        getattr(enricher(run), method)(row)


@pytest.mark.parametrize("table", ["User", "Client"])
def test_ensure__somebody_who_is_told_of_things__may_be_named_by_either_row(table: str, using: str):
    run = asking(using, {"user.notifications": 4})
    clients = set(apps.get_model("mentara", "Client").objects.using(using).values_list("pk", flat=True))
    who = min(clients & short(read_world(using), {"user.notifications": 4}))
    row = apps.get_model("mentara", table).objects.using(using).get(pk=who)
    assert e.NotificationsEnricher(run).ensure_user_has_notifications(row) > 0


@pytest.mark.parametrize("table", ["User", "Client"])
def test_ensure__an_account_or_its_profile__is_the_same_person(table: str, using: str):
    run = asking(using, {"client.posts": 8})
    who = min(short(read_world(using), {"client.posts": 8}))
    assert e.PostsEnricher(run).ensure_user_has_posts(apps.get_model("mentara", table).objects.using(using).get(pk=who))
    assert who not in short(read_world(using), {"client.posts": 8})


@pytest.mark.parametrize("rate", [-0.1, 1.5, 40, float("nan")])
def test_ensure__no_share_of_sessions__is_refused_in_words(rate: float):
    with pytest.raises(UsageError, match="is no share of the completed sessions"):
        e.ReviewsEnricher(asking("default")).ensure_completed_meetings_get_reviews(rate)


def test_ensure__a_share_of_sessions__is_reviewed_and_asks_nothing_of_the_next_call(using: str):
    run = asking(using, lost="Review")
    enricher = e.ReviewsEnricher(run)
    completed = [row for row in read_world(using).rows("Meeting") if row["status"] == "COMPLETED"]
    assert enricher.ensure_completed_meetings_get_reviews(1.0) == len(completed) > 3
    apps.get_model("mentara.Review").objects.using(using).all().delete()
    assert enricher.ensure_therapist_has_reviews(completed[0]["therapist_id"]) == 1


def test_validate_and_stats__rows_are_missing_and_wrong__say_which(using: str):
    enricher = e.PostsEnricher(asking(using))
    posts = apps.get_model("mentara.Post").objects.using(using)
    found = enricher.validate()
    assert (found.table, found.valid, found.broken) == ("Post", True, ())
    stats = enricher.get_stats()
    assert (stats.table, stats.rows, stats.seeded) == ("Post", posts.count(), posts.count())
    assert set(stats.short.values()) == {0}

    author = posts.filter(user__role="client").earliest("created_at").user_id
    posts.filter(user_id=author).delete()
    posts.filter(pk=posts.first().pk).update(created_at="2031-01-01T00:00:00+00:00")
    found = enricher.validate()
    assert not found.valid
    assert {"T2"} <= {one.rule for one in found.broken}
    assert "client.posts" in {check.key for check in found.minimums if check.short}
    assert enricher.get_stats().short == {check.key: check.short for check in found.minimums}


@pytest.mark.parametrize(("using", "enricher"), in_turn(e.ENRICHERS))
def test_get_stats__of_each_table__counts_its_own_rows(using: str, enricher: type[e.Enricher]):
    stats = enricher(asking(using)).get_stats()
    assert stats.rows == stats.seeded == apps.get_model(f"mentara.{enricher.table}").objects.using(using).count() > 0


def test_write__in_a_transaction_rolled_back__is_noted_when_it_is_done_again(using: str):
    enricher = e.PostsEnricher(asking(using, lost="Post"))
    SeedRun.objects.using(using).all().delete()
    with transaction.atomic(using=using):
        first = enricher.ensure_user_has_posts()
        transaction.set_rollback(True, using=using)
    assert SeedRun.objects.using(using).count() == 0
    assert enricher.ensure_user_has_posts() == first > 0
    assert SeedRun.objects.using(using).count() == 1


@pytest.mark.parametrize(
    ("using", "mode", "rate"), [("default", "light", 0.4), ("postgres", "medium", 0.6), ("default", "heavy", 0.7)]
)
def test_reviews__of_the_base_and_of_enrichment__together_are_the_mode_s_share(using: str, mode: str, rate: float):
    sizes = {"clients": 400, "therapists": 60}
    only = ("ClientTherapist", "TherapistAvailability", "Meeting", "Review")
    HybridSeedOrchestrator(SeedRequest(mode=mode, sizes=sizes, as_of=AS_OF, using=using, only=only)).run_hybrid_seed()
    completed = apps.get_model("mentara.Meeting").objects.using(using).filter(status="COMPLETED").count()
    assert completed > 300
    reviews = apps.get_model("mentara.Review").objects.using(using).count()
    assert reviews / completed == pytest.approx(rate, abs=0.04)
