"""What is asked of a run: the mode and what departs from it, and what that comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from seeding.engine.enricher import Enricher
from seeding.engine.errors import UsageError
from seeding.enrichers import ENRICHERS
from seeding.requirements import MODES, Sizes
from seeding.world.locales import DEFAULT


@dataclass(frozen=True)
class SeedRequest:
    """Everything that enters at the top of a run; `as_of` is aware, None means now."""

    mode: str = "light"
    seed: str = "mentara"
    as_of: datetime | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    minimums: Mapping[str, int] = field(default_factory=dict)
    locale: str = DEFAULT
    using: str = "default"
    base: bool = True
    enrich: bool = True
    only: tuple[str, ...] = ()
    dry_run: bool = False
    reset: bool = False
    workers: int = 1
    executor: str = ""


def sizes_of(request: SeedRequest) -> Sizes:
    """The sizes of the mode with the request's own. Raises UsageError for one that is unknown or below zero."""
    if request.mode not in MODES:
        raise UsageError(f"Unknown mode {request.mode!r}; choose one of {', '.join(MODES)}.")
    known = asdict(MODES[request.mode])
    for name, value in request.sizes.items():
        if name not in known:
            raise UsageError(f"Unknown size {name!r}; choose among {', '.join(known)}.")
        if value < 0:
            raise UsageError(f"Size {name} cannot be {value}; give 0 or more.")
    return Sizes(**{**known, **request.sizes})


def chosen_enrichers(only: tuple[str, ...]) -> tuple[type[Enricher], ...]:
    """The enrichers of these tables, or all. Raises UsageError for a table no enricher fills."""
    by_table = {enricher.table: enricher for enricher in ENRICHERS}
    for table in only:
        if table not in by_table:
            raise UsageError(f"No enricher fills the table {table!r}; choose among {', '.join(sorted(by_table))}.")
    return tuple(by_table[table] for table in only) if only else ENRICHERS
