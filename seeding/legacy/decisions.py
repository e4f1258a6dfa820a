"""What became of base therapists' applications, on record: an audit log of each decision."""

from __future__ import annotations

import numpy as np

from seeding.engine.clock import past
from seeding.engine.columns import BOOL, TIME, UUID, Frame, read, whether
from seeding.engine.ids import base_ids
from seeding.engine.keys import is_base
from seeding.engine.run import Run
from seeding.legacy.base import Base
from seeding.rows.audit_logs import DECISIONS, Deeds, audit_log_rows
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import People


def log_decisions(base: Base, everybody: People) -> None:
    """Write the log of each decision on a base therapist's application of which none tells yet."""
    found = untold(base.run)
    actor = everybody.find(found.processed_by_admin_id)
    due = np.flatnonzero(is_base(found.pk) & (actor != NOBODY))
    found, actor = found.take(due), actor[due]
    if not len(found):
        return
    deeds = Deeds(
        actor,
        np.where(found.approved, *DECISIONS).tolist(),
        ["Therapist"] * len(found),
        found.pk,
        past(base.run.as_of, found.processed_at, found.created_at),
    )
    columns, dated_back = audit_log_rows(base.run, base_ids("AuditLog", found.pk), everybody, deeds)
    base.write_missing("mentara.AuditLog", columns, dated_back=dated_back)


def untold(run: Run) -> Frame:
    """The applications that were decided, of which no log tells yet."""
    told = rows(run, "AuditLog", action__in=DECISIONS).values("entity_id")
    decided = rows(run, "Therapist", status__in=("APPROVED", "REJECTED"), processed_by_admin__isnull=False)
    return read(
        decided.exclude(pk__in=told).annotate(approved=whether(status="APPROVED")),
        pk=UUID, processed_by_admin_id=UUID, approved=BOOL, created_at=TIME, processed_at=TIME,
    )  # fmt: skip
