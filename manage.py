#!/usr/bin/env python
"""Runs Django's and this project's management commands."""

import gc
import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentara.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line, get_commands
    from django.db import DatabaseError, IntegrityError
    from django.db.migrations.exceptions import InconsistentMigrationHistory

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except ModuleNotFoundError as error:
        named = os.environ["DJANGO_SETTINGS_MODULE"]
        if not error.name or not f"{named}.".startswith(f"{error.name}."):
            raise
        sys.stderr.write(f"There is no settings module {named}; correct --settings or DJANGO_SETTINGS_MODULE.\n")
        sys.exit(2)
    except (DatabaseError, InconsistentMigrationHistory) as error:
        is_djangos = str(get_commands().get(sys.argv[1])).startswith("django.") and sys.argv[1] != "shell"
        if "--traceback" in sys.argv or not is_djangos:  # what other code asks of a database is for its author to see
            raise
        said = str(error).strip().partition("\n")[0]
        if isinstance(error, IntegrityError):
            remedy = "a row that is there already, or one that is missing, is in the way"
            if '"pg_' in said:  # a key of PostgreSQL's own catalogue
                remedy = "somebody else is making the same tables; run this again once they have done so"
            sys.exit(f"The database refused ({said}); {remedy} (--traceback shows where).")
        remedy = "see that it is the right one, that its server runs and that the role may do this there"
        if "already exists" in said:
            remedy = "if Mentara's application made its tables, run `python manage.py migrate --fake-initial`"
        sys.exit(f"The database refused ({said}); {remedy}, or correct DATABASE_URL (--traceback shows where).")


if __name__ == "__main__":
    gc.set_threshold(200_000)  # what is imported stays: to look for garbage among it takes a tenth of a start
    try:
        main()
    except KeyboardInterrupt:  # before a command has begun that says it in its own words
        sys.exit(130)
    finally:
        gc.freeze()  # what is left goes with the process; to look through it for garbage takes a tenth of a second
