"""Mentara's tables, one class each, named as the table is."""

from mentara.models.assessments import PreAssessment, PreAssessmentAnswer
from mentara.models.billing import Invoice, Payment
from mentara.models.communities import Comment, Community, CommunityMember, Heart, Post
from mentara.models.engagement import AuditLog, Notification
from mentara.models.messaging import Conversation, ConversationParticipant, Message
from mentara.models.therapy import (
    ClientTherapist,
    Meeting,
    MeetingNotes,
    Review,
    TherapistAvailability,
    Worksheet,
    WorksheetAssignment,
)
from mentara.models.users import Admin, Client, Moderator, Therapist, User

__all__ = [
    "Admin",
    "AuditLog",
    "Client",
    "ClientTherapist",
    "Comment",
    "Community",
    "CommunityMember",
    "Conversation",
    "ConversationParticipant",
    "Heart",
    "Invoice",
    "Meeting",
    "MeetingNotes",
    "Message",
    "Moderator",
    "Notification",
    "Payment",
    "Post",
    "PreAssessment",
    "PreAssessmentAnswer",
    "Review",
    "Therapist",
    "TherapistAvailability",
    "User",
    "Worksheet",
    "WorksheetAssignment",
]
