"""Rows that a fixture may stumble over."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

AT = dt.datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
TEXTS = (
    'It\'s "quoted", 100 % of it; -- and /* no comment */',
    "back\\slash \\n \\' $1 :name ?",
    "lines\nand\r\nold ones\r\tand a tab\x01\x1f\x7f",
    "Größe ♥ 😀 \u2028 \ud7ff",
    ".quit\n;\n\\q\n",
    "",
)
DATA = ({"b": 1, "aa": [1, 2.5, None, True, "é'\\"], "a": {"z": 0, "y": {}}}, [], "text", 7)


def add_odd_rows() -> None:
    """Texts of every kind, forward references, microseconds, JSON keys in no order, money, nulls, addresses."""
    from mentara.models import AuditLog, Client, Comment, Invoice, Notification, Payment, Post, Therapist, User

    dated = {"created_at": AT, "updated_at": AT.replace(microsecond=0)}
    user, post = User.objects.get(email="client1@mentara.example"), Post.objects.earliest("pk")
    client, therapist = Client.objects.earliest("pk"), Therapist.objects.earliest("pk")
    comments = [
        Comment(pk=number(at), post=post, user=user, content=text, parent_id=number(at + 1), **dated)
        for at, text in enumerate(TEXTS)
    ]
    comments[-1].parent_id = None
    Comment.objects.bulk_create(comments)
    for at, data in enumerate(DATA):
        row = {"user": user, "type": "SYSTEM_UPDATE", "title": "'", "message": TEXTS[at], "data": data, "read_at": AT}
        Notification.objects.create(pk=number(at), **row, **dated)
    for at, address in enumerate(("2001:db8::1", "192.0.2.1", None)):
        entity = {"action": "USER_LOGIN", "entity": "User", "entity_id": user.pk}
        AuditLog.objects.create(pk=number(at), ip_address=address, created_at=AT, **entity)
    owed = {"client": client, "currency": "PHP", **dated}
    total = Decimal("99999999.99")
    invoice = Invoice.objects.create(pk=number(0), number="'1'", total=total, issued_at=AT, due_date=AT, **owed)
    for at, amount in enumerate(("0.10", "1200.00", "-3.05")):
        paid = {"therapist": therapist, "invoice": invoice, "amount": Decimal(amount)}
        Payment.objects.create(pk=number(at), **paid, **owed)
    User.objects.filter(pk=user.pk).update(birth_date=dt.date(1, 1, 1), last_login=None, created_at=AT.replace(year=99))


def number(at: int) -> UUID:
    return UUID(int=at + 1)
