"""`manage.py dump_seed`: every row of Mentara's tables as a file, without seeding first. Reads only."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from seeding.engine.session import session
from seeding.engine.wording import numbered
from seeding.guards import check_alias
from seeding.management.base import SeedingCommand, file_name
from seeding.migrating import ensure_migrated


class Command(SeedingCommand):
    """Parse, call, tell."""

    takes = "[options] FILE"
    help = "Write every row of Mentara's tables, as JSON for loaddata or as SQL for psql and sqlite3."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=file_name, help="a name that ends in .json, .sql, .json.gz or .sql.gz")
        parser.add_argument("--database", default="default", metavar="ALIAS", help="the database to read")

    def run(self, options: dict[str, Any]) -> bool:
        """Write the file."""
        from seeding.fixtures.dump import check_dump, dump

        check_alias(options["database"])
        check_dump("file", options["file"], options["database"])
        ensure_migrated(options["database"], apply=False)
        with session(options["database"]):
            rows = dump(options["database"], options["file"])
        self.console(options).say(f"Dumped {numbered(rows, 'rows')} to {options['file']}.")
        return True
