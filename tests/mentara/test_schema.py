"""The database is the one that Mentara's application reads, to the letter."""

import re
from dataclasses import dataclass, field

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models
from mentara_rows import make

from mentara import models as mentara
from mentara.naming import column_name

pytestmark = pytest.mark.django_db

# The tables as the schema writes them: `?` nullable, `*` unique, `→X` a reference, `{A,B}` the allowed values.
SCHEMA = """
User: id, email*, password, role{client,therapist,moderator,admin}, firstName, middleName?, lastName, birthDate?, \
address?, avatarUrl?, bio?, emailVerified, isActive, lastLoginAt?, createdAt, updatedAt
Client: userId→User, hasSeenTherapistRecommendations, city?, country?, createdAt, updatedAt
Therapist: userId→User, status{PENDING,APPROVED,REJECTED}, mobile, province, timezone, providerType, \
licenseNumber*, licenseVerified, practiceStartDate, yearsOfExperience, expertise, approaches, languages, \
sessionLength, hourlyRate, acceptsInsurance, processedByAdminId?→Admin, processedAt?, createdAt, updatedAt
Admin: userId→User, permissions, adminLevel, createdAt, updatedAt
Moderator: userId→User, permissions, createdAt, updatedAt
Community: id, name*, slug*, description, imageUrl, createdAt, updatedAt
CommunityMember: id, userId→User, communityId→Community, role{MEMBER,MODERATOR}, joinedAt
Post: id, userId→User, communityId→Community, title, content, createdAt, updatedAt
Comment: id, postId→Post, userId→User, parentId?→Comment, content, createdAt, updatedAt
Heart: id, userId→User, postId?→Post, commentId?→Comment, createdAt
ClientTherapist: id, clientId→Client, therapistId→Therapist, status{active,inactive}, assignedAt
Meeting: id, clientId→Client, therapistId→Therapist, title, description?, startTime, endTime, duration, \
status{SCHEDULED,CONFIRMED,WAITING,IN_PROGRESS,COMPLETED,CANCELLED,NO_SHOW}, meetingType{video,audio,in_person}, \
meetingUrl?, createdAt, updatedAt
MeetingNotes: id, meetingId→Meeting, notes, createdAt, updatedAt
TherapistAvailability: id, therapistId→Therapist, \
dayOfWeek{MONDAY,TUESDAY,WEDNESDAY,THURSDAY,FRIDAY,SATURDAY,SUNDAY}, startTime, endTime, timezone, isAvailable, \
notes?, createdAt, updatedAt
Worksheet: id, therapistId→Therapist, title, instructions, category, estimatedMinutes, createdAt, updatedAt
WorksheetAssignment: id, worksheetId→Worksheet, clientId→Client, status{ASSIGNED,SUBMITTED,REVIEWED,OVERDUE}, \
assignedAt, dueDate, submittedAt?, feedback?, createdAt, updatedAt
Conversation: id, type{DIRECT,GROUP,SESSION,SUPPORT}, title?, isActive, lastMessageAt?, createdAt, updatedAt
ConversationParticipant: id, conversationId→Conversation, userId→User, role{MEMBER,MODERATOR,ADMIN}, joinedAt, \
lastReadAt?, isActive, isMuted
Message: id, conversationId→Conversation, senderId→User, content, messageType{TEXT,IMAGE,AUDIO,VIDEO,SYSTEM}, \
replyToId?→Message, isEdited, editedAt?, isDeleted, createdAt, updatedAt
PreAssessment: id, userId→Client, scores, severityLevels, isProcessed, completedAt?, createdAt, updatedAt
PreAssessmentAnswer: id, preAssessmentId→PreAssessment, questionnaire, answerIndex, value
Review: id, clientId→Client, therapistId→Therapist, meetingId?→Meeting, rating, title?, content?, isAnonymous, \
isVerified, createdAt, updatedAt
Notification: id, userId→User, type{APPOINTMENT_REMINDER,APPOINTMENT_CONFIRMED,APPOINTMENT_CANCELLED,\
MESSAGE_RECEIVED,WORKSHEET_ASSIGNED,WORKSHEET_DUE,WORKSHEET_FEEDBACK,REVIEW_REQUEST,REVIEW_RECEIVED,\
THERAPIST_APPROVED,RELATIONSHIP_ESTABLISHED,COMMUNITY_POST,COMMUNITY_REPLY,COMMUNITY_JOINED,COMMUNITY_WELCOME,\
SYSTEM_UPDATE}, priority{LOW,NORMAL,HIGH,URGENT}, title, message, data, actionUrl?, isRead, readAt?, createdAt, \
updatedAt
AuditLog: id, userId?→User, userRole?, action{USER_REGISTER,USER_LOGIN,APPROVE_THERAPIST_APPLICATION,\
REJECT_THERAPIST_APPLICATION,MODERATE_POST,MODERATE_COMMENT,SUSPEND_USER,REVIEW_MODERATE,DATA_EXPORT,\
ADMIN_SYSTEM_CONFIG}, entity, entityId, description?, metadata?, ipAddress?, createdAt
Payment: id, clientId→Client, therapistId→Therapist, meetingId?→Meeting, invoiceId?→Invoice, amount, currency, \
status{PENDING,COMPLETED,FAILED,REFUNDED}, processedAt?, createdAt, updatedAt
Invoice: id, clientId→Client, number*, status{DRAFT,OPEN,PAID,VOID}, total, currency, issuedAt, dueDate, paidAt?, \
createdAt, updatedAt
"""

