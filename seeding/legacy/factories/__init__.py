"""One factory a table, for tests: `PostFactory()`, `MeetingFactory(status="COMPLETED")`, `UserFactory.create_batch(3)`.

A factory makes a row that is valid and coherent on its own, with the rows it refers to; any attribute can be given
instead. There is one exception: `MeetingFactory(status="IN_PROGRESS")` is now, whatever the therapist's hours (R2).

Values come from the functions that the seeding run writes its rows with, so that a factory defines the row and the
bulk path agrees with it, column by column: `UserFactory(role="client", ordinal=3)` is client4@mentara.example.

Nothing is drawn from a shared generator. Unless an ordinal or a slot is given, factories count up from one million,
and never meet a seeded row, nor one that another process has saved; what a test relies on by default (an account is
active, a therapist approved) is then the usual case. `run` says when: by default now, to the second; give `run=` to
make the same row every day. `build()` needs no database, as long as everybody concerned was made by a factory.
"""

from seeding.legacy.factories.accounts import (
    AdminFactory,
    ClientFactory,
    ModeratorFactory,
    TherapistFactory,
    UserFactory,
)
from seeding.legacy.factories.assessments import PreAssessmentAnswerFactory, PreAssessmentFactory
from seeding.legacy.factories.audit_logs import AuditLogFactory
from seeding.legacy.factories.base import Factory
from seeding.legacy.factories.communities import (
    CommentFactory,
    CommunityFactory,
    CommunityMemberFactory,
    HeartFactory,
    PostFactory,
)
from seeding.legacy.factories.messages import ConversationFactory, ConversationParticipantFactory, MessageFactory
from seeding.legacy.factories.notifications import NotificationFactory
from seeding.legacy.factories.relationships import ClientTherapistFactory
from seeding.legacy.factories.reviews import ReviewFactory
from seeding.legacy.factories.session_notes import MeetingNotesFactory
from seeding.legacy.factories.sessions import MeetingFactory, TherapistAvailabilityFactory
from seeding.legacy.factories.worksheets import WorksheetAssignmentFactory, WorksheetFactory

__all__ = [
    "AdminFactory",
    "AuditLogFactory",
    "ClientFactory",
    "ClientTherapistFactory",
    "CommentFactory",
    "CommunityFactory",
    "CommunityMemberFactory",
    "ConversationFactory",
    "ConversationParticipantFactory",
    "Factory",
    "HeartFactory",
    "MeetingFactory",
    "MeetingNotesFactory",
    "MessageFactory",
    "ModeratorFactory",
    "NotificationFactory",
    "PostFactory",
    "PreAssessmentAnswerFactory",
    "PreAssessmentFactory",
    "ReviewFactory",
    "TherapistAvailabilityFactory",
    "TherapistFactory",
    "UserFactory",
    "WorksheetAssignmentFactory",
    "WorksheetFactory",
]
