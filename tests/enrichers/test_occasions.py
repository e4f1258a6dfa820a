"""What there is to talk about between two people by the time that they talk, by sessions that lie before and after.

That is reckoned in Python, whichever database it was read from: one does for each test.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from databases import on_postgres, on_sqlite
from small_worlds import AS_OF, DAY, HOUR, World, run_of

from seeding.engine.clock import micros
from seeding.engine.keys import ids_of
from seeding.planning.occasions import occasions
from seeding.texts.messages import OCCASIONS
from seeding.world.care import relationships, sessions
from seeding.world.mentara import NOBODY
from seeding.world.people import people

NOW = AS_OF - 2 * DAY
"""When the two talk."""


class Pair:
    """A client in the care of a therapist."""

    def __init__(self, using: str) -> None:
        self.world = World(using)
        self.client, self.therapist = self.world.client(), self.world.therapist()
        self.world.relate(self.client, self.therapist)

    def meet(self, start: Any, status: str = "COMPLETED", **values: Any) -> None:
        self.world.meet(self.client, self.therapist, start, status, **values)

    def occasions(self) -> set[str]:
        """What these two have to talk about when they first write to each other."""
        run = run_of(self.world.using)
        everybody = people(run)
        related = relationships(run, everybody)
        every = sessions(run, everybody, related)
        speakers = np.array([[*everybody.find(ids_of([self.client.pk, self.therapist.pk])), NOBODY, NOBODY]])
        there = occasions(run, everybody, related, every, speakers, np.array([True]), np.array([micros(NOW)]))
        return {name for name, is_one in zip(OCCASIONS, there[0].tolist(), strict=True) if is_one}


@pytest.fixture
def pair(using: str) -> Pair:
    return Pair(using)


@on_sqlite
def test_occasions__a_nearer_session_is_arranged_later__count_the_one_that_was(pair: Pair) -> None:
    pair.meet(AS_OF + 8 * DAY, "CONFIRMED", created_at=AS_OF - 10 * DAY)
    pair.meet(AS_OF + DAY, "CONFIRMED", created_at=AS_OF - HOUR)
    assert "appointment" in pair.occasions()


@on_postgres
@pytest.mark.parametrize(
    ("arranged", "start", "status", "is_ahead"),
    [
        (NOW - 8 * DAY, AS_OF + 8 * DAY, "CONFIRMED", True),
        (NOW - 8 * DAY, AS_OF + 8 * DAY, "CANCELLED", False),
        (NOW + DAY, AS_OF + 8 * DAY, "CONFIRMED", False),
        (NOW, AS_OF + 8 * DAY, "CONFIRMED", False),
        (NOW - 8 * DAY, NOW + HOUR, "NO_SHOW", True),
        (NOW - 8 * DAY, NOW, "COMPLETED", False),
        (NOW - 8 * DAY, NOW - DAY, "NO_SHOW", False),
        (NOW - DAY, NOW - 8 * DAY, "COMPLETED", False),
    ],
)
def test_occasions__a_session__is_ahead_from_when_it_is_arranged_until_it_begins(
    pair: Pair, arranged: Any, start: Any, status: str, is_ahead: bool
) -> None:
    pair.meet(start, status, created_at=arranged)
    assert ("appointment" in pair.occasions()) is is_ahead


@on_sqlite
@pytest.mark.parametrize("entered", [NOW - DAY, NOW + DAY])
def test_occasions__a_session_is_entered_afterwards__hides_none_that_is_ahead(pair: Pair, entered: Any) -> None:
    pair.meet(NOW - 20 * DAY, created_at=entered)
    pair.meet(AS_OF + 8 * DAY, "CONFIRMED", created_at=NOW - 8 * DAY)
    assert {"appointment", "between"} <= pair.occasions()


@on_postgres
@pytest.mark.parametrize(
    ("held", "missed", "is_told"),
    [
        (60, 10, True),
        (60, 20, True),
        (60, 23, False),
        (10, 15, False),
        (None, 10, False),
    ],
)
def test_occasions__a_session_missed__is_one_if_it_was_the_last_and_not_long_ago(
    pair: Pair, held: int | None, missed: int, is_told: bool
) -> None:
    pair.meet(NOW - missed * DAY, "NO_SHOW")
    if held is not None:
        pair.meet(NOW - held * DAY)
    assert ("missed" in pair.occasions()) is is_told
