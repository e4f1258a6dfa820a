"""`manage.py dump_seed`: every row of Mentara's tables as a file, without seeding first. Reads only."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from seeding.engine.errors import SeedingError
from seeding.guards import check_alias, check_migrated


class Command(BaseCommand):
    """Parse, call, tell."""

    help = "Write every row of Mentara's tables, as JSON for loaddata or as SQL for psql and sqlite3."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", help="a name that ends in .json, .sql, .json.gz or .sql.gz")
        parser.add_argument("--database", default="default", metavar="ALIAS", help="the database to read")

    def handle(self, **options: Any) -> None:
        """Write the file, and exit with 2 for wrong usage."""
        from seeding.fixtures.dump import check_dump, dump

        try:
            check_alias(options["database"])
            check_dump("file", options["file"])
            check_migrated(options["database"], apply=False)
            rows = dump(options["database"], options["file"])
        except SeedingError as error:
            self.stderr.write(str(error))
            sys.exit(error.exit_code)
        if options["verbosity"]:
            self.stdout.write(f"Dumped {rows} rows to {options['file']}.")
