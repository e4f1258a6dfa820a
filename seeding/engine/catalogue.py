"""The catalogue's own definitions of indexes, keys and foreign keys: those that can be dropped and made again exactly.

Left out are the primary key of a table that has rows, or another unique index on the same column, to which foreign
keys would be bound instead; unique keys that foreign keys refer to; all of a partitioned table, and of a partition
what it has from there; what other objects need; indexes with a comment, a tablespace or statistics of their own; on
SQLite unique indexes and what is within a table's definition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections

from seeding.engine import statistics

INDEX, KEY, FOREIGN_KEY, VALIDATION = "index", "key", "foreign key", "validation"
_PLAIN_TABLES = "SELECT oid FROM pg_class WHERE relkind = 'r' AND oid = ANY(%(tables)s::regclass[])"
_TOLD_BY_DEFINITION = """(
    pg_class.reltablespace = 0 AND obj_description(pg_class.oid, 'pg_class') IS NULL
    AND NOT pg_class.relispartition
    AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attstattarget >= 0)
    AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'x'
    )
)"""
"""An index about which its definition says everything: no part of another, and none that goes with an extension."""
_COMES_BACK = """(
    referring.contype = 'f' AND referring.conparentid = 0 AND referring.convalidated
    AND has_table_privilege(referring.confrelid, 'REFERENCES')
    AND has_schema_privilege((SELECT relnamespace FROM pg_class WHERE oid = referring.confrelid), 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgconstraint = referring.oid AND tgenabled <> 'O')
)"""
"""A foreign key that the current role may make again, and that is then as it was."""
_IN_REACH = """NOT EXISTS (
    SELECT FROM pg_depend
    LEFT JOIN pg_proc ON refclassid = 'pg_proc'::regclass AND pg_proc.oid = refobjid
    LEFT JOIN pg_opclass ON refclassid = 'pg_opclass'::regclass AND pg_opclass.oid = refobjid
    LEFT JOIN pg_collation ON refclassid = 'pg_collation'::regclass AND pg_collation.oid = refobjid
    LEFT JOIN pg_operator ON refclassid = 'pg_operator'::regclass AND pg_operator.oid = refobjid
    LEFT JOIN pg_type ON refclassid = 'pg_type'::regclass AND pg_type.oid = refobjid
    WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND NOT has_schema_privilege(
        COALESCE(pronamespace, opcnamespace, collnamespace, oprnamespace, typnamespace), 'USAGE'
    )
)"""
"""An index of which the current role may name all that its definition names."""
_FOREIGN_KEYS = f"""
    SELECT own.relname, conname, pg_get_constraintdef(referring.oid),
        quote_literal(obj_description(referring.oid, 'pg_constraint'))
    FROM pg_constraint referring JOIN pg_class own ON own.oid = conrelid
    WHERE conrelid IN ({_PLAIN_TABLES}) AND {_COMES_BACK} ORDER BY own.relname, conname
"""  # noqa: S608  (our own text)
_KEYS = f"""
    SELECT own.relname, conname, pg_get_indexdef(conindid),
        CASE contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END || format(' USING INDEX %%I', conname)
        || CASE WHEN condeferrable THEN ' DEFERRABLE' ELSE '' END
        || CASE WHEN condeferred THEN ' INITIALLY DEFERRED' ELSE '' END
    FROM pg_constraint made JOIN pg_index ON indexrelid = conindid JOIN pg_class ON pg_class.oid = conindid
    JOIN pg_class own ON own.oid = conrelid
    WHERE conrelid IN ({_PLAIN_TABLES}) AND (contype = 'u' OR contype = 'p' AND own.relname <> ALL(%(filled)s::text[]))
        AND pg_class.relname = conname AND NOT (indisclustered OR indisreplident)
        AND pg_class.relam = (SELECT oid FROM pg_am WHERE amname = 'btree')
        AND {_TOLD_BY_DEFINITION} AND obj_description(made.oid, 'pg_constraint') IS NULL
        AND NOT (contype = 'p' AND EXISTS (
            SELECT FROM pg_index other
            WHERE other.indrelid = conrelid AND other.indexrelid <> conindid AND other.indisunique
                AND (other.indkey::smallint[])[0:other.indnkeyatts - 1] <@ conkey
        ))
        AND NOT EXISTS (
            SELECT FROM pg_constraint referring
            WHERE referring.contype = 'f' AND referring.conindid = made.conindid AND NOT (
                made.contype = 'p' AND {_COMES_BACK} AND referring.conrelid IN ({_PLAIN_TABLES})
            )
        )
        AND NOT EXISTS (
            SELECT FROM pg_depend
            WHERE refclassid = 'pg_constraint'::regclass AND refobjid = made.oid AND deptype = 'n'
        )
    ORDER BY own.relname, conname
