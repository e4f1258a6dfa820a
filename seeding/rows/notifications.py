"""A notification: soon after something happened that concerns a user, who reads it sooner or later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.corpus import load
from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, MINUTE, SECOND, window
from seeding.engine.keys import Bools, Ids, Ints, Keys, keys_of, names_of
from seeding.engine.run import Run
from seeding.engine.values import Columns, Some
from seeding.texts.composing import by_group, pick
from seeding.world.people import People

TYPES = tuple(load("notifications"))
ENTITIES = (
    "Meeting", "Message", "WorksheetAssignment", "ClientTherapist", "Review", "Therapist", "Comment", "Post",
    "Community", "User",
)  # fmt: skip
"""The tables whose rows notifications are about."""
DELAYS = (SECOND, 3 * SECOND, 20 * SECOND, 2 * MINUTE, 10 * MINUTE)
"""Quartiles of the time until somebody is told; chosen: most are sent at once."""
READING = (MINUTE, 10 * MINUTE, HOUR, 5 * HOUR, DAY, 6 * DAY)
"""Quintiles of the time until a notification is opened."""
READ_SHARE, OLD_READ_SHARE, OLD = 0.6, 0.95, 21 * DAY
"""How many are read; of those that are old nearly all."""


@dataclass(frozen=True)
class News:
    """What users may be told: who, which type, about which row of which table, not before which instant."""

    user: Ints
    type: NDArray[Any]
    entity: NDArray[Any]
    ids: Ids
    since: Ints

    def take(self, rows: Any) -> News:
        """Some of the news."""
        return News(self.user[rows], self.type[rows], self.entity[rows], self.ids[rows], self.since[rows])


def notification_rows(
    run: Run, ids: Ids, everybody: People, news: News, opened: Bools | None = None
) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the user's account; `opened` says which were, else that is drawn."""
    draws, keys = run.draws, keys_of(ids)
    account = everybody.created[news.user]
    frame = window(run.as_of, orders=news.since, ages=account, room=JOIN_ROOM, until=run.as_of)
    created = frame.after(draws.along("told", keys, DELAYS))
    likely = np.where(created < run.as_of - OLD, OLD_READ_SHARE, READ_SHARE)
    read = (draws.chance("opened", keys, likely) if opened is None else opened) & (created < run.as_of - MINUTE)
    reading = window(run.as_of, orders=created, until=run.as_of).after(draws.along("opening", keys, READING))
    names = names_of(news.ids)
    entities, types = news.entity.tolist(), news.type.tolist()
    kinds = [load("notifications")[name] for name in TYPES]
    columns = {
        "id": ids,
        "user_id": everybody.ids[news.user],
        "type": [TYPES[at] for at in types],
        "priority": [kinds[at]["priority"] for at in types],
        "title": by_group(news.type, _pick(run, "title", keys, kinds)),
        "message": by_group(news.type, _pick(run, "message", keys, kinds)),
        "data": [
            f'{{"entity": "{ENTITIES[entity]}", "entityId": "{name}"}}'
            for entity, name in zip(entities, names, strict=True)
        ],
        "action_url": [kinds[at]["path"].replace("{id}", name) for at, name in zip(types, names, strict=True)],
        "is_read": read,
        "read_at": Some(reading, read),
        "created_at": created,
        "updated_at": np.where(read, reading, created),
    }
    return columns, frame.dated_back(created)


def _pick(run: Run, part: str, keys: Keys, kinds: list[Any]) -> Callable[[int, Ints], list[str]]:
    return lambda group, rows: pick(run.draws, f"notification {part}", keys[rows], kinds[group][part])
