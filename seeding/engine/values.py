"""Columns of rows that are to be written, and their values as Python has them.

A column is an array or list with one value a row, a plain value that all rows share, or `Some`
where only some rows have a value. Instants are microseconds, dates days since 1970, money whole
cents, JSON its text, ids raw bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import Model
from numpy.typing import NDArray

from seeding.engine.clock import moment
from seeding.engine.keys import Bools, slices, uuids_of

CHUNK = 10_000
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
    return {name: take_column(column, rows) for name, column in columns.items()}


def take_column(column: Column, rows: NDArray[Any] | slice) -> Column:
    """The same column for some of the rows only."""
    if isinstance(column, Some):
        return Some(take_column(column.values, rows), column.present[rows])
    if isinstance(column, np.ndarray):
        return column[rows]
    if not isinstance(column, list):
        return column
    if isinstance(rows, slice):
        return column[rows]
    return [column[at] for at in rows.tolist()]


def is_constant(column: Column) -> bool:
    """Whether the column is one value that all rows share."""
    return not isinstance(column, np.ndarray | list | Some)


def parts(count: int) -> Iterator[slice]:
    """So many rows in parts of one chunk each, so that no more than a part of them is ever whole in memory."""
    return slices(count, CHUNK)


def kind_of(field: Any) -> str:
    """How values of this field are encoded."""
    while field.is_relation:
        field = field.target_field
    return _KINDS[field.get_internal_type()]


def python_rows(model: type[Model], columns: Columns) -> list[dict[str, Any]]:
    """The rows as Python has them: values by attribute name."""
    fields = list(model._meta.concrete_fields)
    return list(rows_of(fields, columns, len(columns[model._meta.pk.attname])))


def rows_of(fields: list[Any], columns: Columns, count: int) -> Iterator[dict[str, Any]]:
    """So many rows, one by one: values by attribute name."""
    values = [python_values(kind_of(field), columns[field.attname], count) for field in fields]
    names = [field.attname for field in fields]
    return (dict(zip(names, row, strict=True)) for row in zip(*values, strict=True))


def python_values(kind: str, column: Column, count: int) -> list[Any]:
    """The values of a column of so many rows."""
    if is_constant(column):
        return (_python_list(kind, [column]) if column is not None else [None]) * count
    if isinstance(column, Some):
        there = iter(_python_list(kind, take_column(column.values, np.flatnonzero(column.present))))
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
