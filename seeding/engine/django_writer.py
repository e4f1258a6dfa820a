"""Rows into any other database, as instances by what Django has for many of them."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from seeding.engine.values import Column, rows_of


def insert(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column], count: int) -> None:
    """Insert so many rows of all fields."""
    rows = (model(**row) for row in rows_of(fields, columns, count))
    model._default_manager.using(using).bulk_create(rows, batch_size=1000)


def update(using: str, model: type[Model], fields: list[Any], columns: dict[str, Column]) -> None:
    """Set the fields of rows that exist; the last field is the key that they are found by."""
    rows = [model(**row) for row in rows_of(fields, columns, len(columns[fields[-1].attname]))]
    model._default_manager.using(using).bulk_update(rows, [field.attname for field in fields[:-1]], batch_size=1000)
