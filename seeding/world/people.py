"""People as arrays: role, concerns, how active they are, at which hours and in which locale.

A person made by this toolkit is drawn from their key; a person found in the database is read off
what is there: the scores of their assessments, the communities they joined, who cares for them.
"""

from __future__ import annotations

from functools import cache, cached_property

import numpy as np
from django.db.models import Case, F, When
from numpy.typing import NDArray

from seeding.cast import CONCERNED, MATCHED, UNMATCHED
from seeding.engine.clock import MINUTE, Window, on_hour
from seeding.engine.columns import BOOL, INT, JSON, TEXT, TIME, UUID, Frame, narrowed, places_of, read, whether
from seeding.engine.errors import UnknownRowError
from seeding.engine.grouping import distinct, find, is_in
from seeding.engine.keys import (
    BASE,
    Bools,
    Draws,
    Floats,
    Ids,
    Ints,
    Keys,
    along,
    is_base,
    keys_of,
    locality_of,
    make_ids,
    mix,
    salt,
)
from seeding.engine.run import Run
from seeding.world.concerns import CONCERNS, EXPERTISE, HELD, PREVALENCE, concern_stages, known_concerns
from seeding.world.locales import UTC_OFFSETS, chosen_locales
from seeding.world.mentara import NOBODY, rows
from seeding.world.strangers import Strangers, strangers

CLIENT, THERAPIST, MODERATOR, ADMIN = range(4)
ROLES = ("client", "therapist", "moderator", "admin")
ROLE_BITS = 26
"""Base users' localities hold the role above this bit and the ordinal below it."""
ACTIVITY = (
    0.0, 0.013, 0.025, 0.04, 0.059, 0.082, 0.112, 0.149, 0.198,
    0.263, 0.351, 0.477, 0.666, 0.977, 1.569, 3.131, 15.776,
)  # fmt: skip
"""Sixteenths of how much a person posts, around 1: log-normal with σ = 1.8, the last so that the mean is 1.

The busiest hundredth then write a seventh, the busiest tenth two thirds of everything, as Nielsen's rule of 90-9-1
(2006) has it for large communities, softened for a small one; σ is chosen so that it shows above the minimums.
"""
SOCIABILITY = (
    0.0, 0.131, 0.192, 0.25, 0.309, 0.372, 0.441, 0.518, 0.607,
    0.71, 0.834, 0.989, 1.191, 1.473, 1.916, 2.813, 6.508,
)  # fmt: skip
"""The same of how much a person answers and likes: log-normal with σ = 1, since answering takes less than posting."""
EVENINGS = (6.0, 9.0, 12.5, 18.0, 19.5, 20.5, 21.5, 22.5, 23.5)
WORKING_DAYS = (8.0, 9.5, 11.0, 12.5, 14.0, 16.0, 18.0, 20.0, 21.5)
"""Octiles of the local hour around which members are online, and who works here. Chosen."""
DAYTIME = (5.5, 8.0, 9.5, 11.5, 14.0, 16.5, 19.0, 21.0, 23.5)
"""Octiles of the hour at which something is done that has no hour of its own; chosen."""
AT_WORK = (8.0, 9.5, 11.0, 13.5, 15.5, 17.0, 19.0)
"""Sextiles of the hour of what therapists and administrators do; chosen."""
_GOLDEN_RATIO = 0.6180339887498949
_FIRST_RANK, _ROLE_STEP = 0.11, 0.10
"""Base users of a role are ranked by multiples of the golden ratio, so that any number of them is spread evenly over
the distribution and the averages of the modes hold; the start is chosen to hold them within 5 % in each mode."""


