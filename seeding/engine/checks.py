"""Checking minimums: a reading of the database of its own, apart from the gaps that enrichers fill.

Gaps come from counts. A check asks who is not among those that have enough, and then counts what the first of
these have.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import connections
from django.db.models import Case, Count, Exists, F, Min, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from seeding.engine import asking, setaside
from seeding.engine.minimum import Minimum, Rows, Supply, once_a_process
from seeding.engine.reports import Finding, MinimumCheck
from seeding.engine.wording import numbered, option_for

NO_WAY = "no row that could fill it was found"
FINDINGS = 20


def check_all(using: str, minimums: Collection[Minimum], *, filled: bool = False) -> tuple[MinimumCheck, ...]:
    """Check every minimum."""
    return _each(using, partial(_check, using, indexed=_is_indexed(using), filled=filled), minimums)


def count_all(using: str, minimums: Collection[Minimum]) -> tuple[MinimumCheck, ...]:
    """Check every minimum, but leave out which rows are short and why."""
    return _each(using, partial(_tally, using, indexed=_is_indexed(using)), minimums)


def _each(
    using: str, check: Callable[[Minimum], MinimumCheck], minimums: Collection[Minimum]
) -> tuple[MinimumCheck, ...]:
    models = {minimum.counts.model_class() for minimum in minimums}
    return tuple(asking.each(using, check, minimums, models))


def check_minimum(using: str, minimum: Minimum) -> MinimumCheck:
    """How many rows are short of a minimum, the first of them as findings, and why."""
    return _check(using, minimum, indexed=_is_indexed(using))


def _is_indexed(using: str) -> bool:
    """Whether indexes are where they belong: a killed run may have left them aside."""
    return not setaside.is_any(using)


def _tally(using: str, minimum: Minimum, *, indexed: bool) -> MinimumCheck:
    """How many rows a minimum is about, and how many of them are short of it."""
    if minimum.at_least > 0:
        total, short = _count(using, minimum, indexed=indexed)
    else:
        total, short = minimum.each.query(using).count(), 0
    return MinimumCheck(minimum.key, minimum.each.noun, minimum.at_least, total, short)


def _check(using: str, minimum: Minimum, *, indexed: bool, filled: bool = False) -> MinimumCheck:
    """The counts, and who is short and why; `filled` says that the enrichers have run.

    Where indexes are aside, nobody is looked at one by one: it would take hours.
    """
    counted = _tally(using, minimum, indexed=indexed)
    if counted.met:
        return counted
    if not indexed:
        return replace(counted, why=not_yet(using))
    why = why_short(using, minimum, filled=filled)
    first = _short(using, minimum).order_by("pk").values_list("pk", minimum.label, "has")[:FINDINGS]
    found = tuple(Finding(minimum.key, str(pk), str(label), has, minimum.at_least, why) for pk, label, has in first)
    return replace(counted, why=why, findings=found)


def _count(using: str, minimum: Minimum, *, indexed: bool) -> tuple[int, int]:
    """How many subjects there are, and how many of them do not have enough."""
    probes = indexed and minimum.distinct == "pk" and _probes(using, minimum)
    with connections[using].cursor() as cursor:
        cursor.execute(*(_each_looked_at if probes else _all_counted)(using, minimum))
        subjects, lacking = cursor.fetchone()
        return int(subjects), int(lacking)


@once_a_process
def _each_looked_at(using: str, minimum: Minimum) -> tuple[str, Sequence[Any]]:
    own = minimum.counts.query(using).filter(**{path: OuterRef(on) for path, on in minimum.by.items()})
    last = Exists(own[minimum.at_least - 1 : minimum.at_least])
    lacking = minimum.each.query(using).annotate(lacks=~last).values_list("pk", "lacks")
    sql, params = lacking.query.get_compiler(using).as_sql()
    short = "COALESCE(SUM(CASE WHEN lacks THEN 1 ELSE 0 END), 0)"
    return f"SELECT COUNT(*), {short} FROM ({sql}) subject", params  # noqa: S608  (compiled by Django)


@once_a_process
def _all_counted(using: str, minimum: Minimum) -> tuple[str, Sequence[Any]]:
    enough = _counted(using, minimum).filter(rows__gte=minimum.at_least).values_list(*minimum.by)
    enough_sql, enough_params = enough.query.get_compiler(using).as_sql()
    paths = minimum.each.query(using).values_list("pk", *minimum.by.values())
    subject_sql, subject_params = paths.query.get_compiler(using).as_sql()
    columns = ", ".join(f"k{at}" for at in range(len(minimum.by)))
    same = " AND ".join(f"enough.k{at} = subject.k{at}" for at in range(len(minimum.by)))
    total = f"(SELECT COUNT(*) FROM ({subject_sql}) everyone)"  # noqa: S608  (compiled by Django)
    select = "SELECT COUNT(*), COUNT(*) - COUNT(enough.k0) FROM subject LEFT JOIN enough"
    if connections[using].vendor == "sqlite":  # which looks up one for each of the other: groups come in their order
        select = f"SELECT {total}, {total} - COUNT(*) FROM enough JOIN subject"  # noqa: S608  (compiled by Django)
    return (
        f"WITH subject(id, {columns}) AS ({subject_sql}), enough({columns}) AS ({enough_sql}) {select} ON {same}",
        [*subject_params, *enough_params, *subject_params * select.count(total)],
    )


def _probes(using: str, minimum: Minimum) -> bool:
    """Whether to look for the row that would be each subject's last needed, rather than for those who have enough.

    An index finds it quickly for few subjects, and on SQLite for a table that no index of its own narrows: it is read
    in the order of that index then. Of two columns SQLite may take the one that many share.
    """
    few = minimum.each.are_few(using)
    if connections[using].vendor != "sqlite":
        return few
    return len(minimum.by) == 1 and (few or not _is_narrowed(using, minimum))


@once_a_process
def _is_narrowed(using: str, minimum: Minimum) -> bool:
    """Whether a filter on columns of the subjects' own table says which rows they are."""
    filters = minimum.each.query(using).query.where.children
    return any(not isinstance(getattr(one, "lhs", one), Exists) for one in filters)


