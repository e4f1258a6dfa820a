"""Rows of others made shortly before as-of: what tells of them is neither older than they are nor after as-of."""

from datetime import timedelta

import pytest
from databases import on_both
from enrichers.small_worlds import AS_OF, DAY, World
from oracle import read_world
from oracle_rules import broken_rules

from mentara import models as m
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.verification import judge

pytestmark = on_both


def test_base__community_younger_than_its_base_members__is_told_of_after_it_was_made():
    World("default").make(m.Community, name="Stress", slug="stress", created_at=AS_OF - 10 * DAY)
    HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).run_hybrid_seed()
    assert judge("default", None) == ()


@pytest.mark.parametrize("seed", ["b", "c", "e"])
def test_audit_log__therapist_decided_half_a_second_ago__is_not_after_as_of(seed):
    world = World("default")
    therapist = world.therapist(by=world.admin())
    m.Therapist.objects.filter(pk=therapist.pk).update(processed_at=AS_OF - timedelta(milliseconds=500))
    world.community(*(world.client().user for _ in range(8)), world.user("moderator"))
    HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, base=False, seed=seed)).run_hybrid_seed()
    assert judge("default", None) == ()


@pytest.mark.parametrize("ahead", [timedelta(seconds=-1), timedelta(0), timedelta(minutes=1), 10 * DAY])
def test_notes_and_review__of_a_session_that_starts_about_now_but_ended_long_ago__are_not_after_as_of(using, ahead):
    world = World(using)
    client, therapist = world.client(), world.therapist(by=world.admin())
    world.relate(client, therapist)
    held = world.meet(client, therapist, AS_OF + ahead, end_time=AS_OF - 100 * DAY, created_at=AS_OF - 110 * DAY)
    world.community(client.user, *(world.client().user for _ in range(7)), world.user("moderator"))
    request = SeedRequest(as_of=AS_OF, using=using, base=False, sizes={"review_rate": 1})
    assert HybridSeedOrchestrator(request).run_hybrid_seed().satisfied
    assert held.notes.get().created_at <= AS_OF
    assert held.reviews.get().created_at <= AS_OF
    assert broken_rules(read_world(using), AS_OF) == []
    assert judge(using, None) == ()
