"""Everything a person sees of a run: progress, the three phases, what stays short, and whom to log in as."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TextIO

from django.apps import apps

from seeding.engine.reports import (
    HybridSeedReport,
    LockCheck,
    MinimumCheck,
    Moved,
    Need,
    Progress,
    VerificationReport,
)
from seeding.engine.wording import numbered, words

if TYPE_CHECKING:
    from seeding.demo import DemoLogin

SUBJECTS_SHOWN, FINDINGS_SHOWN = 20, 3
_JUST_NOW = timedelta(days=1)
"""So long what a card says is going on may be taken for now."""


class Console:
    """Writes to one stream: lines where it is piped, a moving line on a terminal; nothing at verbosity 0."""

    def __init__(self, stream: TextIO, verbosity: int, *, color: bool = True) -> None:
        self.stream, self.verbosity, self.color = stream, verbosity, color
        encoding = getattr(stream, "encoding", None) or "utf-8"
        self.fancy = encoding.lower().replace("-", "") in ("utf8", "utf16", "utf32")
        self.tick, self.cross = ("✅", "❌") if self.fancy else ("ok", "!!")
        self.dots = "…" if self.fancy else "..."
        self._turn = Lock()
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}
        self._tables: dict[str, str] = {}

    @property
    def live(self) -> bool:
        """Whether somebody watches on a terminal that can move its lines."""
        return os.environ.get("TERM") != "dumb" and bool(getattr(self.stream, "isatty", lambda: False)())

    def say(self, text: str = "") -> None:
        """Write a line, above what moves."""
        if not self.verbosity:
            return
        if self._tasks:
            self._bars.console.print(text, markup=False, highlight=False)
        else:
            self.stream.write(self.printable(text) + "\n")

    def printable(self, text: str) -> str:
        """The text with a question mark for what the stream's encoding lacks."""
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        return text.encode(encoding, "replace").decode(encoding)

    def progress(self, event: Progress) -> None:
        """Show an event of the run as it happens."""
        if self.verbosity:
            with self._turn:  # worker processes report by a thread of their own
                self._show(event)

    def _show(self, event: Progress) -> None:
        step = f"[{event.at}/{event.of}] {event.name}{self.dots}"
        if event.kind == "phase":
            self.say(f"\n{event.name}")
        elif event.kind == "audit":
            self._audit(event.audit)
        elif event.kind == "waiting":
            self.say(f"Waiting for {event.name} on this database to end{self.dots}")
            self.stream.flush()
        elif event.kind == "start" and self.live and self.fancy:
            self._open_bar(event.name, step)
        elif event.kind == "rows" and event.name in self._tasks:
            if self._tables.get(event.name) != event.table:
                self._tables[event.name] = event.table
                self._bars.reset(self._tasks[event.name], table=event.table)
            self._bars.update(self._tasks[event.name], completed=event.rows, total=event.of, refresh=True)
        elif event.kind == "done":
            if event.name in self._tasks:
                self._close_bar(event.name)
            self.say(f"  {step} {self.tick} +{event.rows:,}")

    def close(self) -> None:
        """Take away what moves, also where a run ends early."""
        for name in list(self._tasks):
            self._close_bar(name)

    def _open_bar(self, name: str, step: str) -> None:
        if not self._tasks:
            self._bars = progress_bars(self.stream, color=self.color)
            self._bars.start()
        self._tasks[name] = self._bars.add_task(step, total=None, table="")

    def _close_bar(self, name: str) -> None:
        self._bars.remove_task(self._tasks.pop(name))
        if not self._tasks:
            self._bars.stop()

    def report(
        self,
        report: HybridSeedReport,
        card: Sequence[DemoLogin],
        password: str | None,
        written: tuple[datetime, datetime] | None = None,
    ) -> None:
        """Show what a run has done and found; `written` is the earliest and the latest as-of under which rows were."""
        if report.needs:
            self._needs(report.needs)
        if report.verification:
            if report.dry_run:
                self.say("\nVerification, as it would be")
            self.checks(report.verification)
        dated_back = sum(one.dated_back for one in report.legacy) + sum(one.dated_back for one in report.enrichment)
        if dated_back:
            are = "are" if dated_back > 1 else "is"
            self.say(
                f"\n{numbered(dated_back, 'rows')} {are} dated as if young accounts had been there for some weeks."
            )
        done = "would be added; nothing was written" if report.dry_run else "added"
        self.say(
            f"\n{numbered(report.rows, 'rows')} {done} in {report.seconds:.2f} s ({report.mode}, as of {report.as_of})."
        )
        if report.verification:
            satisfied = "Would be satisfied" if report.dry_run else "Satisfied"
            short = "Would not be satisfied" if report.dry_run else "Not satisfied"
            self.say(f"{self.tick} {satisfied}." if report.satisfied else f"{self.cross} {short}: see above.")
        if not report.dry_run:
            self._card(card, password)
            if card and password and written:
                self._dated(datetime.fromisoformat(report.as_of), *written)

    def _dated(self, as_of: datetime, first: datetime, last: datetime) -> None:
        """Say when what the card tells was so, unless that is now."""
        if max(abs(as_of - first), abs(as_of - last)) > _JUST_NOW:
            when = f"on {first:%Y-%m-%d}"
            if first.date() != last.date():
                when = f"when it was written, between {first:%Y-%m-%d} and {last:%Y-%m-%d}"
            self.say(f"All this was so {when}: what has been written stays as it is.")

    def _audit(self, audit: tuple[MinimumCheck, ...]) -> None:
        self.say("\nDatabase audit")
        for noun, checks in by_noun(audit).items():
            short = [f"{check.key} {check.short:,}" for check in checks if not check.met]
            lacking = f"short: {', '.join(short)}" if short else "nothing short"
            self.say(f"  {numbered(checks[0].rows, noun)}: {lacking}")

    def _needs(self, needs: tuple[Need, ...]) -> None:
        groups: dict[str, list[Need]] = defaultdict(list)
        for need in needs:
            groups[need.subject].append(need)
        self.say("\nGaps")
        for subject, members in groups.items():
            shown = members if self.verbosity > 1 else members[:SUBJECTS_SHOWN]
            for need in shown:
                lacks = ", ".join(numbered(number, words(key)) for key, number in need.needs.items())
                self.say(f"  {subject} {need.label}: needs {lacks}")
            if len(members) > len(shown):
                self.say(f"  {self.dots} and {len(members) - len(shown)} more of {subject} (-v 2 shows all)")

    def checks(self, verification: VerificationReport) -> None:
        """Show one line for each kind of subject, and why what is short stays short."""
        for noun, checks in by_noun(verification.minimums).items():
            short = [check for check in checks if not check.met]
            if not short:
                rows = checks[0].rows
                them = f"{numbered(1, noun)} meets its" if rows == 1 else f"All {rows:,} {noun} meet their"
                self.say(f"  {self.tick} {them} minimums")
            for check in short:
                self._short(check)
        if not any(check.rows for check in verification.minimums):
            self.say("  The database holds none of these; `manage.py seed` makes base data where its sizes are not 0.")
        if verification.aside:
            self._aside(verification.aside)
        if verification.coherence_checked:
            if not verification.broken:
                self.say(f"  {self.tick} Every rule of coherence is kept")
            for broken in verification.broken:
                self.say(f"  {self.cross} {broken.breach}")
                self.say(f"       for instance {', '.join(broken.examples)}")
        if verification.locked:
            self._locked(verification.locked)

    def _aside(self, names: Sequence[str]) -> None:
        if len(names) == 1:
            self.say(f"  {self.cross} {names[0]} is missing since a run did not end;")
        else:
            them = f"{len(names)} indexes and keys are missing since a run did not end, {names[0]} for instance;"
            self.say(f"  {self.cross} {them}")
        self.say("       the next `manage.py seed` puts back what is missing")

    def _short(self, check: MinimumCheck) -> None:
        self.say(f"  {self.cross} {check.shortfall}")
        shown = check.findings if self.verbosity > 1 else check.findings[:FINDINGS_SHOWN]
        for finding in shown:
            self.say(f"       {finding.label}: has {finding.has}, needs {finding.needs}")
        if shown and check.short > len(shown):
            hint = f" (-v 2 shows {len(check.findings)})" if len(shown) < len(check.findings) else ""
            self.say(f"       {self.dots} and {check.short - len(shown):,} more{hint}")

    def _locked(self, locked: LockCheck) -> None:
        for moved in locked.moved:
            self.say(f"  {self.cross} {moved_from(moved, locked.file)}")
        if not locked.moved:
            self.say(f"  {self.tick} All {locked.tables} tables hold what {locked.file} says")
            if locked.changed:
                self.say(f"       although {'; '.join(locked.changed)}: `seed --lock` notes that")

    def _card(self, card: Iterable[DemoLogin], password: str | None) -> None:
        logins = list(card)
        if not logins or password is None:
            return
        self.say(f"\nLog in (password {password}, unless it was changed)")
        for login in logins:
            self.say(f"  {login.email:<30} {login.sees}")
        if Path(sys.argv[0]).name == "manage.py" and apps.is_installed("django.contrib.admin"):
            serve = f"{python()} {sys.argv[0]} runserver"
            self.say(f"Look around: {serve}, then http://127.0.0.1:8000/admin/ as an administrator.")


