"""What a seeded database must hold: the minimums, and the sizes of the three modes. Nothing but data.

Every number stands here once: enrichers fill to it, verification reads the same line, README's table is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seeding.engine.minimum import Minimum, Rows, Supply

USERS = Rows("mentara.User", noun="users")
CLIENTS = Rows("mentara.Client", noun="clients")
THERAPISTS = Rows("mentara.Therapist", {"status": "APPROVED"}, "approved therapists")
MODERATORS = Rows("mentara.User", {"role": "moderator"}, "users with role moderator")
ADMINS = Rows("mentara.Admin", noun="admins")
COMMUNITIES = Rows("mentara.Community", noun="communities")
POSTS = Rows("mentara.Post", noun="posts")
RELATIONSHIPS = Rows("mentara.ClientTherapist", noun="relationships")
COMPLETED_MEETINGS = Rows("mentara.Meeting", {"status": "COMPLETED"}, "completed meetings")
CLIENT_CONVERSATIONS = Rows("mentara.Conversation", {"participants__user": CLIENTS}, "conversations of clients")
MEMBER_USERS = Rows("mentara.User", {"role__in": ("client", "therapist")}, "client and therapist users")

MEMBERSHIPS = Rows("mentara.CommunityMember")
COMMENTS = Rows("mentara.Comment")
HEARTS = Rows("mentara.Heart")
MEETINGS = Rows("mentara.Meeting")
NOTES = Rows("mentara.MeetingNotes")


_BY_USER, _EMAIL = {"user": "pk"}, "user__email"
_NO_OWN_HEART, _NO_OWN_CLIENT = "nobody hearts their own", "nobody is their own client"
_NO_POST = "there is no post in the communities they belong to"

MINIMUMS: tuple[Minimum, ...] = (
    Minimum(
        "client.communityMemberships", CLIENTS, 1, MEMBERSHIPS, _BY_USER,
        "the home feed of a client without a community is empty",
        supply=(Supply(COMMUNITIES, "community"),), label=_EMAIL,
    ),
    Minimum(
        "client.posts", CLIENTS, 5, POSTS, _BY_USER,
        "the profile shows a page of a member's own posts",
        supply=(Supply(COMMUNITIES),), label=_EMAIL,
    ),
    Minimum(
        "client.comments", CLIENTS, 10, COMMENTS, _BY_USER,
        "activity lists page at ten",
        supply=(Supply(COMMUNITIES),), label=_EMAIL, otherwise=_NO_POST, remedy="raise community.posts to 1",
    ),
    Minimum(
        "client.hearts", CLIENTS, 3, HEARTS, _BY_USER,
        "liked posts have a screen of their own",
        supply=(Supply(COMMUNITIES), Supply(USERS, never="pk", besides=_NO_OWN_HEART)), label=_EMAIL,
        otherwise="there is no post in the client's communities, or nobody else",
        remedy="raise community.posts to 1 and community.members to 2",
    ),
    Minimum(
        "client.conversations", CLIENTS, 2, Rows("mentara.ConversationParticipant"), _BY_USER,
        "an inbox needs more than one thread to be sorted",
        label=_EMAIL,
    ),
    Minimum(
        "client.messagesPerConversation", CLIENT_CONVERSATIONS, 5, Rows("mentara.Message"), {"conversation": "pk"},
        "a thread must scroll",
    ),
    Minimum(
        "client.completedAssessments", CLIENTS, 2,
        Rows("mentara.PreAssessment", {"completed_at__isnull": False}), _BY_USER,
        "progress is the difference between two assessments",
        label=_EMAIL,
    ),
    Minimum(
        "client.therapists", CLIENTS, 0, RELATIONSHIPS, {"client": "pk"},
        "optional: not every client has found a therapist; raise it to test dashboards",
        supply=(Supply(THERAPISTS, "therapist", "pk", _NO_OWN_CLIENT),), label=_EMAIL,
    ),
    Minimum(
        "therapist.clientRelationships", THERAPISTS, 2, RELATIONSHIPS, {"therapist": "pk"},
        "a caseload is a list",
        supply=(Supply(CLIENTS, "client", "pk", _NO_OWN_CLIENT),), label=_EMAIL,
    ),
    Minimum(
        "therapist.communityMemberships", THERAPISTS, 1, MEMBERSHIPS, _BY_USER,
        "therapists write in communities",
        supply=(Supply(COMMUNITIES, "community"),), label=_EMAIL,
    ),
    Minimum(
        "therapist.posts", THERAPISTS, 2, POSTS, _BY_USER,
        "a therapist's profile shows what they share",
        supply=(Supply(COMMUNITIES),), label=_EMAIL,
    ),
    Minimum(
        "therapist.comments", THERAPISTS, 5, COMMENTS, _BY_USER,
        "clients judge a therapist by how they answer",
        supply=(Supply(COMMUNITIES),), label=_EMAIL, otherwise=_NO_POST, remedy="raise community.posts to 1",
    ),
    Minimum(
        "therapist.availabilityDays", THERAPISTS, 3,
        Rows("mentara.TherapistAvailability", {"is_available": True}), {"therapist": "pk"},
        "booking needs a choice of days",
        label=_EMAIL, distinct="day_of_week",
        otherwise="the free hours of the remaining days are blocked by windows marked as unavailable",
        remedy="delete some of these windows",
    ),
    Minimum(
        "therapist.meetings", THERAPISTS, 4, MEETINGS, {"therapist": "pk"},
        "the calendar shows past and coming sessions",
        supply=(Supply(CLIENTS, never="pk", besides=_NO_OWN_CLIENT),), label=_EMAIL,
        otherwise="the therapist's open windows leave no hour that a client of theirs has free",
    ),
    Minimum(
        "therapist.worksheets", THERAPISTS, 3, Rows("mentara.Worksheet"), {"therapist": "pk"},
        "assigning needs a small library",
        label=_EMAIL,
    ),
    Minimum(
        "therapist.sessionNotes", THERAPISTS, 2, NOTES, {"meeting__therapist": "pk"},
        "notes carry a thread from session to session",
        supply=(Supply(CLIENTS, never="pk", besides=_NO_OWN_CLIENT),), label=_EMAIL,
        otherwise="no completed session with a client of the therapist could be placed",
    ),
    Minimum(
        "therapist.reviewsReceived", THERAPISTS, 1, Rows("mentara.Review"), {"therapist": "pk"},
        "a listing without a rating is not found",
        supply=(Supply(CLIENTS, never="pk", besides=_NO_OWN_CLIENT),), label=_EMAIL,
        otherwise="no completed session with a client of the therapist is left to review",
    ),
    Minimum(
        "community.members", COMMUNITIES, 8, MEMBERSHIPS, {"community": "pk"},
        "below eight members a community feels deserted",
        supply=(Supply(USERS, "user"),), label="name",
    ),
    Minimum(
        "community.posts", COMMUNITIES, 10, POSTS, {"community": "pk"},
        "the feed pages at ten",
        supply=(Supply(USERS),), label="name",
    ),
    Minimum(
        "community.moderators", COMMUNITIES, 1,
        Rows("mentara.CommunityMember", {"role": "MODERATOR"}), {"community": "pk"},
        "reports need somebody to go to",
        supply=(Supply(MODERATORS, "user", besides="an ordinary member there stays one"),), label="name",
    ),
    Minimum(
        "post.comments", POSTS, 2, COMMENTS, {"post": "pk"},
        "nobody who writes is left without an answer",
        label="title",
    ),
    Minimum(
        "post.hearts", POSTS, 1, HEARTS, {"post": "pk"},
        "a post has been seen by somebody",
        supply=(Supply(USERS, "user", "user", _NO_OWN_HEART),), label="title",
    ),
    Minimum(
        "meeting.notesIfCompleted", COMPLETED_MEETINGS, 1, NOTES, {"meeting": "pk"},
        "a held session is documented",
    ),
    Minimum(
        "relationship.meetings", RELATIONSHIPS, 3, MEETINGS, {"client": "client", "therapist": "therapist"},
        "a relationship shows as a series of sessions",
        otherwise="the therapist's open windows leave no hour that the client has free",
    ),
    Minimum(
        "relationship.worksheets", RELATIONSHIPS, 1, Rows("mentara.WorksheetAssignment"),
        {"client": "client", "worksheet__therapist": "therapist"},
        "work between sessions is part of the product",
    ),
    Minimum(
        "user.notifications", MEMBER_USERS, 2, Rows("mentara.Notification"), _BY_USER,
        "the bell has something to open",
        label="email",
    ),
    Minimum(
        "admin.auditLogs", ADMINS, 3, Rows("mentara.AuditLog"), _BY_USER,
        "the audit screen is filtered by actor",
        label=_EMAIL,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Sizes:
    """What the base generators create: counts, averages, and shares between 0 and 1."""

    clients: int
    therapists: int
    admins: int
    moderators: int
    communities: int
    """In the order of concerns.COMMUNITY_ORDER: 7 are five of concerns and two general ones, 15 ten and five, 23 all
    fifteen and eight."""
    members_per_community: int
    memberships_per_user: int
    with_therapist: float
    posts_per_user: int
    comments_per_post: int
    heart_on_post: float
    heart_on_comment: float
    meetings: int
    worksheets: int
    assessed: float
    with_notes: float
    review_rate: float
    """Drawn one by one: in the base data the first completed meeting of a relationship may be reviewed, and all of
    them once enriched."""

    @property
    def users(self) -> int:
        """How many accounts these are, of all roles."""
        return self.clients + self.therapists + self.admins + self.moderators


SIZES = {
    "clients": "number of base clients",
    "therapists": "number of base therapists",
    "admins": "number of base admins",
    "moderators": "number of base moderators",
    "communities": "number of base communities",
    "members_per_community": "about how many members a community has in medium and heavy: how strongly it draws them",
    "memberships_per_user": "memberships of a user, on average",
    "with_therapist": "share of clients who have a therapist",
    "posts_per_user": "posts of a user, on average",
    "comments_per_post": "comments on a post, on average",
    "heart_on_post": "chance of a heart on a post, from each reader shown it",
    "heart_on_comment": "chance of a heart on a comment, from each reader shown it",
    "meetings": "meetings of a relationship, at most",
    "worksheets": "worksheets of a relationship, at most",
    "assessed": "share of clients with a first assessment",
    "with_notes": "share of completed meetings with notes",
    "review_rate": "share of completed meetings that may have a review, enriched ones too",
}
"""What each size is."""
SHARES = ("with_therapist", "heart_on_post", "heart_on_comment", "assessed", "with_notes", "review_rate")
"""Sizes between 0 and 1."""
MOST_OF_EACH = {
    "members_per_community": 10_000,
    "memberships_per_user": 100,
    "posts_per_user": 100,
    "comments_per_post": 100,
    "meetings": 100,
    "worksheets": 100,
}
"""Sizes that count what each of many has, and the most of it: there are texts for so many, and hours in a calendar."""

NEVER_SEEDED = ("Payment", "Invoice")
"""Mirrored models that are left alone, since billing is not ready: what they hold is nobody's fixture."""