"""  # noqa: S608  (our own text)
_SQLITE_INDEXES = """
    SELECT tbl_name, name, sql FROM sqlite_master
    WHERE type = 'index' AND tbl_name IN (SELECT value FROM json_each(%s)) AND sql NOT LIKE 'CREATE UNIQUE%%'
    ORDER BY tbl_name, name
"""
_INDEXES = f"""
    SELECT own.relname, pg_class.relname, pg_get_indexdef(indexrelid), indexrelid::regclass::text
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_class own ON own.oid = indrelid
    WHERE indrelid IN ({_PLAIN_TABLES}) AND indisvalid AND NOT (indisprimary OR indisclustered OR indisreplident)
        AND indexrelid NOT IN (SELECT conindid FROM pg_constraint) AND {_TOLD_BY_DEFINITION} AND {_IN_REACH}
    ORDER BY own.relname, pg_class.relname
"""  # noqa: S608  (our own text)


@dataclass(frozen=True)
class Definition:
    """An index or constraint: what it is, its table and name, the statement that makes it, and what drops it.

    A primary or unique key is two: an index, and the key that takes it over and with which it is dropped. So is a
    foreign key: it is made for rows to come, then validated for those that are there.
    """

    kind: str
    table: str
    name: str
    statement: str
    drop: str


def definitions(using: str, tables: list[str]) -> list[Definition]:
    """The indexes, keys and foreign keys of these tables that can be dropped and made again, kind by kind."""
    with connections[using].cursor() as cursor:
        return list(_found(using, cursor, tables))


def _found(using: str, cursor: Any, tables: list[str]) -> Iterator[Definition]:
    if connections[using].vendor == "sqlite":
        cursor.execute(_SQLITE_INDEXES, [json.dumps(tables)])
        for table, name, statement in cursor.fetchall():
            yield Definition(INDEX, table, name, statement, f"DROP INDEX {_quoted(name)}")
        return
    asked = {"tables": [f'"{table}"' for table in tables], "filled": statistics.filled(using, tables)}
    cursor.execute(_FOREIGN_KEYS, asked)
    for table, name, definition, comment in cursor.fetchall():
        alter, constraint = f'ALTER TABLE "{table}"', f"CONSTRAINT {_quoted(name)}"
        make, drop = f"{alter} ADD {constraint} {definition} NOT VALID", f"{alter} DROP {constraint}"
        make += f'; COMMENT ON {constraint} ON "{table}" IS {comment}' if comment else ""
        yield Definition(VALIDATION, table, name, f"{alter} VALIDATE {constraint}", "")
        yield Definition(FOREIGN_KEY, table, name, make, drop)
    cursor.execute(_KEYS, asked)
    for table, name, index, kind in cursor.fetchall():
        alter, constraint = f'ALTER TABLE "{table}"', f"CONSTRAINT {_quoted(name)}"
        make, drop = f"{alter} ADD {constraint} {kind}", f"{alter} DROP {constraint}"
        yield Definition(INDEX, table, name, index, "")
        yield Definition(KEY, table, name, make, drop)
    cursor.execute(_INDEXES, asked)
    for table, name, statement, reached in cursor.fetchall():
        yield Definition(INDEX, table, name, statement, f"DROP INDEX {reached}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
