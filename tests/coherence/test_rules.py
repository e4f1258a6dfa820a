"""Every rule of coherence: hand-built worlds that break it and nothing else, and worlds that only look so."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
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
    Invoice,
    Meeting,
    MeetingNotes,
    Message,
    Moderator,
    Notification,
    Payment,
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
from seeding.coherence import FICTIONAL_PHONES, RULES, AsOf, check
from seeding.coherence.people import TEXTS, is_fictional_phone
from seeding.coherence.tables import TABLES

pytestmark = pytest.mark.django_db

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
        return model.objects.create(id=self.id(theirs=theirs), **fields)  # type: ignore[attr-defined]  # every model has a manager

    def user(self, role: str, *, days: float = 300, theirs: bool = False, **fields: Any) -> Any:
        fields = {"email": f"{role}{next(self.numbers)}@example.com", "birth_date": dt.date(1990, 1, 1), **fields}
        user = self.add(User, theirs=theirs, role=role, **dated(days), **fields)
        practice = self.practice(days) if role == "therapist" else {}
        PROFILES[role].objects.create(user=user, **dated(days), **practice)  # type: ignore[attr-defined]  # every model has a manager
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
    type(row).objects.filter(pk=row.pk).update(**fields)  # type: ignore[attr-defined]  # every model has a manager
    row.refresh_from_db()


def found(first: dt.datetime = AS_OF, last: dt.datetime = AS_OF) -> Found:
    """What the checker reports, row by row."""
    violations = check("default", AsOf(first, last))
    assert all(violation.rows == len(violation.examples) for violation in violations)
    return {(v.rule, v.table, example) for v in violations for example in v.examples}


def broken(rule: str, *rows: Any) -> Found:
    return {(rule, row._meta.db_table, str(row.pk)) for row in rows}


@pytest.fixture
def world(db: None) -> World:
    return World()


# The whole


def test_world__that_keeps_the_rules__is_not_reported(world: World) -> None:
    assert found() == set()


def test_rules__of_the_coherence_text__are_all_there() -> None:
    counts = {"T": 3, "C": 4, "R": 8, "M": 3, "A": 3, "N": 2, "P": 2}
    expected = {f"{letter}{number}" for letter, most in counts.items() for number in range(1, most + 1)} | {"B3"}
    assert {rule.id for rule in RULES} == expected


def test_check__narrowed_by_rule_and_table__judges_nothing_else(world: World) -> None:
    change(world.post, updated_at=ago(101))
    change(world.comment, updated_at=ago(101))
    as_of = AsOf(AS_OF, AS_OF)
    assert {v.table for v in check("default", as_of)} == {"Post", "Comment"}
    assert {v.table for v in check("default", as_of, tables=["Post"])} == {"Post"}
    assert check("default", as_of, rules=["C1"]) == []
    assert check("default", as_of, rules=[]) == []


@pytest.mark.parametrize("narrowed", [{"rules": ["X9"]}, {"tables": ["Nothing"]}])
def test_check__of_what_is_not_known__is_refused(db: None, narrowed: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r"no such (rule|table): "):
        check("default", AsOf(AS_OF, AS_OF), **narrowed)


def test_check__of_more_rows_than_it_shows__counts_them_all(world: World) -> None:
    posts = [world.write(days=50) for _ in range(7)]
    Post.objects.filter(pk__in=[post.pk for post in posts]).update(updated_at=ago(60))
    [violation] = check("default", AsOf(AS_OF, AS_OF))
    assert violation.rows == 7
    assert violation.examples == tuple(sorted(str(post.pk) for post in posts))[:5]


def test_rows__of_somebody_else__are_not_judged(world: World) -> None:
    stranger = world.user("client", theirs=True, email="somebody@mentara.com", birth_date=dt.date(2020, 1, 1))
    post = world.write(stranger, theirs=True, days=-3)
    change(post, updated_at=ago(400), content="Mail somebody@mentara.com")
    assert found() == set()


def test_rows__with_the_mark_but_another_version__are_not_judged(world: World) -> None:
    lookalike = UUID("5eed1000-0002-4abc-9000-000000000001")
    Post.objects.create(id=lookalike, user=world.therapist, community=world.community, **dated(400))
    assert found() == set()


# Time

FOREIGN_KEYS = [(name, column) for name, table in TABLES.items() if table.dated for column in table.parents]
TIMES = [(name, column) for name, table in TABLES.items() for column in table.times]
STAMPS = [
    (name, column)
    for name, table in TABLES.items()
    for column in (table.dated, *table.also, *table.times, *(["updatedAt"] if table.updated else []))
    if column and (name, column) != ("Conversation", "updatedAt")
]


def attribute(row_or_model: Any, column: str) -> str:
    """The attribute that a column is stored from."""
    return str(next(field.name for field in row_or_model._meta.fields if field.column == column))


def one_of(world: World, name: str, column: str) -> Any:
    """A seeded row of a table that has something in a column."""
    model: Any = apps.get_model("mentara", name)
    if name in {"Invoice", "Payment"}:
        pair = {"client": world.client.client_profile, "currency": "EUR", **dated(10)}
        invoice = world.add(Invoice, **pair, total=1, issued_at=ago(10), due_date=ago(0), paid_at=ago(9))
        more = {"therapist": world.therapist.therapist_profile, "meeting": world.held, "processed_at": ago(9)}
        world.add(Payment, **pair, **more, invoice=invoice, amount=1)
    if name == "User":
        change(world.client, last_login=ago(1))
    return model.objects.exclude(**{attribute(model, column): None}).order_by("pk").first()


@pytest.mark.parametrize(("name", "column"), [*FOREIGN_KEYS, ("Therapist", "processedByAdminId")])
def test_row__older_than_a_parent__is_reported(world: World, name: str, column: str) -> None:
    child = one_of(world, name, column)
    parent = getattr(child, attribute(child, column))
    dated_column = TABLES[parent._meta.db_table].dated
    assert dated_column is not None
    change(parent, **{attribute(parent, dated_column): AS_OF - HOUR})
    assert broken("T1", child) <= found()


@pytest.mark.parametrize(("name", "column"), TIMES)
def test_row__something_happened_to_before__is_reported(world: World, name: str, column: str) -> None:
    row = one_of(world, name, column)
    change(row, **{attribute(row, column): ago(500)})
    assert broken("M3" if column == "lastReadAt" else "T1", row) == found()


@pytest.mark.parametrize(("name", "column"), STAMPS)
def test_row__with_an_instant_after_as_of__is_reported(world: World, name: str, column: str) -> None:
    row = one_of(world, name, column)
    change(row, **{attribute(row, column): AS_OF + HOUR})
    assert broken("T2", row) <= found()


def test_worksheet__older_than_its_therapist__is_reported(world: World) -> None:
    change(world.worksheet, created_at=ago(301))
    assert found() == broken("T1", world.worksheet)


@pytest.mark.parametrize("days", [89, 0, -1])
def test_worksheet__older_than_a_young_therapist_of_theirs__is_allowed(world: World, days: float) -> None:
    therapist = world.user("therapist", theirs=True, days=days)
    world.add(Worksheet, therapist=therapist.therapist_profile, **sheet())
    assert found() == set()


def test_worksheet__older_than_a_therapist_of_theirs_with_a_past__is_reported(world: World) -> None:
    therapist = world.user("therapist", theirs=True, days=91)
    worksheet = world.add(Worksheet, therapist=therapist.therapist_profile, **sheet())
    assert found() == broken("T1", worksheet)


def test_therapist__processed_before_an_admin_of_theirs_registered__is_allowed_for_a_young_one(world: World) -> None:
    admin = world.user("admin", theirs=True, days=5)
    change(world.therapist.therapist_profile, processed_by_admin=admin.admin_profile)
    assert found() == set()


def test_worksheet__dated_after_as_of__is_reported(world: World) -> None:
    change(world.worksheet, created_at=AS_OF + HOUR, updated_at=AS_OF + HOUR)
    assert found() == broken("T2", world.worksheet)


def test_worksheet__changed_before_it_was_made__is_reported(world: World) -> None:
    change(world.worksheet, updated_at=ago(151))
    assert found() == broken("T2", world.worksheet)


@pytest.mark.parametrize("days", [6, -1])
def test_rows__after_as_of_behind_a_recent_post_of_theirs__are_allowed(world: World, days: float) -> None:
    post = world.write(theirs=True, days=days)
    comment = world.answer(post, world.friend, days=-1.1)
    heart = world.add(Heart, user=world.client, comment=comment, created_at=AS_OF + 1.2 * DAY)
    world.notify(world.friend, heart, days=-1.3)
    assert found() == set()


def test_comment__after_as_of_behind_an_older_post_of_theirs__is_reported(world: World) -> None:
    post = world.write(theirs=True, days=8)
    comment = world.answer(post, world.friend, days=-1)
    assert found() == broken("T2", comment)


def test_comment__after_as_of_behind_a_recent_post_of_ours__is_reported(world: World) -> None:
    comment = world.answer(world.write(days=2), world.friend, days=-1)
    assert found() == broken("T2", comment)


def test_message__after_as_of_of_somebody_who_will_join__is_allowed(world: World) -> None:
    conversation = world.talk(world.client, world.friend, theirs=True, days=-1)
    world.say(conversation, world.client, days=-3)
    assert found() == set()


def test_notes__after_as_of_behind_a_session_of_theirs_that_ends_then__are_allowed(world: World) -> None:
    meeting = world.meet(STARTS + HOUR, theirs=True)
    world.add(MeetingNotes, meeting=meeting, notes="Fine.", **dated(-8))
    assert found() == set()


def test_conversation__changed_with_its_newest_message__may_be_ahead(world: World) -> None:
    newcomer = world.user("client", theirs=True, days=-1)
    conversation = world.talk(world.client, newcomer)
    world.say(conversation, newcomer, days=-2)
    assert found() == set()


@pytest.mark.parametrize("duration", [45, 0])
def test_meeting__that_does_not_last_its_duration__is_reported(world: World, duration: int) -> None:
    change(world.held, duration=duration)
    assert found() == broken("T3", world.held)


def test_meeting__with_a_fraction_of_a_second__ends_after_its_duration(world: World) -> None:
    fraction = dt.timedelta(microseconds=999_999)
    change(world.held, start_time=STARTED + fraction, end_time=STARTED + SESSION + fraction)
    assert found() == set()


@pytest.mark.parametrize(
    ("status", "start"),
    [
        ("NO_SHOW", STARTS),
        ("SCHEDULED", STARTED),
        ("CONFIRMED", STARTED),
        ("WAITING", STARTED),
        ("IN_PROGRESS", STARTED),
        ("IN_PROGRESS", STARTS),
    ],
)
def test_meeting__at_a_time_that_its_status_denies__is_reported(world: World, status: str, start: dt.datetime) -> None:
    change(world.planned, start_time=start + HOUR, end_time=start + HOUR + SESSION, status=status)
    assert found() == broken("T3", world.planned)


def test_meeting__completed_before_it_ended__is_reported(world: World) -> None:
    change(world.planned, status="COMPLETED")
    assert found() == broken("T3", world.planned)


def test_meeting__in_progress__spans_as_of(world: World) -> None:
    world.open("MONDAY", "06:00", "08:00")
    world.meet(AS_OF - HOUR / 2, status="IN_PROGRESS")
    assert found() == set()


def test_meeting__created_when_it_starts__is_reported(world: World) -> None:
    change(world.cancelled, created_at=STARTED, updated_at=STARTED)
    assert found() == broken("T3", world.cancelled)


def test_rows__of_an_earlier_run__are_judged_against_its_as_of(world: World) -> None:
    later = STARTS + 20 * DAY
    assert found(AS_OF, later) == set()
    assert found(later, later) == broken("T3", world.planned) | broken("R6", world.assigned)


# Community


def test_post__of_a_stranger__is_reported(world: World) -> None:
    post = world.write(world.user("client"), days=50)
    assert found() == broken("C1", post)


def test_comment_and_heart__of_strangers__are_reported(world: World) -> None:
    stranger = world.user("client")
    comment = world.answer(world.post, stranger, days=50)
    heart = world.add(Heart, user=stranger, comment=world.comment, created_at=ago(50))
    other = world.add(Heart, user=stranger, post=world.post, created_at=ago(50))
    assert found() == broken("C1", comment, heart, other)


def test_post__before_its_author_joined__is_reported(world: World) -> None:
    author = world.user("client")
    world.join(author, days=40)
    post = world.write(author, days=50)
    assert found() == broken("C1", post)


def test_post_comment_and_heart__before_a_young_membership_of_theirs__are_allowed(world: World) -> None:
    newcomer = world.user("client", theirs=True, days=1)
    world.join(newcomer, theirs=True, days=1)
    world.write(newcomer, days=50)
    world.answer(world.post, newcomer, days=50)
    world.add(Heart, user=newcomer, post=world.post, created_at=ago(50))
    assert found() == set()


def test_post__before_a_membership_of_theirs_with_a_past__is_reported(world: World) -> None:
    author = world.user("client", theirs=True)
    world.join(author, theirs=True, days=91)
    post = world.write(author, days=92)
    assert found() == broken("C1", post)


def test_comment__no_newer_than_its_post__is_reported(world: World) -> None:
    comment = world.answer(world.post, world.friend, days=100)
    assert found() == broken("C2", comment)


def test_comment__older_than_a_young_post_of_theirs__is_reported(world: World) -> None:
    comment = world.answer(world.write(theirs=True, days=1), world.friend, days=2)
    assert found() == broken("C2", comment)


def test_reply__no_newer_than_its_parent__is_reported(world: World) -> None:
    reply = world.answer(world.post, world.client, days=90, parent=world.comment)
    assert found() == broken("C2", reply)


def test_reply__on_another_post__is_reported(world: World) -> None:
    reply = world.answer(world.write(days=60), world.friend, days=50, parent=world.comment)
    assert found() == broken("C2", reply)


def test_heart__for_ones_own_post_or_comment__is_reported(world: World) -> None:
    mine = world.add(Heart, user=world.client, post=world.post, created_at=ago(50))
    said = world.add(Heart, user=world.client, comment=world.reply, created_at=ago(50))
    assert found() == broken("C3", mine, said)


def test_member__who_moderates_without_the_role__is_reported(world: World) -> None:
    change(world.seat, role="MODERATOR")
    assert found() == broken("C4", world.seat)


# Therapy


def strangers(world: World, **fields: Any) -> Any:
    """A therapist whom nobody knows yet, with hours at noon."""
    therapist = world.user("therapist", **fields)
    world.open("MONDAY", "09:00", "12:00", therapist=therapist.therapist_profile)
    return therapist


def test_meeting_assignment_and_review__of_strangers__are_reported(world: World) -> None:
    therapist = strangers(world)
    meeting = world.meet(STARTED + HOUR, therapist=therapist.therapist_profile)
    assignment = world.assign("OVERDUE", due=ago(20), therapist=therapist)
    review = world.rate(meeting)
    assert found() == broken("R1", meeting, assignment, review)


def test_meeting_assignment_and_review__before_the_relationship__are_reported(world: World) -> None:
    therapist = strangers(world)
    world.relate(world.client, therapist, days=10)
    meeting = world.meet(STARTED + HOUR, therapist=therapist.therapist_profile)
    assignment = world.assign("OVERDUE", due=ago(20), therapist=therapist)
    review = world.rate(meeting)
    assert found() == broken("R1", meeting, assignment, review)


def test_meeting_assignment_and_review__before_a_young_relationship_of_theirs__are_allowed(world: World) -> None:
    therapist = strangers(world)
    world.relate(world.client, therapist, days=10, theirs=True)
    meeting = world.meet(STARTED + HOUR, therapist=therapist.therapist_profile)
    world.assign("OVERDUE", due=ago(20), therapist=therapist)
    world.rate(meeting)
    assert found() == set()


def test_meeting__after_as_of_of_an_inactive_relationship__is_reported(world: World) -> None:
    change(world.relationship, status="inactive")
    assert found() == broken("R1", world.planned)


@pytest.mark.parametrize("shift", [-HOUR, 3 * HOUR, DAY])
def test_meeting__outside_the_windows__is_reported(world: World, shift: dt.timedelta) -> None:
    change(world.planned, start_time=STARTS + shift, end_time=STARTS + shift + SESSION)
    assert found() == broken("R2", world.planned)


def test_meeting__that_summer_time_puts_outside__is_reported(world: World) -> None:
    start = STARTS + 3 * HOUR  # noon in New York, where it would be eleven in winter
    change(world.planned, start_time=start, end_time=start + SESSION)
    assert found() == broken("R2", world.planned)
    change(world.planned, start_time=start - 7 * DAY, end_time=start - 7 * DAY + SESSION)
    assert found() == set()


def test_meeting__in_a_window_that_is_not_available__is_reported(world: World) -> None:
    change(world.window, is_available=False)
    assert found() == broken("R2", world.held, world.planned, world.cancelled)


def test_meeting__across_two_windows__is_reported(world: World) -> None:
    change(world.window, end_time="09:30")
    world.open("MONDAY", "09:30", "12:00")
    assert found() == broken("R2", world.held, world.planned, world.cancelled)


def test_window__that_cannot_be_read__holds_no_meeting(world: World) -> None:
    world.open("MONDAY", "9 am", "noon", theirs=True)
    world.open("TUESDAY", "09:00", "12:00", theirs=True, timezone="Mars/Olympus")
    change(world.planned, start_time=STARTS + DAY, end_time=STARTS + DAY + SESSION)
    assert found() == broken("R2", world.planned)


@pytest.mark.parametrize("whose", ["client", "therapist"])
def test_meetings__that_overlap__are_reported(world: World, whose: str) -> None:
    client, therapist = world.client, world.therapist
    if whose == "client":
        therapist = strangers(world)
    else:
        client = world.friend
    world.relate(client, therapist)
    pair = {"client": client.client_profile, "therapist": therapist.therapist_profile}
    meeting = world.meet(STARTED + HOUR / 2, **pair)
    assert found() == broken("R3", world.held, meeting)


def test_meeting__that_overlaps_one_of_theirs__is_reported(world: World) -> None:
    world.meet(STARTED - HOUR / 2, theirs=True)
    assert found() == broken("R3", world.held)


def test_meetings__back_to_back_or_cancelled_or_only_theirs__may_touch(world: World) -> None:
    world.meet(STARTED + SESSION)
    world.meet(STARTED + HOUR / 2, status="CANCELLED")
    world.meet(STARTED + 30 * HOUR, theirs=True)
    world.meet(STARTED + 30 * HOUR, theirs=True)
    assert found() == set()


def test_meeting__inside_a_long_one_but_not_next_to_it__is_reported(world: World) -> None:
    start = STARTED - HOUR
    world.meet(start, theirs=True, minutes=180)
    world.meet(start + HOUR / 4, theirs=True, minutes=15)
    assert found() == broken("R3", world.held)


def test_notes__written_before_the_end__are_reported(world: World) -> None:
    change(world.notes, created_at=STARTED + SESSION)
    change(world.notes, updated_at=STARTED + SESSION)
    assert found() == broken("R4", world.notes)


def test_notes__of_a_cancelled_session__are_reported(world: World) -> None:
    change(world.notes, meeting=world.cancelled)
    assert found() == broken("R4", world.notes)


def test_windows__that_overlap__are_reported(world: World) -> None:
    theirs = world.open("MONDAY", "11:00", "13:00", theirs=True)
    assert found() == broken("R5", world.window)
    change(theirs, start_time="12:00")
    assert found() == set()


def test_window__that_ends_before_it_starts__is_reported(world: World) -> None:
    window = world.open("FRIDAY", "12:00", "09:00")
    assert found() == broken("R5", window)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("submitted", {"submitted_at": None}),
        ("submitted", {"feedback": "Thank you."}),
        ("reviewed", {"submitted_at": None}),
        ("reviewed", {"feedback": None}),
        ("reviewed", {"feedback": ""}),
        ("overdue", {"submitted_at": ago(21)}),
        ("overdue", {"due_date": AS_OF + DAY}),
        ("assigned", {"due_date": ago(1)}),
        ("assigned", {"submitted_at": ago(1)}),
        ("submitted", {"due_date": ago(31)}),
    ],
)
def test_assignment__that_its_status_or_dates_deny__is_reported(
    world: World, name: str, fields: dict[str, Any]
) -> None:
    row = getattr(world, name)
    change(row, **fields)
    assert found() == broken("R6", row)


def test_assignment__submitted_after_it_was_due__is_allowed(world: World) -> None:
    change(world.submitted, submitted_at=ago(10))
    assert found() == set()


@pytest.mark.parametrize("name", ["cancelled", "planned"])
def test_review__of_a_session_that_was_not_held__is_reported(world: World, name: str) -> None:
    change(world.review, meeting=getattr(world, name))
    assert found() == broken("R7", world.review)


def test_review__before_the_end__is_reported(world: World) -> None:
    change(world.review, created_at=STARTED + SESSION)
    assert found() == broken("R7", world.review)


def test_review__of_somebody_elses_session__is_reported(world: World) -> None:
    world.relate(world.friend, world.therapist)
    change(world.review, client=world.friend.client_profile)
    assert found() == broken("R7", world.review)


def test_review__next_to_one_of_theirs__is_reported(world: World) -> None:
    world.rate(world.held, theirs=True, client=world.friend.client_profile)
    assert found() == broken("R7", world.review)


def test_review__verified_wrongly__is_reported(world: World) -> None:
    change(world.review, is_verified=False)
    assert found() == broken("R7", world.review)
    change(world.review, meeting=None)
    assert found() == set()
    change(world.review, is_verified=True)
    assert found() == broken("R7", world.review)


@pytest.mark.parametrize("status", ["PENDING", "REJECTED"])
def test_relationship__of_a_therapist_who_is_not_approved__is_reported(world: World, status: str) -> None:
    therapist = world.user("therapist", theirs=True)
    change(therapist.therapist_profile, status=status)
    relationship = world.relate(world.client, therapist)
    assert found() == broken("R8", relationship)


def test_therapist_of_theirs__not_approved_with_a_relationship_of_theirs__gets_what_it_needs(world: World) -> None:
    therapist = strangers(world, theirs=True)
    change(therapist.therapist_profile, status="PENDING")
    world.relate(world.client, therapist, theirs=True)
    world.meet(STARTED + HOUR, therapist=therapist.therapist_profile)
    world.assign("OVERDUE", due=ago(20), therapist=therapist)
    assert found() == set()


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ("APPROVED", {"processed_by_admin": None}),
        ("REJECTED", {"processed_at": None}),
        ("PENDING", {}),
    ],
)
def test_therapist__whose_status_and_decision_differ__is_reported(
    world: World, status: str, fields: dict[str, Any]
) -> None:
    therapist = world.user("therapist").therapist_profile
    change(therapist, status=status, **fields)
    assert found() == broken("R8", therapist)


# Communication


@pytest.mark.parametrize("seats", [1, 3])
def test_conversation__direct_but_not_of_two__is_reported(world: World, seats: int) -> None:
    conversation = world.talk(*[world.user("client") for _ in range(seats)])
    assert found() == broken("M1", conversation)
    change(conversation, type="GROUP")
    assert found() == set()


def test_conversation_of_theirs__that_a_seeded_seat_makes_three__is_reported(world: World) -> None:
    conversation = world.talk(world.client, world.friend, theirs=True)
    assert found() == set()
    world.sit(conversation, world.moderator)
    assert found() == broken("M1", conversation)


def test_conversation__second_of_a_pair__is_reported(world: World) -> None:
    world.talk(world.therapist, world.client, theirs=True)
    assert found() == broken("M1", world.conversation)


def test_conversations_of_theirs__of_the_same_pair__are_not_judged(world: World) -> None:
    world.talk(world.friend, world.client, theirs=True)
    world.talk(world.client, world.friend, theirs=True)
    assert found() == set()


def test_message__of_somebody_who_takes_no_part__is_reported(world: World) -> None:
    message = world.say(world.conversation, world.friend, days=40)
    assert found() == broken("M2", message)


def test_message__when_its_sender_joined__is_reported_in_a_conversation_of_theirs_too(world: World) -> None:
    conversation = world.talk(world.client, world.friend, theirs=True, days=5)
    message = world.say(conversation, world.friend, days=4)
    assert found() == broken("M2", message)


def test_reply__to_a_later_message__is_reported(world: World) -> None:
    change(world.hello, reply_to=world.answered)
    assert broken("M2", world.hello) <= found()


def test_reply__to_a_message_elsewhere__is_reported(world: World) -> None:
    elsewhere = world.talk(world.client, world.friend)
    message = world.say(elsewhere, world.client, days=40, reply_to=world.hello)
    assert found() == broken("M2", message)


@pytest.mark.parametrize("moment", [None, ago(50), ago(48)])
def test_conversation__that_misdates_its_newest_message__is_reported(world: World, moment: dt.datetime | None) -> None:
    change(world.conversation, last_message_at=moment)
    assert found() == broken("M3", world.conversation)


def test_conversation__that_dates_a_message_it_has_not__is_reported(world: World) -> None:
    conversation = world.talk(world.client, world.friend)
    change(conversation, last_message_at=ago(20))
    assert found() == broken("M3", conversation)


def test_conversation_of_theirs__with_seeded_messages__tells_the_newest(world: World) -> None:
    conversation = world.talk(world.client, world.friend, theirs=True)
    world.say(conversation, world.client, theirs=True, days=30)
    change(conversation, last_message_at=None)
    assert found() == set()
    world.say(conversation, world.friend, days=20)
    assert found() == set()
    change(conversation, last_message_at=ago(30))
    assert found() == broken("M3", conversation)


def test_conversation__in_which_they_wrote_afterwards__may_lag_behind_them(world: World) -> None:
    world.say(world.conversation, world.client, theirs=True, days=5)
    change(world.conversation, last_message_at=ago(49))
    assert found() == set()


def test_participant__who_read_before_joining__is_reported(world: World) -> None:
    seat = world.conversation.participants.first()
    change(seat, last_read_at=ago(61))
    assert found() == broken("M3", seat)


# Assessment


def answers(sitting: Any, name: str) -> Any:
    return PreAssessmentAnswer.objects.filter(pre_assessment=sitting, questionnaire=name)


def test_assessment__with_an_answer_missing__is_reported(world: World) -> None:
    answers(world.first, "anxiety").get(answer_index=3).delete()
    change(world.first, scores={"anxiety": 6, "stress": 16})
    assert found() == broken("A1", world.first)


def test_assessment__with_a_score_and_no_answer__is_reported(world: World) -> None:
    change(
        world.second, scores={"bipolar": 7, "anxiety": 3}, severity_levels={"bipolar": "positive-screen", "anxiety": ""}
    )
    assert found() == broken("A1", world.second)


@pytest.mark.parametrize("value", [-1, 4, 8, 99])
def test_assessment__with_an_answer_out_of_range__is_reported(world: World, value: int) -> None:
    change(answers(world.first, "anxiety").get(answer_index=3), value=value)
    change(world.first, scores={"anxiety": 6 + value, "stress": 16})
    assert broken("A1", world.first) <= found() <= broken("A1", world.first) | broken("A2", world.first)


@pytest.mark.parametrize(("name", "place"), [("astrology", 0), ("bipolar", 15), ("bipolar", 40)])
def test_assessment__with_an_answer_to_no_item__is_reported(world: World, name: str, place: int) -> None:
    fields: dict[str, Any] = {"questionnaire": name, "answer_index": place, "value": 1}
    world.add(PreAssessmentAnswer, pre_assessment=world.second, **fields)
    assert found() == broken("A1", world.second)


@pytest.mark.parametrize(
    ("scores", "levels"),
    [
        ({"anxiety": 8, "stress": 16}, {"anxiety": "mild", "stress": "moderate"}),
        ({"anxiety": 7, "stress": 0}, {"anxiety": "mild", "stress": "low"}),
        ({"anxiety": 7, "stress": 16}, {"anxiety": "severe", "stress": "moderate"}),
        ({"anxiety": 7, "stress": 16}, {"stress": "moderate"}),
        ({"anxiety": 7}, {"anxiety": "mild"}),
        ({"stress": 16}, {"anxiety": "mild", "stress": "moderate"}),
    ],
)
def test_assessment__that_its_answers_do_not_give__is_reported(
    world: World, scores: dict[str, int], levels: dict[str, str]
) -> None:
    change(world.first, scores=scores, severity_levels=levels)
    assert found() == broken("A2", world.first)


def test_assessment__whose_screen_is_not_met__is_negative_whatever_the_score(world: World) -> None:
    answers(world.second, "bipolar").filter(answer_index=14).update(value=1)
    assert found() == broken("A2", world.second)
    change(world.second, severity_levels={"bipolar": "negative-screen"})
    assert found() == set()


def test_assessment__not_completed__may_have_answers_without_a_score(world: World) -> None:
    change(world.second, scores={}, severity_levels={}, completed_at=None)
    assert found() == set()


def test_follow_up__within_three_weeks__is_reported(world: World) -> None:
    follow_up = world.assess(days=99.1, anxiety=[1] * 7)
    assert found() == broken("A3", follow_up)
    change(follow_up, completed_at=ago(99))
    assert found() == set()


def test_first_assessment__soon_before_one_of_theirs__is_reported(world: World) -> None:
    world.assess(days=20, theirs=True, user=world.friend)
    first = world.assess(days=30, user=world.friend, anxiety=[1] * 7)
    assert found() == broken("A3", first)


# Engagement


@pytest.mark.parametrize(
    "data", [{}, {"entity": "Post"}, {"entity": "Post", "entityId": "nothing"}, {"entity": "Wish", "entityId": "1"}, []]
)
def test_notification__that_names_no_row__is_reported(world: World, data: Any) -> None:
    change(world.notification, data=data)
    assert found() == broken("N1", world.notification)


def test_notification__of_a_row_of_another_table__is_reported(world: World) -> None:
    change(world.notification, data={"entity": "Post", "entityId": str(world.comment.pk)})
    assert found() == broken("N1", world.notification)


def test_notification__older_than_its_row__is_reported(world: World) -> None:
    change(world.notification, created_at=ago(91))
    assert found() == broken("N1", world.notification)


def concerning(world: World) -> list[tuple[Any, Any]]:
    """A user and a row of each table that concerns them, and, in the same place, nobody else."""
    availability, seat = world.window, world.conversation.participants.get(user=world.client)
    return [
        (world.client, world.client),
        (world.client, world.client.client_profile),
        (world.therapist, world.therapist.therapist_profile),
        (world.client, world.community),
        (world.client, world.seat),
        (world.client, world.post),
        (world.friend, world.post),
        (world.client, world.comment),
        (world.friend, world.reply),
        (world.client, world.heart),
        (world.friend, world.thanks),
        (world.therapist, world.relationship),
        (world.client, world.held),
        (world.therapist, world.notes),
        (world.therapist, availability),
        (world.client, world.submitted.worksheet),
        (world.therapist, world.worksheet),
        (world.client, world.submitted),
        (world.therapist, world.submitted),
        (world.therapist, world.review),
        (world.client, world.conversation),
        (world.therapist, seat),
        (world.client, world.answered),
        (world.client, world.first),
    ]


def test_notifications__of_rows_that_concern_their_user__are_allowed(world: World) -> None:
    for user, row in concerning(world):
        world.notify(user, row, days=0)
    assert found() == set()


def test_notifications__of_rows_that_concern_others__are_reported(world: World) -> None:
    bystander = world.user("client")
    notifications = [world.notify(bystander, row, days=0) for _, row in concerning(world)]
    assert {found_id for rule, _, found_id in found_all() if rule == "N1"} == {str(n.pk) for n in notifications}


def found_all() -> Found:
    """What the checker reports, however many rows."""
    from seeding import coherence

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coherence, "EXAMPLES", 1000)
        return found()


@pytest.mark.parametrize("fields", [{"is_read": True}, {"read_at": ago(1)}])
def test_notification__read_at_no_time_or_unread__is_reported(world: World, fields: dict[str, Any]) -> None:
    change(world.notification, **fields)
    assert found() == broken("N1", world.notification)


@pytest.mark.parametrize("actor", ["client", "therapist", None])
def test_audit_log__of_somebody_without_office__is_reported(world: World, actor: str | None) -> None:
    change(world.log, user=actor and getattr(world, actor), user_role=None)
    assert found() == broken("N2", world.log)


def test_audit_log__of_a_client_with_an_admin_s_profile__is_kept(world: World) -> None:
    Admin.objects.create(user=world.client, created_at=ago(350))
    change(world.log, user=world.client, user_role="client")
    assert not [one for one in found() if one[0] == "N2"]


def test_audit_log__that_misnames_the_actors_role__is_reported(world: World) -> None:
    change(world.log, user_role="moderator")
    assert found() == broken("N2", world.log)


@pytest.mark.parametrize("fields", [{"entity": "Post"}, {"entity": "Wish"}, {"created_at": ago(301)}])
def test_audit_log__that_names_no_older_row__is_reported(world: World, fields: dict[str, Any]) -> None:
    change(world.admin, created_at=ago(400))
    change(world.admin.admin_profile, created_at=ago(400))
    change(world.log, **fields)
    assert found() == broken("N2", world.log)


# People


def test_user__without_the_profile_of_the_role__is_reported(world: World) -> None:
    user = world.user("client")
    Client.objects.filter(pk=user.pk).delete()
    assert found() == broken("P1", user)


def test_user__with_two_profiles__is_reported(world: World) -> None:
    Admin.objects.create(user=world.friend, **dated(200))
    assert found() == broken("P1", world.friend)


@pytest.mark.parametrize("name", ["client", "therapist"])
def test_user__under_age__is_reported(world: World, name: str) -> None:
    user = getattr(world, name)
    change(user, birth_date=dt.date(2008, 3, 3))
    assert found() == broken("P1", user)
    change(user, birth_date=dt.date(2008, 3, 2))
    assert found() == set()


@pytest.mark.parametrize(("years", "allowed"), [(8, False), (9, True), (10, True), (11, True), (12, False)])
def test_therapist__with_years_that_the_practice_denies__is_reported(
    world: World, years: int, *, allowed: bool
) -> None:
    therapist = world.therapist.therapist_profile
    change(therapist, years_of_experience=years)
    assert found() == (set() if allowed else broken("P1", therapist))


def test_therapist__who_has_just_begun__has_no_years(world: World) -> None:
    change(world.therapist.therapist_profile, practice_start_date=dt.date(2025, 12, 1), years_of_experience=0)
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("client", {"email": "anna@mentara.com"}),
        ("client", {"avatar_url": "https://pictures.com/1.png"}),
        ("client", {"bio": "Write to anna@mentara.com."}),
        ("community", {"image_url": "//pictures.com/1.png"}),
        ("post", {"content": "See https://help.org/now for more."}),
        ("post", {"title": "www.help.org"}),
        ("comment", {"content": "https://example.com@help.org"}),
        ("hello", {"content": "https://example.com.help.org/"}),
        ("held", {"meeting_url": "https://meet.com/abc"}),
        ("notification", {"action_url": "https://mentara.com/posts"}),
        ("log", {"metadata": {"from": "https://mentara.com"}}),
        ("log", {"ip_address": "8.8.8.8"}),
    ],
)
def test_row__with_an_address_that_may_be_somebodys__is_reported(
    world: World, name: str, fields: dict[str, Any]
) -> None:
    row = getattr(world, name)
    change(row, **fields)
    assert found() == broken("P2", row)


@pytest.mark.parametrize(("name", "column"), [(name, column) for name, columns in TEXTS.items() for column in columns])
def test_text__with_an_address_that_may_be_somebodys__is_reported(world: World, name: str, column: str) -> None:
    model: Any = apps.get_model("mentara", name)
    row = model.objects.order_by("pk").first()
    change(row, **{attribute(row, column): "Ask at www.help.org"})
    assert broken("P2", row) <= found() <= broken("P2", row) | broken("R6", row)


@pytest.mark.parametrize("fields", [{"mobile": "+44 7911 123456"}, {"license_number": "PSY-1234"}])
def test_therapist__with_a_number_that_may_be_real__is_reported(world: World, fields: dict[str, Any]) -> None:
    therapist = world.therapist.therapist_profile
    change(therapist, **fields)
    assert found() == broken("P2", therapist)


def test_rows__with_addresses_of_nobody__are_allowed(world: World) -> None:
    change(world.client, email="anna@mail.mentara.test", bio="Or anna@example.org, or https://anna.example/me.")
    change(world.post, content="Call 116 123, or see http://localhost:8000 (www.example.net). And/or @all // 3 @ 5")
    change(world.held, meeting_url="https://meet.mentara.example/abc?x=https%3A#1")
    change(world.notification, action_url="/posts/1")
    change(world.log, ip_address="2001:db8::1")
    assert found() == set()


@pytest.mark.parametrize(
    ("number", "fictional"),
    [
        ("+1 (416) 555-0143", True),
        ("+1 416 555 0243", False),
        ("+44 7700 900982", True),
        ("+44 20 7946 0018", True),
        ("+44 121 496 0999", True),
        ("+44 20 7946 1018", False),
        ("+61 491 570 006", True),
        ("+61 2 5550 1234", True),
        ("+61 491 570 007", False),
        ("+49 30 23125 123", True),
        ("+33 6 39 98 12 34", True),
        ("+33 000 123 456", False),
        ("+63 000 123 4567", True),
        ("+353 000 12345", True),
        ("+63 917 000 1234", False),
        ("+63 900 000 1234", False),
        ("0917 000 1234", False),
        ("", False),
    ],
)
def test_phone__is_fictional__where_its_country_says_so(number: str, *, fictional: bool) -> None:
    assert is_fictional_phone(number) is fictional


def test_fictional_phones__of_each_country__name_their_source() -> None:
    assert all(phone.source for phone in FICTIONAL_PHONES)


# Believability


@pytest.mark.parametrize("theirs", [False, True])
def test_post__said_before_by_its_author__is_reported(world: World, theirs: bool) -> None:
    content = "I could not sleep again. " * 20
    first, second = world.write(days=50, content=content), world.write(days=40, theirs=theirs, content=content)
    assert found() == broken("B3", first, *([] if theirs else [second]))


def test_comment__said_before_by_its_author__is_reported(world: World) -> None:
    comments = [world.answer(world.post, world.friend, days=50, content="Me too.") for _ in range(2)]
    assert found() == broken("B3", *comments)


def test_post__alike_at_both_ends_or_by_another_author__is_allowed(world: World) -> None:
    content = "I could not sleep again, {} minutes in all, and was tired the whole next day."
    world.write(days=50, content=content.format(45))
    world.write(days=40, content=content.format(54))
    world.write(world.friend, days=30, content=content.format(45))
    assert found() == set()
