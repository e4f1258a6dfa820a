"""What people do in a database between two runs: edits that Hypothesis draws and shrinks, and what carries them out.

An edit names rows by number, counted round in the order of their keys; one that the schema refuses is left out.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from itertools import count
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from django.apps import apps
from django.db import IntegrityError, models, transaction
from enrichers.small_worlds import World
from hypothesis import strategies as st
from worlds import AS_OF, ZONES, ago, index

MODELS: dict[str, Any] = {model.__name__: model for model in apps.get_app_config("mentara").get_models()}
SEEDED = sorted(MODELS.keys() - {"Payment", "Invoice"})
COPIED = sorted(name for name in SEEDED if name != "User" and MODELS[name]._meta.pk.name == "id")
VALUES: dict[str, Any] = {
    "timezone": ZONES,
    "start_time": ("09:00", "00:00", "8:30", "17:00"),
    "end_time": ("17:00", "23:59", "24:00", "08:00"),
    "questionnaire": ("anxiety", "stress"),
    "slug": ("anxiety", "gardening", "students"),
    "content": ("The same text.",),
    "session_length": (30, 50, 200),
    "email": ("client1@mentara.example", "own@example.org", "therapist2@mentara.example"),
}
NEWCOMERS = ("client", "therapist", "moderator", "admin", "community")
some = st.sampled_from(SEEDED)
edits = st.lists(
    st.tuples(st.just("delete"), some, st.lists(index, min_size=1, max_size=8))
    | st.tuples(st.just("change"), some, index, index, index, ago)
    | st.tuples(st.just("copy"), st.sampled_from(COPIED), index, index, index, ago)
    | st.tuples(st.just("add"), st.sampled_from(NEWCOMERS), ago),
    min_size=5,
    max_size=40,
)


def is_telling(column: Any) -> bool:
    """Whether a column matters to a run: who, when, whether, which of some."""
    kinds = (models.ForeignKey, models.DateTimeField, models.BooleanField)
    of_some = column.flatchoices or column.name in VALUES
    return not column.primary_key and bool(of_some or isinstance(column, kinds))


class Hand:
    """Edits one database; new rows have keys that do not change from run to run."""

    def __init__(self, using: str) -> None:
        self.using, self.numbers = using, count()

    def carry_out(self, described: list[Any]) -> None:
        for kind, *details in described:
            with suppress(IntegrityError), transaction.atomic(using=self.using):
                getattr(self, kind)(*details)

    def row(self, model: Any, number: int) -> Any:
        """The row of this number, counted round, or None where there is none."""
        rows = model.objects.using(self.using).order_by("pk")
        found = rows.count()
        return rows[number % found] if found else None

    def delete(self, table: str, numbers: list[int]) -> None:
        keys = {row.pk for row in (self.row(MODELS[table], number) for number in numbers) if row}
        MODELS[table].objects.using(self.using).filter(pk__in=keys).delete()

    def change(self, table: str, number: int, column: int, value: int, days: float) -> None:
        """Give one column of a row another value."""
        row = self.row(MODELS[table], number)
        if row:
            self.set(row, column, value, days)
            row.save(using=self.using)

    def copy(self, table: str, number: int, column: int, value: int, days: float) -> None:
        """Add a row that is like another but for one column."""
        row = self.row(MODELS[table], number)
        if row:
            row.pk = uuid5(NAMESPACE_OID, f"copy {next(self.numbers)}")
            self.set(row, column, value, days)
            row.save(using=self.using, force_insert=True)

    def add(self, what: str, days: float) -> None:
        """Add an account or a community."""
        world = World(self.using, AS_OF - dt.timedelta(days=days))
        world.number = 100 * (1 + next(self.numbers))
        if what == "community":
            world.community(slug=f"place-{world.number}")
        elif what == "moderator":
            world.user(what)
        else:
            getattr(world, what)()

    def set(self, row: Any, column: int, value: int, days: float) -> None:
        columns = [one for one in row._meta.concrete_fields if is_telling(one)]
        changed = columns[column % len(columns)]
        setattr(row, changed.attname, self.value(changed, getattr(row, changed.attname), value, days))

    def value(self, column: Any, before: Any, value: int, days: float) -> Any:
        if column.null and value % 5 == 0:
            return None
        if column.is_relation:
            other = self.row(column.related_model, value)
            return other.pk if other else before
        if isinstance(column, models.DateTimeField):
            return AS_OF - dt.timedelta(days=days)
        choices = [one for one, _ in column.flatchoices] or VALUES.get(column.name)
        return choices[value % len(choices)] if choices else not before
