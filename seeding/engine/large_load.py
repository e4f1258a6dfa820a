"""A load that is large for the database it goes to: indexes and foreign keys come afterwards, steps side by side."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from functools import partial

from django.db import OperationalError, connections
from django.db.models import Model

from seeding.engine import pool, setaside, statistics
from seeding.engine.finishing import Finishing
from seeding.engine.lock import held
from seeding.engine.reports import Progress
from seeding.engine.session import spare_connections
from seeding.engine.steps import undisturbed

HELD = "55P03"
"""PostgreSQL's code for a lock that was not to be had in time."""
LARGE_LOAD = 50_000
LARGE_SHARE = {"postgresql": 1 / 8, "sqlite": 1 / 2}
"""From so many new rows on, if they are this share of the old, indexes are built afterwards (measured on ten million
rows: below it, adding to an index is cheaper than building it)."""
LOAD_OF_MANY = 1_000_000
"""From so many new rows on, processes are worth starting."""


class LargeLoad:
    """What a run does differently once `make_way` has found that it is large; until then nothing."""

    def __init__(
        self,
        using: str,
        models: Sequence[type[Model]],
        listen: Callable[[Progress], None],
        workers: int = 1,
        cluster: str | None = None,
    ) -> None:
        self.using, self.models, self.listen, self.cluster = using, models, listen, cluster
        self.workers = max(1, min(workers, spare_connections(using)))
        self.under_way = self.many = False
        self._resources = ExitStack()
        self._executor: Executor | None = None
        self._finishing: Finishing | None = None

    @property
    def on_postgres(self) -> bool:
        """Whether the database is PostgreSQL, where several may write at once."""
        return connections[self.using].vendor == "postgresql"

    def is_worth_it(self, new: int) -> bool:
        """Whether so many new rows are worth building indexes and foreign keys anew; not where that is under way."""
        if new < LARGE_LOAD or self.under_way or not setaside.can_set_aside(self.using, self.models):
            return False
        there = statistics.rows_about(self.using, self.models)
        return bool(new >= LARGE_SHARE[connections[self.using].vendor] * there)

    def make_way(self, new: int) -> bool:
        """Set indexes and foreign keys aside for so many new rows; not where somebody's open transaction is in the way.

        Returns whether it did.
        """
        self.under_way, self.many = True, new >= LOAD_OF_MANY
        try:
            undisturbed(partial(setaside.set_aside, self.using, self.models))
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != HELD:
                raise
            self.under_way = False
        return self.under_way

    def reach_cluster(self) -> None:
        """Connect to the cluster that was asked for, before anything is written. Raises UsageError if none answers."""
        if self.cluster:
            self._executor = self._resources.enter_context(pool.cluster(self.cluster))

    def executor(self) -> Executor | None:
        """What does the steps side by side: the cluster asked for, or processes of this machine.

        None where this process does them: loads too small for processes to be worth starting, databases with a single
        writer, and up to two workers, since the server takes a processor for itself (measured on two: as fast, for
        twice the memory).
        """
        if not self.under_way or not self.on_postgres:
            return None
        if self._executor is None and self.many and self.workers > 2:
            self._executor = self._resources.enter_context(pool.processes(self.workers - 1, self.listen))
        return self._executor

    def complete(self, tables: Collection[str]) -> None:
        """Vacuum and index tables that get no more rows, beside steps at work; a single worker does so later."""
        if not self.under_way or not self.on_postgres or self.workers == 1:
            return
        if self._finishing is None:
            self._finishing = Finishing(self.using, self.workers - 1)
            self._resources.callback(self._finishing.end)
        self._finishing.add([model for model in self.models if model._meta.db_table in tables])

    def end(self) -> None:
        """Put back what was set aside, come what may: whatever fails before that is raised after it.

        The first interruption of a run waits for this, the second leaves it to the next run.
        Raises SeedingError if the rows do not allow it; the next run tries again.
        """
        is_interrupted = isinstance(sys.exception(), KeyboardInterrupt)
        with ExitStack() as last_first:
            if self._finishing is not None:
                last_first.callback(self._finishing.raise_failure)
            if self.under_way:
                last_first.callback(self._put_back, tries=1 if is_interrupted else 2)
            last_first.push(self._resources)
            if self.under_way:
                self.listen(Progress("phase", "Indexes and foreign keys"))

    def _put_back(self, tries: int) -> None:
        try:
            with held(self.using):
                setaside.put_back(self.using, self.workers)
        except KeyboardInterrupt:
            if tries > 1:
                self._put_back(tries - 1)
            raise
