"""Why rows stay short: who does what the reason says has enough after the next run, and who does less has not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from databases import crossed, in_turn, on_both
from enrichers.small_worlds import AS_OF, World
from oracle import read_world, short_of
from test_properties import rolled_back

from mentara import models as m
from seeding.engine.checks import not_yet
from seeding.engine.reports import HybridSeedReport, VerificationReport
from seeding.engine.wording import numbered
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.requirements import CLIENTS, COMMUNITIES, MINIMUMS, MODERATORS, THERAPISTS, USERS
from seeding.verification import verify, with_heights

pytestmark = on_both
Heights = Mapping[str, int]
Build = Callable[[World], object]


@dataclass(frozen=True)
class Case:
    """A small database in which a minimum cannot be met, and what follows the remedy where that is not to add rows."""

    key: str
    build: Build
    heights: Heights = field(default_factory=dict)
    raised: Heights = field(default_factory=dict)
    follow: Build | None = None


def clients(number: int, **values: object) -> Build:
    return lambda world: [world.client(**values) for _ in range(number)]


def nobody(world: World) -> None:
    world.community()


def alone(world: World) -> None:
    world.community(world.client().user)


def apart(world: World) -> None:
    """A client alone in a community, and somebody who is in none."""
    alone(world)
    world.user("admin")


def staffed(world: World) -> None:
    """Three clients, a therapist and a moderator in a community."""
    everybody = [world.client(), world.client(), world.client(), world.therapist()]
    world.community(*(one.user for one in everybody), world.user("moderator"))


def placeless(world: World) -> None:
    """A client and a therapist, and no community."""
    world.client()
    world.therapist()


def both(world: World) -> m.Therapist:
    """Two clients, one of whom is the only therapist."""
    world.client()
    return himself(world)


def himself(world: World) -> m.Therapist:
    """A therapist who is a client as well, the only one of either."""
    therapist = world.therapist()
    world.client(user=therapist.user)
    return therapist


def own_client(world: World) -> None:
    """Two clients, one of whom is the only therapist and somehow a client of their own."""
    therapist = both(world)
    world.relate(m.Client.objects.using(world.using).get(pk=therapist.pk), therapist)


def with_a_pending_one(world: World) -> None:
    """A client whose therapist is not approved, and another therapist who is."""
    world.relate(world.client(), world.therapist("PENDING"))
    world.therapist()


def ordinary(world: World) -> None:
    """A community of three moderators, of whom two are ordinary members there."""
    place = world.community(world.user("moderator"))
    for _ in range(2):
        user = world.user("moderator")
        world.make(m.CommunityMember, user=user, community=place, role="MEMBER", joined_at=world.made)


def looked_after_by_a_client(world: World) -> None:
    """A community whose moderators are a client and a moderator."""
    place = world.community(world.user("moderator"))
    user = world.client().user
    world.make(m.CommunityMember, user=user, community=place, role="MODERATOR", joined_at=world.made)


def written(world: World) -> None:
    """A post in a community of five."""
    staffed(world)
    place, author = m.Community.objects.using(world.using).get(), m.Client.objects.using(world.using).first()
    world.make(m.Post, user=author.user, community=place, title="Hello", content="All")


def liked_by_its_author(world: World) -> None:
    """Two posts, one of which its author has hearted."""
    author = world.client().user
    place = world.community(author)
    for hearted in (True, False):
        post = world.make(m.Post, user=author, community=place, title="Hello", content="All")
        if hearted:
            world.make(m.Heart, user=author, post=post)


def shut(*days: str) -> Build:
    """A therapist whose hours on these days are all marked as unavailable, with a client of theirs and another one."""

    def build(world: World) -> None:
        therapist = world.therapist()
        world.relate(world.client(), therapist)
        world.client()
        for day in days:
            world.make(
                m.TherapistAvailability, therapist=therapist, day_of_week=day, start_time="00:00", end_time="24:00",
                timezone="Asia/Manila", is_available=False,
            )  # fmt: skip

    return build


def open_up(world: World) -> None:
    m.TherapistAvailability.objects.using(world.using).filter(is_available=False).delete()


WEEK = m.TherapistAvailability.Day.values
NOT_WRITTEN = {"client.posts": 0, "therapist.posts": 0, "community.posts": 0}
LONELY = {"community.members": 0, "post.hearts": 0}
ADD = {
    "few-places": Case("client.communityMemberships", staffed, {"client.communityMemberships": 4}),
    "no-place-for-posts": Case("client.posts", placeless),
    "no-place-for-comments": Case("client.comments", placeless),
    "no-place-for-hearts": Case("client.hearts", placeless),
    "nobody-to-heart": Case("client.hearts", alone),
    "no-place-and-nobody-to-heart": Case("client.hearts", clients(1)),
    "few-therapists": Case("client.therapists", staffed, {"client.therapists": 3}),
    "no-therapist-but-oneself": Case("client.therapists", both, {"client.therapists": 1}),
    "therapists-and-oneself": Case("client.therapists", both, {"client.therapists": 3}),
    "pending-therapist": Case("client.therapists", with_a_pending_one, {"client.therapists": 3}),
    "few-clients": Case("therapist.clientRelationships", staffed, {"therapist.clientRelationships": 5}),
    "clients-and-oneself": Case("therapist.clientRelationships", both),
    "more-clients-and-oneself": Case("therapist.clientRelationships", both, {"therapist.clientRelationships": 3}),
    "own-client": Case("therapist.clientRelationships", own_client, {"therapist.clientRelationships": 3}),
    "few-places-for-therapists": Case("therapist.communityMemberships", staffed, {"therapist.communityMemberships": 3}),
    "no-place-for-posts-of-therapists": Case("therapist.posts", placeless),
    "no-place-for-comments-of-therapists": Case("therapist.comments", placeless),
    "nobody-to-meet": Case("therapist.meetings", World.therapist),
    "nobody-to-meet-but-oneself": Case("therapist.meetings", himself),
    "nobody-to-note": Case("therapist.sessionNotes", World.therapist),
    "nobody-to-note-but-oneself": Case("therapist.sessionNotes", himself),
    "nobody-to-review": Case("therapist.reviewsReceived", World.therapist),
    "nobody-to-review-but-oneself": Case("therapist.reviewsReceived", himself),
    "few-users": Case("community.members", staffed),
    "nobody-to-write": Case("community.posts", nobody),
    "no-moderator": Case("community.moderators", alone),
    "few-moderators": Case("community.moderators", staffed, {"community.moderators": 3}),
    "ordinary-members": Case("community.moderators", ordinary, {"community.moderators": 2}),
    "more-than-ordinary-members": Case("community.moderators", ordinary, {"community.moderators": 5}),
    "client-for-moderator": Case("community.moderators", looked_after_by_a_client, {"community.moderators": 4}),
    "few-to-heart": Case("post.hearts", written, {"post.hearts": 6}),
    "hearted-by-its-author": Case("post.hearts", liked_by_its_author, {"post.hearts": 2}),
}
LOWER = {
    "nothing-to-heart": Case("client.hearts", staffed, NOT_WRITTEN, {"community.posts": 1, "community.members": 2}),
    "nobody-else-there": Case("client.hearts", apart, LONELY, {"community.posts": 1, "community.members": 2}),
    "nothing-to-answer": Case("client.comments", staffed, NOT_WRITTEN, {"community.posts": 1}),
    "nothing-for-therapists-to-answer": Case("therapist.comments", staffed, NOT_WRITTEN, {"community.posts": 1}),
    "some-days-shut": Case("therapist.availabilityDays", shut(*WEEK[:5]), follow=open_up),
    "more-days-than-a-week": Case("therapist.availabilityDays", shut(), {"therapist.availabilityDays": 9}),
    "more-days-than-a-week-and-some-shut": Case(
        "therapist.availabilityDays", shut(*WEEK[:3]), {"therapist.availabilityDays": 9}
    ),
    "no-hour": Case("therapist.meetings", shut(*WEEK)),
    "no-hour-in-the-past": Case("therapist.sessionNotes", shut(*WEEK)),
    "no-session-to-review": Case("therapist.reviewsReceived", shut(*WEEK)),
    "no-hour-for-a-relationship": Case("relationship.meetings", shut(*WEEK)),
}  # fmt: skip


def asked(using: str, heights: Heights) -> HybridSeedOrchestrator:
    return HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, base=False, minimums=heights))


def run(using: str, heights: Heights) -> HybridSeedReport:
    return asked(using, heights).run_hybrid_seed()


def why(report: VerificationReport, key: str) -> str:
    return next(check.why for check in report.minimums if check.key == key)


def is_short(using: str, key: str, heights: Heights) -> bool:
    """Whether any row is short once it was enriched, which is taken back."""
    orchestrator = asked(using, heights)
    with rolled_back(using), orchestrator.afresh():
        orchestrator.enrich_all_tables()
        return bool(short_of(read_world(using), dict(heights))[key])


MAKERS: dict[str, Build] = {
    COMMUNITIES.noun: lambda world: world.community(slug=f"place-{world.number}"),
    USERS.noun: lambda world: world.user("admin"),
    MODERATORS.noun: lambda world: world.user("moderator"),
    CLIENTS.noun: World.client,
    THERAPISTS.noun: World.therapist,
}


def additions(reason: str) -> dict[str, int]:
    """What the reason says to add: how many of what."""
    said = re.search(r"; add (.+) or lower", reason)
    assert said, reason
    found = {}
    for one in said[1].split(" and "):
        number = int(one.split()[0])
        found[next(noun for noun in MAKERS if numbered(number, noun) == one)] = number
    return found


def short_with(world: World, case: Case, added: Mapping[str, int]) -> bool:
    with rolled_back(world.using):
        for noun, number in added.items():
            for _ in range(number):
                MAKERS[noun](world)
        return is_short(world.using, case.key, case.heights)


@pytest.mark.parametrize(("using", "name", "ran"), crossed(ADD, (False, True)))
def test_reason__says_what_to_add__is_enough_and_one_less_is_not(using: str, name: str, ran: bool) -> None:
    case = ADD[name]
    with rolled_back(using):
        world = World(using)
        case.build(world)
        if ran:
            reason = why(run(using, case.heights).verification, case.key)
        else:
            reason = why(verify(using, with_heights(case.heights)), case.key)
        said = additions(reason)
        assert not short_with(world, case, said), reason
        for noun in said:
            assert short_with(world, case, said | {noun: said[noun] - 1}), reason


@pytest.mark.parametrize(("using", "name"), in_turn(LOWER))
def test_reason__says_what_to_lower_it_to__is_enough_and_one_less_is_not(using: str, name: str) -> None:
    case = LOWER[name]
    with rolled_back(using):
        case.build(World(using))
        reason = why(run(using, case.heights).verification, case.key)
        most = int(reason.rpartition(f"lower {case.key} to ")[2])
        assert not is_short(using, case.key, {**case.heights, case.key: most}), reason
        assert is_short(using, case.key, {**case.heights, case.key: most + 1}), reason


@pytest.mark.parametrize(("using", "name"), in_turn(name for name, case in LOWER.items() if case.raised or case.follow))
def test_reason__names_another_remedy__is_enough(using: str, name: str) -> None:
    case, minimum = LOWER[name], with_heights({})[LOWER[name].key]
    with rolled_back(using):
        world = World(using)
        case.build(world)
        assert why(verify(using, with_heights(case.heights)), case.key) == not_yet(using)
        reason = why(run(using, case.heights).verification, case.key)
        assert reason.startswith(f"{minimum.otherwise}; {minimum.remedy} or lower {case.key} to ")
        assert all(f"{key} to {height}" in reason for key, height in case.raised.items())
        if case.follow:
            case.follow(world)
        assert not is_short(using, case.key, {**case.heights, **case.raised})


def test_cases__all_together__are_of_every_minimum_that_may_stay_short() -> None:
    assert {case.key for case in ADD.values()} == {one.key for one in MINIMUMS if one.supply}
    assert {case.key for case in LOWER.values()} == {one.key for one in MINIMUMS if one.otherwise}
