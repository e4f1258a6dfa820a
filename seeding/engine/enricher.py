"""The base of all enrichers: finds the gaps of its table, lets the table's story fill them, counts the rows."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.apps import apps
from numpy.typing import NDArray

from seeding.engine.checks import check_minimum
from seeding.engine.gaps import Gap, Subjects, find_gap, no_gap, subject_ids
from seeding.engine.ids import fresh_ids
from seeding.engine.keys import Ids, Ints, seeded_range
from seeding.engine.reports import EnrichmentResult, TableStats, ValidationResult
from seeding.engine.run import Run
from seeding.engine.values import Columns
from seeding.engine.writer import bulk_update
from seeding.engine.writing import Writing


class Gaps(dict[str, Gap]):
    """The gaps of several minimums by key; a minimum that was not asked for has none.

    `subjects` are the ids of the rows that the call was about, or None for all.
    """

    def __init__(self, run: Run, gaps: dict[str, Gap], subjects: Ids | None = None) -> None:
        super().__init__(gaps)
        self._run = run
        self.subjects = subjects

    def __missing__(self, key: str) -> Gap:
        return no_gap(self._run.minimums[key])

    def __bool__(self) -> bool:
        return any(len(gap) for gap in self.values())


class Enricher(Writing, ABC):
    """Fills the gaps of one table. Subclasses say which minimums, after which tables, and how.

    `beyond_minimums` says that the table has another aim besides, so that it is looked at where no minimum is short.
    """

    table: ClassVar[str]
    also: ClassVar[tuple[str, ...]] = ()
    fills: ClassVar[tuple[str, ...]]
    after: ClassVar[tuple[str, ...]] = ()
    beyond_minimums: ClassVar[bool] = False

    def __init__(self, run: Run) -> None:
        super().__init__(run, self.title())

    @classmethod
    def title(cls) -> str:
        """The enricher's name as a person reads it."""
        return cls.__name__.removesuffix("Enricher")

    def enrich(self) -> EnrichmentResult:
        """Fill every gap of this table's minimums in one transaction, and say how many rows that took."""
        started = time.perf_counter()
        added, dated_back = self.added.copy(), self.dated_back
        self.fill(*self.fills)
        return EnrichmentResult(
            self.table,
            dict(self.added - added),
            self.dated_back - dated_back,
            time.perf_counter() - started,
        )

    def fill(self, *keys: str, subjects: Subjects = None) -> int:
        """Fill the gaps of these minimums, for the subjects named or for all; returns the number of rows added."""
        before = self.added.total()
        about = {self.run.minimums[key].each.model_class() for key in keys}
        chosen = None if subjects is None else subject_ids(subjects, about)
        with self.transaction():
            self.supply(Gaps(self.run, {key: self.gap(key, chosen) for key in keys}, chosen))
        return self.added.total() - before

    @abstractmethod
    def supply(self, gaps: Gaps) -> None:
        """Plan the rows that close the gaps, and write them."""

    def validate(self) -> ValidationResult:
        """Hold this table against its minimums and its coherence rules."""
        checks = tuple(check_minimum(self.run.using, self.run.minimums[key]) for key in self.fills)
        return ValidationResult(self.table, checks, self.run.judge((self.table, *self.also)))

    def get_stats(self) -> TableStats:
        """How many rows this table holds, how many are seeded, and how many rows are short of each minimum."""
        own = next(one for one in map(self.run.minimums.__getitem__, self.fills) if one.table == self.table)
        rows = own.counts.model_class()._default_manager.using(self.run.using)
        seeded = rows.filter(pk__range=seeded_range()).count()
        checks = (check_minimum(self.run.using, self.run.minimums[key]) for key in self.fills)
        return TableStats(self.table, rows.count(), seeded, {check.key: check.short for check in checks})

    def gap(self, key: str, subjects: Ids | None = None) -> Gap:
        """The rows short of this minimum."""
        gap = find_gap(self.run, self.run.minimums[key])
        return gap if subjects is None else gap.among(subjects)

    def gap_beside(self, gaps: Gaps, asked: str, key: str) -> Gap:
        """The rows among the same subjects that are short of another table's minimum; none unless `asked` is filled."""
        return self.gap(key, gaps.subjects) if asked in gaps else gaps[key]

    def least(self, key: str) -> int:
        """The height of a minimum in this run."""
        return self.run.minimums[key].at_least

    def new_ids(self, model: str, subjects: Ids, places: Ints, slots: NDArray[Any] | None = None) -> Ids:
        """Ids for new rows, one for the subject at each of these places (a place may be named often).

        The n-th row of a subject takes its n-th slot, unless other slots are given.
        """
        return fresh_ids(self.run.using, apps.get_model(model), subjects, places, slots)

    def update(self, model: str, columns: Columns) -> None:
        """Set columns of rows that exist, found by the primary key among them."""
        model_class = apps.get_model(model)
        bulk_update(self.run.using, model_class, columns)
        self.run.wrote(model_class._meta.db_table)
