"""Tests that start from a seeded Mentara; each gets it whole, whatever the one before did to it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from mentara.models import Client, Meeting


@pytest.fixture(autouse=True)
def _at_as_of(seed_world, monkeypatch):
    """The world is seen from a fixed instant; let that be now."""
    monkeypatch.setattr(timezone, "now", lambda: seed_world.as_of)


def test_agenda__of_a_client__shows_what_lies_ahead(client, seed_world):
    meeting = seed_world.a_meeting(upcoming=True, status="SCHEDULED")
    client.force_login(meeting.client.user)
    assert meeting.title in client.get("/agenda/").json()["sessions"]


def test_agenda__of_a_client_without_therapist__is_empty(client, seed_world):
    client.force_login(seed_world.a_client(with_therapist=False).user)
    assert client.get("/agenda/").json() == {"sessions": []}


def test_agenda__demo_account__logs_in_with_its_password(client, seed_world):
    assert client.login(email=seed_world.demo_therapist.email, password="mentara-demo")
    assert client.get("/agenda/").status_code == 200


def test_agenda__all_cancelled__is_empty_for_everybody(client, seed_world):
    Meeting.objects.update(status="CANCELLED")
    client.force_login(seed_world.demo_therapist)
    assert client.get("/agenda/").json() == {"sessions": []}


@pytest.mark.seed_mode("medium")
def test_agenda__larger_world__holds_more_clients(seed_world):
    assert Client.objects.count() == 25
