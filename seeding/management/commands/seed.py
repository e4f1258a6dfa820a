"""`manage.py seed`: base data, enrichment, verification."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.conf import settings

from seeding.config import LOCK_FILE, parse_as_of, parse_minimums, parse_only, read_config, size
from seeding.engine.errors import UsageError
from seeding.engine.sharing import cores
from seeding.guards import check_alias, check_allowed
from seeding.management import seed_files
from seeding.management.base import SeedingCommand, file_name, flag
from seeding.management.confirming import confirm_reset
from seeding.migrating import ensure_migrated, migrate_server
from seeding.requirements import DEFAULT_MODE, DEFAULT_SEED, SHARES, SIZES
from seeding.world.locales import DEFAULT

if TYPE_CHECKING:
    from seeding.request import SeedRequest


class Command(SeedingCommand):
    """Parse, call, render, set the exit code."""

    help = "Fill the database with believable data: base data, enrichment to the minimums, verification."
    interrupted = "Interrupted; nothing was written."
    unheard = "Whoever read the output has gone, so this has ended; the next run finishes what it left."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--mode", help=f"light, medium or heavy (default: {DEFAULT_MODE})")
        parser.add_argument("--seed", help=f"what all values are drawn from (default: {DEFAULT_SEED})")
        parser.add_argument("--as-of", metavar="ISO-8601", help="the instant the data is seen from (default: now)")
        parser.add_argument(
            "--minimum", action="append", default=[], metavar="KEY=N", help="override a minimum; may be repeated"
        )
        parser.add_argument(
            "--config",
            metavar="FILE.toml",
            type=file_name,
            help="mode, seed, locale, sizes and minimums; flags win over it",
        )
        phase = parser.add_mutually_exclusive_group()
        phase.add_argument("--enrich-only", action="store_true", help="leave out the base data")
        phase.add_argument("--base-only", action="store_true", help="leave out enrichment and verification")
        parser.add_argument(
            "--only", action="append", metavar="TABLE,...", help="run these tables' enrichers only; may be repeated"
        )
        parser.add_argument("--dry-run", action="store_true", help="print gaps and what would be added; write nothing")
        parser.add_argument("--reset", action="store_true", help="empty Mentara's tables first, after asking")
        parser.add_argument("--no-input", action="store_true", help="do not ask")
        parser.add_argument("--report", metavar="FILE.json", type=file_name, help="write the report as JSON")
        parser.add_argument(
            "--snapshot", metavar="FILE", type=file_name, help="keep the whole database in a file afterwards"
        )
        parser.add_argument(
            "--restore", metavar="FILE", type=file_name, help="do not seed, but bring back what --snapshot kept"
        )
        parser.add_argument(
            "--lock",
            nargs="?",
            const=LOCK_FILE,
            metavar="FILE",
            type=file_name,
            help=f"write down what the tables hold then ({LOCK_FILE})",
        )
        parser.add_argument(
            "--dump", metavar="FILE", type=file_name, help="write all rows then, as .json or .sql, and .gz if you like"
        )
        parser.add_argument("--locale", help="names, places and phone formats, or several with commas (default: en_PH)")
        parser.add_argument("--workers", type=int, metavar="N", help="processors for a large load (default: all)")
        parser.add_argument("--executor", metavar="dask://HOST:PORT", help="a Dask cluster's workers instead")
        parser.add_argument("--database", default="default", metavar="ALIAS", help="the database to seed")
        parser.add_argument(
            "--migrate", action="store_true", help="apply migrations first, which the embedded file gets anyway"
        )
        parser.add_argument("--allow-production", action="store_true", help="seed without DEBUG or on another host")
        sizes = parser.add_argument_group("sizes", "How much base data there is, each instead of the mode's.")
        for name, what in SIZES.items():
            kind: Any = ("SHARE", float) if name in SHARES else ("N", int)
            sizes.add_argument(flag(name), metavar=kind[0], type=kind[1], help=what)

    def run(self, options: dict[str, Any]) -> bool:
        """Do what was asked; returns whether nothing stays short (or nothing was to be verified)."""
        from seeding.console import as_json, shortfalls
        from seeding.demo import can_log_in, demo_card
        from seeding.engine import ledger
        from seeding.legacy.users import DEMO_PASSWORD
        from seeding.orchestrator import HybridSeedOrchestrator

        using = options["database"]
        console = self.console(options)
        check_alias(using)
        if options["restore"] is not None:
            self.interrupted = "Interrupted; the database is as it was, or as it was kept if it came to that."
            seed_files.restore(options, console.say)
            return True
        orchestrator = HybridSeedOrchestrator(request(options), console.progress)
        seed_files.check(options)
        check_allowed(using, allowed=options["allow_production"])
        orchestrator.check_admins()
        if not options["dry_run"]:
            if options["reset"]:
                confirm_reset(using, asked=not options["no_input"])
            self.interrupted = "Interrupted; the next run finishes what this one left."
        if options["migrate"] and not options["dry_run"]:
            migrate_server(using, console.say)
        ensure_migrated(using, apply=not options["dry_run"], tell=console.say)
        try:
            report = orchestrator.run_hybrid_seed()
        finally:
            console.close()
        card = () if report.dry_run else demo_card(using)
        usable = settings.DEBUG and can_log_in(using, card)
        written = None if report.dry_run else ledger.span(using)
        console.report(report, card, DEMO_PASSWORD if usable else None, written)
        if options["report"]:
            seed_files.write_report(options["report"], as_json(report, demo=[asdict(login) for login in card]))
        seed_files.write(orchestrator.request, options, console.say)
        if not report.satisfied and report.verification and not options["verbosity"]:
            self.complain(shortfalls(report.verification))
        satisfied = report.verification is None or report.satisfied
        if options["snapshot"] and satisfied:
            seed_files.keep(options, console.say)
        elif options["snapshot"]:
            self.complain(f"No snapshot was written to {options['snapshot']}: the database is not satisfied.")
        return satisfied


def request(options: dict[str, Any]) -> SeedRequest:
    """The run that was asked for: flags first, then the file, then the defaults."""
    from seeding.request import SeedRequest

    config = read_config(options["config"])
    given = {name: size(flag(name), name, options[name]) for name in SIZES if options[name] is not None}
    only = parse_only(options["only"])
    if only and options["base_only"]:
        raise UsageError("--only chooses enrichers, and --base-only runs none; leave one of them out.")
    if options["minimum"] and options["base_only"]:
        raise UsageError("--minimum is for enrichment, and --base-only runs none; leave one of them out.")
    base = [name for name in given if name != "review_rate"]
    if base and options["enrich_only"]:
        raise UsageError(f"{flag(base[0])} is for base data, and --enrich-only makes none; leave one of them out.")
    return SeedRequest(
        mode=first(options["mode"], config.mode, DEFAULT_MODE),
        seed=first(options["seed"], config.seed, DEFAULT_SEED),
        as_of=parse_as_of(options["as_of"]),
        sizes={**config.sizes, **given},
        minimums={**config.minimums, **parse_minimums(options["minimum"])},
        locale=first(options["locale"], config.locale, DEFAULT),
        using=options["database"],
        base=not options["enrich_only"],
        enrich=not options["base_only"],
        only=only,
        dry_run=options["dry_run"],
        reset=options["reset"],
        workers=cores() if options["workers"] is None else options["workers"],
        executor=options["executor"],
    )


def first(*given: str | None) -> str:
    """The first that was given, be it empty."""
    return next(one for one in given if one is not None)
