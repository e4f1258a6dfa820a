"""Somebody else writes while a run is at work: people sign up and take part, others leave and take theirs along.

A run may miss what came after it had looked; it says so, and the next one fills it. It never fails, nor takes one
person for another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from databases import BOTH, in_turn
from django.db import connections
from enrichers.small_worlds import AS_OF, DAY, HOUR, World
from oracle import read_world, short_of
from oracle_rules import broken_rules

from mentara import models as m
from seeding.engine.errors import SeedingError
from seeding.engine.reports import HybridSeedReport, Progress
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest

EVENTS = 40
"""How many events a light run tells of, but for those of rows."""
STATEMENTS = range(10, 212, 22)
"""Some of the statements that a light run asks on either database."""
Meanwhile = Callable[[str, int], None]


def comes(using: str, number: int) -> None:
    """A client and a therapist sign up, and write, meet and talk with one another and with those who were there."""
    world = World(using, made=AS_OF - 3 * DAY)
    world.number = 1_000 * (1 + number)
    somebody = m.Client.objects.using(using).order_by("-pk").first()
    place = m.Community.objects.using(using).order_by("-pk").first()
    post = m.Post.objects.using(using).order_by("-pk").first()
    client, therapist = world.client(), world.therapist()
    known = [one for one in (client, somebody) if one is not None]
    places = [one for one in (world.community(slug=f"new-{number}"), place) if one is not None]
    for user in (client.user, therapist.user):
        for one in places:
            world.make(m.CommunityMember, user=user, community=one, joined_at=AS_OF - 2 * DAY)
    own = [world.make(m.Post, user=client.user, community=one, title="Hello", content="All new.") for one in places]
    for one in [*own, *([post] if post else [])]:
        world.make(m.Comment, user=therapist.user, post=one, content="Welcome.")
        world.make(m.Heart, user=therapist.user, post=one)
    for at, one in enumerate(known):
        world.relate(one, therapist, since=AS_OF - 2 * DAY)
        world.meet(one, therapist, start=AS_OF - DAY + at * HOUR, created_at=AS_OF - 2 * DAY)
        sent = AS_OF - DAY + HOUR
        world.talk("DIRECT", one.user, therapist.user, at=AS_OF - DAY, said=[(one.user, sent)])
    world.make(m.PreAssessment, user=client, scores={}, severity_levels={}, completed_at=AS_OF - DAY)


def goes(using: str, number: int) -> None:
    """One of each kind is deleted, with all that hangs on it."""
    kinds: list[tuple[Any, dict[str, str]]] = [
        (m.User, {"role": "client"}), (m.User, {"role": "therapist"}), (m.Community, {}), (m.Post, {}),
        (m.Comment, {}), (m.Conversation, {}), (m.ClientTherapist, {}), (m.Meeting, {}), (m.Worksheet, {}),
    ]  # fmt: skip
    for model, where in kinds:
        for one in model.objects.using(using).filter(**where).order_by("pk")[number % 4 : number % 4 + 1]:
            one.delete()


def on(using: str, *case: Any) -> Any:
    """A case of one database. Steps commit, so that foreign keys are held at the end of each."""
    return pytest.param(using, *case, marks=pytest.mark.django_db(databases=[using], transaction=True))


def in_turns(moments: Iterable[Any]) -> list[Any]:
    """Each moment on one database; somebody comes on either, then somebody goes on either."""
    return [on(using, when, (comes, goes)[at // 2 % 2]) for at, (using, when) in enumerate(in_turn(moments))]


def seed(using: str, listen: Callable[[Progress], None] = lambda _: None) -> HybridSeedReport:
    return HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using), listen).run_hybrid_seed()


def assert_the_next_run_completes(using: str, report: HybridSeedReport, meanwhile: Meanwhile) -> None:
    assert report.satisfied == (not any(short_of(read_world(using)).values()))
    assert seed(using).satisfied
    world = read_world(using)
    assert not any(short_of(world).values())
    if meanwhile is comes:  # who goes leaves notifications of what is gone
        assert broken_rules(world, AS_OF) == []
    seed(using)
    assert read_world(using).tables == world.tables


@pytest.mark.parametrize(("using", "when", "meanwhile"), in_turns([*range(0, EVENTS, 2), *4 * ["always"]]))
def test_a_run__somebody_writes_between_two_steps__says_what_is_short(
    using: str, when: int | str, meanwhile: Meanwhile
) -> None:
    events = 0

    def listen(event: Progress) -> None:
        nonlocal events
        if event.kind == "rows":
            return
        if when in ("always", events):
            meanwhile(using, events)
        events += 1

    report = seed(using, listen)
    assert events == EVENTS
    assert_the_next_run_completes(using, report, meanwhile)


@pytest.mark.parametrize(("using", "when", "meanwhile"), in_turns(STATEMENTS))
def test_a_run__somebody_writes_between_two_statements__says_what_is_short(
    using: str, when: int, meanwhile: Meanwhile
) -> None:
    asked = 0

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == when:
            meanwhile(using, when)
        return execute(sql, params, many, context)

    with connections[using].execute_wrapper(watch):
        report = seed(using)
    assert asked > STATEMENTS[-1]
    assert_the_next_run_completes(using, report, meanwhile)


@pytest.mark.parametrize("using", [on(using) for using in BOTH])
def test_a_run__somebody_signs_up_before_verification__says_that_they_came_and_calls_for_another(using: str) -> None:
    def listen(event: Progress) -> None:
        if (event.kind, event.name) == ("phase", "Verification"):
            world = World(using, made=AS_OF - 3 * DAY)
            world.number = 1_000
            world.client()

    report = seed(using, listen)
    short = [check for check in report.verification.minimums if not check.met]
    assert {check.noun for check in short} == {"clients", "client and therapist users"}
    assert all("some came while this run was at work; run it again" in check.shortfall for check in short)
    assert all(one.why.endswith("run it again") for check in short for one in check.findings)
    assert seed(using).satisfied


@pytest.mark.parametrize("using", [on(using) for using in BOTH])
def test_a_run__somebody_posts_before_verification__says_so_though_the_run_has_written_posts_too(using: str) -> None:
    def listen(event: Progress) -> None:
        if (event.kind, event.name) == ("phase", "Verification"):
            one = m.Post.objects.using(using).order_by("pk")[0]
            one.pk, one._state.adding = uuid4(), True
            one.save(using=using, force_insert=True)

    report = seed(using, listen)
    assert any(result.added.get("Post") for result in report.enrichment)
    short = [check for check in report.verification.minimums if not check.met]
    assert {check.noun for check in short} == {"posts"}
    assert all("some came while this run was at work; run it again" in check.shortfall for check in short)
    assert seed(using).satisfied


@pytest.mark.parametrize("using", [on(using) for using in BOTH])
def test_a_step__somebody_writes_whenever_it_has_looked__gives_up_in_words(using: str) -> None:
    seed(using)
    m.Notification.objects.using(using).all().delete()
    numbers = count()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if 'FROM "Message"' in sql:
            comes(using, next(numbers))
        return execute(sql, params, many, context)

    with connections[using].execute_wrapper(watch), pytest.raises(SeedingError, match="when they rest"):
        seed(using)
    assert seed(using).satisfied
