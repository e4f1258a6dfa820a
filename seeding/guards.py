"""What must be so before anything is written: a database that answers, its tables, an explicit word for production."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from ipaddress import ip_address
from pkgutil import iter_modules

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from seeding.engine.errors import SeedingError, UsageError
from seeding.engine.files import PART, copy_into, database_file, located, remove_database
from seeding.engine.lock import one_run_at_a_time
from seeding.engine.odd_values import odd_value
from seeding.engine.wording import option_for
from seeding.tables import APPS, own_models

WAITING = "Waiting for another seeding run on this database to end"
OLDEST_SQLITE = (3, 40)
"""The oldest that the statements here were tried on."""
REMEDIES = {
    "locked": "end the program that holds it or ",
    "readonly": "allow its folder to be written, which its log takes, or ",
    "malformed": "bring it back from a copy or ",
    "unable to open": "see that it is a file that may be read or ",
}
"""What helps where SQLite says this of a database."""
COLUMNS = {
    "sqlite": "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c",
    "postgresql": """
        SELECT relname, attname FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
        WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v') AND relname !~ '^pg_'
            AND pg_table_is_visible(attrelid)
        """,
}
"""Asks for the tables and columns that there are."""


def check_alias(using: str) -> None:
    """Raise UsageError for an alias that is not in the settings, or for settings that rows would not survive."""
    if using not in settings.DATABASES:
        raise UsageError(f"Unknown database {using!r}; settings.DATABASES has {', '.join(settings.DATABASES)}.")
    file = database_file(using)
    if file:
        located("The database", file)
    if not settings.USE_TZ:
        raise UsageError("Rows have instants with time zones, and USE_TZ is off; set it to True.")
    if settings.AUTH_USER_MODEL != "mentara.User":
        raise UsageError(
            f"AUTH_USER_MODEL is {settings.AUTH_USER_MODEL!r}; set it to 'mentara.User', whose rows are seeded."
        )
    placed = connections[using].settings_dict
    if not placed["AUTOCOMMIT"]:
        raise UsageError(f"Nothing would be committed: AUTOCOMMIT of the database {using!r} is off; set it to True.")
    if connections[using].vendor == "sqlite" and placed["TIME_ZONE"] not in (None, "UTC"):
        raise UsageError(
            f"SQLite is read and written in UTC here, and TIME_ZONE of the database {using!r} is "
            f"{placed['TIME_ZONE']}; leave it out."
        )


def check_allowed(using: str, *, allowed: bool) -> None:
    """Refuse to write to what may be in production. Raises SeedingError unless `allowed`, or under DEBUG and local."""
    away = [host for host in hosts(using) if not is_local(host)]
    if allowed or (settings.DEBUG and not away):
        return
    where = f"the database is on {away[0]}, which is not this machine" if away else "DEBUG is off"
    raise SeedingError(f"Refusing to seed: {where}. If you mean it, add --allow-production.")


def hosts(using: str) -> Iterator[str]:
    """Where the server is: by the settings and, where these are silent, by the variables PostgreSQL's library reads."""
    if connections[using].vendor == "sqlite":
        return
    placed = connections[using].settings_dict
    options = placed.get("OPTIONS", {})
    yield from (placed.get("HOST") or options.get("host") or os.environ.get("PGHOST", "")).split(",")
    yield from (options.get("hostaddr") or os.environ.get("PGHOSTADDR", "")).split(",")
    service = options.get("service") or os.environ.get("PGSERVICE")
    if service:
        yield f"the host of service {service}"


def is_local(host: str) -> bool:
    """Whether a server at this host is on this machine: a socket, localhost or a loopback address."""
    if not host or host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_reachable(using: str) -> None:
    """Connect and read, but to no SQLite file that is not there yet: that would make it.

    Raises SeedingError for a silent server, a file that is no database or has no folder, a SQLite too old.
    """
    if connections[using].vendor == "sqlite" and sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        raise SeedingError(
            f"This Python comes with SQLite {sqlite3.sqlite_version}, and {needed} or newer is needed; "
            "use a newer Python, or PostgreSQL by DATABASE_URL."
        )
    if is_absent(using):
        return
    try:
        connections[using].introspection.table_names()
    except (DatabaseError, TypeError, ValueError) as error:  # the latter two for an option that the driver lacks
        remedy = "start the server, make the database or "
        if connections[using].vendor == "sqlite":
            remedy = next((helps for said, helps in REMEDIES.items() if said in str(error)), "")
        raise SeedingError(
            f"Cannot read the database {named(using)} ({reason(error)}); {remedy}correct DATABASE_URL."
        ) from error


def named(using: str) -> str:
    """What tells a person which database this is: SQLite's file, or else the alias in quotes."""
    connection = connections[using]
    return str(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else repr(using)


def reason(error: Exception) -> str:
    """The first line of what a database says, which is the one that tells something."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


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


def unreadable(using: str, error: Exception) -> str | None:
    """What in the database is behind this error of ours: a way of writing dates, a value; None where it is not that."""
    if isinstance(error, NotImplementedError) and connections[using].vendor == "postgresql":  # of a DateStyle
        return reason(error)
    return odd_value(using, own_models())


def is_absent(using: str) -> bool:
    """Whether this is a SQLite file that is not there yet. Raises SeedingError where its folder is not there either."""
    file = database_file(using)
    if file and not file.parent.exists():
        raise SeedingError(f"There is no folder {file.parent} for the database; make it or correct DATABASE_URL.")
    return file is not None and not file.exists()


def is_any_there(using: str, model: str) -> bool:
    """Whether a model's table is there and holds something; writes nothing, not even an empty file.

    Raises SeedingError for a database that cannot be read.
    """
    check_reachable(using)
    if is_absent(using):
        return False
    found = apps.get_model(model)
    is_there = found._meta.db_table in connections[using].introspection.table_names()
    return is_there and found._default_manager.using(using).exists()
