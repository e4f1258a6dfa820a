"""Which sessions are planned: how many of each relationship, held or to come, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from seeding.engine.columns import MISSING
from seeding.engine.grouping import Groups, rank_within
from seeding.engine.keys import Bools, Floats, Ints
from seeding.engine.run import Run
from seeding.planning.scheduling import Calendar, Placed, coming_wishes, past_wishes
from seeding.rows.meetings import coming_status, past_status
from seeding.world.care import CANCELLED, COMPLETED, Relationships, Sessions

COMES_AGAIN = (0.35, 0.75)
"""How often a pair still meeting has its last planned session ahead: if it is the only one planned, and otherwise."""


@dataclass
class Plan:
    """Sessions as numbers, one a row; `start` is MISSING for one without a place."""

    pair: Ints
    turn: Ints
    """The place among the pair's planned sessions."""
    ahead: Bools
    tried: Bools
    """Whether it was to be a completed one, as somebody needs its notes or its review."""
    spare: Bools
    """Whether it was planned for that alone, and is dropped otherwise."""
    start: Ints
    minutes: Ints
    status: Ints

    def take(self, rows: np.ndarray) -> Plan:
        """Some of the sessions."""
        return Plan(*(getattr(self, each.name)[rows] for each in fields(self)))

    def put(self, rows: Ints, placed: Placed) -> None:
        """Note where these sessions are."""
        self.start[rows], self.minutes[rows] = placed.start, placed.minutes


def _blank(pair: Ints, turn: Ints, *, spare: bool) -> Plan:
    count, no = len(pair), np.zeros(len(pair), dtype=np.bool_)
    start, minutes, status = np.full(count, MISSING), np.zeros(count, dtype=np.int64), np.full(count, COMPLETED)
    return Plan(pair, turn, no, no.copy(), np.full(count, spare), start, minutes, status)


def _joined(*plans: Plan) -> Plan:
    return Plan(*(np.concatenate([getattr(plan, each.name) for plan in plans]) for each in fields(Plan)))


class SessionPlanner:
    """Plans sessions around those that exist, on a calendar that knows them."""

    def __init__(
        self, run: Run, related: Relationships, existing: Sessions, calendar: Calendar, adherence: Floats
    ) -> None:
        """`adherence` is each person's, from 0 to 1."""
        self.run, self.related, self.calendar, self.adherence = run, related, calendar, adherence
        known = existing.take(existing.pair >= 0)
        over = known.start < run.as_of
        self.held = np.bincount(known.pair[over], minlength=len(related))
        self.first = np.full(len(related), run.as_of)
        np.minimum.at(self.first, known.pair, known.start)
        self.first[self.held == 0] = MISSING
        self.coming = np.bincount(known.pair[~over], minlength=len(related))

    def plan(self, owed: Ints, completed: Ints) -> Plan:
        """As many sessions as each relationship is owed; of each therapist's at least so many `completed` ones."""
        self.number = self.held + owed
        pair = np.repeat(np.arange(len(self.related)), owed)
        plan = _blank(pair, rank_within(pair), spare=False)
        self._look_ahead(plan, owed)
        self._settle(plan)
        plan = _joined(plan, self._spares(plan, owed, completed))
        plan = plan.take(np.lexsort((plan.pair, plan.turn, plan.ahead, plan.spare)))
        short = self._hold(plan, completed)
        insisted = self._insist(short)
        self._place_others(plan)
        plan = _joined(plan, insisted)
        return plan.take(plan.start != MISSING)

    def _look_ahead(self, plan: Plan, owed: Ints) -> None:
        """The last of a pair's sessions is often still to come, if none is yet."""
        last = plan.turn == owed[plan.pair] - 1
        chance = np.where(owed[plan.pair] > 1, COMES_AGAIN[1], COMES_AGAIN[0])
        comes = self.run.draws.chance(
            "comes again", self.related.keys[plan.pair], chance, self.held[plan.pair] + plan.turn
        )
        plan.ahead = last & comes & self.related.active[plan.pair] & (self.coming[plan.pair] == 0)

    def _spares(self, plan: Plan, owed: Ints, completed: Ints) -> Plan:
        """Sessions beyond what is owed, where a therapist needs more completed ones."""
        more = np.maximum(completed - np.bincount(self.related.therapist[plan.pair], minlength=len(completed)), 0)
        pair = self.related.lasting_by_therapist.by_turns(more)
        return _blank(pair, owed[pair] + rank_within(pair), spare=True)

    def _settle(self, plan: Plan) -> None:
        """What became of each session that is over."""
        share = self.run.draws.unit("outcome", self.related.keys[plan.pair], self.held[plan.pair] + plan.turn)
        plan.status = past_status(share, self.adherence[self.related.client[plan.pair]])

    def _hold(self, plan: Plan, completed: Ints) -> Ints:
        """Hold the completed sessions that are needed, before all others; returns what therapists still lack.

        Where there is no hour for one client's session, another's becomes the completed one, more of them each time.
        """
        therapist, short, batch = self.related.therapist[plan.pair], completed.copy(), 1
        while True:
            left = np.flatnonzero(~plan.tried & (short[therapist] > 0))
            rows = left[rank_within(therapist[left]) < short[therapist[left]] * batch]
            if not len(rows):
                return short
            plan.tried[rows], plan.ahead[rows], plan.status[rows] = True, False, COMPLETED
            self._place_past(plan, rows)
            held = rows[plan.start[rows] != MISSING]
            short -= np.bincount(therapist[held], minlength=len(short))
            batch *= 2

    def _place_others(self, plan: Plan) -> None:
        """Past ones in the past, those without a place there ahead; what finds none at all was cancelled."""
        active = self.related.active[plan.pair]
        self._place_past(plan, np.flatnonzero(~plan.ahead & ~plan.tried))
        plan.ahead |= (plan.start == MISSING) & active & ~plan.spare
        rows = np.flatnonzero(plan.ahead)
        pair = plan.pair[rows]
        turn = self.coming[pair] + rank_within(pair)
        plan.put(rows, self.calendar.place(coming_wishes(self.run, self.related, pair, turn)))
        plan.status[rows] = coming_status(self.run, self.related.keys[pair], plan.start[rows])
        rows = np.flatnonzero((plan.start == MISSING) & ~plan.spare)
        plan.status[rows] = CANCELLED
        self._place_past(plan, rows)

    def _place_past(self, plan: Plan, rows: Ints) -> None:
        pair = plan.pair[rows]
        wishes = past_wishes(
            self.run,
            self.related,
            pair,
            self.held[pair] + plan.turn[rows],
            plan.status[rows] != CANCELLED,
            number=self.number[pair],
            first=self.first[pair],
        )
        plan.put(rows, self.calendar.place(wishes))

    def _insist(self, short: Ints) -> Plan:
        """What a therapist still lacks in completed sessions, with whichever client there is an hour for."""
        oldest = np.lexsort((self.related.ids, self.related.since))
        pool = Groups(self.related.therapist[oldest], self.related.people, oldest)
        short, asked = short.copy(), np.zeros(len(short), dtype=np.int64)
        found = [_blank(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), spare=True)]
        while len(left := np.flatnonzero((short > 0) & (asked < pool.counts))):
            pair = pool.member(left, asked[left])
            tried = _blank(pair, np.full(len(pair), len(found)), spare=True)
            self._place_past(tried, np.arange(len(pair)))
            done = tried.start != MISSING
            short[left[done]] -= 1
            asked[left[~done]] += 1
            found.append(tried.take(done))
        return _joined(*found)
