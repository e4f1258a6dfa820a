"""One factory a table, for tests: `PostFactory()`, `MeetingFactory(status="COMPLETED")`, `UserFactory.create_batch(3)`.

A factory makes a row that is valid and coherent on its own, with the rows it refers to; any attribute can be given
instead. Values come from the functions that the seeding run writes its rows with, so that a factory defines the row
and the bulk path agrees with it, column by column: `UserFactory(role="client", ordinal=3)` is client4@mentara.example.

Nothing is drawn from a shared generator. Unless an ordinal or a slot is given, factories count up from one million,
and never meet a seeded row; what a test relies on by default (an account is active, a therapist approved) is then
the usual case. `run` says when: by default now, to the second; give `run=` to make the same row every day.
`build()` needs no database, as long as everybody concerned was made by a factory.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model
from django.utils import timezone
from factory.declarations import (
    LazyAttribute,
    LazyAttributeSequence,
    LazyFunction,
    List,
    Maybe,
    PostGenerationDeclaration,
    SelfAttribute,
    SubFactory,
    Trait,
)
from factory.django import DjangoModelFactory
from factory.enums import CREATE_STRATEGY

from mentara import models
from seeding.engine.clock import micros, moment
from seeding.engine.run import Run
from seeding.legacy import single
from seeding.legacy.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.users import demo_password_hash
from seeding.requirements import MINIMUMS
from seeding.world.locales import DEFAULT

T = TypeVar("T", bound=Model)


def default_run() -> Run:
    """The run that factories draw for: the usual seed, as of now."""
    now = timezone.now().replace(microsecond=0)  # noqa: TID251 - a test's own clock, and the only one here
    return Run("default", "mentara", micros(now), {minimum.key: minimum for minimum in MINIMUMS}, DEFAULT)


class Factory(DjangoModelFactory[T]):
    """What all factories share."""

    class Meta:
        abstract = True
        skip_postgeneration_save = True

    class Params:
        run = LazyFunction(lambda: default_run())  # noqa: PLW0108 - looked up late, so that a test may replace it


# Accounts


class _Profile(PostGenerationDeclaration):
    """The profile of the user's role; `profile=None` makes none, `profile__city="Cebu"` reaches into it."""

    def call(self, instance: models.User, step: Any, context: Any) -> Any:
        factories = {
            "client": ClientFactory,
            "therapist": TherapistFactory,
            "admin": AdminFactory,
            "moderator": ModeratorFactory,
        }
        if context.value_provided or instance.role not in factories:
            return context.value
        return step.recurse(factories[instance.role], {"run": step.stub.run, **context.extra, "user": instance})


class UserFactory(Factory[models.User]):
    """An account with the profile of its role."""

    class Meta:
        model = models.User

    class Params:
        ordinal = Free(step=8)  # the therapists of these ordinals are approved
        row = Row(single.user, key="ordinal")

    id = Column()
    email = Column()
    password = LazyFunction(demo_password_hash)
    role = "client"
    first_name = Column()
    middle_name = Column()
    last_name = Column()
    birth_date = Column()
    address = Column()
    avatar_url = Column()
    bio = Column()
    email_verified = Column(usual=True)
    is_active = Column(usual=True)
    last_login = Column()
    created_at = Column()
    updated_at = Column()
    profile = _Profile()


class ClientFactory(Factory[models.Client]):
    """A client."""

    class Meta:
        model = models.Client

    class Params:
        row = Row(single.client, key="user.pk")

    user = Parent(UserFactory, role="client", profile=None)
    has_seen_therapist_recommendations = Column()
    city = Column()
    country = Column()
    created_at = Column()
    updated_at = Column()


class AdminFactory(Factory[models.Admin]):
    """An administrator."""

    class Meta:
        model = models.Admin

    class Params:
        row = Row(single.admin, key="user.pk")

    user = Parent(UserFactory, role="admin", profile=None)
    permissions = Column()
    admin_level = Column()
    created_at = Column()
    updated_at = Column()


class ModeratorFactory(Factory[models.Moderator]):
    """A moderator."""

    class Meta:
        model = models.Moderator

    class Params:
        row = Row(single.moderator, key="user.pk")

    user = Parent(UserFactory, role="moderator", profile=None)
    permissions = Column()
    created_at = Column()
    updated_at = Column()


