"""Gaps: which rows lack what. One query a minimum: how many rows each subject has."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from django.db import connections
from django.db.models import IntegerField, Model, OuterRef, Subquery

from seeding.engine import setaside
from seeding.engine.columns import INT, UUID, read_sql
from seeding.engine.errors import UsageError
from seeding.engine.grouping import find, in_order, is_in
from seeding.engine.kept import names_in
from seeding.engine.keys import Ids, Ints, ids_of
from seeding.engine.minimum import Minimum, once_a_process
from seeding.engine.run import Run

Subjects = Any
"""One model instance or UUID, an iterable of them, or None for all."""


@dataclass(frozen=True)
class Gap:
    """The rows that are short of one minimum, in the order of their ids."""

    key: str
    ids: Ids
    has: Ints
    at_least: int

    @property
    def needs(self) -> Ints:
        """How many rows each subject still needs."""
        return self.at_least - self.has

    def needed_by(self, ids: Ids) -> Ints:
        """How many rows each of these ids, in their order, still needs; none who is not short."""
        return np.r_[self.needs, 0][find(ids, self.ids)]

    def __len__(self) -> int:
        return len(self.ids)

    def with_new(self, ids: Ids) -> Gap:
        """The same and these new rows, which have nothing yet."""
        known = np.concatenate([self.ids, ids]) if self.at_least > 0 else self.ids
        order = in_order(known)
        has = np.concatenate([self.has, np.zeros(len(known) - len(self.ids), dtype=np.int64)])
        return Gap(self.key, known[order], has[order], self.at_least)

    def among(self, ids: Ids) -> Gap:
        """The same, of these rows alone."""
        chosen = is_in(self.ids, ids)
        return Gap(self.key, self.ids[chosen], self.has[chosen], self.at_least)


def find_gap(run: Run, minimum: Minimum) -> Gap:
    """The rows that have fewer than a minimum asks for."""
    sql, params = _short_sql(run, minimum)

    def ask() -> Gap:
        ids, has = read_sql(run.using, sql, params, [UUID, INT])
        order = in_order(ids)
        return Gap(minimum.key, ids[order], has[order], minimum.at_least)

    return _once(run, minimum, sql, ask)


def take_as_met(run: Run, minimum: Minimum, rows: int) -> None:
    """Have nobody looked for who is short of a minimum, since it has just been verified as met by so many rows."""
    sql, _ = _short_sql(run, minimum)
    _once(run, minimum, sql, partial(no_gap, minimum))
    _number(run, minimum, lambda: rows)


def no_gap(minimum: Minimum) -> Gap:
    """That no row is short of a minimum."""
    return Gap(minimum.key, np.empty(0, dtype="S16"), np.empty(0, dtype=np.int64), minimum.at_least)


def _once(run: Run, minimum: Minimum, sql: str, ask: Callable[[], Gap]) -> Gap:
    """The gap as it is kept: with new subjects it grows where all rows of a table are, and are counted by their key."""
    subject = minimum.each.model_class()._meta
    table, key = subject.db_table, subject.pk.attname
    alone = not minimum.each.where and [*minimum.by.values()] == ["pk"] and minimum.table != table
    grows = {table: lambda gap, columns: gap.with_new(columns[key])} if alone else None
    return run.once(f"gap {minimum.key} {minimum.at_least}", names_in(sql), ask, grows=grows)


def _short_sql(run: Run, minimum: Minimum) -> tuple[str, tuple[Any, ...]]:
    """SQL that selects the id of each row that is short of a minimum, and how many it has."""
    held, params = _held_sql(run, minimum)
    return f"{held} SELECT id, n FROM held WHERE n < %s", (*params, minimum.at_least)  # noqa: S608  (compiled by Django)


def measure_gap(run: Run, minimum: Minimum) -> tuple[int, int, int]:
    """How many rows a minimum is about, how many of them are short of it, and how many rows they lack together."""
    if run.many:  # nearly everybody is short: they are counted where they are
        return _measured(run, minimum)
    gap = find_gap(run, minimum)
    return _number(run, minimum, minimum.each.query(run.using).count), len(gap), int(gap.needs.sum())


def _number(run: Run, minimum: Minimum, ask: Callable[[], int]) -> int:
    """How many rows a minimum is about."""
    return run.once(f"number of {minimum.each}", _tables(run.using, minimum), ask)


def _are_few(run: Run, minimum: Minimum) -> bool:
    """Whether few rows are what a minimum is about."""
    few = partial(minimum.each.are_few, run.using)
    return run.once(f"few {minimum.each}", _tables(run.using, minimum), few)


@once_a_process
def _tables(using: str, minimum: Minimum) -> Collection[str]:
    """The tables that it takes to say which rows a minimum is about."""
    sql, _ = minimum.each.query(using).query.get_compiler(using).as_sql()
    return names_in(sql)


def _measured(run: Run, minimum: Minimum) -> tuple[int, int, int]:
    held, params = _held_sql(run, minimum)
    lacks = "CASE WHEN n < %s THEN %s - n END"
    sql = f"{held} SELECT COUNT(*), COUNT({lacks}), COALESCE(SUM({lacks}), 0) FROM held"  # noqa: S608  (compiled by Django)
    with connections[run.using].cursor() as cursor:
        cursor.execute(sql, [*params, *([minimum.at_least] * 4)])
        rows, short, lacking = cursor.fetchone()
    return rows, short, int(lacking)


def _held_sql(run: Run, minimum: Minimum) -> tuple[str, tuple[Any, ...]]:
    """SQL that names as `held` the id of each subject and the number `n` of rows it has.

    Those of few subjects are counted one by one in an index: PostgreSQL, which takes a table without statistics for
    smaller than it is, may group all other rows anew for each subject (16 s for 19 therapists of 112,000 people).
    SQLite counts so always, in half the time that it groups and joins in (measured); where indexes are aside, it would
    take hours, and of two columns it may look at the one that many share.
    """
    indexed = (
        len(minimum.by) == 1 and not run.large and (connections[run.using].vendor == "sqlite" or _are_few(run, minimum))
    )
    alone = indexed and not run.once("anything aside", (), lambda: setaside.is_any(run.using))
    how = _one_by_one if alone else _all_together
    return how(run.using, minimum)


@once_a_process
def _one_by_one(using: str, minimum: Minimum) -> tuple[str, tuple[Any, ...]]:
    own = minimum.counts.query(using).filter(**{path: OuterRef(on) for path, on in minimum.by.items()})
    different = own.values(minimum.distinct).distinct() if minimum.distinct != "pk" else own.values("pk")
    number = Subquery(different, IntegerField(), template="(SELECT COUNT(*) FROM (%(subquery)s) own)")
    held = minimum.each.query(using).annotate(n=number).values_list("pk", "n")
    sql, params = held.query.get_compiler(using).as_sql()
    return f"WITH held(id, n) AS ({sql})", params


@once_a_process
def _all_together(using: str, minimum: Minimum) -> tuple[str, tuple[Any, ...]]:
    on = list(minimum.by.values())
    subjects = minimum.each.query(using).values_list("pk", *on)
    counted = minimum.counts.query(using).values_list(*minimum.by).annotate(rows=minimum.count())
    subject_sql, subject_params = subjects.query.get_compiler(using).as_sql()
    counted_sql, counted_params = counted.query.get_compiler(using).as_sql()
    columns = ", ".join(f"k{at}" for at in range(len(on)))
    matches = " AND ".join(f"counted.k{at} = subject.k{at}" for at in range(len(on)))
    sql = (
        f"WITH subject(id, {columns}) AS ({subject_sql}), counted({columns}, n) AS ({counted_sql}), "  # noqa: S608  (compiled by Django)
        f"held(id, n) AS (SELECT subject.id, COALESCE(counted.n, 0) FROM subject LEFT JOIN counted ON {matches})"
    )
    return sql, (*subject_params, *counted_params)


def subject_ids(subjects: Subjects, about: Iterable[type[Model]]) -> Ids:
    """The ids of one subject or of many, given as instances, UUIDs or an array of ids.

    An instance is a row of one of the tables that they are about, or of one that shares its key: the account of a
    profile, or a profile where they are about accounts. Raises UsageError for anything else.
    """
    if isinstance(subjects, np.ndarray) and subjects.dtype.kind == "S":
        return subjects
    several = isinstance(subjects, Iterable) and not isinstance(subjects, str)
    return ids_of([_uuid(subject, {*about}) for subject in (subjects if several else (subjects,))])


def _uuid(subject: Any, about: set[type[Model]]) -> uuid.UUID:
    key = subject
    if isinstance(subject, Model):
        given = type(subject)
        if not ({given, _keyed_by(given)} & about or given in map(_keyed_by, about)):
            tables = " or ".join(sorted(model.__name__ for model in about))
            raise UsageError(
                f"{subject!r} is a {type(subject).__name__}; give one of {tables}, several, or None for all."
            )
        key = subject.pk
    if not isinstance(key, uuid.UUID):
        raise UsageError(f"{subject!r} is neither a row nor a UUID; give one, several, or None for all.")
    return key


def _keyed_by(model: type[Model]) -> type[Model]:
    """The table whose key this one's key is: a profile's is that of its account."""
    key = model._meta.pk
    return _keyed_by(key.related_model) if key.related_model else key.model
