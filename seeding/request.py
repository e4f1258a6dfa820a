"""What is asked of a run: the mode and what departs from it, and what that comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from seeding.config import size
from seeding.engine.enricher import Enricher
from seeding.engine.errors import UsageError
from seeding.enrichers import ENRICHERS
from seeding.requirements import DEFAULT_MODE, DEFAULT_SEED, MODES, SIZES, Sizes
from seeding.world.locales import DEFAULT


@dataclass(frozen=True)
class SeedRequest:
    """Everything that enters at the top of a run; `as_of` is aware, None means now."""

    mode: str = DEFAULT_MODE
    seed: str = DEFAULT_SEED
    as_of: datetime | None = None
    sizes: Mapping[str, float] = field(default_factory=dict)
    minimums: Mapping[str, int] = field(default_factory=dict)
    locale: str = DEFAULT
    using: str = "default"
    base: bool = True
    enrich: bool = True
    only: tuple[str, ...] = ()
    dry_run: bool = False
    reset: bool = False
    workers: int = 1
    executor: str | None = None


TEXT, TABLE, FLAG = (str, "text"), (Mapping, "a dictionary of names and numbers"), (bool, "True or False")
KINDS: Mapping[str, tuple[Any, str]] = {
    **dict.fromkeys(("mode", "locale", "using"), TEXT),
    **dict.fromkeys(("sizes", "minimums"), TABLE),
    **dict.fromkeys(("base", "enrich", "dry_run", "reset"), FLAG),
    "only": (tuple | list, "a tuple of tables"),
    "workers": (int, "a whole number"),
    "executor": (str | None, "text"),
}
"""What each field takes, for callers who run no type checker; the seed and the as-of have checks of their own."""


def check_kinds(request: SeedRequest) -> None:
    """Raise UsageError for a field that is something else than it takes."""
    for name, (kind, words) in KINDS.items():
        value = getattr(request, name)
        if not isinstance(value, kind):
            raise UsageError(f"{name} must be {words}, not {value!r}.")


def sizes_of(request: SeedRequest) -> Sizes:
    """The sizes of the mode with the request's own. Raises UsageError for one that is unknown or cannot be."""
    if request.mode not in MODES:
        raise UsageError(f"Unknown mode {request.mode!r}; choose one of {', '.join(MODES)}.")
    for name in request.sizes:
        if name not in SIZES:
            raise UsageError(f"Unknown size {name!r}; choose among {', '.join(SIZES)}.")
    given: dict[str, Any] = {name: size(f"Size {name}", name, value) for name, value in request.sizes.items()}
    return replace(MODES[request.mode], **given)


def chosen_enrichers(only: tuple[str, ...]) -> tuple[type[Enricher], ...]:
    """The enrichers of these tables, or all. Raises UsageError for a table no enricher fills."""
    by_table = {enricher.table: enricher for enricher in ENRICHERS}
    beside = {table: enricher.table for enricher in ENRICHERS for table in enricher.also}
    for table in only:
        if not isinstance(table, str):
            raise UsageError(f"A table is named by text, not {table!r}.")
        if table in beside and table not in by_table:
            raise UsageError(f"{table} is filled together with {beside[table]}; name that.")
        if table not in by_table:
            raise UsageError(f"No enricher fills the table {table!r}; choose among {', '.join(sorted(by_table))}.")
    return tuple(by_table[table] for table in only) if only else ENRICHERS
