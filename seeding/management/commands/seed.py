"""`manage.py seed`: base data, enrichment, verification."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings

from seeding.config import LOCK_FILE, SIZES, parse_as_of, parse_minimums, parse_only, parse_seed, read_config, within
from seeding.engine.errors import SeedingError, UsageError
from seeding.engine.files import check_other_than_database, check_place
from seeding.guards import check_alias, check_allowed, check_migrated, confirm_reset
from seeding.management.base import SeedingCommand
from seeding.world.locales import DEFAULT

NOT_RESTORING = (
    *("mode", "seed", "as_of", *SIZES, "minimum", "config", "enrich_only", "base_only", "only", "dry_run", "report"),
    *("locale", "snapshot", "lock", "dump", "workers", "executor"),
)
"""Options of a seeding run."""


class Command(SeedingCommand):
    """Parse, call, render, set the exit code."""

    help = "Fill the database with believable data: base data, enrichment to the minimums, verification."
    interrupted = "Interrupted; the next run finishes what this one left."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--mode", help="light, medium or heavy (default: light)")
        parser.add_argument("--seed", help="what all values are drawn from (default: mentara)")
        parser.add_argument("--as-of", metavar="ISO-8601", help="the instant the data is seen from (default: now)")
        for size in SIZES:
            parser.add_argument(f"--{size}", type=int, metavar="N", help=f"number of base {size}")
        parser.add_argument("--minimum", action="append", default=[], metavar="KEY=N", help="override a minimum")
        parser.add_argument("--config", metavar="FILE.toml", help="sizes and minimums; flags win over it")
        phase = parser.add_mutually_exclusive_group()
        phase.add_argument("--enrich-only", action="store_true", help="leave out the base data")
        phase.add_argument("--base-only", action="store_true", help="leave out enrichment and verification")
        parser.add_argument("--only", metavar="TABLE,…", help="run the enrichers of these tables only")
        parser.add_argument("--dry-run", action="store_true", help="print gaps and what would be added; write nothing")
        parser.add_argument("--reset", action="store_true", help="empty Mentara's tables first, after asking")
        parser.add_argument("--no-input", action="store_true", help="do not ask")
        parser.add_argument("--report", metavar="FILE.json", help="write the report as JSON")
        parser.add_argument("--snapshot", metavar="FILE", help="keep the whole database in a file afterwards")
        parser.add_argument("--restore", metavar="FILE", help="do not seed, but bring back what --snapshot kept")
        parser.add_argument(
            "--lock",
            nargs="?",
            const=LOCK_FILE,
            metavar="FILE",
            help=f"write down what the tables hold then ({LOCK_FILE})",
        )
        parser.add_argument("--dump", metavar="FILE", help="write all rows then, as .json or .sql, and .gz if you like")
        parser.add_argument("--locale", help="names, places and phone formats, or several with commas (default: en_PH)")
        parser.add_argument("--workers", type=int, metavar="N", help="processors for a large load (default: all)")
        parser.add_argument("--executor", metavar="dask://HOST:PORT", help="a Dask cluster's workers instead")
        parser.add_argument("--database", default="default", metavar="ALIAS", help="the database to seed")
        parser.add_argument("--allow-production", action="store_true", help="seed without DEBUG or on another host")

    def run(self, options: dict[str, Any]) -> bool:
        """Do what was asked; returns whether nothing stays short (or nothing was to be verified)."""
        from seeding.console import as_json, shortfalls
        from seeding.demo import can_log_in, demo_card
        from seeding.fixtures.dump import check_dump
        from seeding.legacy.users import DEMO_PASSWORD
        from seeding.orchestrator import HybridSeedOrchestrator

        using = options["database"]
        console = self.console(options)
        check_alias(using)
        if options["restore"]:
            self.interrupted = "Interrupted; nothing was changed."
            restore_snapshot(options, console.say)
            return True
        check_snapshot(options)
        orchestrator = HybridSeedOrchestrator(request(options), console.progress)
        check_report(options["report"], using)
        check_place("--lock", options["lock"], using)
        check_dump("--dump", options["dump"], using)
        check_each_its_own(options)
        if options["dry_run"] and (options["lock"] or options["dump"]):
            raise UsageError("--dry-run writes nothing to lock or to dump; leave it out, or --lock and --dump.")
        check_allowed(using, allowed=options["allow_production"])
        if options["reset"] and not options["dry_run"]:
            confirm_reset(using, asked=not options["no_input"])
        check_migrated(using, apply=not options["dry_run"], tell=console.say)
        try:
            report = orchestrator.run_hybrid_seed()
        finally:
            console.close()
        card = () if report.dry_run else demo_card(using)
        usable = settings.DEBUG and can_log_in(using, card)
        console.report(report, card, DEMO_PASSWORD if usable else None)
        if options["report"]:
            write_report(options["report"], as_json(report, demo=[asdict(login) for login in card]))
        write_files(orchestrator.request, options, console.say)
        if not report.satisfied and report.verification and not options["verbosity"]:
            self.stderr.write(shortfalls(report.verification))
        satisfied = report.verification is None or report.satisfied
        if options["snapshot"] and satisfied:
            from seeding.fixtures.snapshot import take

            take(using, Path(options["snapshot"]), orchestrator.waiting)
            console.say(f"The database is kept in {options['snapshot']}.")
        elif options["snapshot"]:
            self.stderr.write(f"No snapshot was written to {options['snapshot']}: the database is not satisfied.")
        return satisfied


def request(options: dict[str, Any]) -> Any:
    """The run that was asked for: flags first, then the file, then the defaults."""
    from seeding.orchestrator import SeedRequest

    config = read_config(options["config"])
    given = {name: within(f"--{name}", options[name]) for name in SIZES if options[name] is not None}
    only = parse_only(options["only"])
    if only and options["base_only"]:
        raise UsageError("--only chooses enrichers, and --base-only runs none; leave one of them out.")
    if options["minimum"] and options["base_only"]:
        raise UsageError("--minimum is for enrichment, and --base-only runs none; leave one of them out.")
    if given and options["enrich_only"]:
        raise UsageError(
            f"--{next(iter(given))} is for base data, and --enrich-only makes none; leave one of them out."
        )
    return SeedRequest(
        mode=first(options["mode"], config.mode, "light"),
        seed=parse_seed(first(options["seed"], config.seed, "mentara")),
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
        executor=options["executor"] or "",
    )


def first(*given: str | None) -> str:
    """The first that was given, be it empty."""
    return next(one for one in given if one is not None)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def write_files(request: Any, options: dict[str, Any], say: Callable[[str], None]) -> None:
    """Write the lock and the dump that were asked for, of what the database holds now."""
    if options["lock"]:
        from seeding.fixtures.lockfile import lock_of, write_lock

        lock = lock_of(request)
        write_lock(options["lock"], lock)
        say(f"Locked {len(lock.tables)} tables in {options['lock']}.")
    if options["dump"]:
        from seeding.fixtures.dump import dump

        say(f"Dumped {dump(request.using, options['dump'])} rows to {options['dump']}.")


def write_report(path: str, text: str) -> None:
    """Write the report. Raises SeedingError where the disk refuses."""
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SeedingError(f"The report cannot be written to {path} ({error.strerror}).") from error


def check_report(path: str | None, using: str) -> None:
    """Make sure the report can be written. Raises UsageError before anything has been done."""
    if path is None:
        return
    check_other_than_database("--report", path, using)
    file = Path(path)
    if not file.resolve().parent.is_dir():
        raise UsageError(f"--report {path}: the folder does not exist; create it or name another.")
    if file.is_dir() or not os.access(file if file.exists() else file.resolve().parent, os.W_OK):
        raise UsageError(f"--report {path}: no file can be written there; name another.")


def check_each_its_own(options: dict[str, Any]) -> None:
    """Raise UsageError where one file is to be two things."""
    asked: dict[Path, str] = {}
    for name in ("report", "lock", "dump", "snapshot"):
        if options[name] is not None:
            other = asked.setdefault(Path(options[name]).resolve(), name)
            if other != name:
                raise UsageError(f"--{other} and --{name} name the same file, {options[name]}; give each its own.")


def check_snapshot(options: dict[str, Any]) -> None:
    """Make sure that a snapshot that is asked for can be written. Raises UsageError before anything has been done."""
    if options["snapshot"] is None:
        return
    if options["dry_run"]:
        raise UsageError("--dry-run writes nothing, so there is nothing for --snapshot to keep; leave one out.")
    check_place("--snapshot", options["snapshot"], options["database"])


def restore_snapshot(options: dict[str, Any], tell: Callable[[str], None]) -> None:
    """Bring a snapshot back, instead of seeding. Raises UsageError for options that it would ignore."""
    from seeding.fixtures.snapshot import check_file, restore

    using = options["database"]
    given = [f"--{name.replace('_', '-')}" for name in NOT_RESTORING if not is_left_out(options[name])]
    if given:
        raise UsageError(f"--restore brings back what was kept and seeds nothing; leave out {', '.join(given)}.")
    check_allowed(using, allowed=options["allow_production"])
    check_file(using, Path(options["restore"]))
    if options["reset"]:
        confirm_reset(using, asked=not options["no_input"])
    restore(
        using,
        Path(options["restore"]),
        lambda: tell("Waiting for another seeding run on this database to end"),
        replace=options["reset"],
    )
    tell(f"The database is as it was kept in {options['restore']}.")


def is_left_out(value: Any) -> bool:
    """Whether this is the value of an option that was not given; a number is one that was."""
    return value is None or value is False or value == []
