"""The tables that a database must have before rows are written: migrations, applied where that is ours to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pkgutil import iter_modules

from django.apps import apps
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from seeding.engine.errors import SeedingError
from seeding.engine.files import PART, copy_into, database_file, remove_database
from seeding.engine.lock import one_run_at_a_time
from seeding.engine.wording import option_for
from seeding.guards import WAITING, check_reachable, is_absent, named
from seeding.tables import APPS, own_models

COLUMNS = {
    "sqlite": "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c",
    "postgresql": """
        SELECT relname, attname FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
        WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v') AND relname !~ '^pg_'
            AND pg_table_is_visible(attrelid)
        """,
}
"""Asks for the tables and columns that there are."""


def ensure_migrated(using: str, *, apply: bool, tell: Callable[[str], None] = lambda _: None) -> None:
    """Make sure that the database answers and that no migration of Mentara or the toolkit is missing, nor a column.

    On the embedded default they are applied where `apply` says so, unless it holds tables of somebody who does not use
    Django; elsewhere a SeedingError names the command, and nothing is written, not even an empty file.
    """
    missing = missing_migrations(using)
    if not missing:
        check_columns(using)
        return
    if not (apply and _is_embedded(using)):
        check_recorded(using, missing)
        raise SeedingError(
            f"The database {named(using)} lacks migrations ({missing[0]}{', …' if len(missing) > 1 else ''}); "
            f"run `python manage.py migrate{option_for(using)}` first."
        )
    check_is_ours(using, missing)
    with one_run_at_a_time(using, lambda: tell(WAITING)):
        connections[using].close()  # another run may have made the file meanwhile
        missing = missing_migrations(using)  # or applied them
        with made_whole(using):
            call_command("migrate", database=using, verbosity=0, interactive=False)
    if missing:
        tell("Migrated the database.")


def migrate_server(using: str, tell: Callable[[str], None]) -> None:
    """Apply the migrations that a database on a server lacks, Django's own included, while no other run is at work.

    Raises SeedingError for a database that is not to be migrated so, and leaves the embedded one to `ensure_migrated`.
    """
    check_reachable(using)
    if _is_embedded(using):
        return
    with one_run_at_a_time(using, lambda: tell(WAITING)):
        missing = missing_migrations(using)
        if missing:
            check_is_ours(using, missing)
        call_command("migrate", database=using, verbosity=0, interactive=False)
    if missing:
        tell("Migrated the database.")


def _is_embedded(using: str) -> bool:
    return connections[using].vendor == "sqlite" and using == DEFAULT_DB_ALIAS


def check_is_ours(using: str, missing: Collection[str]) -> None:
    """Raise SeedingError for a database whose tables are somebody's who does not use Django, or not to be gone on from.

    `missing` are the migrations that it lacks.
    """
    tables = check_recorded(using, missing)
    if tables and MigrationRecorder.Migration._meta.db_table not in tables:
        raise SeedingError(
            f"The database {named(using)} holds tables of something else ({tables[0]}); "
            "name another in DATABASE_URL, or run `python manage.py migrate` first if it is the one."
        )


@contextmanager
def made_whole(using: str) -> Iterator[None]:
    """Have what a SQLite file without a table is to hold made beside it, and copied into it in one transaction.

    Migrations are many transactions, and Django fills tables of its own after the last: whoever is ended between two
    of them would leave a database that is never finished. Raises SeedingError where somebody has made it meanwhile.
    """
    file, connection = database_file(using), connections[using]
    if file is None or not (is_absent(using) or not connection.introspection.table_names()):
        yield
        return
    name, part = connection.settings_dict["NAME"], file.with_name(file.name + PART)
    connection.close()
    try:
        remove_database(part)  # of a run that was killed
        connection.settings_dict["NAME"] = str(part)
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = name
        if connection.introspection.table_names():
            raise SeedingError("Somebody else has made the database meanwhile; run this again.")
        copy_into(part, connection)
    finally:
        remove_database(part)


def missing_migrations(using: str) -> list[str]:
    """The migrations found on disk that the database has not recorded, as app.name; makes no file.

    Raises SeedingError for a database that cannot be read.
    """
    check_reachable(using)
    applied = set() if is_absent(using) else set(MigrationRecorder(connections[using]).applied_migrations())
    found = []
    for app in map(apps.get_app_config, APPS):
        module, _ = MigrationLoader.migrations_module(app.label)
        spec = find_spec(module) if module else None
        files = iter_modules(spec.submodule_search_locations) if spec else ()
        names = sorted(file.name for file in files if file.name[0] not in "_~")
        found += [f"{app.label}.{name}" for name in names if (app.label, name) not in applied]
    return found


def check_recorded(using: str, missing: Collection[str]) -> list[str]:
    """The tables there are. Raises SeedingError where the record of migrations cannot be gone on from.

    Either it lacks one whose table is there, or it has one that comes after those missing, as where another project
    has users of its own.
    """
    tables = [] if is_absent(using) else connections[using].introspection.table_names()
    remedy = "If Mentara's application made it, run `python manage.py migrate --fake-initial"
    if any(model._meta.db_table in tables for model in apps.get_app_config("seeding").get_models()):
        remedy = "If nothing but the record is lost, empty django_migrations and run `python manage.py migrate --fake"
    for model in own_models():
        table, first = model._meta.db_table, f"{model._meta.app_label}.0001_initial"
        if first in missing and table in tables:
            raise SeedingError(
                f"The table {table} is there, and the database has not recorded {first}, which makes it. "
                f"{remedy}{option_for(using)}`; else make the database anew."
            )
    if not tables:
        return tables
    try:
        MigrationLoader(connections[using]).check_consistent_history(connections[using])
    except InconsistentMigrationHistory as error:
        raise SeedingError(
            f"The database {named(using)} has the migrations of another project ({str(error).rstrip('.')}); "
            "name another in DATABASE_URL."
        ) from error
    return tables


def check_columns(using: str) -> None:
    """Raise SeedingError for a table or a column that migrations have made and that is gone.

    SQLite would read its name in double quotes as a text, and go on.
    """
    query = COLUMNS.get(connections[using].vendor)
    if query is None:
        return
    with connections[using].cursor() as cursor:
        cursor.execute(query)
        there = set(cursor.fetchall())
    for model in own_models():
        table = model._meta.db_table
        gone = [str(field.column) for field in model._meta.local_concrete_fields if (table, field.column) not in there]
        if gone:
            raise SeedingError(
                f"The database lacks {table}.{gone[0]}, which a migration that it has recorded made; put it back, or "
                "make the database anew."
            )
