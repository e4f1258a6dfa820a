"""The fifteen questionnaires: what they allow, how they score, how people answer.

The facts stand in corpus/instruments.toml with their sources. Answers are always raw,
as a person ticks them, in arrays of one row a person and one column an item; columns
count from 0, as ``answerIndex`` does. Everything here is a function of its arguments.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from seeding.corpus import HERE as CORPUS
from seeding.engine.keys import Bools, Floats, Ints

DATA = CORPUS / "instruments.toml"

# How much later (or earlier) a rarer (or commoner) item is endorsed, in units of level.
ITEM_SHIFT = 0.15
MIDDLE, AROUND_CUT_OFF = (0.25, 0.75), ((0.45, 0.75), (0.0, 0.35))
"""Of the levels that give a severity, the part that is drawn from where it is given: the middle half, or with a single
cut-off what is not far below it, or above, since nobody changes altogether between two sittings. Chosen."""


@dataclass(frozen=True)
class Band:
    """A severity and the scores that have it, both ends included."""

    name: str
    low: int
    high: int


@dataclass(frozen=True)
class Screen:
    """A published yes/no screen; pairs are (column, least scored value that counts)."""

    symptoms: tuple[tuple[int, int], ...]
    needed: int
    conditions: tuple[tuple[int, int], ...]

    def is_positive(self, scored: Ints) -> Bools:
        """Whether each row has enough symptoms and meets every condition."""
        met = _reached(scored, self.conditions).all(axis=1)
        count = _reached(scored, self.symptoms).sum(axis=1)
        return np.asarray(met & (count >= self.needed))


@dataclass(frozen=True)
class Skip:
    """Columns that are not asked where the scored values of others add up to little.

    What is not asked has its lowest scored value.
    """

    when: tuple[int, ...]
    at_most: int
    then: tuple[int, ...]


@dataclass(frozen=True)
class Instrument:
    """One questionnaire as published. All item references are columns from 0."""

    slug: str
    name: str
    values: tuple[tuple[int, ...], ...]
    """The raw values that each item allows, ascending."""
    reversed_items: frozenset[int]
    unscored_items: frozenset[int]
    bands: tuple[Band, ...]
    """Empty where a screen decides."""
    screen: Screen | None
    skips: tuple[Skip, ...]
    commoner_items: frozenset[int]
    rarer_items: frozenset[int]

    @property
    def items(self) -> int:
        """The number of items."""
        return len(self.values)

    @property
    def band_names(self) -> tuple[str, ...]:
        """The severities from the lightest, in the order that `severity` indexes."""
        if self.screen is not None:
            return ("negative-screen", "positive-screen")
        return tuple(band.name for band in self.bands)

    @property
    def score_range(self) -> tuple[int, int]:
        """The lowest and the highest score that answers can give."""
        kept = [v for i, v in enumerate(self.values) if i not in self.unscored_items]
        return sum(v[0] for v in kept), sum(v[-1] for v in kept)

    def score(self, answers: npt.ArrayLike) -> Ints:
        """Score each row of raw answers, with reversed items turned round.

        Raises ValueError for answers of another shape, or outside an item's values.
        """
        return self._total(self._scored(answers))

    def severity(self, answers: npt.ArrayLike) -> Ints:
        """Find the index into `band_names` for each row of raw answers.

        Raises ValueError like `score`.
        """
        scored = self._scored(answers)
        if self.screen is not None:
            return self.screen.is_positive(scored).astype(np.int64)
        cutoffs = [band.low for band in self.bands[1:]]
        return np.searchsorted(cutoffs, self._total(scored), side="right")

    def draw_answers(self, level: npt.ArrayLike, noise: npt.ArrayLike) -> Ints:
        """Draw raw answers of people with the given burden.

        `level` is one number a person, from 0 (none) to 1 (worst); `noise` one uniform
        number from [0, 1) an answer. An answer climbs a step wherever level plus a
        bell-shaped deviate passes the step's threshold (a graded-response model): the
        score follows `level` up its range, items agree with each other through it, and
        for the same noise a higher level never lowers a scored answer. Only exactly
        rounded arithmetic is used: the same on any machine.

        Raises ValueError for shapes that do not fit and for numbers out of range.
        """
        level = np.asarray(level, dtype=np.float64)
        noise = np.asarray(noise, dtype=np.float64)
        if level.ndim != 1 or noise.shape != (level.size, self.items):
            raise ValueError(
                f"{self.name}: expected level (n,) and noise (n, {self.items}), got {level.shape} and {noise.shape}"
            )
        if not ((level >= 0) & (level <= 1)).all():
            raise ValueError(f"{self.name}: level must lie in [0, 1]")
        if not ((noise >= 0) & (noise < 1)).all():
            raise ValueError(f"{self.name}: noise must lie in [0, 1)")

        return self._answered(level[:, np.newaxis] + _deviate(noise))

    def _answered(self, burden: Floats) -> Ints:
        """The raw answers of people with these burdens, item by item."""
        scored = np.repeat(self._ranks[:1], len(burden), axis=0)
        steps = np.diff(self._ranks, axis=0)
        for step, threshold in zip(steps, self._thresholds, strict=True):
            scored += step * (burden >= threshold)
        for skip in self.skips:
            skipped = scored[:, skip.when].sum(axis=1) <= skip.at_most
            scored[np.ix_(skipped, skip.then)] = self._ranks[0, skip.then]
        return self._turned(scored)

    def draw_in_band(self, band: npt.ArrayLike, noise: npt.ArrayLike) -> Ints:
        """Draw raw answers of people of whom the severity is given, as an index into `band_names`.

        The noise says, as in `draw_answers`, in which order the items climb; the level is one of those that give the
        severity, by the noise of the last item in the middle half of them, or near the only cut-off there is. Items on
        which it hangs whether scored ones are asked climb before these.
        """
        noise = np.asarray(noise, dtype=np.float64)
        people = zip(np.asarray(band).tolist(), _deviate(noise), noise[:, -1].tolist(), strict=True)
        return np.array([self._in_band(*one) for one in people], dtype=np.int64).reshape(noise.shape)

    def _in_band(self, band: int, deviates: Floats, place: float) -> Ints:
        asking = [
            column for skip in self.skips if not self.unscored_items.issuperset(skip.then) for column in skip.when
        ]
        deviates = deviates + np.isin(np.arange(self.items), asking)
        climbs = np.sort((self._thresholds - deviates)[np.diff(self._ranks, axis=0) > 0])
        levels = np.r_[climbs[0] - 1.0, (climbs[1:] + climbs[:-1]) / 2, climbs[-1] + 1.0]
        answers = self._answered(levels[:, np.newaxis] + deviates)
        fitting = np.flatnonzero(self.severity(answers) == band)
        low, high = MIDDLE if len(self.band_names) > 2 else AROUND_CUT_OFF[band]
        return answers[fitting[int(len(fitting) * (low + place * (high - low)))]]

    @cached_property
    def _ranks(self) -> Ints:
        """Row r: the r-th value of each item, its last one where it has fewer."""
        most = max(len(allowed) for allowed in self.values)
        rows = [[allowed[min(rank, len(allowed) - 1)] for allowed in self.values] for rank in range(most)]
        return np.array(rows, dtype=np.int64)

    @cached_property
    def _thresholds(self) -> Floats:
        """Row r: the burden at which each item climbs to its value of rank r + 1.

        Half-way between the two values, as a part of the item's range.
        """
        low, high = self._ranks[0], self._ranks[-1]
        halfway = (self._ranks[1:] + self._ranks[:-1]) / 2
        shift = ITEM_SHIFT * (self._mask(self.rarer_items).astype(np.float64) - self._mask(self.commoner_items))
        return np.asarray((halfway - low) / (high - low) + shift)

    def _mask(self, columns: frozenset[int]) -> Bools:
        return np.array([column in columns for column in range(self.items)])

    def _turned(self, answers: Ints) -> Ints:
        """Raw to scored values or back: reversed items turned round."""
        ends = self._ranks[0] + self._ranks[-1]
        return np.where(self._mask(self.reversed_items), ends - answers, answers)

    def _scored(self, answers: npt.ArrayLike) -> Ints:
        """Check raw answers and turn them into scored values."""
        raw = np.asarray(answers)
        if raw.ndim != 2 or raw.shape[1] != self.items:
            raise ValueError(f"{self.name}: expected answers (n, {self.items}), got {raw.shape}")
        if not np.issubdtype(raw.dtype, np.integer):
            raise ValueError(f"{self.name}: answers must be integers, got {raw.dtype}")
        allowed = np.zeros(raw.shape, dtype=np.bool_)
        for rank in self._ranks:
            allowed |= raw == rank
        if not allowed.all():
            row, column = np.argwhere(~allowed)[0]
            raise ValueError(
                f"{self.name}: item {column + 1} of row {row} is {raw[row, column]}, "
                f"not one of {list(self.values[column])}"
            )
        return self._turned(raw.astype(np.int64))

    def _total(self, scored: Ints) -> Ints:
        counted = ~self._mask(self.unscored_items)
        return np.asarray(scored.sum(axis=1, where=counted))


@cache
def instruments() -> Mapping[str, Instrument]:
    """Give all instruments by concern slug, in the product's order; read at first use."""
    with DATA.open("rb") as file:
        tables = tomllib.load(file)
    return MappingProxyType({slug: _read(slug, tables[slug]) for slug in tables})


