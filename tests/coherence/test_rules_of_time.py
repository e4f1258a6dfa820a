"""Rules of time: what comes after what, and what may lie ahead. Each is broken alone, or only seems to be."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from coherence.kept_world import (
    AS_OF,
    DAY,
    HOUR,
    SESSION,
    STARTED,
    STARTS,
    World,
    ago,
    attribute,
    broken,
    change,
    dated,
    found,
    sheet,
)
from django.apps import apps
from django.db import transaction

from mentara.models import Heart, Invoice, MeetingNotes, Payment, Worksheet
from seeding.coherence.tables import TABLES

pytestmark = pytest.mark.django_db

FOREIGN_KEYS = [(name, column) for name, table in TABLES.items() if table.dated for column in table.parents]
OF_NOBODY = UUID("5eed1000-0002-8abc-9000-ffffffffffff")
TIMES = [(name, column) for name, table in TABLES.items() for column in table.times]
STAMPS = [
    (name, column)
    for name, table in TABLES.items()
    for column in (table.dated, *table.also, *table.times, *(["updatedAt"] if table.updated else []))
    if column and (name, column) != ("Conversation", "updatedAt")
]


def one_of(world: World, name: str, column: str) -> Any:
    """A seeded row of a table that has something in a column."""
    model: Any = apps.get_model("mentara", name)
    if name in {"Invoice", "Payment"}:
        pair = {"client": world.client.client_profile, "currency": "EUR", **dated(10)}
        invoice = world.add(Invoice, **pair, total=1, issued_at=ago(10), due_date=ago(0), paid_at=ago(9))
        more = {"therapist": world.therapist.therapist_profile, "meeting": world.held, "processed_at": ago(9)}
        world.add(Payment, **pair, **more, invoice=invoice, amount=1)
    if name == "User":
        change(world.client, last_login=ago(1))
    return model.objects.exclude(**{attribute(model, column): None}).order_by("pk").first()


@pytest.mark.parametrize(("name", "column"), [*FOREIGN_KEYS, ("Therapist", "processedByAdminId")])
def test_row__older_than_a_parent__is_reported(world: World, name: str, column: str) -> None:
    child = one_of(world, name, column)
    parent = getattr(child, attribute(child, column))
    dated_column = TABLES[parent._meta.db_table].dated
    assert dated_column is not None
    change(parent, **{attribute(parent, dated_column): AS_OF - HOUR})
    assert broken("T1", child) <= found()


@pytest.mark.parametrize(
    ("name", "column"),
    [*FOREIGN_KEYS, ("Therapist", "processedByAdminId"), ("PreAssessmentAnswer", "preAssessmentId")],
)
def test_row__whose_parent_is_gone__is_reported(world: World, name: str, column: str) -> None:
    child = one_of(world, name, column)
    key = OF_NOBODY if column == TABLES[name].key else child.pk
    with transaction.atomic():
        type(child).objects.filter(pk=child.pk).update(**{attribute(child, column): OF_NOBODY})
        reported = found()
        transaction.set_rollback(True)
    assert ("T1", name, str(key)) in reported


@pytest.mark.parametrize(("name", "column"), TIMES)
def test_row__something_happened_to_before__is_reported(world: World, name: str, column: str) -> None:
    row = one_of(world, name, column)
    change(row, **{attribute(row, column): ago(500)})
    assert broken("M3" if column == "lastReadAt" else "T1", row) == found()


@pytest.mark.parametrize(("name", "column"), STAMPS)
def test_row__with_an_instant_after_as_of__is_reported(world: World, name: str, column: str) -> None:
    row = one_of(world, name, column)
    change(row, **{attribute(row, column): AS_OF + HOUR})
    assert broken("T2", row) <= found()


def test_worksheet__older_than_its_therapist__is_reported(world: World) -> None:
    change(world.worksheet, created_at=ago(301))
    assert found() == broken("T1", world.worksheet)


@pytest.mark.parametrize("days", [89, 0, -1])
def test_worksheet__older_than_a_young_therapist_of_theirs__is_allowed(world: World, days: float) -> None:
    therapist = world.user("therapist", theirs=True, days=days)
    world.add(Worksheet, therapist=therapist.therapist_profile, **sheet())
    assert found() == set()


def test_worksheet__older_than_a_therapist_of_theirs_with_a_past__is_reported(world: World) -> None:
    therapist = world.user("therapist", theirs=True, days=91)
    worksheet = world.add(Worksheet, therapist=therapist.therapist_profile, **sheet())
    assert found() == broken("T1", worksheet)


def test_therapist__processed_before_an_admin_of_theirs_registered__is_allowed_for_a_young_one(world: World) -> None:
    admin = world.user("admin", theirs=True, days=5)
    change(world.therapist.therapist_profile, processed_by_admin=admin.admin_profile)
    assert found() == set()


def test_worksheet__dated_after_as_of__is_reported(world: World) -> None:
    change(world.worksheet, created_at=AS_OF + HOUR, updated_at=AS_OF + HOUR)
    assert found() == broken("T2", world.worksheet)


def test_worksheet__changed_before_it_was_made__is_reported(world: World) -> None:
    change(world.worksheet, updated_at=ago(151))
    assert found() == broken("T2", world.worksheet)


@pytest.mark.parametrize("days", [6, -1])
def test_rows__after_as_of_behind_a_recent_post_of_theirs__are_allowed(world: World, days: float) -> None:
    post = world.write(theirs=True, days=days)
    comment = world.answer(post, world.friend, days=-1.1)
    heart = world.add(Heart, user=world.client, comment=comment, created_at=AS_OF + 1.2 * DAY)
    world.notify(world.friend, heart, days=-1.3)
    assert found() == set()


def test_comment__after_as_of_behind_an_older_post_of_theirs__is_reported(world: World) -> None:
    post = world.write(theirs=True, days=8)
    comment = world.answer(post, world.friend, days=-1)
    assert found() == broken("T2", comment)


def test_comment__after_as_of_behind_a_recent_post_of_ours__is_reported(world: World) -> None:
    comment = world.answer(world.write(days=2), world.friend, days=-1)
    assert found() == broken("T2", comment)


def test_message__after_as_of_of_somebody_who_will_join__is_allowed(world: World) -> None:
    conversation = world.talk(world.client, world.friend, theirs=True, days=-1)
    world.say(conversation, world.client, days=-3)
    assert found() == set()


def test_notes__after_as_of_behind_a_session_of_theirs_that_ends_then__are_allowed(world: World) -> None:
    meeting = world.meet(STARTS + HOUR, theirs=True)
    world.add(MeetingNotes, meeting=meeting, notes="Fine.", **dated(-8))
    assert found() == set()


def test_conversation__changed_with_its_newest_message__may_be_ahead(world: World) -> None:
    newcomer = world.user("client", theirs=True, days=-1)
    conversation = world.talk(world.client, newcomer)
    world.say(conversation, newcomer, days=-2)
    assert found() == set()


@pytest.mark.parametrize("duration", [45, 0])
def test_meeting__that_does_not_last_its_duration__is_reported(world: World, duration: int) -> None:
    change(world.held, duration=duration)
    assert found() == broken("T3", world.held)


def test_meeting__with_a_fraction_of_a_second__ends_after_its_duration(world: World) -> None:
    fraction = dt.timedelta(microseconds=999_999)
    change(world.held, start_time=STARTED + fraction, end_time=STARTED + SESSION + fraction)
    assert found() == set()


@pytest.mark.parametrize(
    ("status", "start"),
    [
        ("NO_SHOW", STARTS),
        ("SCHEDULED", STARTED),
        ("CONFIRMED", STARTED),
        ("WAITING", STARTED),
        ("IN_PROGRESS", STARTED),
        ("IN_PROGRESS", STARTS),
    ],
)
def test_meeting__at_a_time_that_its_status_denies__is_reported(world: World, status: str, start: dt.datetime) -> None:
    change(world.planned, start_time=start + HOUR, end_time=start + HOUR + SESSION, status=status)
    assert found() == broken("T3", world.planned)


def test_meeting__completed_before_it_ended__is_reported(world: World) -> None:
    change(world.planned, status="COMPLETED")
    assert found() == broken("T3", world.planned)


def test_meeting__in_progress__spans_as_of(world: World) -> None:
    world.open("MONDAY", "06:00", "08:00")
    world.meet(AS_OF - HOUR / 2, status="IN_PROGRESS")
    assert found() == set()


def test_meeting__created_when_it_starts__is_reported(world: World) -> None:
    change(world.cancelled, created_at=STARTED, updated_at=STARTED)
    assert found() == broken("T3", world.cancelled)


def test_rows__of_an_earlier_run__are_judged_against_its_as_of(world: World) -> None:
    later = STARTS + 20 * DAY
    assert found(AS_OF, later) == set()
    assert found(later, later) == broken("T3", world.planned) | broken("R6", world.assigned)
