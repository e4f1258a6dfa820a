"""Values that no column of their kind can hold: SQLite keeps whatever somebody's own statement puts into a column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections
from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    IntegerField,
    JSONField,
    Model,
    UUIDField,
)

_READABLE: dict[type[Field[Any, Any]], str] = {
    UUIDField: "length({0}) = 32 AND {0} NOT GLOB '*[^0-9a-f]*'",
    DateTimeField: "typeof({0}) = 'text' AND datetime({0}) IS NOT NULL",
    DateField: "typeof({0}) = 'text' AND date({0}) IS NOT NULL",
    BooleanField: "{0} IN (0, 1)",
    IntegerField: "typeof({0}) = 'integer'",
    DecimalField: "typeof({0}) IN ('integer', 'real')",
    JSONField: "json_valid({0})",
}
"""What is so of a value that can be read, by the kind of column; all others are texts."""


def odd_value(using: str, models: Iterable[type[Model]]) -> str | None:
    """The first value in a SQLite database that its column cannot hold, and where; None for none, or elsewhere."""
    if connections[using].vendor != "sqlite":
        return None
    for model in models:
        table = model._meta.db_table
        for field in model._meta.local_concrete_fields:
            holds: Any = field
            while holds.is_relation:
                holds = holds.target_field
            readable = next(
                (said for kind, said in _READABLE.items() if isinstance(holds, kind)), "typeof({0}) = 'text'"
            )
            column = f'"{field.column}"'
            fine = f"({readable.format(column)}) IS TRUE" + f" OR {column} IS NULL" * field.null
            with connections[using].cursor() as cursor:
                cursor.execute(f'SELECT substr(quote({column}), 1, 60) FROM "{table}" WHERE NOT ({fine}) LIMIT 1')  # noqa: S608  (names of our own models)
                for (value,) in cursor.fetchall():
                    return f"{table}.{field.column} holds {value}"
    return None
