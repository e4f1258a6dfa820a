"""`seed.lock`: what each table holds, in rows and a digest, and everything that shaped it; written, read, compared.

The file is TOML with one value a line, sorted, so that a diff of it tells what a change does to everybody's fixtures.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from seeding.config import Config
from seeding.engine.errors import UsageError
from seeding.engine.reports import LockCheck, Moved
from seeding.files import written_whole
from seeding.inputs import Inputs, inputs_of
from seeding.orchestrator import SeedRequest
from seeding.requirements import MINIMUMS, NEVER_SEEDED, Sizes
from seeding.stored import TableDigest, digest, snapshot, stored_models

FORMAT = 1
_HEAD = """\
# What seeding put into the database, and what it depends on. Written by `manage.py seed --lock`,
# compared by `manage.py verify_minimums --locked`; not to be edited.
"""
SECTIONS = ("versions", "request", "seeded", "sizes", "base", "minimums", "migrations", "corpus", "code")
READ_FOR = {
    "audits.json": {"AuditLog"},
    "comments.json": {"Post", "Comment"},
    "concerns/*": {"User", "Community", "Post", "Comment", "Worksheet", "MeetingNotes"},
    "dialogues.json": {"Conversation", "ConversationParticipant", "Message", "Notification"},
    "general/*": {"Community", "Post", "Comment"},
    "meetings.json": {"Meeting"},
    "notes.json": {"MeetingNotes"},
    "notifications.json": {"Notification"},
    "people.json": {"User", "Therapist", "Worksheet"},
    "reviews.json": {"Review"},
    "worksheets.json": {"TherapistAvailability", "Worksheet", "WorksheetAssignment"},
}
"""The tables whose rows a file of the corpus changes, found by changing each; one that is not named may change all."""

UNTOLD = {("request", "base"), ("request", "enrich"), ("request", "only")}
"""Inputs that the file notes for whoever seeds again, and that cannot be told from a database."""
NO_TABLE = TableDigest(0, "")
_DIGESTS = {"migrations": "migration", "corpus": "corpus", "code": "code of"}
_NOUNS = {"sizes": "size ", "base": "base rows of ", "minimums": "minimum "}


@dataclass(frozen=True)
class Lock:
    """The inputs, the sizes and minimums that were overridden among them, and the content of each table."""

    mode: str
    locale: str
    inputs: Inputs
    sizes: Mapping[str, int]
    minimums: Mapping[str, int]
    tables: Mapping[str, TableDigest]


@dataclass(frozen=True)
class Change:
    """An input that is another than when the lock was written, and the tables it shapes (None: any)."""

    text: str
    tables: frozenset[str] | None = None


def lock_of(request: SeedRequest) -> Lock:
    """What the request's database holds now. Tables that are never seeded are left out: no seed explains them."""
    with snapshot(request.using):
        tables = {
            model._meta.db_table: digest(request.using, model)
            for model in stored_models()
            if model._meta.app_label == "mentara" and model.__name__ not in NEVER_SEEDED
        }
        return Lock(request.mode, request.locale, inputs_of(request), request.sizes, request.minimums, tables)


def write_lock(path: str, lock: Lock) -> None:
    """Write the file, whole or not at all."""
    with written_whole(path) as stream:
        stream.write("\n".join(_lines(lock)).encode())


def _lines(lock: Lock) -> Iterator[str]:
    yield f"{_HEAD}format = {FORMAT}"
    sections = {
        **lock.inputs,
        "overridden.sizes": lock.sizes,
        "overridden.minimums": lock.minimums,
    }
    for section, values in sections.items():
        yield f"\n[{section}]"
        yield from (f"{_key(name)} = {_toml(value)}" for name, value in sorted(values.items()))
    yield "\n[tables]"
    for table, held in sorted(lock.tables.items()):
        yield f'{table} = {{ rows = {held.rows}, digest = "{held.digest}" }}'
    yield ""


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else json.dumps(name)


def _toml(value: Any) -> str:
    """Text, numbers, truth values and lists of texts are written in TOML as they are in JSON."""
    return json.dumps(value, ensure_ascii=False)