class People:
    """Every user, in the order of ids, with the state that their rows are read off."""

    def __init__(self, run: Run, frame: Frame) -> None:
        self.run = run
        self.ids: Ids = frame.pk
        self.keys: Keys = keys_of(frame.pk)
        self.role: Ints = frame.role_code
        self.created: Ints = frame.created_at
        self.active: Bools = frame.is_active
        self.approved: Bools = frame.approved

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, ids: Ids) -> Ints:
        """The place of each id, NOBODY for null. Raises UnknownRowError for somebody who is not among them."""
        return places_of(ids, self.ids)

    @cached_property
    def ready(self) -> Ints:
        """Since when each person could be in a relationship: by their account, profile, and approval as a therapist."""
        since = self.created.copy()
        clients = rows(self.run, "Client").filter(created_at__gt=F("user__created_at"))
        found = read(clients, pk=UUID, created_at=TIME)
        staff = read(rows(self.run, "Therapist"), pk=UUID, created_at=TIME, processed_at=TIME)
        decided = np.maximum(staff.created_at, staff.processed_at)
        for ids, instants in ((found.pk, found.created_at), (staff.pk, decided)):
            place = find(ids, self.ids)
            here = place != NOBODY
            since[place[here]] = np.maximum(since[place[here]], instants[here])
        return since

    @cached_property
    def concerns(self) -> NDArray[np.int8]:
        """Up to three concerns of each client, the main one first, and up to six that each therapist is expert in.

        They are numbers of CONCERNS; NOBODY fills the rest.
        """
        concerns = np.full((len(self), EXPERTISE), NOBODY, dtype=np.int8)
        clients = self.role == CLIENT
        concerns[clients, :HELD] = drawn_concerns(self.keys[clients], ordinals_of(self.ids[clients]))
        if len(self._strangers[0]):
            self._read_off(concerns)
        therapists = np.flatnonzero(self.role == THERAPIST)
        if len(therapists):
            found = read(rows(self.run, "Therapist"), pk=UUID, expertise=JSON)
            for place, slugs in zip(find(found.pk, self.ids).tolist(), found.expertise, strict=True):
                if place != NOBODY:
                    known = known_concerns(slugs)[:EXPERTISE]
                    concerns[place, : len(known)] = known
        return concerns

    @cached_property
    def _strangers(self) -> tuple[Ints, Strangers]:
        """The clients whom somebody else registered, by place, and what is known of them."""
        places = np.flatnonzero((self.role == CLIENT) & ~is_base(self.ids))
        return places, strangers(self.run, self.ids[places])

    def _read_off(self, concerns: NDArray[np.int8]) -> None:
        """Put what is known of strangers in the place of what was drawn; nobody is concerned with what is low."""
        places, known = self._strangers
        low = ~np.isnan(known.levels) & ~known.burdened
        drawn = concerns[places, :HELD]
        drawn[(drawn != NOBODY) & low[np.arange(len(places))[:, None], drawn]] = NOBODY
        drawn = np.take_along_axis(drawn, np.argsort(drawn == NOBODY, axis=1, kind="stable"), axis=1)
        nothing = (drawn == NOBODY).all(axis=1) & low.any(axis=1)
        drawn[nothing, 0] = np.argmax(np.nan_to_num(known.levels[nothing], nan=-1.0), axis=1)
        told = (known.concerns != NOBODY).any(axis=1)
        concerns[places, :HELD] = np.where(told[:, None], known.concerns, drawn)

    def measured(self, concern: int) -> Floats:
        """The level, from 0 to 1, in a questionnaire that somebody had taken before; NaN for everybody else."""
        places, known = self._strangers
        found = np.full(len(self), np.nan)
        found[places] = known.levels[:, concern]
        return found

    @cached_property
    def professional(self) -> Bools:
        """Who writes about a subject rather than about themselves: the team, and therapists."""
        return self.role != CLIENT

    @cached_property
    def quiet(self) -> Bools:
        """Who is there and writes nothing: therapists whose application was turned down, or is still to be decided."""
        return (self.role == THERAPIST) & ~self.approved

    @cached_property
    def adherence(self) -> Floats:
        """How far each person keeps to what was agreed, from 0 to 1; the same under any seed."""
        return Draws("people").unit("adherence", self.keys)

    @cached_property
    def utc_offset(self) -> Ints:
        """Each person's local time's distance from UTC in microseconds."""
        return utc_offsets(self.run, self.keys)

    @cached_property
    def activity(self) -> Floats:
        """How much each person posts, around 1."""
        return along(ACTIVITY, liveliness(self.ids, self.role))

    @cached_property
    def sociability(self) -> Floats:
        """How much each person answers and likes, around 1; who posts much does that much as well."""
        return along(SOCIABILITY, liveliness(self.ids, self.role))

    @cached_property
    def hours(self) -> Floats:
        """The local hour around which each person is usually online: mostly evenings, or the day of who works here."""
        draws = Draws("people")
        evenings, days = (draws.along("hour", self.keys, hours) for hours in (EVENINGS, WORKING_DAYS))
        return np.where(self.professional, days, evenings)

    def at_own_hour(self, frame: Window, instants: Ints, who: Ints, purpose: str, keys: Keys) -> Ints:
        """Move each instant to about the hour at which its person is usually online, where that lies in its window."""
        hours = (self.hours[who] + self.run.draws.bell(purpose, keys)) % 24.0
        return on_hour(frame, instants, hours, self.utc_offset[who])


def ordinals_of(ids: Ids) -> Ints:
    """The ordinals, from 0, of base users within their role."""
    return np.asarray(locality_of(ids) & ((1 << ROLE_BITS) - 1))


def liveliness(ids: Ids, role: Ints) -> Floats:
    """The rank of each person, from 0 to 1, by how active they are: evenly spread among base users of a role."""
    even = (_FIRST_RANK + _ROLE_STEP * role + _GOLDEN_RATIO * ordinals_of(ids)) % 1.0
    return np.where(is_base(ids), even, Draws("people").unit("activity", keys_of(ids)))


