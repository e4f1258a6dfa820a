"""A naive reading of what the minimums say. It shares no code with the toolkit.

A world is every row of every table as a plain dict. Counting is Python loops over it, written from the text of the
specification: slow, and easy to check by eye. So is judging, in `oracle_rules.py`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.apps import apps

Row = dict[str, Any]
Short = dict[str, dict[UUID, int]]
DAY = dt.timedelta(days=1)
ZONES = available_timezones()

MINIMUMS = {
    "client.communityMemberships": 1,
    "client.posts": 5,
    "client.comments": 10,
    "client.hearts": 3,
    "client.conversations": 2,
    "client.messagesPerConversation": 5,
    "client.completedAssessments": 2,
    "client.therapists": 0,
    "therapist.clientRelationships": 2,
    "therapist.communityMemberships": 1,
    "therapist.posts": 2,
    "therapist.comments": 5,
    "therapist.availabilityDays": 3,
    "therapist.meetings": 4,
    "therapist.worksheets": 3,
    "therapist.sessionNotes": 2,
    "therapist.reviewsReceived": 1,
    "community.members": 8,
    "community.posts": 10,
    "community.moderators": 1,
    "post.comments": 2,
    "post.hearts": 1,
    "meeting.notesIfCompleted": 1,
    "relationship.meetings": 3,
    "relationship.worksheets": 1,
    "user.notifications": 2,
    "admin.auditLogs": 3,
}


@dataclass(frozen=True)
class World:
    """Every row of every table, by table and primary key."""

    tables: dict[str, dict[UUID, Row]]

    def __getitem__(self, table: str) -> dict[UUID, Row]:
        return self.tables[table]

    def rows(self, table: str) -> Iterable[Row]:
        return self.tables[table].values()

    @property
    def size(self) -> int:
        return sum(map(len, self.tables.values()))


def read_world(using: str) -> World:
    """Read everything."""
    tables = {}
    for model in apps.get_app_config("mentara").get_models():
        key = model._meta.pk.attname
        tables[model.__name__] = {row[key]: row for row in model.objects.using(using).values()}
    return World(tables)


def ours(key: UUID) -> bool:
    """Whether the toolkit made the row with this key."""
    return key.hex.startswith("5eed") and key.hex[12] == "8"


# The minimums


def counts(world: World) -> Short:
    """What every row that a minimum binds has, by minimum."""
    return {key: dict(_count(world, key)) for key in MINIMUMS}


def short_of(world: World, heights: dict[str, int] | None = None) -> Short:
    """The rows that have less than they need, by minimum, and what they have."""
    wanted = {**MINIMUMS, **(heights or {})}
    return {
        key: {subject: has for subject, has in counted.items() if has < wanted[key]}
        for key, counted in counts(world).items()
    }


def _approved(world: World) -> list[UUID]:
    return [row["user_id"] for row in world.rows("Therapist") if row["status"] == "APPROVED"]


def _per(subjects: Iterable[UUID], values: Iterable[UUID]) -> Iterator[tuple[UUID, int]]:
    tally = Counter(values)
    for subject in subjects:
        yield subject, tally[subject]


def _count(world: World, key: str) -> Iterator[tuple[UUID, int]]:
    clients, approved, rows = world["Client"], _approved(world), world.rows
    match key:
        case "client.communityMemberships":
            return _per(clients, (row["user_id"] for row in rows("CommunityMember")))
        case "client.posts":
            return _per(clients, (row["user_id"] for row in rows("Post")))
        case "client.comments":
            return _per(clients, (row["user_id"] for row in rows("Comment")))
        case "client.hearts":
            return _per(clients, (row["user_id"] for row in rows("Heart")))
        case "client.conversations":
            return _per(clients, (row["user_id"] for row in rows("ConversationParticipant")))
        case "client.messagesPerConversation":
            theirs = {row["conversation_id"] for row in rows("ConversationParticipant") if row["user_id"] in clients}
            return _per(theirs, (row["conversation_id"] for row in rows("Message")))
        case "client.completedAssessments":
            return _per(clients, (row["user_id"] for row in rows("PreAssessment") if row["completed_at"] is not None))
        case "client.therapists":
            return _per(clients, (row["client_id"] for row in rows("ClientTherapist")))
        case "therapist.clientRelationships":
            return _per(approved, (row["therapist_id"] for row in rows("ClientTherapist")))
        case "therapist.communityMemberships":
            return _per(approved, (row["user_id"] for row in rows("CommunityMember")))
        case "therapist.posts":
            return _per(approved, (row["user_id"] for row in rows("Post")))
        case "therapist.comments":
            return _per(approved, (row["user_id"] for row in rows("Comment")))
        case "therapist.availabilityDays":
            days = {
                (row["therapist_id"], row["day_of_week"])
                for row in rows("TherapistAvailability")
                if row["is_available"]
            }
            return _per(approved, (therapist for therapist, _ in days))
        case "therapist.meetings":
            return _per(approved, (row["therapist_id"] for row in rows("Meeting")))
        case "therapist.worksheets":
            return _per(approved, (row["therapist_id"] for row in rows("Worksheet")))
        case "therapist.sessionNotes":
            return _per(approved, (world["Meeting"][row["meeting_id"]]["therapist_id"] for row in rows("MeetingNotes")))
        case "therapist.reviewsReceived":
            return _per(approved, (row["therapist_id"] for row in rows("Review")))
        case "community.members":
            return _per(world["Community"], (row["community_id"] for row in rows("CommunityMember")))
        case "community.posts":
            return _per(world["Community"], (row["community_id"] for row in rows("Post")))
        case "community.moderators":
            moderators = (row["community_id"] for row in rows("CommunityMember") if row["role"] == "MODERATOR")
            return _per(world["Community"], moderators)
        case "post.comments":
            return _per(world["Post"], (row["post_id"] for row in rows("Comment")))
        case "post.hearts":
            return _per(world["Post"], (row["post_id"] for row in rows("Heart") if row["post_id"] is not None))
        case "meeting.notesIfCompleted":
            completed = [row["id"] for row in rows("Meeting") if row["status"] == "COMPLETED"]
            return _per(completed, (row["meeting_id"] for row in rows("MeetingNotes")))
        case "relationship.meetings":
            met = Counter((row["client_id"], row["therapist_id"]) for row in rows("Meeting"))
            pairs = ((row["id"], (row["client_id"], row["therapist_id"])) for row in rows("ClientTherapist"))
            return ((relationship, met[pair]) for relationship, pair in pairs)
        case "relationship.worksheets":
            given = Counter(
                (row["client_id"], world["Worksheet"][row["worksheet_id"]]["therapist_id"])
                for row in rows("WorksheetAssignment")
            )
            pairs = ((row["id"], (row["client_id"], row["therapist_id"])) for row in rows("ClientTherapist"))
            return ((relationship, given[pair]) for relationship, pair in pairs)
        case "user.notifications":
            users = [row["id"] for row in rows("User") if row["role"] in {"client", "therapist"}]
            return _per(users, (row["user_id"] for row in rows("Notification")))
        case "admin.auditLogs":
            return _per(world["Admin"], (row["user_id"] for row in rows("AuditLog")))
    raise KeyError(key)


# What can be met at all


def out_of_reach(before: World, after: World, heights: dict[str, int] | None = None) -> Short:
    """The rows that no enricher could have given enough, with the most they can have.

    Enrichers add no users, profiles or communities; that is what limits them.
    """
    wanted = {**MINIMUMS, **(heights or {})}
    users, clients, communities = before["User"], before["Client"], before["Community"]
    approved = _approved(before)
    ceilings: dict[str, int] = {
        "client.communityMemberships": len(communities),
        "therapist.communityMemberships": len(communities),
        "therapist.clientRelationships": len(clients),
        "client.therapists": len(approved),
        "community.members": len(users),
        "post.hearts": len(users) - 1,
    }
    if not communities:
        nothing = ("client.posts", "client.comments", "client.hearts", "therapist.posts", "therapist.comments")
        ceilings |= dict.fromkeys(nothing, 0)
    if not users:
        ceilings["community.posts"] = 0
    if len(users) < 2:
        ceilings["client.hearts"] = 0
    if not clients:
        ceilings |= dict.fromkeys(("therapist.meetings", "therapist.sessionNotes", "therapist.reviewsReceived"), 0)
    found: Short = {key: {} for key in wanted}
    for key, most in ceilings.items():
        if most < wanted[key]:
            found[key] = {subject: most for subject, _ in _count(after, key)}
    moderators = {row["id"] for row in before.rows("User") if row["role"] == "moderator"}
    for community in communities:
        here = [row for row in before.rows("CommunityMember") if row["community_id"] == community]
        ordinary = {row["user_id"] for row in here if row["role"] == "MEMBER"}
        already = {row["user_id"] for row in here if row["role"] == "MODERATOR"}
        most = len(already | moderators - ordinary)
        if most < wanted["community.moderators"]:
            found["community.moderators"][community] = most
    for therapist in approved:
        open_days = _days_open(before, therapist)
        if len(open_days) < wanted["therapist.availabilityDays"]:
            found["therapist.availabilityDays"][therapist] = len(open_days)
    nowhere = {therapist for therapist in after["Therapist"] if _nowhere_to_meet(after, therapist)}
    completed = [row for row in before.rows("Meeting") if row["status"] == "COMPLETED"]
    documentable = {row["therapist_id"] for row in completed}
    reviewed = {row["meeting_id"] for row in before.rows("Review")}
    to_review = Counter(
        row["therapist_id"]
        for row in completed
        if row["id"] not in reviewed and row["client_id"] != row["therapist_id"]
    )
    for therapist, has in _count(after, "therapist.meetings"):
        if therapist in nowhere:
            found["therapist.meetings"][therapist] = has
    for therapist, has in _count(after, "therapist.sessionNotes"):
        if therapist in nowhere - documentable:
            found["therapist.sessionNotes"][therapist] = has
    for therapist, had in _count(before, "therapist.reviewsReceived"):
        if therapist in nowhere and had + to_review[therapist] < wanted["therapist.reviewsReceived"]:
            found["therapist.reviewsReceived"][therapist] = had + to_review[therapist]
    relationships = after["ClientTherapist"]
    for row, has in _count(after, "relationship.meetings"):
        if relationships[row]["therapist_id"] in nowhere:
            found["relationship.meetings"][row] = has
    return found


def _nowhere_to_meet(world: World, therapist: UUID) -> bool:
    """Whether no window of a known zone holds a quarter of an hour, and no day has one left to open."""
    own = [row for row in world.rows("TherapistAvailability") if row["therapist_id"] == therapist]
    for row in own:
        first = -(-minute(row["start_time"]) // 15) * 15
        known = row["timezone"] in ZONES
        if row["is_available"] and known and minute(row["end_time"]) - first >= 15:
            return False
    shut = [{**row, "is_available": False} for row in own]
    return not _days_with_room(shut)


def _days_open(world: World, therapist: UUID) -> set[str]:
    """The days on which a therapist has a window, or a quarter of an hour that no window takes."""
    return _days_with_room([row for row in world.rows("TherapistAvailability") if row["therapist_id"] == therapist])


def _days_with_room(own: list[Row]) -> set[str]:
    """The days with an available window among these, or with a quarter of an hour that none of them takes."""
    week = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
    found = {row["day_of_week"] for row in own if row["is_available"]}
    for day in week:
        taken = set()
        for row in own:
            if row["day_of_week"] == day:
                first, last = minute(row["start_time"]), minute(row["end_time"])
                taken |= set(range(first, max(last, first + 1) if last >= first else 24 * 60))
        free = [minute not in taken for minute in range(24 * 60 - 1)]
        if any(all(free[at : at + 15]) for at in range(0, len(free) - 14, 15)):
            found.add(day)
    return found


def minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
