"""Review: therapists are rated by clients they have met."""

from __future__ import annotations

import numpy as np
from django.db.models import Exists, OuterRef

from seeding.engine.columns import UUID, narrowed, read
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.errors import UsageError
from seeding.engine.gaps import Gap, Subjects
from seeding.engine.grouping import rank_within
from seeding.engine.keys import Bools, Floats, Ids
from seeding.engine.reports import EnrichmentResult
from seeding.rows.reviews import ReviewPlan, fits, luck, ratings, review_rows
from seeding.world.care import Relationships, Sessions, relationships, reviewable, sessions
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import People, people


class ReviewsEnricher(Enricher):
    """A share of completed sessions gets a review, and no approved therapist is without one."""

    table = "Review"
    fills = ("therapist.reviewsReceived",)
    after = ("ClientTherapist", "Meeting")
    beyond_minimums = True
    rate = 0.0
    """The share of completed sessions that somebody asked to have reviewed."""

    def enrich(self) -> EnrichmentResult:
        """Fill the gaps, and let the run's share of completed sessions be reviewed."""
        self.rate = float(self.run.sizes.get("review_rate", 0.0))
        return super().enrich()

    def ensure_therapist_has_reviews(self, those: Subjects = None) -> int:
        """Each approved therapist has enough reviews."""
        self.rate = 0.0
        return self.fill("therapist.reviewsReceived", subjects=those)

    def ensure_completed_meetings_get_reviews(self, rate: float) -> int:
        """This share of completed sessions, drawn one by one, has a review. Raises UsageError if it is not 0 to 1."""
        if not 0 <= rate <= 1:
            raise UsageError(f"{rate!r} is no share of the completed sessions; give a number from 0 to 1.")
        self.rate = rate
        return self.fill()

    def supply(self, gaps: Gaps) -> None:
        """The sessions drawn are reviewed first; of therapists who still lack reviews, those that were drawn next.

        A share is no minimum: for its sake no session is reviewed that lies before the relationship.
        """
        if not (gaps or self.is_any_drawn()):
            return
        everybody = people(self.run)
        related = relationships(self.run, everybody)
        held = sessions(self.run, everybody, related, status="COMPLETED")
        ended = last_ones(related, held)
        held = held.take(reviewable(self.run, held))
        order = luck(held.ids)
        chosen = (order < self.rate) & (held.end >= related.since[held.pair])
        chosen |= self.needed(everybody, held, order, gaps["therapist.reviewsReceived"])
        if chosen.any():
            self.write_reviews(everybody, related, held.take(chosen), ended)

    def is_any_drawn(self) -> bool:
        """Whether a completed session of a relationship that has no review yet may be among those drawn."""
        if not self.rate:
            return False
        completed = read(rows(self.run, "Meeting", status="COMPLETED"), pk=UUID).pk
        reviewed = read(rows(self.run, "Review", meeting__isnull=False), meeting_id=UUID).meeting_id
        left = completed[~np.isin(completed, reviewed)]
        drawn = left[luck(left) < self.rate]
        if not len(drawn):
            return False
        pair = {name: OuterRef(name) for name in ("client", "therapist")}
        related = rows(self.run, "ClientTherapist", assigned_at__lte=OuterRef("end_time"), **pair)
        return bool(narrowed(self.run, rows(self.run, "Meeting"), pk=drawn).filter(Exists(related)).exists())

    def needed(self, everybody: People, held: Sessions, order: Floats, short: Gap) -> Bools:
        """The first of each therapist's sessions in their order, as many as the therapist lacks reviews."""
        lacking = short.needed_by(everybody.ids)
        return np.asarray(rank_within(held.therapist, order) < lacking[held.therapist])

    def write_reviews(self, everybody: People, related: Relationships, held: Sessions, last: Ids) -> None:
        """Write a review of each session; the `last` of a relationship are judged as such."""
        ids = self.new_ids("mentara.Review", held.ids, np.arange(len(held)))
        fitting, parting = fits(everybody, related, held.pair), np.isin(held.ids, last)
        pair_keys, client_keys = related.keys[held.pair], everybody.keys[held.client]
        stars = ratings(self.run, ids, pair_keys, client_keys, fitting, related.active[held.pair], parting)
        columns, dated_back = review_rows(self.run, ids, ReviewPlan.of(self.run, everybody, related, held), stars)
        self.write("mentara.Review", columns, dated_back)


def last_ones(related: Relationships, held: Sessions) -> Ids:
    """The last of these sessions of each relationship that has ended."""
    held = held.take(held.pair != NOBODY)
    held = held.take(~related.active[held.pair])
    order = np.lexsort((held.ids, held.start, held.pair))
    latest = np.r_[held.pair[order][1:] != held.pair[order][:-1], True][: len(order)]
    return held.ids[order[latest]]
