"""`manage.py profile_seed`: what the database looks like, in numbers. Reads only."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from seeding.engine.session import session
from seeding.guards import check_alias
from seeding.management.base import SeedingCommand
from seeding.migrating import ensure_migrated
from seeding.world.locales import DEFAULT, LOCALES

if TYPE_CHECKING:
    from seeding.profile.values import Growth, Profile, Rhythm, Scores, Share, Spread, States

WIDTH, BAR = 100, 16
LEVELS, EIGHTHS = " ▁▂▃▄▅▆▇█", "▏▎▍▌▋▊▉"
PLAIN = str.maketrans("▁▂▃▄▅▆▇█▏▎▍▌▋▊▉·—", "..:::+##       ,-")
"""What is drawn where a stream has no block characters."""
WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


class Command(SeedingCommand):
    """Parse, call, render."""

    help = "Measure the database: distinct texts, skew, agreement with concerns, states, rhythm; nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--format", choices=("table", "json"), default="table", help="how to print it (default: table)"
        )
        parser.add_argument("--locale", choices=LOCALES, default=DEFAULT, help="whose local time (default: en_PH)")
        parser.add_argument("--database", default="default", metavar="ALIAS", help="the database to measure")

    def run(self, options: dict[str, Any]) -> bool:
        """Measure and print."""
        from seeding.profile import measure
        from seeding.reading import reading

        check_alias(options["database"])
        ensure_migrated(options["database"], apply=False)
        with session(options["database"]):
            profile = measure(reading(options["database"], options["locale"]))
        if options["format"] == "json":
            self.stdout.write(json.dumps(asdict(profile), indent=2))
            return True
        console = self.console(options)
        for line in described(profile):
            console.say(line if console.fancy else line.translate(PLAIN))
        return True


def described(profile: Profile) -> Iterator[str]:
    """The whole profile as lines of text."""
    parts: dict[str, Iterable[str]] = {
        "Rows": _flowing(f"{table} {number:,}" for table, number in profile.rows.items()),
        "Distinct texts": map(_share, profile.distinct),
        "Skew (Gini: 0 where all have the same, towards 1 where one has everything)": map(_spread, profile.spread),
        "Agreement with what clients are concerned with": map(_share, profile.agreement),
        "Mean scores, in parts of a questionnaire's range": _scores(profile.scores),
        f"Rhythm, in local time ({utc(profile.utc_offset)})": _rhythms(profile.rhythm),
        "Growth, month by month (those without any are left out)": _growths(profile.growth),
        f"States{_occurring(profile.states)}": _each(profile.states),
        f"Flags, how many are set{_occurring(profile.flags)}": _flags(profile.flags),
        f"Severities{_occurring(profile.bands)}": _each(profile.bands),
        f"Accounts to show{_occurring((profile.accounts,))}": _accounts(profile.accounts),
    }
    for at, (title, lines) in enumerate(parts.items()):
        yield from ([""] if at else [])
        yield title
        yield from lines


def utc(offset: int) -> str:
    """What a time is called that is so many minutes from UTC."""
    hours, minutes = divmod(abs(offset), 60)
    return f"UTC{'-' if offset < 0 else '+'}{hours}{f':{minutes:02d}' if minutes else ''}"


def bar(part: float | None) -> str:
    """A bar as long as this part of BAR columns, to an eighth of one."""
    eighths = round((part or 0.0) * BAR * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (EIGHTHS[rest - 1] if rest else "")


def levels(numbers: Sequence[int], columns: int) -> str:
    """A line of blocks as high as the numbers, the highest full, each so many columns wide."""
    most = max(numbers, default=0) or 1
    return "".join(LEVELS[-(-number * 8 // most)] * columns for number in numbers)


def _share(one: Share) -> str:
    of = f"{one.part:,} of {one.whole:,}"
    percent = "—" if one.share is None else f"{one.share:.1%}"
    return f"  {percent:>6}  {bar(one.share):<{BAR}}  {of:>18}  {one.name}"


def _spread(one: Spread) -> str:
    detail = f"mean {one.mean:.1f}, most {one.most:,}"
    return f"  {one.gini:>6.2f}  {bar(one.gini):<{BAR}}  {detail:>18}  {one.name}"


def _scores(scores: Scores) -> Iterator[str]:
    names = {
        "concerned": "on the client's concerns",
        "others": "on other questionnaires",
        "first": "on concerns, in the first assessment of those with a follow-up",
        "follow_up": "on concerns, in their latest follow-up",
    }
    for field, name in names.items():
        level = getattr(scores, field)
        shown = "—" if level is None else f"{level:.2f}"
        yield f"  {shown:>6}  {bar(level):<{BAR}}  {name}"


def _rhythms(rhythms: Iterable[Rhythm]) -> Iterator[str]:
    yield " " * 12 + "".join(f"{hour:02d}    " for hour in range(0, 24, 3)) + "   " + " ".join(WEEKDAYS)
    for one in rhythms:
        weekdays = " ".join(levels(one.weekdays, 2)[at : at + 2] for at in range(0, 14, 2))
        yield f"  {one.name:<10}{levels(one.hours, 2)}   {weekdays}"


def _growths(growths: Sequence[Growth]) -> Iterator[str]:
    months = sorted({month for one in growths for month in one.months}, key=lambda month: (len(month), month))
    most = [max(one.months.values(), default=1) for one in growths]
    yield " " * 11 + "".join(f"{one.name:<{BAR + 14}}" for one in growths).rstrip()
    for month in months:
        numbers = [one.months.get(month, 0) for one in growths]
        cells = [
            f"{f'{number:,}':>9}  {bar(number / full):<{BAR + 7}}" for number, full in zip(numbers, most, strict=True)
        ]
        yield f"  {month}{''.join(cells)}".rstrip()


def _occurring(states: Iterable[States]) -> str:
    values, missing = (sum(map(len, part)) for part in zip(*((one.found, one.missing) for one in states), strict=True))
    return f": {values - missing} of {values} occur"


def _each(states: Sequence[States]) -> Iterator[str]:
    margin = max(len(one.column) for one in states) + 4
    for one in states:
        counts = [f"{value} {number:,}" for value, number in one.found.items() if number]
        first, *rest = _flowing([*counts, *(f"missing {value}" for value in one.missing)], margin)
        yield f"  {one.column}".ljust(margin) + first.lstrip()
        yield from rest


def _flags(states: Sequence[States]) -> Iterator[str]:
    sums = {one.column: sum(one.found.values()) for one in states}
    yield from _flowing(f"{one.column} {one.found['True']:,}/{sums[one.column]:,}" for one in states)
    yield from _flowing(f"missing {one.column} {value}" for one in states for value in one.missing)


def _accounts(states: States) -> Iterator[str]:
    yield from (f"  {number:>6,}  {sees}" for sees, number in states.found.items())


def _flowing(parts: Iterable[str], margin: int = 2) -> list[str]:
    """The parts one after the other, in as many lines as they take; none is torn apart."""
    held = "\N{NO-BREAK SPACE}· ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)
    indent = " " * margin
    lines = wrap(held, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]
