"""The toolkit's own notes: which seed and as-of wrote into a database, and which base data stands complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Max, Min, Model, UUIDField

from seeding.engine import asking
from seeding.engine.clock import MINUTE, micros, moment
from seeding.engine.errors import UsageError
from seeding.engine.keys import BASE, id_range, seeded_range
from seeding.engine.run import Run


def record(run: Run) -> None:
    """Note the run's seed and as-of, once: in the transaction of its first rows, or before it sets anything aside.

    Raises UsageError where rows of a later as-of are there: those of this one would not fit among them.
    """
    written = span(run.using)
    if written and micros(written[1]) > run.as_of + MINUTE:
        raise UsageError(
            f"Rows as of {written[1].isoformat()} are there already, and rows as of {moment(run.as_of).isoformat()} "
            "would not fit among them; give that as-of or a later one, or start anew with --reset."
        )
    runs = apps.get_model("seeding.SeedRun")._default_manager.using(run.using)
    runs.get_or_create(seed=run.seed, as_of=moment(run.as_of))


def span(using: str) -> tuple[datetime, datetime] | None:
    """The earliest and the latest as-of under which rows were written, or None if none ever were."""
    runs = apps.get_model("seeding.SeedRun")._default_manager.using(using)
    found = runs.aggregate(first=Min("as_of"), last=Max("as_of"))
    return (found["first"], found["last"]) if found["first"] else None


def forget_what_is_gone(using: str, models: Collection[type[Model]]) -> None:
    """Drop all notes where no table holds a row of ours: a run was ended before its first, or they were deleted."""
    first, last = seeded_range()
    of_ours = (model._default_manager.using(using).filter(pk__gte=first, pk__lte=last) for model in models)
    if span(using) and not any(rows.exists() for rows in of_ours):
        apps.get_model("seeding.SeedRun")._default_manager.using(using).all().delete()


def standing(using: str, recipe: str, size: int, rows: Mapping[str, int]) -> int | None:
    """Up to what size, this one or less, the base data of this recipe was completed here and had as many rows as these.

    None if it never was.
    """
    notes = _bases(using).filter(recipe=recipe, size__lte=size).order_by("-size")
    return next((note.size for note in notes if note.rows == rows), None)


def record_base(using: str, recipe: str, size: int, rows: Mapping[str, int]) -> None:
    """Note that the base data of this recipe stands complete up to this size with so many rows a table."""
    _bases(using).update_or_create(recipe=recipe, size=size, defaults={"rows": rows})


def record_growth(run: Run, added: Counter[str]) -> None:
    """Note rows that were added to base data that stood complete, in their transaction, so that it stands as before.

    A run that is interrupted is taken for the growth that it was by the next.
    """
    if run.standing is None or not added:
        return
    for note in _bases(run.using).select_for_update().filter(recipe=run.recipe, size=run.standing):
        note.rows = {table: rows + added[table] for table, rows in note.rows.items()}
        note.save()


def base_rows(using: str, models: Collection[type[Model]]) -> dict[str, int]:
    """How many base rows there are in each of these models' tables."""
    quoted = connections[using].ops.quote_name
    between = [UUIDField().get_db_prep_value(key, connections[using]) for key in id_range(BASE)]

    def number(model: type[Model]) -> int:
        table, key = quoted(model._meta.db_table), quoted(str(model._meta.pk.column))
        with connections[using].cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {table} WHERE {key} BETWEEN %s AND %s", between)  # noqa: S608  (names of our own models)
            return int(cursor.fetchone()[0])

    numbers = asking.each(using, number, models, models)
    return {model._meta.db_table: rows for model, rows in zip(models, numbers, strict=True)}


@cache
def digest_of_code(folder: Path) -> bytes:
    """The digest of the code and corpus in a folder, as first found: base rows are made from these."""
    made_from = blake2b(digest_size=16)
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".json", ".toml")):
        made_from.update(path.name.encode() + path.read_bytes())
    return made_from.digest()


def _bases(using: str) -> Any:
    return apps.get_model("seeding.SeedBase")._default_manager.using(using)
