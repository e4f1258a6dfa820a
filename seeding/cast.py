"""The cast: which states the first base people are sure to show, whatever is drawn for them. Nothing but data.

People are named by their ordinal from 0, so client 0 is client1@mentara.example. Everything else about them is
drawn as for anybody. `world/people.py` and `rows/` read here who is what, the base generators what they write for
whom, and `demo.py` whom the demo card shows.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Session:
    """A session: what has become of it, so many weeks from as-of, how the two meet, and the stars it was given."""

    status: str
    week: int
    kind: str = "video"
    stars: int = 0
    anonymous: bool = False


@dataclass(frozen=True)
class Pair:
    """A client and the therapist they are sure to have: base sessions and worksheets by their turn."""

    client: int
    therapist: int
    active: bool
    sessions: tuple[Session, ...]
    sheets: tuple[str, ...] = ()
    later: bool = False
    """Whether they meet in the second of the therapist's hours rather than in the first."""


PAIRS = (
    Pair(
        0, 0, True,
        (
            Session("COMPLETED", -3, "in_person", 4), Session("IN_PROGRESS", 0), Session("CONFIRMED", 1),
            Session("COMPLETED", -2, "audio", 5, anonymous=True), Session("COMPLETED", -1, "video", 5),
            Session("SCHEDULED", 2),
        ),
        ("REVIEWED", "ASSIGNED", "REVIEWED", "SUBMITTED"),
    ),
    Pair(
        1, 1, True,
        (
            Session("COMPLETED", -3, "video", 3), Session("WAITING", 0), Session("SCHEDULED", 1, "audio"),
            Session("NO_SHOW", -2), Session("COMPLETED", -1, "in_person"), Session("CANCELLED", -4),
        ),
        ("OVERDUE", "SUBMITTED", "REVIEWED", "OVERDUE"),
    ),
    Pair(
        2, 0, False,
        (
            Session("COMPLETED", -3, "in_person", 2, anonymous=True), Session("CANCELLED", -5), Session("NO_SHOW", -4),
            Session("COMPLETED", -1, "audio", 1, anonymous=True),
        ),
        ("REVIEWED",),
        later=True,
    ),
)  # fmt: skip
"""The first turns are in every mode, so that all of it is seen in medium, and each meeting status in light too; the
very first took place, so that nobody has worksheets of somebody they have not met."""
MATCHED = {pair.client: pair.therapist for pair in PAIRS}
UNMATCHED = (3, 4)
"""Clients who have not looked at the therapists recommended to them, and have none."""
NEWCOMER, SUSPENDED = 4, 7
"""The client who came last, with an empty inbox, an address not yet confirmed and an assessment begun; and one
whose account is closed."""
NEW_FOR = 50
"""Days since the newcomer signed up: just room for a first assessment and a follow-up, and for what they write."""
HOURS = (
    (2, range(7), 9 * 60, 12 * 60, True),
    (2, range(6), 16 * 60, 18 * 60, False),
)
"""Windows of therapists: who, on which days from Monday, from when to when, and whether they are open for sessions."""

MAIN = {0: (0, 3), 1: (0, 1), 2: (0, 4)}
"""Concerns (numbers of CONCERNS) of the clients above; all three belong to the community of the first."""
ASSESSED = {
    **{8 + at: (at, (at + 3) % 10) for at in range(10)},
    **{18 + at: (10 + at, 10 + (at + 2) % 5, at) for at in range(5)},
}
"""Clients who between them are assessed at every severity of every concern. A medium seed has communities for the first
ten concerns; whoever has others besides has one of these too, and so a place to go."""
ASSESSED_FOR = 70
"""Days that their accounts are old at least, so that there is room for three assessments."""
WAITS = 5
"""A client whose assessments but the first wait to be processed."""
CONCERNED = {**MAIN, **ASSESSED}
SITTINGS = 3
STAGE = max(ASSESSED) + 1
"""The cast are people with ordinals below this."""

NEWS = (
    (("client", 0), "APPOINTMENT_REMINDER", "session 0.1 soon", False),
    (("client", 0), "APPOINTMENT_CONFIRMED", "session 0.2", True),
    (("client", 0), "REVIEW_REQUEST", "session 0.0 ended", True),
    (("client", 0), "MESSAGE_RECEIVED", "message 0", False),
    (("client", 0), "WORKSHEET_ASSIGNED", "sheet 0.1", False),
    (("client", 0), "WORKSHEET_FEEDBACK", "sheet 0.0 answered", True),
    (("client", 0), "RELATIONSHIP_ESTABLISHED", "relationship 0", True),
    (("client", 0), "COMMUNITY_REPLY", "answer", False),
    (("client", 0), "SYSTEM_UPDATE", "client 0 lately", True),
    (("client", 1), "WORKSHEET_DUE", "sheet 1.0 due", False),
    (("client", 1), "COMMUNITY_POST", "post seen", True),
    (("client", 2), "APPOINTMENT_CANCELLED", "session 2.1 called off", True),
    (("client", 2), "RELATIONSHIP_ESTABLISHED", "relationship 2", True),
    (("client", 4), "COMMUNITY_WELCOME", "community 4", True),
    (("client", 4), "COMMUNITY_JOINED", "community 4", True),
    (("client", 4), "MESSAGE_RECEIVED", "message 4", True),
    (("therapist", 0), "THERAPIST_APPROVED", "therapist 0 approved", True),
    (("therapist", 0), "RELATIONSHIP_ESTABLISHED", "relationship 0", True),
    (("therapist", 0), "REVIEW_RECEIVED", "review 0.0", False),
)
"""Who is told what of which fact (a client's or pair's by its number, then the turn), and whether they have read it:
each type once, and the newcomer's bell is quiet."""
DEEDS = (
    (("moderator", 0), "USER_REGISTER", "moderator 0"),
    (("moderator", 0), "MODERATE_POST", "post"),
    (("moderator", 0), "MODERATE_COMMENT", "answer"),
    (("admin", 0), "USER_LOGIN", "admin 0"),
    (("admin", 0), "ADMIN_SYSTEM_CONFIG", "admin 0 profile"),
    (("admin", 0), "SUSPEND_USER", "client 7 closed"),
    (("admin", 0), "REVIEW_MODERATE", "review 2.0"),
    (("admin", 0), "DATA_EXPORT", "client 0"),
)
"""Who does what to which row."""