def python() -> str:
    """What this Python is called by from here: its path, unless `python` leads to it."""
    here, found = Path(sys.executable), shutil.which("python")
    if found and Path(found).absolute() == here:
        return "python"
    try:
        return str(here.relative_to(Path.cwd()))
    except (ValueError, FileNotFoundError):  # it lies elsewhere, or the folder has been deleted meanwhile
        return str(here)


def progress_bars(stream: TextIO, *, color: bool) -> Any:
    """A bar for each step under way: its table, rows so far and expected, rows a second, time left."""
    from rich import progress
    from rich.console import Console as Terminal
    from rich.text import Text

    class RowsASecond(progress.ProgressColumn):
        def render(self, task: progress.Task) -> Text:
            return Text(f"{task.speed:,.0f} rows/s" if task.speed else "")

    return progress.Progress(
        progress.SpinnerColumn(),
        progress.TextColumn("{task.description} {task.fields[table]}", markup=False),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        RowsASecond(),
        progress.TimeRemainingColumn(),
        console=Terminal(file=stream, no_color=None if color else True),  # None leaves it to NO_COLOR
    )


def shortfalls(verification: VerificationReport) -> str:
    """What is wrong, in a line each: all that is said at verbosity 0."""
    short = [check.shortfall for check in verification.minimums if not check.met]
    broken = [rule.breach for rule in verification.broken]
    locked = verification.locked
    moved = [moved_from(one, locked.file) for one in locked.moved] if locked else []
    missing = [f"missing since a run did not end: {name}" for name in verification.aside]
    return "\n".join((*missing, *short, *broken, *moved))


def moved_from(moved: Moved, file: str) -> str:
    """How a table differs from what the lock file says, and why."""
    rows = (
        f"{moved.before} rows → {moved.after}" if moved.before != moved.after else f"{moved.after} rows, not the same"
    )
    return f"{moved.table} moved from {file} ({rows}): {moved.why}"


def by_noun(checks: Iterable[MinimumCheck]) -> dict[str, list[MinimumCheck]]:
    """The checks of each kind of subject, in their order."""
    groups: dict[str, list[MinimumCheck]] = defaultdict(list)
    for check in checks:
        groups[check.noun].append(check)
    return dict(groups)


def as_json(report: HybridSeedReport | VerificationReport, **more: Any) -> str:
    """A report as JSON: its fields by name, with `satisfied`; only `seconds` differs from run to run."""
    return json.dumps({**asdict(report), **more, "satisfied": report.satisfied}, indent=2, default=dict) + "\n"
