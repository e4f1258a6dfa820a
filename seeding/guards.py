"""What must be so before a row is written: the right database, within reach, with all its tables, and no doubt about it."""

from __future__ import annotations

import os
import pkgutil
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from seeding.engine.errors import SeedingError, UsageError
from seeding.lock import one_run_at_a_time

MIGRATE = "python manage.py migrate"


def connection_to(alias: str) -> BaseDatabaseWrapper:
    """The connection of a database alias, not opened yet. Raises UsageError for an alias the settings do not have."""
    if alias not in connections:
        raise UsageError(f"Unknown database {alias!r}; the settings have {', '.join(connections)}.")
    return connections[alias]


def refuse_production(connection: BaseDatabaseWrapper) -> None:
    """Raise SeedingError where a database may be a real one: DEBUG is off, or its server is another machine."""
    away = [host for host in hosts(connection) if not is_local(host)]
    if settings.DEBUG and not away:
        return
    reason = f"is on {away[0]}, which is not this machine" if away else "may be a real one, as DEBUG is off"
    raise SeedingError(f"{title(connection)} {reason}; if demo data belongs there, add --allow-production.")


def hosts(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Where the server is, by the settings and, where these are silent, by the variables that PostgreSQL's library reads."""
    if connection.vendor == "sqlite":
        return
    options = connection.settings_dict.get("OPTIONS", {})
    places = {
        "PGHOST": connection.settings_dict["HOST"] or options.get("host"),
        "PGHOSTADDR": options.get("hostaddr"),
        "PGSERVICE": options.get("service"),
    }
    for variable, place in places.items():
        found = place or os.environ.get(variable, "")
        if found and variable == "PGSERVICE":
            yield f"the server of service {found}"
        else:
            yield from found.split(",")


def is_local(host: str) -> bool:
    """Whether a server at this host is on this machine: a socket, localhost or a loopback address."""
    if not host or host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def name(connection: BaseDatabaseWrapper) -> str:
    """What a person calls this database: its name, or that of its file."""
    found = str(connection.settings_dict["NAME"])
    return Path(found).name if connection.vendor == "sqlite" else found


def title(connection: BaseDatabaseWrapper) -> str:
    """The database as the subject of a sentence."""
    return f"The database {name(connection)}"


def reach(connection: BaseDatabaseWrapper) -> None:
    """Open the connection and read from it. Raises SeedingError where that fails."""
    try:
        connection.ensure_connection()
        connection.introspection.table_names()
    except DatabaseError as error:
        remedy = "check DATABASE_URL" if connection.vendor == "sqlite" else "check DATABASE_URL and that the server runs"
        raise SeedingError(f"{title(connection)} cannot be reached ({first_line(error)}); {remedy}.") from error


def first_line(error: Exception) -> str:
    """The first line of what a database says, which is the one that tells something."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".:")


def is_absent(connection: BaseDatabaseWrapper) -> bool:
    """Whether this is a SQLite file that is not there yet; connecting would make one."""
    place = str(connection.settings_dict["NAME"])
    in_memory = connection.vendor == "sqlite" and (":memory:" in place or "mode=memory" in place)
    return connection.vendor == "sqlite" and not in_memory and not Path(place).exists()


def require_tables(connection: BaseDatabaseWrapper) -> None:
    """Reach the database and find every migration applied; nothing is written. Raises SeedingError otherwise."""
    missing = len(_migrations_on_disk()) if is_absent(connection) else _unapplied(connection)
    if missing:
        alias = connection.alias
        command = MIGRATE if alias == DEFAULT_DB_ALIAS else f"{MIGRATE} --database {alias}"
        raise SeedingError(f"{title(connection)} lacks {_migrations(missing)}; run `{command}` first.")


def provide_tables(connection: BaseDatabaseWrapper, say: Callable[[str], None]) -> None:
    """Reach the database and apply what migrations it lacks if it is the embedded default; else as require_tables."""
    if connection.alias != DEFAULT_DB_ALIAS or connection.vendor != "sqlite":
        require_tables(connection)
    elif _unapplied(connection):
        with one_run_at_a_time(connection.alias, lambda: say("Another run is at work here; waiting for its end…")):
            missing = _unapplied(connection)
            call_command("migrate", database=connection.alias, verbosity=0, interactive=False)
        say(f"Applied {_migrations(missing)} to {name(connection)}.")


def confirm_reset(connection: BaseDatabaseWrapper, ask: Callable[[str], str] = input) -> None:
    """Have the person type the database's name. Raises SeedingError without it, UsageError where nobody can be asked."""
    if not sys.stdin or not sys.stdin.isatty():
        raise UsageError("--reset asks before it empties anything, and this is no terminal; add --no-input if you are sure.")
    wanted = name(connection)
    try:
        typed = ask(f"Every row in Mentara's tables of {wanted} will be deleted. Type the database name to go on: ")
    except EOFError:
        typed = ""
    if typed.strip() != wanted:
        raise SeedingError(f"Nothing was deleted, as {wanted} was not typed; run the command again to be asked again.")


def _unapplied(connection: BaseDatabaseWrapper) -> int:
    """How many migrations the database lacks: by the files' names and, if any of these is missing, exactly."""
    reach(connection)
    if _migrations_on_disk() <= set(MigrationRecorder(connection).applied_migrations()):
        return 0
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _migrations_on_disk() -> set[tuple[str, str]]:
    found = set()
    for config in apps.get_app_configs():
        package = MigrationLoader.migrations_module(config.label)[0]
        spec = find_spec(package) if package else None
        folders = spec.submodule_search_locations if spec else None
        names = [module.name for module in pkgutil.iter_modules(folders)] if folders else []
        found |= {(config.label, one) for one in names if one[0] not in "_~"}
    return found


def _migrations(count: int) -> str:
    return f"{count} migration{'' if count == 1 else 's'}"
