"""What the commands share: a mistake, or a database that refuses, is said in a sentence and by the exit code."""

from __future__ import annotations

import os
import signal
import sys
import threading
from abc import abstractmethod
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from seeding.engine.errors import SeedingError, UsageError
from seeding.guards import named, reason, unreadable

if TYPE_CHECKING:
    from seeding.console import Console


def file_name(given: str) -> str:
    """The name of a file as an option's value; an empty one is wrong usage, as where a variable was not set."""
    if not given:
        raise ArgumentTypeError("name a file; this name is empty")
    return given


def flag(name: str) -> str:
    """The option that is read under this name."""
    return f"--{name.replace('_', '-')}"


class Output:
    """The stream that a command writes to. Raises SeedingError where it is full, BrokenPipeError where nobody reads it.

    From then on nothing is written to it: Python would try again when it ends, and complain.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write the text; returns how many characters that were."""
        with self._refusing():
            return self._stream.write(text)

    def flush(self) -> None:
        """Write what is held back."""
        with self._refusing():
            self._stream.flush()

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if isinstance(error, BrokenPipeError):
                raise
            raise SeedingError(
                f"The output cannot be written ({error.strerror}); make room or send it elsewhere, then run this again."
            ) from error


class Terminated(KeyboardInterrupt):
    """The system asks the process to end (SIGTERM), as at a time limit; it stops as at Ctrl-C."""


@contextmanager
def terminable() -> Iterator[None]:
    """Raise Terminated at SIGTERM, unless somebody else handles that signal."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def end(*_: object) -> None:
        raise Terminated

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def staying_interrupted() -> Iterator[None]:
    """Raise an interruption as one, even where a connection that it broke fails in what is done at the end."""
    try:
        yield
    except Exception as error:
        before: BaseException | None = error
        while before is not None:
            before = before.__context__
            if isinstance(before, KeyboardInterrupt):
                raise before from None
        raise


class SeedingCommand(BaseCommand):
    """Parse, call, render, set the exit code."""

    requires_system_checks = ()
    takes = "[options]"
    """What follows the command's name."""
    interrupted = "Interrupted."
    """What is said when somebody presses Ctrl-C, or the system ends the process."""
    unheard = "Whoever read the output has gone, so this has ended early."
    """What is said when that is so, as in `… | head`."""

    def __init__(self, stdout: TextIO | None = None, stderr: TextIO | None = None, **named: Any) -> None:
        """Begin, with somewhere to write to where whoever started this has closed its output, as daemons do."""
        for stream in ("stdout", "stderr"):
            if getattr(sys, stream) is None:
                setattr(sys, stream, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  (for as long as we run)
        out, err = Output(stdout or sys.stdout), Output(stderr or sys.stderr)
        plain = bool(os.environ.get("NO_COLOR"))  # as https://no-color.org asks, and as the progress bars do
        super().__init__(cast("TextIO", out), cast("TextIO", err), **{"no_color": plain, **named})

    def create_parser(self, prog_name: str, subcommand: str, **named: Any) -> CommandParser:
        """The parser, which names no option in its usage: an error would stand below all of them."""
        return super().create_parser(prog_name, subcommand, usage=f"%(prog)s {self.takes}", **named)

    def execute(self, *arguments: Any, **options: Any) -> str | None:
        """Handle it. What Django refuses before that, as two options that exclude each other, is wrong usage too."""
        try:
            return super().execute(*arguments, **options)
        except CommandError as error:
            error.returncode = UsageError.exit_code
            raise

    def handle(self, **options: Any) -> None:
        """Do what was asked; exit with 1 where something stays short or stands in the way, 2 for wrong usage."""
        with terminable():
            code = self.exit_code(options)
        if code:
            sys.exit(code)

    def exit_code(self, options: dict[str, Any]) -> int:
        """Do what was asked, and say what stands in the way; returns how to end."""
        try:
            with staying_interrupted():
                done = self.run(options)
            self.stdout.flush()
        except SeedingError as error:
            self.complain(str(error))
            return error.exit_code
        except Error as error:  # a full disk, no right to write, a table that is gone, a server that went away
            if options["traceback"]:
                raise
            self.complain(
                f"The database {named(options['database'])} stopped the command ({reason(error)}); "
                "once that is mended, run it again (--traceback shows where)."
            )
            return 1
        except (AttributeError, NotImplementedError, ObjectDoesNotExist, TypeError, ValueError) as error:
            odd = unreadable(options["database"], error)
            if odd is None or options["traceback"]:
                raise
            self.complain(
                f"The database cannot be read ({odd}); once that is mended, run it again (--traceback shows where)."
            )
            return 1
        except ImproperlyConfigured as error:
            if options["traceback"]:
                raise
            self.complain(f"The project's settings need correcting (--traceback shows where they are read): {error}")
            return UsageError.exit_code
        except BrokenPipeError:
            self.complain(self.unheard)
            return 1
        except KeyboardInterrupt as stopped:
            self.complain(self.interrupted)
            return 128 + (signal.SIGTERM if isinstance(stopped, Terminated) else signal.SIGINT)
        return 0 if done else 1

    def complain(self, text: str) -> None:
        """Write to the error output; where that is full, or nobody reads it, the exit code says it alone."""
        with suppress(OSError, SeedingError):
            self.stderr.write(text)

    @abstractmethod
    def run(self, options: dict[str, Any]) -> bool:
        """Do what was asked; returns whether it found everything as it should be."""

    def console(self, options: dict[str, Any]) -> Console:
        """What draws on this command's output."""
        from seeding.console import Console

        stream = cast("TextIO", self.stdout._out)  # noqa: SLF001  (Django's adds line ends)
        return Console(stream, options["verbosity"], color=not options["no_color"])
