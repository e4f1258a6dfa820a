"""Notifications about rows."""

from __future__ import annotations

from typing import Any

from factory.declarations import LazyAttribute, SelfAttribute

from mentara import models
from seeding.engine.keys import Ids
from seeding.engine.values import Columns
from seeding.legacy.factories.accounts import UserFactory
from seeding.legacy.factories.base import Timestamped
from seeding.legacy.factories.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.factories.one_row import begun, code, each, key, people_of, table_of
from seeding.rows import notifications

NEWS = {
    "Meeting": "APPOINTMENT_CONFIRMED",
    "Message": "MESSAGE_RECEIVED",
    "WorksheetAssignment": "WORKSHEET_ASSIGNED",
    "ClientTherapist": "RELATIONSHIP_ESTABLISHED",
    "Review": "REVIEW_RECEIVED",
    "Therapist": "THERAPIST_APPROVED",
    "Comment": "COMMUNITY_REPLY",
    "Post": "COMMUNITY_POST",
    "Community": "COMMUNITY_JOINED",
    "User": "SYSTEM_UPDATE",
}
"""What a row of each table is news of."""


def news_type(of: Any) -> str:
    """What the user is told."""
    return NEWS[table_of(of.about)]


def notification_columns(of: Any, ids: Ids) -> Columns:
    """A notification about the row."""
    news = notifications.News(
        each(0, ids),
        each(code(of.type, notifications.TYPES), ids),
        each(code(table_of(of.about), notifications.ENTITIES), ids),
        each(key(of.about), ids),
        each(begun(of.about), ids),
    )
    return notifications.notification_rows(of.run, ids, people_of(of.run, of.user), news)[0]


class NotificationFactory(Timestamped[models.Notification]):
    """An unread notification about the user's account, or about the row given: `NotificationFactory(about=post)`."""

    class Meta:
        model = models.Notification

    class Params:
        slot = Free()
        about = SelfAttribute("user")
        row = Row(notification_columns)

    id = Key("user", tries=("is_read",))
    user = Parent(UserFactory)
    type = LazyAttribute(news_type)
    priority = Column()
    title = Column()
    message = Column()
    data = Column()
    action_url = Column()
    is_read = Column(usual=False)
    read_at = Column()
