"""Bulk insert of columns: COPY in binary blocks on PostgreSQL, executemany on SQLite, bulk_create elsewhere.

A column is an array or list with one value a row, a plain value that all rows share, or `Some`
where only some rows have a value. Instants are microseconds, dates days since 1970, money whole
cents, JSON its text, ids raw bytes. Every concrete field of the model must be given: nothing is filled in silently.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from ipaddress import ip_address
from itertools import chain, repeat
from typing import Any

import numpy as np
from django.db import connections
from django.db.models import Model
from numpy.typing import NDArray

from seeding.engine import sending
from seeding.engine.clock import DAY, EPOCH_2000, moment
from seeding.engine.keys import Bools, hexes_of, uuids_of

CHUNK = 10_000
_NULL = (-1).to_bytes(4, "big", signed=True)
_EPOCH_2000_DAYS = EPOCH_2000 // DAY
_PACKED = {"uuid": "V16", "time": ">i8", "date": ">i4", "bool": "?", "int2": ">i2", "int4": ">i4", "int8": ">i8"}
_KINDS = {
    "UUIDField": "uuid",
    "DateTimeField": "time",
    "DateField": "date",
    "BooleanField": "bool",
    "SmallIntegerField": "int2",
    "PositiveSmallIntegerField": "int2",
    "IntegerField": "int4",
    "PositiveIntegerField": "int4",
    "BigIntegerField": "int8",
    "CharField": "text",
    "TextField": "text",
    "EmailField": "text",
    "URLField": "text",
    "SlugField": "text",
    "JSONField": "json",
    "DecimalField": "decimal",
    "GenericIPAddressField": "inet",
}


@dataclass(frozen=True)
class Some:
    """A nullable column: the values, and which of them are there."""

    values: Any
    present: Bools


Column = Any
Columns = Mapping[str, Column]


def take(columns: Columns, rows: NDArray[Any] | slice) -> dict[str, Column]:
    """The same columns for some of the rows only."""
    return {name: _take(column, rows) for name, column in columns.items()}


def _take(column: Column, rows: NDArray[Any] | slice) -> Column:
    if isinstance(column, Some):
        return Some(_take(column.values, rows), column.present[rows])
    if isinstance(column, np.ndarray):
        return column[rows]
    if not isinstance(column, list):
        return column
    if isinstance(rows, slice):
        return column[rows]
    places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
    return [column[at] for at in places]


def parts(count: int) -> Iterator[slice]:
    """So many rows in parts of one chunk each, so that no more than a part of them is ever whole in memory."""
    return (slice(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK))


def bulk_insert(using: str, model: type[Model], columns: Columns) -> int:
    """Insert the rows in the current transaction and return how many there were.

    Raises KeyError for a missing or unknown column, and the database's own error for a row it refuses.
    """
    fields = list(model._meta.concrete_fields)
    odd = {field.attname for field in fields} ^ set(columns)
    if odd:
        raise KeyError(f"{model._meta.label}: columns missing or unknown: {', '.join(sorted(odd))}")
    total = len(columns[model._meta.pk.attname])
    insert = {"postgresql": _copy, "sqlite": _executemany}.get(connections[using].vendor, _bulk_create)
    for part in parts(total):
        insert(using, model, fields, take(columns, part), part.stop - part.start)
    return total


def bulk_update(using: str, model: type[Model], columns: Columns) -> None:
    """Set columns of rows that exist, found by the primary key, which is given among the columns as an array.

    The only statement of this toolkit that changes a row of somebody's; only arrays are taken, so nothing is null.
    """
    keys = columns[model._meta.pk.attname]
    fields = [field for field in model._meta.concrete_fields if field.attname in columns and not field.primary_key]
    update = {"postgresql": _update_from, "sqlite": _update_many}.get(connections[using].vendor, _bulk_update)
    for part in parts(len(keys)):
        update(using, model, [*fields, model._meta.pk], take(columns, part))


def kind_of(field: Any) -> str:
    """How values of this field are encoded."""
    target = field.target_field if field.is_relation else field
    while target.is_relation:
        target = target.target_field
    return _KINDS[target.get_internal_type()]


# PostgreSQL


def _copy(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column], count: int) -> None:
    ordered = sorted(fields, key=lambda field: kind_of(field) not in _PACKED)
    names = ", ".join(f'"{field.column}"' for field in ordered)
    blocks = [encode(ordered, part, rows) for part, rows in _by_presence(columns, count)]
    sending.copy(
        using,
        model._meta.db_table,
        names,
        [b"PGCOPY\n\xff\r\n\0" + bytes(8), *blocks, b"\xff\xff"],
    )


def _by_presence(columns: dict[str, Column], count: int) -> Iterator[tuple[dict[str, Column], int]]:
    """The rows in groups that have and lack the same nullable columns, so that in each a column is whole or NULL."""
    for name, column in columns.items():
        if isinstance(column, list) and None in column:
            columns[name] = Some(column, np.array([value is not None for value in column]))
    nullable = [name for name, column in columns.items() if isinstance(column, Some)]
    if not nullable:
        yield columns, count
        return
    pattern = sum(columns[name].present.astype(np.int64) << bit for bit, name in enumerate(nullable))
    for present in np.unique(pattern).tolist():
        rows = np.flatnonzero(pattern == present)
        part = take({name: column for name, column in columns.items() if name not in nullable}, rows)
        for bit, name in enumerate(nullable):
            part[name] = _take(columns[name].values, rows) if present >> bit & 1 else None
        yield part, len(rows)


def _is_constant(column: Column) -> bool:
    return not isinstance(column, np.ndarray | list | Some)


def encode(fields: list[Any], columns: dict[str, Column], count: int) -> bytes:
    """The rows in PostgreSQL's binary COPY format, without header and trailer; fields of fixed width come first."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    filled: dict[str, Any] = {"fields": len(fields)}
    loose: list[Iterable[bytes]] = []
    for field in fields:
        kind, column, name = kind_of(field), columns[field.attname], field.attname
        if _is_constant(column):
            cell = b"".join(chain(*_cells(kind, [column])))
            if loose:
                loose.append(repeat(cell, count))
            else:
                layout.append((name, f"V{len(cell)}"))
                filled[name] = np.void(cell)
        elif kind in _PACKED:
            values = _packed_values(kind, column)
            layout += [(f"{name} length", ">i4"), (name, _PACKED[kind])]
            filled[f"{name} length"] = values.dtype.itemsize
            filled[name] = values
        else:
            loose += _cells(kind, column)
    packed = np.empty(count, dtype=np.dtype(layout))
    for name, values in filled.items():
        packed[name] = values
    if not loose:
        return packed.tobytes()
    heads = packed.view(f"V{packed.dtype.itemsize}").tolist()
    return b"".join(chain.from_iterable(zip(heads, *loose, strict=True)))


