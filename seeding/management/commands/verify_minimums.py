"""`manage.py verify_minimums`: does every row have what it needs? Reads only."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from dataclasses import replace
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand

from seeding.config import LOCK_FILE, parse_minimums, read_config
from seeding.engine.errors import SeedingError
from seeding.guards import check_alias, check_migrated


class Command(BaseCommand):
    """Parse, call, render, set the exit code."""

    help = "Check every minimum, and on request the rules of coherence; nothing is written."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--minimum", action="append", default=[], metavar="KEY=N", help="override a minimum")
        parser.add_argument("--config", metavar="FILE.toml", help="minimums from a file; flags win over it")
        parser.add_argument("--coherence", action="store_true", help="run the rules of a believable world too")
        parser.add_argument(
            "--locked", nargs="?", const=LOCK_FILE, metavar="FILE", help=f"compare with a lock file too ({LOCK_FILE})"
        )
        parser.add_argument("--format", choices=("table", "json"), default="table")
        parser.add_argument("--database", default="default", metavar="ALIAS", help="the database to check")

    def handle(self, **options: Any) -> None:
        """Check, and exit with 1 where something is short or broken, 2 for wrong usage."""
        from seeding.console import Console, as_json, shortfalls
        from seeding.fixtures.lockfile import asked_again, compare, read_lock
        from seeding.verification import verify, with_heights

        try:
            config = read_config(options["config"])
            asked = parse_minimums(options["minimum"])
            lock = read_lock(options["locked"]) if options["locked"] else None
            request = asked_again(lock, options["database"], config, asked) if lock else None
            minimums = with_heights(request.minimums if request else {**config.minimums, **asked})
            check_alias(options["database"])
            check_migrated(options["database"], apply=False)
            report = verify(options["database"], minimums, coherence=options["coherence"])
            if lock and request:
                report = replace(report, locked=compare(options["locked"], lock, request))
        except SeedingError as error:
            self.stderr.write(str(error))
            sys.exit(error.exit_code)
        if options["format"] == "json":
            self.stdout.write(as_json(report), ending="")
        else:
            console = Console(cast("TextIO", self.stdout._out), options["verbosity"])  # noqa: SLF001  (Django's adds line ends)
            console.checks(report)
            console.say(
                f"{console.tick} Satisfied." if report.satisfied else f"{console.cross} Not satisfied: see above."
            )
        if not report.satisfied:
            if not options["verbosity"]:
                self.stderr.write(shortfalls(report))
            sys.exit(1)
