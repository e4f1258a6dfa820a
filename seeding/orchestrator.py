"""The three phases: base data, enrichment, verification."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from django.apps import apps
from django.core.management.color import no_style
from django.db import connections, transaction
from django.utils import timezone

from seeding.engine.checks import check_minimum
from seeding.engine.clock import micros
from seeding.engine.columns import TEXT, UUID, read
from seeding.engine.enricher import Enricher
from seeding.engine.errors import UsageError
from seeding.engine.gaps import find_gap
from seeding.engine.keys import uuids_of
from seeding.engine.reports import (
    EnrichmentResult,
    GeneratorResult,
    HybridSeedReport,
    MinimumCheck,
    Need,
    VerificationReport,
)
from seeding.engine.run import Progress, Run, silent
from seeding.engine.tiers import in_tiers
from seeding.enrichers import ENRICHERS
from seeding.legacy import GENERATORS
from seeding.locales import chosen_locales
from seeding.lock import one_run_at_a_time
from seeding.requirements import MODES, Sizes
from seeding.verification import judging, verify, with_heights

TIERS = in_tiers(ENRICHERS)


@dataclass(frozen=True)
class SeedRequest:
    """Everything that enters at the top of a run; `as_of` is aware, None means now."""

    mode: str = "light"
    seed: str = "mentara"
    as_of: datetime | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    minimums: Mapping[str, int] = field(default_factory=dict)
    locale: str = "en_PH"
    using: str = "default"
    base: bool = True
    enrich: bool = True
    only: tuple[str, ...] = ()
    dry_run: bool = False
    reset: bool = False


class HybridSeedOrchestrator:
    """Runs the phases of one request and reports on them. Raises UsageError for a request that makes no sense."""

    def __init__(self, request: SeedRequest, listen: Callable[[Progress], None] = silent) -> None:
        self.request, self.listen = request, listen
        self.sizes = sizes_of(request)
        self.minimums = with_heights(request.minimums)
        self.chosen = chosen_enrichers(request.only)
        chosen_locales(request.locale)
        as_of = request.as_of or timezone.now()
        if as_of.tzinfo is None:
            raise UsageError(f"As-of {as_of.isoformat()} has no time zone; add one, for instance +00:00.")
        self.as_of = as_of.astimezone(UTC).replace(microsecond=0)
        self.run = Run(
            using=request.using,
            seed=request.seed,
            as_of=micros(self.as_of),
            minimums=self.minimums,
            sizes=asdict(self.sizes),
            locale=request.locale,
            listen=listen,
            judge=judging(request.using),
        )

    def run_hybrid_seed(self, mode: str | None = None) -> HybridSeedReport:
        """Run all phases that were asked for, one run at a time per database."""
        if mode is not None and mode != self.request.mode:
            return HybridSeedOrchestrator(replace(self.request, mode=mode), self.listen).run_hybrid_seed()
        started = time.perf_counter()
        with one_run_at_a_time(self.run.using, self.waiting), self.keeping():
            if self.request.reset:
                empty_tables(self.run.using)
            legacy = self.run_legacy_generators() if self.request.base else ()
            before = self.audit() if self.request.enrich else ()
            needs = self.needs() if self.request.enrich and self.request.dry_run else ()
            enrichment = self.enrich_all_tables() if self.request.enrich else ()
            verification = self.verify_all_requirements() if self.request.enrich else None
        return HybridSeedReport(
            mode=self.request.mode,
            seed=self.request.seed,
            as_of=self.as_of.isoformat(),
            legacy=legacy,
            enrichment=enrichment,
            verification=verification,
            seconds=time.perf_counter() - started,
            dry_run=self.request.dry_run,
            before=before,
            audit=needs,
        )

    def run_legacy_generators(self) -> tuple[GeneratorResult, ...]:
        """Phase 1: the base rows that are missing, generator by generator."""
        self.listen(Progress("phase", "Base data"))
        results = []
        for at, generate in enumerate(GENERATORS, 1):
            name = generate.__name__.removeprefix("generate_").replace("_", " ").capitalize()
            self.listen(Progress("start", name, at, len(GENERATORS)))
            results.append(generate(self.run, self.sizes))
            self.listen(Progress("done", name, at, len(GENERATORS), results[-1].rows))
        return tuple(results)

    def audit(self) -> tuple[MinimumCheck, ...]:
        """How many rows are short of each minimum before enrichment."""
        before = tuple(check_minimum(self.run.using, minimum, findings=0) for minimum in self.minimums.values())
        self.listen(Progress("audit", "Database audit", audit=before))
        return before

    def needs(self) -> tuple[Need, ...]:
        """What every single subject lacks before enrichment."""
        lacking: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        labels: dict[tuple[str, str], str] = {}
        for key, minimum in self.minimums.items():
            gap = find_gap(self.run.using, minimum, minimum.at_least)
            if not len(gap):
                continue
            named = read(
                minimum.each.query(self.run.using),
                **{"pk": UUID, minimum.label: TEXT} if minimum.label != "pk" else {"pk": UUID},
            )
            labels_of = uuids_of(named.pk) if minimum.label == "pk" else named.columns[minimum.label]
            names = dict(zip(uuids_of(named.pk), labels_of, strict=True))
            kind = minimum.each.model_class()._meta.db_table
            for row, needs in zip(uuids_of(gap.ids), gap.needs.tolist(), strict=True):
                subject = (kind, str(row))
                lacking[subject][key] = needs
                labels[subject] = str(names[row])
        return tuple(Need(kind, labels[kind, row], lacks) for (kind, row), lacks in lacking.items())

    def enrich_all_tables(self) -> tuple[EnrichmentResult, ...]:
        """Phase 2: every enricher, tier by tier."""
        self.listen(Progress("phase", "Enrichment"))
        ordered = [enricher for tier in TIERS for enricher in tier if enricher in self.chosen]
        return tuple(self.run_table_enrichment(one, at, len(ordered)) for at, one in enumerate(ordered, 1))

    def run_table_enrichment(self, enricher: type[Enricher], at: int = 1, of: int = 1) -> EnrichmentResult:
        """One enricher, in its own transaction."""
        name = enricher.__name__.removesuffix("Enricher")
        self.listen(Progress("start", name, at, of))
        result = enricher(self.run).enrich()
        self.listen(Progress("done", name, at, of, result.rows))
        return result

    def verify_all_requirements(self) -> VerificationReport:
        """Phase 3: every minimum, read anew."""
        self.listen(Progress("phase", "Verification"))
        return verify(self.run.using, self.minimums, filled=not self.request.only)

    def waiting(self) -> None:
        """Say that another run holds the lock."""
        self.listen(Progress("waiting", "another seeding run"))

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep what the run writes, or for a dry run nothing of it."""
        if not self.request.dry_run:
            yield
            return
        with transaction.atomic(using=self.run.using):
            yield
            transaction.set_rollback(True, using=self.run.using)


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


def empty_tables(using: str) -> None:
    """Delete every row of Mentara's tables and the toolkit's own, in one transaction."""
    connection = connections[using]
    tables = [model._meta.db_table for app in ("mentara", "seeding") for model in apps.get_app_config(app).get_models()]
    with transaction.atomic(using=using):
        statements = connection.ops.sql_flush(no_style(), tables, allow_cascade=True)
        connection.ops.execute_sql_flush(statements)
