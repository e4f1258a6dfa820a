"""What is said agrees with what has happened: texts are found again in the corpus and held against the rows around."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from test_determinism import seed

from mentara import models as m
from seeding.corpus import load

pytestmark = pytest.mark.django_db
LATELY = timedelta(days=21)


def pattern(line: str) -> str:
    """What a line of the corpus looks like once it is filled in."""
    return re.sub(r"\\\{\w+\\\}", ".+?", re.escape(line))


def scenario_of(talk: m.Conversation) -> dict[str, Any] | None:
    """The scenario that a conversation begins with, if it follows one."""
    first = talk.messages.order_by("created_at", "pk").first()
    for cast in load("dialogues").values():
        for scenario in cast:
            if any(re.fullmatch(pattern(line), first.content) for line in scenario["turns"][0]["lines"]):
                return dict(scenario)
    return None


def has_occasion(need: str, client: Any, therapist: Any, at: datetime) -> bool:
    """Whether there was what a scenario needs, between these two, or with any therapist where none is named."""
    who = {"client_id": client} | ({"therapist_id": therapist} if therapist else {})
    met = m.Meeting.objects.filter(**who)
    matched = m.ClientTherapist.objects.filter(assigned_at__lt=at, **who)
    held = met.filter(status="COMPLETED", end_time__lt=at).exists()
    sheets = m.WorksheetAssignment.objects.filter(client_id=client, worksheet__therapist_id=therapist)
    return {
        "acquaintance": True,
        "match": not held and matched.filter(assigned_at__gt=at - LATELY).exists(),
        "waiting": not held,
        "session": held,
        "appointment": met.exclude(status="CANCELLED").filter(created_at__lt=at, start_time__gt=at).exists(),
        "worksheet": sheets.filter(assigned_at__lt=at, assigned_at__gt=at - LATELY).exists(),
        "missed": met.filter(status="NO_SHOW", end_time__lt=at, end_time__gt=at - LATELY).exists(),
        "therapist": matched.exists(),
    }[need]


def test_conversations__of_every_kind__are_about_what_has_happened():
    seed("default", mode="heavy", sizes={"clients": 90, "therapists": 20})
    met: Counter[str] = Counter()
    for talk in m.Conversation.objects.filter(messages__isnull=False).distinct():
        scenario = scenario_of(talk)
        if scenario is None:  # the cast's own
            continue
        seats = talk.participants.order_by("joined_at")[:2]
        roles = [one.user.role for one in seats]
        met[scenario["name"]] += 1
        if "needs" in scenario:
            therapist = seats[1].user_id if roles[1:] == ["therapist"] else None
            assert has_occasion(scenario["needs"], seats[0].user_id, therapist, talk.created_at), scenario["name"]
    assert len(met) > 15
    assert met["first-message"] > met["scheduling"] / 4
