"""Accounts, and the profile of each role."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.contrib.auth.hashers import identify_hasher, is_password_usable, make_password
from factory.declarations import LazyAttribute, LazyFunction, Maybe, PostGenerationDeclaration

from mentara import models
from seeding.engine.clock import micros
from seeding.engine.keys import Ids, Ints
from seeding.engine.values import Columns
from seeding.legacy.factories.base import Timestamped
from seeding.legacy.factories.declarations import Column, Free, Later, Parent, Row
from seeding.legacy.factories.one_row import code, key
from seeding.legacy.users import demo_password_hash
from seeding.rows import accounts
from seeding.world.concerns import EXPERTISE, known_concerns
from seeding.world.people import ROLES, ordinals_of, user_ids


def user_columns(of: Any, ordinals: Ints) -> Columns:
    """An account by role and ordinal."""
    return accounts.user_rows(of.run, code(of.role, ROLES), ordinals, of.password)


def ids_of_all_roles(ordinal: int) -> Ids:
    """The ids of the users of this ordinal, whatever their role."""
    return np.concatenate([user_ids(role, np.array([ordinal])) for role in range(len(ROLES))])


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


def hashed(password: str | None) -> str:
    """The password as it is kept, whether it is given so, in plain text, or not at all."""
    if password is None or not is_password_usable(password):
        return make_password(None) if password is None else password
    try:
        identify_hasher(password)
    except ValueError:
        return make_password(password)
    return password


class UserFactory(Timestamped[models.User]):
    """An account with the profile of its role."""

    class Meta:
        model = models.User

    class Params:
        ordinal = Free(step=8, ids=ids_of_all_roles)  # the therapists of these ordinals are approved
        row = Row(user_columns, key="ordinal")

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
    last_login = Later()
    profile = _Profile()

    @classmethod
    def _adjust_kwargs(cls, **values: Any) -> dict[str, Any]:
        """A password that is given in plain text is kept as one can log in with."""
        return {**values, "password": hashed(values["password"])}


def created(of: Any) -> Ints:
    """When the account of a profile was made."""
    return np.array([micros(of.user.created_at)], dtype=np.int64)


class ClientFactory(Timestamped[models.Client]):
    """A client."""

    class Meta:
        model = models.Client

    class Params:
        row = Row(lambda of, ids: accounts.client_rows(of.run, ids, created(of)), key="user.pk")

    user = Parent(UserFactory, role="client", profile=None)
    has_seen_therapist_recommendations = Column()
    city = Column()
    country = Column()


class AdminFactory(Timestamped[models.Admin]):
    """An administrator."""

    class Meta:
        model = models.Admin

    class Params:
        row = Row(lambda of, ids: accounts.admin_rows(ids, created(of)), key="user.pk")

    user = Parent(UserFactory, role="admin", profile=None)
    permissions = Column()
    admin_level = Column()


class ModeratorFactory(Timestamped[models.Moderator]):
    """A moderator."""

    class Meta:
        model = models.Moderator

    class Params:
        row = Row(lambda of, ids: accounts.moderator_rows(ids, created(of)), key="user.pk")

    user = Parent(UserFactory, role="moderator", profile=None)
    permissions = Column()


def therapist_status(of: Any) -> str:
    """What has become of a therapist's application."""
    return accounts.therapist_status(ordinals_of(key(of.user)))[0]


def therapist_columns(of: Any, ids: Ids) -> Columns:
    """A therapist's profile, decided on by the admin."""
    admins = [of.processed_by_admin] if of.processed_by_admin else []
    since = np.array([micros(admin.user.created_at) for admin in admins], dtype=np.int64)
    return accounts.therapist_rows(of.run, ids, created(of), key(*admins), since, [of.status])


class TherapistFactory(Timestamped[models.Therapist]):
    """A therapist, approved unless the status says otherwise, and the admin who decided."""

    class Meta:
        model = models.Therapist

    class Params:
        decided = LazyAttribute(lambda therapist: therapist.status != "PENDING")
        row = Row(therapist_columns, key="user.pk")

    user = Parent(UserFactory, role="therapist", profile=None)
    status = LazyAttribute(therapist_status)
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
    processed_at = Later()


def expertise(therapist: models.Therapist) -> tuple[int, ...]:
    """What the therapist is expert in."""
    return known_concerns(therapist.expertise)[:EXPERTISE]