class TherapistFactory(Factory[models.Therapist]):
    """A therapist, approved unless the status says otherwise, and the admin who decided."""

    class Meta:
        model = models.Therapist

    class Params:
        decided = LazyAttribute(lambda therapist: therapist.status != "PENDING")
        row = Row(single.therapist, key="user.pk")

    user = Parent(UserFactory, role="therapist", profile=None)
    status = LazyAttribute(single.therapist_status)
    mobile = Column()
    province = Column()
    timezone = Column()
    provider_type = Column()
    license_number = Column()
    license_verified = Column()
    practice_start_date = Column()
    years_of_experience = Column()
    expertise = Column()
    approaches = Column()
    languages = Column()
    session_length = Column()
    hourly_rate = Column()
    accepts_insurance = Column()
    processed_by_admin = Maybe("decided", Parent(AdminFactory), None)
    processed_at = Column()
    created_at = Column()
    updated_at = Column()


# Communities


class CommunityFactory(Factory[models.Community]):
    """A community; `ordinal` chooses what it is about."""

    class Meta:
        model = models.Community

    class Params:
        ordinal = Free()
        row = Row(single.community, key="ordinal")

    id = Column()
    name = Column()
    slug = Column()
    description = Column()
    image_url = Column()
    created_at = Column()
    updated_at = Column()


class CommunityMemberFactory(Factory[models.CommunityMember]):
    """A membership, or the one that the user has in the community already; `moderator=True` makes a moderator join."""

    class Meta:
        model = models.CommunityMember
        django_get_or_create = ("user", "community")

    class Params:
        slot = Free()
        subject = SelfAttribute("user")
        moderator = Trait(user=Parent(UserFactory, role="moderator"))
        row = Row(single.membership)

    id = Key("subject")
    user = Parent(UserFactory)
    community = Parent(CommunityFactory)
    role = Column()
    joined_at = Column()


class PostFactory(Factory[models.Post]):
    """A post, the author's `slot`-th; the author is a member of the community."""

    class Meta:
        model = models.Post

    class Params:
        slot = Free()
        membership = Parent(
            CommunityMemberFactory, user=SelfAttribute("..user"), community=SelfAttribute("..community")
        )
        row = Row(single.post)

    id = Key("user")
    user = Parent(UserFactory)
    community = Parent(CommunityFactory)
    title = Column()
    content = Column()
    created_at = Column()
    updated_at = Column()


class CommentFactory(Factory[models.Comment]):
    """A comment, the author's `slot`-th, by another member of the post's community; `parent` makes it a reply.

    It is the `place`-th under the post.
    """

    class Meta:
        model = models.Comment

    class Params:
        slot = Free()
        place = 0
        membership = Parent(
            CommunityMemberFactory, user=SelfAttribute("..user"), community=SelfAttribute("..post.community")
        )
        row = Row(single.comment)

    id = Key("user")
    post = Parent(PostFactory)
    user = Parent(UserFactory)
    parent = None
    content = Column()
    created_at = Column()
    updated_at = Column()


class HeartFactory(Factory[models.Heart]):
    """A heart by another member for a post, or for the comment given."""

    class Meta:
        model = models.Heart

    class Params:
        slot = Free()
        place = LazyAttribute(lambda heart: (heart.comment.post if heart.comment else heart.post).community)
        membership = Parent(CommunityMemberFactory, user=SelfAttribute("..user"), community=SelfAttribute("..place"))
        row = Row(single.heart)

    id = Key("user")
    user = Parent(UserFactory)
    post = Maybe("comment", None, Parent(PostFactory))
    comment = None
    created_at = Column()


# Therapy


class ClientTherapistFactory(Factory[models.ClientTherapist]):
    """A relationship that goes on, or the one that the two have already."""

    class Meta:
        model = models.ClientTherapist
        django_get_or_create = ("client", "therapist")

    class Params:
        slot = Free()
        row = Row(single.relationship)

    id = Key("client")
    client = Parent(ClientFactory)
    therapist = Parent(TherapistFactory)
    status = Column(usual="active")
    assigned_at = Column()


class _Related(Parent):
    """The relationship of the row's client and therapist."""

    def __init__(self) -> None:
        super().__init__(
            ClientTherapistFactory, client=SelfAttribute("..client"), therapist=SelfAttribute("..therapist")
        )


class TherapistAvailabilityFactory(Factory[models.TherapistAvailability]):
    """A window on a day on which the therapist has none yet."""

    class Meta:
        model = models.TherapistAvailability

    class Params:
        slot = Free()
        hours = LazyAttribute(single.open_hours)
        row = Row(single.availability)

    id = Key("therapist")
    therapist = Parent(TherapistFactory)
    day_of_week = SelfAttribute("hours.day")
    start_time = SelfAttribute("hours.opens")
    end_time = SelfAttribute("hours.closes")
    timezone = SelfAttribute("therapist.timezone")
    is_available = Column()
    notes = Column()
    created_at = Column()
    updated_at = Column()


