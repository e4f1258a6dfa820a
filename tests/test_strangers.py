"""People found in the database: what is written about them agrees with what is there."""

from uuid import UUID

import pytest
from databases import on_both
from enrichers.small_worlds import AS_OF, DAY, World, queries, run_of
from test_properties import rolled_back

from mentara import models as m
from seeding.engine.keys import ids_of
from seeding.enrichers import AssessmentsEnricher, MembershipsEnricher, PostsEnricher
from seeding.world.concerns import CONCERNS
from seeding.world.people import people

pytestmark = on_both


@pytest.fixture
def world(using):
    return World(using)


def concerns(using, client):
    everybody = people(run_of(using))
    place = everybody.find(ids_of([client.pk]))[0]
    return [CONCERNS[at] for at in everybody.concerns[place].tolist() if at >= 0]


def assess(world, client, days=100, key=None, **scores):
    """A finished assessment of somebody else's making; scores by slug, with underscores for hyphens, and severities."""
    named, then = {slug.replace("_", "-"): score for slug, score in scores.items()}, AS_OF - days * DAY
    return world.make(
        m.PreAssessment, id=key or world.key(), user=client, completed_at=then, created_at=then,
        scores={slug: score for slug, (score, _) in named.items()},
        severity_levels={slug: band for slug, (_, band) in named.items()},
    )  # fmt: skip


def test_concerns__high_scores__lead_from_the_highest(using, world):
    client = world.client()
    assess(world, client, depression=(24, "severe"), insomnia=(15, "moderate"), anxiety=(3, "minimal"))
    assert concerns(using, client) == ["depression", "insomnia"]


def test_concerns__scores_and_communities__both_count_scores_first(using, world):
    client = world.client()
    world.community(client.user, slug="ocd")
    world.community(client.user, slug="mindfulness")
    assess(world, client, alcohol=(30, "possible-dependence"))
    assert concerns(using, client) == ["alcohol", "ocd"]


def test_concerns__in_care_and_no_more_known__is_what_the_therapist_knows(using, world):
    client = world.client()
    world.relate(client, world.therapist())
    assert concerns(using, client) == ["anxiety"]


def test_levels__of_two_assessments_at_one_time__are_those_of_either_order(using, world):
    client, found = world.client(), []
    sittings = [(UUID(int=1), 3), (UUID(int=2), 24)]
    for inserted in (sittings, sittings[::-1]):
        with rolled_back(using):
            for key, score in inserted:
                assess(world, client, key=key, depression=(score, "severe"))
            found.append(people(run_of(using)).measured(CONCERNS.index("depression")).tolist())
    assert found[0] == found[1]


def test_concerns__low_scores_only__are_not_theirs(using, world):
    client = world.client()
    drawn = concerns(using, client)
    assess(world, client, **{drawn[0].replace("-", "_"): (0, None)})
    assert concerns(using, client) == (drawn[1:] or drawn)


def test_concerns__unreadable_scores__are_passed_over(using, world):
    client = world.client()
    world.community(client.user, slug="ptsd")
    world.make(m.PreAssessment, user=client, completed_at=AS_OF - DAY, scores=["depression"], severity_levels={})
    assess(world, client, depression=("much", None), astrology=(9, "severe"))
    assert concerns(using, client) == ["ptsd"]


def test_concerns__what_we_have_added__changes_nobody(using, world):
    client, *others = (world.client() for _ in range(8))
    for slug in ("stress", "panic", "adhd"):
        world.community(*(other.user for other in others), slug=slug)
    assess(world, client, panic=(25, "severe"))
    run = run_of(using, {"community.members": 8})
    MembershipsEnricher(run).enrich()
    AssessmentsEnricher(run).enrich()
    assert client.user.community_memberships.count() == 3
    assert concerns(using, client) == ["panic"]


def test_follow_up__of_a_stranger__moves_from_the_score_they_had(using, world):
    high, low = world.client(), world.client()
    assess(world, high, days=200, depression=(27, "severe"))
    assess(world, low, days=200, depression=(10, "moderate"))
    AssessmentsEnricher(run_of(using)).enrich()
    later = {
        client.pk: client.pre_assessments.exclude(created_at=AS_OF - 200 * DAY).get().scores["depression"]
        for client in (high, low)
    }
    assert later[high.pk] >= 14
    assert later[low.pk] <= 13


def test_posts__of_a_stranger__are_written_where_they_are_at_home(using, world):
    client = world.client()
    theirs = world.community(client.user, slug="burnout")
    assess(world, client, burnout=(60, "severe"), insomnia=(25, "severe"), stress=(35, "high"))
    world.community(client.user, slug="phobia")
    PostsEnricher(run_of(using)).ensure_user_has_posts(client)
    assert set(m.Post.objects.using(using).values_list("community_id", flat=True)) == {theirs.pk}


def test_reading__strangers__asks_the_same_whatever_their_number(using, world):
    def reading():
        return people(run_of(using)).concerns

    empty = queries(using, reading)
    world.client()
    one = queries(using, reading)
    for _ in range(5):
        assess(world, world.client(), anxiety=(15, "severe"))
    assert 0 < one - empty == queries(using, reading) - empty <= 3