def drawn_concerns(keys: Keys, ordinals: Ints) -> NDArray[np.int8]:
    """One to three concerns for clients known only by key and ordinal, the same under any seed; the cast's are set."""
    draws = Draws("people")
    choice = np.full(len(keys), len(CONCERNS))
    for stage, concerns in reversed(concern_stages("clients")):
        choice[ordinals < stage] = concerns
    weights = np.cumsum(PREVALENCE)
    found = np.full((len(keys), HELD), NOBODY, dtype=np.int64)
    total = weights[choice - 1]
    found[:, 0] = np.searchsorted(weights, draws.below("concern", keys, total), side="right")
    step = 1 + draws.below("second concern", keys, choice - 1)
    found[:, 1] = (found[:, 0] + step) % choice
    third = 1 + draws.below("third concern", keys, choice - 2)
    third += third >= step
    found[:, 2] = (found[:, 0] + third) % choice
    number = 1 + (draws.unit("concerns", keys)[:, None] > np.array([0.30, 0.75])).sum(axis=1)
    found[np.arange(HELD)[None, :] >= number[:, None]] = NOBODY
    for at in np.flatnonzero(ordinals <= max(CONCERNED)).tolist():
        if (held := CONCERNED.get(int(ordinals[at]))) is not None:
            found[at] = [*held, NOBODY][:HELD]
    return found.astype(np.int8)


def matched_from(run: Run, keys: Keys, ordinals: Ints) -> Floats:
    """Above what share of matched clients each base client has a therapist; the cast's always or never has."""
    drawn = run.draws.unit("has therapist", keys)
    return np.select([np.isin(ordinals, list(MATCHED)), np.isin(ordinals, UNMATCHED)], [-1.0, 1.0], drawn)


def people(run: Run) -> People:
    """Every user of the database."""
    codes = [When(role=role, then=code) for code, role in enumerate(ROLES)]
    users = rows(run, "User").annotate(
        role_code=Case(*codes, default=NOBODY),
        approved=whether(therapist_profile__status="APPROVED"),
    )
    kinds = {"pk": UUID, "role_code": INT, "created_at": TIME, "is_active": BOOL, "approved": BOOL}
    frame = run.once("users", ("User", "Therapist"), lambda: read(users, **kinds), small=True)
    return run.once("people", ("User", "Client", "Therapist"), lambda: People(run, frame))


def first_names(run: Run, everybody: People, whose: Ints) -> list[str]:
    """The first name of each of these places, and of some more people, by place; "" for others.

    Raises UnknownRowError where one of them has gone since.
    """
    asked = everybody.ids[distinct(whose)]
    found = read(narrowed(run, rows(run, "User"), pk=asked), pk=UUID, first_name=TEXT)
    if not is_in(asked, found.pk).all():
        raise UnknownRowError
    names = np.full(len(everybody), "", dtype=object)
    names[everybody.find(found.pk)] = found.first_name
    return list(names)


WEEKDAYS = (18, 16, 15, 14, 10, 10, 17)
"""How posts and sign-ups fall on the days from Monday on, in parts of a hundred: people write when a week begins and
on the evening before it, least when they go out; chosen, so that the rhythm shows in some two hundred posts."""


def weekdays(run: Run, purpose: str, keys: Keys) -> Ints:
    """A day of the week for each key, 0 Monday to 6 Sunday."""
    ends = np.cumsum(WEEKDAYS)
    return np.searchsorted(ends, run.draws.below(purpose, keys, int(ends[-1])), side="right")


def local_offset(run: Run) -> int:
    """The usual local time's distance from UTC in microseconds: that of the run's first locale."""
    return UTC_OFFSETS[chosen_locales(run.locale)[0]] * MINUTE


def by_day(run: Run, frame: Window, instants: Ints, keys: Keys, whose: Ids, hours: tuple[float, ...] = DAYTIME) -> Ints:
    """Move each instant to one of these hours where an account is, if that still lies in its window."""
    return on_hour(frame, instants, run.draws.along("by day", keys, hours), utc_offsets(run, keys_of(whose)))


def user_ids(role: int, ordinals: Ints) -> Ids:
    """The ids of base users of a role, by ordinal from 0."""
    keys = mix(ordinals.astype(np.uint64) ^ salt("base user", ROLES[role]))
    return make_ids("User", BASE, keys, (role << ROLE_BITS) | ordinals, 0)


def homes(keys: Keys) -> Keys:
    """The keys that people's homes are drawn from: the cast's clients live where the therapist works whom they meet."""
    found = keys.copy()
    for client, therapist in _matched():
        found[keys == client] = therapist
    return found


@cache
def _matched() -> tuple[tuple[int, int], ...]:
    clients, therapists = np.array(list(MATCHED.items())).T
    sides = keys_of(user_ids(CLIENT, clients)), keys_of(user_ids(THERAPIST, therapists))
    return tuple(zip(*(side.tolist() for side in sides), strict=True))


def locale_of(run: Run, keys: Keys) -> Ints:
    """Which of the run's locales each account with these keys belongs to: that of its home."""
    return Draws("people").below("locale", homes(keys), len(chosen_locales(run.locale)))


def utc_offsets(run: Run, keys: Keys) -> Ints:
    """The distance from UTC of each account's local time, in microseconds."""
    offsets = np.array([UTC_OFFSETS[name] for name in chosen_locales(run.locale)], dtype=np.int64) * MINUTE
    return np.asarray(offsets[locale_of(run, keys)])