class MeetingFactory(Factory[models.Meeting]):
    """A session of two who are in a relationship, in the therapist's open hours, when both are free.

    The status decides whether it is over or to come; one in progress is now, whatever the hours.
    """

    class Meta:
        model = models.Meeting

    class Params:
        slot = Free()
        turn = LazyAttribute(single.session_turn)
        relationship = _Related()
        window = Maybe(
            LazyAttribute(single.has_hours),
            None,
            Parent(TherapistAvailabilityFactory, therapist=SelfAttribute("..therapist")),
        )
        placed = LazyAttribute(single.placed)
        row = Row(single.meeting)

    id = Key("relationship")
    client = Parent(ClientFactory)
    therapist = Parent(TherapistFactory)
    title = Column()
    description = Column()
    start_time = LazyAttribute(lambda meeting: moment(meeting.placed.start))
    end_time = Column()
    duration = SelfAttribute("placed.minutes")
    status = "SCHEDULED"
    meeting_type = Column(usual="video")
    meeting_url = LazyAttribute(single.room)
    created_at = Column()
    updated_at = Column()


class MeetingNotesFactory(Factory[models.MeetingNotes]):
    """Notes of a completed session, which take up those of the one before."""

    class Meta:
        model = models.MeetingNotes

    class Params:
        slot = Free()
        row = Row(single.notes)

    id = Key("meeting")
    meeting = Parent(MeetingFactory, status="COMPLETED")
    notes = Column()
    created_at = Column()
    updated_at = Column()


class WorksheetFactory(Factory[models.Worksheet]):
    """A worksheet on what the therapist is expert in."""

    class Meta:
        model = models.Worksheet

    class Params:
        slot = Free()
        row = Row(single.worksheet)

    id = Key("therapist")
    therapist = Parent(TherapistFactory)
    title = Column()
    instructions = Column()
    category = Column()
    estimated_minutes = Column()
    created_at = Column()
    updated_at = Column()


class WorksheetAssignmentFactory(Factory[models.WorksheetAssignment]):
    """A worksheet in the hands of a client of its therapist; dates and feedback suit the status."""

    class Meta:
        model = models.WorksheetAssignment

    class Params:
        slot = Free()
        therapist = SelfAttribute("worksheet.therapist")
        relationship = _Related()
        row = Row(single.assignment)

    id = Key("relationship", tries=("status",))
    worksheet = Parent(WorksheetFactory)
    client = Parent(ClientFactory)
    status = Column(usual="ASSIGNED")
    assigned_at = Column()
    due_date = Column()
    submitted_at = Column()
    feedback = Column()
    created_at = Column()
    updated_at = Column()


class ReviewFactory(Factory[models.Review]):
    """A review of a completed session; title and text suit the rating."""

    class Meta:
        model = models.Review

    class Params:
        slot = Free()
        relationship = _Related()
        row = Row(single.review)

    id = Key("relationship")
    client = SelfAttribute("meeting.client")
    therapist = SelfAttribute("meeting.therapist")
    meeting = Parent(MeetingFactory, status="COMPLETED")
    rating = LazyAttribute(single.rating)
    title = Column()
    content = Column()
    is_anonymous = Column()
    is_verified = LazyAttribute(lambda review: review.meeting is not None)
    created_at = Column()
    updated_at = Column()


# Assessments


class _Answers(PostGenerationDeclaration):
    """The answers that the scores are made of; `answers=None` leaves them out."""

    def call(self, instance: models.PreAssessment, step: Any, context: Any) -> Any:
        if context.value_provided:
            return context.value
        given = single.answers_to(step.stub.run, instance, follow_up=step.stub.follow_up)
        answers = [models.PreAssessmentAnswer(**row) for row in given.values()]
        if step.builder.strategy == CREATE_STRATEGY:
            models.PreAssessmentAnswer.objects.bulk_create(answers)
        return answers


class PreAssessmentFactory(Factory[models.PreAssessment]):
    """A client's first assessment, or with `follow_up=True` a later one, and the answers to its questionnaires."""

    class Meta:
        model = models.PreAssessment

    class Params:
        slot = Free()
        follow_up = False
        row = Row(single.assessment)

    id = Key("user")
    user = Parent(ClientFactory)
    scores = Column()
    severity_levels = Column()
    is_processed = Column()
    completed_at = LazyAttribute(lambda assessment: moment(single.sat(assessment)))
    created_at = Column()
    updated_at = Column()
    answers = _Answers()


class PreAssessmentAnswerFactory(Factory[models.PreAssessmentAnswer]):
    """One answer, in an assessment that has no others."""

    class Meta:
        model = models.PreAssessmentAnswer

    class Params:
        follow_up = False

    id = LazyAttribute(single.answer_id)
    pre_assessment = Parent(PreAssessmentFactory, answers=None)
    questionnaire = LazyAttribute(single.questionnaire)
    answer_index = LazyAttributeSequence(lambda answer, number: number % single.items(answer.questionnaire))
    value = LazyAttribute(single.answer_value)


