"""One row at a time: what the row functions need, gathered from a few instances instead of from the whole world.

The factories' functions take what a factory knows so far of the row (`of`, read by attribute) and the row's key or
keys, and return the columns that the bulk path would write for it. Numbers below FREE belong to base rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from django.db.models import Model
from numpy.typing import NDArray

from mentara.models import User
from seeding.engine.clock import micros, past
from seeding.engine.columns import Frame
from seeding.engine.keys import Ids, ids_of
from seeding.engine.run import Run
from seeding.world.mentara import NOBODY
from seeding.world.people import ROLES, People

FREE = 1_000_000
"""Ordinals and slots from here on are the factories' own, beyond those that any mode or test of scale seeds."""


def is_saved(row: Model) -> bool:
    """Whether the row is in the database, so that its relations can be looked up there."""
    return not row._state.adding  # noqa: SLF001 - documented for this purpose


def key(*rows: Model) -> Ids:
    """The ids of the rows."""
    return ids_of(row.pk for row in rows)


def each(value: int | Ids, ids: Ids) -> NDArray[Any]:
    """The one value for each of the ids: a number, a truth value, or an id."""
    return np.repeat(value, len(ids))


def code(value: str, among: Iterable[str]) -> int:
    """The place of a value among those allowed; a test may give one that is not, and gets a row like the first."""
    return {name: number for number, name in enumerate(among)}.get(value, 0)


def people_of(run: Run, *users: User) -> People:
    """These users as people."""
    known = list({user.pk: user for user in users}.values())
    frame = Frame(
        {
            "pk": key(*known),
            "role_code": np.array([ROLES.index(user.role) if user.role in ROLES else NOBODY for user in known]),
            "created_at": np.array([micros(user.created_at) for user in known], dtype=np.int64),
            "is_active": np.array([user.is_active for user in known], dtype=np.bool_),
            "approved": np.array([_stands(user, "APPROVED") for user in known], dtype=np.bool_),
        }
    )
    return People(run, frame.take(np.argsort(frame.pk)))


def _stands(user: User, status: str) -> bool:
    return user.role == "therapist" and getattr(getattr(user, "therapist_profile", None), "status", "") == status


def table_of(row: Model) -> str:
    """The table of a row."""
    return row._meta.db_table


def begun(run: Run, row: Any) -> int:
    """When a row came to be; an application that was decided on, when that was."""
    created = micros(row.created_at if hasattr(row, "created_at") else row.assigned_at)
    decided = getattr(row, "processed_at", None)
    return created if decided is None else int(past(run.as_of, np.array(micros(decided)), np.array(created)))
