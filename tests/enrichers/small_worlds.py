"""Small worlds of rows that somebody else wrote, and a run over them."""

import datetime as dt
import uuid
from dataclasses import replace

from django.db import connections
from django.test.utils import CaptureQueriesContext

from mentara import models as m
from seeding.engine.clock import micros
from seeding.engine.keys import ids_of, is_seeded
from seeding.engine.run import Run
from seeding.requirements import MINIMUMS
from seeding.world.locales import DEFAULT

AS_OF = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
LONG_AGO = AS_OF - 300 * DAY
NAMES = ("Ana", "Ben", "Carla", "Dino", "Ella", "Felix", "Gina", "Hugo", "Iris", "Jose")


def run_of(using, heights=None, seed="mentara"):
    """A run in which some minimums have another height."""
    heights = heights or {}
    minimums = {one.key: replace(one, at_least=heights.get(one.key, one.at_least)) for one in MINIMUMS}
    return Run(using, seed, micros(AS_OF), minimums, DEFAULT)


def ours(rows):
    """Those rows that the toolkit wrote, in the order of their keys."""
    rows = sorted(rows, key=lambda row: row.pk)
    return [row for row, seeded in zip(rows, is_seeded(ids_of(row.pk for row in rows)).tolist(), strict=True) if seeded]


def queries(using, work):
    """How many queries some work takes."""
    with CaptureQueriesContext(connections[using]) as captured:
        work()
    return len(captured)


class World:
    """Makes rows with keys by number, so that two worlds made alike are alike."""

    def __init__(self, using, made=LONG_AGO):
        self.using, self.made, self.number = using, made, 0

    def key(self):
        self.number += 1
        return uuid.uuid5(uuid.NAMESPACE_OID, str(self.number))

    def make(self, model, **values):
        fields = {field.name for field in model._meta.concrete_fields}
        stamps = {"created_at": self.made, "updated_at": values.get("created_at", self.made)}
        values = {name: at for name, at in stamps.items() if name in fields} | values
        if "id" in fields:
            values.setdefault("id", self.key())
        return model.objects.using(self.using).create(**values)

    def user(self, role, **values):
        name = NAMES[self.number % len(NAMES)]
        email = f"{role}{self.number}@example.org"
        return self.make(m.User, **({"email": email, "role": role, "first_name": name, "last_name": "Cruz"} | values))

    def client(self, **values):
        user = values.pop("user", None) or self.user("client", **values)
        return self.make(m.Client, user=user, created_at=user.created_at)

    def therapist(self, status="APPROVED", by=None, **values):
        user = self.user("therapist", **values)
        return self.make(
            m.Therapist, user=user, status=status, mobile="+63 000 000 0000", province="Cebu", timezone="Asia/Manila",
            provider_type="psychologist", license_number=f"DEMO-{self.number}", expertise=["anxiety"], hourly_rate=1500,
            practice_start_date=dt.date(2015, 1, 1), years_of_experience=11, created_at=user.created_at,
            processed_by_admin=by, processed_at=by and user.created_at + DAY,
        )  # fmt: skip

    def admin(self, role="admin", **values):
        user = self.user(role, **values)
        return self.make(m.Admin, user=user, created_at=user.created_at)

    def community(self, *users, slug="anxiety", since=None):
        place = self.make(m.Community, name=slug, slug=slug, description="", image_url="")
        for user in users:
            role = "MODERATOR" if user.role == "moderator" else "MEMBER"
            self.make(m.CommunityMember, user=user, community=place, role=role, joined_at=since or self.made + DAY)
        return place

    def relate(self, client, therapist, since=None, status="active"):
        since = since or self.made + DAY
        return self.make(m.ClientTherapist, client=client, therapist=therapist, assigned_at=since, status=status)

    def meet(self, client, therapist, start=AS_OF - 50 * DAY, status="COMPLETED", **values):
        values = {"created_at": start - 10 * DAY, "end_time": start + HOUR, "duration": 60} | values
        return self.make(
            m.Meeting, client=client, therapist=therapist, title="Session", start_time=start, status=status, **values
        )

    def talk(self, kind, *users, at=None, said=(), joined=None, **values):
        """A conversation of these users; `said` are pairs of a sender and when the message was sent."""
        at = at or self.made + 10 * DAY
        last = max((sent for _, sent in said), default=None)
        talk = self.make(m.Conversation, type=kind, created_at=at, last_message_at=last, **values)
        for user in users:
            self.make(m.ConversationParticipant, conversation=talk, user=user, joined_at=joined or at)
        for sender, sent in said:
            self.make(m.Message, conversation=talk, sender=sender, content="Hello", created_at=sent)
        return talk
