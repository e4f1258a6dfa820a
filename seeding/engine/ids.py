"""Ids for new rows: computed from table, subject and slot, moved on where a row has them already."""

from __future__ import annotations

import json

import numpy as np
from django.db import connections
from django.db.models import Model
from numpy.typing import NDArray

from seeding.engine.columns import ids_from
from seeding.engine.grouping import rank_within
from seeding.engine.keys import BASE, GAP, Bools, Ids, Ints, id_range, keys_of, locality_of, make_ids, uuids_of

_CHUNK = 50_000


def fresh_ids(using: str, model: type[Model], subjects: Ids) -> Ids:
    """One id a row that no row has yet; the n-th row of a subject takes its n-th slot."""
    table = model._meta.db_table
    keys, locality = keys_of(subjects), locality_of(subjects)
    slots = rank_within(subjects)
    ids = make_ids(table, GAP, keys, locality, slots)
    if not _has_any(using, model, GAP):
        return ids
    attempts = np.zeros(len(ids), dtype=np.int64)
    taken = np.flatnonzero(existing(using, model, ids))
    while len(taken):
        attempts[taken] += 1
        ids[taken] = make_ids(table, GAP, keys[taken], locality[taken], slots[taken], attempts[taken])
        taken = taken[existing(using, model, ids[taken])]
    return ids


def base_ids(table: str, subjects: Ids, slot: Ints | int = 0) -> Ids:
    """The ids of base rows, the same whenever they are computed."""
    return make_ids(table, BASE, keys_of(subjects), locality_of(subjects), slot)


def _has_any(using: str, model: type[Model], origin: int) -> bool:
    return model._default_manager.using(using).filter(pk__range=id_range(origin)).exists()


def existing(using: str, model: type[Model], ids: Ids) -> Bools:
    """Which of these primary keys the table holds; a fixed number of queries for every 50,000 ids."""
    found: list[NDArray[np.bytes_]] = [np.empty(0, dtype="S16")]
    found += (_existing(using, model, ids[start : start + _CHUNK]) for start in range(0, len(ids), _CHUNK))
    return np.isin(ids, np.concatenate(found))


def _existing(using: str, model: type[Model], ids: Ids) -> Ids:
    connection = connections[using]
    key = f'"{model._meta.pk.column}"'
    table = f'"{model._meta.db_table}"'
    if connection.vendor not in ("postgresql", "sqlite"):
        batch = connection.features.max_query_params or len(ids) or 1
        rows = model._default_manager.using(using)
        uuids = uuids_of(ids)
        parts = (uuids[at : at + batch] for at in range(0, len(uuids), batch))
        return ids_from([pk for part in parts for pk in rows.filter(pk__in=part).values_list("pk", flat=True)])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT {key} FROM {table} WHERE {key} = ANY(%s)", [uuids_of(ids)])  # noqa: S608
        else:
            wanted = json.dumps([row.hex for row in uuids_of(ids)])
            cursor.execute(f"SELECT {key} FROM {table} WHERE {key} IN (SELECT value FROM json_each(%s))", [wanted])  # noqa: S608
        return ids_from([row[0] for row in cursor.fetchall()])
