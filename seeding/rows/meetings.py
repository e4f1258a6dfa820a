"""A session of a client and a therapist, from the booking to the notes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seeding.engine.clock import HOUR, JOIN_ROOM, MINUTE, WEEK, Window, window
from seeding.engine.keys import Bools, Floats, Ids, Ints, Keys, keys_of, mix
from seeding.engine.run import Run
from seeding.engine.values import Columns, Some
from seeding.rows.accounts import DOMAIN
from seeding.texts import therapy
from seeding.texts.therapy import NoteThread
from seeding.world.care import (
    CANCELLED,
    COMPLETED,
    CONFIRMED,
    IN_PROGRESS,
    NO_SHOW,
    SCHEDULED,
    STATUSES,
    WAITING,
    Relationships,
    neighbours,
)
from seeding.world.people import People, by_day

LEADS = (2.0 * HOUR, 30.0 * HOUR, 72.0 * HOUR, 140.0 * HOUR, 170.0 * HOUR, 330.0 * HOUR)
"""Quintiles of how long before a session it is booked: many at the session a week before. Chosen for a demo."""
NOTES_WRITTEN = (4.0 * MINUTE, 12.0 * MINUTE, 25.0 * MINUTE, 45.0 * MINUTE, 6.0 * HOUR)
"""Quartiles of how long after a session its notes are written: mostly before the next client."""
CALLED_OFF = 0.08
MISSED = (0.03, 0.20)
"""Of sessions that are over, the share cancelled, and missed by the most adherent clients and as much more by the
least; chosen. Kheirkhah et al. (BMC Health Services Research 2016) found 16 to 19 % no-shows in outpatient clinics."""
IN_THE_WAITING_ROOM = 30 * MINUTE
"""Nobody waits longer for a session to begin; chosen."""
TYPES = ("video", "audio", "in_person")
MEETS_NEIGHBOUR, BY_VIDEO = 0.75, 0.88
"""How many of those who live near each other usually meet in person, and of the others by video; chosen."""


@dataclass(frozen=True)
class MeetingPlan:
    """Sessions to be written: who, in which relationship and since when, the time, and `status` along STATUSES."""

    client_ids: Ids
    therapist_ids: Ids
    pair_keys: Keys
    since: Ints
    start: Ints
    minutes: Ints
    status: Ints
    ordinal: Ints
    """The place of the session, from 0, among those of its pair."""
    topics: Ints
    near: Bools
    """Whether the two could meet in person."""
    kinds: Ints | None = None
    """How the two meet, along TYPES; the pair's usual way unless it is given."""

    @classmethod
    def of(
        cls,
        run: Run,
        everybody: People,
        related: Relationships,
        pair: Ints,
        *,
        start: Ints,
        minutes: Ints,
        status: Ints,
        ordinal: Ints,
        kinds: Ints | None = None,
    ) -> MeetingPlan:
        """Sessions of the relationships at these places."""
        client, therapist = related.client[pair], related.therapist[pair]
        return cls(
            everybody.ids[client],
            everybody.ids[therapist],
            related.keys[pair],
            related.since[pair],
            start,
            minutes,
            status,
            ordinal,
            therapy.shared_topic(everybody.concerns[client], everybody.concerns[therapist]),
            neighbours(run, everybody, related)[pair],
            kinds,
        )

    @property
    def end(self) -> Ints:
        """When each session ends."""
        return self.start + self.minutes * MINUTE


