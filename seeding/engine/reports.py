"""What a run tells while it is under way and gives back: frozen values; whoever prints them decides how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from seeding.engine.wording import numbered


@dataclass(frozen=True)
class GeneratorResult:
    """What one base generator added, in rows a table, and how many of them are dated before a parent."""

    name: str
    added: Mapping[str, int]
    dated_back: int = 0
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Rows added in all tables together."""
        return sum(self.added.values())


@dataclass(frozen=True)
class EnrichmentResult:
    """What one enricher added, in rows a table, and how many of them had to be dated before a too young parent."""

    table: str
    added: Mapping[str, int]
    dated_back: int = 0
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Rows added in all tables together."""
        return sum(self.added.values())


@dataclass(frozen=True)
class Finding:
    """One row that stays short of one minimum: what it has, what it needs, and why."""

    minimum: str
    row: str
    label: str
    has: int
    needs: int
    why: str


@dataclass(frozen=True)
class MinimumCheck:
    """One minimum: how many rows it binds, how many are short, and the first of these as findings."""

    key: str
    noun: str
    at_least: int
    rows: int
    short: int
    why: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def met(self) -> bool:
        """Whether every row has enough."""
        return self.short == 0

    @property
    def shortfall(self) -> str:
        """How many are short, and why, in a line."""
        return f"{self.short:,} of {numbered(self.rows, self.noun)} short of {self.key} ({self.at_least}): {self.why}"


@dataclass(frozen=True)
class Progress:
    """An event while a run is under way: a phase or a step begins, is so far, or has added rows; what is short.

    `at` and `of` number the step; of an event "rows", `rows` are those that the step has added to a `table`, and `of`
    is about how many that will be.
    """

    kind: Literal["phase", "audit", "start", "rows", "done", "waiting"]
    name: str
    at: int = 0
    of: int = 0
    rows: int = 0
    table: str = ""
    audit: tuple[MinimumCheck, ...] = ()


@dataclass(frozen=True)
class Broken:
    """A coherence rule that some rows break."""

    rule: str
    table: str
    rows: int
    statement: str
    examples: tuple[str, ...] = ()

    @property
    def breach(self) -> str:
        """Which rule how many rows break, in a line."""
        return f"{self.rule} {self.table}: {numbered(self.rows, 'rows')}. {self.statement}"


@dataclass(frozen=True)
class ValidationResult:
    """One table held against its minimums and its coherence rules."""

    table: str
    minimums: tuple[MinimumCheck, ...]
    broken: tuple[Broken, ...]

    @property
    def valid(self) -> bool:
        """Whether every minimum is met and no rule is broken."""
        return not self.broken and all(check.met for check in self.minimums)


@dataclass(frozen=True)
class TableStats:
    """How many rows a table holds, how many of them are seeded, and its minimums with the rows short of each."""

    table: str
    rows: int
    seeded: int
    short: Mapping[str, int]


@dataclass(frozen=True)
class Moved:
    """A table that holds something else than a lock file says: its rows then and now, and why."""

    table: str
    before: int
    after: int
    why: str


@dataclass(frozen=True)
class LockCheck:
    """A database held against a lock file: how many tables, which inputs changed, and which tables moved."""

    file: str
    tables: int
    changed: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True)
class VerificationReport:
    """All minimums and, when they were asked for, the coherence rules that are broken and the lock file.

    `aside` names the indexes and foreign keys that a killed run has left out.
    """

    minimums: tuple[MinimumCheck, ...]
    broken: tuple[Broken, ...] = ()
    coherence_checked: bool = False
    locked: LockCheck | None = None
    aside: tuple[str, ...] = ()

    @property
    def satisfied(self) -> bool:
        """Whether nothing is short, broken, or left out by a killed run, and no table that is locked has moved."""
        moved = self.locked is not None and bool(self.locked.moved)
        return not (self.broken or self.aside or moved) and all(check.met for check in self.minimums)


@dataclass(frozen=True)
class Need:
    """What one subject lacks before enrichment: how many rows for each minimum it is short of."""

    subject: str
    label: str
    needs: Mapping[str, int]


@dataclass(frozen=True)
class HybridSeedReport:
    """The three phases of a run and whether the database is satisfied at its end.

    `audit` counts what was short before enrichment; a dry run lists it subject by subject in `needs`.
    """

    mode: str
    seed: str
    as_of: str
    legacy: tuple[GeneratorResult, ...] = ()
    enrichment: tuple[EnrichmentResult, ...] = ()
    verification: VerificationReport | None = None
    seconds: float = 0.0
    dry_run: bool = False
    audit: tuple[MinimumCheck, ...] = ()
    needs: tuple[Need, ...] = ()

    @property
    def satisfied(self) -> bool:
        """Whether the verification ran and found nothing short."""
        return self.verification is not None and self.verification.satisfied

    @property
    def rows(self) -> int:
        """Rows added by all generators and enrichers."""
        return sum(part.rows for part in self.legacy) + sum(part.rows for part in self.enrichment)
