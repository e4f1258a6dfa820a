"""An audit log: an administrator does something, and it is noted with the row it was done to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from seeding.corpus import load
from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, MINUTE, SECOND, on_hour, window
from seeding.engine.keys import Bools, Ids, Ints, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Columns, Some
from seeding.texts.composing import by_group, pick
from seeding.world.decisions import DECISIONS, SUSPENSION
from seeding.world.people import ROLES, People

DELAYS = (5 * MINUTE, HOUR, 8 * HOUR, 2 * DAY, 9 * DAY)
"""Quartiles of the time until an administrator acts on something."""
NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
"""The addresses that RFC 5737 sets apart for documentation."""
METADATA: dict[str, dict[str, str]] = {
    "USER_LOGIN": {"method": "password"},
    "MODERATE_POST": {"queue": "reports"},
    "MODERATE_COMMENT": {"queue": "reports"},
    "REVIEW_MODERATE": {"queue": "reviews"},
    "DATA_EXPORT": {"format": "json"},
    "APPROVE_THERAPIST_APPLICATION": {"status": "APPROVED"},
    "REJECT_THERAPIST_APPLICATION": {"status": "REJECTED"},
}
AT_ANY_TIME = ("USER_LOGIN", "DATA_EXPORT", SUSPENSION, "ADMIN_SYSTEM_CONFIG")
"""What is done at any time after the row was there, rather than soon."""
AT_ONCE = ("USER_REGISTER", *DECISIONS)
"""What the row itself tells the time of: it is noted within two seconds."""
JUST_NOW = MINUTE
"""Who is suspended was so within this time, before which everything else ends: nobody posts or signs in after it."""


@dataclass(frozen=True)
class Deeds:
    """What is done: by whom, which action, to which row of which table, not before which instant."""

    actor: Ints
    action: list[str]
    entity: list[str]
    ids: Ids
    since: Ints


def audit_log_rows(run: Run, ids: Ids, everybody: People, deeds: Deeds) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the actor's account."""
    draws, keys, actors = run.draws, keys_of(ids), everybody.keys[deeds.actor]
    suspends = np.array([action == SUSPENSION for action in deeds.action], dtype=np.bool_)
    since = np.where(suspends, np.maximum(deeds.since, run.as_of - JUST_NOW), deeds.since)
    frame = window(run.as_of, orders=since, ages=everybody.created[deeds.actor], room=JOIN_ROOM, until=run.as_of)
    anytime = np.array([action in AT_ANY_TIME for action in deeds.action], dtype=np.bool_)
    at_once = np.array([action in AT_ONCE for action in deeds.action], dtype=np.bool_)
    delay = np.where(at_once, draws.unit("acted", keys) * 2 * SECOND, draws.along("acted", keys, DELAYS))
    soon = frame.after(delay)
    sometime = on_hour(
        frame,
        frame.at(0.02 + 0.96 * draws.unit("acted", keys)),
        8.0 + 10.0 * draws.unit("hour", keys),
        everybody.utc_offset[deeds.actor],
    )
    created = np.where(anytime, sometime, soon)
    actions = sorted(set(deeds.action))
    told = [load("audits")[action]["description"] for action in actions]
    group = np.array([actions.index(action) for action in deeds.action], dtype=np.int64)
    metadata: list[Any] = [METADATA.get(action) for action in deeds.action]
    network, host = draws.below("network", actors, len(NETWORKS)), 1 + draws.below("host", actors, 254)
    columns = {
        "id": ids,
        "user_id": everybody.ids[deeds.actor],
        "user_role": [ROLES[code] for code in everybody.role[deeds.actor].tolist()],
        "action": deeds.action,
        "entity": deeds.entity,
        "entity_id": deeds.ids,
        "description": by_group(group, lambda at, rows: pick(draws, "audit", keys[rows], told[at])),
        "metadata": Some(
            [json.dumps(cell or {}) for cell in metadata],
            np.array([cell is not None for cell in metadata], dtype=np.bool_),
        ),
        "ip_address": [
            f"{NETWORKS[net]}.{number}" for net, number in zip(network.tolist(), host.tolist(), strict=True)
        ],
        "created_at": created,
    }
    return columns, frame.dated_back(created)
