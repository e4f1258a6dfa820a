"""Rows into PostgreSQL: inserted by COPY in binary blocks, changed from arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address
from itertools import chain, repeat
from typing import Any

import numpy as np
from django.db import connections
from django.db.models import Model
from numpy.typing import NDArray

from seeding.engine import sending
from seeding.engine.clock import DAY, EPOCH_2000
from seeding.engine.grouping import distinct
from seeding.engine.values import Column, Some, is_constant, kind_of, python_values, take, take_column

_NULL = (-1).to_bytes(4, "big", signed=True)
_EPOCH_2000_DAYS = EPOCH_2000 // DAY
_PACKED = {"uuid": "V16", "time": ">i8", "date": ">i4", "bool": "?", "int2": ">i2", "int4": ">i4", "int8": ">i8"}


def insert(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column], count: int) -> None:
    """Insert so many rows of all fields."""
    ordered = sorted(fields, key=lambda one: kind_of(one) not in _PACKED and not is_constant(columns[one.attname]))
    names = ", ".join(f'"{field.column}"' for field in ordered)
    blocks = [encode(ordered, part, rows) for part, rows in _by_presence(columns, count)]
    sending.copy(using, model._meta.db_table, names, blocks)


def _by_presence(columns: dict[str, Column], count: int) -> Iterator[tuple[dict[str, Column], int]]:
    """The rows in groups that have and lack the same nullable columns, so that in each a column is whole or NULL."""
    nullable = [name for name, column in columns.items() if isinstance(column, Some)]
    if not nullable:
        yield columns, count
        return
    pattern = sum(columns[name].present.astype(np.int64) << bit for bit, name in enumerate(nullable))
    for present in distinct(pattern).tolist():
        rows = np.flatnonzero(pattern == present)
        part = take({name: column for name, column in columns.items() if name not in nullable}, rows)
        for bit, name in enumerate(nullable):
            part[name] = take_column(columns[name].values, rows) if present >> bit & 1 else None
        yield part, len(rows)


def encode(fields: list[Any], columns: dict[str, Column], count: int) -> bytes:
    """The rows in PostgreSQL's binary COPY format, without header and trailer; fields of fixed width come first."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    filled: dict[str, Any] = {"fields": len(fields)}
    loose: list[Iterable[bytes]] = []
    for field in fields:
        kind, column, name = kind_of(field), columns[field.attname], field.attname
        if is_constant(column):
            cell = _constant(kind, column)
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
            raw = _raw(kind, column)
            lengths = np.fromiter(map(len, raw), dtype=">i4", count=count)
            if loose:
                loose.append(lengths.view("V4").tolist())
            else:  # the first lengths come last of what has a fixed width
                layout.append((f"{name} length", ">i4"))
                filled[f"{name} length"] = lengths
            loose.append(raw)
    packed = np.empty(count, dtype=np.dtype(layout))
    for name, values in filled.items():
        packed[name] = values
    if not loose:
        return packed.tobytes()
    heads = packed.view(f"V{packed.dtype.itemsize}").tolist()
    return b"".join(chain.from_iterable(zip(heads, *loose, strict=True)))


def _constant(kind: str, value: Any) -> bytes:
    """The length of one value and the value itself."""
    if value is None:
        return _NULL
    raw = _packed_values(kind, np.array([value])).tobytes() if kind in _PACKED else _raw(kind, [value])[0]
    return len(raw).to_bytes(4, "big") + raw


def _packed_values(kind: str, column: Column) -> NDArray[Any]:
    if kind == "uuid":
        return np.ascontiguousarray(column).view("V16")
    shift = {"time": EPOCH_2000, "date": _EPOCH_2000_DAYS}.get(kind, 0)
    values = np.asarray(column)
    return (values - shift if shift else values).astype(_PACKED[kind])


def _raw(kind: str, values: Sequence[Any]) -> list[bytes]:
    """Values of a kind that has no fixed width."""
    if kind == "text":
        return list(map(str.encode, values))
    if kind == "json":
        return [b"\x01" + value.encode() for value in values]
    if kind == "decimal":
        return [_numeric(int(value)) for value in values]
    return [_inet(value) for value in values]


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


def update(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column]) -> None:
    """Set the fields of rows that exist; the last field is the key that they are found by."""
    connection = connections[using]
    values = [python_values(kind_of(field), columns[field.attname], 0) for field in fields]
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    names = ", ".join(f"c{at}" for at in range(len(fields)))
    change = ", ".join(f'"{field.column}" = c{at}' for at, field in enumerate(fields[:-1]))
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" SET {change} FROM unnest({arrays}) AS new({names}) '  # noqa: S608  (names of our own models)
            f'WHERE "{fields[-1].column}" = c{len(fields) - 1}',
            values,
        )
