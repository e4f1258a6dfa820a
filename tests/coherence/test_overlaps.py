"""R3 and R5 on any diary: the judge's verdict is the one that a naive reading of each two rows gives."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from databases import on_both
from django.db import transaction
from enrichers.small_worlds import World
from hypothesis import given
from hypothesis import strategies as st
from oracle import read_world
from oracle_rules import broken_rules

from mentara.models import TherapistAvailability
from seeding.coherence import AsOf, check
from seeding.engine.keys import ids_of, is_seeded

pytestmark = on_both

AS_OF = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
FREE = AS_OF - dt.timedelta(days=20)
KEYS = {True: "5eed1000-0002-8abc-9000", False: "00000000-0002-4abc-9000"}
LATE = {True: "5eedffff-0002-8abc-9000", False: "ffffffff-0002-4abc-9000"}
TABLES = {"R3": "Meeting", "R5": "TherapistAvailability"}


def key(at: int, *, ours: bool, late: bool) -> UUID:
    """A key of the toolkit's or of somebody else's, which sorts before all others or after them."""
    return UUID(f"{(LATE if late else KEYS)[ours]}-{at:012x}")


def judged(using: str, rule: str) -> set[str]:
    found = check(using, AsOf(AS_OF, AS_OF), tables=[TABLES[rule]])
    return {example for violation in found if violation.rule == rule for example in violation.examples}


def counted(using: str, rule: str) -> set[str]:
    said = (line.split(": ")[0].split() for line in broken_rules(read_world(using), AS_OF))
    return {row for broken, _, row in said if broken == rule}


@st.composite
def diaries(draw: st.DrawFn) -> list[tuple[int, int, UUID, int]]:
    """A few rows: from when to when (perhaps the other way round, or not at all long), key, and whose they are."""
    times, either = st.integers(0, 4), st.booleans()
    drawn = draw(st.lists(st.tuples(times, times, either, either, st.integers(0, 1)), min_size=2, max_size=5))
    return [(*times, key(at, ours=ours, late=late), who) for at, (*times, ours, late, who) in enumerate(drawn)]


def test_meetings__any_times_and_keys__overlap_as_each_two_do(using: str) -> None:
    world = World(using)
    client, therapists = world.client(), [world.therapist() for _ in range(2)]

    @given(diaries(), st.sampled_from(("COMPLETED", "CANCELLED")))
    def holds(diary: list[tuple[int, int, UUID, int]], first: str) -> None:
        with transaction.atomic(using=using):
            for at, (start, end, id_, who) in enumerate(diary):
                times = {"start": FREE + start * dt.timedelta(hours=1), "end_time": FREE + end * dt.timedelta(hours=1)}
                world.meet(client, therapists[who], status="COMPLETED" if at else first, id=id_, **times)
            assert judged(using, "R3") == counted(using, "R3")
            transaction.set_rollback(True, using=using)

    holds()


def test_windows__any_hours_and_keys__overlap_as_each_two_do(using: str) -> None:
    world = World(using)
    therapists = [world.therapist() for _ in range(2)]

    @given(diaries(), st.sampled_from(("{:02d}:00", "{:d}:00", "{:02d}h00")))
    def holds(diary: list[tuple[int, int, UUID, int]], theirs: str) -> None:
        with transaction.atomic(using=using):
            for opens, closes, id_, who in {row[:2] + row[3:]: row for row in diary}.values():
                said = "{:02d}:00" if is_seeded(ids_of([id_]))[0] else theirs
                world.make(
                    TherapistAvailability, therapist=therapists[who], day_of_week="MONDAY", timezone="UTC", id=id_,
                    start_time=said.format(opens + 8), end_time=said.format(closes + 8), is_available=True,
                )  # fmt: skip
            assert judged(using, "R5") == counted(using, "R5")
            transaction.set_rollback(True, using=using)

    holds()


def test_meeting__next_to_a_reversed_one_of_theirs__is_judged_alike_whatever_the_keys(using: str) -> None:
    world = World(using)
    pair: Any = world.client(), world.therapist()
    for late in (False, True):
        theirs, ours = key(1, ours=False, late=late), key(2, ours=True, late=False)
        three = dt.timedelta(hours=3)
        for start, broken in ((FREE, set()), (FREE - three, {str(ours)})):
            with transaction.atomic(using=using):
                world.meet(*pair, start=FREE, end_time=FREE - three, id=theirs)
                world.meet(*pair, start=start, id=ours)
                assert judged(using, "R3") == counted(using, "R3") == broken
                transaction.set_rollback(True, using=using)
