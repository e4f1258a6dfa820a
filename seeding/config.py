"""What a person may set: a TOML file of sizes and minimums, and the words of the command line as values.

    mode = "medium"           # seed and locale can stand here too

    [sizes]
    clients = 40

    [minimums]
    client.posts = 3

Whatever is wrong is said in one sentence that names the place and the remedy.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from seeding.engine.errors import UsageError
from seeding.locales import LOCALES
from seeding.requirements import MINIMUMS, MODES

SIZES = ("clients", "therapists", "admins", "moderators", "communities")
MOST = 10_000_000
LONGEST_SEED = 255
YEARS = range(2000, 2101)


@dataclass(frozen=True)
class Config:
    """What a configuration file holds; None where it is silent."""

    mode: str | None = None
    seed: str | None = None
    locale: str | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    minimums: Mapping[str, int] = field(default_factory=dict)


def load_config(path: str | None) -> Config:
    """Read a configuration file; no path is an empty one. Raises UsageError for whatever is wrong with it."""
    if path is None:
        return Config()
    found = _parse(path)
    _known(f"{path} has an", "key", found, ("mode", "seed", "locale", "sizes", "minimums"))
    for key, allowed in (("mode", MODES), ("locale", LOCALES)):
        if key in found:
            _known(f"{path} names an", key, [_text(path, key, found[key])], allowed)
    return Config(
        mode=found.get("mode"),
        seed=seed_text(_text(path, "seed", found["seed"])) if "seed" in found else None,
        locale=found.get("locale"),
        sizes=_numbers(path, "sizes", found, SIZES),
        minimums=_numbers(path, "minimums", found, [minimum.key for minimum in MINIMUMS]),
    )


def seed_text(text: str) -> str:
    """The seed. Raises UsageError if it cannot be kept in the database."""
    if len(text) > LONGEST_SEED or not text.isprintable():
        raise UsageError(f"The seed must be at most {LONGEST_SEED} printable characters; shorten it.")
    return text


def as_of_instant(text: str) -> datetime:
    """The instant that an ISO-8601 date or time names; without a time zone it is UTC. Raises UsageError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--as-of cannot be read: {text!r}; give ISO-8601 such as 2026-01-31T09:00+08:00.") from error
    if found.year not in YEARS:
        raise UsageError(f"--as-of {text} is out of range; give a year from {YEARS[0]} to {YEARS[-1]}.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def minimum_flags(flags: Iterable[str]) -> dict[str, int]:
    """The heights that `--minimum KEY=N` flags give, the last of a key. Raises UsageError for any other form."""
    heights = {}
    for flag in flags:
        key, _, number = flag.partition("=")
        try:
            heights[key.strip()] = within(f"Minimum {key}", int(number))
        except ValueError as error:
            raise UsageError(f"--minimum takes KEY=N, such as {MINIMUMS[0].key}=3, not {flag!r}.") from error
    return heights


def within(what: str, number: int) -> int:
    """The number. Raises UsageError if it is below zero or more than any database here could hold."""
    if not 0 <= number <= MOST:
        raise UsageError(f"{what} is out of range; give a number from 0 to {MOST:,}.")
    return number


def tables(text: str | None) -> tuple[str, ...]:
    """The tables of `--only TABLE,…`, each once. Raises UsageError if the flag names none."""
    if text is None:
        return ()
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise UsageError("--only takes tables with commas between them, such as Post,Comment.")
    return names


def _parse(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); --config takes a TOML file.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not text in UTF-8; save it as such.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}; correct it there.") from error


def _text(path: str, key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{path}: {key} must be a text in quotes, not {_written(value)}.")
    return value


def _numbers(path: str, table: str, found: Mapping[str, Any], known: Iterable[str]) -> dict[str, int]:
    values = found.get(table, {})
    if not isinstance(values, dict):
        raise UsageError(f"{path}: {table} must be a table; write [{table}] and its keys below it.")
    numbers = dict(_flat(values))
    _known(f"{path}, [{table}] has an", "key", numbers, known)
    for key, value in numbers.items():
        if type(value) is not int:
            raise UsageError(f"{path}: {key} in [{table}] must be a whole number, not {_written(value)}.")
        within(f"{path}: {key} in [{table}]", value)
    return numbers


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """TOML reads `client.posts = 3` as a table in a table; here it is one key."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _known(where: str, kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    choices = list(known)
    for name in names:
        if name not in choices:
            close = get_close_matches(name, choices, 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"choose among {', '.join(choices)}."
            raise UsageError(f"{where} unknown {kind} {name!r}; {remedy}")


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)
