"""A minimum as a value: each row of one kind has at least so many rows of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from django.apps import apps
from django.db import connections
from django.db.models import Count, Exists, Model, OuterRef, QuerySet

T = TypeVar("T")
FEW = 1000
"""Up to so many subjects, probing an index for each is cheaper than counting all rows of a table (measured)."""


@dataclass(frozen=True)
class Rows:
    """Some rows of one model: its label ("mentara.Post") and a filter in Django's own words.

    A path may also lead to other Rows: the row that it names is one of these.
    """

    model: str
    where: Mapping[str, Any] = field(default_factory=dict)
    noun: str = ""

    def query(self, using: str) -> QuerySet[Any]:
        """The rows as a queryset, each once: where a path begins with many related rows, their existence is asked for.

        Nowhere else may a path lead to many.
        """
        model = self.model_class()
        many = {one.name: one for one in model._meta.related_objects if one.one_to_many}
        own: dict[str, Any] = {}
        related: dict[str, dict[str, Any]] = defaultdict(dict)
        for path, value in self.where.items():
            first, _, rest = path.partition("__")
            if first in many:
                related[first][rest] = value
            else:
                own[path] = value
        rows = _where(model._default_manager.using(using).order_by(), own)
        for name, where in related.items():
            relation: Any = many[name]
            those = relation.related_model._default_manager.using(using).filter(**{relation.field.name: OuterRef("pk")})
            rows = rows.filter(Exists(_where(those, where)))
        return rows

    def are_few(self, using: str) -> bool:
        """Whether these are so few that an index is better asked about each than a table counted as a whole."""
        return not self.query(using)[FEW : FEW + 1].exists()

    def model_class(self) -> type[Model]:
        """The model class behind the label."""
        return apps.get_model(self.model)


def _where(rows: QuerySet[Any], where: Mapping[str, Any]) -> QuerySet[Any]:
    """These of the rows; others that a path leads to are looked up by their key, whatever lies between."""
    rows = rows.filter(**{path: value for path, value in where.items() if not isinstance(value, Rows)})
    for path, others in where.items():
        if isinstance(others, Rows):
            rows = rows.filter(Exists(others.query(rows.db).filter(pk=OuterRef(path))))
    return rows


@dataclass(frozen=True)
class Supply:
    """What must exist before a minimum can be met: one such row, or where each supplies once, one for each row."""

    rows: Rows
    once: str = ""
    """The column of the counted table that names the supplying row, where that has one row a subject at most."""
    never: str = ""
    """The path from a subject to the row that does not supply it although it is one of these."""
    besides: str = ""
    """Why a subject may need more of them than the minimum says."""

    def needed(self, minimum: int) -> int:
        """How many supplying rows a minimum of this height takes, if all of them supply."""
        return minimum if self.once else 1


@dataclass(frozen=True)
class Minimum:
    """Each row of `each` has at least `at_least` rows of `counts`, matched by `by` (counted path → subject path)."""

    key: str
    each: Rows
    at_least: int
    counts: Rows
    by: Mapping[str, str]
    why: str
    supply: tuple[Supply, ...] = ()
    label: str = "pk"
    """The path from a row of `each` to what a person knows it by."""
    distinct: str = "pk"
    """The column of `counts` whose different values count, where rows do not."""
    otherwise: str = ""
    """Why rows may stay short although there is supply enough."""
    remedy: str = ""
    """What helps then, beside lowering the minimum."""

    def count(self) -> Count:
        """The aggregate that counts: rows, which an index answers, or the different values of a column."""
        return Count("*") if self.distinct == "pk" else Count(self.distinct, distinct=True)

    @property
    def ceiling(self) -> int | None:
        """How many different values there can be at most, where those of a column with choices are counted."""
        if self.distinct == "pk":
            return None
        column: Any = self.counts.model_class()._meta.get_field(self.distinct)
        return len(column.choices) if column.choices else None

    @property
    def table(self) -> str:
        """The table whose rows fill this minimum."""
        return self.counts.model_class()._meta.db_table


def once_a_process(compiled: Callable[[str, Minimum], T]) -> Callable[[str, Minimum], T]:
    """Have what follows from a minimum and the kind of database alone, such as SQL, compiled once a process.

    Django takes longer to compile a statement than a small database to answer it.
    """
    known: dict[tuple[str, str], T] = {}

    @wraps(compiled)
    def found(using: str, minimum: Minimum) -> T:
        key = connections[using].settings_dict["ENGINE"], repr(minimum)
        if key not in known:
            known[key] = compiled(using, minimum)
        return known[key]

    return found
