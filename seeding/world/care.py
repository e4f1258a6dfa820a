"""Who is in whose care: therapists, relationships and sessions of the database as arrays over the people."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Case, When
from numpy.typing import NDArray

from seeding.engine.clock import DAY, MINUTE
from seeding.engine.columns import BOOL, INT, JSON, MISSING, TEXT, TIME, UUID, narrowed, read, whether
from seeding.engine.grouping import Groups, distinct, find_unsorted, is_in
from seeding.engine.keys import Bools, Ids, Ints, Keys, keys_of
from seeding.engine.pairs import pair_code
from seeding.engine.run import Run
from seeding.world.locales import provinces
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import People

SCHEDULED, CONFIRMED, WAITING, IN_PROGRESS, COMPLETED, CANCELLED, NO_SHOW = range(7)
STATUSES = ("SCHEDULED", "CONFIRMED", "WAITING", "IN_PROGRESS", "COMPLETED", "CANCELLED", "NO_SHOW")


@dataclass(frozen=True)
class Therapists:
    """The therapists' profiles: `place` finds them among the people, `row_of` is the way back."""

    place: Ints
    since: Ints
    session_minutes: Ints
    zone: NDArray[np.object_]
    approaches: NDArray[np.object_]
    people: int

    @cached_property
    def row_of(self) -> Ints:
        """The row of each person, or NOBODY."""
        found = np.full(self.people, NOBODY, dtype=np.int64)
        found[self.place] = np.arange(len(self.place))
        return found

    @cached_property
    def minutes_by_person(self) -> Ints:
        """The length of each person's sessions, 0 for those who hold none."""
        found = np.zeros(self.people, dtype=np.int64)
        found[self.place] = self.session_minutes
        return found


def therapists(run: Run, everybody: People) -> Therapists:
    """Every therapist, approved or not."""
    found = read(
        rows(run, "Therapist"),
        pk=UUID, created_at=TIME, session_length=INT, timezone=TEXT, approaches=JSON,
    )  # fmt: skip
    return Therapists(
        everybody.find(found.pk),
        found.created_at,
        found.session_length,
        found.timezone,
        found.approaches,
        len(everybody),
    )


@dataclass(frozen=True)
class Relationships:
    """Every relationship as numbers: who, whether it goes on, and since when there was something to meet for."""

    ids: Ids
    client: Ints
    therapist: Ints
    active: Bools
    since: Ints
    """When the client was assigned, or the younger of the two profiles was made if that was later."""
    people: int

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def keys(self) -> Keys:
        """The relationships' keys."""
        return keys_of(self.ids)

    @cached_property
    def lasting_by_therapist(self) -> Groups:
        """The relationships of each therapist that go on; all of them where none does."""
        lasting = np.bincount(self.therapist[self.active], minlength=self.people)
        rows = np.flatnonzero(self.active | (lasting[self.therapist] == 0))
        return Groups(self.therapist[rows], self.people, rows)

    def row_of(self, client: Ints, therapist: Ints) -> Ints:
        """The relationship of each client and therapist, row by row, or NOBODY."""
        known = pair_code(self.client, self.therapist, self.people)
        return find_unsorted(pair_code(client, therapist, self.people), known)


def relationships(run: Run, everybody: People) -> Relationships:
    """Every relationship of the database, in the order of ids."""
    active = whether(status="active")
    found = read(
        rows(run, "ClientTherapist").annotate(goes_on=active),
        pk=UUID, client_id=UUID, therapist_id=UUID, goes_on=BOOL, assigned_at=TIME,
    )  # fmt: skip
    client, therapist = everybody.find(found.client_id), everybody.find(found.therapist_id)
    profiles = np.full(len(everybody), MISSING, dtype=np.int64)
    for model in ("Client", "Therapist"):
        made = read(rows(run, model), pk=UUID, created_at=TIME)
        place = everybody.find(made.pk)
        profiles[place] = np.maximum(profiles[place], made.created_at)
    since = np.maximum.reduce([found.assigned_at, profiles[client], profiles[therapist]])
    return Relationships(found.pk, client, therapist, found.goes_on, since, len(everybody))


