"""What must be in place before anything is written: a database that answers, its tables, and an explicit word for production."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connections
from django.db.migrations.recorder import MigrationRecorder

from seeding.engine.errors import SeedingError, UsageError

LOCAL_HOSTS = ("", "localhost", "::1")


def check_reachable(using: str) -> None:
    """Connect. Raises UsageError for an unknown alias, SeedingError for a server that does not answer."""
    if using not in settings.DATABASES:
        raise UsageError(f"Unknown database {using!r}; settings.DATABASES has {', '.join(settings.DATABASES)}.")
    try:
        connections[using].ensure_connection()
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise SeedingError(
            f"Cannot connect to the database {using!r} ({reason}); start the server or correct DATABASE_URL."
        ) from error


def check_allowed(using: str, *, allowed: bool) -> None:
    """Refuse to write where it may be in earnest. Raises SeedingError unless `allowed`, under DEBUG or on a local host."""
    host = str(connections[using].settings_dict.get("HOST") or "")
    local = host in LOCAL_HOSTS or host.startswith(("127.", "/"))
    if allowed or (settings.DEBUG and local):
        return
    where = "DEBUG is off" if not settings.DEBUG else f"the database is on {host}, which is not this machine"
    raise SeedingError(f"Refusing to seed: {where}. If you mean it, add --allow-production.")


def check_migrated(using: str, *, apply: bool, tell: Callable[[str], None] = lambda _: None) -> None:
    """Make sure that no migration of Mentara or the toolkit is missing.

    On the embedded SQLite they are applied where `apply` says so; elsewhere a SeedingError names the command.
    """
    missing = missing_migrations(using)
    if not missing:
        return
    option = "" if using == "default" else f" --database {using}"
    if not apply or connections[using].vendor != "sqlite":
        raise SeedingError(
            f"{len(missing)} migrations are not applied ({missing[0]}{', …' if len(missing) > 1 else ''}); "
            f"run `python manage.py migrate{option}` first."
        )
    call_command("migrate", database=using, verbosity=0, interactive=False)
    tell(f"Applied {len(missing)} migrations.")


def missing_migrations(using: str) -> list[str]:
    """The migrations found on disk that the database has not recorded, as app.name."""
    applied = MigrationRecorder(connections[using]).applied_migrations()
    found = []
    for app in apps.get_app_configs():
        folder = Path(app.path) / "migrations"
        if app.label in ("mentara", "seeding"):
            names = sorted(path.stem for path in folder.glob("[0-9]*.py"))
            found += [f"{app.label}.{name}" for name in names if (app.label, name) not in applied]
    return found


def confirm_reset(using: str, *, asked: bool) -> None:
    """Have the emptying of all tables confirmed by the database's name, unless `asked` is off. Raises SeedingError if not."""
    if not asked:
        return
    name = Path(str(connections[using].settings_dict["NAME"])).name
    if not sys.stdin.isatty():
        raise SeedingError(f"--reset would empty the database {name!r}; add --no-input to do so without being asked.")
    if input(f"This empties every Mentara table of {name!r}. Type its name to go on: ").strip() != name:
        raise SeedingError("Nothing was emptied: the name was another one.")
