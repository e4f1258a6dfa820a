"""What the five base generators share: writing rows that are not there yet, in one transaction, and counting them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from seeding.engine import ledger
from seeding.engine.ids import existing
from seeding.engine.keys import Bools
from seeding.engine.minimum import Rows
from seeding.engine.reports import GeneratorResult
from seeding.engine.run import Progress, Run
from seeding.engine.sending import sending
from seeding.engine.writer import Columns, bulk_insert, parts, take
from seeding.legacy.plan import BaseWorld
from seeding.requirements import Sizes


@dataclass
class Base:
    """One base generator's work in progress."""

    run: Run
    sizes: Sizes
    name: str
    added: Counter[str] = field(default_factory=Counter)
    dated_back: int = 0

    @property
    def world(self) -> BaseWorld:
        """The base world at these sizes, worked out once a run."""
        return self.run.once("base world", (), lambda: BaseWorld(self.run, self.sizes))

    def write(
        self,
        model: str,
        columns: Columns,
        where: Bools | None = None,
        *,
        new_parents: bool = False,
        dated_back: Bools | None = None,
    ) -> None:
        """Insert the rows, or those where the mask is true; a row whose key is there already stays as it is.

        Another seed draws other rows for the same keys, so this is looked up, unless the rows belong to `new_parents`.
        `dated_back` marks those dated before a parent of somebody else's that left no room.
        """
        model_class = Rows(f"mentara.{model}").model_class()
        wanted = np.ones(len(columns[model_class._meta.pk.attname]), dtype=np.bool_) if where is None else where
        if not new_parents:
            wanted = wanted & ~existing(self.run.using, model_class, columns[model_class._meta.pk.attname])
        if not wanted.all():
            columns = take(columns, np.flatnonzero(wanted))
        if len(columns[model_class._meta.pk.attname]):
            if not self.added:
                ledger.record(self.run)
            self.added[model] += bulk_insert(self.run.using, model_class, columns)
            self.run.wrote(model_class._meta.db_table)
            self.dated_back += 0 if dated_back is None else int(dated_back[wanted].sum())

    def write_rows(self, model: str, rows_of: Callable[..., tuple[Columns, Bools]], *plan: NDArray[Any]) -> None:
        """Insert the rows that `rows_of` makes of these columns of the plan, none of which is there, part by part."""
        before, total = self.added.total(), len(plan[0])
        for part in parts(total):
            columns, dated_back = rows_of(*(column[part] for column in plan))
            self.write(model, columns, new_parents=True, dated_back=dated_back)
            self.tell(before + total)

    def tell(self, expected: int) -> None:
        """Say how far this generator is: the rows added, of those expected."""
        self.run.listen(Progress("rows", self.name, rows=self.added.total(), of=expected))


def title(generate: Callable[..., Any]) -> str:
    """The name of a base generator as a person reads it."""
    return generate.__name__.removeprefix("generate_").replace("_", " ").capitalize()


def generator(work: Callable[[Base], None]) -> Callable[[Run], GeneratorResult]:
    """Make a generator of the function: run in one transaction, counted, safe to run again."""

    @wraps(work)
    def generate(run: Run) -> GeneratorResult:
        started = time.perf_counter()
        base = Base(run, Sizes(**run.sizes), title(work))
        with transaction.atomic(using=run.using), sending(run.using, large=run.large):
            work(base)
        return GeneratorResult(work.__name__, dict(base.added), time.perf_counter() - started, base.dated_back)

    return generate
