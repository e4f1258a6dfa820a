"""`manage.py read_seed`: some posts, conversations and clients' stories, to be read by a person. Reads only."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from seeding.config import parse_seed, within
from seeding.engine.session import session
from seeding.guards import check_alias
from seeding.management.base import SeedingCommand
from seeding.migrating import ensure_migrated
from seeding.requirements import DEFAULT_SEED
from seeding.world.locales import DEFAULT, LOCALES

if TYPE_CHECKING:
    from seeding.stories import Line, Story, Talk, Thread

WIDTH, INDENT = 100, 4


class Command(SeedingCommand):
    """Parse, call, render."""

    help = "Print posts with their comments, conversations, and clients' stories from sign-up on; nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--posts", type=int, default=20, metavar="N", help="how many posts (default: 20)")
        parser.add_argument("--conversations", type=int, default=5, metavar="N", help="how many of them (default: 5)")
        parser.add_argument("--clients", type=int, default=5, metavar="N", help="how many stories (default: 5)")
        parser.add_argument("--seed", default=DEFAULT_SEED, metavar="TEXT", help="another text chooses others")
        parser.add_argument("--locale", choices=LOCALES, default=DEFAULT, help="whose local time (default: en_PH)")
        parser.add_argument("--database", default="default", metavar="ALIAS", help="the database to read")

    def run(self, options: dict[str, Any]) -> bool:
        """Read and print one after the other."""
        for name in ("posts", "conversations", "clients"):
            within(f"--{name}", options[name])
        check_alias(options["database"])
        ensure_migrated(options["database"], apply=False)
        console = self.console(options)
        waits = any(options[name] for name in ("posts", "conversations", "clients"))
        with session(options["database"]):
            for line in told(options):
                console.say(line)
                waits = False
        if waits:
            console.say("Nothing of this is there yet; `manage.py seed` makes base data.")
        return True


def told(options: dict[str, Any]) -> Iterator[str]:
    """Everything that was asked for, line by line."""
    from seeding import stories
    from seeding.reading import reading
    from seeding.world.people import local_offset

    run, choice = reading(options["database"], options["locale"]), parse_seed(options["seed"])
    clock = Clock(local_offset(run))
    for thread in stories.threads(run, options["posts"], choice):
        yield from clock.thread(thread)
    for talk in stories.talks(run, options["conversations"], choice):
        yield from clock.talk(talk)
    for story in stories.stories(run, options["clients"], choice):
        yield from clock.story(story)


class Clock:
    """Tells what happened in local time."""

    def __init__(self, offset: int) -> None:
        self.zone = timezone(timedelta(microseconds=offset))

    def at(self, instant: datetime) -> str:
        """The weekday, day and hour of an instant; those of UTC where the calendar has none in local time."""
        try:
            told = instant.astimezone(self.zone)
        except OverflowError:
            told = instant
        return f"{told:%a %Y-%m-%d %H:%M}"

    def thread(self, thread: Thread) -> Iterator[str]:
        """A post and its comments, answers indented."""
        yield from heading("post", thread.community)
        yield thread.title
        for line in thread.lines:
            yield from self.line(line)

    def talk(self, talk: Talk) -> Iterator[str]:
        """A conversation."""
        yield from heading(f"{talk.type.lower()} conversation", talk.title)
        yield from wrap(f"With {', '.join(talk.people)}", WIDTH)
        for line in talk.lines:
            yield from self.line(line)

    def line(self, line: Line) -> Iterator[str]:
        """Who wrote what and when."""
        margin = " " * (INDENT * min(line.depth, 8))
        hearts = f"  ♥ {line.hearts}" if line.hearts else ""
        yield f"{margin}{self.at(line.at)}  {line.who}{hearts}"
        yield from paragraphs(line.text, f"{margin}  ")

    def story(self, story: Story) -> Iterator[str]:
        """A client's story."""
        yield from heading("client", story.name)
        yield from wrap(f"Concerned with {', '.join(story.concerns) or 'nothing known'}. {story.about}", WIDTH)
        for event in story.events:
            text = f"due {self.at(event.due)}, {event.text}" if event.due else event.text
            first, *rest = paragraphs(text, " " * 34) or [""]
            yield f"{self.at(event.at)}  {event.what:<12}{first.lstrip()}"
            yield from rest


def heading(kind: str, name: str) -> Iterator[str]:
    """A line that sets one thing apart from the one before."""
    yield ""
    yield f"── {kind}{f': {name}' if name else ''} ".ljust(WIDTH, "─")[:WIDTH]


def paragraphs(text: str, margin: str) -> list[str]:
    """The text within the width, each of its lines begun anew."""
    return [
        line
        for part in text.splitlines()
        for line in wrap(part, WIDTH, initial_indent=margin, subsequent_indent=margin)
    ]