def _packed_values(kind: str, column: Column) -> NDArray[Any]:
    if kind == "uuid":
        return np.ascontiguousarray(column).view("V16")
    shift = {"time": EPOCH_2000, "date": _EPOCH_2000_DAYS}.get(kind, 0)
    values = np.asarray(column)
    return (values - shift if shift else values).astype(_PACKED[kind])


def _cells(kind: str, values: Sequence[Any]) -> tuple[Iterable[bytes], ...]:
    """The values' lengths and the values themselves, as two columns of bytes."""
    if len(values) == 1 and values[0] is None:
        return ([_NULL], [b""])
    raw: list[bytes]
    if kind == "text":
        raw = list(map(str.encode, values))
    elif kind == "json":
        raw = [b"\x01" + value.encode() for value in values]
    elif kind == "decimal":
        raw = [_numeric(int(value)) for value in values]
    elif kind == "inet":
        raw = [_inet(value) for value in values]
    else:
        raw = _packed_values(kind, np.array(values)).view(f"V{np.dtype(_PACKED[kind]).itemsize}").tolist()
    lengths = np.fromiter(map(len, raw), dtype=">i4", count=len(raw))
    return lengths.view("V4").tolist(), raw


def _update_from(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column]) -> None:
    connection = connections[using]
    values = [_python_values(kind_of(field), columns[field.attname], 0) for field in fields]
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    names = ", ".join(f"c{at}" for at in range(len(fields)))
    change = ", ".join(f'"{field.column}" = c{at}' for at, field in enumerate(fields[:-1]))
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" SET {change} FROM unnest({arrays}) AS new({names}) '  # noqa: S608  (names of our own models)
            f'WHERE "{fields[-1].column}" = c{len(fields) - 1}',
            values,
        )


def _inet(address: str) -> bytes:
    """PostgreSQL's binary form of one address: its family, bits, and that it is no network."""
    ip = ip_address(address)
    return bytes([2 if ip.version == 4 else 3, ip.max_prefixlen, 0, len(ip.packed)]) + ip.packed


