"""What a database knows of its tables without looking: how many rows, which keys, where indexes alone can answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connections
from django.db.models import CharField, JSONField, Model, TextField

_TEXTS = (CharField, TextField, JSONField)
_SPARE_PAGES = 256
"""PostgreSQL makes a growing table longer by some pages more than it needs; these nobody has vetted."""
_ESTIMATED = "SELECT name, reltuples FROM unnest(%s::text[]) name JOIN pg_class ON oid = to_regclass(name)"
_VETTED = """
    SELECT name FROM unnest(%s::text[]) name JOIN pg_class ON oid = to_regclass(name)
    WHERE relpages > 0 AND relpages = pg_relation_size(oid) / current_setting('block_size')::int
        AND relpages - relallvisible < %s
"""


def rows_about(using: str, models: Iterable[type[Model]]) -> int:
    """How many rows these models' tables hold, by what the database knows without counting where it does."""
    tables, total = [f'"{model._meta.db_table}"' for model in models], 0
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute(_ESTIMATED, [tables])
            estimated = dict(cursor.fetchall())
            total = int(sum(rows for rows in estimated.values() if rows >= 0))
            tables = [table for table in tables if estimated[table] < 0]
        number = "COALESCE(MAX(rowid), 0)" if connections[using].vendor == "sqlite" else "COUNT(*)"
        counts = [f"(SELECT {number} FROM {table})" for table in tables]  # noqa: S608  (names of our own models)
        cursor.execute(f"SELECT {' + '.join(['0', *counts])}")
        return total + int(cursor.fetchone()[0])


def filled(using: str, tables: Iterable[str]) -> list[str]:
    """Those of the tables that hold anything at all."""
    each = [f"""SELECT '{table}' WHERE EXISTS (SELECT 1 FROM "{table}")""" for table in tables]  # noqa: S608  (names of our own models)
    with connections[using].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return [table for (table,) in cursor.fetchall()]


def has_rows(using: str, table: str) -> bool:
    """Whether a table holds anything at all."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608  (from models or the catalogue)
        return cursor.fetchone() is not None


def analyze(using: str, model: type[Model]) -> None:
    """Have PostgreSQL refresh the statistics of this model's table, by which it plans."""
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(f'ANALYZE "{model._meta.db_table}" ({_found_by(model)})')


def _found_by(model: type[Model]) -> str:
    """The columns that rows are counted and found by: all but texts, unless these are one of a few states."""
    fields = [field for field in model._meta.concrete_fields if field.choices or not isinstance(field, _TEXTS)]
    return ", ".join(f'"{field.column}"' for field in fields)


def unvetted(using: str, models: Sequence[type[Model]]) -> list[type[Model]]:
    """The models whose tables PostgreSQL is to vacuum: all but those that were since they grew, but for a few pages."""
    if connections[using].vendor != "postgresql":
        return []
    tables = [f'"{model._meta.db_table}"' for model in models]
    with connections[using].cursor() as cursor:
        cursor.execute(_VETTED, [tables, _SPARE_PAGES])
        vetted = {table for (table,) in cursor.fetchall()}
    return [model for model, table in zip(models, tables, strict=True) if table not in vetted]


def vacuum(using: str, model: type[Model]) -> None:
    """Have PostgreSQL note which pages hold nothing but what everybody sees, and refresh the statistics.

    From here on indexes answer alone. Autovacuum would see to it within minutes; where it is at this table already, it
    is left to it.
    """
    with connections[using].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        try:
            # To truncate a table it would wait for whoever reads it.
            cursor.execute(
                f'VACUUM (SKIP_LOCKED, TRUNCATE FALSE, ANALYZE) "{model._meta.db_table}" ({_found_by(model)})'
            )
        finally:
            cursor.execute("RESET statement_timeout")


def horizon(using: str) -> str:
    """PostgreSQL's next transaction: the rows committed by now are of transactions before it."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text")
        return str(cursor.fetchone()[0])


def past(using: str, horizons: list[str]) -> set[str]:
    """Which of these horizons everybody on PostgreSQL is past: nobody sees older rows any more, as far as we know."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT horizon FROM unnest(%s::text[]) horizon WHERE NOT EXISTS ("
            "SELECT FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND age(backend_xmin) > age(horizon::xid))",
            [horizons],
        )
        return {horizon for (horizon,) in cursor.fetchall()}
