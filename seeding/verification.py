"""Phase 3: every minimum, and the rules of coherence when asked, by queries that the enrichers do not share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from seeding.config import hint, whole
from seeding.engine import setaside
from seeding.engine.checks import check_all, count_all
from seeding.engine.errors import UsageError
from seeding.engine.minimum import Minimum
from seeding.engine.reports import Broken, EnrichmentResult, MinimumCheck, VerificationReport
from seeding.engine.session import session
from seeding.requirements import MINIMUMS

CAME = "some came while this run was at work; run it again"


def with_heights(overrides: Mapping[str, int]) -> dict[str, Minimum]:
    """The minimums by key, some at another height.

    Raises UsageError for an unknown key, or a height that is no whole number, below zero or beyond reason.
    """
    minimums = {minimum.key: minimum for minimum in MINIMUMS}
    for key, height in overrides.items():
        if key not in minimums:
            raise UsageError(f"Unknown minimum {key!r}{hint(str(key), minimums)}")
        minimums[key] = replace(minimums[key], at_least=whole(f"Minimum {key}", height))
    return minimums


def verify(
    using: str, minimums: Mapping[str, Minimum], *, coherence: bool = False, filled: bool = False
) -> VerificationReport:
    """Check every minimum and, if asked, every rule of coherence; nothing is written."""
    with session(using):
        checks = check_all(using, minimums.values(), filled=filled)
        broken = judge(using, None) if coherence else ()
        return VerificationReport(checks, broken, coherence, aside=tuple(setaside.missing(using)))


def verify_counts(using: str, minimums: Mapping[str, Minimum]) -> VerificationReport:
    """Check every minimum, but leave out which rows are short and why."""
    with session(using):
        return VerificationReport(count_all(using, minimums.values()), aside=tuple(setaside.missing(using)))


def judge(using: str, tables: Iterable[str] | None) -> tuple[Broken, ...]:
    """The rules of coherence that seeded rows break, of some tables or of all.

    Rows are judged against the as-of under which they were written; a database nobody has seeded breaks none.
    """
    from seeding import coherence
    from seeding.engine import ledger

    written = ledger.span(using)
    if written is None:
        return ()
    return coherence.check(using, coherence.AsOf(*written), tables=tables)


def minding_others(
    verification: VerificationReport,
    minimums: Mapping[str, Minimum],
    before: Sequence[MinimumCheck],
    enrichment: Sequence[EnrichmentResult],
) -> VerificationReport:
    """The verification, with the reason why rows are short that somebody else added since the audit (`before`)."""
    added: Counter[str] = Counter()
    for result in enrichment:
        added.update(result.added)
    there = {check.key: check.rows for check in before}

    def minded(check: MinimumCheck) -> MinimumCheck:
        table = minimums[check.key].each.model_class()._meta.db_table
        if check.met or check.rows <= there[check.key] + added[table]:
            return check
        return replace(check, why=CAME, findings=tuple(replace(one, why=CAME) for one in check.findings))

    return replace(verification, minimums=tuple(map(minded, verification.minimums)))
