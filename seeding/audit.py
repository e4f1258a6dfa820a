"""The audit before enrichment: how many rows are short of each minimum, and what every single one of them lacks."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from seeding.engine import asking
from seeding.engine.gaps import find_gap, measure_gap
from seeding.engine.keys import uuids_of
from seeding.engine.reports import MinimumCheck, Need
from seeding.engine.run import Run


def audit(run: Run) -> tuple[tuple[MinimumCheck, ...], int]:
    """How many rows are short of each minimum, and how many rows they lack, all minimums together."""
    asked = run.minimums.values()
    models = {minimum.counts.model_class() for minimum in asked}
    found = asking.each(run.using, partial(measure_gap, run), asked, models)
    checks = tuple(
        MinimumCheck(minimum.key, minimum.each.noun, minimum.at_least, rows, short)
        for minimum, (rows, short, _) in zip(asked, found, strict=True)
    )
    return checks, sum(lacking for _, _, lacking in found)


def needs(run: Run) -> tuple[Need, ...]:
    """What every single subject that is short of something lacks."""
    lacking: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    labels: dict[tuple[str, str], str] = {}
    for key, minimum in run.minimums.items():
        gap = find_gap(run, minimum)
        if not len(gap):
            continue
        names = dict(minimum.each.query(run.using).values_list("pk", minimum.label))
        kind = minimum.each.model_class()._meta.db_table
        for row, lacks in zip(uuids_of(gap.ids), gap.needs.tolist(), strict=True):
            subject = (kind, str(row))
            lacking[subject][key] = lacks
            labels[subject] = str(names.get(row, row))
    return tuple(Need(kind, labels[kind, row], lacks) for (kind, row), lacks in lacking.items())
