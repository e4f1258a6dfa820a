"""What a person asks for: flags and a TOML file made into values, or one sentence that says what is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from seeding.engine.errors import UsageError

SIZES = ("clients", "therapists", "admins", "moderators", "communities")
_TOP = {"mode": str, "seed": str, "locale": str, "sizes": dict, "minimums": dict}


@dataclass(frozen=True)
class Config:
    """What a configuration file holds; an absent entry is None or empty."""

    mode: str | None = None
    seed: str | None = None
    locale: str | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    minimums: Mapping[str, int] = field(default_factory=dict)


def read_config(path: str | None) -> Config:
    """The content of a configuration file. Raises UsageError for one that is missing, no TOML, or holds what is unknown."""
    if path is None:
        return Config()
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error
    for key, value in content.items():
        if key not in _TOP:
            raise UsageError(f"{path}: unknown entry {key!r}{_hint(key, _TOP)}.")
        if not isinstance(value, _TOP[key]):
            raise UsageError(f"{path}: {key} must be a {'table' if _TOP[key] is dict else 'text'}.")
    return Config(
        content.get("mode"),
        content.get("seed"),
        content.get("locale"),
        _numbers(path, "sizes", content.get("sizes", {}), SIZES),
        _numbers(path, "minimums", content.get("minimums", {}), None),
    )


def _numbers(path: str, table: str, entries: Mapping[str, Any], known: Iterable[str] | None) -> dict[str, int]:
    for key, value in entries.items():
        if known is not None and key not in known:
            raise UsageError(f"{path}: unknown size {key!r} in [{table}]{_hint(key, known)}.")
        if isinstance(value, dict):
            raise UsageError(
                f'{path}: write the key of a minimum in quotes, for instance "{key}.{next(iter(value), "")}" = 3.'
            )
        if not isinstance(value, int) or isinstance(value, bool):
            raise UsageError(f"{path}: {key} in [{table}] must be a whole number, not {value!r}.")
    return dict(entries)


def _hint(key: str, known: Iterable[str]) -> str:
    close = get_close_matches(key, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def parse_minimums(entries: Iterable[str]) -> dict[str, int]:
    """Overrides given as KEY=N. Raises UsageError for one of another form."""
    found = {}
    for entry in entries:
        key, equals, number = entry.partition("=")
        if not (equals and number.strip().isdigit()):
            raise UsageError(f"--minimum {entry!r} is not KEY=N; write for instance client.posts=3.")
        found[key.strip()] = int(number)
    return found


def parse_as_of(text: str | None) -> datetime | None:
    """The instant an ISO-8601 text names; a day is its midnight, and without a zone it is UTC. Raises UsageError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--as-of {text!r} is no ISO-8601 time; write for instance 2026-06-01T12:00Z.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
