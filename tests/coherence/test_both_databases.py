"""The judge finds the same breaches on both databases: one or more for each piece of SQL that differs between them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from databases import BOTH, on_both
from django.db.models import F
from seeded import seeded
from worlds import AS_OF

from mentara import models as m
from seeding.coherence import AsOf, check

DAY = dt.timedelta(days=1)
EXPECTED = {
    ("A2", "PreAssessment"), ("B3", "Post"), ("C1", "Comment"), ("M3", "Conversation"), ("N1", "Notification"),
    ("N2", "AuditLog"), ("P1", "User"), ("P2", "User"), ("R2", "Meeting"), ("R5", "TherapistAvailability"),
    ("R6", "WorksheetAssignment"), ("T1", "Post"), ("T2", "Heart"), ("T3", "Meeting"),
}  # fmt: skip


def spoil(using: str) -> None:
    """Break rules in rows of ours, as nothing does that goes through the toolkit."""

    def some(model: Any, number: int = 2, **where: Any) -> Any:
        rows = model.objects.using(using).filter(**where).order_by("pk")
        return model.objects.using(using).filter(pk__in=list(rows.values_list("pk", flat=True)[:number]))

    first = m.Post.objects.using(using).order_by("-pk")[0]
    again = m.Post.objects.using(using).filter(user=first.user).exclude(pk=first.pk)
    some(m.Post, 1, pk__in=again.values("pk")).update(title=first.title, content=first.content)
    some(m.Post, 3).update(created_at=AS_OF - 9999 * DAY)
    some(m.Heart).update(created_at=AS_OF + DAY)
    m.CommunityMember.objects.using(using).filter(user__in=some(m.Comment).values("user")).delete()
    some(m.Meeting, status="COMPLETED").update(start_time=F("start_time") + DAY / 2, end_time=F("end_time") + 90 * DAY)
    some(m.WorksheetAssignment).update(due_date=F("assigned_at") - DAY)
    some(m.TherapistAvailability).update(start_time="05:00", end_time="04:00")
    some(m.Notification).update(data={"entity": "Message", "entityId": str(uuid.UUID(int=7))})
    some(m.AuditLog).update(entity_id=uuid.UUID(int=7))
    some(m.Conversation).update(last_message_at=F("last_message_at") + DAY)
    some(m.PreAssessment, completed_at__isnull=False).update(scores={"anxiety": 999})
    some(m.User, 1, role="client").update(birth_date=AS_OF.date() - 900 * DAY)
    some(m.User, 1, role="therapist").update(bio="Write to anna@gmail.com")


@on_both
def test_check__rows_were_spoilt__finds_the_same_on_both() -> None:
    found = []
    for using in BOTH:
        seeded(using)
        spoil(using)
        found.append({(one.rule, one.table, one.rows) for one in check(using, AsOf(AS_OF, AS_OF))})
    assert found[0] == found[1]
    assert {one[:2] for one in found[0]} >= EXPECTED
