"""A world built by hand that keeps every rule of coherence, and what the checker says of one that was changed."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any
from uuid import UUID

from django.db import models

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
    PreAssessmentAnswer,
    Review,
    Therapist,
    TherapistAvailability,
    User,
    Worksheet,
    WorksheetAssignment,
)
from seeding.coherence import AsOf, check

AS_OF = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)  # a Monday; New York's clocks change on the 8th
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
STARTED, STARTS = dt.datetime(2026, 2, 16, 14, tzinfo=dt.UTC), dt.datetime(2026, 3, 9, 13, tzinfo=dt.UTC)
SESSION = dt.timedelta(minutes=50)
PROFILES = {"client": Client, "therapist": Therapist, "admin": Admin, "moderator": Moderator}
Found = set[tuple[str, str, str]]


def ago(days: float) -> dt.datetime:
    return AS_OF - days * DAY


class World:
    """A minimal world that keeps every rule; `theirs` is what somebody else wrote."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.admin = self.user("admin")
        self.moderator = self.user("moderator")
        self.client = self.user("client")
        self.friend = self.user("client")
        self.therapist = self.user("therapist")
        self.community = self.add(
            Community, name="Anxiety", slug="anxiety", image_url="https://images.example/a.png", **dated(350)
        )
        self.seat = self.join(self.client)
        self.join(self.friend)
        self.keeper = self.join(self.moderator, role="MODERATOR")
        self.post = self.write(days=100)
        self.comment = self.answer(self.post, self.friend, days=90)
        self.reply = self.answer(self.post, self.client, days=80, parent=self.comment)
        self.heart = self.add(Heart, user=self.friend, post=self.post, created_at=ago(85))
        self.thanks = self.add(Heart, user=self.client, comment=self.comment, created_at=ago(84))
        self.relationship = self.relate(self.client, self.therapist)
        self.window = self.open("MONDAY", "09:00", "12:00")
        self.held = self.meet(STARTED)
        self.planned = self.meet(STARTS, status="SCHEDULED")
        self.cancelled = self.meet(STARTED, status="CANCELLED")
        self.notes = self.add(MeetingNotes, meeting=self.held, notes="Went well.", **dated(13))
        self.review = self.rate(self.held)
        self.worksheet = self.add(Worksheet, therapist=self.therapist.therapist_profile, **sheet())
        self.submitted = self.assign("SUBMITTED", due=ago(20), submitted_at=ago(21))
        self.reviewed = self.assign("REVIEWED", due=ago(20), submitted_at=ago(21), feedback="Thank you.")
        self.overdue = self.assign("OVERDUE", due=ago(20))
        self.assigned = self.assign("ASSIGNED", due=AS_OF + 7 * DAY)
        self.conversation = self.talk(self.client, self.therapist)
        self.hello = self.say(self.conversation, self.client, days=50)
        self.answered = self.say(self.conversation, self.therapist, days=49, reply_to=self.hello, edited_at=ago(48))
        self.first = self.assess(days=120, anxiety=[1] * 7, stress=[0] * 10)
        self.second = self.assess(days=60, bipolar=[1] * 7 + [0] * 6 + [1, 2])
        self.notification = self.notify(self.client, self.comment, days=89)
        self.reminder = self.notify(self.therapist, self.planned, days=1, is_read=True, read_at=ago(0.5))
        self.log = self.record(self.admin, self.therapist.therapist_profile, days=200)
        self.moderation = self.record(self.moderator, self.post, days=70)

    def id(self, *, theirs: bool = False) -> UUID:
        start = "a0000000-0000-4000-8000" if theirs else "5eed1000-0002-8abc-9000"
        return UUID(f"{start}-{next(self.numbers):012x}")

    def add(self, model: type[models.Model], *, theirs: bool = False, **fields: Any) -> Any:
        return model.objects.create(id=self.id(theirs=theirs), **fields)

    def user(self, role: str, *, days: float = 300, theirs: bool = False, **fields: Any) -> Any:
        fields = {"email": f"{role}{next(self.numbers)}@example.com", "birth_date": dt.date(1990, 1, 1), **fields}
        user = self.add(User, theirs=theirs, role=role, **dated(days), **fields)
        practice = self.practice(days) if role == "therapist" else {}
        PROFILES[role].objects.create(user=user, **dated(days), **practice)
        return user

    def practice(self, days: float) -> dict[str, Any]:
        return {
            "status": "APPROVED",
            "mobile": "+44 7700 900123",
            "license_number": f"SYN-{next(self.numbers)}",
            "practice_start_date": dt.date(2016, 3, 1),
            "years_of_experience": 10,
            "hourly_rate": 100,
            "processed_by_admin_id": self.admin.id,
            "processed_at": ago(days - 1),
        }

    def join(self, user: Any, *, days: float = 290, theirs: bool = False, **fields: Any) -> Any:
        fields = {"community": self.community, "joined_at": ago(days), **fields}
        return self.add(CommunityMember, theirs=theirs, user=user, **fields)

    def write(self, user: Any = None, *, days: float, theirs: bool = False, **fields: Any) -> Any:
        fields = {"community": self.community, "content": f"Text {next(self.numbers)}.", **fields}
        return self.add(Post, theirs=theirs, user=user or self.client, **dated(days), **fields)

    def answer(self, post: Any, user: Any, *, days: float, theirs: bool = False, **fields: Any) -> Any:
        fields = {"content": f"Text {next(self.numbers)}.", **fields}
        return self.add(Comment, theirs=theirs, post=post, user=user, **dated(days), **fields)

    def relate(self, client: Any, therapist: Any, *, days: float = 200, theirs: bool = False, **fields: Any) -> Any:
        pair = {"client": client.client_profile, "therapist": therapist.therapist_profile}
        return self.add(ClientTherapist, theirs=theirs, assigned_at=ago(days), **pair, **fields)

    def open(self, day: str, start: str, end: str, *, theirs: bool = False, **fields: Any) -> Any:
        fields = {"therapist": self.therapist.therapist_profile, "timezone": "America/New_York", **fields}
        return self.add(
            TherapistAvailability,
            theirs=theirs,
            day_of_week=day,
            start_time=start,
            end_time=end,
            **dated(200),
            **fields,
        )

    def meet(self, start: dt.datetime, *, minutes: int = 50, theirs: bool = False, **fields: Any) -> Any:
        pair = {"client": self.client.client_profile, "therapist": self.therapist.therapist_profile}
        return self.add(
            Meeting,
            theirs=theirs,
            start_time=start,
            end_time=start + dt.timedelta(minutes=minutes),
            duration=minutes,
            **dated(150),
            **{"status": "COMPLETED", **pair, **fields},
        )

    def rate(self, meeting: Any, *, theirs: bool = False, **fields: Any) -> Any:
        fields = {"client": meeting.client, "therapist": meeting.therapist, "is_verified": True, **fields}
        return self.add(Review, theirs=theirs, meeting=meeting, rating=5, **dated(12), **fields)

    def assign(self, status: str, *, due: dt.datetime, therapist: Any = None, **fields: Any) -> Any:
        therapist = therapist or self.therapist
        worksheet = self.add(Worksheet, therapist=therapist.therapist_profile, **sheet())
        fields = {"client": self.client.client_profile, "assigned_at": ago(30), **dated(30), **fields}
        return self.add(WorksheetAssignment, worksheet=worksheet, status=status, due_date=due, **fields)

    def talk(self, *users: Any, theirs: bool = False, days: float = 61) -> Any:
        conversation = self.add(Conversation, theirs=theirs, type="DIRECT", **dated(days))
        for user in users:
            self.sit(conversation, user, theirs=theirs, days=days - 1)
        return conversation

    def sit(self, conversation: Any, user: Any, *, theirs: bool = False, days: float = 60) -> Any:
        at = {"joined_at": ago(days), "last_read_at": ago(min(days, 40))}
        return self.add(ConversationParticipant, theirs=theirs, conversation=conversation, user=user, **at)

    def say(self, conversation: Any, user: Any, *, days: float, theirs: bool = False, **fields: Any) -> Any:
        said = self.add(Message, theirs=theirs, conversation=conversation, sender=user, **dated(days), **fields)
        newest = conversation.messages.order_by("-created_at").first().created_at
        change(conversation, last_message_at=newest, updated_at=newest)
        return said

    def assess(self, *, days: float, theirs: bool = False, user: Any = None, **answers: list[int]) -> Any:
        known = {"anxiety": (7, "mild"), "stress": (16, "moderate"), "bipolar": (7, "positive-screen")}
        sitting = self.add(
            PreAssessment,
            theirs=theirs,
            user=(user or self.client).client_profile,
            scores={name: known[name][0] for name in answers},
            severity_levels={name: known[name][1] for name in answers},
            completed_at=ago(days),
            **dated(days),
        )
        for name, values in answers.items():
            for place, value in enumerate(values):
                self.add(
                    PreAssessmentAnswer, pre_assessment=sitting, questionnaire=name, answer_index=place, value=value
                )
        return sitting

    def notify(self, user: Any, row: Any, *, days: float, **fields: Any) -> Any:
        data = {"entity": row._meta.db_table, "entityId": str(row.pk)}
        return self.add(Notification, user=user, type="SYSTEM_UPDATE", data=data, **dated(days), **fields)

    def record(self, user: Any, row: Any, *, days: float, **fields: Any) -> Any:
        named = {"entity": row._meta.db_table, "entity_id": row.pk}
        return self.add(
            AuditLog,
            user=user,
            user_role=user.role,
            action="DATA_EXPORT",
            ip_address="192.0.2.1",
            created_at=ago(days),
            **named,
            **fields,
        )


def dated(days: float) -> dict[str, Any]:
    return {"created_at": ago(days), "updated_at": ago(days)}


def sheet() -> dict[str, Any]:
    return {"title": "Breathing", "instructions": "Breathe.", "estimated_minutes": 10, **dated(150)}


def change(row: models.Model, **fields: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(**fields)
    row.refresh_from_db()


def attribute(row_or_model: Any, column: str) -> str:
    """The attribute that a column is stored from."""
    return str(next(field.name for field in row_or_model._meta.fields if field.column == column))


def found(first: dt.datetime = AS_OF, last: dt.datetime = AS_OF) -> Found:
    """What the checker reports, row by row."""
    violations = check("default", AsOf(first, last))
    assert all(violation.rows == len(violation.examples) for violation in violations)
    return {(v.rule, v.table, example) for v in violations for example in v.examples}


def broken(rule: str, *rows: Any) -> Found:
    return {(rule, row._meta.db_table, str(row.pk)) for row in rows}
