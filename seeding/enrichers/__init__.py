"""The thirteen enrichers, one file a table."""

from seeding.enrichers.assessments import AssessmentsEnricher
from seeding.enrichers.audit_logs import AuditLogsEnricher
from seeding.enrichers.availability import AvailabilityEnricher
from seeding.enrichers.comments import CommentsEnricher
from seeding.enrichers.hearts import HeartsEnricher
from seeding.enrichers.meetings import MeetingsEnricher
from seeding.enrichers.memberships import MembershipsEnricher
from seeding.enrichers.messages import MessagesEnricher
from seeding.enrichers.notifications import NotificationsEnricher
from seeding.enrichers.posts import PostsEnricher
from seeding.enrichers.relationships import RelationshipsEnricher
from seeding.enrichers.reviews import ReviewsEnricher
from seeding.enrichers.worksheets import WorksheetsEnricher

__all__ = [
    "ENRICHERS",
    "AssessmentsEnricher",
    "AuditLogsEnricher",
    "AvailabilityEnricher",
    "CommentsEnricher",
    "HeartsEnricher",
    "MeetingsEnricher",
    "MembershipsEnricher",
    "MessagesEnricher",
    "NotificationsEnricher",
    "PostsEnricher",
    "RelationshipsEnricher",
    "ReviewsEnricher",
    "WorksheetsEnricher",
]

ENRICHERS = (
    MembershipsEnricher,
    RelationshipsEnricher,
    AvailabilityEnricher,
    AssessmentsEnricher,
    PostsEnricher,
    CommentsEnricher,
    HeartsEnricher,
    MeetingsEnricher,
    WorksheetsEnricher,
    MessagesEnricher,
    ReviewsEnricher,
    NotificationsEnricher,
    AuditLogsEnricher,
)
"""Of those that may run at the same time the first go first: Assessments before Posts, since answers are the largest
table, whose indexes are then made early. What therapists do reads neither comments nor hearts, and comes after them
all the same: these are the tiers that the product names."""
