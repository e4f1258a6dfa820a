"""Base sessions: a series for each relationship, held and to come, around what the calendar holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seeding.engine.clock import MINUTE
from seeding.engine.columns import Frame
from seeding.engine.grouping import find, in_order, rank_within
from seeding.engine.ids import base_ids
from seeding.engine.keys import Bools, Ints, keys_of
from seeding.legacy.base import Base
from seeding.legacy.plan import turns_of_pairs
from seeding.legacy.relationships import matched_in
from seeding.planning.scheduling import Wishes, calendar_of, coming_wishes, past_wishes
from seeding.requirements import stages
from seeding.rows.meetings import MeetingPlan, coming_status, meeting_rows, past_status
from seeding.world.care import CANCELLED, COMPLETED, NO_SHOW, Relationships, Sessions, Therapists, sessions
from seeding.world.mentara import NOBODY
from seeding.world.people import People, ordinals_of
from seeding.world.windows import windows

AHEAD = 0.25
"""The share of base sessions that lie ahead; chosen."""


class Meetings:
    """How many sessions each pair has, when, and what became of them."""

    def __init__(self, base: Base, everybody: People, place: Ints, staff: Therapists) -> None:
        """`place` says where each base user is among everybody, or NOBODY."""
        self.base, self.run, self.sizes, self.draws = base, base.run, base.sizes, base.run.draws
        self.world, self.everybody, self.place, self.staff = base.world, everybody, place, staff

    def add(self, related: Relationships, pairs: Ints) -> None:
        """Up to so many sessions a relationship, in its rhythm, around what the calendar holds; the first is held."""
        at, turn, birth = turns_of_pairs(
            self.draws, "sessions", related.keys[pairs], stages("meetings"), self.sizes.meetings
        )
        pair, ahead = pairs[at], self.ahead(related, pairs[at], turn)
        ids, number = base_ids("Meeting", related.ids[pair], turn), self.over_by_now(related, pairs)[at]
        place = rank_within(at * 2 + ahead)
        new = Frame({"id": ids, "pair": pair, "turn": turn, "ahead": ahead, "place": place, "number": number})
        new = new.take(np.lexsort((turn, at, np.maximum(birth, self.births(related, pairs)[at]))))
        new = new.take(self.base.missing("mentara.Meeting", new.id))
        if not len(new):
            return
        there = sessions(self.run, self.everybody, related)
        share = self.draws.unit("outcome", keys_of(new.id))
        status = past_status(share, self.everybody.adherence[related.client[new.pair]])
        status[new.turn == 0] = COMPLETED
        hours, everyone = windows(self.run, self.everybody), np.ones(len(self.everybody), dtype=np.bool_)
        calendar = calendar_of(self.run, hours, self.staff, there, everyone)
        placed = calendar.place(self.wishes(related, new, status != CANCELLED))
        new.columns.update(start=placed.start, minutes=placed.minutes, status=status)
        self.write(related, there, new.take(placed.found))

    def write(self, related: Relationships, there: Sessions, new: Frame) -> None:
        """Write the sessions that have found a place, beside those that are there."""
        pair, start, client, therapist = new.pair, new.start, related.client[new.pair], related.therapist[new.pair]
        status = np.where(new.ahead, coming_status(self.run, related.keys[pair], start), new.status)
        end = start + new.minutes * MINUTE
        held = there.and_also(Sessions(new.id, client, therapist, start, end, start, status, pair))
        held = held.take(in_order(held.ids))
        before = self.earlier(related, held, find(new.id, held.ids), ~np.isin(held.status, (CANCELLED, NO_SHOW)))
        ordinal = np.maximum(before, new.ahead)
        plan = MeetingPlan.of(
            self.run, self.everybody, related, pair, start=start, minutes=new.minutes, status=status, ordinal=ordinal
        )
        columns, dated_back = meeting_rows(self.run, new.id, plan)
        self.base.write("mentara.Meeting", columns, dated_back)

    def births(self, related: Relationships, pairs: Ints) -> Ints:
        """The first mode that has each relationship."""
        here = self.place != NOBODY
        born = np.zeros(len(self.everybody), dtype=np.int64)
        born[self.place[here]] = self.world.birth[here]
        client, therapist = related.client[pairs], related.therapist[pairs]
        matched = matched_in(self.run, self.everybody.keys[client], ordinals_of(self.everybody.ids[client]))
        return np.maximum.reduce([born[client], born[therapist], matched])

    def ahead(self, related: Relationships, pair: Ints, turn: Ints) -> Bools:
        """Which base sessions lie ahead of as-of; the first of a pair never does."""
        chance = self.draws.chance("ahead", related.keys[pair], AHEAD, turn)
        return np.asarray(chance & related.active[pair] & (turn > 0))

    def over_by_now(self, related: Relationships, pairs: Ints) -> Ints:
        """How many base sessions of each of these relationships the largest mode has in the past."""
        most = stages("meetings")
        at, turn, _ = turns_of_pairs(self.draws, "sessions", related.keys[pairs], most, most[-1])
        return np.bincount(at[~self.ahead(related, pairs[at], turn)], minlength=len(pairs))

    def wishes(self, related: Relationships, new: Frame, binding: Bools) -> Wishes:
        """When each session would best be: in the past, or for some ahead of as-of; `place` counts each of these."""
        pair, ahead = new.pair, new.ahead
        past = past_wishes(self.run, related, pair, new.place, binding, number=new.number)
        coming = coming_wishes(self.run, related, pair, new.place)
        return replace(
            past,
            aim=np.where(ahead, coming.aim, past.aim),
            earliest=np.where(ahead, coming.earliest, past.earliest),
            latest=np.where(ahead, coming.latest, past.latest),
            binding=binding | ahead,
        )

    def earlier(self, related: Relationships, held: Sessions, which: Ints, counted: Bools) -> Ints:
        """How many of the pair's earlier base sessions that larger worlds have too are counted."""
        pair_ids = related.ids[held.pair[which]]
        number, passed = np.zeros(len(which), dtype=np.int64), np.zeros(len(which), dtype=np.bool_)
        for turn in range(self.sizes.meetings):
            at = find(base_ids("Meeting", pair_ids, turn), held.ids)
            passed |= at == which
            fits = (at != NOBODY) & (held.pair[at] == held.pair[which]) & ~passed
            number += fits & counted[at] & (held.start[at] < held.start[which])
        return number
