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
           {json_text(p."scores", t."questionnaire")}, {json_text(p."severityLevels", t."questionnaire")}
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
    def taken(self) -> bool:
        """Whether the questionnaire was taken to the end."""
        return bool(self.completed) or self.score is not None

    @property
    def full(self) -> bool:
        """Whether there is an answer to each item, and no other, and the number could hold them."""
        items = FORMS[self.questionnaire]["items"] if self.questionnaire in FORMS else None
        return self.answers == items == self.place + 1 and self.lowest >= 0 and self.highest < 8


def each_form(sittings: Iterable[Sitting]) -> Iterator[tuple[str, list[Sitting], Array]]:
    """Yield the full sittings to each questionnaire, and the raw answers, one row a sitting and one column an item."""
    by_form: dict[str, list[Sitting]] = defaultdict(list)
    for sitting in sittings:
        if sitting.taken and sitting.full:
            by_form[sitting.questionnaire].append(sitting)
    for slug, same in by_form.items():
        packed = np.array([sitting.packed for sitting in same], dtype=np.int64)
        yield slug, same, packed[:, np.newaxis] >> (3 * np.arange(FORMS[slug]["items"])) & 7


def allowed(slug: str) -> list[list[int]]:
    """Give the raw values that each item allows."""
    form = FORMS[slug]
    special = form.get("item_values", {})
    return [special.get(str(number), form["values"]) for number in range(1, form["items"] + 1)]


def answered_wrongly(rows: Iterable[tuple[Any, ...]]) -> Iterator[Key]:
    """Pick the assessments that lack an answer, or have one that its item does not allow."""
    sittings = [Sitting(*row) for row in rows]
    yield from (sitting.assessment for sitting in sittings if sitting.taken and not sitting.full)
    for slug, same, raw in each_form(sittings):
        possible = np.array([[value in values for value in range(8)] for values in allowed(slug)])
        wrong = ~possible[np.arange(len(possible)), raw].all(axis=1)
        yield from (same[at].assessment for at in np.flatnonzero(wrong))


def scored_wrongly(rows: Iterable[tuple[Any, ...]]) -> Iterator[Key]:
    """Pick the assessments with a score or a severity that their answers, where all are there, do not give."""
    for slug, same, raw in each_form(Sitting(*row) for row in rows):
        form = FORMS[slug]
        ends = np.array([values[0] + values[-1] for values in allowed(slug)])
        numbers = np.arange(1, form["items"] + 1)
        scored = np.where(np.isin(numbers, form.get("reversed", [])), ends - raw, raw)
        scores = scored[:, ~np.isin(numbers, form.get("unscored", []))].sum(axis=1)
        for sitting, score, severity in zip(same, scores.tolist(), severities(form, scored, scores), strict=True):
            if (sitting.score, sitting.severity) != (str(score), severity):
                yield sitting.assessment


def severities(form: dict[str, Any], scored: Array, scores: Array) -> list[str]:
    """Give the published band of each score, or what the form's screen says of the scored answers."""
    if "screen" not in form:
        lowest = np.array([band["from"] for band in form["bands"]])
        return [form["bands"][at]["name"] for at in np.searchsorted(lowest, scores, side="right") - 1]
    screen = form["screen"]
    symptoms = sum(scored[:, int(number) - 1] >= least for number, least in screen["symptoms"].items())
    met = [scored[:, int(number) - 1] >= least for number, least in screen["conditions"].items()]
    positive = np.all([symptoms >= screen["needed"], *met], axis=0)
    return ["positive-screen" if yes else "negative-screen" for yes in positive]


# The first two ask the same, next to one another, so that it is asked once.
RULES = (
    Rule(
        "A1",
        "PreAssessment",
        "Every answer of each questionnaire taken is present, once, within its item's range.",
        SITTINGS,
        answered_wrongly,
    ),
    Rule(
        "A2",
        "PreAssessment",
        "A score is the sum of its answers, reversed where the form reverses; the severity is the published band.",
        SITTINGS,
        scored_wrongly,
    ),
    Rule(
        "A1",
        "PreAssessment",
        "A questionnaire with a score has answers.",
        """
        SELECT p.id FROM "PreAssessment" p CROSS JOIN {json_keys(p."scores")} k
        WHERE {seeded(p.id)} AND NOT EXISTS (
            SELECT 1 FROM "PreAssessmentAnswer" a WHERE a."preAssessmentId" = p.id AND a."questionnaire" = k.key)
        """,
    ),
    Rule(
        "A1",
        "PreAssessment",
        "A completed assessment has answers.",
        """
        SELECT p.id FROM "PreAssessment" p
        WHERE {seeded(p.id)} AND p."completedAt" IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM "PreAssessmentAnswer" a WHERE a."preAssessmentId" = p.id)
        """,
    ),
    Rule(
        "A2",
        "PreAssessment",
        "A score is a number.",
        """
        SELECT p.id FROM "PreAssessment" p CROSS JOIN {json_keys(p."scores")} k
        WHERE {seeded(p.id)} AND NOT {json_number(k)}
        """,
    ),
    Rule(
        "A2",
        "PreAssessment",
        "A severity belongs to a score.",
        """
        SELECT p.id FROM "PreAssessment" p CROSS JOIN {json_keys(p."severityLevels")} k
        WHERE {seeded(p.id)} AND {json_text(p."scores", k.key)} IS NULL
        """,
    ),
    Rule(
        "A3",
        "PreAssessment",
        "A follow-up is at least three weeks later than the first assessment.",
        """
        SELECT CASE WHEN {seeded(id)} THEN id ELSE "first id" END FROM (
            SELECT id, "completedAt", first_value(id) OVER sittings AS "first id",
                   first_value("completedAt") OVER sittings AS "first at"
            FROM "PreAssessment" WHERE "completedAt" IS NOT NULL
            WINDOW sittings AS (PARTITION BY "userId" ORDER BY "completedAt", id)
        ) s
        WHERE id <> "first id" AND "completedAt" < {later("first at", 21, day)}
          AND ({seeded(id)} OR {seeded("first id")})
        """,
    ),
)
