"""When a row of each table came about, and which rows it came after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """The columns of a table that the rules of time look at."""

    parents: Mapping[str, str] = field(default_factory=dict)
    """Its foreign keys and the tables they refer to."""
    key: str = "id"
    dated: str | None = "createdAt"
    """The column that tells when a row came about."""
    also: tuple[str, ...] = ()
    """A second column that tells the same."""
    times: tuple[str, ...] = ()
    """What happens to a row afterwards."""
    updated: bool = True


TABLES: Mapping[str, Table] = {
    "User": Table(times=("lastLoginAt",)),
    "Client": Table({"userId": "User"}, key="userId"),
    "Therapist": Table({"userId": "User"}, key="userId", times=("processedAt",)),
    "Admin": Table({"userId": "User"}, key="userId"),
    "Moderator": Table({"userId": "User"}, key="userId"),
    "Community": Table(),
    "CommunityMember": Table({"userId": "User", "communityId": "Community"}, dated="joinedAt", updated=False),
    "Post": Table({"userId": "User", "communityId": "Community"}),
    "Comment": Table({"postId": "Post", "userId": "User", "parentId": "Comment"}),
    "Heart": Table({"userId": "User", "postId": "Post", "commentId": "Comment"}, updated=False),
    "ClientTherapist": Table({"clientId": "Client", "therapistId": "Therapist"}, dated="assignedAt", updated=False),
    "Meeting": Table({"clientId": "Client", "therapistId": "Therapist"}),
    "MeetingNotes": Table({"meetingId": "Meeting"}),
    "TherapistAvailability": Table({"therapistId": "Therapist"}),
    "Worksheet": Table({"therapistId": "Therapist"}),
    "WorksheetAssignment": Table(
        {"worksheetId": "Worksheet", "clientId": "Client"},
        dated="assignedAt",
        also=("createdAt",),
        times=("submittedAt",),
    ),
    "Conversation": Table(),
    "ConversationParticipant": Table(
        {"conversationId": "Conversation", "userId": "User"}, dated="joinedAt", times=("lastReadAt",), updated=False
    ),
    "Message": Table(
        {"conversationId": "Conversation", "senderId": "User", "replyToId": "Message"}, times=("editedAt",)
    ),
    "PreAssessment": Table({"userId": "Client"}, times=("completedAt",)),
    "PreAssessmentAnswer": Table({"preAssessmentId": "PreAssessment"}, dated=None, updated=False),
    "Review": Table({"clientId": "Client", "therapistId": "Therapist", "meetingId": "Meeting"}),
    "Notification": Table({"userId": "User"}, times=("readAt",)),
    "AuditLog": Table({"userId": "User"}, updated=False),
    "Invoice": Table({"clientId": "Client"}, times=("paidAt",)),
    "Payment": Table(
        {"clientId": "Client", "therapistId": "Therapist", "meetingId": "Meeting", "invoiceId": "Invoice"},
        times=("processedAt",),
    ),
}

NAMED = {
    "Notification": ("({}.\"data\" ->> 'entity')", "{{uuid({}.\"data\" ->> 'entityId')}}"),
    "AuditLog": ('{}."entity"', '{}."entityId"'),
}
"""The table and the key of the row that a row of these names."""
