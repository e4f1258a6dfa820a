"""README's table of what each mode looks like: `python -m benchmarks.measures [README.md]`.

Seeds each mode into a SQLite file of its own, with a fixed seed and as-of, and measures it by `profile_seed`. Prints
the table, or writes it between its marks in the files named.
"""

from __future__ import annotations

import json
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.processes import AS_OF, MANAGE, environment, measure
from seeding.documentation import between
from seeding.requirements import MODES

SEED = ("--seed", "mentara", "--as-of", AS_OF)
BEGIN, END = "<!-- measures -->\n", "<!-- /measures -->"
WEEKDAYS = "Monday to Sunday"
BLOCKS = "▁▂▃▄▅▆▇█"
SCORES = {
    "concerned": "mean score on the client's concerns, of the questionnaire's range",
    "others": "mean score on other questionnaires",
    "first": "on concerns, first assessment of those with a follow-up",
    "follow_up": "on concerns, latest follow-up",
}


def profile_of(mode: str, folder: Path) -> Any:
    """What profile_seed measures in a fresh seed of the mode. Raises Failed where a command fails."""
    env = environment(f"sqlite:///{folder / mode}.sqlite3")
    measure((*MANAGE, "seed", "--mode", mode, *SEED, "-v", "0"), env)
    return json.loads(measure((*MANAGE, "profile_seed", "--format", "json"), env).out)


def table(profiles: Sequence[Any]) -> str:
    """The measures of the modes as a Markdown table, one column a mode."""
    lines = [f"| measure | {' | '.join(MODES)} |", f"| --- |{' --- |' * len(MODES)}"]
    columns = [dict(cells(profile)) for profile in profiles]
    lines += [f"| {name} | {' | '.join(column[name] for column in columns)} |" for name in columns[0]]
    return "\n".join((*lines, ""))


def cells(profile: Any) -> Iterator[tuple[str, str]]:
    """The name of each measure, and what it comes to."""
    yield "rows", f"{sum(profile['rows'].values()):,}"
    for one in profile["distinct"]:
        yield f"distinct {one['name']}", percent(one)
    for one in profile["spread"]:
        yield f"Gini of {one['name']}", f"{one['gini']:.2f} (mean {one['mean']:.1f}, most {one['most']})"
    for one in profile["agreement"]:
        yield one["name"], percent(one)
    for field, name in SCORES.items():
        level = profile["scores"][field]
        yield name, "—" if level is None else f"{level:.2f}"
    for part, name in (("states", "states"), ("flags", "flags"), ("bands", "severities")):
        yield f"{name} that occur", covered(profile[part])
    for one in profile["rhythm"]:
        yield f"{one['name']} by local hour, 0 to 23", f"`{blocks(one['hours'])}`"
        yield f"{one['name']}, {WEEKDAYS}", f"`{blocks(one['weekdays'])}`"


def percent(share: Any) -> str:
    """A share with what it is taken of."""
    return "—" if share["share"] is None else f"{share['share']:.1%} of {share['whole']:,}"


def covered(states: Iterable[Any]) -> str:
    """How many of the values occur, and by name which do not; of a questionnaire nobody was given, only that."""
    states = list(states)
    every = sum(len(one["found"]) for one in states)
    absent = [
        f"{one['column']} {'(all)' if len(one['missing']) == len(one['found']) else ', '.join(one['missing'])}"
        for one in states
        if one["missing"]
    ]
    missing = sum(len(one["missing"]) for one in states)
    return f"{every - missing} of {every}" + (f"; not {'; '.join(absent)}" if absent else "")


def blocks(numbers: Sequence[int]) -> str:
    """A block a number, as high as the number is against the highest; a dot for none."""
    most = max(numbers, default=0) or 1
    return "".join(BLOCKS[-(-number * 8 // most) - 1] if number else "·" for number in numbers)


def main(paths: Sequence[str]) -> None:
    """Measure each mode; print the table, or write it."""
    with tempfile.TemporaryDirectory() as folder:
        found = table([profile_of(mode, Path(folder)) for mode in MODES])
    if not paths:
        sys.stdout.write(found)
    for path in map(Path, paths):
        path.write_text(between(BEGIN, END, path.read_text(encoding="utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    options = ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("files", nargs="*", help="where to write the table between its marks (default: print it)")
    files = options.parse_args().files
    try:
        for file in map(Path, files):
            between(BEGIN, END, file.read_text(encoding="utf-8"), "")
    except (OSError, ValueError) as error:
        options.error(str(error))
    main(files)
