"""Memberships: as many as are asked for, and of those who are still there."""

import pytest
from small_worlds import World, run_of

from mentara import models as m
from seeding.enrichers.memberships import MembershipsEnricher
from seeding.requirements import MINIMUMS

pytestmark = pytest.mark.django_db
NOTHING = {minimum.key: 0 for minimum in MINIMUMS}


@pytest.fixture
def world():
    return World("default")


@pytest.mark.parametrize(
    ("asked", "members"), [({}, 0), ({"community.posts": 1}, 1), ({"post.comments": 1}, 1), ({"post.hearts": 2}, 3)]
)
def test_community__no_members_asked_for__has_those_that_other_minimums_take(world, asked, members):
    for _ in range(5):
        world.client()
    world.community()
    assert MembershipsEnricher(run_of("default", NOTHING | asked)).enrich().rows == members


def test_community__short_of_members__is_joined_by_open_accounts(world):
    for at in range(12):
        world.client(is_active=at % 2 == 0)
    world.community()
    assert MembershipsEnricher(run_of("default", NOTHING | {"community.members": 6})).enrich().rows == 6
    assert not m.CommunityMember.objects.filter(user__is_active=False).exists()


def test_community__who_joins_to_moderate_it__joins_once(world):
    world.user("moderator")
    for _ in range(7):
        world.client()
    world.community()
    asked = {"community.moderators": 1, "community.members": 8}
    assert MembershipsEnricher(run_of("default", NOTHING | asked)).enrich().rows == 8
    assert m.CommunityMember.objects.values("user").distinct().count() == 8


@pytest.mark.parametrize(("slug", "role"), [("anxiety", "admin"), ("mindfulness", "client")])
def test_community__nobody_has_its_concern__is_joined_by_staff_and_a_general_one_by_clients(world, slug, role):
    for _ in range(5):
        world.admin()
    world.community(*(world.client().user for _ in range(5)), slug="stress")
    place = world.community(slug=slug)
    enricher = MembershipsEnricher(run_of("default", NOTHING | {"community.members": 5}))
    assert enricher.ensure_community_has_members(place) == 5
    joined = m.CommunityMember.objects.filter(community=place)
    assert set(joined.values_list("user__role", flat=True)) == {role}
