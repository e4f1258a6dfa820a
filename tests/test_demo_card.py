"""The demo card, and what light mode's base rows show: databases that each test seeds for itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from databases import on_both
from django.contrib.auth.hashers import check_password
from test_properties import rolled_back
from test_states import logins, severities
from worlds import AS_OF

from mentara import models as m
from seeding.cast import MAIN, SUSPENDED
from seeding.demo import can_log_in, demo_card
from seeding.legacy.users import DEMO_PASSWORD
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.texts.therapy import FILED
from seeding.world.concerns import CONCERNS
from seeding.world.instruments import instruments

pytestmark = on_both


def test_demo_card__somebody_s_own_account_at_an_address__is_none_of_it() -> None:
    with rolled_back("default"):
        m.User.objects.create_superuser(
            email="admin1@mentara.example", password="my-own-secret", first_name="Me", last_name="Dev"
        )
        HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).run_hybrid_seed()
        card = demo_card("default")
        assert "admin1@mentara.example" not in {login.email for login in card}
        assert any("administrator" in login.sees for login in card)


def test_demo_card__where_django_s_admin_is_not_installed__does_not_speak_of_it(monkeypatch) -> None:
    with rolled_back("default"):
        HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, enrich=False)).run_hybrid_seed()
        assert "an administrator, also of /admin/, where the closed accounts are" in logins("default")
        m.User.objects.filter(is_active=False).update(is_active=True)
        assert "an administrator, also of /admin/" in logins("default")
        monkeypatch.setattr("seeding.demo.apps.is_installed", lambda name: name != "django.contrib.admin")
        assert "an administrator" in logins("default")


def logs_of(user: m.User) -> list[tuple[str, str]]:
    told = m.AuditLog.objects.filter(entity_id=user.pk, action__regex="APPLICATION|SUSPEND")
    return sorted((log.action.partition("_")[0], log.user.email) for log in told)


@pytest.mark.parametrize(
    ("number", "first", "then", "after"),
    [
        (1, "APPROVED", "REJECTED", ["REJECT"]),
        (1, "APPROVED", "PENDING", []),
        (1, "APPROVED", "APPROVED", ["APPROVE"]),
        (8, "REJECTED", "APPROVED", ["APPROVE"]),
    ],
)
@pytest.mark.parametrize("is_lost", [False, True])
def test_log__of_an_application_decided_anew__tells_what_was_decided_once(
    number: int, first: str, then: str, after: list[str], is_lost: bool
) -> None:
    request = SeedRequest(as_of=AS_OF, sizes={"therapists": 8})
    with rolled_back("default"):
        HybridSeedOrchestrator(request).run_hybrid_seed()
        me = m.User.objects.create_user(email="me@example.org", password="", role="admin", first_name="Me")
        admin = m.Admin.objects.create(user=me)
        therapist = m.Therapist.objects.get(user__email=f"therapist{number}@mentara.example")
        assert therapist.status == first
        told = logs_of(therapist.user)
        assert len(told) == 1
        m.Therapist.objects.filter(pk=therapist.pk).update(
            status=then, processed_by_admin=admin, processed_at=AS_OF + dt.timedelta(hours=20)
        )
        if is_lost:
            m.AuditLog.objects.filter(entity_id=therapist.pk).delete()
        later = replace(request, as_of=AS_OF + dt.timedelta(days=2), sizes={"therapists": 8, "clients": 9})
        HybridSeedOrchestrator(later).run_hybrid_seed()
        if is_lost:
            assert set(logs_of(therapist.user)) <= {(action, me.email) for action in after}
        else:
            assert logs_of(therapist.user) == told


def test_log__of_an_account_that_is_open_again__is_not_written_anew() -> None:
    with rolled_back("default"):
        HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).run_hybrid_seed()
        client = m.User.objects.get(email=f"client{SUSPENDED + 1}@mentara.example")
        assert logs_of(client) == [("SUSPEND", "admin1@mentara.example")]
        m.AuditLog.objects.filter(entity_id=client.pk).delete()
        HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).run_hybrid_seed()
        assert logs_of(client) == [("SUSPEND", "admin1@mentara.example")]
        m.AuditLog.objects.filter(entity_id=client.pk).delete()
        m.User.objects.filter(pk=client.pk).update(is_active=True)
        HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).run_hybrid_seed()
        assert logs_of(client) == []


@pytest.mark.parametrize("clients", [22, 23])
def test_demo_card__too_few_clients_for_every_severity__does_not_speak_of_it(clients: int) -> None:
    emails = [f"client{number + 1}@mentara.example" for number in range(clients)]
    every = {(slug, band) for slug in CONCERNS for band in instruments()[slug].band_names}
    with rolled_back("default"):
        request = SeedRequest(as_of=AS_OF, sizes={"clients": clients}, enrich=False)
        HybridSeedOrchestrator(request).run_hybrid_seed()
        told = any("every severity" in said for said in logins("default"))
        assert told == (severities("default", emails) >= every) == (clients == 23)


def test_cast__base_rows_alone__show_each_meeting_and_worksheet_status_in_light_mode() -> None:
    with rolled_back("default"):
        HybridSeedOrchestrator(SeedRequest("light", as_of=AS_OF, enrich=False)).run_hybrid_seed()
        assert set(m.Meeting.objects.values_list("status", flat=True)) == set(m.Meeting.Status.values)
        courses = m.WorksheetAssignment.objects.values_list("status", flat=True)
        assert set(courses) == set(m.WorksheetAssignment.Status.values)


@pytest.mark.parametrize("mode", ["light", "medium", "heavy"])
def test_cast__worksheets__are_about_what_concerns_them_or_by_an_approach(mode: str) -> None:
    with rolled_back("default"):
        HybridSeedOrchestrator(SeedRequest(mode, as_of=AS_OF, enrich=False)).run_hybrid_seed()
        for client, concerns in MAIN.items():
            foreign = {name for name, concern in FILED.items() if concern not in concerns}
            handed = m.WorksheetAssignment.objects.filter(client__user__email=f"client{client + 1}@mentara.example")
            categories = set(handed.values_list("worksheet__category", flat=True))
            assert categories
            assert not categories & foreign


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hashers", "usable"),
    [(["PBKDF2", "MD5"], True), (["MD5"], True), (["PBKDF2SHA1"], False), (["Scrypt", "PBKDF2"], True)],
)
def test_card__under_other_password_hashers__promises_only_a_password_that_works(settings, hashers, usable):
    settings.DEBUG = True
    settings.PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}PasswordHasher" for name in hashers]
    HybridSeedOrchestrator(SeedRequest(as_of=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))).run_hybrid_seed()
    card = demo_card("default")
    assert card
    assert can_log_in("default", card) is usable
    user = m.User.objects.get(email=card[0].email)
    assert check_password(DEMO_PASSWORD, user.password) is usable
