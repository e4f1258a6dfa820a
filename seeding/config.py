"""What a person asks for: flags and a TOML file made into values, or one sentence that says what is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from seeding.engine.errors import UsageError
from seeding.requirements import DEFAULT_SEED, MINIMUMS, MODES, MOST_OF_EACH, SHARES, SIZES
from seeding.world.locales import LOCALES

T = TypeVar("T")
MOST = 10_000_000
"""More rows of a kind than any database here holds; a slip of the finger is larger."""
LONGEST_SEED = 255
LOCK_FILE = "seed.lock"
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
_TOP = {"mode": str, "seed": str, "locale": str, "sizes": dict, "minimums": dict}


@dataclass(frozen=True)
class Config:
    """What a configuration file holds; an absent entry is None or empty."""

    mode: str | None = None
    seed: str | None = None
    locale: str | None = None
    sizes: Mapping[str, float] = field(default_factory=dict)
    minimums: Mapping[str, int] = field(default_factory=dict)


def read_config(path: str | None, option: str = "--config") -> Config:
    """The content of a configuration file. Raises UsageError for one that is missing, no TOML, or unknown inside."""
    if path is None:
        return Config()
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}; {option} takes a TOML file.") from error
    except (ValueError, RecursionError) as error:  # the latter for tables within tables, some hundred deep
        raise UsageError(f"{path} is not valid TOML: {error}; correct it there.") from error
    for key, value in content.items():
        if key not in _TOP:
            raise UsageError(f"{path}: unknown entry {key!r}{hint(key, _TOP)}")
        if not isinstance(value, _TOP[key]):
            raise UsageError(f"{path}: {key} must be {f'a table: [{key}]' if _TOP[key] is dict else 'text in quotes'}.")
    named = [("mode", content["mode"], tuple(MODES))] if "mode" in content else []
    named += [("locale", name.strip(), LOCALES) for name in content["locale"].split(",")] if "locale" in content else []
    for key, name, known in named:
        if name not in known:
            raise UsageError(f"{path}: unknown {key} {name!r}{hint(name, known)}")
    try:
        parse_seed(content.get("seed", DEFAULT_SEED))
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
    return Config(
        content.get("mode"),
        content.get("seed"),
        content.get("locale"),
        _entries(path, "sizes", content.get("sizes", {}), SIZES, size),
        _entries(path, "minimums", content.get("minimums", {}), [minimum.key for minimum in MINIMUMS], _height),
    )


def _entries(
    path: str, table: str, entries: Mapping[str, Any], known: Iterable[str], checked: Callable[[str, str, Any], T]
) -> dict[str, T]:
    for key, value in entries.items():
        if isinstance(value, dict) and table == "minimums":
            meant = get_close_matches(f"{key}.{next(iter(value), '')}", known, 1, 0)[0]
            raise UsageError(f'{path}: write the key of a minimum in quotes, for instance "{meant}" = 3.')
        if key not in known:
            raise UsageError(f"{path}: unknown key {key!r} in [{table}]{hint(key, known)}")
    return {key: checked(f"{path}: {key} in [{table}]", key, value) for key, value in entries.items()}


def size(what: str, name: str, value: Any) -> float:
    """The value of a size of this name, a whole number or a share. Raises UsageError for another kind, or too much."""
    if name not in SHARES:
        return whole(what, value, MOST_OF_EACH.get(name, MOST))
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise UsageError(f"{what} cannot be {value!r}; it is a share, so give a number from 0 to 1.")
    return float(value)


def _height(what: str, _: str, value: Any) -> int:
    return whole(what, value)


def whole(what: str, value: Any, most: int = MOST) -> int:
    """The value. Raises UsageError if it is no whole number, negative or beyond reason."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise UsageError(f"{what} must be a whole number, not {value!r}.")
    return within(what, value, most)


def hint(key: str, known: Iterable[str]) -> str:
    """What ends a sentence on a name that is unknown: the one that was meant, or all."""
    close = get_close_matches(key, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}."


def parse_minimums(entries: Iterable[str]) -> dict[str, int]:
    """Overrides given as KEY=N. Raises UsageError for one of another form."""
    found = {}
    for entry in entries:
        key, _, number = entry.partition("=")
        try:
            found[key.strip()] = within(f"Minimum {key.strip()}", int(number))
        except ValueError as error:
            raise UsageError(f"--minimum {entry!r} is not KEY=N; write for instance client.posts=3.") from error
    return found


def within(what: str, number: int, most: int = MOST) -> int:
    """The number. Raises UsageError if it is negative or beyond reason."""
    if not 0 <= number <= most:
        raise UsageError(f"{what} cannot be {number}; give a number from 0 to {most}.")
    return number


def parse_seed(text: str) -> str:
    """The seed. Raises UsageError for an empty one, or one that a database cannot keep."""
    if not isinstance(text, str):
        raise UsageError(f"A seed is some text, not {text!r}; give {str(text)!r}.")
    if not text:
        raise UsageError("The seed is empty, as a variable that is not set would be; give some text, or leave it out.")
    if len(text) > LONGEST_SEED or not text.isprintable():
        raise UsageError(f"A seed is at most {LONGEST_SEED} printable characters; give a shorter or plainer one.")
    return text


def parse_only(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """The tables of one --only or of several, each once. Raises UsageError where they name none."""
    if given is None:
        return ()
    text = given if isinstance(given, str) else ",".join(given)
    tables = tuple(dict.fromkeys(filter(None, (table.strip() for table in text.split(",")))))
    if not tables:
        raise UsageError("--only names no table; write for instance Post,Comment.")
    return tables


def parse_as_of(text: str | None, option: str = "--as-of") -> datetime | None:
    """The instant an ISO-8601 text names; a day is its midnight, and without a zone it is UTC. Raises UsageError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is no ISO-8601 time; write for instance 2026-06-01T12:00Z.") from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    check_as_of(aware, f"{option} {text}")
    return aware


def check_as_of(as_of: object, named: str) -> None:
    """Raise UsageError for anything but an instant with a time zone, of a year in which a world can be seen."""
    if not isinstance(as_of, datetime):
        raise UsageError(f"{named} is no datetime; give one with a time zone.")
    if as_of.tzinfo is None:
        raise UsageError(f"{named} has no time zone; add one, for instance +00:00.")
    if not EARLIEST <= as_of <= LATEST:
        raise UsageError(f"{named} is out of range; give a year from {EARLIEST.year} to {LATEST.year}, in UTC.")
