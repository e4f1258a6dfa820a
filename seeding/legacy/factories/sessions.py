"""Therapists' open hours, and sessions in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from factory.declarations import LazyAttribute, Maybe, SelfAttribute
from numpy.typing import NDArray

from mentara import models
from mentara.models import Client, Meeting, Therapist
from seeding.engine.clock import DAY, MINUTE, micros, moment
from seeding.engine.keys import Ids, Ints, ids_of, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Columns
from seeding.legacy.factories.accounts import ClientFactory, TherapistFactory, expertise
from seeding.legacy.factories.base import Timestamped
from seeding.legacy.factories.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.factories.one_row import FREE, code, each, is_saved, key, people_of
from seeding.legacy.factories.relationships import Related, related_since
from seeding.planning.diaries import CELL
from seeding.planning.scheduling import HORIZON, SETTLED, Calendar, coming_wishes, past_wishes
from seeding.rows.availability import availability_rows
from seeding.rows.meetings import MeetingPlan, meeting_rows
from seeding.texts.therapy import shared_topic
from seeding.world.care import CANCELLED, COMPLETED, NO_SHOW, STATUSES, Relationships, over
from seeding.world.locales import provinces
from seeding.world.windows import DAYS, clock_of, minute_of, new_windows, planned

SIDES = ("client", "therapist")


@dataclass(frozen=True)
class Hours:
    """A window's day and hours as the table has them."""

    day: str
    opens: str
    closes: str


def open_hours(of: Any) -> Hours:
    """Day, start and end of the therapist's `slot`-th base window, or else of one on a day without any."""
    keys = keys_of(key(of.therapist))
    if of.slot < FREE:
        _, *hours = new_windows(of.run.draws, keys, np.array([of.slot + 1]))
    else:
        taken: dict[int, list[tuple[int, int]]] = {}
        for known in of.therapist.availabilities.all() if is_saved(of.therapist) else ():
            opens_closes = minute_of(known.start_time), minute_of(known.end_time)
            taken.setdefault(code(known.day_of_week, DAYS), []).append(opens_closes)
        _, *hours = new_windows(of.run.draws, keys, np.array([1]), [taken])
    day, opens, closes = (int(column[-1]) for column in hours)
    return Hours(DAYS[day], clock_of(opens), clock_of(closes))


def availability_columns(of: Any, ids: Ids) -> Columns:
    """A window at the given hours."""
    day = each(code(of.day_of_week, DAYS), ids)
    opens, closes = each(minute_of(of.start_time), ids), each(minute_of(of.end_time), ids)
    since = each(micros(of.therapist.created_at), ids)
    window = planned(each(0, ids), day, opens, closes, [of.timezone])
    return availability_rows(of.run, ids, people_of(of.run, of.therapist.user), window, since)[0]


class TherapistAvailabilityFactory(Timestamped[models.TherapistAvailability]):
    """A window on a day on which the therapist has none yet."""

    class Meta:
        model = models.TherapistAvailability

    class Params:
        slot = Free()
        hours = LazyAttribute(open_hours)
        row = Row(availability_columns)

    id = Key("therapist")
    therapist = Parent(TherapistFactory)
    day_of_week = SelfAttribute("hours.day")
    start_time = SelfAttribute("hours.opens")
    end_time = SelfAttribute("hours.closes")
    timezone = SelfAttribute("therapist.timezone")
    is_available = Column()
    notes = Column()


OVER = (COMPLETED, CANCELLED, NO_SHOW)
SERIES = np.array([10])
"""So many sessions of a pair lie one after the other up to as-of; chosen."""
_CLIENT, _THERAPIST = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64)


def has_hours(of: Any) -> bool:
    """Whether the therapist takes sessions at any hour."""
    return is_saved(of.therapist) and of.therapist.availabilities.filter(is_available=True).exists()


def sessions_of(client: Client, therapist: Therapist) -> Any:
    """The meetings of the two; none of a client who is not in the database."""
    meetings = Meeting.objects.filter(client=client, therapist=therapist)
    return meetings if is_saved(client) and is_saved(therapist) else meetings.none()


def session_ordinal(of: Any) -> int:
    """How many sessions of its pair come before one, that took place or are to; what is ahead of others is no first."""
    earlier = sessions_of(of.client, of.therapist).filter(start_time__lt=of.start_time)
    follows = of.turn > 0 and code(of.status, STATUSES) not in OVER
    return max(int(earlier.exclude(status__in=("CANCELLED", "NO_SHOW")).count()), int(follows))


def session_turn(of: Any) -> int:
    """The place of a session among those of its pair, from 0."""
    return int(of.slot) if of.slot < FREE else int(sessions_of(of.client, of.therapist).count())


@dataclass(frozen=True)
class Place:
    """Where a session is on the calendar."""

    start: int
    minutes: int