def read_lock(path: str) -> Lock:
    """The content of a lock file. Raises UsageError for one that is missing, or not as it was written."""
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"Cannot read {path}: {error.strerror}; `seed --lock {path}` writes it from a seeded database."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _broken(path, str(error)) from error
    if content.get("format") != FORMAT:
        raise _broken(path, f"format = {FORMAT} is missing")
    try:
        tables = {name: TableDigest(int(one["rows"]), str(one["digest"])) for name, one in content["tables"].items()}
        inputs = {section: dict(content[section]) for section in SECTIONS}
        sizes, minimums = (_numbers(content["overridden"][kind]) for kind in ("sizes", "minimums"))
        return Lock(str(inputs["request"]["mode"]), str(inputs["request"]["locale"]), inputs, sizes, minimums, tables)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _broken(path, f"{error} is missing or of another kind") from error


def _broken(path: str, what: str) -> UsageError:
    return UsageError(f"{path} is no lock file of this toolkit: {what}; `seed --lock {path}` writes it anew.")


def _numbers(entries: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(number) for name, number in entries.items()}


def asked_again(lock: Lock, using: str, config: Config, minimums: Mapping[str, int]) -> SeedRequest:
    """The request that the lock was written for, with what is configured now on top.

    An override of something that is no more is left out; that it is gone will be found.
    """
    known_sizes, known_minimums = {field.name for field in fields(Sizes)}, {minimum.key for minimum in MINIMUMS}
    return SeedRequest(
        mode=config.mode or lock.mode,
        locale=config.locale or lock.locale,
        sizes={name: size for name, size in {**lock.sizes, **config.sizes}.items() if name in known_sizes},
        minimums={
            **{key: height for key, height in lock.minimums.items() if key in known_minimums},
            **config.minimums,
            **minimums,
        },
        using=using,
    )


def compare(name: str, lock: Lock, request: SeedRequest) -> LockCheck:
    """Hold a database against a lock: what each table holds now, and which inputs explain where it moved."""
    now = lock_of(request)
    changes = tuple(_changes(lock.inputs, now.inputs))
    moved = tuple(
        Moved(table, before.rows, after.rows, _why(table, before.rows, after.rows, changes))
        for table in sorted({*lock.tables, *now.tables})
        if (before := lock.tables.get(table, NO_TABLE)) != (after := now.tables.get(table, NO_TABLE))
    )
    return LockCheck(name, len(now.tables), tuple(change.text for change in changes), moved)


def _changes(before: Inputs, now: Inputs) -> Iterator[Change]:
    for section in SECTIONS:
        for name in sorted({*before[section], *now[section]}):
            old, new = before[section].get(name), now[section].get(name)
            told = section == "base" and (before["sizes"].get(name), now["sizes"].get(name)) == (old, new)
            if old != new and not told and (section, name) not in UNTOLD:
                yield Change(_text(section, name, old, new), _shapes(section, name))


def _text(section: str, name: str, old: Any, new: Any) -> str:
    if section in _DIGESTS:
        return f"{_DIGESTS[section]} {name} {'is new' if old is None else 'is gone' if new is None else 'has changed'}"
    return f"{_NOUNS.get(section, '')}{name} {_said(old)} → {_said(new)}"


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)


def _shapes(section: str, name: str) -> frozenset[str] | None:
    """The tables that an input shapes by itself, or None for any."""
    if section == "minimums":
        return frozenset(minimum.table for minimum in MINIMUMS if minimum.key == name) or None
    if section == "corpus":
        return next((frozenset(tables) for files, tables in READ_FOR.items() if fnmatch(name, files)), None)
    return frozenset({"User"}) if (section, name) == ("request", "DEBUG") else None


def _why(table: str, before: int, after: int, changes: tuple[Change, ...]) -> str:
    direct = [change.text for change in changes if change.tables is None or table in change.tables]
    if direct:
        return "; ".join(direct)
    if changes:
        return (
            f"it follows from the change of other tables ({'; '.join(change.text for change in changes)}), or by hand"
        )
    happened = "added" if after > before else "deleted" if after < before else "changed"
    return f"no input has changed, so rows were {happened} by hand or by a run with other options"
