"""Arbitrary starting databases: descriptions that Hypothesis draws and shrinks, and what turns one into rows.

A description refers to other rows by number, counted round, so every description is possible; where there is
nobody to refer to, the row is left out. Nothing keeps the rows from breaking the rules, and many do.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import models
from hypothesis import strategies as st

from mentara.models import (
    Admin,
    AuditLog,
    Client,
    ClientTherapist,
    Comment,
    Community,
    CommunityMember,
    Conversation,
    ConversationParticipant,
    Heart,
    Meeting,
    MeetingNotes,
    Message,
    Moderator,
    Notification,
    Post,
    PreAssessment,
    Review,
    Therapist,
    TherapistAvailability,
    User,
    Worksheet,
    WorksheetAssignment,
)

AS_OF = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
PROFILES: dict[str, type[models.Model]] = {
    "client": Client,
    "therapist": Therapist,
    "moderator": Moderator,
    "admin": Admin,
}
ZONES = ("UTC", "Asia/Manila", "America/New_York", "Australia/Lord_Howe", "Nowhere/At_All")
HOURS = (
    ("09:00", "17:00"),
    ("8:00", "11:30"),
    ("10:00", "12:00"),
    ("11:00", "13:00"),
    ("14:03", "14:20"),
    ("09:00", "09:10"),
    ("00:00", "23:59"),
    ("22:00", "02:00"),
)
SLUGS = ("anxiety", "stress", "gardening", "mindfulness")
EXPERTISE: tuple[Any, ...] = ([], ["anxiety", "ptsd"], ["astrology"], {})

index = st.integers(0, 40)
ago = st.sampled_from((400.0, 200.0, 91.0, 89.0, 30.0, 8.0, 5.0, 1.0, 0.02, 0.0007, -0.5, -1.0, -20.0))
"""Days before as-of; a minute ago, and the future too."""
old = st.sampled_from((700.0, 400.0, 91.0, 30.0, 0.0007, -1.0))
flag = st.booleans()
mostly = st.sampled_from((True, True, True, True, False))


def some(size: int, *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.tuples(*parts), max_size=size)


def choice(model: type[models.Model], name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([value for value, _ in model._meta.get_field(name).flatchoices])


@dataclass
class Description:
    """What is in a database, table by table."""

    clients: list[Any] = field(default_factory=list)
    therapists: list[Any] = field(default_factory=list)
    moderators: list[Any] = field(default_factory=list)
    admins: list[Any] = field(default_factory=list)
    communities: list[Any] = field(default_factory=list)
    memberships: list[Any] = field(default_factory=list)
    posts: list[Any] = field(default_factory=list)
    comments: list[Any] = field(default_factory=list)
    hearts: list[Any] = field(default_factory=list)
    relationships: list[Any] = field(default_factory=list)
    windows: list[Any] = field(default_factory=list)
    blocked: list[Any] = field(default_factory=list)
    meetings: list[Any] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)
    worksheets: list[Any] = field(default_factory=list)
    assignments: list[Any] = field(default_factory=list)
    conversations: list[Any] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)
    assessments: list[Any] = field(default_factory=list)
    reviews: list[Any] = field(default_factory=list)
    notifications: list[Any] = field(default_factory=list)
    audit_logs: list[Any] = field(default_factory=list)

    def __repr__(self) -> str:
        parts = ((part.name, getattr(self, part.name)) for part in fields(self))
        return f"Description({', '.join(f'{name}={value!r}' for name, value in parts if value)})"


person = (old, mostly, mostly)
"""When the account was made; whether there is a profile; whether it is active."""
descriptions = st.builds(
    Description,
    clients=some(12, *person),
    therapists=some(
        6, *person, choice(Therapist, "status"), st.sampled_from(ZONES), st.sampled_from((50, 30, 90, 200)),
        st.sampled_from(EXPERTISE),
    ),
    moderators=some(4, *person),
    admins=some(4, *person),
    communities=some(4, old),
    memberships=some(25, index, index, mostly, ago),
    posts=some(8, index, index, ago),
    comments=some(12, index, index, st.none() | index, ago),
    hearts=some(8, index, flag, index, ago),
    relationships=some(8, index, index, mostly, ago),
    windows=some(
        8, index, choice(TherapistAvailability, "day_of_week"), st.sampled_from(HOURS), st.sampled_from(ZONES), mostly
    ),
    blocked=some(1, index, st.integers(3, 7)),
    meetings=some(
        8, index, index, choice(Meeting, "status"), ago, st.sampled_from((0, 50, 90, 1_000)), mostly
    ),
    notes=some(3, index, ago),
    worksheets=some(4, index, ago),
    assignments=some(4, index, index, choice(WorksheetAssignment, "status"), ago),
    conversations=some(
        4, choice(Conversation, "type"), ago, st.lists(st.tuples(index, ago, mostly), max_size=3)
    ),
    messages=some(8, index, index, choice(Message, "message_type"), ago, flag),
    assessments=some(6, index, st.none() | ago),
    reviews=some(4, index, index, st.none() | index, ago),
    notifications=some(6, index, flag, ago),
    audit_logs=some(3, st.none() | index, ago),
)  # fmt: skip


class Builder:
    """Saves rows with keys that do not change from run to run."""

    def __init__(self, using: str, as_of: dt.datetime = AS_OF) -> None:
        self.using, self.as_of = using, as_of
        self.numbers = count()
        self.taken: set[Any] = set()

    def key(self) -> UUID:
        return uuid5(NAMESPACE_URL, f"mentara:{next(self.numbers)}")

    def when(self, days: float) -> dt.datetime:
        return self.as_of - dt.timedelta(days=days)

    def free(self, *identity: Any) -> bool:
        """Whether no row has this identity yet, and take it."""
        new = identity not in self.taken
        self.taken.add(identity)
        return new

    def save(self, model: type[models.Model], rows: list[dict[str, Any]]) -> list[Any]:
        names = {field.name for field in model._meta.fields}
        instances = []
        for row in rows:
            key = {"id": self.key()} if "id" in names else {}
            updated = {"updated_at": row["created_at"]} if "updated_at" in names else {}
            instances.append(model(**key, **updated, **row))
        return model.objects.using(self.using).bulk_create(instances)

    def people(self, role: str, described: list[Any]) -> list[Any]:
        users = [
            {
                "email": f"{role}{at}@example.net",
                "role": role,
                "first_name": role.title(),
                "last_name": f"Nº {at}",
                "created_at": self.when(days),
                "is_active": active,
            }
            for at, (days, _, active, *_) in enumerate(described)
        ]
        return self.save(User, users)

    def profiles(self, role: str, users: list[Any], described: list[Any], **values: Any) -> list[Any]:
        rows = [
            {"user": user, "created_at": user.created_at, **values}
            for user, (_, profile, *_) in zip(users, described, strict=True)
            if profile
        ]
        return self.save(PROFILES[role], rows)


def at(rows: list[Any], number: int) -> Any:
    """The row of this number, counted round, or None where there is none."""
    return rows[number % len(rows)] if rows else None


def build(described: Description, using: str, as_of: dt.datetime = AS_OF) -> None:
    """Write the rows of a description into an empty database."""
    make = Builder(using, as_of)
    people = {role: make.people(role, getattr(described, f"{role}s")) for role in PROFILES}
    clients = make.profiles("client", people["client"], described.clients)
    make.profiles("moderator", people["moderator"], described.moderators)
    admins = make.profiles("admin", people["admin"], described.admins)
    therapists = make.save(
        Therapist,
        [
            {
                "user": user,
                "status": status,
                "timezone": zone,
                "session_length": minutes,
                "expertise": expertise,
                "license_number": f"LIC-{number}",
                "practice_start_date": dt.date(2015, 3, 1),
                "years_of_experience": 3,
                "hourly_rate": Decimal("80.00"),
                "processed_by_admin": at(admins, number),
                "created_at": user.created_at,
            }
            for number, (user, (_, profile, _, status, zone, minutes, expertise)) in enumerate(
                zip(people["therapist"], described.therapists, strict=True)
            )
            if profile
        ],
    )
    users = [user for several in people.values() for user in several]
    talk(make, described, users)
    care(make, described, clients, therapists)
    write(make, described, users, clients)


def talk(make: Builder, described: Description, users: list[Any]) -> None:
    """Communities and what is said there."""
    communities = make.save(
        Community,
        [
            {"name": slug.title(), "slug": slug, "created_at": make.when(days)}
            for slug, (days,) in zip(SLUGS, described.communities, strict=False)
        ],
    )
    make.save(
        CommunityMember,
        [
            {
                "user": at(users, user),
                "community": at(communities, place),
                "role": "MEMBER" if member else "MODERATOR",
                "joined_at": make.when(days),
            }
            for user, place, member, days in described.memberships
            if users and communities and make.free("member", at(users, user), at(communities, place))
        ],
    )
    posts = make.save(
        Post,
        [
            {
                "user": at(users, user),
                "community": at(communities, place),
                "title": "The same title",
                "content": "The same text.",
                "created_at": make.when(days),
            }
            for user, place, days in described.posts
            if users and communities
        ],
    )
    comments: list[Any] = []
    for user, post, parent, days in described.comments if posts else ():
        row = {
            "post": at(posts, post),
            "user": at(users, user),
            "parent": None if parent is None else at(comments, parent),
            "content": "The same answer.",
            "created_at": make.when(days),
        }
        comments += make.save(Comment, [row])
    targets = {False: ("post", posts), True: ("comment", comments)}
    make.save(
        Heart,
        [
            {"user": at(users, user), name: at(rows, target), "created_at": make.when(days)}
            for user, on_comment, target, days in described.hearts
            for name, rows in [targets[on_comment]]
            if rows and make.free("heart", at(users, user), name, at(rows, target))
        ],
    )


def care(make: Builder, described: Description, clients: list[Any], therapists: list[Any]) -> None:
    """Relationships, windows, meetings, worksheets and reviews."""
    both = bool(clients and therapists)
    make.save(
        ClientTherapist,
        [
            {
                "client": at(clients, client),
                "therapist": at(therapists, therapist),
                "status": "active" if active else "inactive",
                "assigned_at": make.when(days),
            }
            for client, therapist, active, days in described.relationships
            if both and make.free("pair", at(clients, client), at(therapists, therapist))
        ],
    )
    days_of_week = [value for value, _ in TherapistAvailability.Day.choices]
    blocked = [
        (therapist, day, ("00:00", "23:59"), "UTC", False)
        for therapist, days in described.blocked
        for day in days_of_week[:days]
    ]
    make.save(
        TherapistAvailability,
        [
            {
                "therapist": at(therapists, therapist),
                "day_of_week": day,
                "start_time": hours[0],
                "end_time": hours[1],
                "timezone": zone,
                "is_available": available,
                "created_at": make.when(100),
            }
            for therapist, day, hours, zone, available in [*blocked, *described.windows]
            if therapists and make.free("window", at(therapists, therapist), day, hours)
        ],
    )
    meetings = make.save(
        Meeting,
        [
            {
                "client": at(clients, client),
                "therapist": at(therapists, therapist),
                "title": "A session",
                "start_time": make.when(days),
                "end_time": make.when(days) + dt.timedelta(minutes=minutes if exact else -minutes),
                "duration": minutes,
                "status": status,
                "created_at": make.when(days + 3),
            }
            for client, therapist, status, days, minutes, exact in described.meetings
            if both
        ],
    )
    make.save(
        MeetingNotes,
        [
            {"meeting": at(meetings, meeting), "notes": "Noted.", "created_at": make.when(days)}
            for meeting, days in described.notes
            if meetings
        ],
    )
    worksheets = make.save(
        Worksheet,
        [
            {
                "therapist": at(therapists, therapist),
                "title": "A worksheet",
                "category": "other",
                "estimated_minutes": 10,
                "created_at": make.when(days),
            }
            for therapist, days in described.worksheets
            if therapists
        ],
    )
    make.save(
        WorksheetAssignment,
        [
            {
                "worksheet": at(worksheets, worksheet),
                "client": at(clients, client),
                "status": status,
                "assigned_at": make.when(days),
                "due_date": make.when(days - 7),
                "created_at": make.when(days),
            }
            for worksheet, client, status, days in described.assignments
            if worksheets and clients and make.free("given", at(worksheets, worksheet), at(clients, client))
        ],
    )
    make.save(
        Review,
        [
            {
                "client": at(clients, client),
                "therapist": at(therapists, therapist),
                "meeting": about,
                "rating": 4,
                "created_at": make.when(days),
            }
            for client, therapist, meeting, days in described.reviews
            for about in [None if meeting is None else at(meetings, meeting)]
            if both and make.free("review", at(clients, client), at(therapists, therapist), about)
        ],
    )


def write(make: Builder, described: Description, users: list[Any], clients: list[Any]) -> None:
    """Conversations, assessments, notifications, audit logs."""
    conversations = make.save(
        Conversation,
        [{"type": kind, "created_at": make.when(days)} for kind, days, _ in described.conversations],
    )
    make.save(
        ConversationParticipant,
        [
            {"conversation": row, "user": at(users, user), "joined_at": make.when(days), "is_active": active}
            for row, (_, _, seats) in zip(conversations, described.conversations, strict=True)
            for user, days, active in seats
            if users and make.free("seat", row, at(users, user))
        ],
    )
    make.save(
        Message,
        [
            {
                "conversation": at(conversations, conversation),
                "sender": at(users, sender),
                "content": "The same message.",
                "message_type": kind,
                "is_deleted": deleted,
                "created_at": make.when(days),
            }
            for conversation, sender, kind, days, deleted in described.messages
            if conversations and users
        ],
    )
    make.save(
        PreAssessment,
        [
            {
                "user": at(clients, client),
                "completed_at": None if days is None else make.when(days),
                "created_at": make.when(days or 1),
            }
            for client, days in described.assessments
            if clients
        ],
    )
    make.save(
        Notification,
        [
            {
                "user": at(users, user),
                "type": "SYSTEM_UPDATE",
                "title": "Hello",
                "message": "Hello",
                "data": {"entity": "User", "entityId": str(at(users, user).pk)} if whole else {},
                "created_at": make.when(days),
            }
            for user, whole, days in described.notifications
            if users
        ],
    )
    make.save(
        AuditLog,
        [
            {
                "user": None if user is None else at(users, user),
                "action": "USER_LOGIN",
                "entity": "User",
                "entity_id": make.key(),
                "created_at": make.when(days),
            }
            for user, days in described.audit_logs
        ],
    )