UNIQUE_TOGETHER = [
    ("CommunityMember", ["userId", "communityId"]),
    ("Heart", ["userId", "postId"]),
    ("Heart", ["userId", "commentId"]),
    ("ClientTherapist", ["clientId", "therapistId"]),
    ("TherapistAvailability", ["therapistId", "dayOfWeek", "startTime", "endTime"]),
    ("WorksheetAssignment", ["worksheetId", "clientId"]),
    ("ConversationParticipant", ["conversationId", "userId"]),
    ("PreAssessmentAnswer", ["preAssessmentId", "questionnaire", "answerIndex"]),
    ("Review", ["clientId", "therapistId", "meetingId"]),
]

SET_NULL = {
    ("Therapist", "processedByAdminId"),
    ("Message", "replyToId"),
    ("Review", "meetingId"),
    ("AuditLog", "userId"),
    ("Payment", "meetingId"),
    ("Payment", "invoiceId"),
}


@dataclass
class Column:
    name: str
    nullable: bool
    unique: bool
    target: str
    allowed: list[str] = field(default_factory=list)


def parse(line: str) -> tuple[str, list[Column]]:
    table, _, text = line.partition(": ")
    pattern = re.compile(r"(\w+)(\*?)(\??)(?:→(\w+))?(?:\{([\w,]+)\})?(?:, |$)")
    columns = [
        Column(name, bool(nullable), bool(unique), target, allowed.split(",") if allowed else [])
        for name, unique, nullable, target, allowed in pattern.findall(text)
    ]
    return table, columns


TABLES = dict(parse(line) for line in SCHEMA.strip().splitlines())
COLUMNS = [(table, column) for table, columns in TABLES.items() for column in columns]


def columns_where(**wanted: bool) -> list:
    """Return a parameter for each column whose attributes are truthy or falsy as wanted."""
    return [
        pytest.param(table, column, id=f"{table}.{column.name}")
        for table, column in COLUMNS
        if all(bool(getattr(column, name)) is value for name, value in wanted.items())
    ]


def constraints(table: str) -> list[dict]:
    with connection.cursor() as cursor:
        return list(connection.introspection.get_constraints(cursor, table).values())


def field_of(table: str, column: str) -> models.Field:
    model = apps.get_model("mentara", table)
    return next(each for each in model._meta.fields if each.column == column)


def test_models__all__are_the_tables_of_the_schema():
    assert {model._meta.db_table for model in apps.get_app_config("mentara").get_models()} == set(TABLES)
    assert {getattr(mentara, name)._meta.db_table for name in mentara.__all__} == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_table__in_the_database__has_the_columns_of_the_schema(table):
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, table)
    assert {column.name: column.null_ok for column in found} == {
        column.name: column.nullable for column in TABLES[table]
    }