def place_of(of: Any) -> Place:
    """A free time in an open window that suits the status; any time at all where there is none."""
    status, run, minutes = code(of.status, STATUSES), of.run, of.therapist.session_length
    if of.status == "IN_PROGRESS":
        return Place((run.as_of - MINUTE) // CELL * CELL, minutes)
    since, active = np.array([related_since(of)]), np.array([of.relationship.status == "active"])
    related = Relationships(key(of.relationship), _CLIENT, _THERAPIST, active, since, people=2)
    pair, turn = np.array([0]), np.array([of.turn])
    if status in OVER:
        wishes = past_wishes(run, related, pair, turn, np.array([status != CANCELLED]), number=SERIES)
    else:
        wishes = coming_wishes(run, related, pair, turn)
    found = calendar(of).place(wishes)
    if found.found[0]:
        return Place(int(found.start[0]), int(found.minutes[0]))
    start = run.as_of - SETTLED - minutes * MINUTE if status in OVER else run.as_of + DAY
    return Place(start // CELL * CELL, minutes)


def calendar(of: Any) -> Calendar:
    """The therapist's open hours, without what is taken of them."""
    hours = [of.window] if of.window else list(of.therapist.availabilities.filter(is_available=True))
    windows = planned(
        np.ones(len(hours), dtype=np.int64),
        np.array([code(one.day_of_week, DAYS) for one in hours], dtype=np.int64),
        np.array([minute_of(one.start_time) for one in hours], dtype=np.int64),
        np.array([minute_of(one.end_time) for one in hours], dtype=np.int64),
        [one.timezone for one in hours],
    )
    found = Calendar(windows, np.array([0, of.therapist.session_length]))
    for number, person in ((_CLIENT, of.client), (_THERAPIST, of.therapist)):
        if is_saved(person):
            taken = person.meetings.exclude(status="CANCELLED").values_list("start_time", "end_time")
            starts, ends = (np.array([micros(row[end]) for row in taken], dtype=np.int64) for end in (0, 1))
            found.block(np.repeat(number, len(starts)), starts, ends, of.run.as_of + HORIZON)
    return found


def meeting_columns(of: Any, ids: Ids) -> Columns:
    """A session at the given time, with the given outcome."""
    plan = MeetingPlan(
        key(of.client),
        key(of.therapist),
        keys_of(key(of.relationship)),
        each(related_since(of), ids),
        each(micros(of.start_time), ids),
        each(of.duration, ids),
        each(code(of.status, STATUSES), ids),
        each(session_ordinal(of), ids),
        topic_of(of.run, of.client, of.therapist),
        each(provinces(of.run.locale).get(of.client.city) == of.therapist.province, ids),
    )
    return meeting_rows(of.run, ids, plan)[0]


def room_of(of: Any) -> str | None:
    """The address of a meeting by video."""
    return str(meeting_columns(of, ids_of([of.id]))["meeting_url"].values[0]) if of.meeting_type == "video" else None


class MeetingFactory(Timestamped[models.Meeting]):
    """A session of two who are in a relationship, in the therapist's open hours, when both are free.

    The status decides whether it is over or to come; one in progress is now, whatever the hours.
    """

    class Meta:
        model = models.Meeting

    class Params:
        slot = Free()
        turn = LazyAttribute(session_turn)
        relationship = Related()
        window = Maybe(
            LazyAttribute(has_hours),
            None,
            Parent(TherapistAvailabilityFactory, therapist=SelfAttribute("..therapist")),
        )
        placed = LazyAttribute(place_of)
        row = Row(meeting_columns)

    id = Key("relationship")
    client = Parent(ClientFactory)
    therapist = Parent(TherapistFactory)
    title = Column()
    description = Column()
    start_time = LazyAttribute(lambda meeting: moment(meeting.placed.start))
    end_time = Column()
    duration = SelfAttribute("placed.minutes")
    status = "SCHEDULED"
    meeting_type = Column(usual="video")
    meeting_url = LazyAttribute(room_of)

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, Any]) -> Any:
        """Those who meet are those of a relationship, or the therapist of a window, that is given."""
        if "relationship" in params:
            params = {**{side: getattr(params["relationship"], side) for side in SIDES}, **params}
        elif params.get("window") is not None:
            params = {"therapist": params["window"].therapist, **params}
        return super()._generate(strategy, params)


def over_by(of: Any, ids: Ids) -> Ints:
    """From when on the session has something written about it."""
    times = (of.meeting.start_time, of.meeting.end_time, of.meeting.created_at)
    return over(of.run, *(each(micros(time), ids) for time in times))


def known_by(therapist: models.Therapist) -> NDArray[np.int8]:
    """The concerns that a therapist is expert in, as one row."""
    return np.array([expertise(therapist)], dtype=np.int8).reshape(1, -1)


def topic_of(run: Run, client: models.Client, therapist: models.Therapist) -> Ints:
    """What the two work on."""
    return shared_topic(people_of(run, client.user).concerns, known_by(therapist))
