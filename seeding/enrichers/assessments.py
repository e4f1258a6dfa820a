"""PreAssessment: every client has been assessed and, weeks later, assessed again."""

from __future__ import annotations

import numpy as np

from seeding.engine.clock import DAY, HOUR, window
from seeding.engine.columns import TIME, UUID, narrowed, read
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects
from seeding.engine.grouping import find, rank_within
from seeding.engine.keys import Ids, Ints, keys_of
from seeding.rows.assessments import EARLY, FOLLOW_UP_GAP, LATE, ROOM_TO_FOLLOW, Sittings, write_assessments
from seeding.world.mentara import rows
from seeding.world.people import People, by_day, people

NEVER = 10**17
TIME_TO_FOLLOW = 3 * DAY
"""So much time is left for follow-ups once they may come; chosen."""
BEFORE = 3 * DAY
"""One that is put before another comes so much earlier than it must at most; chosen."""
FROM, SPREAD = 0.3, 0.4
"""Each of several follow-ups has a part of the time; from which share of it on it comes, and within which; chosen."""


class AssessmentsEnricher(Enricher):
    """Clients take the questionnaires of their concerns, first early on and then again after some weeks."""

    table = "PreAssessment"
    also = ("PreAssessmentAnswer",)
    fills = ("client.completedAssessments",)
    after = ("CommunityMember", "ClientTherapist")

    def ensure_client_has_assessments(self, clients: Subjects = None) -> int:
        """Each client has completed enough assessments; returns the rows added, answers included."""
        return self.fill("client.completedAssessments", subjects=clients)

    def supply(self, gaps: Gaps) -> None:
        """Dates first: follow-ups keep their distance from the first assessment, which may be somebody else's row."""
        gap = gaps["client.completedAssessments"]
        if not len(gap):
            return
        everybody = people(self.run)
        client = np.repeat(everybody.find(gap.ids), gap.needs)
        turn = rank_within(client)
        ids = self.new_ids("mentara.PreAssessment", everybody.ids, client)
        first_known, cared = (
            np.repeat(first, gap.needs) for first in (self.first_completed(gap.ids), self.in_care_since(gap.ids))
        )
        completed = self.dates(ids, everybody, client, first_known, cared, turn, np.repeat(gap.needs, gap.needs))
        done = np.ones(len(ids), dtype=np.bool_)
        first = np.minimum(first_known, completed[self.heads(turn)])
        write_assessments(self, everybody, Sittings(ids, client, completed, completed > first, done))

    def first_completed(self, clients: Ids) -> Ints:
        """When each of these clients first completed an assessment; NEVER for those who have not."""
        completed = narrowed(self.run, rows(self.run, "PreAssessment", completed_at__isnull=False), user_id=clients)
        found = read(completed, user_id=UUID, completed_at=TIME)
        return earliest(found.user_id, found.completed_at, clients)

    def in_care_since(self, clients: Ids) -> Ints:
        """Since when each of these clients has had a therapist; NEVER for those who never had."""
        found = read(
            narrowed(self.run, rows(self.run, "ClientTherapist"), client_id=clients), client_id=UUID, assigned_at=TIME
        )
        return earliest(found.client_id, found.assigned_at, clients)

    def dates(
        self, ids: Ids, everybody: People, client: Ints, first_known: Ints, cared: Ints, turn: Ints, of: Ints
    ) -> Ints:
        """When each assessment is completed; `turn` and `of` number a client's new ones.

        Follow-ups come when the care has lasted some weeks, if there are so many by now: what they show is its doing.
        With no assessment before, the first new one is early and the others follow it, spread over the time since. One
        that exists is followed if three weeks have passed since; otherwise a new one comes before it.
        """
        keys, clients, account = keys_of(ids), everybody.ids[client], everybody.ready[client]
        share = self.run.draws.unit("assessed", keys)
        latest_first = self.run.as_of - ROOM_TO_FOLLOW
        followed = first_known + FOLLOW_UP_GAP < self.run.as_of - DAY
        before = np.minimum(first_known - FOLLOW_UP_GAP, latest_first) - (BEFORE * share).astype(np.int64)
        frame = window(self.run.as_of, ages=account + HOUR)
        early = by_day(self.run, frame, frame.at(EARLY * share), keys, clients)
        fresh = np.minimum(early, latest_first)
        opens = np.where(first_known == NEVER, fresh, before)
        first = np.where(followed, first_known, opens[self.heads(turn)])
        begun = cared + FOLLOW_UP_GAP
        orders = np.maximum(first + FOLLOW_UP_GAP, np.where(begun < self.run.as_of - TIME_TO_FOLLOW, begun, 0)) + HOUR
        frame = window(self.run.as_of, orders=orders, ages=account + HOUR)
        place, places = turn - ~followed, of - ~followed
        apart = np.where(places > 1, (place + FROM + SPREAD * share) / np.maximum(places, 1), share)
        later = by_day(self.run, frame, frame.at(LATE * apart), keys, clients)
        is_first = (turn == 0) & ~followed
        return np.where(is_first, first, later)

    def heads(self, turn: Ints) -> Ints:
        """For each row the position of its client's first new row."""
        starts = np.flatnonzero(turn == 0)
        return starts[np.cumsum(turn == 0) - 1]


def earliest(whose: Ids, times: Ints, clients: Ids) -> Ints:
    """The first of these times of each client (in the order of ids), NEVER where there is none."""
    first = np.full(len(clients), NEVER, dtype=np.int64)
    place = find(whose, clients)
    known = place >= 0
    np.minimum.at(first, place[known], times[known])
    return first