def neighbours(run: Run, everybody: People, related: Relationships) -> Bools:
    """Which clients are known to live in the province where their therapist works."""
    lives, works = np.full((2, len(everybody)), NOBODY, dtype=np.int64)
    home = provinces(run.locale)
    number = {province: at for at, province in enumerate(dict.fromkeys(home.values()))}
    matched = narrowed(run, rows(run, "Client"), user_id=everybody.ids[distinct(related.client)])
    clients, staff = read(matched, pk=UUID, city=TEXT), read(rows(run, "Therapist"), pk=UUID, province=TEXT)
    lives[everybody.find(clients.pk)] = [number.get(home.get(city, ""), NOBODY) for city in clients.city]
    works[everybody.find(staff.pk)] = [number.get(province, NOBODY) for province in staff.province]
    return np.asarray((lives[related.client] == works[related.therapist]) & (lives[related.client] != NOBODY))


@dataclass(frozen=True)
class Sessions:
    """Meetings as numbers; `status` counts along STATUSES, `pair` is the relationship or NOBODY."""

    ids: Ids
    client: Ints
    therapist: Ints
    start: Ints
    end: Ints
    created: Ints
    status: Ints
    pair: Ints

    def __len__(self) -> int:
        return len(self.ids)

    def after(self, run: Run) -> Ints:
        """From when on each session has something written about it."""
        return over(run, self.start, self.end, self.created)

    def take(self, which: NDArray[Any] | slice) -> Sessions:
        """Some of the sessions."""
        return Sessions(*(getattr(self, each.name)[which] for each in fields(self)))

    def and_also(self, others: Sessions) -> Sessions:
        """These sessions and, after them, the others."""
        return Sessions(
            *(np.concatenate([getattr(part, each.name) for part in (self, others)]) for each in fields(self))
        )

    def earlier(self, counted: Bools) -> Ints:
        """For each session, how many of those counted the same two had before it."""
        order = np.lexsort((self.ids, self.start, self.therapist, self.client))
        client, therapist, taken = self.client[order], self.therapist[order], counted[order]
        fresh = np.r_[True, (client[1:] != client[:-1]) | (therapist[1:] != therapist[:-1])][: len(order)]
        head = np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))
        so_far: Ints = np.cumsum(taken) - taken
        number = np.empty(len(order), dtype=np.int64)
        number[order] = so_far - so_far[head]
        return number


def over(run: Run, start: Ints, end: Ints, created: Ints) -> Ints:
    """From when on sessions have something written about them: they are over, and entered.

    One of somebody else's that ends before it starts is over once it has started. But nothing except its end
    and its entry pushes what is written past as-of.
    """
    return np.maximum.reduce([np.minimum(start, run.as_of - MINUTE), end, created])


def sessions(run: Run, everybody: People, related: Relationships, **where: Any) -> Sessions:
    """Every meeting of the database, or those that a filter leaves, in the order of ids."""
    codes = [When(status=status, then=code) for code, status in enumerate(STATUSES)]
    found = read(
        rows(run, "Meeting", **where).annotate(code=Case(*codes, default=NOBODY)),
        pk=UUID, client_id=UUID, therapist_id=UUID, start_time=TIME, end_time=TIME, created_at=TIME, code=INT,
    )  # fmt: skip
    client, therapist = everybody.find(found.client_id), everybody.find(found.therapist_id)
    pair = related.row_of(client, therapist)
    return Sessions(found.pk, client, therapist, found.start_time, found.end_time, found.created_at, found.code, pair)


def binding_age(run: Run, since: Ints) -> Ints:
    """The ages that a row can follow, as they leave it a day until as-of; MISSING for those that must yield."""
    return np.where(since < run.as_of - DAY, since, MISSING)


def sessions_lacking(run: Run, held: Sessions, notes: Ints, reviews: Ints) -> Ints:
    """How many sessions each must still complete: one to write notes on, or more for reviews that have none left.

    `notes` and `reviews` say how many each person lacks.
    """
    completed = np.bincount(held.therapist[held.status == COMPLETED], minlength=len(notes))
    return np.maximum((notes > 0) & (completed == 0), beyond_reviewable(run, held, reviews))


def beyond_reviewable(run: Run, held: Sessions, reviews: Ints) -> Ints:
    """How many of the reviews that each person lacks have no session left; below zero where sessions are left over."""
    return reviews - np.bincount(held.therapist[reviewable(run, held)], minlength=len(reviews))


def unreviewed(run: Run, held: Sessions) -> Bools:
    """Which sessions are completed and not reviewed yet."""
    reviewed = read(rows(run, "Review", meeting__isnull=False), meeting_id=UUID)
    fits: Bools = (held.status == COMPLETED) & ~is_in(held.ids, reviewed.meeting_id)
    return fits


def reviewable(run: Run, held: Sessions) -> Bools:
    """Which sessions can be reviewed: not reviewed yet, and completed by two who are in a relationship."""
    return unreviewed(run, held) & (held.pair != NOBODY)
