"""The run: everything that enters at the top, as one frozen value handed down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from seeding.engine.errors import SeedingError
from seeding.engine.kept import Growth, Kept
from seeding.engine.keys import Draws
from seeding.engine.minimum import Minimum
from seeding.engine.reports import Broken, Progress
from seeding.engine.values import Columns

T = TypeVar("T")


def silent(_: Progress) -> None:
    """The listener that ignores progress."""


def without_rules(tables: Iterable[str]) -> tuple[Broken, ...]:
    """The judge of a run that was given no coherence rules: it refuses rather than call anything coherent."""
    raise SeedingError(f"No coherence rules were given to judge {', '.join(tables)} by.")


@dataclass(frozen=True)
class Run:
    """The database, the seed, as-of (an instant), every minimum with its height, the locales, and the sizes."""

    using: str
    seed: str
    as_of: int
    minimums: Mapping[str, Minimum]
    locale: str
    sizes: Mapping[str, Any] = field(default_factory=dict)
    listen: Callable[[Progress], None] = silent
    judge: Callable[[Iterable[str]], tuple[Broken, ...]] = without_rules
    large: bool = False
    """Whether indexes and foreign keys are set aside."""
    many: bool = False
    """Whether so many rows come that memory is wanted for them."""
    recipe: str = ""
    """The digest of what base data is made from, by which the ledger notes it."""
    standing: int | None = None
    """Up to what size base data was complete before, as `ledger.standing` says."""
    kept: Kept | None = field(default=None, compare=False, repr=False)
    """What steps of one process read once; None where each reads anew."""

    @property
    def draws(self) -> Draws:
        """The keyed draws of this run's seed."""
        return Draws(self.seed)

    def once(
        self,
        question: str,
        tables: Collection[str],
        ask: Callable[[], T],
        *,
        small: bool = False,
        grows: Mapping[str, Growth] | None = None,
    ) -> T:
        """What `ask` reads from these tables; asked again only when this run has written one of them since.

        For new rows of some tables it may tell how the answer `grows` with them. Where `many` rows come, only what is
        `small` is kept.
        """
        if self.kept is None or (self.many and not small):
            return ask()
        return self.kept.once(question, tables, ask, grows)

    def forget(self) -> None:
        """Have everything read anew."""
        if self.kept is not None:
            self.kept.forget()

    def wrote(self, table: str, new: Columns | None = None) -> None:
        """Take note that this run has written rows of a table: changed some, or added `new` ones."""
        if self.kept is not None:
            self.kept.wrote(table, new)