def _short(using: str, minimum: Minimum) -> QuerySet[Any]:
    """The subjects that are short, each with its own count."""
    own = _counted(using, minimum).filter(**{path: OuterRef(on) for path, on in minimum.by.items()}).values("rows")
    subjects = minimum.each.query(using).annotate(has=Coalesce(Subquery(own), 0))
    return subjects.filter(has__lt=minimum.at_least)


def _counted(using: str, minimum: Minimum) -> QuerySet[Any]:
    counted = minimum.counts.query(using).order_by().values(*minimum.by)
    return counted.annotate(rows=minimum.count())


def why_short(using: str, minimum: Minimum, *, filled: bool) -> str:
    """Why rows are short, with a remedy: what cannot be, or too few of what could supply them, or what is known.

    Where the enrichers have run, rows have what they can have, and the minimum can be lowered to the least of it.
    """
    if minimum.ceiling is not None and minimum.at_least > minimum.ceiling:
        most = _least(using, minimum) if filled else minimum.ceiling
        return f"there are no more than {minimum.ceiling} choices of {minimum.distinct}; lower {minimum.key} to {most}"
    found = [(supply, *_lacking(using, minimum, supply)) for supply in minimum.supply]
    lacking = [(supply, there, more) for supply, there, more in found if more > 0]
    if lacking:
        needs = ", and ".join(_needs(minimum, *each) for each in lacking)
        more = " and ".join(numbered(more, supply.rows.noun) for supply, _, more in lacking)
        return f"needs {needs}; add {more} or lower {minimum.key}"
    if not filled:
        return not_yet(using)
    remedy = f"{minimum.remedy} or " if minimum.remedy else ""
    return f"{minimum.otherwise or NO_WAY}; {remedy}lower {minimum.key} to {_least(using, minimum)}"


def not_yet(using: str) -> str:
    """Why rows are short where the enrichers have not run."""
    command = f"python manage.py seed --enrich-only{option_for(using)}"
    return f"run `{command}` with the same minimums, which fills them or says why not"


def _needs(minimum: Minimum, supply: Supply, there: int, more: int) -> str:
    """How many supplying rows it takes and there are; and why it takes more than one would think, if it does."""
    wanted, exist = there + more, "exists" if there == 1 else "exist"
    besides = f" ({supply.besides})" if wanted > supply.needed(minimum.at_least) else ""
    return f"{numbered(wanted, supply.rows.noun)}, {there} {exist}{besides}"


def _lacking(using: str, minimum: Minimum, supply: Supply) -> tuple[int, int]:
    """How many supplying rows there are, and how many more would do for the subject that is worst off."""
    there, needed = supply.rows.query(using).count(), supply.needed(minimum.at_least)
    if there - bool(supply.never) >= needed and not minimum.counts.where:  # what each has given counts, whatever it is
        return there, 0
    able: Any = Value(there)
    if supply.never:
        itself = Exists(supply.rows.query(using).filter(pk=OuterRef(supply.never)))
        able = able - Case(When(itself, then=1), default=0)
    if supply.once:
        able = able + F("has") - _spent(using, minimum, supply)
    found = _short(using, minimum).annotate(able=able).aggregate(least=Min("able", default=needed))
    return there, needed - found["least"]


def _spent(using: str, minimum: Minimum, supply: Supply) -> Coalesce:
    """How many supplying rows, other than the one that never does, have a row with the subject: they give no other."""
    those = {f"{supply.once}__{path}": value for path, value in supply.rows.where.items()}
    those |= {path: OuterRef(on) for path, on in minimum.by.items()}
    rows = Rows(minimum.counts.model, those).query(using)
    if supply.never:
        rows = rows.exclude(**{supply.once: OuterRef(supply.never)})
    return Coalesce(Subquery(rows.values(*minimum.by).annotate(rows=Count("*")).values("rows")), 0)


def _least(using: str, minimum: Minimum) -> int:
    """The least that any of the rows that are short has."""
    least: int = _short(using, minimum).aggregate(least=Min("has", default=minimum.at_least))["least"]
    return least
