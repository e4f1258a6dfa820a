"""The pieces of SQL that the rules are made of, and what differs between SQLite and PostgreSQL.

A rule is plain SQL with pieces in braces: `{seeded(p.id)}`, `{young(m.id, m."joinedAt")}`, `{last}`. Each piece is a
method or a property of `Sql`, and its arguments are SQL too.

SQLite keeps a UUID as 32 hexadecimal digits and an instant as text in UTC, so both sort as they should. Instants
enter as literals: they come from datetimes, never from data.
"""

from __future__ import annotations

import datetime as dt
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

YOUNG = dt.timedelta(days=90)
"""A row of somebody else that is younger than this leaves no room behind it."""
RECENT = dt.timedelta(days=7)
"""Only behind a row of somebody else that is younger than this may a row lie after as-of."""
ROOM = dt.timedelta(weeks=6)
"""What was decided longer ago than this left room for what follows it, whoever wrote it down."""
BRINK = dt.timedelta(minutes=1)
"""How close to as-of a row of ours lies that is itself behind such a row."""

_PIECE = re.compile(r"\{(?P<name>\w+)(?:\((?P<arguments>[^{}]*)\))?\}")


@dataclass(frozen=True)
class AsOf:
    """The reference instants under which rows were written: of the earliest run and of the latest."""

    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True)
class Sql(ABC):
    """SQL expressions of one database, judged against one interval of as-of."""

    as_of: AsOf

    def render(self, template: str) -> str:
        """The SQL that a template stands for."""

        def piece(found: re.Match[str]) -> str:
            part = getattr(self, found["name"])
            return str(part if found["arguments"] is None else part(*found["arguments"].split(", ")))

        return _PIECE.sub(piece, template)

    @property
    def first(self) -> str:
        """The earliest as-of: what had to lie ahead lies after it."""
        return self.instant(self.as_of.first)

    @property
    def last(self) -> str:
        """The latest as-of: what had to be over lies before it."""
        return self.instant(self.as_of.last)

    @property
    def first_day(self) -> str:
        """The date of the earliest as-of."""
        return self.date(self.as_of.first.astimezone(dt.UTC).date())

    @property
    def last_day(self) -> str:
        """The date of the latest as-of."""
        return self.date(self.as_of.last.astimezone(dt.UTC).date())

    @property
    def old_enough(self) -> str:
        """The latest instant that left room for what follows it."""
        return self.instant(self.as_of.first - ROOM)

    def foreign(self, key: str) -> str:
        """Whether somebody else wrote the row with this key."""
        return f"NOT {self.seeded(key)}"

    def young(self, key: str, dated: str) -> str:
        """Whether the row is somebody else's and leaves no room: T1, and joining in time, yield to it."""
        return f"({dated} > {self.instant(self.as_of.first - YOUNG)} AND {self.foreign(key)})"

    def recent(self, key: str, dated: str) -> str:
        """Whether a row behind this one may lie after as-of."""
        ours = f"{dated} > {self.instant(self.as_of.last - BRINK)}"
        theirs = f"{dated} > {self.instant(self.as_of.first - RECENT)} AND {self.foreign(key)}"
        return f"({ours} OR {theirs})"

    @abstractmethod
    def seeded(self, key: str) -> str:
        """Whether this toolkit wrote the row: a range that an index serves, then the version digit."""

    @abstractmethod
    def instant(self, moment: dt.datetime) -> str:
        """An instant."""

    @abstractmethod
    def date(self, day: dt.date) -> str:
        """A date."""

    @abstractmethod
    def later(self, moment: str, amount: str, unit: str) -> str:
        """The instant that many minutes or days later."""

    @abstractmethod
    def years_later(self, day: str, years: str) -> str:
        """The date that many years later."""

    @abstractmethod
    def epoch(self, moment: str) -> str:
        """The whole seconds since 1970."""

    @abstractmethod
    def uuid(self, text: str) -> str:
        """The key that a text spells, to be compared with keys; NULL or a key of no row if it spells none."""

    @abstractmethod
    def json_keys(self, column: str) -> str:
        """A table function whose column `key` has the keys of a JSON object."""

    @abstractmethod
    def joined(self, text: str) -> str:
        """The texts of a group, a semicolon between them."""

    @abstractmethod
    def contains(self, text: str, part: str) -> str:
        """Whether a text contains a part."""

    @abstractmethod
    def digest(self, text: str) -> str:
        """Something short that two texts share when they are the same, and hardly otherwise."""


