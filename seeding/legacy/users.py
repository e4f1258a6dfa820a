"""generate_users: accounts and profiles of clients, therapists, moderators and admins, the demo accounts among them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count

import numpy as np
from django.conf import settings
from django.contrib.auth.hashers import (
    UNUSABLE_PASSWORD_PREFIX,
    MD5PasswordHasher,
    PBKDF2PasswordHasher,
    get_hashers,
)

from seeding.engine.columns import TIME, UUID, narrowed, read
from seeding.engine.errors import UsageError
from seeding.engine.grouping import is_in
from seeding.engine.keys import Bools, Ids, Ints
from seeding.engine.values import parts
from seeding.engine.wording import numbered
from seeding.legacy.base import Base, generator
from seeding.requirements import stages
from seeding.rows import accounts
from seeding.world.mentara import rows
from seeding.world.people import ADMIN, CLIENT, MODERATOR, ROLES, THERAPIST, user_ids

DEMO_PASSWORD = "mentara-demo"  # noqa: S105  (published: accounts seeded under DEBUG have it)


def demo_password_hash() -> str:
    """The hash of the demo password: unusable unless DEBUG is on, and where PASSWORD_HASHERS has none of these two.

    The password stands in the README, so its hash guards nothing and takes few rounds; Django hashes it
    anew at the first login. Projects have MD5 alone for their tests.
    """
    if not settings.DEBUG:
        return UNUSABLE_PASSWORD_PREFIX + "no-demo-password-without-debug"
    accepted = {hasher.algorithm for hasher in get_hashers()}
    if PBKDF2PasswordHasher.algorithm in accepted:
        return PBKDF2PasswordHasher().encode(DEMO_PASSWORD, accounts.DOMAIN, iterations=1000)
    if MD5PasswordHasher.algorithm in accepted:
        return MD5PasswordHasher().encode(DEMO_PASSWORD, accounts.DOMAIN)
    return UNUSABLE_PASSWORD_PREFIX + "no-demo-password-for-these-hashers"


@generator
def generate_users(base: Base) -> None:
    """Accounts and profiles by role; an address that somebody has already is theirs, whoever made it."""
    password, world = demo_password_hash(), base.world
    for role in (ADMIN, MODERATOR, CLIENT, THERAPIST):
        ordinals = world.ordinal[world.is_new & (world.role == role)]
        ids = user_ids(role, ordinals)
        missing = np.flatnonzero(base.missing("mentara.User", ids))
        taken = addresses_taken(base, role, ordinals[missing])
        missing = missing[~taken]
        for part in parts(len(missing)):
            base.write("mentara.User", accounts.user_rows(base.run, role, ordinals[missing[part]], password))
            base.tell("User", int(world.is_new.sum()))
        add_profiles(base, role, ids)


def addresses_taken(base: Base, role: int, ordinals: Ints) -> Bools:
    """Which of these base users' addresses belong to other accounts."""
    if not len(ordinals):
        return np.zeros(0, dtype=np.bool_)
    wanted = [accounts.email(role, ordinal) for ordinal in ordinals.tolist()]
    like_ours = rows(base.run, "User", email__startswith=ROLES[role], email__endswith=f"@{accounts.DOMAIN}")
    known = set(like_ours.values_list("email", flat=True))
    return np.array([address in known for address in wanted])


def add_profiles(base: Base, role: int, ids: Ids) -> None:
    """The profile rows of those base users who are there and have none.

    Raises UsageError where no admin is there to decide on therapists.
    """
    model = ("Client", "Therapist", "Moderator", "Admin")[role]
    without = rows(base.run, "User", role=ROLES[role], **{f"{model.lower()}_profile__isnull": True})
    bare = read(narrowed(base.run, without, pk=ids), pk=UUID, created_at=TIME)
    mine = is_in(bare.pk, ids)
    if not mine.any():
        return
    found, created = bare.pk[mine], bare.created_at[mine]
    if role == CLIENT:
        columns = accounts.client_rows(base.run, found, created)
    elif role == THERAPIST:
        admins = read(rows(base.run, "Admin"), pk=UUID, created_at=TIME, user__created_at=TIME)
        if not len(admins):
            raise UsageError(
                f"Nobody is there to approve {numbered(len(found), 'therapists')}: the base admins' addresses are "
                "others'; give one of these an admin's profile, ask for more admins, or set the size therapists to 0."
            )
        deciding = first_admins(admins.pk, np.maximum(admins.created_at, admins.user__created_at))
        columns = accounts.therapist_rows(base.run, found, created, *deciding)
        columns = {**columns, "license_number": free_licences(base, columns["license_number"])}
    elif role == ADMIN:
        columns = accounts.admin_rows(found, created)
    else:
        columns = accounts.moderator_rows(found, created)
    base.write(f"mentara.{model}", columns)


def free_licences(base: Base, numbers: list[str]) -> list[str]:
    """The licence numbers; one that is on somebody else's profile has an ending that none has."""
    like_ours = rows(base.run, "Therapist", license_number__startswith=accounts.LICENCE)
    known = set(like_ours.values_list("license_number", flat=True))
    return [next(one for one in chain([number], endings(number)) if one not in known) for number in numbers]


def endings(number: str) -> Iterator[str]:
    """The number with one ending after the other."""
    return (f"{number}-{again}" for again in count(2))


def first_admins(ids: Ids, since: Ints) -> tuple[Ids, Ints]:
    """The admins who decide on applications: those of the light mode, so that a larger mode decides alike."""
    wanted = np.isin(ids, user_ids(ADMIN, np.arange(stages("admins")[0])))
    return (ids[wanted], since[wanted]) if wanted.any() else (ids, since)
