"""The toolkit's own note of which seed and as-of wrote into a database, in the transaction of the rows."""

from __future__ import annotations

from datetime import datetime

from django.apps import apps
from django.db.models import Max, Min

from seeding.engine.clock import moment
from seeding.engine.run import Run


def record(run: Run) -> None:
    """Note the run's seed and as-of, once."""
    runs = apps.get_model("seeding.SeedRun")._default_manager.using(run.using)
    runs.get_or_create(seed=run.seed, as_of=moment(run.as_of))


def span(using: str) -> tuple[datetime, datetime] | None:
    """The earliest and the latest as-of under which rows were written, or None if none ever were."""
    runs = apps.get_model("seeding.SeedRun")._default_manager.using(using)
    found = runs.aggregate(first=Min("as_of"), last=Max("as_of"))
    return (found["first"], found["last"]) if found["first"] else None
