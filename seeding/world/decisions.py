"""What administrators decide about people, and whether a log tells of it yet: each decision is logged once."""

from __future__ import annotations

from typing import Any

import numpy as np

from seeding.engine.clock import past
from seeding.engine.columns import BOOL, TIME, UUID, Frame, read, whether
from seeding.engine.run import Run
from seeding.world.mentara import rows

DECISIONS = ("APPROVE_THERAPIST_APPLICATION", "REJECT_THERAPIST_APPLICATION")
"""What is done to an application of a therapist."""
SUSPENSION = "SUSPEND_USER"
"""What is done to an account."""


def told(run: Run, *actions: str) -> Any:
    """A query for the ids of the rows to which, as a log tells, this was done."""
    return rows(run, "AuditLog", action__in=actions).values("entity_id")


def suspended(run: Run) -> set[bytes]:
    """The accounts of which a log tells that they were closed."""
    return set(read(told(run, SUSPENSION), entity_id=UUID).entity_id.tolist())


def untold(run: Run) -> Frame:
    """The applications that were decided, of which no log tells yet: `pk`, admin, `action`, and `since` when."""
    decided = rows(run, "Therapist", status__in=("APPROVED", "REJECTED"), processed_by_admin__isnull=False)
    found = read(
        decided.exclude(pk__in=told(run, *DECISIONS)).annotate(approved=whether(status="APPROVED")),
        pk=UUID, processed_by_admin_id=UUID, approved=BOOL, created_at=TIME, processed_at=TIME,
    )  # fmt: skip
    found.columns["action"] = np.where(found.approved, *DECISIONS)
    found.columns["since"] = past(run.as_of, found.processed_at, found.created_at)
    return found
