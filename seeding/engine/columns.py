"""Reading rows as columns: one query, one array a column, no model instances.

Kinds of column: UUID (raw 16 bytes, zeros for null), TIME (microseconds since 1970, MISSING for null),
INT, BOOL, TEXT ("" for null) and JSON (parsed values).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from django.db.models.expressions import RawSQL
from numpy.typing import NDArray

from seeding.engine.clock import EPOCH, EPOCH_2000, LONG_AGO, micros
from seeding.engine.errors import UnknownRowError
from seeding.engine.grouping import find, in_order
from seeding.engine.keys import Ids, Ints, hexes_of, uuids_of
from seeding.engine.run import Run
from seeding.engine.sending import all_sent

UUID, TIME, INT, BOOL, TEXT, JSON = "uuid", "time", "int", "bool", "text", "json"
MISSING = LONG_AGO
NULL_ID = b"\0" * 16
_BLOCK = 100_000
FEW = 10_000
"""Up to so many ids are named in a query; for more, all rows are read."""
_SENT = {
    UUID: "uuid_send(COALESCE({}::uuid, '00000000-0000-0000-0000-000000000000'))",
    TIME: "timestamptz_send(COALESCE({}::timestamptz, '-infinity'))",
    INT: "int8send(COALESCE({}::bigint, 0))",
    BOOL: "boolsend(COALESCE({}::boolean, false))",
}
_WIRE = {UUID: "S16", TIME: ">i8", INT: ">i8", BOOL: "?"}
_BETWEEN = "\x1f"
"""Stands between texts that are read as one."""


class Frame:
    """Columns of equal length, read as attributes."""

    def __init__(self, columns: dict[str, NDArray[Any]]) -> None:
        self.columns = columns

    def __getattr__(self, name: str) -> NDArray[Any]:
        try:
            return self.__dict__["columns"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def take(self, rows: NDArray[Any]) -> Frame:
        """The rows at these positions, or where this mask is true."""
        return Frame({name: column[rows] for name, column in self.columns.items()})


def read(rows: QuerySet[Any], **kinds: str) -> Frame:
    """Read the named paths of a queryset, sorted by the first of them if that is a UUID.

    Rows that share the first are in the order of the database, which is different on the next: name a key first.
    """
    names = list(kinds)
    compiler = rows.order_by().values_list(*names).query.get_compiler(rows.db)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return Frame({name: _column([], kind) for name, kind in kinds.items()})
    columns = read_sql(rows.db, sql, params, list(kinds.values()), rows.model)
    if kinds[names[0]] == UUID:
        order = in_order(columns[0])
        for at, column in enumerate(columns):  # one by one: together they are twice in memory
            columns[at] = column[order]
    return Frame(dict(zip(names, columns, strict=True)))


def whether(**where: Any) -> ExpressionWrapper[Q]:
    """A column, of kind BOOL, that tells of each row whether it is as these conditions in Django's own words say."""
    return ExpressionWrapper(Q(**where), output_field=BooleanField())


def places_of(wanted: Ids, among: Ids) -> Ints:
    """The position of each id in a sorted array, -1 for null.

    Raises UnknownRowError for any other that is not there: its row has come or gone since the array was read.
    """
    places = find(wanted, among)
    if (wanted[places < 0] != NULL_ID).any():
        raise UnknownRowError
    return places


def narrowed(run: Run, rows: QuerySet[Any], **paths: Ids) -> QuerySet[Any]:
    """The rows that one of these paths leads from to one of its ids; all rows where the ids are many.

    All rows in a large load as well, where no index finds them. Paths through other tables are followed one by one:
    PostgreSQL, asked for either, joins all rows with all (three minutes for 1,000 people's among 3 million comments).
    """
    if run.large or sum(map(len, paths.values())) > FEW:
        return rows
    each = []
    for path, ids in paths.items():
        named: Any = uuids_of(ids)
        if connections[rows.db].vendor == "sqlite":  # which takes few parameters
            named = RawSQL("SELECT value FROM json_each(%s)", [json.dumps(hexes_of(ids))])
        each.append(Q(**{f"{path}__in": named}))
    if len(each) > 1 and any("__" in path for path in paths):
        one, *others = (rows.filter(mine).values("pk") for mine in each)
        return rows.filter(pk__in=one.union(*others))
    return rows.filter(reduce(or_, each, Q()))


def read_sql(
    using: str, sql: str, params: Any, kinds: list[str], model: type[Model] | None = None
) -> list[NDArray[Any]]:
    """The columns that a statement selects, in no order; `model` is whose rows they are, if there may be many."""
    connection = connections[using]
    in_blocks = {"postgresql": _postgresql_blocks, "sqlite": _sqlite_blocks}.get(connection.vendor)
    if in_blocks and JSON not in kinds and set(kinds) != {TEXT}:
        with connection.wrap_database_errors:
            found = in_blocks(connection, sql, params, kinds, model)
        if len({len(column) for column in found}) == 1:  # else a text holds what stands between texts
            return found
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        table = cursor.fetchall()
    cells = list(zip(*table, strict=True)) or [()] * len(kinds)
    return [_column(values, kind) for values, kind in zip(cells, kinds, strict=True)]


