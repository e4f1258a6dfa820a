"""Audit logs of what was done to rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from factory.declarations import LazyAttribute, SelfAttribute

from mentara import models
from mentara.models import User
from seeding.engine.clock import moment
from seeding.engine.keys import Ids, uuids_of
from seeding.engine.values import Columns
from seeding.legacy.factories.accounts import UserFactory
from seeding.legacy.factories.base import Factory
from seeding.legacy.factories.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.factories.one_row import begun, each, key, people_of, table_of
from seeding.rows.audit_logs import Deeds, audit_log_rows
from seeding.world.people import ADMIN, ROLES, user_ids

WORK = {
    "User": "USER_LOGIN",
    "Admin": "ADMIN_SYSTEM_CONFIG",
    "Post": "MODERATE_POST",
    "Comment": "MODERATE_COMMENT",
    "Review": "REVIEW_MODERATE",
    "Therapist": "APPROVE_THERAPIST_APPLICATION",
}
"""What an administrator does to a row of each table; of any other, the data are exported."""


def audit_action(of: Any) -> str:
    """What was done."""
    if table_of(of.about) == "Therapist" and of.about.status == "REJECTED":
        return "REJECT_THERAPIST_APPLICATION"
    return WORK.get(table_of(of.about), "DATA_EXPORT")


def audit_log_columns(of: Any, ids: Ids) -> Columns:
    """What the user did to the row; of a user who has gone, an administrator's work is left."""
    gone = User(pk=uuids_of(user_ids(ADMIN, np.zeros(1, dtype=np.int64)))[0], role=ROLES[ADMIN])
    gone.created_at = moment(begun(of.run, of.about))
    everybody = people_of(of.run, of.user or gone)
    deeds = Deeds(each(0, ids), [of.action], [table_of(of.about)], key(of.about), each(begun(of.run, of.about), ids))
    return audit_log_rows(of.run, ids, everybody, deeds)[0]


class AuditLogFactory(Factory[models.AuditLog]):
    """What an administrator did: signed in, or dealt with the row given: `AuditLogFactory(about=post)`."""

    class Meta:
        model = models.AuditLog

    class Params:
        slot = Free()
        about = SelfAttribute("user")
        row = Row(audit_log_columns)

    id = Key("about")
    user = Parent(UserFactory, role="admin")
    user_role = Column()
    action = LazyAttribute(audit_action)
    entity = Column()
    entity_id = Column()
    description = Column()
    metadata = Column()
    ip_address = Column()
    created_at = Column()
