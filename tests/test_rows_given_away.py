"""Rows of the base that the app has given to somebody else: the next run writes nothing about them that is untrue."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from databases import in_turn, on_both
from oracle import read_world
from oracle_rules import broken_rules
from seeded import seeded
from worlds import AS_OF

from mentara import models as m
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest

pytestmark = on_both


def cast(using: str, address: str) -> m.User:
    return m.User.objects.using(using).get(email=f"{address}@mentara.example")


def worksheet(using: str) -> None:
    mine = m.Worksheet.objects.using(using).filter(assignments__client=cast(using, "client1").pk).first()
    mine.assignments.all().delete()
    mine.therapist_id = cast(using, "therapist2").pk
    mine.save(using=using)


def assignments(using: str) -> None:
    client, other = (cast(using, address).pk for address in ("client1", "client3"))
    theirs = m.WorksheetAssignment.objects.using(using).filter(client=other).values("worksheet")
    m.WorksheetAssignment.objects.using(using).filter(client=client).exclude(worksheet__in=theirs).update(client=other)


def sessions(using: str) -> None:
    client, other = (cast(using, address).pk for address in ("client1", "client2"))
    m.Review.objects.using(using).all().delete()
    m.Meeting.objects.using(using).filter(client=client).update(client=other)


def posts(using: str) -> None:
    client, other = (cast(using, address) for address in ("client1", "client5"))
    m.Post.objects.using(using).filter(user=client).update(user=other)


def post_of_another_community(using: str) -> None:
    elsewhere = m.Community.objects.using(using).exclude(members__user=cast(using, "client2")).first()
    m.Comment.objects.using(using).all().delete()
    m.Post.objects.using(using).filter(user=cast(using, "client1")).update(community=elsewhere)


@pytest.mark.parametrize(
    ("using", "give"), in_turn((worksheet, assignments, sessions, posts, post_of_another_community))
)
def test_next_run__rows_belong_to_others__breaks_no_rule(using: str, give: Callable[[str], None]) -> None:
    seeded(using)
    give(using)
    m.Notification.objects.using(using).all().delete()
    before = set(broken_rules(read_world(using), AS_OF))
    run = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using)).run_hybrid_seed()
    assert run.rows > 0
    assert set(broken_rules(read_world(using), AS_OF)) - before == set()
