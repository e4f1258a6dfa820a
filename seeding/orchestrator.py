"""The three phases: base data, enrichment, verification."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC
from functools import cached_property, partial
from hashlib import blake2b
from itertools import chain
from pathlib import Path

from django.db import connections, transaction
from django.utils import timezone

from seeding.audit import audit, needs
from seeding.config import check_as_of, parse_seed
from seeding.engine import ledger, pool, setaside, statistics
from seeding.engine.clock import micros
from seeding.engine.enricher import Enricher
from seeding.engine.errors import UsageError
from seeding.engine.gaps import take_as_met
from seeding.engine.kept import Kept
from seeding.engine.large_load import LARGE_SHARE, LargeLoad
from seeding.engine.lock import one_run_at_a_time
from seeding.engine.minimum import Rows
from seeding.engine.reports import (
    EnrichmentResult,
    GeneratorResult,
    HybridSeedReport,
    MinimumCheck,
    Progress,
    VerificationReport,
)
from seeding.engine.run import Run, silent
from seeding.engine.session import session
from seeding.engine.steps import Step, carry_out, persistently
from seeding.engine.tiers import in_tiers
from seeding.engine.wording import numbered
from seeding.enrichers import ENRICHERS
from seeding.guards import check_alias, is_any_there
from seeding.legacy import GENERATORS
from seeding.legacy.base import title
from seeding.migrating import ensure_migrated
from seeding.request import SeedRequest, check_kinds, chosen_enrichers, sizes_of
from seeding.tables import base_models, empty_tables, seeded_models
from seeding.verification import judge, minding_others, verify, verify_counts, with_heights
from seeding.world.locales import chosen_locales

TIERS = in_tiers(ENRICHERS)
WORTH_STATISTICS = 1_000
"""From so many new rows on, if they are an eighth of the old, PostgreSQL is to refresh its statistics."""
ROWS_A_USER, ROWS_A_BASE_USER, ROWS_A_LACK = 97, 26, 3
"""About how many rows there are for each user, how many of them base data, and for each row that a minimum lacks."""


class HybridSeedOrchestrator:
    """Runs the phases of one request and reports on them. Raises UsageError for a request that makes no sense."""

    def __init__(self, request: SeedRequest, listen: Callable[[Progress], None] = silent) -> None:
        self.request, self.listen = request, listen
        check_kinds(request)
        parse_seed(request.seed)
        self.sizes = sizes_of(request)
        self.minimums = with_heights(request.minimums)
        self.chosen = chosen_enrichers(request.only)
        check_alias(request.using)
        if request.workers < 1:
            raise UsageError(f"--workers cannot be {request.workers}; give 1 or more.")
        if request.executor is not None:
            pool.place_of(request.executor)
            if connections[request.using].vendor != "postgresql":
                raise UsageError("--executor spreads a load over a cluster; that takes PostgreSQL, not a single file.")
        chosen_locales(request.locale)
        as_of = timezone.now() if request.as_of is None else request.as_of
        check_as_of(as_of, f"As-of {as_of}")
        self.as_of = as_of.astimezone(UTC).replace(microsecond=0)
        self.run = Run(
            using=request.using,
            seed=request.seed,
            as_of=micros(self.as_of),
            minimums=self.minimums,
            sizes=asdict(self.sizes),
            locale=request.locale,
            listen=listen,
            judge=partial(judge, request.using),
        )
        self.load, self.keeps_nothing = self.new_load(), False

    def new_load(self) -> LargeLoad:
        """What the run does differently if it turns out to be large."""
        request = self.request
        return LargeLoad(request.using, seeded_models(), self.listen, request.workers, request.executor)

    def run_hybrid_seed(self, mode: str | None = None) -> HybridSeedReport:
        """Run all phases that were asked for, in the request's mode or another, one run at a time per database."""
        if mode is not None and mode != self.request.mode:
            return HybridSeedOrchestrator(replace(self.request, mode=mode), self.listen).run_hybrid_seed()
        started, using = time.perf_counter(), self.run.using
        ensure_migrated(using, apply=False)
        with session(using), one_run_at_a_time(using, self.waiting), self.keeping(), self.afresh():
            self.check_admins()
            report = self.run_phases()
        return replace(report, seconds=time.perf_counter() - started)

    def run_phases(self) -> HybridSeedReport:
        """Run the phases one after the other; what is set aside for a large load is put back before verification."""
        request = self.request
        report = HybridSeedReport(request.mode, request.seed, self.as_of.isoformat(), dry_run=request.dry_run)
        with self.prepared():
            if request.base:
                report = replace(report, legacy=self.run_legacy_generators())
                self.refresh_statistics(report.legacy)
            if not request.enrich:
                return report
            verification = self.verified_already(report.legacy)
            found = verification.minimums if verification else self.audit()
            lacks = needs(self.run) if request.dry_run else ()
            enrichment = self.enrich_all_tables(settled=verification is not None)
            self.refresh_statistics(enrichment)
        if not request.dry_run:
            self.listen(Progress("phase", "Verification"))
        if verification is None or any(result.rows for result in enrichment):
            verification = minding_others(self.verify_all_requirements(), self.minimums, found, enrichment)
        return replace(report, audit=found, needs=lacks, enrichment=enrichment, verification=verification)

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Begin with nothing read and nothing set aside; what a step reads serves the others until it is written to."""
        as_asked = self.run
        self.run, self.load = replace(as_asked, kept=Kept()), self.new_load()
        try:
            yield
        finally:
            self.run = as_asked

    def check_admins(self) -> None:
        """Raises UsageError where nobody could approve the base therapists; the database need not be migrated yet."""
        if not self.request.base or self.sizes.admins or not self.sizes.therapists:
            return
        if self.request.reset or not is_any_there(self.run.using, "mentara.Admin"):
            raise UsageError(
                f"Nobody is there to approve {numbered(self.sizes.therapists, 'therapists')}; "
                "set the size admins to 1 or more, or therapists to 0."
            )

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Reach the cluster, empty the tables if asked to, and make way for a large load.

        What a killed run had set aside is put back first; in the end, come what may, what this one has.
        """
        try:
            self.load.reach_cluster()
            if self.request.reset:
                empty_tables(self.run.using)
            if not self.request.dry_run:
                setaside.put_back(self.run.using)
            ledger.forget_what_is_gone(self.run.using, seeded_models())
            if self.request.base:
                users = Rows("mentara.User").query(self.run.using).count()
                rows_a_user = ROWS_A_USER if self.request.enrich else ROWS_A_BASE_USER
                self.make_way((self.sizes.users - users) * rows_a_user)
            yield
        finally:
            self.load.end()

    def make_way(self, new: int) -> None:
        """Make a run that will add about so many rows a large load, if that is worth it."""
        if not self.request.dry_run and self.load.is_worth_it(new):
            ledger.record(self.run)  # before anything is set aside, and before steps that would wait for one another
            if self.load.make_way(new):
                self.run = replace(self.run, large=True, many=self.load.many, kept=Kept())

    def refresh_statistics(self, results: Sequence[GeneratorResult | EnrichmentResult]) -> None:
        """Have PostgreSQL refresh its statistics of all tables once they have grown: autovacuum may come too late."""
        using, added = self.run.using, sum(result.rows for result in results)
        if self.load.under_way or added < WORTH_STATISTICS or connections[using].vendor != "postgresql":
            return
        if added >= LARGE_SHARE["postgresql"] * statistics.rows_about(using, seeded_models()):
            for model in seeded_models():
                statistics.analyze(using, model)

    def run_legacy_generators(self) -> tuple[GeneratorResult, ...]:
        """Phase 1: the base rows that are missing, generator by generator."""
        with self.keeping():
            return self.generate_missing()

    def generate_missing(self) -> tuple[GeneratorResult, ...]:
        """The generators, or that none has anything to add where the base data stands complete at this size."""
        rows = ledger.base_rows(self.run.using, base_models())
        self.run = replace(self.run, recipe=self.base_digest, standing=self.standing(rows))
        if self.run.standing == self.sizes.clients:
            return tuple(GeneratorResult(generate.__name__, {}) for generate in GENERATORS)
        self.listen(Progress("phase", "Base data"))
        steps = [Step(title(one), frozenset(title(other) for other in after), one) for one, after in GENERATORS.items()]
        results = tuple(carry_out(steps, self.run, self.load.executor()))
        for result in results:
            rows = {table: number + result.added.get(table, 0) for table, number in rows.items()}
        if ledger.base_rows(self.run.using, base_models()) == rows:  # or else somebody has deleted some meanwhile
            ledger.record_base(self.run.using, self.base_digest, self.sizes.clients, rows)
        return results

    def standing(self, rows: Mapping[str, int]) -> int | None:
        """For how many clients, at most those asked for, base data was completed before and has as many rows as now."""
        return ledger.standing(self.run.using, self.base_digest, self.sizes.clients, rows)

    @cached_property
    def base_digest(self) -> str:
        """The digest of what base rows are made from: seed, locale, other sizes, and this toolkit's code and corpus."""
        others = sorted((name, size) for name, size in self.run.sizes.items() if name != "clients")
        asked = repr((self.run.seed, self.run.locale, others))
        return blake2b(asked.encode() + ledger.digest_of_code(Path(__file__).parent), digest_size=16).hexdigest()

    def verified_already(self, legacy: tuple[GeneratorResult, ...]) -> VerificationReport | None:
        """What verification says before enrichment, if no base row was added and nothing is short of its minimum.

        Where something is, enrichers look no more at the minimums that are met.
        """
        if any(result.rows for result in legacy) or not ledger.span(self.run.using):
            return None
        found = verify_counts(self.run.using, self.minimums)
        if found.satisfied:
            self.listen(Progress("audit", "Database audit", audit=found.minimums))
            return found
        for check in found.minimums:
            if check.met:
                take_as_met(self.run, self.minimums[check.key], check.rows)
        return None

    def audit(self) -> tuple[MinimumCheck, ...]:
        """How many rows are short of each minimum before enrichment; many lacking make the run a large load."""
        large = self.load.under_way
        if large:
            self.complete_untouched()
        found, lacking = audit(self.run)
        self.make_way(lacking * ROWS_A_LACK)
        if not large:
            self.complete_untouched()
        self.listen(Progress("audit", "Database audit", audit=found))
        return found

    def complete_untouched(self) -> None:
        """In a large load, have the tables completed that no enricher writes to."""
        if len(self.chosen) == len(ENRICHERS):
            touched = {table for one in ENRICHERS for table in written_by(one)}
            self.load.complete({model._meta.db_table for model in seeded_models()} - touched)

    def enrich_all_tables(self, *, settled: bool = False) -> tuple[EnrichmentResult, ...]:
        """Phase 2: every enricher, tier by tier; where no minimum is short (`settled`), none looks for what is."""
        with self.keeping():
            return self.enrich_by_tiers(settled=settled)

    def enrich_by_tiers(self, *, settled: bool) -> tuple[EnrichmentResult, ...]:
        """The enrichers that were chosen, each after those whose rows it builds on."""
        self.listen(Progress("phase", "Enrichment"))
        ordered = [enricher for tier in TIERS for enricher in tier if enricher in self.chosen]
        by_table = {one.table: one for one in ordered}
        steps = []
        for one in ordered:
            after = frozenset(by_table[table].title() for table in one.after if table in by_table)
            work = nothing_short if settled and not one.beyond_minimums else enrich_table
            steps.append(Step(one.title(), after, partial(work, one)))
        if ordered != list(chain(*TIERS)):
            return tuple(carry_out(steps, self.run))
        written, load = {one.title(): written_by(one) for one in ordered}, self.load
        return tuple(carry_out(steps, self.run, load.executor(), lambda step: load.complete(written[step.name])))

    def run_table_enrichment(self, enricher: type[Enricher]) -> EnrichmentResult:
        """One enricher, in its own transaction, while no other run is at work."""
        with session(self.run.using), one_run_at_a_time(self.run.using, self.waiting), self.keeping():
            return persistently(partial(enrich_table, enricher), self.run)

    def verify_all_requirements(self) -> VerificationReport:
        """Phase 3: every minimum, read anew."""
        return verify(self.run.using, self.minimums, filled=not self.request.only)

    def waiting(self) -> None:
        """Say that another run holds the lock."""
        self.listen(Progress("waiting", "another seeding run"))

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep what the run, or a phase called alone, writes; of a dry run nothing, nor what was read of it."""
        if not self.request.dry_run or self.keeps_nothing:
            yield
            return
        as_asked, self.keeps_nothing = self.run, True
        try:
            with transaction.atomic(using=self.run.using):
                self.run = replace(as_asked, kept=Kept())
                yield
                transaction.set_rollback(True, using=self.run.using)
        finally:
            self.run, self.keeps_nothing = as_asked, False


def nothing_short(enricher: type[Enricher], _: Run) -> EnrichmentResult:
    """Leave a table as it is whose minimums have been verified."""
    return EnrichmentResult(enricher.table, {})


def written_by(enricher: type[Enricher]) -> set[str]:
    """The tables that an enricher writes to."""
    return {enricher.table, *enricher.also}


def enrich_table(enricher: type[Enricher], run: Run) -> EnrichmentResult:
    """Let one enricher fill its table."""
    return enricher(run).enrich()
