"""Assessment: A1 to A3, by the published facts in corpus/instruments.toml.

The database packs the answers of a sitting to one questionnaire into a number, three bits an item, so that millions of
answers come out as few rows; NumPy unpacks and scores all sittings of a questionnaire together.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seeding.coherence.rule import Key, Rule

Array = npt.NDArray[Any]
FORMS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent.parent / "corpus" / "instruments.toml").read_text(encoding="utf-8")
)
"""The questionnaires by concern slug; items count from 1."""

SITTINGS = """
    SELECT p.id, t."questionnaire", t.answers, t.place, t.lowest, t.highest, t.packed, p."completedAt" IS NOT NULL,
           CAST(p."scores" ->> t."questionnaire" AS text), p."severityLevels" ->> t."questionnaire"
    FROM (
        SELECT "preAssessmentId", "questionnaire", count(*) AS answers, max("answerIndex") AS place,
               min("value") AS lowest, max("value") AS highest,
               CAST(sum(CASE WHEN "answerIndex" < 20 THEN CAST("value" & 7 AS bigint) << ("answerIndex" * 3) ELSE 0 END)
                    AS bigint) AS packed
        FROM "PreAssessmentAnswer" WHERE {seeded("preAssessmentId")} GROUP BY "preAssessmentId", "questionnaire"
    ) t JOIN "PreAssessment" p ON p.id = t."preAssessmentId"
"""


class Sitting(NamedTuple):
    """The answers of an assessment to one questionnaire, and what the assessment says of them."""

    assessment: Key
    questionnaire: str
    answers: int
    place: int
    lowest: int
    highest: int
    packed: int
    completed: bool
    score: str | None
    severity: str | None

    @property
    def fits(self) -> bool:
        """Whether the answers fit into the number, one to each item."""
        items = FORMS[self.questionnaire]["items"] if self.questionnaire in FORMS else -1
        return self.answers == items == self.place + 1 and self.lowest >= 0 and self.highest < 8

    @property
    def taken(self) -> bool:
        """Whether the questionnaire was taken to the end."""
        return bool(self.completed) or self.score is not None


def each_form(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, list[Sitting], Array]]:
    """Yield the sittings to each questionnaire whose answers fit, and those answers, one row a sitting."""
    by_form: dict[str, list[Sitting]] = defaultdict(list)
    for sitting in map(Sitting._make, rows):
        if sitting.fits:
            by_form[sitting.questionnaire].append(sitting)
    for slug, sittings in by_form.items():
        packed = np.array([sitting.packed for sitting in sittings], dtype=np.int64)
        yield slug, sittings, packed[:, np.newaxis] >> (3 * np.arange(FORMS[slug]["items"])) & 7


def allowed(slug: str) -> list[list[int]]:
    """Give the raw values that each item allows."""
    form = FORMS[slug]
    special = form.get("item_values", {})
    return [special.get(str(number), form["values"]) for number in range(1, form["items"] + 1)]


def answered_wrongly(rows: Iterable[tuple[Any, ...]]) -> Iterator[Key]:
    """Pick the assessments that lack an answer, or have one that its item does not allow."""
    for slug, sittings, raw in each_form(rows):
        known = np.array([[value in values for value in range(8)] for values in allowed(slug)])
        wrong = ~known[np.arange(len(known)), raw].all(axis=1)
        yield from (sittings[at].assessment for at in np.flatnonzero(wrong))
