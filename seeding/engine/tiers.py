"""The order of enrichers: tiers computed from the tables each says it comes after."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from seeding.engine.enricher import Enricher
from seeding.engine.errors import SeedingError


def in_tiers(enrichers: Iterable[type[Enricher]]) -> tuple[tuple[type[Enricher], ...], ...]:
    """The enrichers in tiers, each in the order in which they are named. Raises SeedingError for a circle."""
    by_table = {enricher.table: enricher for enricher in enrichers}
    sorter = TopologicalSorter({table: set(enricher.after) & set(by_table) for table, enricher in by_table.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        raise SeedingError(f"Enrichers wait for each other in a circle: {' → '.join(error.args[1])}") from error
    tiers = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=[*by_table].index)
        sorter.done(*ready)
        tiers.append(tuple(by_table[table] for table in ready))
    return tuple(tiers)
