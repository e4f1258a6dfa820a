"""Everything that Mentara's tables hold, as a file: JSON for Django's `loaddata`, or SQL for `psql` and `sqlite3`.

Both are written a block of rows at a time, parents before children, in one order: the same rows give the same
bytes. SQL is that of the database it comes from, for values are written as that database stores them.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, BinaryIO

from django.db import connections
from django.db.models import AutoField

from seeding.engine.errors import SeedingError, UsageError
from seeding.files import check_place, written_whole
from seeding.stored import fetch, json_lines, kind, snapshot, stored_models

ENDINGS = (".json", ".sql", ".json.gz", ".sql.gz")
_LEVEL = 6
"""Of compression, the gzip program's own default; the highest takes twice as long and saves a fiftieth."""
_BEGIN = {
    "postgresql": (
        "-- Load with psql -v ON_ERROR_STOP=1 -f FILE, into a migrated PostgreSQL database without rows.\n"
        "BEGIN;\n"
        "SET LOCAL client_encoding = 'UTF8';\n"
        "SET LOCAL standard_conforming_strings = on;\n"
        "SET CONSTRAINTS ALL DEFERRED;\n"
    ),
    "sqlite": (
        "-- Load with sqlite3 -bail DATABASE < FILE, into a migrated SQLite database without rows.\n"
        "PRAGMA foreign_keys = ON;\n"
        "BEGIN;\n"
        "PRAGMA defer_foreign_keys = ON;\n"
    ),
}
_OWN_TABLE = "-- The toolkit's own note of its runs; a database that Django has not migrated lacks this table.\n"
_BARE = ("bool", "int2", "int4", "int8", "decimal")


def check_dump(option: str, path: str | None) -> None:
    """Make sure that a dump can be written there. Raises UsageError for another ending, or no place for a file."""
    if path is not None and not path.endswith(ENDINGS):
        raise UsageError(f"{option} {path}: the ending tells the format; use one of {', '.join(ENDINGS)}.")
    check_place(option, path)


def dump(using: str, path: str) -> int:
    """Write every row of Mentara's tables and the toolkit's own into the file; returns how many there were.

    Raises SeedingError for a database whose rows cannot be written as SQL.
    """
    parts = _json if path.removesuffix(".gz").endswith(".json") else _sql
    rows = 0
    with ExitStack() as stack:
        stream: BinaryIO = stack.enter_context(written_whole(path))
        if path.endswith(".gz"):  # without a name and a time, so that the same rows give the same bytes
            stream = stack.enter_context(gzip.GzipFile("", "wb", _LEVEL, stream, mtime=0))  # type: ignore[assignment]  # a file of bytes like the one it wraps
        stack.enter_context(snapshot(using))
        for text, number in parts(using):
            stream.write(text.encode())
            rows += number
    return rows


def _json(using: str) -> Iterator[tuple[str, int]]:
    """The fixture in parts, and how many rows are in each."""
    before = "[\n"
    for model in stored_models():
        for block in json_lines(using, model):
            yield before + ",\n".join(block), len(block)
            before = ",\n"
    yield "[\n]\n" if before == "[\n" else "\n]\n", 0


def _sql(using: str) -> Iterator[tuple[str, int]]:
    """The script in parts, and how many rows are in each."""
    vendor = connections[using].vendor
    if vendor not in _BEGIN:
        raise SeedingError(f"No SQL is written for {vendor}; name a file that ends in .json.")
    yield _BEGIN[vendor], 0
    for model in stored_models():
        meta = model._meta
        fields = [field for field in meta.concrete_fields if not isinstance(field, AutoField)]
        names = ", ".join(f'"{field.column}"' for field in fields)
        row = " || ', ' || ".join(_literal(vendor, field) for field in fields)
        note = _OWN_TABLE if meta.app_label == "seeding" else ""
        for block in fetch(using, model, [f"'(' || {row} || ')'"]):
            values = ",\n".join(cells[0] for cells in block)
            yield f'{note}INSERT INTO "{meta.db_table}" ({names}) VALUES\n{values};\n', len(block)
    yield "COMMIT;\n", 0


def _literal(vendor: str, field: Any) -> str:
    """The SQL expression of the literal that stands for a column's value."""
    column, of = f'"{field.column}"', kind(field)
    if vendor == "sqlite":
        # A literal cannot hold a NUL, and the sqlite3 program drops a carriage return at the end of a line.
        return (
            f"CASE WHEN instr({column}, char(0)) OR instr({column}, char(13)) "
            f"THEN 'CAST(' || quote(CAST({column} AS BLOB)) || ' AS TEXT)' ELSE quote({column}) END"
            if of in ("text", "json")
            else f"quote({column})"
        )
    if of in _BARE:
        return f"COALESCE({column}::text, 'NULL')"
    text = {
        "time": f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00')",
        "date": f"to_char({column}, 'YYYY-MM-DD')",
        "text": f"replace({column}, '''', '''''')",
        "json": f"replace({column}::text, '''', '''''')",
    }.get(of, f"{column}::text")
    return f"COALESCE('''' || {text} || '''', 'NULL')"
