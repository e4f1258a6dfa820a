"""What is asked before tables are emptied: the database's name."""

from __future__ import annotations

import sys
from pathlib import Path

from django.db import connections

from seeding.engine.errors import SeedingError, UsageError
from seeding.engine.files import database_file


def confirm_reset(using: str, *, asked: bool, what: str = "This empties every Mentara table of") -> None:
    """Have the emptying of all tables confirmed by the database's name (or its alias), unless `asked` is off.

    Raises SeedingError without it, UsageError where nobody can be asked.
    """
    if not asked:
        return
    named = database_file(using) or Path(str(connections[using].settings_dict["NAME"]))
    name = named.name or using
    if not sys.stdin or not sys.stdin.isatty():
        raise UsageError(f"--reset would empty the database {name!r}; add --no-input to do so without being asked.")
    try:
        typed = input(f"{what} {name!r}. Type its name to go on: ").strip()
    except EOFError as error:
        raise SeedingError("Nothing was emptied: nobody answered.") from error
    if typed != name:
        raise SeedingError("Nothing was emptied: the name was another one.")
