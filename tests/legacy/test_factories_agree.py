"""Factories define the rows: what the base generators write is what a factory makes of the same key and parents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model

from mentara import models
from seeding.cast import ASSESSED, MATCHED, NEWCOMER
from seeding.engine.keys import ids_of, locality_of
from seeding.engine.run import Run
from seeding.legacy import factories
from seeding.legacy.cast_players import OWN_SLOT
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.world.people import ROLE_BITS

pytestmark = pytest.mark.django_db

AS_OF = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
SOME = 250
"""So many rows of a table are compared: all of them in light mode, but for the answers."""
SCRIPTED = {"Conversation", "ConversationParticipant", "Message", "Notification"}
"""What only the cast has base rows of."""
FEW = 20
"""With fewer meetings, none may have been completed, and so nothing be written about them."""


@pytest.fixture(scope="module", params=["light", "medium"])
def base(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Run]:
    """The base data of a mode, once for all tables."""
    with django_db_blocker.unblock(), transaction.atomic():
        orchestrator = HybridSeedOrchestrator(SeedRequest(request.param, as_of=AS_OF, enrich=False))
        orchestrator.run_legacy_generators()
        yield orchestrator.run
        transaction.set_rollback(True)


def values(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def slot(row: Any) -> int:
    """The slot that stands in a base row's id."""
    return int(row.pk.hex[13:16], 16)


def ordinal(row: Any) -> int:
    return int(locality_of(ids_of([row.pk]))[0]) & ((1 << ROLE_BITS) - 1)


def of_the_cast(row: Any) -> bool:
    """Whether the plan of the cast, and not the row's key, says what the row shows."""
    if "id" in values(row) and slot(row) >= OWN_SLOT:
        return True
    if isinstance(row, models.PreAssessmentAnswer):
        return of_the_cast(row.pre_assessment)
    if isinstance(row, models.PreAssessment):
        return ordinal(row) in {*ASSESSED, NEWCOMER}
    return isinstance(row, models.Meeting | models.WorksheetAssignment | models.Review) and ordinal(row) in MATCHED


def membership(row: Any, community: models.Community) -> models.CommunityMember:
    return models.CommunityMember.objects.get(user=row.user, community=community)


def rebuilt_member(row: models.CommunityMember, **run: Run) -> Model:
    """By the user's own wish, or as the community's moderator or guest: whose key it is stands in the id."""
    both = (
        factories.CommunityMemberFactory.build(
            user=row.user, community=row.community, subject=subject, slot=slot(row), **run
        )
        for subject in (row.user, row.community)
    )
    return next(member for member in both if member.pk == row.pk)


def rebuilt_comment(row: models.Comment, **run: Run) -> Model:
    """Which place a comment has under its post, the other comments there decide."""
    known = {
        "user": row.user,
        "post": row.post,
        "parent": row.parent,
        "membership": membership(row, row.post.community),
        "slot": slot(row),
    }
    places = range(row.post.comments.count())
    rebuilt = [factories.CommentFactory.build(place=place, **known, **run) for place in places]
    return next((one for one in rebuilt if one.content == row.content), rebuilt[0])


def rebuilt_meeting(row: models.Meeting, **run: Run) -> Model:
    """When a session is, and what became of it, the calendar decides."""
    pair = models.ClientTherapist.objects.get(client=row.client, therapist=row.therapist)
    return factories.MeetingFactory.build(
        relationship=pair,
        slot=slot(row),
        client=row.client,
        therapist=row.therapist,
        start_time=row.start_time,
        duration=row.duration,
        status=row.status,
        **run,
    )


def related(row: Any, therapist: models.Therapist) -> dict[str, Any]:
    return {
        "client": row.client,
        "relationship": models.ClientTherapist.objects.get(client=row.client, therapist=therapist),
        "slot": slot(row),
    }


REBUILT: dict[str, Callable[..., Model]] = {
    "User": lambda row, **run: factories.UserFactory.build(role=row.role, ordinal=ordinal(row), profile=None, **run),
    "Client": lambda row, **run: factories.ClientFactory.build(user=row.user, **run),
    "Therapist": lambda row, **run: factories.TherapistFactory.build(
        user=row.user, processed_by_admin=row.processed_by_admin, **run
    ),
    "Admin": lambda row, **run: factories.AdminFactory.build(user=row.user, **run),
    "Moderator": lambda row, **run: factories.ModeratorFactory.build(user=row.user, **run),
    "Community": lambda row, **run: factories.CommunityFactory.build(ordinal=ordinal(row), **run),
    "CommunityMember": rebuilt_member,
    "Post": lambda row, **run: factories.PostFactory.build(
        user=row.user, community=row.community, membership=membership(row, row.community), slot=slot(row), **run
    ),
    "Comment": rebuilt_comment,
    "Heart": lambda row, **run: factories.HeartFactory.build(
        user=row.user,
        post=row.post,
        comment=row.comment,
        membership=membership(row, (row.comment.post if row.comment else row.post).community),
        slot=slot(row),
        **run,
    ),
    "ClientTherapist": lambda row, **run: factories.ClientTherapistFactory.build(
        client=row.client, therapist=row.therapist, slot=slot(row), **run
    ),
    "TherapistAvailability": lambda row, **run: factories.TherapistAvailabilityFactory.build(
        therapist=row.therapist, slot=slot(row), **run
    ),
    "Meeting": rebuilt_meeting,
    "MeetingNotes": lambda row, **run: factories.MeetingNotesFactory.build(meeting=row.meeting, slot=slot(row), **run),
    "Worksheet": lambda row, **run: factories.WorksheetFactory.build(therapist=row.therapist, slot=slot(row), **run),
    "WorksheetAssignment": lambda row, **run: factories.WorksheetAssignmentFactory.build(
        worksheet=row.worksheet, **related(row, row.worksheet.therapist), **run
    ),
    "Review": lambda row, **run: factories.ReviewFactory.build(
        meeting=row.meeting, therapist=row.therapist, **related(row, row.therapist), **run
    ),
    "PreAssessment": lambda row, **run: factories.PreAssessmentFactory.build(user=row.user, slot=slot(row), **run),
    "PreAssessmentAnswer": lambda row, **run: factories.PreAssessmentAnswerFactory.build(
        pre_assessment=row.pre_assessment, questionnaire=row.questionnaire, answer_index=row.answer_index, **run
    ),
    "AuditLog": lambda row, **run: factories.AuditLogFactory.build(
        about=models.Therapist.objects.get(pk=row.entity_id), user=row.user, slot=slot(row), **run
    ),
}


def rows_of(table: str) -> Any:
    return getattr(models, table).objects.order_by("pk")


@pytest.mark.parametrize("table", REBUILT)
def test_base_row__rebuilt_by_the_factory__agrees_in_every_column(table: str, base: Run) -> None:
    for row in [row for row in rows_of(table) if not of_the_cast(row)][:SOME]:
        assert values(REBUILT[table](row, run=base)) == values(row)


def test_base_tables__written_by_a_generator__are_all_compared(base: Run) -> None:
    written = {table for table in models.__all__ if rows_of(table).exists()}
    few = {"MeetingNotes", "Review"} if len(rows_of("Meeting")) < FEW else set()
    assert (written | few) - SCRIPTED == set(REBUILT)


def test_user__ordinal_of_a_base_client__is_that_client(base: Run) -> None:
    user = factories.UserFactory.build(role="client", ordinal=3, run=base, profile=None)
    assert values(user) == values(models.User.objects.get(email="client4@mentara.example"))
