"""Rules of accounts and profiles, and of addresses that must be nobody's. Each is broken alone, or only seems to be."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from coherence.kept_world import World, attribute, broken, change, dated, found
from django.apps import apps
from django.db.models import CharField, JSONField, TextField

from mentara.models import Admin, Client
from seeding.coherence import FICTIONAL_PHONES
from seeding.coherence.people import TEXTS, URLS, is_fictional_phone
from seeding.tables import seeded_models

pytestmark = pytest.mark.django_db


def test_user__without_the_profile_of_the_role__is_reported(world: World) -> None:
    user = world.user("client")
    Client.objects.filter(pk=user.pk).delete()
    assert found() == broken("P1", user)


def test_user__with_two_profiles__is_reported(world: World) -> None:
    Admin.objects.create(user=world.friend, **dated(200))
    assert found() == broken("P1", world.friend)


@pytest.mark.parametrize("name", ["client", "therapist"])
def test_user__under_age__is_reported(world: World, name: str) -> None:
    user = getattr(world, name)
    change(user, birth_date=dt.date(2008, 3, 3))
    assert found() == broken("P1", user)
    change(user, birth_date=dt.date(2008, 3, 2))
    assert found() == set()


@pytest.mark.parametrize(("years", "allowed"), [(8, False), (9, True), (10, True), (11, True), (12, False)])
def test_therapist__with_years_that_the_practice_denies__is_reported(
    world: World, years: int, *, allowed: bool
) -> None:
    therapist = world.therapist.therapist_profile
    change(therapist, years_of_experience=years)
    assert found() == (set() if allowed else broken("P1", therapist))


def test_therapist__who_has_just_begun__has_no_years(world: World) -> None:
    change(world.therapist.therapist_profile, practice_start_date=dt.date(2025, 12, 1), years_of_experience=0)
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("client", {"email": "anna@mentara.com"}),
        ("client", {"avatar_url": "https://pictures.com/1.png"}),
        ("client", {"bio": "Write to anna@mentara.com."}),
        ("community", {"image_url": "//pictures.com/1.png"}),
        ("post", {"content": "See https://help.org/now for more."}),
        ("post", {"title": "www.help.org"}),
        ("comment", {"content": "https://example.com@help.org"}),
        ("hello", {"content": "https://example.com.help.org/"}),
        ("held", {"meeting_url": "https://meet.com/abc"}),
        ("notification", {"action_url": "https://mentara.com/posts"}),
        ("log", {"metadata": {"from": "https://mentara.com"}}),
        ("log", {"ip_address": "8.8.8.8"}),
    ],
)
def test_row__with_an_address_that_may_be_somebodys__is_reported(
    world: World, name: str, fields: dict[str, Any]
) -> None:
    row = getattr(world, name)
    change(row, **fields)
    assert found() == broken("P2", row)


OTHERWISE_JUDGED = {
    "User.email", "User.password", "Therapist.mobile", "Therapist.licenseNumber", "AuditLog.entity",
    "Community.slug", "TherapistAvailability.startTime", "TherapistAvailability.endTime",
    "AuditLog.userRole", "Therapist.timezone", "TherapistAvailability.timezone",
    "Therapist.expertise", "Admin.permissions", "Admin.adminLevel", "Moderator.permissions", "Notification.data",
    "PreAssessment.scores", "PreAssessment.severityLevels", "PreAssessmentAnswer.questionnaire",
}  # fmt: skip
"""Texts that other rules are about, or that name something of a list."""


def test_texts__of_all_tables__are_judged_or_cannot_hold_an_address() -> None:
    judged = {*(f"{table}.{column}" for table, columns in TEXTS.items() for column in columns), *OTHERWISE_JUDGED}
    judged |= {f"{table}.{column}" for table, column in URLS.items()}
    texts = {
        f"{model._meta.db_table}.{field.column}"
        for model in seeded_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, (CharField, TextField, JSONField)) and not field.choices
    }
    assert texts - judged == set()


@pytest.mark.parametrize(("name", "column"), [(name, column) for name, columns in TEXTS.items() for column in columns])
def test_text__with_an_address_that_may_be_somebodys__is_reported(world: World, name: str, column: str) -> None:
    model: Any = apps.get_model("mentara", name)
    row = model.objects.order_by("pk").first()
    change(row, **{attribute(row, column): "Ask at www.help.org"})
    assert broken("P2", row) <= found() <= broken("P2", row) | broken("R6", row)


@pytest.mark.parametrize("fields", [{"mobile": "+44 7911 123456"}, {"license_number": "PSY-1234"}])
def test_therapist__with_a_number_that_may_be_real__is_reported(world: World, fields: dict[str, Any]) -> None:
    therapist = world.therapist.therapist_profile
    change(therapist, **fields)
    assert found() == broken("P2", therapist)


def test_rows__with_addresses_of_nobody__are_allowed(world: World) -> None:
    change(world.client, email="anna@mail.mentara.test", bio="Or anna@example.org, or https://anna.example/me.")
    change(world.post, content="Call 116 123, or see http://localhost:8000 (www.example.net). And/or @all // 3 @ 5")
    change(world.held, meeting_url="https://meet.mentara.example/abc?x=https%3A#1")
    change(world.notification, action_url="/posts/1")
    change(world.log, ip_address="2001:db8::1")
    assert found() == set()


@pytest.mark.parametrize(
    ("number", "fictional"),
    [
        ("+1 (416) 555-0143", True),
        ("+1 416 555 0243", False),
        ("+44 7700 900982", True),
        ("+44 20 7946 0018", True),
        ("+44 121 496 0999", True),
        ("+44 20 7946 1018", False),
        ("+61 491 570 006", True),
        ("+61 2 5550 1234", True),
        ("+61 491 570 007", False),
        ("+49 30 23125 123", True),
        ("+33 6 39 98 12 34", True),
        ("+33 000 123 456", False),
        ("+63 000 123 4567", True),
        ("+353 000 12345", True),
        ("+63 917 000 1234", False),
        ("+63 900 000 1234", False),
        ("0917 000 1234", False),
        ("", False),
    ],
)
def test_phone__is_fictional__where_its_country_says_so(number: str, *, fictional: bool) -> None:
    assert is_fictional_phone(number) is fictional


def test_fictional_phones__of_each_country__name_their_source() -> None:
    assert all(phone.source for phone in FICTIONAL_PHONES)
