"""Worksheets of therapists, and those in the hands of clients."""

from __future__ import annotations

from typing import Any

import numpy as np
from factory.declarations import SelfAttribute

from mentara import models
from seeding.engine.clock import DAY, micros
from seeding.engine.columns import MISSING
from seeding.engine.keys import Ids
from seeding.engine.values import Columns
from seeding.legacy.factories.accounts import ClientFactory, TherapistFactory, expertise
from seeding.legacy.factories.base import Timestamped
from seeding.legacy.factories.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.factories.one_row import FREE, each, key, people_of
from seeding.legacy.factories.relationships import Related, related_since
from seeding.legacy.factories.sessions import sessions_of
from seeding.rows.worksheets import AssignmentPlan, assignment_rows, worksheet_rows
from seeding.texts.therapy import sheets
from seeding.world.concerns import texts_in


def worksheet_columns(of: Any, ids: Ids) -> Columns:
    """The `slot`-th worksheet of the therapist."""
    sheet = sheets(expertise(of.therapist), texts_in(of.therapist.approaches)).at(of.slot)
    since = each(micros(of.therapist.created_at), ids)
    return worksheet_rows(of.run, ids, key(of.therapist), since, [sheet])[0]


class WorksheetFactory(Timestamped[models.Worksheet]):
    """A worksheet on what the therapist is expert in."""

    class Meta:
        model = models.Worksheet

    class Params:
        slot = Free()
        row = Row(worksheet_columns)

    id = Key("therapist")
    therapist = Parent(TherapistFactory)
    title = Column()
    instructions = Column()
    category = Column()
    estimated_minutes = Column()


OPEN = ("ASSIGNED", "SUBMITTED")
LATELY = 10 * DAY


def assignment_columns(of: Any, ids: Ids) -> Columns:
    """An assignment to the client; one that somebody is still to act on was given lately."""
    since = max(related_since(of), micros(of.worksheet.created_at))
    if of.slot >= FREE and of.status in OPEN:
        since = max(since, of.run.as_of - LATELY)
    active = each(of.relationship.status == "active", ids)
    adherence = np.repeat(people_of(of.run, of.client.user).adherence, len(ids))
    held = sessions_of(of.client, of.therapist).filter(status="COMPLETED")
    first = held.order_by("start_time").values_list("start_time", flat=True).first()
    met = MISSING if first is None else micros(first)
    plan = AssignmentPlan(
        each(key(of.worksheet), ids),
        each(key(of.client), ids),
        each(key(of.therapist), ids),
        each(since, ids),
        active,
        adherence,
        each(met, ids),
    )
    return assignment_rows(of.run, ids, plan)[0]


class WorksheetAssignmentFactory(Timestamped[models.WorksheetAssignment]):
    """A worksheet in the hands of a client of its therapist; dates and feedback suit the status."""

    class Meta:
        model = models.WorksheetAssignment

    class Params:
        slot = Free()
        therapist = SelfAttribute("worksheet.therapist")
        relationship = Related()
        row = Row(assignment_columns)

    id = Key("relationship", tries=("status",))
    worksheet = Parent(WorksheetFactory)
    client = Parent(ClientFactory)
    status = Column(usual="ASSIGNED")
    assigned_at = Column()
    due_date = Column()
    submitted_at = Column()
    feedback = Column()

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, Any]) -> Any:
        """The worksheet is one of the therapist who is given."""
        if "worksheet" not in params and "therapist" in params:
            params = {"worksheet__therapist": params["therapist"], **params}
        return super()._generate(strategy, params)
