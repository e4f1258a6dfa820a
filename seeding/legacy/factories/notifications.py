"""Notifications about rows."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from factory.declarations import LazyAttribute, Maybe, SelfAttribute

from mentara import models
from mentara.models import User
from seeding.engine.keys import Ids
from seeding.engine.values import Columns
from seeding.legacy.factories.accounts import UserFactory
from seeding.legacy.factories.base import Timestamped
from seeding.legacy.factories.communities import CommunityMemberFactory
from seeding.legacy.factories.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.factories.messages import seats_of
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


def reader(message: Any) -> User:
    """Somebody else in the conversation of a message; its sender where there is nobody."""
    users = (seat.user for seat in seats_of(message.conversation))
    return next((user for user in users if user != message.sender), message.sender)


CONCERNED: dict[str, Callable[[Any], User]] = {
    "Meeting": attrgetter("client.user"),
    "Message": reader,
    "WorksheetAssignment": attrgetter("client.user"),
    "ClientTherapist": attrgetter("client.user"),
    "Review": attrgetter("therapist.user"),
    "Therapist": attrgetter("user"),
    "Comment": attrgetter("post.user"),
    "Post": attrgetter("user"),
    "User": lambda user: user,
}
"""Whom a row of each table concerns; a community concerns whoever joins it."""


def told_of(row: Any) -> str:
    """The table of a row that users are told of. Raises ValueError for a row of any other."""
    if table_of(row) not in NEWS:
        raise ValueError(f"Nobody is told of rows of {table_of(row)}; let `about` be a row of {', '.join(NEWS)}.")
    return table_of(row)


def says_whom(of: Any) -> bool:
    """Whether the notification is about a row that says whom it concerns."""
    return of.about is not None and told_of(of.about) in CONCERNED


def concerned(of: Any) -> User:
    """Whom the row given concerns."""
    return CONCERNED[table_of(of.about)](of.about)


def news_type(of: Any) -> str:
    """What the user is told."""
    return NEWS[told_of(of.subject)]


def notification_columns(of: Any, ids: Ids) -> Columns:
    """A notification about the row."""
    news = notifications.News(
        each(0, ids),
        each(code(of.type, notifications.TYPES), ids),
        each(notifications.ENTITIES.index(told_of(of.subject)), ids),
        each(key(of.subject), ids),
        each(begun(of.run, of.subject), ids),
    )
    return notifications.notification_rows(of.run, ids, people_of(of.run, of.user), news)[0]


class NotificationFactory(Timestamped[models.Notification]):
    """An unread notification about the user's account, or about the row given: `NotificationFactory(about=meeting)`.

    The user is by default one whom that row concerns; who is told of a community is a member of it. A row of a table
    that nobody is told of is refused with a ValueError.
    """

    class Meta:
        model = models.Notification

    class Params:
        slot = Free()
        about = None
        subject = LazyAttribute(lambda news: news.about or news.user)
        membership = Maybe(
            LazyAttribute(lambda news: isinstance(news.about, models.Community)),
            Parent(CommunityMemberFactory, user=SelfAttribute("..user"), community=SelfAttribute("..about")),
            None,
        )
        row = Row(notification_columns)

    id = Key("user", tries=("is_read",))
    user = Maybe(LazyAttribute(says_whom), LazyAttribute(concerned), Parent(UserFactory))
    type = LazyAttribute(news_type)
    priority = Column()
    title = Column()
    message = Column()
    data = Column()
    action_url = Column()
    is_read = Column(usual=False)
    read_at = Column()
