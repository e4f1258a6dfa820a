"""The demo card: who to log in as, to see what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seeding.engine.minimum import Rows
from seeding.rows.accounts import DOMAIN

CANDIDATES = 200


@dataclass(frozen=True)
class DemoLogin:
    """A demo account and what can be seen with it."""

    email: str
    sees: str


STATES: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (
        "a client in therapy, with sessions behind and ahead",
        {"client_profile__relationships__status": "active", "client_profile__meetings__status": "COMPLETED"},
    ),
    ("a client who has not found a therapist", {"role": "client", "client_profile__relationships__isnull": True}),
    ("a client who missed a session", {"client_profile__meetings__status": "NO_SHOW"}),
    ("a client whose worksheet is overdue", {"client_profile__worksheet_assignments__status": "OVERDUE"}),
    ("a client whose therapy has ended", {"client_profile__relationships__status": "inactive"}),
    ("a therapist with clients", {"therapist_profile__status": "APPROVED"}),
    ("a therapist whose application is pending", {"therapist_profile__status": "PENDING"}),
    ("a therapist whose application was rejected", {"therapist_profile__status": "REJECTED"}),
    ("a moderator", {"moderator_profile__isnull": False}),
    ("an administrator, also of /admin/", {"admin_profile__isnull": False}),
)


def demo_card(using: str) -> tuple[DemoLogin, ...]:
    """For each state the first demo account that shows it; a state nobody is in is left out.

    Accounts are used up once: another state is shown by another account where there is one.
    """
    card: list[DemoLogin] = []
    for sees, where in STATES:
        users = Rows("mentara.User", {"email__endswith": f"@{DOMAIN}", "is_active": True, **where}).query(using)
        emails = sorted(users.values_list("email", flat=True)[:CANDIDATES], key=_ordinal)
        shown = {login.email for login in card}
        fresh = [email for email in emails if email not in shown] or emails
        if fresh:
            card.append(DemoLogin(fresh[0], sees))
    return tuple(card)


def _ordinal(email: str) -> int:
    digits = re.search(r"(\d+)@", email)
    return int(digits[1]) if digits else 0
