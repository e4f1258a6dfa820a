"""How often each value occurs that a column, a severity or the demo card allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, Field, Model

from seeding.demo import STATES, in_state
from seeding.engine.run import Run
from seeding.profile.assessments import Scored
from seeding.profile.values import States
from seeding.world.concerns import CONCERNS
from seeding.world.instruments import instruments
from seeding.world.mentara import rows

RATINGS = range(1, 6)


def fields_of(models: list[type[Model]]) -> Iterator[Field[Any, Any]]:
    """The columns of these models' tables."""
    for model in models:
        yield from model._meta.fields


def states(run: Run, field: Field[Any, Any]) -> States:
    """How often each value that the column allows occurs."""
    allowed = [value for value, _ in field.flatchoices] or [True, False]
    column = f"{field.model._meta.db_table}.{field.column}"
    return _states(column, allowed, _counted(run, field.model.__name__, field.name))


def ratings(run: Run) -> States:
    """How often each number of stars was given."""
    return _states("Review.rating", RATINGS, _counted(run, "Review", "rating"))


def bands(scored: Scored) -> Iterator[States]:
    """How often each published severity of each questionnaire occurs."""
    counts = Counter(zip(scored.concern.tolist(), scored.band, strict=True))
    for at, slug in enumerate(CONCERNS):
        names = instruments()[slug].band_names
        yield _states(slug, names, {name: counts[at, name] for name in names})


def accounts(run: Run) -> States:
    """How many accounts show each state that the demo card offers."""
    found = {sees: in_state(conditions, run.using).count() for sees, conditions in STATES}
    return _states("demo", found, found)


def _counted(run: Run, model: str, name: str) -> dict[Any, int]:
    return dict(rows(run, model).values(name).annotate(number=Count("pk")).values_list(name, "number"))


def _states(column: str, allowed: Any, counts: Mapping[Any, int]) -> States:
    found = {str(value): int(counts.get(value, 0)) for value in allowed}
    return States(column, found, tuple(value for value, number in found.items() if not number))
