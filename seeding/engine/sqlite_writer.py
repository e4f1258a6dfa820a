"""Rows into SQLite, by its own executemany."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import Any

import numpy as np
from django.db import connections
from django.db.models import Model

from seeding.engine.keys import hexes_of
from seeding.engine.values import Column, Some, is_constant, kind_of


def insert(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column], count: int) -> None:
    """Insert so many rows of all fields."""
    connection = connections[using]
    connection.ensure_connection()
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join("?" * len(fields))
    values = (_sqlite_values(kind_of(field), columns[field.attname], count) for field in fields)
    statement = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})'  # noqa: S608  (names of our own models)
    with connection.wrap_database_errors:
        connection.connection.executemany(statement, zip(*values, strict=True))


def update(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column]) -> None:
    """Set the fields of rows that exist; the last field is the key that they are found by."""
    connection = connections[using]
    connection.ensure_connection()
    values = [_sqlite_list(kind_of(field), columns[field.attname]) for field in fields]
    change = ", ".join(f'"{field.column}" = ?' for field in fields[:-1])
    statement = f'UPDATE "{model._meta.db_table}" SET {change} WHERE "{fields[-1].column}" = ?'  # noqa: S608  (names of our own models)
    with connection.wrap_database_errors:
        connection.connection.executemany(statement, zip(*values, strict=True))


def _sqlite_values(kind: str, column: Column, count: int) -> Iterable[Any]:
    if is_constant(column):
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
