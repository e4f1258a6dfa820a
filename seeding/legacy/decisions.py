"""What became of base therapists' applications, on record: an audit log of each decision."""

from __future__ import annotations

import numpy as np

from seeding.engine.ids import base_ids
from seeding.engine.keys import is_base
from seeding.legacy.base import Base
from seeding.rows.audit_logs import Deeds, audit_log_rows
from seeding.world.decisions import untold
from seeding.world.mentara import NOBODY
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
        found.action.tolist(),
        ["Therapist"] * len(found),
        found.pk,
        found.since,
    )
    columns, dated_back = audit_log_rows(base.run, base_ids("AuditLog", found.pk), everybody, deeds)
    base.write_missing("mentara.AuditLog", columns, dated_back=dated_back)
