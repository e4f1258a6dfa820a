"""Empties tables, and no others."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.management.color import no_style
from django.db import connections, transaction

from seeding.engine.errors import SeedingError
from seeding.engine.statistics import has_rows

_OUT_OF_SIGHT = """
    SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
    WHERE contype = 'f' AND confrelid = ANY(%s::regclass[]) AND NOT pg_table_is_visible(conrelid) ORDER BY 1
"""
"""Tables in another schema that refer to these: Django does not know of them."""
_NOT_TO_TRUNCATE = """
    SELECT relname FROM pg_class WHERE oid = ANY(%s::regclass[]) AND NOT has_table_privilege(oid, 'TRUNCATE') ORDER BY 1
"""
"""Of these tables those that the role may not empty, which is a right of its own, beside deleting rows."""


def empty(using: str, tables: Collection[str], along: Collection[str] = ()) -> None:
    """Delete every row of these tables, and of those `along` that refer to them, in one transaction.

    Raises SeedingError, with nothing deleted, where other tables that refer to them have rows, or the role may not.
    """
    connection = connections[using]
    with transaction.atomic(using=using):
        referring = _referring(connection, tables)
        elsewhere = _names(connection, _OUT_OF_SIGHT, {*tables, *referring})
        if elsewhere:
            raise SeedingError(
                f"Nothing was emptied: {', '.join(elsewhere)}, in another schema, refer to what would go; "
                "drop these foreign keys, or make the database anew."
            )
        kept = [table for table in sorted(referring.difference(along)) if has_rows(using, table)]
        if kept:
            raise SeedingError(
                f"Nothing was emptied: {', '.join(kept)} would lose rows as well, which refer to those that would go, "
                "and they are not this toolkit's to delete; empty them yourself first."
            )
        refused = _names(connection, _NOT_TO_TRUNCATE, {*tables, *referring})
        if refused:
            raise SeedingError(
                f"Nothing was emptied: the role may not TRUNCATE {', '.join(refused)}; grant it that right first."
            )
        statements = connection.ops.sql_flush(no_style(), sorted({*tables, *referring}))
        connection.ops.execute_sql_flush(statements)


def _names(connection: Any, statement: str, tables: Collection[str]) -> list[str]:
    """What a statement of PostgreSQL's finds for these tables; nothing on any other database."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, [[connection.ops.quote_name(table) for table in tables]])
        return [name for (name,) in cursor.fetchall()]


def _referring(connection: Any, tables: Collection[str]) -> set[str]:
    """The other tables that refer to these, or to those that do."""
    with connection.cursor() as cursor:
        relations = {
            table: {relation[1] for relation in connection.introspection.get_relations(cursor, table).values()}
            for table in connection.introspection.table_names(cursor)
        }
    found = set(tables)
    while more := {table for table, others in relations.items() if others & found} - found:
        found |= more
    return found - set(tables)
