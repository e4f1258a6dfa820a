"""Ids for new rows: computed from table, subject and slot, moved on where a row has them already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connections
from django.db.models import Model
from numpy.typing import NDArray

from seeding.engine.columns import ids_from
from seeding.engine.grouping import find, in_order, rank_within
from seeding.engine.keys import (
    BASE,
    GAP,
    Bools,
    Ids,
    Ints,
    blocks,
    hexes_of,
    id_range,
    keys_of,
    locality_of,
    make_ids,
    uuids_of,
)

AT_ONCE = 50_000
"""So many ids at most are looked up by one query."""
_MANY = 2_000
"""From so many ids on, it is asked first whether any row lies between the lowest and the highest."""


def fresh_ids(using: str, model: type[Model], subjects: Ids, places: Ints, slots: NDArray[Any] | None = None) -> Ids:
    """One id a row that no row has yet, for the subjects at these places.

    The n-th row of a subject takes its n-th slot, unless other slots are given.
    """
    table = model._meta.db_table
    slots = rank_within(places) if slots is None else slots
    ids = np.empty(len(places), dtype="S16")
    for part in blocks(len(ids)):
        owners = subjects[places[part]]
        ids[part] = make_ids(table, GAP, keys_of(owners), locality_of(owners), slots[part])
    if not _has_any(using, model, id_range(GAP)):
        return ids
    attempts = np.zeros(len(ids), dtype=np.int64)
    taken = np.flatnonzero(existing(using, model, ids))
    while len(taken):
        attempts[taken] += 1
        owners = subjects[places[taken]]
        ids[taken] = make_ids(table, GAP, keys_of(owners), locality_of(owners), slots[taken], attempts[taken])
        taken = taken[existing(using, model, ids[taken])]
    return ids


def base_ids(table: str, subjects: Ids, slot: Ints | int = 0) -> Ids:
    """The ids of base rows, the same whenever they are computed."""
    return make_ids(table, BASE, keys_of(subjects), locality_of(subjects), slot)


def _has_any(using: str, model: type[Model], between: Sequence[UUID]) -> bool:
    first, last = between
    return model._default_manager.using(using).filter(pk__gte=first, pk__lte=last).exists()


def existing(using: str, model: type[Model], ids: Ids) -> Bools:
    """Which of these primary keys the table holds; a query for every 50,000 ids, or as many as one may name."""
    if not len(ids) or (len(ids) > _MANY and not _has_any(using, model, uuids_of(ids[in_order(ids)[[0, -1]]]))):
        return np.zeros(len(ids), dtype=np.bool_)
    found = [_existing(using, model, ids[start : start + AT_ONCE]) for start in range(0, len(ids), AT_ONCE)]
    return find(ids, np.sort(np.concatenate(found))) >= 0


def _existing(using: str, model: type[Model], ids: Ids) -> Ids:
    connection = connections[using]
    key = f'"{model._meta.pk.column}"'
    table = f'"{model._meta.db_table}"'
    if connection.vendor not in ("postgresql", "sqlite"):
        batch = connection.features.max_query_params or len(ids)
        rows = model._default_manager.using(using)
        uuids = uuids_of(ids)
        parts = (uuids[at : at + batch] for at in range(0, len(uuids), batch))
        return ids_from([pk for part in parts for pk in rows.filter(pk__in=part).values_list("pk", flat=True)])
    if connection.vendor == "postgresql":
        found = f"SELECT encode(string_agg(uuid_send({key}), ''), 'hex') FROM {table} WHERE {key} = ANY(%s::uuid[])"  # noqa: S608  (names of our own models)
        wanted = "{" + ",".join(hexes_of(ids)) + "}"
    else:
        found = f"SELECT group_concat({key}, '') FROM {table} WHERE {key} IN (SELECT value FROM json_each(%s))"  # noqa: S608  (names of our own models)
        wanted = '["' + '","'.join(hexes_of(ids)) + '"]'
    with connection.cursor() as cursor:
        cursor.execute(found, [wanted])
        (digits,) = cursor.fetchone()
    return np.frombuffer(bytes.fromhex(digits or ""), dtype="S16")
