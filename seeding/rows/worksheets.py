"""Worksheets, and what becomes of them in the hands of clients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, MINUTE, Window, joining, window
from seeding.engine.columns import MISSING
from seeding.engine.keys import Bools, Floats, Ids, Ints, Keys, keys_of, mix
from seeding.engine.run import Run
from seeding.engine.values import Columns, Some
from seeding.texts.therapy import Sheet, feedback
from seeding.world.care import Relationships, binding_age
from seeding.world.people import AT_WORK, People, by_day, utc_offsets

DUE_DAYS = np.array([5, 7, 7, 10, 14])
DUE_HOUR = 21 * HOUR
"""The hour of the client's day by which a worksheet is due."""
ASSIGNED, SUBMITTED, REVIEWED, OVERDUE = range(4)
STATUSES = ("ASSIGNED", "SUBMITTED", "REVIEWED", "OVERDUE")
LATELY, EARLY = 42 * DAY, 21 * DAY
"""Pairs who still meet have their worksheets from the last weeks, others from the first, as their sessions are."""
COURSE = ((3, 4, 7), (6, 4, 7), (19, 5, 7), (16, 9, 10))
"""For each status how many days ago a worksheet is assigned that is to have it, and when after that it is handed in
(or would have been) and due."""


def worksheet_rows(run: Run, ids: Ids, therapist_ids: Ids, since: Ints, chosen: list[Sheet]) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the therapist; `since` is when the profile was made."""
    frame = joining(run.as_of, since)
    keys = keys_of(ids)
    created = by_day(run, frame, frame.at(0.02 + 0.3 * run.draws.unit("drawn up", keys)), keys, therapist_ids, AT_WORK)
    columns = {
        "id": ids,
        "therapist_id": therapist_ids,
        "title": [sheet.title for sheet in chosen],
        "instructions": [sheet.instructions for sheet in chosen],
        "category": [sheet.category for sheet in chosen],
        "estimated_minutes": np.array([sheet.minutes for sheet in chosen], dtype=np.int64),
        "created_at": created,
        "updated_at": created,
    }
    return columns, frame.dated_back(created)


@dataclass(frozen=True)
class AssignmentPlan:
    """Worksheets to be assigned: which, to whom and by whom, whether they still meet, and how adherent clients are."""

    worksheet_ids: Ids
    client_ids: Ids
    therapist_ids: Ids
    since: Ints
    """When the relationship began, or the worksheet was drawn up if that was later."""
    active: Bools
    adherence: Floats
    met: int | Ints = MISSING
    """When the two first met, if they have."""

    @classmethod
    def of(
        cls,
        everybody: People,
        related: Relationships,
        pair: Ints,
        worksheet_ids: Ids,
        drawn_up: Ints,
        met: int | Ints = MISSING,
    ) -> AssignmentPlan:
        """These worksheets for the clients of the relationships at these places."""
        client = related.client[pair]
        return cls(
            worksheet_ids,
            everybody.ids[client],
            everybody.ids[related.therapist[pair]],
            np.maximum(related.since[pair], drawn_up),
            related.active[pair],
            everybody.adherence[client],
            met,
        )


def assignment_rows(run: Run, ids: Ids, plan: AssignmentPlan, given: Ints | None = None) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the relationship or the worksheet.

    Adherent clients hand in, and in time; what is not due yet may still be open; ended relationships had theirs early.
    What becomes of a worksheet is drawn unless it is given (along STATUSES) to people who have known each other for
    four weeks.
    """
    draws, keys = run.draws, keys_of(ids)
    orders = np.maximum(*(binding_age(run, time) for time in (plan.since, np.asarray(plan.met))))
    frame = window(run.as_of, orders=orders, ages=plan.since, room=JOIN_ROOM)
    course = _drawn_course(run, keys, frame, plan) if given is None else _given_course(run, keys, frame, plan, given)
    assigned, due, handed_in = course
    answered = handed_in + (DAY * (0.2 + 3.0 * draws.unit("answered", keys))).astype(np.int64)
    answered = by_day(run, window(run.as_of, orders=handed_in), answered, mix(mix(keys)), plan.therapist_ids, AT_WORK)
    works = draws.unit("works on it", keys) < 0.45 + 0.53 * plan.adherence
    submits = works & (handed_in < run.as_of)
    reviewed = submits & draws.chance("answers", keys, 0.88) & (answered < run.as_of)
    drawn = np.select([reviewed, submits, due > run.as_of], [REVIEWED, SUBMITTED, ASSIGNED], OVERDUE)
    status = drawn if given is None else given
    submitted = np.isin(status, (SUBMITTED, REVIEWED))
    columns = {
        "id": ids,
        "worksheet_id": plan.worksheet_ids,
        "client_id": plan.client_ids,
        "status": [STATUSES[code] for code in status.tolist()],
        "assigned_at": assigned,
        "due_date": due,
        "submitted_at": Some(handed_in // 1000 * 1000, submitted),
        "feedback": Some(feedback(draws, keys), status == REVIEWED),
        "created_at": assigned,
        "updated_at": np.select(
            [status == REVIEWED, submitted, status == OVERDUE],
            [answered // 1000 * 1000, handed_in // 1000 * 1000, due],
            assigned,
        ),
    }
    return columns, frame.dated_back(assigned)


def _drawn_course(run: Run, keys: Keys, frame: Window, plan: AssignmentPlan) -> tuple[Ints, Ints, Ints]:
    """When each worksheet is assigned, due, and handed in or would have been."""
    share = run.draws.unit("assigned", keys)
    lately = np.maximum(1.0 - LATELY / (frame.end - frame.start), 0.05)
    early = np.minimum(EARLY / (frame.end - frame.start), 0.42)
    assigned = frame.at(np.where(plan.active, lately + (0.97 - lately) * share, early * (0.05 + 0.95 * share)))
    assigned = by_day(run, frame, assigned, keys, plan.therapist_ids, AT_WORK)
    due = _due(run, plan, assigned, DUE_DAYS[run.draws.below("due", keys, len(DUE_DAYS))])
    handed_in = assigned + ((due - assigned) * (0.25 + 1.1 * run.draws.unit("handed in", keys))).astype(np.int64)
    return assigned, due, by_day(run, window(run.as_of, orders=assigned), handed_in, mix(keys), plan.client_ids)


def _given_course(run: Run, keys: Keys, frame: Window, plan: AssignmentPlan, given: Ints) -> tuple[Ints, Ints, Ints]:
    """The same of worksheets whose status is given: as COURSE says."""
    days_ago, handed_in_after, due_days = np.array(COURSE)[given].T
    assigned = by_day(run, frame, run.as_of - days_ago * DAY, keys, plan.therapist_ids, AT_WORK)
    due, after = _due(run, plan, assigned, due_days), window(run.as_of, orders=assigned)
    return assigned, due, by_day(run, after, assigned + handed_in_after * DAY, mix(keys), plan.client_ids)


def _due(run: Run, plan: AssignmentPlan, assigned: Ints, days: Ints) -> Ints:
    """In the client's evening so many days later, and never at as-of itself."""
    offset = utc_offsets(run, keys_of(plan.client_ids))
    due = (assigned + offset + DAY * days) // DAY * DAY + DUE_HOUR - offset
    return due + MINUTE * (due == run.as_of)
