"""The pieces of SQL that the rules are made of, and what differs between SQLite and PostgreSQL.

A rule is plain SQL with pieces in braces: `{seeded(p.id)}`, `{young(m.id, m."joinedAt")}`, `{last}`. A piece is SQL
too, which may have pieces of its own; `$1` and `$2` stand for its arguments.

SQLite keeps a UUID as 32 hexadecimal digits and an instant as text in UTC, so both sort as they should. Instants
enter as literals: they come from datetimes, never from data.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

YOUNG = dt.timedelta(days=90)
"""A row of somebody else that is younger than this leaves no room behind it."""
RECENT = dt.timedelta(days=7)
"""Only behind a row of somebody else that is younger than this may a row lie after as-of."""
ROOM = dt.timedelta(weeks=6)
"""What was decided longer ago than this left room for what follows it, whoever wrote it down."""
BRINK = dt.timedelta(minutes=1)
"""How close to as-of a row of ours lies that is itself behind such a row."""

_PIECE = re.compile(r"\{(?P<name>[a-z]\w*)(?:\((?P<arguments>[^{}]*)\))?\}")
_PIECES = {
    # Whether somebody else wrote the row with this key.
    "foreign": "NOT {seeded($1)}",
    # Whether the row with this key and date is somebody else's and leaves no room: T1 and joining in time yield to it.
    "young": "($2 > {young_after} AND {foreign($1)})",
    # Whether the row with this key, which has to be there by `$3`, is missing or of a later date without being young.
    "missing_by": "($1 IS NULL OR $2 > $3 AND NOT {young($1, $2)})",
    # Whether a row behind the one with this key and date may lie after as-of.
    "recent": "($2 > {brink} OR $2 > {recent_after} AND {foreign($1)})",
}
DIALECTS: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        # Whether this toolkit wrote the row: a range that an index serves, then the version digit.
        "seeded": "($1 >= '5eed' AND $1 < '5eee' AND substr($1, 13, 1) = '8')",
        "instant": "'$1'",
        "date": "'$1'",
        # The instant that many minutes or days later; the fraction is kept apart, as SQLite would round it.
        "later": "(datetime(substr($1, 1, 19), ($2) || ' $3') || substr($1, 20))",
        "years_later": "date($1, ($2) || ' years')",
        # The time of day that a text says, with two digits for the hour.
        "clock": "substr('0' || $1, -5)",
        "is_clock": "(length($1) <= 5 AND {clock($1)} GLOB '[0-2][0-9]:[0-5][0-9]')",
        # The whole seconds since 1970.
        "epoch": "CAST(strftime('%s', substr($1, 1, 19)) AS integer)",
        # The key that a text spells, to be compared with keys; NULL or a key of no row if it spells none.
        "uuid": "lower(replace($1, '-', ''))",
        # A table function whose column `key` has the keys of a JSON object.
        "json_keys": "json_each(CASE WHEN json_type($1) = 'object' THEN $1 ELSE '{}' END)",
        # Whether such a key has a number.
        "json_number": "$1.type IN ('integer', 'real')",
        # What a JSON object has under a key, as text; SQLite's operator would read the key as a path.
        "json_text": "(SELECT CAST(j.value AS text) FROM json_each($1) j WHERE j.key = $2)",
        # The texts of a group, a semicolon between them.
        "joined": "group_concat($1, ';')",
        # Whether a text contains a part.
        "contains": "instr($1, '$2') > 0",
        # Something short that two texts share when they are the same, and hardly otherwise.
        "digest": "length($1) || ' ' || substr($1, 1, 24) || substr($1, -24)",
    },
    "postgresql": {
        # `# 128 < 16` says that the high four bits are 8. The planner takes an equality of an expression for rare,
        # and would then look millions of rows up one by one.
        "seeded": "($1 >= '5eed0000-0000-0000-0000-000000000000' AND $1 < '5eee0000-0000-0000-0000-000000000000'"
        " AND get_byte(uuid_send($1), 6) # 128 < 16)",
        "instant": "TIMESTAMPTZ '$1+00'",
        "date": "DATE '$1'",
        "later": "($1 + ($2) * INTERVAL '1 $3')",
        "years_later": "CAST($1 + ($2) * INTERVAL '1 year' AS date)",
        "clock": "right('0' || $1, 5)",
        "is_clock": "(length($1) <= 5 AND {clock($1)} ~ '^[0-2][0-9]:[0-5][0-9]$')",
        "epoch": "CAST(floor(extract(epoch FROM $1)) AS bigint)",
        "uuid": "CASE WHEN $1 ~* '^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$' THEN CAST($1 AS uuid) END",
        "json_text": "($1 ->> $2)",
        "json_number": "jsonb_typeof($1.value) = 'number'",
        "json_keys": "jsonb_each(CASE WHEN jsonb_typeof($1) = 'object' THEN $1 ELSE '{}' END)",
        "joined": "string_agg($1, ';')",
        "contains": "strpos($1, '$2') > 0",
        "digest": "md5($1)",
    },
}
"""The pieces of each database."""


@dataclass(frozen=True)
class AsOf:
    """The reference instants under which rows were written: of the earliest run and of the latest."""

    first: dt.datetime
    last: dt.datetime

    def pieces(self) -> dict[str, str]:
        """The instants that rules compare with: what was to come lies after `first`, what was over before `last`."""
        instants = {
            "first": self.first,
            "last": self.last,
            "old_enough": self.first - ROOM,
            "young_after": self.first - YOUNG,
            "recent_after": self.first - RECENT,
            "brink": self.last - BRINK,
        }
        told = {name: moment.astimezone(dt.UTC).replace(tzinfo=None) for name, moment in instants.items()}
        days = {f"{name}_day": f"{{date({told[name].date()})}}" for name in ("first", "last")}
        return days | {name: f"{{instant({moment})}}" for name, moment in told.items()}


def renderer(vendor: str, as_of: AsOf) -> Callable[[str], str]:
    """What makes SQL of a rule's template, for a database of DIALECTS, judged against one interval of as-of."""
    pieces = {**_PIECES, **DIALECTS[vendor], **as_of.pieces()}

    def piece(found: re.Match[str]) -> str:
        sql = pieces[found["name"]]
        for number, argument in enumerate((found["arguments"] or "").split(", "), 1):
            sql = sql.replace(f"${number}", argument)
        return render(sql)

    def render(template: str) -> str:
        return _PIECE.sub(piece, template)

    return render
