"""Every size of a mode can be overridden one by one: the run is satisfied and coherent, and the next adds nothing.

Nor does one that is asked for less.
"""

from __future__ import annotations

from dataclasses import asdict, fields

import pytest
from seeded import seeded
from test_convergence import added
from test_properties import rolled_back
from worlds import AS_OF

from mentara import models as m
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.requirements import MODES, MOST_OF_EACH, SHARES, SIZES, Sizes
from seeding.verification import judge

pytestmark = pytest.mark.django_db
FEWEST = {"admins": 1, "communities": 1, "clients": 2, "moderators": 1}
OVERRIDES = [
    (name, value, mode)
    for name, usual in asdict(MODES["light"]).items()
    for value, mode in (
        ((0.0, "medium"), (0.77, "light"), (1.0, "medium"))
        if isinstance(usual, float)
        else ((FEWEST.get(name, 0), "medium"), (3 * usual, "light"))
    )
]
"""None or what the minimums need at least among many people, and much of each among few."""
TABLES = {
    "members_per_community": m.CommunityMember, "memberships_per_user": m.CommunityMember,
    "with_therapist": m.ClientTherapist, "posts_per_user": m.Post, "comments_per_post": m.Comment,
    "heart_on_post": m.Heart, "heart_on_comment": m.Heart, "meetings": m.Meeting, "worksheets": m.WorksheetAssignment,
    "assessed": m.PreAssessment, "with_notes": m.MeetingNotes, "review_rate": m.Review,
    **dict.fromkeys(("clients", "therapists", "admins", "moderators"), m.User), "communities": m.Community,
}  # fmt: skip


@pytest.mark.parametrize(("name", "value", "mode"), OVERRIDES)
def test_seed__one_size_overridden__is_coherent_and_the_next_run_adds_nothing(name, value, mode):
    request = SeedRequest(mode=mode, as_of=AS_OF, sizes={name: value})
    first, second = (HybridSeedOrchestrator(request).run_hybrid_seed() for _ in range(2))
    short = {check.key: check.short for check in first.verification.minimums if check.short}
    assert sum(part.rows for part in (*second.legacy, *second.enrichment)) == 0
    assert judge("default", None) == ()
    assert short == {}


def seed(mode, sizes):
    """The rows that a run adds, by table."""
    return added(HybridSeedOrchestrator(SeedRequest(mode=mode, as_of=AS_OF, sizes=sizes)).run_hybrid_seed())


@pytest.mark.parametrize(("mode", "part"), [("light", 0), ("medium", 0.5)])
def test_smaller_size__over_the_mode__adds_nothing(mode, part):
    seeded("default", mode=mode)
    found = {}
    for name, usual in asdict(MODES[mode]).items():
        for value in (usual * part,) if isinstance(usual, float) else {0, usual // 2, usual - 1}:
            with rolled_back("default"):
                found[name, value] = seed(mode, {name: value})
    assert {key: more for key, more in found.items() if more} == {}


@pytest.mark.parametrize(
    ("large", "small"),
    [
        (("heavy", {}), ("light", {"clients": 50})),
        (("heavy", {"moderators": 3}), ("medium", {"therapists": 5, "moderators": 2, "communities": 9})),
        (("medium", {"posts_per_user": 3, "comments_per_post": 6}), ("medium", {"admins": 1, "comments_per_post": 1})),
        (("light", {"clients": 50}), ("light", {"clients": 20})),
        (("light", {"clients": 30, "communities": 15}), ("light", {"clients": 12, "memberships_per_user": 1})),
        (("light", {"memberships_per_user": 4}), ("light", {"memberships_per_user": 3, "clients": 3})),
        (("heavy", {"clients": 120}), ("heavy", {"clients": 90, "therapists": 0})),
    ],
    ids=str,
)
def test_smaller_sizes__over_larger_ones__add_nothing(large, small):
    seed(*large)
    assert seed(*small) == {}


@pytest.mark.parametrize("name", MOST_OF_EACH)
def test_seed__as_many_of_each_as_can_be_asked_for__is_satisfied_and_coherent(name):
    request = SeedRequest(as_of=AS_OF, sizes={name: MOST_OF_EACH[name]})
    assert HybridSeedOrchestrator(request).run_hybrid_seed().satisfied
    assert judge("default", None) == ()


@pytest.mark.parametrize("name", SIZES)
def test_base__more_of_one_size__has_more_rows_of_it(name):
    def number(value):
        with rolled_back("default"):
            request = SeedRequest(as_of=AS_OF, sizes={name: value}, enrich=False)
            HybridSeedOrchestrator(request).run_hybrid_seed()
            return TABLES[name].objects.count()

    few, some, many = (number(value) for value in ((0.1, 0.5, 1.0) if name in SHARES else (2, 5, 9)))
    assert few < some < many


def test_sizes__described__are_all_there_are():
    described = {field.name: field.type == "float" for field in fields(Sizes)}
    assert list(SIZES) == list(described)
    assert set(SHARES) == {name for name, is_share in described.items() if is_share}


def test_run__in_another_mode_than_the_request__has_the_sizes_of_that_mode():
    report = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).run_hybrid_seed("medium")
    assert (report.mode, m.Client.objects.count()) == ("medium", MODES["medium"].clients)