def meeting_rows(run: Run, ids: Ids, plan: MeetingPlan) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the relationship."""
    draws, keys = run.draws, keys_of(ids)
    frame = window(run.as_of, ages=plan.since, room=JOIN_ROOM)
    latest = np.minimum(plan.start - MINUTE, run.as_of)
    lead = draws.along("books", plan.pair_keys, LEADS) * (0.95 + 0.1 * draws.unit("booked", keys))
    soonest = (latest - frame.start) * (0.02 + 0.1 * draws.unit("books early", plan.pair_keys))
    created = np.maximum(latest - lead.astype(np.int64), frame.start + soonest.astype(np.int64)) // 1000 * 1000 + 1000
    created = by_day(run, Window(frame.start, latest, frame.ages), created, keys, plan.client_ids)
    settled = np.minimum(plan.end, run.as_of)
    until = np.minimum(plan.start, run.as_of)
    decided = created + ((until - created) * draws.unit("called off", keys)).astype(np.int64) // 1000 * 1000
    decided = by_day(run, Window(created, until, frame.ages), decided, mix(keys), plan.client_ids)
    waiting = np.maximum(run.as_of - MINUTE * (1 + draws.below("waiting since", keys, 9)), created)
    updated = np.select(
        [
            np.isin(plan.status, (COMPLETED, NO_SHOW)),
            *(plan.status == status for status in (SCHEDULED, IN_PROGRESS, WAITING)),
        ],
        [settled, created, plan.start, waiting],
        decided,
    )
    kinds = np.select(
        [plan.status == CANCELLED, plan.status == NO_SHOW, plan.ordinal <= 0],
        [therapy.WHY_CANCELLED, therapy.NOBODY_CAME, therapy.ABOUT_FIRST],
        therapy.ABOUT,
    )
    usual = draws.unit("how", plan.pair_keys)
    in_person = plan.near & (usual < MEETS_NEIGHBOUR)
    how = np.where(draws.chance("as usual", keys, 0.88), np.select([in_person, usual < BY_VIDEO], [2, 0], 1), 0)
    how = how if plan.kinds is None else plan.kinds
    columns = {
        "id": ids,
        "client_id": plan.client_ids,
        "therapist_id": plan.therapist_ids,
        "title": therapy.session_titles(draws, keys, plan.ordinal),
        "description": Some(
            therapy.session_descriptions(draws, keys, plan.topics, kinds),
            np.isin(kinds, (therapy.WHY_CANCELLED, therapy.NOBODY_CAME)) | draws.chance("described", keys, 0.8),
        ),
        "start_time": plan.start,
        "end_time": plan.end,
        "duration": plan.minutes,
        "status": [STATUSES[code] for code in plan.status.tolist()],
        "meeting_type": [TYPES[kind] for kind in how.tolist()],
        "meeting_url": Some(_rooms(draws.bits("room", keys)), how == 0),
        "created_at": created,
        "updated_at": np.maximum(updated, created),
    }
    return columns, frame.dated_back(created)


def _rooms(bits: Keys) -> list[str]:
    names = (f"{number:016x}" for number in bits.tolist())
    return [f"https://meet.{DOMAIN}/{name[:4]}-{name[4:8]}-{name[8:12]}" for name in names]


def note_rows(run: Run, ids: Ids, meeting_ids: Ids, after: Ints, thread: NoteThread) -> tuple[Columns, Bools]:
    """The columns of notes written once a session is over; `after` is its end, or its entry if that came later."""
    keys = keys_of(ids)
    frame = window(run.as_of, orders=after)
    written = frame.after(run.draws.along("notes written", keys, NOTES_WRITTEN))
    columns = {
        "id": ids,
        "meeting_id": meeting_ids,
        "notes": therapy.notes(run.draws, keys, thread),
        "created_at": written,
        "updated_at": written,
    }
    return columns, frame.dated_back(written)


def past_status(share: Floats, adherence: Floats) -> Ints:
    """What became of sessions that are over, each drawn by a share from 0 to 1."""
    missed = CALLED_OFF + MISSED[0] + MISSED[1] * (1.0 - adherence)
    return np.select([share < CALLED_OFF, share < missed], [CANCELLED, NO_SHOW], COMPLETED)


def coming_status(run: Run, pair_keys: Keys, start: Ints) -> NDArray[np.int64]:
    """What a session after as-of stands at: somebody waits just before it, those of this week are mostly confirmed."""
    ahead = start - run.as_of
    now, soon = ahead < IN_THE_WAITING_ROOM, ahead < WEEK
    waits, confirms = (run.draws.chance(what, pair_keys, share) for what, share in (("waits", 0.5), ("confirms", 0.7)))
    return np.select([now & waits, soon & confirms], [WAITING, CONFIRMED], SCHEDULED)