def _postgresql_blocks(
    connection: Any, sql: str, params: Any, kinds: list[str], _: type[Model] | None
) -> list[NDArray[Any]]:
    """The columns in the server's binary forms, many rows in one value: of fixed width, so the bytes are the array.

    Ids are spread evenly over their last digit; grouping by it makes smaller values for less than numbering rows.
    """
    from psycopg import ClientCursor, Cursor

    fixed = [at for at, kind in enumerate(kinds) if kind != TEXT]
    texts = [at for at, kind in enumerate(kinds) if kind == TEXT]
    parts = " || ".join(_SENT[kinds[at]].format(f"c{at}") for at in fixed)
    joined = "".join(f", string_agg(COALESCE(c{at}::text, ''), chr(31))" for at in texts)
    aliases = ", ".join(f"c{at}" for at in range(len(kinds)))
    connection.ensure_connection()
    all_sent(connection.alias)
    with ClientCursor(connection.connection) as binder, Cursor(connection.connection) as cursor:
        rows = f"({binder.mogrify(sql, params)}) q({aliases})"
        if kinds[0] == UUID:
            rows += " GROUP BY get_byte(uuid_send(c0), 15) & 15"
        else:
            rows = f"(SELECT *, (row_number() OVER () - 1) / {_BLOCK} AS block FROM {rows}) numbered GROUP BY block"  # noqa: S608  (compiled by Django)
        statement = f"SELECT string_agg({parts}, ''::bytea){joined} FROM {rows}"  # noqa: S608  (compiled by Django)
        layout = np.dtype([(f"c{at}", _WIRE[kinds[at]]) for at in fixed])
        blocks: list[list[Any]] = [[] for _ in kinds]
        for packed, *lines in cursor.stream(statement, binary=True):
            block = np.frombuffer(packed, dtype=layout)
            for at in fixed:
                blocks[at].append(block[f"c{at}"].copy())
            for at, text in zip(texts, lines, strict=True):
                blocks[at].append(_column(text.split(_BETWEEN), TEXT))
    return [_unpacked(blocks.pop(0), kind) for kind in kinds]


def _unpacked(blocks: list[NDArray[Any]], kind: str) -> NDArray[Any]:
    values = np.concatenate(blocks or [_column([], kind)])
    if kind != TIME:
        return values.astype({UUID: "S16", INT: "i8", BOOL: "?", TEXT: "O"}[kind], copy=False)
    instants = values.astype(np.int64)
    return np.where(instants == np.iinfo(np.int64).min, MISSING, instants + EPOCH_2000)


def _sqlite_blocks(
    connection: Any, sql: str, params: Any, kinds: list[str], model: type[Model] | None
) -> list[NDArray[Any]]:
    """Each column as one text, so that no row becomes Python objects; sixteen of a large table, for less memory."""
    nothing = {UUID: f"'{'0' * 32}'", TIME: "''", INT: "0", BOOL: "0", TEXT: "''"}
    join = {UUID: "''", TIME: "','", INT: "','", BOOL: "','", TEXT: "char(31)"}
    parts = ", ".join(f"group_concat(COALESCE(c{at}, {nothing[kind]}), {join[kind]})" for at, kind in enumerate(kinds))
    aliases = ", ".join(f"c{at}" for at in range(len(kinds)))
    with connection.cursor() as cursor:
        large = model is not None and kinds[0] == UUID and _last_row(connection, model) > _BLOCK
        groups = "GROUP BY substr(c0, 32)" if large else "HAVING COUNT(*)"
        cursor.execute(f"WITH q({aliases}) AS ({sql}) SELECT {parts} FROM q {groups}", params)  # noqa: S608  (compiled by Django)
        blocks = [[_split(text, kind) for text, kind in zip(texts, kinds, strict=True)] for texts in cursor]
    return [np.concatenate([_column([], kind), *found]) for kind, *found in zip(kinds, *blocks, strict=True)]


def _last_row(connection: Any, model: type[Model]) -> int:
    """About how many rows a table has, asked past Django, which takes longer than SQLite to answer."""
    return int(connection.connection.execute(f'SELECT MAX(rowid) FROM "{model._meta.db_table}"').fetchone()[0] or 0)  # noqa: S608  (names of our own models)


def _split(text: str, kind: str) -> NDArray[Any]:
    if kind == TEXT:
        return _column(text.split(_BETWEEN), TEXT)
    if kind == UUID:
        return np.frombuffer(bytes.fromhex(text.replace("-", "")), dtype="S16")
    if kind == TIME:
        values = text.split(",")
        dated = len(values) - values.count("")
        if "+" in text or "Z" in text or text.count("-") > 2 * dated:  # a zone, which NumPy reads with a warning
            return _column([value or None for value in values], TIME)
        instants = np.array(values, dtype="datetime64[us]")
        return np.where(np.isnat(instants), MISSING, instants.astype(np.int64))
    return np.fromstring(text, dtype=np.int64, sep=",").astype(np.int64 if kind == INT else np.bool_)


def _column(values: Any, kind: str) -> NDArray[Any]:
    if kind == UUID:
        return ids_from(values)
    if kind == TIME:
        return np.array([_instant(value) for value in values], dtype=np.int64)
    if kind in (INT, BOOL):
        return np.array([value or 0 for value in values], dtype=np.int64 if kind == INT else np.bool_)
    column = np.empty(len(values), dtype=object)
    if kind == JSON:
        column[:] = [json.loads(value) if isinstance(value, str) else value for value in values]
    else:
        column[:] = ["" if value is None else str(value) for value in values]
    return column


def _instant(value: Any) -> int:
    if value is None:
        return MISSING
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return micros(value if value.tzinfo else value.replace(tzinfo=EPOCH.tzinfo))


def ids_from(values: Any) -> Ids:
    """Ids as a database driver returns them (UUID objects, hexadecimal text, null) as raw bytes."""

    def raw() -> Iterator[bytes]:
        for value in values:
            if value is None:
                yield NULL_ID
            elif isinstance(value, uuid.UUID):
                yield value.bytes
            else:
                yield bytes.fromhex(value.replace("-", ""))

    return np.frombuffer(b"".join(raw()), dtype="S16")
