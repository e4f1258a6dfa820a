"""Bulk insert of columns, as `values.py` describes them, by the way of each database.

Every concrete field of the model must be given: nothing is filled in silently.
"""

from __future__ import annotations

from django.db import connections
from django.db.models import Model

from seeding.engine import django_writer, postgres_writer, sqlite_writer
from seeding.engine.values import Columns, parts, take

_INSERTS = {"postgresql": postgres_writer.insert, "sqlite": sqlite_writer.insert}
_UPDATES = {"postgresql": postgres_writer.update, "sqlite": sqlite_writer.update}


def bulk_insert(using: str, model: type[Model], columns: Columns) -> int:
    """Insert the rows in the current transaction and return how many there were.

    Raises KeyError for a missing or unknown column, and the database's own error for a row it refuses.
    """
    fields = list(model._meta.concrete_fields)
    odd = {field.attname for field in fields} ^ set(columns)
    if odd:
        raise KeyError(f"{model._meta.label}: columns missing or unknown: {', '.join(sorted(odd))}")
    total = len(columns[model._meta.pk.attname])
    insert = _INSERTS.get(connections[using].vendor, django_writer.insert)
    for part in parts(total):
        insert(using, model, fields, take(columns, part), part.stop - part.start)
    return total


def bulk_update(using: str, model: type[Model], columns: Columns) -> None:
    """Set columns of rows that exist, found by the primary key, which is given among the columns as an array.

    The only statement of this toolkit that changes a row of somebody's; only arrays are taken, so nothing is null.
    """
    keys = columns[model._meta.pk.attname]
    fields = [field for field in model._meta.concrete_fields if field.attname in columns and not field.primary_key]
    update = _UPDATES.get(connections[using].vendor, django_writer.update)
    for part in parts(len(keys)):
        update(using, model, [*fields, model._meta.pk], take(columns, part))