class Sqlite(Sql):
    """SQLite from 3.40."""

    def seeded(self, key: str) -> str:
        """Whether this toolkit wrote the row: a range that an index serves, then the version digit."""
        return f"({key} >= '5eed' AND {key} < '5eee' AND substr({key}, 13, 1) = '8')"

    def instant(self, moment: dt.datetime) -> str:
        """An instant."""
        return f"'{moment.astimezone(dt.UTC).replace(tzinfo=None)}'"

    def date(self, day: dt.date) -> str:
        """A date."""
        return f"'{day}'"

    def later(self, moment: str, amount: str, unit: str) -> str:
        """The instant that many minutes or days later; the fraction is kept apart, as SQLite would round it."""
        return f"(datetime(substr({moment}, 1, 19), ({amount}) || ' {unit}') || substr({moment}, 20))"

    def years_later(self, day: str, years: str) -> str:
        """The date that many years later."""
        return f"date({day}, ({years}) || ' years')"

    def epoch(self, moment: str) -> str:
        """The whole seconds since 1970."""
        return f"CAST(strftime('%s', substr({moment}, 1, 19)) AS integer)"

    def uuid(self, text: str) -> str:
        """The key that a text spells, to be compared with keys; NULL or a key of no row if it spells none."""
        return f"lower(replace({text}, '-', ''))"

    def json_keys(self, column: str) -> str:
        """A table function whose column `key` has the keys of a JSON object."""
        return f"json_each({column})"

    def joined(self, text: str) -> str:
        """The texts of a group, a semicolon between them."""
        return f"group_concat({text}, ';')"

    def contains(self, text: str, part: str) -> str:
        """Whether a text contains a part."""
        return f"instr({text}, '{part}') > 0"

    def digest(self, text: str) -> str:
        """Something short that two texts share when they are the same, and hardly otherwise."""
        return f"length({text}) || ' ' || substr({text}, 1, 24) || substr({text}, -24)"


class Postgres(Sql):
    """PostgreSQL."""

    def seeded(self, key: str) -> str:
        """Whether this toolkit wrote the row: a range that an index serves, then the version digit.

        `# 128 < 16` says that the high four bits are 8. The planner takes an equality of an expression for rare,
        and would then look millions of rows up one by one.
        """
        low, high = "5eed0000-0000-0000-0000-000000000000", "5eee0000-0000-0000-0000-000000000000"
        return f"({key} >= '{low}' AND {key} < '{high}' AND get_byte(uuid_send({key}), 6) # 128 < 16)"

    def instant(self, moment: dt.datetime) -> str:
        """An instant."""
        return f"TIMESTAMPTZ '{moment.astimezone(dt.UTC).isoformat()}'"

    def date(self, day: dt.date) -> str:
        """A date."""
        return f"DATE '{day}'"

    def later(self, moment: str, amount: str, unit: str) -> str:
        """The instant that many minutes or days later."""
        return f"({moment} + ({amount}) * INTERVAL '1 {unit}')"

    def years_later(self, day: str, years: str) -> str:
        """The date that many years later."""
        return f"CAST({day} + ({years}) * INTERVAL '1 year' AS date)"

    def epoch(self, moment: str) -> str:
        """The whole seconds since 1970."""
        return f"CAST(floor(extract(epoch FROM {moment})) AS bigint)"

    def uuid(self, text: str) -> str:
        """The key that a text spells, to be compared with keys; NULL if it spells none."""
        shape = "^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$"
        return f"CASE WHEN {text} ~* '{shape}' THEN CAST({text} AS uuid) END"

    def json_keys(self, column: str) -> str:
        """A table function whose column `key` has the keys of a JSON object."""
        return f"jsonb_each({column})"

    def joined(self, text: str) -> str:
        """The texts of a group, a semicolon between them."""
        return f"string_agg({text}, ';')"

    def contains(self, text: str, part: str) -> str:
        """Whether a text contains a part."""
        return f"strpos({text}, '{part}') > 0"

    def digest(self, text: str) -> str:
        """Something short that two texts share when they are the same, and hardly otherwise."""
        return f"md5({text})"


DIALECTS: dict[str, type[Sql]] = {"sqlite": Sqlite, "postgresql": Postgres}
