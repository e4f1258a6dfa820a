"""Reading rows as columns: one query, one array a column, no model instances.

Kinds of column: UUID (raw 16 bytes, zeros for null), TIME (microseconds since 1970, MISSING for null),
INT, BOOL, TEXT ("" for null) and JSON (parsed values).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from numpy.typing import NDArray

from seeding.engine.clock import EPOCH, LONG_AGO, micros
from seeding.engine.keys import Ids, Ints

UUID, TIME, INT, BOOL, TEXT, JSON = "uuid", "time", "int", "bool", "text", "json"
MISSING = LONG_AGO
NULL_ID = b"\0" * 16
_EPOCH_2000 = 946_684_800_000_000
_PACKED = {UUID: ("S16", 16), TIME: (">i8", 8), INT: (">i8", 8), BOOL: ("?", 1)}


class Frame:
    """Columns of equal length, read as attributes."""

    def __init__(self, columns: dict[str, NDArray[Any]]) -> None:
        self.columns = columns

    def __getattr__(self, name: str) -> NDArray[Any]:
        try:
            return self.__dict__["columns"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def take(self, rows: NDArray[Any]) -> Frame:
        """The rows at these positions, or where this mask is true."""
        return Frame({name: column[rows] for name, column in self.columns.items()})


def read(rows: QuerySet[Any], **kinds: str) -> Frame:
    """Read the named paths of a queryset, sorted by the first of them if that is a UUID."""
    names = list(kinds)
    connection = connections[rows.db]
    compiler = rows.order_by().values_list(*names).query.get_compiler(rows.db)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return Frame({name: _column([], kind) for name, kind in kinds.items()})
    if connection.vendor == "postgresql" and all(kind in _PACKED for kind in kinds.values()):
        frame = _read_packed(connection, sql, params, kinds)
    else:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            table = cursor.fetchall()
        cells = list(zip(*table, strict=True)) or [()] * len(names)
        frame = Frame({name: _column(values, kinds[name]) for name, values in zip(names, cells, strict=True)})
    first = names[0]
    return frame.take(np.argsort(frame.columns[first], kind="stable")) if kinds[first] == UUID else frame


def _read_packed(connection: Any, sql: str, params: Any, kinds: dict[str, str]) -> Frame:
    """By COPY in binary form: fixed widths, so the bytes are the array."""
    from psycopg import ClientCursor

    names = list(kinds)
    casts = {UUID: "uuid", TIME: "timestamptz", INT: "bigint", BOOL: "boolean"}
    nulls = {
        UUID: "'00000000-0000-0000-0000-000000000000'",
        TIME: "'-infinity'",
        INT: "0",
        BOOL: "false",
    }
    columns = ", ".join(f"COALESCE(c{at}::{casts[kinds[name]]}, {nulls[kinds[name]]})" for at, name in enumerate(names))
    aliases = ", ".join(f"c{at}" for at in range(len(names)))
    with connection.cursor():
        raw = connection.connection
    with ClientCursor(raw) as cursor:
        bound = cursor.mogrify(sql, params)
        statement = f"COPY (SELECT {columns} FROM ({bound}) q({aliases})) TO STDOUT (FORMAT BINARY)"  # noqa: S608  (compiled by Django)
        with cursor.copy(statement) as copy:
            data = b"".join(copy)
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for at, name in enumerate(names):
        layout += [(f"length{at}", ">i4"), (f"value{at}", _PACKED[kinds[name]][0])]
    packed = np.frombuffer(data, dtype=np.dtype(layout), offset=19, count=(len(data) - 21) // np.dtype(layout).itemsize)
    frame = {}
    for at, name in enumerate(names):
        values = packed[f"value{at}"]
        if kinds[name] == TIME:
            instants = values.astype(np.int64)
            frame[name] = np.where(instants == np.iinfo(np.int64).min, MISSING, instants + _EPOCH_2000)
        else:
            frame[name] = values.astype({UUID: "S16", INT: "i8", BOOL: "?"}[kinds[name]])
    return Frame(frame)


def _column(values: Any, kind: str) -> NDArray[Any]:
    if kind == UUID:
        return ids_from(values)
    if kind == TIME:
        return np.array([_instant(value) for value in values], dtype=np.int64)
    if kind == JSON:
        column = np.empty(len(values), dtype=object)
        column[:] = [json.loads(value) if isinstance(value, str) else value for value in values]
        return column
    if kind == TEXT:
        column = np.empty(len(values), dtype=object)
        column[:] = ["" if value is None else str(value) for value in values]
        return column
    dtype = np.int64 if kind == INT else np.bool_
    return np.array([value or 0 for value in values], dtype=dtype)


def _instant(value: Any) -> int:
    if value is None:
        return MISSING
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return micros(value if value.tzinfo else value.replace(tzinfo=EPOCH.tzinfo))


def ids_from(values: Any) -> Ids:
    """Ids as a database driver returns them (UUID objects, hexadecimal text, null) as raw bytes."""

    def raw() -> Iterator[bytes]:
        for value in values:
            if value is None:
                yield NULL_ID
            elif isinstance(value, uuid.UUID):
                yield value.bytes
            else:
                yield bytes.fromhex(value.replace("-", ""))

    return np.frombuffer(b"".join(raw()), dtype="S16")


def counts_by(index: Ints, size: int) -> Ints:
    """How often each position occurs; -1 is left out."""
    return np.bincount(index[index >= 0], minlength=size).astype(np.int64)
