"""Rules of assessments and their answers. Each is broken alone, or only seems to be."""

from __future__ import annotations

from typing import Any

import pytest
from coherence.kept_world import AS_OF, World, ago, broken, change, found
from databases import BOTH, on_both, on_postgres
from oracle import read_world
from oracle_rules import broken_rules
from seeded import seeded
from test_properties import rolled_back
from worlds import AS_OF as WORLD_AS_OF

from mentara.models import PreAssessment, PreAssessmentAnswer
from seeding.coherence import AsOf, check

pytestmark = pytest.mark.django_db


def answers(sitting: Any, name: str) -> Any:
    return PreAssessmentAnswer.objects.filter(pre_assessment=sitting, questionnaire=name)


def test_assessment__with_an_answer_missing__is_reported(world: World) -> None:
    answers(world.first, "anxiety").get(answer_index=3).delete()
    change(world.first, scores={"anxiety": 6, "stress": 16})
    assert found() == broken("A1", world.first)


def test_assessment__with_a_score_and_no_answer__is_reported(world: World) -> None:
    change(
        world.second, scores={"bipolar": 7, "anxiety": 3}, severity_levels={"bipolar": "positive-screen", "anxiety": ""}
    )
    assert found() == broken("A1", world.second)


def test_assessment__completed_without_any_answer__is_reported(world: World) -> None:
    PreAssessmentAnswer.objects.filter(pre_assessment=world.second).delete()
    change(world.second, scores={}, severity_levels={})
    assert found() == broken("A1", world.second)
    change(world.second, completed_at=None)
    assert found() == set()


@pytest.mark.parametrize("value", [-1, 4, 8, 99])
def test_assessment__with_an_answer_out_of_range__is_reported(world: World, value: int) -> None:
    change(answers(world.first, "anxiety").get(answer_index=3), value=value)
    change(world.first, scores={"anxiety": 6 + value, "stress": 16})
    assert broken("A1", world.first) <= found() <= broken("A1", world.first) | broken("A2", world.first)


@pytest.mark.parametrize(("name", "place"), [("astrology", 0), ("bipolar", 15), ("bipolar", 40)])
def test_assessment__with_an_answer_to_no_item__is_reported(world: World, name: str, place: int) -> None:
    fields: dict[str, Any] = {"questionnaire": name, "answer_index": place, "value": 1}
    world.add(PreAssessmentAnswer, pre_assessment=world.second, **fields)
    assert found() == broken("A1", world.second)
    breaches = broken_rules(read_world("default"), AS_OF)
    assert any(breach.startswith(f"A1 PreAssessment {world.second.pk}: ") for breach in breaches)


@pytest.mark.parametrize("name", ["", "[0]", "$.x", 'a"b', "é.ü[0]"])
def test_assessment__of_a_questionnaire_named_like_a_path__is_read_as_it_stands(world: World, name: str) -> None:
    world.add(PreAssessmentAnswer, pre_assessment=world.second, questionnaire=name, answer_index=0, value=1)
    change(
        world.second,
        scores={**world.second.scores, name: 1},
        severity_levels={**world.second.severity_levels, name: "mild"},
    )
    assert found() == broken("A1", world.second)


@pytest.mark.parametrize(
    ("scores", "levels"),
    [
        ({"anxiety": 8, "stress": 16}, {"anxiety": "mild", "stress": "moderate"}),
        ({"anxiety": 7, "stress": 0}, {"anxiety": "mild", "stress": "low"}),
        ({"anxiety": 7, "stress": 16}, {"anxiety": "severe", "stress": "moderate"}),
        ({"anxiety": 7, "stress": 16}, {"stress": "moderate"}),
        ({"anxiety": 7}, {"anxiety": "mild"}),
        ({"anxiety": "7", "stress": 16}, {"anxiety": "mild", "stress": "moderate"}),
        ({"stress": 16}, {"anxiety": "mild", "stress": "moderate"}),
        ([], {"anxiety": "mild", "stress": "moderate"}),
        ({"anxiety": 7, "stress": 16}, []),
    ],
)
def test_assessment__that_its_answers_do_not_give__is_reported(world: World, scores: Any, levels: Any) -> None:
    change(world.first, scores=scores, severity_levels=levels)
    assert found() == broken("A2", world.first)


def test_assessment__whose_screen_is_not_met__is_negative_whatever_the_score(world: World) -> None:
    answers(world.second, "bipolar").filter(answer_index=14).update(value=1)
    assert found() == broken("A2", world.second)
    change(world.second, severity_levels={"bipolar": "negative-screen"})
    assert found() == set()


def test_assessment__not_completed__may_have_answers_without_a_score(world: World) -> None:
    change(world.second, scores={}, severity_levels={}, completed_at=None)
    assert found() == set()


def test_follow_up__within_three_weeks__is_reported(world: World) -> None:
    follow_up = world.assess(days=99.1, anxiety=[1] * 7)
    assert found() == broken("A3", follow_up)
    change(follow_up, completed_at=ago(99))
    assert found() == set()


def test_first_assessment__soon_before_one_of_theirs__is_reported(world: World) -> None:
    world.assess(days=20, theirs=True, user=world.friend)
    first = world.assess(days=30, user=world.friend, anxiety=[1] * 7)
    assert found() == broken("A3", first)


@on_both
@pytest.mark.parametrize("odd", [{"k": 7.0}, {"k": 7.5}, {"k": "7"}, ["a"], "text", 5], ids=str)
@pytest.mark.parametrize("column", ["scores", "severity_levels"])
def test_assessment__with_odd_json__is_judged_alike_by_both_databases(column: str, odd: Any) -> None:
    told = []
    for using in BOTH:
        with rolled_back(using):
            seeded(using)
            one = PreAssessment.objects.using(using).filter(completed_at__isnull=False).order_by("pk")[0]
            PreAssessment.objects.using(using).filter(pk=one.pk).update(**{column: odd})
            violations = check(using, AsOf(WORLD_AS_OF, WORLD_AS_OF), tables=["PreAssessment"])
            told.append(sorted((found.rule, found.statement, found.rows) for found in violations))
    assert told[0] == told[1] != []


@on_postgres
def test_assessment__with_a_list_for_scores__is_named_by_postgresql_too(using: str) -> None:
    seeded(using)
    one = PreAssessment.objects.using(using).filter(completed_at__isnull=False).order_by("pk")[0]
    PreAssessment.objects.using(using).filter(pk=one.pk).update(scores=[])
    violations = check(using, AsOf(WORLD_AS_OF, WORLD_AS_OF), tables=["PreAssessment"])
    assert {(found.rule, found.examples) for found in violations} == {("A2", (str(one.pk),))}


@on_postgres
def test_assessment__with_a_score_as_text__is_named_by_postgresql_too(using: str) -> None:
    seeded(using)
    one = PreAssessment.objects.using(using).filter(completed_at__isnull=False).order_by("pk")[0]
    texts = {slug: str(score) for slug, score in one.scores.items()}
    PreAssessment.objects.using(using).filter(pk=one.pk).update(scores=texts)
    violations = check(using, AsOf(WORLD_AS_OF, WORLD_AS_OF), tables=["PreAssessment"])
    assert {(found.rule, found.examples) for found in violations} == {("A2", (str(one.pk),))}
