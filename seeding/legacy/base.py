"""What the five base generators share: the base world, and writing rows that are not there yet in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from django.apps import apps

from seeding.engine.columns import UUID, read
from seeding.engine.grouping import find
from seeding.engine.ids import AT_ONCE, existing
from seeding.engine.keys import BASE, Bools, Ids, id_range
from seeding.engine.ledger import record_growth
from seeding.engine.minimum import Rows
from seeding.engine.reports import GeneratorResult
from seeding.engine.run import Run
from seeding.engine.values import Columns, take
from seeding.engine.writing import Writing
from seeding.legacy.plan import BaseWorld
from seeding.requirements import Sizes


class Base(Writing):
    """One base generator's work in progress."""

    def __init__(self, run: Run, sizes: Sizes, name: str) -> None:
        super().__init__(run, name)
        self.sizes = sizes

    @property
    def world(self) -> BaseWorld:
        """The base world at these sizes, worked out once a run, in a large load once a generator."""
        return self.run.once("base world", ("Community",), lambda: BaseWorld(self.run, self.sizes))

    def missing(self, model: str, ids: Ids) -> Bools:
        """Which of the rows are not there yet; in a large load, where no index may find them, by one look at all."""
        if self.run.large and len(ids) > AT_ONCE:
            there = read(Rows(model, {"pk__range": id_range(BASE)}).query(self.run.using), pk=UUID).pk
            return find(ids, there) < 0
        return ~existing(self.run.using, apps.get_model(model), ids)

    def write_missing(
        self, model: str, columns: Columns, where: Bools | None = None, *, dated_back: Bools | None = None
    ) -> None:
        """Insert those of the rows that are missing, of them those where the mask is true.

        Another seed draws other rows for the same keys, so a row whose key is there stays as it is. `dated_back` marks
        those dated before a parent of somebody else's that left no room.
        """
        wanted = self.missing(model, columns[apps.get_model(model)._meta.pk.attname])
        if where is not None:
            wanted &= where
        if wanted.all():
            self.write(model, columns, dated_back)
        else:
            some = np.flatnonzero(wanted)
            self.write(model, take(columns, some), None if dated_back is None else dated_back[some])


def title(generate: Callable[..., Any]) -> str:
    """The name of a base generator as a person reads it."""
    return generate.__name__.removeprefix("generate_").replace("_", " ").capitalize()


def generator(work: Callable[[Base], None]) -> Callable[[Run], GeneratorResult]:
    """Make a generator of the function: run in one transaction, counted, safe to run again."""

    @wraps(work)
    def generate(run: Run) -> GeneratorResult:
        started = time.perf_counter()
        base = Base(run, Sizes(**run.sizes), title(work))
        with base.transaction():
            work(base)
            record_growth(run, base.added)
        return GeneratorResult(work.__name__, dict(base.added), base.dated_back, time.perf_counter() - started)

    return generate