@pytest.mark.parametrize(("table", "column"), columns_where(unique=True))
def test_column__unique_in_the_schema__is_unique(table, column):
    assert any(each["unique"] and each["columns"] == [column.name] for each in constraints(table))


@pytest.mark.parametrize(("table", "columns"), UNIQUE_TOGETHER)
def test_columns__unique_together_in_the_schema__are_unique(table, columns):
    assert any(each["unique"] and each["columns"] == columns for each in constraints(table))


@pytest.mark.parametrize(("table", "column"), columns_where(target=True))
def test_reference__in_the_database__is_a_foreign_key_with_an_index(table, column):
    target_key = field_of(table, column.name).target_field.column
    found = [each for each in constraints(table) if each["columns"][:1] == [column.name]]
    assert any(each["foreign_key"] == (column.target, target_key) for each in found)
    assert any(each["index"] or each["primary_key"] for each in found)


@pytest.mark.parametrize(("table", "column"), columns_where(target=True))
def test_reference__target_deleted__cascades_or_becomes_null(table, column):
    expected = models.SET_NULL if (table, column.name) in SET_NULL else models.CASCADE
    assert field_of(table, column.name).remote_field.on_delete is expected


@pytest.mark.parametrize(
    ("table", "column"), [(table, each.name) for table, each in COLUMNS if each.name in {"createdAt", "status"}]
)
def test_column__that_screens_sort_by__is_indexed(table, column):
    assert any(each["index"] and each["columns"][0] == column for each in constraints(table))


@pytest.mark.parametrize(("table", "column"), columns_where(allowed=True))
def test_set__in_the_model__has_the_values_of_the_schema(table, column):
    assert [value for value, _label in field_of(table, column.name).choices] == column.allowed


@pytest.mark.parametrize(("table", "column"), columns_where(allowed=True))
def test_set__unknown_value__is_refused(table, column):
    row = make(apps.get_model("mentara", table))
    with pytest.raises(IntegrityError):
        type(row).objects.update(**{field_of(table, column.name).name: "UNKNOWN"})


@pytest.mark.parametrize("rating", [0, 6])
def test_review__rating_out_of_range__is_refused(rating):
    with pytest.raises(IntegrityError):
        make(mentara.Review, rating=rating)


@pytest.mark.parametrize("rating", [1, 5])
def test_review__rating_at_the_ends__is_taken(rating):
    assert make(mentara.Review, rating=rating).rating == rating


def test_heart__no_target__is_refused():
    with pytest.raises(IntegrityError):
        make(mentara.Heart)


def test_heart__two_targets__is_refused():
    comment = make(mentara.Comment)
    with pytest.raises(IntegrityError):
        make(mentara.Heart, post=comment.post, comment=comment)


def test_heart__one_target__is_taken():
    comment = make(mentara.Comment)
    user = make(mentara.User)
    make(mentara.Heart, user=user, post=comment.post)
    make(mentara.Heart, user=user, comment=comment)
    assert user.hearts.count() == 2


def test_heart__given_twice__is_refused():
    heart = make(mentara.Heart, post=make(mentara.Post))
    with pytest.raises(IntegrityError):
        make(mentara.Heart, user=heart.user, post=heart.post)


@pytest.mark.parametrize("model", list(apps.get_app_config("mentara").get_models()))
def test_timestamps__any_model__are_explicit(model):
    timestamps = [each for each in model._meta.fields if isinstance(each, models.DateField)]
    assert not [each.name for each in timestamps if each.auto_now or each.auto_now_add]


@pytest.mark.parametrize(
    ("attribute", "column"),
    [("id", "id"), ("community_id", "communityId"), ("processed_by_admin_id", "processedByAdminId")],
)
def test_column_name__attribute__is_camel_case(attribute, column):
    assert column_name(attribute) == column


def test_migrations__models_as_they_are__are_complete():
    call_command("makemigrations", "mentara", "seeding", check=True, dry_run=True, verbosity=0)