def taken(scores: Any, bands: Any) -> Iterator[tuple[str, float, Any]]:
    """What an assessment tells: the questionnaires with their scores, and the severity beside each or None.

    Both may have been written by somebody else: what is no number by name tells nothing.
    """
    severity = bands if isinstance(bands, dict) else {}
    for slug, score in scores.items() if isinstance(scores, dict) else ():
        if isinstance(score, int | float):
            yield slug, score, severity.get(slug)


def level(slug: str, score: float) -> float:
    """A score as a share of its questionnaire's range. Raises KeyError for a questionnaire that is not known."""
    low, high = instruments()[slug].score_range
    return (min(max(score, low), high) - low) / (high - low)


def _read(slug: str, table: Mapping[str, Any]) -> Instrument:
    """Build an instrument from its table in the file, where items count from 1."""
    special = table.get("item_values", {})
    numbers = range(1, table["items"] + 1)
    screen = table.get("screen")
    return Instrument(
        slug=slug,
        name=table["name"],
        values=tuple(tuple(special.get(str(n), table["values"])) for n in numbers),
        reversed_items=frozenset(_columns(table.get("reversed", ()))),
        unscored_items=frozenset(_columns(table.get("unscored", ()))),
        bands=tuple(Band(band["name"], band["from"], band["to"]) for band in table.get("bands", ())),
        screen=screen and Screen(_pairs(screen["symptoms"]), screen["needed"], _pairs(screen["conditions"])),
        skips=tuple(
            Skip(_columns(skip["when"]), skip["at_most"], _columns(skip["then"])) for skip in table.get("skips", ())
        ),
        commoner_items=frozenset(_columns(table.get("commoner", ()))),
        rarer_items=frozenset(_columns(table.get("rarer", ()))),
    )


def _columns(numbers: Sequence[int]) -> tuple[int, ...]:
    return tuple(number - 1 for number in numbers)


def _pairs(by_number: Mapping[str, int]) -> tuple[tuple[int, int], ...]:
    return tuple((int(number) - 1, least) for number, least in by_number.items())


def _reached(scored: Ints, pairs: tuple[tuple[int, int], ...]) -> Bools:
    """Per row and pair, whether the column's scored value is at least the pair's."""
    columns = [column for column, _ in pairs]
    least = np.array([value for _, value in pairs], dtype=np.int64)
    return np.asarray(scored[:, columns] >= least)


def _deviate(noise: Floats) -> Floats:
    """Turn each uniform number from [0, 1) into a bell-shaped deviate within ±0.5.

    Close to a logistic quantile with a quartile of ±0.11, without its logarithm.
    """
    centred = noise - 0.5
    return np.asarray(0.15 * centred / (0.4 - centred * centred))
