"""What must be so before anything is written: settings that make sense, a database that answers, an explicit word."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from ipaddress import ip_address

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connections

from seeding.engine.errors import SeedingError, UsageError
from seeding.engine.files import database_file, located
from seeding.engine.odd_values import odd_value
from seeding.tables import own_models

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
    raise SeedingError(f"Refusing to write: {where}. If you mean it, add --allow-production.")


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
    """What tells a person which database this is: SQLite's file, or else the alias, its name and its host."""
    connection = connections[using]
    name, host = (str(connection.settings_dict[key]) for key in ("NAME", "HOST"))
    if connection.vendor == "sqlite":
        return name
    return f"{using!r} ({name}{f' on {host}' if host else ''})" if name else repr(using)


def reason(error: Exception) -> str:
    """The first line of what a database says, which is the one that tells something."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


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
