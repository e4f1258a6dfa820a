"""The demo card: who to log in as, to see what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import identify_hasher
from django.db.models import F, Q

from seeding.cast import ASSESSED, STAGE
from seeding.engine.keys import BASE, id_range
from seeding.engine.minimum import Rows
from seeding.rows.accounts import email
from seeding.world.people import CLIENT, ROLES


@dataclass(frozen=True)
class DemoLogin:
    """A demo account and what can be seen with it."""

    email: str
    sees: str


_MEETING, _SHEET, _SITTING = (
    f"client_profile__{what}" for what in ("meetings__status", "worksheet_assignments__status", "pre_assessments")
)
_SEAT, _WINDOW = "conversation_participations", "therapist_profile__availabilities"
_UNREAD = Q(
    conversation_participations__conversation__last_message_at__gt=F("conversation_participations__last_read_at")
)
_BANDS = f"between them clients {min(ASSESSED) + 1} to {max(ASSESSED) + 1} show every severity"
ADMINISTRATOR, OF_ITS_SITE, CLOSED = "an administrator", ", also of /admin/", ", where the closed accounts are"
STATES: tuple[tuple[str, tuple[Q, ...]], ...] = (
    (
        "a client in a session just now, others behind and ahead; messages of every type",
        (
            *(Q((_MEETING, status)) for status in ("IN_PROGRESS", "COMPLETED", "CONFIRMED")),
            *(
                Q((f"{_SEAT}__conversation__messages__message_type", kind))
                for kind in ("IMAGE", "AUDIO", "VIDEO", "SYSTEM")
            ),
        ),
    ),
    (
        "a client awaited in the waiting room, who is late with a worksheet",
        (Q((_MEETING, "WAITING")), Q((_SHEET, "OVERDUE"))),
    ),
    (
        "a client who missed a session and whose therapy has ended, with a star or two for it",
        (
            Q(client_profile__relationships__status="inactive"),
            ~Q(client_profile__relationships__status="active"),
            Q((_MEETING, "NO_SHOW")),
            Q(client_profile__reviews__rating__lte=2),
        ),
    ),
    (
        "a newcomer: nothing unread, the address unconfirmed, an assessment begun, no therapist",
        (
            Q(role="client", email_verified=False, client_profile__relationships__isnull=True),
            Q((f"{_SITTING}__isnull", False), (f"{_SITTING}__completed_at__isnull", True)),
            ~Q(notifications__is_read=False),
            ~_UNREAD,
        ),
    ),
    ("a client who has not found a therapist", (Q(role="client", client_profile__relationships__isnull=True),)),
    (
        "a client with an assessment that waits to be processed, after others",
        (
            Q((f"{_SITTING}__is_processed", True)),
            Q((f"{_SITTING}__is_processed", False), (f"{_SITTING}__completed_at__isnull", False)),
        ),
    ),
    (
        f"a client assessed three times; {_BANDS}",
        (Q(email=email(CLIENT, max(ASSESSED))), Q((f"{_SITTING}__completed_at__isnull", False))),
    ),
    ("a therapist in a session just now", (Q(therapist_profile__meetings__status="IN_PROGRESS"),)),
    (
        "a therapist who is there at weekends too",
        tuple(
            Q((f"{_WINDOW}__day_of_week", day), (f"{_WINDOW}__is_available", True)) for day in ("SATURDAY", "SUNDAY")
        ),
    ),
    ("a therapist whose application is pending", (Q(therapist_profile__status="PENDING"),)),
    ("a therapist whose application was rejected", (Q(therapist_profile__status="REJECTED"),)),
    (
        "a moderator, of communities and of a group",
        (Q(community_memberships__role="MODERATOR"), Q((f"{_SEAT}__role", "MODERATOR"))),
    ),
    (ADMINISTRATOR, (Q(admin_profile__isnull=False),)),
)
"""What can be shown, and what must be true of an account that shows it: a row for each condition."""


def in_state(conditions: tuple[Q, ...], using: str) -> Any:
    """The users of whom all of this is true: one query, since they may be too many to be asked about by their ids."""
    users = Rows("mentara.User", {"is_active": True}).query(using)
    for condition in conditions:
        users = users.filter(pk__in=Rows("mentara.User").query(using).filter(condition).values("pk"))
    return users


def can_log_in(using: str, card: Iterable[DemoLogin]) -> bool:
    """Whether the accounts of a card have a password, not seeded without DEBUG, that PASSWORD_HASHERS can check."""
    emails = [login.email for login in card]
    passwords = Rows("mentara.User", {"email__in": emails}).query(using).values_list("password", flat=True)
    try:
        for password in passwords:
            identify_hasher(password)
    except ValueError:
        return False
    return True


def demo_card(using: str) -> tuple[DemoLogin, ...]:
    """For each state the first demo account that shows it; a state none of them is in is left out.

    Accounts are used up once: another state is shown by another account where there is one. Somebody's own account at
    one of the addresses is none of them.
    """
    addresses = [email(role, ordinal) for ordinal in range(STAGE) for role in range(len(ROLES))]
    ours = {"is_active": True, "email__in": addresses, "pk__range": id_range(BASE)}
    accounts = Rows("mentara.User", ours).query(using)
    of = dict(accounts.values_list("email", "pk"))
    card: list[DemoLogin] = []
    for sees, conditions in STATES:
        left = set(of.values())
        for condition in conditions:  # one at a time: PostgreSQL takes long to plan them all in one query
            some = Rows("mentara.User", {"pk__in": left}).query(using).filter(condition)
            left = set(some.values_list("pk", flat=True).distinct())
        emails = [address for address in addresses if of.get(address) in left]
        shown = {login.email for login in card}
        fresh = [address for address in emails if address not in shown] or emails
        if fresh:
            card.append(DemoLogin(fresh[0], sees + of_its_site(using) if sees == ADMINISTRATOR else sees))
    return tuple(card)


def of_its_site(using: str) -> str:
    """What an administrator sees beside the application, where Django's own site is installed."""
    if not apps.is_installed("django.contrib.admin"):
        return ""
    closed = Rows("mentara.User", {"is_active": False}).query(using).exists()
    return OF_ITS_SITE + CLOSED if closed else OF_ITS_SITE