MODES: dict[str, Sizes] = {
    "light": Sizes(
        clients=8, therapists=4, admins=2, moderators=2,
        communities=7, members_per_community=4, memberships_per_user=2,
        with_therapist=0.50, posts_per_user=1, comments_per_post=2, heart_on_post=0.3, heart_on_comment=0.2,
        meetings=3, worksheets=2, assessed=0.60, with_notes=0.50, review_rate=0.4,
    ),
    "medium": Sizes(
        clients=25, therapists=12, admins=4, moderators=4,
        communities=15, members_per_community=12, memberships_per_user=3,
        with_therapist=0.70, posts_per_user=2, comments_per_post=4, heart_on_post=0.4, heart_on_comment=0.3,
        meetings=6, worksheets=4, assessed=0.80, with_notes=0.70, review_rate=0.6,
    ),
    "heavy": Sizes(
        clients=80, therapists=25, admins=6, moderators=8,
        communities=23, members_per_community=25, memberships_per_user=4,
        with_therapist=0.75, posts_per_user=3, comments_per_post=6, heart_on_post=0.5, heart_on_comment=0.4,
        meetings=10, worksheets=7, assessed=0.85, with_notes=0.80, review_rate=0.7,
    ),
}  # fmt: skip
DEFAULT_MODE = "light"
DEFAULT_SEED = "mentara"


def stages(size: str) -> tuple[Any, ...]:
    """A size in light, medium and heavy: whole numbers, or shares between 0 and 1."""
    return tuple(getattr(mode, size) for mode in MODES.values())
