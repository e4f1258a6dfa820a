"""What a database knows of its tables without looking: how many rows, which keys, where indexes alone can answer."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connections
from django.db.models import Model


def rows_about(using: str, models: Iterable[type[Model]]) -> int:
    """How many rows these models' tables hold, by what the database knows without counting where it does."""
    total = 0
    with connections[using].cursor() as cursor:
        for model in models:
            table = model._meta.db_table
            if connections[using].vendor == "sqlite":
                cursor.execute(f'SELECT COALESCE(MAX(rowid), 0) FROM "{table}"')  # noqa: S608  (names of our own models)
            else:
                cursor.execute("SELECT reltuples FROM pg_class WHERE oid = to_regclass(%s)", [f'"{table}"'])
            known = int(cursor.fetchone()[0])
            total += known if known >= 0 else model._default_manager.using(using).count()
    return total


def analyze(using: str, model: type[Model]) -> None:
    """Have PostgreSQL refresh the statistics of the keys of this model's table, by which it plans."""
    if connections[using].vendor == "postgresql":
        fields = [field for field in model._meta.concrete_fields if field.primary_key or field.is_relation]
        keys = ", ".join(f'"{field.column}"' for field in fields)
        with connections[using].cursor() as cursor:
            cursor.execute(f'ANALYZE "{model._meta.db_table}" ({keys})')


def vacuum(using: str, table: str) -> None:
    """Have PostgreSQL note which pages hold nothing but what everybody sees, so that from here on indexes answer alone.

    Autovacuum would within minutes; where it is at this table already, it is left to it.
    """
    if connections[using].vendor != "postgresql":
        return
    with connections[using].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        try:
            cursor.execute(f'VACUUM (SKIP_LOCKED) "{table}"')
        finally:
            cursor.execute("RESET statement_timeout")