# Messages


class _Seats(PostGenerationDeclaration):
    """A participant for each of the users; `participants=None` makes none."""

    def call(self, instance: Any, step: Any, context: Any) -> Any:
        if context.value_provided:
            return context.value
        instance.seats = [
            step.recurse(
                ConversationParticipantFactory,
                {"run": step.stub.run, "conversation": instance, "user": user, "seat": seat},
            )
            for seat, user in enumerate(step.stub.users)
        ]
        return instance.seats


class ConversationFactory(Factory[models.Conversation]):
    """A conversation that nothing has been said in, and its participants: a client and whom the type suggests."""

    class Meta:
        model = models.Conversation

    class Params:
        slot = Free()
        company = LazyAttribute(lambda talk: {"SESSION": "therapist", "SUPPORT": "moderator"}.get(talk.type, "client"))
        users = List(
            [
                SubFactory(UserFactory, run=SelfAttribute("...run")),
                SubFactory(UserFactory, run=SelfAttribute("...run"), role=SelfAttribute("...company")),
            ]
        )
        first = LazyAttribute(lambda talk: talk.users[0])
        row = Row(single.conversation)

    id = Key("first")
    type = "DIRECT"
    title = Column()
    is_active = Column()
    last_message_at = Column()
    created_at = Column()
    updated_at = Column()
    participants = _Seats()


class ConversationParticipantFactory(Factory[models.ConversationParticipant]):
    """A user's seat in a conversation, or the one that they have already; by default in a request for support."""

    class Meta:
        model = models.ConversationParticipant
        django_get_or_create = ("conversation", "user")

    class Params:
        slot = Free()
        seat = 0
        row = Row(single.participant)

    id = Key("conversation")
    conversation = Parent(
        ConversationFactory,
        type="SUPPORT",
        users=LazyAttribute(lambda talk: [talk.factory_parent.user]),
        participants=None,
    )
    user = Parent(UserFactory)
    role = Column()
    joined_at = Column()
    last_read_at = Column()
    is_active = Column()
    is_muted = Column()


class _Heard(PostGenerationDeclaration):
    """The conversation notes when its newest message came."""

    def call(self, instance: models.Message, step: Any, context: Any) -> None:  # noqa: ARG002 - factory_boy's signature
        talk = instance.conversation
        talk.last_message_at = max(talk.last_message_at or instance.created_at, instance.created_at)
        talk.updated_at = max(talk.updated_at, instance.created_at)
        if step.builder.strategy == CREATE_STRATEGY:
            talk.save(update_fields=["last_message_at", "updated_at"])


class MessageFactory(Factory[models.Message]):
    """The next line of a conversation, by whoever's turn it is; whoever else sends one takes a seat there."""

    class Meta:
        model = models.Message

    class Params:
        slot = Free()
        turn = LazyAttribute(single.turn)
        seat = Parent(
            ConversationParticipantFactory, conversation=SelfAttribute("..conversation"), user=SelfAttribute("..sender")
        )
        row = Row(single.message)

    id = Key("conversation")
    conversation = Parent(ConversationFactory)
    sender = LazyAttribute(single.sender)
    content = Column()
    message_type = Column()
    reply_to = None
    is_edited = Column()
    edited_at = Column()
    is_deleted = Column()
    created_at = Column()
    updated_at = Column()
    heard = _Heard()


# Engagement


class NotificationFactory(Factory[models.Notification]):
    """An unread notification about the user's account, or about the row given: `NotificationFactory(about=post)`."""

    class Meta:
        model = models.Notification

    class Params:
        slot = Free()
        about = SelfAttribute("user")
        row = Row(single.notification)

    id = Key("user", tries=("is_read",))
    user = Parent(UserFactory)
    type = LazyAttribute(single.news_type)
    priority = Column()
    title = Column()
    message = Column()
    data = Column()
    action_url = Column()
    is_read = Column(usual=False)
    read_at = Column()
    created_at = Column()
    updated_at = Column()


class AuditLogFactory(Factory[models.AuditLog]):
    """What an administrator did: signed in, or dealt with the row given: `AuditLogFactory(about=post)`."""

    class Meta:
        model = models.AuditLog

    class Params:
        slot = Free()
        about = SelfAttribute("user")
        row = Row(single.audit_log)

    id = Key("about")
    user = Parent(UserFactory, role="admin")
    user_role = Column()
    action = LazyAttribute(single.audit_action)
    entity = Column()
    entity_id = Column()
    description = Column()
    metadata = Column()
    ip_address = Column()
    created_at = Column()
