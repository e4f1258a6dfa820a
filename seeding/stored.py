"""Stored rows as text that is the same on SQLite and PostgreSQL: what fixtures and content digests are made of.

A row is one line of JSON, as Django's own fixtures have it: fields under their attribute names, instants in UTC to the
microsecond, money with its decimals, the keys of JSON values sorted. Rows come in the order of their primary
keys, a block at a time, so memory does not grow with the database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from hashlib import blake2b
from json.encoder import encode_basestring
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import AutoField, Model

from seeding.engine.writer import kind_of

BLOCK = 1000
_QUOTED = ("uuid", "time", "date", "decimal", "inet")
_CONVERTED: dict[str, Callable[[str], str]] = {
    "text": encode_basestring,
    "json": lambda text: json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False),
}
_UUID_GROUPS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
_AS_TEXT = {
    "postgresql": {
        "time": """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
        "date": "to_char({}, 'YYYY-MM-DD')",
        "inet": "host({})",
        "text": "{}",
    },
    "sqlite": {
        "uuid": "||'-'||".join(f"substr({{0}},{start},{length})" for start, length in _UUID_GROUPS),
        "time": "substr({0},1,10)||'T'||substr({0},12,8)||'.'||substr(substr({0},21)||'000000',1,6)||'Z'",
        "date": "{}",
        "bool": "CASE {} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END",
        "decimal": "CASE WHEN {0} IS NOT NULL THEN printf('%.{places}f', {0}) END",
        "inet": "{}",
        "text": "{}",
        "json": "{}",
    },
}
_OTHERWISE = {"postgresql": "{}::text", "sqlite": "CAST({} AS TEXT)"}


@dataclass(frozen=True)
class TableDigest:
    """How many rows a table holds, and the BLAKE2b digest (128 bits, hexadecimal) of their lines."""

    rows: int
    digest: str


def stored_models() -> list[type[Model]]:
    """Mentara's models, each after those that its foreign keys point to, and then the toolkit's note of its runs."""
    sorter: TopologicalSorter[type[Model]] = TopologicalSorter()
    for model in apps.get_app_config("mentara").get_models():
        parents = [field.related_model for field in model._meta.concrete_fields if field.is_relation]
        sorter.add(model, *(parent for parent in parents if isinstance(parent, type) and parent is not model))
    return [*sorter.static_order(), apps.get_model("seeding.SeedRun")]


@contextmanager
def snapshot(using: str) -> Iterator[None]:
    """See the database as it is at one moment, whoever writes meanwhile; within a transaction, as that one sees it."""
    connection = connections[using]
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        repeatable = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else ""
        cursor.execute(f"BEGIN{repeatable}")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def fetch(using: str, model: type[Model], expressions: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    """Blocks of rows of these SQL expressions, in the order of the primary key."""
    meta = model._meta
    with connections[using].chunked_cursor() as cursor:
        cursor.execute(f'SELECT {", ".join(expressions)} FROM "{meta.db_table}" ORDER BY "{meta.pk.column}"')  # noqa: S608  (names of our own models)
        while block := cursor.fetchmany(BLOCK):
            yield block


def json_lines(using: str, model: type[Model]) -> Iterator[list[str]]:
    """Blocks of rows, each row as the JSON object that Django's fixtures have for it."""
    meta, vendor = model._meta, connections[using].vendor
    fields = [meta.pk, *(field for field in meta.concrete_fields if not field.primary_key)]
    named = ", ".join(f'"{field.name}": %s' for field in fields[1:])
    row = f'{{"model": "{meta.label_lower}", "pk": %s, "fields": {{{named}}}}}'
    converted = {
        at: _converter(_CONVERTED[kind(field)]) for at, field in enumerate(fields) if kind(field) in _CONVERTED
    }
    for block in fetch(using, model, [_as_json(vendor, field) for field in fields]):
        columns: list[Any] = list(zip(*block, strict=True))
        for at, convert in converted.items():
            columns[at] = map(convert, columns[at])
        yield [row % cells for cells in zip(*columns, strict=True)]


def digest(using: str, model: type[Model]) -> TableDigest:
    """The number of a table's rows and the digest of their lines, one pass through the table."""
    rows, lines = 0, blake2b(digest_size=16)
    for block in json_lines(using, model):
        rows += len(block)
        lines.update("".join(f"{line}\n" for line in block).encode())
    return TableDigest(rows, lines.hexdigest())


def kind(field: Any) -> str:
    """How values of this field are stored; an automatic key is a number."""
    return "int8" if isinstance(field, AutoField) else kind_of(field)


def _as_json(vendor: str, field: Any) -> str:
    """The SQL expression of a column's JSON; of text and JSON columns as they are stored.

    Automatic keys are counted anew: how many numbers a database has skipped is nothing that a fixture tells.
    """
    column = f'"{field.column}"'
    if isinstance(field, AutoField):
        return f"CAST(row_number() OVER (ORDER BY {column}) AS TEXT)"
    form = _AS_TEXT[vendor].get(kind(field), _OTHERWISE[vendor])
    text = form.format(column, places=getattr(field, "decimal_places", None))
    if kind(field) in _CONVERTED:
        return text
    if kind(field) in _QUOTED:
        text = f"""'"' || {text} || '"'"""
    return f"COALESCE({text}, 'null')"


def _converter(convert: Callable[[str], str]) -> Callable[[str | None], str]:
    return lambda value: "null" if value is None else convert(value)
