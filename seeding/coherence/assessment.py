"""Assessment: A1 to A3, by the published facts in corpus/instruments.toml."""
# ruff: noqa: S608 - the values are those of the file

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from seeding.coherence.rule import Rule

FORMS = tomllib.loads((Path(__file__).parent.parent / "corpus" / "instruments.toml").read_text(encoding="utf-8"))
"""The questionnaires by concern slug; items count from 1."""


def values(rows: Iterable[tuple[str | int, ...]]) -> str:
    """Spell rows as SQL."""
    cells = ([f"'{cell}'" if isinstance(cell, str) else str(cell) for cell in row] for row in rows)
    return "VALUES " + ", ".join(f"({', '.join(row)})" for row in cells)


def item_rows() -> Iterable[tuple[str | int, ...]]:
    """One row an item: the raw values it allows, as bits, and what a raw value counts for.

    Scored, a raw value is `base + weight * value`: so an item is turned round where the form reverses it. From
    `symptom` it is a symptom of the form's screen, from `met` it meets the screen's condition.
    """
    never, always = 99, -99
    for slug, form in FORMS.items():
        screen = form.get("screen", {"symptoms": {}, "conditions": {}})
        for number in range(1, form["items"] + 1):
            allowed = form.get("item_values", {}).get(str(number), form["values"])
            base, weight = (allowed[0] + allowed[-1], -1) if number in form.get("reversed", ()) else (0, 1)
            yield (
                slug,
                number - 1,
                sum(1 << value for value in allowed),
                base,
                weight,
                0 if number in form.get("unscored", ()) else 1,
                screen["symptoms"].get(str(number), never),
                screen["conditions"].get(str(number), always),
            )


ITEM = f"item(questionnaire, place, allowed, base, weight, counted, symptom, met) AS ({values(item_rows())})"
FORM = f"""form(questionnaire, items, needed) AS ({
    values((slug, form["items"], form.get("screen", {"needed": 0})["needed"]) for slug, form in FORMS.items())
})"""
BAND = f"""band(questionnaire, name, low, high) AS ({
    values(
        (slug, band["name"], band["from"], band["to"]) for slug, form in FORMS.items() for band in form.get("bands", ())
    )
})"""

RULES = (
    Rule(
        "A1",
        "PreAssessmentAnswer",
        "Every answer is to an item of its questionnaire, within the item's range.",
        f"""
        WITH {ITEM}
        SELECT a.id FROM "PreAssessmentAnswer" a
        LEFT JOIN item i ON i.questionnaire = a."questionnaire" AND i.place = a."answerIndex"
        WHERE {{seeded(a.id)}}
          AND (i.place IS NULL OR a."value" NOT BETWEEN 0 AND 30 OR (i.allowed >> a."value") & 1 = 0)
        """,
    ),
    Rule(
        "A1",
        "PreAssessment",
        "Every answer of each questionnaire taken is present, once.",
        f"""
        WITH {FORM}
        SELECT p.id FROM "PreAssessment" p CROSS JOIN {{json_keys(p."scores")}} k
        LEFT JOIN form f ON f.questionnaire = k.key
        WHERE {{seeded(p.id)}} AND f.items IS DISTINCT FROM (
            SELECT count(*) FROM "PreAssessmentAnswer" a
            WHERE a."preAssessmentId" = p.id AND a."questionnaire" = k.key)
        """,
    ),
    Rule(
        "A2",
        "PreAssessment",
        "A score is the sum of its answers, reversed where the form reverses; the severity is the published band.",
        f"""
        WITH {ITEM}, {FORM}, {BAND}, taken AS (
            SELECT a."preAssessmentId" AS id, a."questionnaire" AS questionnaire,
                   sum(i.counted * (i.base + i.weight * a."value")) AS score,
                   count(CASE WHEN i.base + i.weight * a."value" >= i.symptom THEN 1 END) AS symptoms,
                   count(CASE WHEN i.base + i.weight * a."value" < i.met THEN 1 END) AS unmet
            FROM "PreAssessmentAnswer" a
            JOIN item i ON i.questionnaire = a."questionnaire" AND i.place = a."answerIndex"
            WHERE {{seeded(a."preAssessmentId")}}
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
        """,
    ),
    Rule(
        "A2",
        "PreAssessment",
        "A severity belongs to a score.",
        """
        SELECT p.id FROM "PreAssessment" p CROSS JOIN {json_keys(p."severityLevels")} k
        WHERE {seeded(p.id)} AND p."scores" ->> k.key IS NULL
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
