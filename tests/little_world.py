"""A world written by hand, small enough to count in: two clients, a therapist, four communities.

Nobody in it was made by the toolkit, so what Ana and Ben are concerned with is what they first joined.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from mentara import models as m

START = dt.datetime(2026, 1, 5, 11, 30, tzinfo=dt.UTC)
"""A Monday, half past seven in the evening in the Philippines."""
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)


class LittleWorld:
    """Makes the rows, in one database, with ids that do not change."""

    def __init__(self, using: str) -> None:
        self.using, self.number = using, 0
        self.ana, self.ben = self.client("Ana"), self.client("Ben")
        self.thea = self.therapist("Thea")
        slugs = ("anxiety", "stress", "insomnia", "depression")
        self.places = {slug: self.make(m.Community, name=slug.title(), slug=slug) for slug in slugs}
        for at, slug in enumerate(slugs):
            self.join(self.ana, slug, at)
        self.join(self.ben, "depression", 0)
        self.talk()
        self.care()
        self.assess()

    def make(self, model: Any, **values: Any) -> Any:
        names = {field.name for field in model._meta.concrete_fields}
        self.number += 1
        known = {"id": uuid5(NAMESPACE_OID, f"{model.__name__} {self.number}"), "created_at": START}
        known["updated_at"] = values.get("created_at", START)
        known = {name: value for name, value in known.items() if name in names}
        return model.objects.using(self.using).create(**known | values)

    def user(self, name: str, role: str) -> Any:
        return self.make(
            m.User, email=f"{name}@example.org", role=role, first_name=name, last_name="Cruz", bio=f"{name} sings."
        )

    def client(self, name: str) -> Any:
        return self.make(m.Client, user=self.user(name, "client"), city="Cebu", country="Philippines")

    def therapist(self, name: str) -> Any:
        return self.make(
            m.Therapist, user=self.user(name, "therapist"), status="APPROVED", mobile="", province="Cebu",
            provider_type="psychologist", license_number=name, expertise=["anxiety"], hourly_rate=1,
            practice_start_date=dt.date(2015, 1, 1), years_of_experience=11,
        )  # fmt: skip

    def join(self, client: Any, slug: str, days: int) -> None:
        joined = START + DAY * days
        self.make(m.CommunityMember, user=client.user, community=self.places[slug], joined_at=joined)

    def post(self, client: Any, slug: str, content: str, days: int) -> Any:
        at = START + DAY * days
        place = self.places[slug]
        return self.make(
            m.Post, user=client.user, community=place, title=content.upper(), content=content, created_at=at
        )

    def answer(self, post: Any, who: Any, content: str, minutes: int, parent: Any = None) -> Any:
        at = post.created_at + MINUTE * minutes
        return self.make(m.Comment, post=post, user=who.user, content=content, parent=parent, created_at=at)

    def talk(self) -> None:
        """Ana posts three times, twice the same and once elsewhere; one post is answered, and so are answers."""
        self.first = self.post(self.ana, "anxiety", "It is loud today.", 7)
        self.post(self.ana, "anxiety", "It is loud today.", 8)
        self.post(self.ana, "depression", "Grey again.", 9)
        early = self.answer(self.first, self.ben, "I hear you.", 10)
        self.answer(self.first, self.thea, "Go gently.", 20)
        self.answer(self.first, self.ana, "Thank you.", 30, early)
        self.make(m.Heart, user=self.ben.user, post=self.first)
        talk = self.make(m.Conversation, type="DIRECT")
        for who in (self.ana, self.ben):
            self.make(m.ConversationParticipant, conversation=talk, user=who.user, joined_at=START)
        hello = self.make(m.Message, conversation=talk, sender=self.ana.user, content="Hello Ben.")
        self.make(
            m.Message, conversation=talk, sender=self.ben.user, content="Hello Ana.", reply_to=hello, is_edited=True,
            created_at=START + MINUTE,
        )  # fmt: skip

    def care(self) -> None:
        """Thea sees both, knows Ana's concern only, and hands out four worksheets."""
        for client in (self.ana, self.ben):
            self.make(m.ClientTherapist, client=client, therapist=self.thea, assigned_at=START + DAY * 10)
        held, _ = (
            self.make(
                m.Meeting, client=client, therapist=self.thea, title="First session", status=status,
                start_time=START + DAY * days, end_time=START + DAY * days + MINUTE * 50, duration=50,
            )
            for client, status, days in ((self.ana, "COMPLETED", 20), (self.ben, "SCHEDULED", 60))
        )  # fmt: skip
        self.make(m.MeetingNotes, meeting=held, notes="S: Spoke of work.\nP: Breathe.", created_at=held.end_time)
        self.make(
            m.Review, client=self.ana, therapist=self.thea, meeting=held, rating=4, title="Kind",
            content="I was heard.", is_verified=True, created_at=START + DAY * 22,
        )  # fmt: skip
        given = ((self.ana, "Anxiety"), (self.ben, "Anxiety"), (self.ben, "Thought work"), (self.ana, "Knitting"))
        for client, category in given:
            sheet = self.make(
                m.Worksheet, therapist=self.thea, title=f"{category} page", instructions="Write.", category=category,
                estimated_minutes=5,
            )  # fmt: skip
            self.make(
                m.WorksheetAssignment, worksheet=sheet, client=client, assigned_at=START + DAY * 21,
                due_date=START + DAY * 28, status="REVIEWED", submitted_at=START + DAY * 23, feedback="Well seen.",
                updated_at=START + DAY * 24,
            )  # fmt: skip

    def assess(self) -> None:
        """Ana is high where her concern lies, and better later; Ben the other way round, once."""
        self.sit(self.ana, 1, {"anxiety": 21, "depression": 0}, {"anxiety": "severe", "depression": "minimal"})
        self.sit(self.ana, 40, {"anxiety": 7, "depression": 0}, {"anxiety": "mild", "depression": "minimal"})
        self.sit(self.ben, 2, {"anxiety": 9, "depression": 9}, {"anxiety": "mild", "depression": "mild"})
        self.make(m.PreAssessment, user=self.ben)

    def sit(self, client: Any, days: int, scores: dict[str, int], bands: dict[str, str]) -> None:
        at = START + DAY * days
        self.make(m.PreAssessment, user=client, scores=scores, severity_levels=bands, created_at=at, completed_at=at)
