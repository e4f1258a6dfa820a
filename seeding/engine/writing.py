"""How base generators and enrichers write: in transactions, noted in the ledger, rows counted by table and told of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.apps import apps
from django.db import connections, transaction
from numpy.typing import NDArray

from seeding.engine import ledger
from seeding.engine.keys import Bools
from seeding.engine.memory import return_large_blocks
from seeding.engine.reports import Progress
from seeding.engine.run import Run
from seeding.engine.sending import sending
from seeding.engine.values import Columns, parts
from seeding.engine.writer import bulk_insert


class Writing:
    """The rows that one generator or enricher has written: how many into each table, how many dated back."""

    def __init__(self, run: Run, name: str) -> None:
        self.run, self.name = run, name
        self.added: Counter[str] = Counter()
        self.dated_back = 0
        self._noted = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep what is written in here together; the run is noted with the first row of it."""
        self._noted = False
        if self.run.large and connections[self.run.using].vendor == "sqlite":
            return_large_blocks()
        with transaction.atomic(using=self.run.using), sending(self.run.using, large=self.run.large):
            yield

    def write(self, model: str, columns: Columns, dated_back: Bools | None = None) -> None:
        """Insert the rows; `dated_back` marks those dated before a parent that left no room.

        Raises UsageError where rows of a later as-of are there, and what `bulk_insert` raises.
        """
        model_class = apps.get_model(model)
        if not len(columns[model_class._meta.pk.attname]):
            return
        if not self._noted:
            self.run.once("noted", (), partial(ledger.record, self.run), small=True)
            self._noted = True
        self.added[model_class._meta.db_table] += bulk_insert(self.run.using, model_class, columns)
        self.run.wrote(model_class._meta.db_table, columns)
        self.dated_back += 0 if dated_back is None else int(dated_back.sum())

    def write_rows(self, model: str, rows_of: Callable[..., tuple[Columns, Bools]], *plan: NDArray[Any]) -> None:
        """Insert the rows that `rows_of` makes of these columns of the plan, part by part."""
        table, total = apps.get_model(model)._meta.db_table, len(plan[0])
        expected = self.added[table] + total
        for part in parts(total):
            self.write(model, *rows_of(*(column[part] for column in plan)))
            self.tell(table, expected)

    def tell(self, table: str, expected: int) -> None:
        """Say how far this is: the rows added to a table, of those expected."""
        self.run.listen(Progress("rows", self.name, rows=self.added[table], of=expected, table=table))
