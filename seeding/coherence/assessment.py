"""Assessment: A1 to A3, by the published facts in corpus/instruments.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from seeding.coherence.rule import Rule
from seeding.coherence.sql import Sql

INSTRUMENTS = Path(__file__).parent.parent / "corpus" / "instruments.toml"
WEEKS_APART = 3


@cache
def instruments() -> dict[str, dict[str, Any]]:
    """The questionnaires by concern slug, as the file has them: items count from 1."""
    return tomllib.loads(INSTRUMENTS.read_text(encoding="utf-8"))


def values(rows: Iterable[tuple[str | int, ...]]) -> str:
    """Rows as a VALUES list."""
    return "VALUES " + ", ".join("(" + ", ".join(f"'{v}'" if isinstance(v, str) else str(v) for v in r) + ")" for r in rows)


def items() -> str:
    """One row an item: which raw values it allows, and what each counts for.

    A raw value adds `base + weight * value` to the score; scored (reversed where the form says so), it counts as a
    symptom from `symptom` and meets the screen's condition from `met`.
    """
    never, always = 99, -99
    rows: list[tuple[str | int, ...]] = []
    for slug, form in instruments().items():
        screen = form.get("screen", {"symptoms": {}, "conditions": {}})
        for number in range(1, form["items"] + 1):
            allowed = form.get("item_values", {}).get(str(number), form["values"])
            turned = number in form.get("reversed", ())
            counted = int(number not in form.get("unscored", ()))
            base, weight = (allowed[0] + allowed[-1], -1) if turned else (0, 1)
            symptom = screen["symptoms"].get(str(number), never)
            met = screen["conditions"].get(str(number), always)
            rows.append((slug, number - 1, sum(1 << v for v in allowed), base, weight, counted, symptom, met))
    return f"item(questionnaire, place, allowed, base, weight, counted, symptom, met) AS ({values(rows)})"


def sizes() -> str:
    """One row a questionnaire: its number of items, and how many symptoms its screen asks for (0: it has bands)."""
    rows = ((slug, form["items"], form.get("screen", {}).get("needed", 0)) for slug, form in instruments().items())
    return f"form(questionnaire, items, needed) AS ({values(rows)})"


def bands() -> str:
    """One row a band: its name, and the scores that have it."""
    rows = (
        (slug, band["name"], band["from"], band["to"])
        for slug, form in instruments().items()
        for band in form.get("bands", ())
    )
    return f"band(questionnaire, name, low, high) AS ({values(rows)})"


def answer_not_on_the_form(sql: Sql) -> str:
    """A1: answers to an item that the form does not have, or that it does not allow."""
    return f"""
        WITH {items()}
        SELECT a.id FROM "PreAssessmentAnswer" a
        LEFT JOIN item i ON i.questionnaire = a."questionnaire" AND i.place = a."answerIndex"
        WHERE {sql.seeded("a.id")}
          AND (i.place IS NULL OR a."value" NOT BETWEEN 0 AND 30 OR (i.allowed >> a."value") & 1 = 0)
    """


def answers_missing(sql: Sql) -> str:
    """A1: assessments with a score of a questionnaire that not every answer is there of."""
    return f"""
        WITH {sizes()}
        SELECT p.id FROM "PreAssessment" p CROSS JOIN {sql.json_keys('p."scores"')} k
        LEFT JOIN form f ON f.questionnaire = k.key
        WHERE {sql.seeded("p.id")} AND f.items IS DISTINCT FROM (
            SELECT count(*) FROM "PreAssessmentAnswer" a
            WHERE a."preAssessmentId" = p.id AND a."questionnaire" = k.key)
    """


def scored_wrongly(sql: Sql) -> str:
    """A2: assessments with a score or a severity that their answers do not give."""
    return f"""
        WITH {items()}, {sizes()}, {bands()}, taken AS (
            SELECT a."preAssessmentId" AS id, a."questionnaire" AS questionnaire,
                   sum(i.counted * (i.base + i.weight * a."value")) AS score,
                   count(CASE WHEN i.base + i.weight * a."value" >= i.symptom THEN 1 END) AS symptoms,
                   count(CASE WHEN i.base + i.weight * a."value" < i.met THEN 1 END) AS unmet
            FROM "PreAssessmentAnswer" a
            JOIN item i ON i.questionnaire = a."questionnaire" AND i.place = a."answerIndex"
            WHERE {sql.seeded('a."preAssessmentId"')}
            GROUP BY a."preAssessmentId", a."questionnaire"
        )
        SELECT p.id FROM taken t JOIN "PreAssessment" p ON p.id = t.id
        JOIN form f ON f.questionnaire = t.questionnaire
        LEFT JOIN band b ON b.questionnaire = t.questionnaire AND t.score BETWEEN b.low AND b.high
        WHERE (p."completedAt" IS NOT NULL OR p."scores" ->> t.questionnaire IS NOT NULL) AND (
            CAST(p."scores" ->> t.questionnaire AS text) IS DISTINCT FROM CAST(t.score AS text)
            OR p."severityLevels" ->> t.questionnaire IS DISTINCT FROM CASE
                WHEN f.needed = 0 THEN b.name
                WHEN t.symptoms >= f.needed AND t.unmet = 0 THEN 'positive-screen' ELSE 'negative-screen' END)
    """


def keys_disagree(sql: Sql) -> str:
    """A2: assessments with a severity and no score, or a score and no severity."""
    return " UNION ALL ".join(
        f"""
        SELECT p.id FROM "PreAssessment" p CROSS JOIN {sql.json_keys(f'p."{one}"')} k
        WHERE {sql.seeded("p.id")} AND p."{other}" ->> k.key IS NULL
        """
        for one, other in (("scores", "severityLevels"), ("severityLevels", "scores"))
    )


def follow_up_too_soon(sql: Sql) -> str:
    """A3: follow-ups less than three weeks after the first assessment; the first one, if only that is seeded."""
    return f"""
        SELECT CASE WHEN {sql.seeded("id")} THEN id ELSE "first id" END FROM (
            SELECT id, "completedAt", first_value(id) OVER sittings AS "first id",
                   first_value("completedAt") OVER sittings AS first
            FROM "PreAssessment" WHERE "completedAt" IS NOT NULL
            WINDOW sittings AS (PARTITION BY "userId" ORDER BY "completedAt", id)
        ) s WHERE id <> "first id" AND "completedAt" < {sql.later("first", str(7 * WEEKS_APART), "day")}
              AND ({sql.seeded("id")} OR {sql.seeded('"first id"')})
    """


RULES = (
    Rule("A1", "PreAssessmentAnswer", "An answer is to an item of its form, within its range.", answer_not_on_the_form),
    Rule("A1", "PreAssessment", "Every answer of each questionnaire taken is present, once.", answers_missing),
    Rule("A2", "PreAssessment", "A score is the sum of its answers; the severity is the published band.", scored_wrongly),
    Rule("A2", "PreAssessment", "A score has a severity, and a severity a score.", keys_disagree),
    Rule("A3", "PreAssessment", "A follow-up is at least three weeks later than the first.", follow_up_too_soon),
)
