"""`manage.py verify_minimums`: does every row have what it needs? Reads only."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace
from functools import partial
from typing import Any

from seeding.config import LOCK_FILE, parse_minimums, read_config
from seeding.engine.lock import between_runs
from seeding.guards import WAITING, check_alias
from seeding.management.base import SeedingCommand, file_name
from seeding.migrating import ensure_migrated


class Command(SeedingCommand):
    """Parse, call, render, set the exit code."""

    help = "Check every minimum, and on request the rules of coherence; nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--minimum", action="append", default=[], metavar="KEY=N", help="override one; may be repeated"
        )
        parser.add_argument(
            "--config", metavar="FILE.toml", type=file_name, help="minimums from a file; flags win over it"
        )
        parser.add_argument("--coherence", action="store_true", help="run the rules of a believable world too")
        parser.add_argument(
            "--locked",
            nargs="?",
            const=LOCK_FILE,
            metavar="FILE",
            type=file_name,
            help=f"compare with a lock file too ({LOCK_FILE})",
        )
        parser.add_argument(
            "--format", choices=("table", "json"), default="table", help="how to print it (default: table)"
        )
        parser.add_argument("--database", default="default", metavar="ALIAS", help="the database to check")

    def run(self, options: dict[str, Any]) -> bool:
        """Check; returns whether nothing is short, broken or moved."""
        from seeding.console import as_json, shortfalls
        from seeding.verification import verify, with_heights

        config = read_config(options["config"])
        asked = parse_minimums(options["minimum"])
        heights, compared = {**config.minimums, **asked}, None
        if options["locked"] is not None:
            from seeding.fixtures.lockfile import asked_again, compare, read_lock

            lock = read_lock(options["locked"])
            request = asked_again(lock, options["database"], config, asked)
            heights, compared = {**request.minimums}, partial(compare, options["locked"], lock, request)
        minimums = with_heights(heights)
        check_alias(options["database"])
        ensure_migrated(options["database"], apply=False)
        with between_runs(options["database"], lambda: self.complain(WAITING)):
            report = verify(options["database"], minimums, coherence=options["coherence"])
        if compared is not None:
            report = replace(report, locked=compared())
        if options["format"] == "json":
            self.stdout.write(as_json(report), ending="")
        else:
            console = self.console(options)
            console.checks(report)
            console.say(
                f"{console.tick} Satisfied." if report.satisfied else f"{console.cross} Not satisfied: see above."
            )
        if not report.satisfied and not options["verbosity"]:
            self.complain(shortfalls(report))
        return report.satisfied
