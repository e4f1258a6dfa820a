"""The files of `seed`: the report, lock, dump and snapshot that it leaves, and the snapshot that it brings back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seeding.engine.errors import SeedingError, UsageError
from seeding.engine.files import begins_with, check_place, located, written_whole
from seeding.engine.wording import numbered
from seeding.guards import WAITING, check_allowed
from seeding.management.base import flag
from seeding.management.confirming import confirm_reset
from seeding.migrating import migrate_server
from seeding.requirements import SIZES

if TYPE_CHECKING:
    from seeding.request import SeedRequest

NOT_RESTORING = (
    *("mode", "seed", "as_of", *SIZES, "minimum", "config", "enrich_only", "base_only", "only", "dry_run", "report"),
    *("locale", "snapshot", "lock", "dump", "workers", "executor"),
)
"""Options of a seeding run."""

REPORT = (b'{\n  "mode": ',)
"""What a report begins with."""
Tell = Callable[[str], None]


def check(options: dict[str, Any]) -> None:
    """Make sure that what is asked for can be written. Raises UsageError before anything has been done."""
    check_different(options)
    if options["report"]:
        check_report(options["report"])
    if options["dump"]:
        from seeding.fixtures.dump import check_dump

        check_dump("--dump", options["dump"], options["database"])
    if options["lock"]:
        from seeding.fixtures.lockfile import is_lock

        check_place("--lock", options["lock"], is_lock)
    if options["dry_run"] and (options["lock"] or options["dump"]):
        raise UsageError("--dry-run writes nothing to lock or to dump; leave it out, or --lock and --dump.")
    if options["snapshot"]:
        check_snapshot(options)


def check_different(options: dict[str, Any]) -> None:
    """Make sure that no two options name the same file. Raises UsageError."""
    asked: dict[Path, str] = {}
    for name in ("config", "report", "lock", "dump", "snapshot"):
        if options[name] is not None:
            other = asked.setdefault(located(f"--{name}", options[name]), name)
            if other != name:
                raise UsageError(f"--{other} and --{name} name the same file, {options[name]}; give each its own.")


def check_snapshot(options: dict[str, Any]) -> None:
    """Make sure that a snapshot can be kept of what this run leaves. Raises UsageError."""
    from seeding.fixtures.snapshot import check_target

    check_target(options["database"], Path(options["snapshot"]))
    if options["dry_run"]:
        raise UsageError("--dry-run writes nothing, so there is nothing for --snapshot to keep; leave one out.")
    if options["base_only"]:
        raise UsageError("--snapshot keeps what has been verified, and --base-only verifies nothing; leave one out.")


def check_report(path: str) -> None:
    """Make sure the report can be written, be it to a device such as /dev/stdout. Raises UsageError."""
    is_device = Path(path).exists() and not (Path(path).is_file() or Path(path).is_dir())
    if not (is_device and os.access(path, os.W_OK)):
        check_place("--report", path, begins_with(*REPORT))


def write_report(path: str, text: str) -> None:
    """Write the report, whole where it is a file. Raises SeedingError where the disk refuses."""
    if not Path(path).exists() or Path(path).is_file():
        with written_whole(path) as file:
            file.write(text.encode())
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SeedingError(f"The report cannot be written to {path} ({error.strerror}).") from error


def write(request: SeedRequest, options: dict[str, Any], tell: Tell) -> None:
    """Write the lock and the dump that were asked for, of what the database holds now."""
    if options["lock"]:
        from seeding.fixtures.lockfile import lock_of, write_lock

        lock = lock_of(request)
        write_lock(options["lock"], lock)
        tell(f"Locked {len(lock.tables)} tables in {options['lock']}.")
    if options["dump"]:
        from seeding.fixtures.dump import dump

        tell(f"Dumped {numbered(dump(request.using, options['dump']), 'rows')} to {options['dump']}.")


def keep(options: dict[str, Any], tell: Tell) -> None:
    """Keep the whole database in the snapshot that was asked for."""
    from seeding.fixtures.snapshot import take

    take(options["database"], Path(options["snapshot"]), lambda: tell(WAITING))
    tell(f"The database is kept in {options['snapshot']}.")


def restore(options: dict[str, Any], tell: Tell) -> None:
    """Bring a snapshot back, instead of seeding. Raises UsageError for options that it would ignore."""
    from seeding.fixtures import snapshot

    using, path = options["database"], Path(options["restore"])
    given = [flag(name) for name in NOT_RESTORING if not is_left_out(options[name])]
    if given:
        raise UsageError(f"--restore brings back what was kept and seeds nothing; leave out {', '.join(given)}.")
    check_allowed(using, allowed=options["allow_production"])
    snapshot.check_file(using, path)
    if options["reset"]:
        confirm_reset(using, asked=not options["no_input"], what="This replaces everything that is in")
    if options["migrate"]:
        migrate_server(using, tell)
    snapshot.restore(using, path, lambda: tell(WAITING), replace=options["reset"])
    tell(f"The database is as it was kept in {path}.")


def is_left_out(value: Any) -> bool:
    """Whether this is the value of an option that was not given; a number is one that was."""
    return value is None or value is False or value == []
