"""Checking minimums: a reading of the database of its own, apart from the gaps that enrichers fill.

Gaps come from counts aggregated once and joined; a check asks for each row's own count.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from seeding.engine.minimum import Minimum
from seeding.engine.reports import Finding, MinimumCheck

NOT_YET = "not filled yet; run `python manage.py seed --enrich-only`"
NO_WAY = "no row that could fill it was found"
FINDINGS = 20


def check_minimum(using: str, minimum: Minimum, *, filled: bool = False, findings: int = FINDINGS) -> MinimumCheck:
    """How many rows are short of a minimum, the first of them as findings, and why.

    `filled` says that the enrichers have run.
    """
    subjects = minimum.each.query(using)
    total = subjects.count()
    if minimum.at_least <= 0:
        return MinimumCheck(minimum.key, minimum.each.noun, minimum.at_least, total, 0)
    short = _short(using, minimum)
    count = short.count()
    if not count:
        return MinimumCheck(minimum.key, minimum.each.noun, minimum.at_least, total, 0)
    why = why_short(using, minimum, filled=filled)
    first = short.order_by("pk").values_list("pk", minimum.label, "has")[:findings]
    found = tuple(Finding(minimum.key, str(pk), str(label), has, minimum.at_least, why) for pk, label, has in first)
    return MinimumCheck(minimum.key, minimum.each.noun, minimum.at_least, total, count, why, found)


def _short(using: str, minimum: Minimum) -> QuerySet[Any]:
    matches = {path: OuterRef(on) for path, on in minimum.by.items()}
    own = (
        minimum.counts.query(using)
        .filter(**matches)
        .order_by()
        .values(*minimum.by)
        .annotate(rows=Count(minimum.distinct, distinct=minimum.distinct != "pk"))
        .values("rows")
    )
    subjects = minimum.each.query(using).annotate(has=Coalesce(Subquery(own), 0))
    return subjects.filter(has__lt=minimum.at_least)


def why_short(using: str, minimum: Minimum, *, filled: bool) -> str:
    """Why rows are short: too few of what could supply them, with numbers and a remedy; else what is known."""
    for supply in minimum.supply:
        needed = supply.needed(minimum.at_least)
        there = supply.rows.query(using).count()
        if there < needed:
            noun = supply.rows.noun
            return f"needs {needed} {noun}, {there} exist; add {needed - there} {noun} or lower {minimum.key}"
    return (minimum.otherwise or NO_WAY) if filled else NOT_YET
