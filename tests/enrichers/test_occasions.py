"""What there is to talk about between two people by the time that they talk, by sessions that lie before and after.

That is reckoned in Python, whichever database it was read from: one does for each test.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from databases import on_postgres, on_sqlite
from small_worlds import AS_OF, DAY, HOUR, World, run_of

from mentara import models as m
from seeding.engine.clock import micros
from seeding.engine.keys import ids_of
from seeding.planning.occasions import occasions
from seeding.texts.messages import OCCASIONS
from seeding.world.care import relationships, sessions
from seeding.world.mentara import NOBODY
from seeding.world.people import people

NOW = AS_OF - 2 * DAY
"""When the two talk."""
SHEET = {"title": "Sleep", "instructions": "Write.", "category": "Sleep", "estimated_minutes": 9}


class Pair:
    """A client in the care of a therapist."""

    def __init__(self, using: str) -> None:
        self.world = World(using)
        self.client, self.therapist = self.world.client(), self.world.therapist()
        self.care = self.world.relate(self.client, self.therapist)

    def meet(self, start: Any, status: str = "COMPLETED", **values: Any) -> None:
        self.world.meet(self.client, self.therapist, start, status, **values)

    def occasions(self, other: Any = None, *, opening: bool = True) -> set[str]:
        """What there is to talk about, by NOW, between the client and the therapist, or somebody else."""
        run = run_of(self.world.using)
        everybody = people(run)
        related = relationships(run, everybody)
        every = sessions(run, everybody, related)
        two = everybody.find(ids_of([self.client.pk, (other or self.therapist).pk]))
        speakers, at = np.array([[*two, NOBODY, NOBODY]]), np.array([micros(NOW)])
        there = occasions(run, everybody, related, every, speakers, np.array([opening]), at)
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


@on_sqlite
@pytest.mark.parametrize(
    ("days", "known"), [(1, {"match", "therapist"}), (20, {"match", "therapist"}), (22, {"therapist"}), (-1, set())]
)
def test_occasions__two_were_matched__is_one_for_some_weeks(pair: Pair, days: int, known: set[str]) -> None:
    pair.care.assigned_at = NOW - days * DAY
    pair.care.save()
    assert pair.occasions() & {"match", "therapist"} == known
    assert "match" not in pair.occasions(opening=False)
    pair.meet(NOW - DAY)
    assert "match" not in pair.occasions()


@on_postgres
@pytest.mark.parametrize(("days", "is_new"), [(1, True), (20, True), (22, False), (-1, False)])
def test_occasions__a_worksheet_was_given__is_one_for_some_weeks(pair: Pair, days: int, is_new: bool) -> None:
    sheet = pair.world.make(m.Worksheet, therapist=pair.therapist, **SHEET)
    times = {"assigned_at": NOW - days * DAY, "due_date": NOW + 9 * DAY}
    pair.world.make(m.WorksheetAssignment, worksheet=sheet, client=pair.client, status="ASSIGNED", **times)
    assert ("worksheet" in pair.occasions()) is is_new


@on_sqlite
def test_occasions__with_somebody_else__are_those_with_any_therapist_but_not_with_another(pair: Pair) -> None:
    pair.meet(NOW - DAY)
    assert "session" in pair.occasions()
    assert "session" in pair.occasions(pair.world.client())
    assert {"session", "therapist"}.isdisjoint(pair.occasions(pair.world.therapist()))


@on_postgres
@pytest.mark.parametrize(
    ("held", "ahead", "known"),
    [
        (False, False, {"unplanned"}),
        (False, True, {"appointment"}),
        (True, False, {"session", "free"}),
        (True, True, {"session", "between", "appointment"}),
    ],
)
def test_occasions__sessions_held_and_ahead__are_told_apart(
    pair: Pair, held: bool, ahead: bool, known: set[str]
) -> None:
    pair.meet(NOW - 8 * DAY, "COMPLETED" if held else "CANCELLED")
    pair.meet(NOW + 8 * DAY, "CONFIRMED" if ahead else "CANCELLED", created_at=NOW - 9 * DAY)
    assert pair.occasions() - {"acquaintance", "therapist"} == known


@on_sqlite
def test_occasions__the_first_session_is_ahead__is_one_with_a_client_who_has_had_some(pair: Pair) -> None:
    other = pair.world.client()
    pair.world.relate(other, pair.therapist)
    pair.meet(NOW + 8 * DAY, "CONFIRMED", created_at=NOW - 9 * DAY)
    assert "first" not in pair.occasions(other)
    pair.world.meet(other, pair.therapist, NOW - 3 * DAY)
    assert "first" in pair.occasions(other)


@on_sqlite
def test_occasions__matched_and_a_session_arranged__is_no_choice_of_a_first_one_any_more(pair: Pair) -> None:
    pair.care.assigned_at = NOW - DAY
    pair.care.save(using=pair.world.using)
    assert "match" in pair.occasions()
    pair.meet(NOW + 8 * DAY, "CONFIRMED", created_at=NOW - DAY / 2)
    assert "match" not in pair.occasions()


@on_sqlite
def test_occasions__a_worksheet_handed_in__is_nothing_to_ask_about(pair: Pair) -> None:
    sheet = pair.world.make(m.Worksheet, therapist=pair.therapist, **SHEET)
    given = {"worksheet": sheet, "client": pair.client, "assigned_at": NOW - 3 * DAY, "due_date": NOW + DAY}
    assignment = pair.world.make(m.WorksheetAssignment, status="ASSIGNED", **given)
    assert "worksheet" in pair.occasions()
    assignment.submitted_at = NOW + HOUR
    assignment.save(using=pair.world.using)
    assert "worksheet" in pair.occasions()
    assignment.submitted_at = NOW - HOUR
    assignment.save(using=pair.world.using)
    assert "worksheet" not in pair.occasions()


@on_sqlite
def test_occasions__a_session_was_cancelled__was_not_missed(pair: Pair) -> None:
    pair.meet(NOW - 8 * DAY)
    pair.meet(NOW - 4 * DAY, "CANCELLED")
    assert "session" in pair.occasions()
    assert "missed" not in pair.occasions()