def _numeric(cents: int) -> bytes:
    """PostgreSQL's binary numeric, two decimals, from a count of cents not below zero."""
    whole, rest = divmod(cents, 100)
    digits = [rest * 100]
    while whole:
        whole, digit = divmod(whole, 10_000)
        digits.insert(0, digit)
    head = np.array([len(digits), len(digits) - 2, 0, 2], dtype=">i2")
    return head.tobytes() + np.array(digits, dtype=">i2").tobytes()


# SQLite


def _executemany(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column], count: int) -> None:
    connection = connections[using]
    connection.ensure_connection()
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join("?" * len(fields))
    values = (_sqlite_values(kind_of(field), columns[field.attname], count) for field in fields)
    statement = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})'  # noqa: S608  (names of our own models)
    with connection.wrap_database_errors:
        connection.connection.executemany(statement, zip(*values, strict=True))


def _update_many(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column]) -> None:
    connection = connections[using]
    connection.ensure_connection()
    values = [_sqlite_list(kind_of(field), columns[field.attname]) for field in fields]
    change = ", ".join(f'"{field.column}" = ?' for field in fields[:-1])
    statement = f'UPDATE "{model._meta.db_table}" SET {change} WHERE "{fields[-1].column}" = ?'  # noqa: S608  (names of our own models)
    with connection.wrap_database_errors:
        connection.connection.executemany(statement, zip(*values, strict=True))


def _sqlite_values(kind: str, column: Column, count: int) -> Iterable[Any]:
    if _is_constant(column):
        return repeat(None if column is None else _sqlite_list(kind, [column])[0], count)
    if isinstance(column, Some):
        cells = _sqlite_list(kind, column.values)
        return [cell if there else None for cell, there in zip(cells, column.present.tolist(), strict=True)]
    return _sqlite_list(kind, column)


def _sqlite_list(kind: str, column: Column) -> list[Any]:
    if kind == "uuid":
        return hexes_of(column)
    if kind == "time":
        texts = np.datetime_as_string(np.asarray(column, dtype="datetime64[us]")).tolist()
        return [text.replace("T", " ").removesuffix(".000000") for text in texts]
    if kind == "date":
        return np.datetime_as_string(np.asarray(column, dtype="datetime64[D]")).tolist()
    if kind == "decimal":
        return [f"{value // 100}.{value % 100:02d}" for value in map(int, column)]
    return column.tolist() if isinstance(column, np.ndarray) else list(column)


# Any other backend


def _bulk_create(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column], count: int) -> None:
    rows = (model(**row) for row in _python_rows(fields, columns, count))
    model._default_manager.using(using).bulk_create(rows, batch_size=1000)


def python_rows(model: type[Model], columns: Columns) -> list[dict[str, Any]]:
    """The rows as Python has them: values by attribute name."""
    fields = list(model._meta.concrete_fields)
    return list(_python_rows(fields, columns, len(columns[model._meta.pk.attname])))


def _python_rows(fields: list[Any], columns: Columns, count: int) -> Iterator[dict[str, Any]]:
    values = [_python_values(kind_of(field), columns[field.attname], count) for field in fields]
    names = [field.attname for field in fields]
    return (dict(zip(names, row, strict=True)) for row in zip(*values, strict=True))


def _bulk_update(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column]) -> None:
    values = [_python_values(kind_of(field), columns[field.attname], 0) for field in fields]
    names = [field.attname for field in fields]
    rows = [model(**dict(zip(names, row, strict=True))) for row in zip(*values, strict=True)]
    model._default_manager.using(using).bulk_update(rows, names[:-1], batch_size=1000)


def _python_values(kind: str, column: Column, count: int) -> list[Any]:
    if _is_constant(column):
        return (_python_list(kind, [column]) if column is not None else [None]) * count
    if isinstance(column, Some):
        there = iter(_python_list(kind, _take(column.values, np.flatnonzero(column.present))))
        return [next(there) if present else None for present in column.present.tolist()]
    return _python_list(kind, column)


def _python_list(kind: str, column: Column) -> list[Any]:
    if kind == "uuid":
        return uuids_of(np.asarray(column, dtype="S16"))
    if kind == "time":
        return [moment(value) for value in column]
    if kind == "date":
        return [date.fromordinal(date(1970, 1, 1).toordinal() + int(value)) for value in column]
    if kind == "decimal":
        return [Decimal(int(value)).scaleb(-2) for value in column]
    if kind == "json":
        return [json.loads(value) for value in column]
    return column.tolist() if isinstance(column, np.ndarray) else list(column)
