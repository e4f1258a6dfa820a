"""Reviews of sessions and therapists."""

from __future__ import annotations

from typing import Any

import numpy as np
from factory.declarations import LazyAttribute, SelfAttribute

from mentara import models
from seeding.engine.columns import NULL_ID
from seeding.engine.keys import Bools, Ids, ids_of, keys_of
from seeding.engine.values import Columns
from seeding.legacy.factories.base import Timestamped
from seeding.legacy.factories.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.factories.one_row import each, key, people_of
from seeding.legacy.factories.relationships import Related, related_since
from seeding.legacy.factories.sessions import SIDES, MeetingFactory, known_by, over_by, topic_of
from seeding.rows.reviews import ReviewPlan, ratings, review_rows
from seeding.world.concerns import shared


def fits(of: Any) -> Bools:
    """Whether the therapist knows a concern of the client."""
    return np.asarray(shared(people_of(of.run, of.client.user).concerns, known_by(of.therapist)).any(axis=1))


def rating_of(of: Any) -> int:
    """What the client makes of the session."""
    ids, goes_on = ids_of([of.id]), np.array([of.relationship.status == "active"])
    pair, client = keys_of(key(of.relationship)), keys_of(key(of.client))
    return int(ratings(of.run, ids, pair, client, fits(of), goes_on)[0])


def review_columns(of: Any, ids: Ids) -> Columns:
    """A review with the given rating, of the meeting or of the therapist alone."""
    since = related_since(of)
    plan = ReviewPlan(
        key(of.meeting) if of.meeting else np.array([NULL_ID], dtype="S16"),
        key(of.relationship),
        key(of.client),
        key(of.therapist),
        over_by(of, ids) if of.meeting else each(since, ids),
        each(since, ids),
        topic_of(of.run, of.client, of.therapist),
    )
    return review_rows(of.run, ids, plan, each(min(max(of.rating, 1), 5), ids))[0]


class ReviewFactory(Timestamped[models.Review]):
    """A review of a completed session; title and text suit the rating."""

    class Meta:
        model = models.Review

    class Params:
        slot = Free()
        relationship = Related()
        row = Row(review_columns)

    id = Key("relationship")
    client = SelfAttribute("meeting.client")
    therapist = SelfAttribute("meeting.therapist")
    meeting = Parent(MeetingFactory, status="COMPLETED")
    rating = LazyAttribute(rating_of)
    title = Column()
    content = Column()
    is_anonymous = Column()
    is_verified = LazyAttribute(lambda review: review.meeting is not None)

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, Any]) -> Any:
        """The session reviewed is one of those who are given."""
        if "meeting" not in params:
            params = {**{f"meeting__{side}": params[side] for side in SIDES if side in params}, **params}
        return super()._generate(strategy, params)
