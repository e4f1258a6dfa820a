"""Drawn answers behave like people."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from seeding.engine.keys import Ints
from seeding.world.instruments import Instrument, instruments

SLUGS = list(instruments())

each_instrument = pytest.mark.parametrize("slug", SLUGS)


def crowd(slug: str, level: npt.ArrayLike, people: int = 2000) -> Ints:
    """Drawn raw answers of many people, the same on each run."""
    instrument = instruments()[slug]
    noise = np.random.default_rng(20).random((people, instrument.items))
    return instrument.draw_answers(np.broadcast_to(level, people), noise)


@pytest.mark.parametrize("level", [-0.01, 1.01, float("nan")])
def test_draw__level_outside_its_range__is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="PHQ-9: level must lie in"):
        instruments()["depression"].draw_answers([level], np.zeros((1, 9)))


@pytest.mark.parametrize("noise", [-0.01, 1.0, float("nan")])
def test_draw__noise_outside_its_range__is_refused(noise: float) -> None:
    with pytest.raises(ValueError, match="PHQ-9: noise must lie in"):
        instruments()["depression"].draw_answers([0.5], np.full((1, 9), noise))


@pytest.mark.parametrize(("level", "noise"), [((2,), (1, 9)), ((1,), (1, 8)), ((1, 1), (1, 9)), ((), (1, 9))])
def test_draw__shapes_that_do_not_fit__are_refused(level: tuple[int, ...], noise: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="PHQ-9: expected level"):
        instruments()["depression"].draw_answers(np.zeros(level), np.zeros(noise))


@st.composite
def people(draw: st.DrawFn) -> tuple[Instrument, npt.NDArray[np.float64]]:
    """An instrument and the noise of a few people who answer it."""
    instrument = instruments()[draw(st.sampled_from(SLUGS))]
    shape = (draw(st.integers(0, 4)), instrument.items)
    uniform = st.floats(0, 1, exclude_max=True)
    return instrument, draw(hnp.arrays(np.float64, shape, elements=uniform))


@given(people(), st.floats(0, 1))
def test_draw__any_level_and_noise__stays_within_each_items_values(
    answered: tuple[Instrument, npt.NDArray[np.float64]], level: float
) -> None:
    instrument, noise = answered
    answers = instrument.draw_answers(np.full(len(noise), level), noise)
    assert answers.shape == noise.shape
    assert np.issubdtype(answers.dtype, np.integer)
    for column, allowed in enumerate(instrument.values):
        assert set(answers[:, column].tolist()) <= set(allowed)
    low, high = instrument.score_range
    scores = instrument.score(answers)
    assert ((scores >= low) & (scores <= high)).all()
    names = instrument.band_names
    assert all(0 <= index < len(names) for index in instrument.severity(answers))


@given(people(), st.floats(0, 1), st.floats(0, 1))
def test_draw__same_noise_and_higher_level__never_lowers_score_or_severity(
    answered: tuple[Instrument, npt.NDArray[np.float64]], one: float, other: float
) -> None:
    instrument, noise = answered
    lighter, heavier = (instrument.draw_answers(np.full(len(noise), level), noise) for level in sorted((one, other)))
    assert (instrument.score(lighter) <= instrument.score(heavier)).all()
    assert (instrument.severity(lighter) <= instrument.severity(heavier)).all()


@each_instrument
def test_draw__rising_level__raises_the_mean_score_from_floor_to_ceiling(
    slug: str,
) -> None:
    instrument = instruments()[slug]
    levels = (0.0, 0.25, 0.5, 0.75, 1.0)
    means = [instrument.score(crowd(slug, level)).mean() for level in levels]
    assert means == sorted(set(means))
    low, high = instrument.score_range
    assert means[0] < low + 0.1 * (high - low)
    assert means[-1] > high - 0.1 * (high - low)


@each_instrument
def test_draw__people_of_every_level__reach_every_band_and_every_value(
    slug: str,
) -> None:
    instrument = instruments()[slug]
    answers = crowd(slug, np.linspace(0, 1, 2000))
    bands = set(instrument.severity(answers).tolist())
    assert bands == set(range(len(instrument.band_names)))
    for column, allowed in enumerate(instrument.values):
        assert set(answers[:, column].tolist()) == set(allowed)


@each_instrument
def test_draw__no_burden_and_the_worst__mostly_are_the_end_bands(slug: str) -> None:
    instrument = instruments()[slug]
    lightest = instrument.severity(crowd(slug, 0.0))
    heaviest = instrument.severity(crowd(slug, 1.0))
    assert np.median(lightest) == 0
    assert np.median(heaviest) == len(instrument.band_names) - 1


@each_instrument
def test_draw__people_of_every_level__answer_all_items_alike(slug: str) -> None:
    instrument = instruments()[slug]
    answers = crowd(slug, np.linspace(0, 1, 2000))
    correlation = np.corrcoef(answers, rowvar=False)
    turned = [column in instrument.reversed_items for column in range(instrument.items)]
    sign = np.where(turned, -1, 1)
    assert (correlation * np.outer(sign, sign)).min() > 0.3


def test_draw__people_of_one_level__still_differ() -> None:
    scores = instruments()["depression"].score(crowd("depression", 0.5))
    assert 1 < scores.std() < 4


def test_draw__phq9_item_on_self_harm__is_rarer_than_tiredness() -> None:
    means = crowd("depression", 0.4).mean(axis=0)
    assert means[8] < means[0] < means[3]


def test_draw__burdened_people__answer_reversed_items_low() -> None:
    calm, stressed = crowd("stress", 0.1), crowd("stress", 0.9)
    for column in (3, 4, 6, 7):
        assert calm[:, column].mean() > 3
        assert stressed[:, column].mean() < 1


def test_draw__audit_of_people_who_never_drink__skips_to_the_last_two_items() -> None:
    answers = crowd("alcohol", np.linspace(0, 1, 2000))
    never = answers[:, 0] == 0
    never_more_than_two = (answers[:, 1] == 0) & (answers[:, 2] == 0)
    assert never.any()
    assert not answers[never, 1:8].any()
    assert answers[answers[:, 0] == 1, 1:8].any()
    assert not answers[never_more_than_two, 3:8].any()
    assert answers[answers[:, 1] + answers[:, 2] == 1, 3:8].any()


def test_draw__pdss_without_attacks__has_no_distress_in_attacks() -> None:
    answers = crowd("panic", np.linspace(0, 1, 2000))
    assert not answers[answers[:, 0] == 0, 1].any()
    assert answers[answers[:, 0] == 1, 1].any()


def test_draw__mdq_with_one_symptom_or_none__has_nothing_together() -> None:
    answers = crowd("bipolar", np.linspace(0, 1, 2000))
    symptoms = answers[:, :13].sum(axis=1)
    assert not answers[symptoms <= 1, 13].any()
    assert answers[symptoms == 2, 13].any()
    assert not answers[symptoms == 0, 14].any()
    assert answers[symptoms == 1, 14].any()


def test_draw__dast_of_people_who_use_nothing__is_none() -> None:
    answers = crowd("drug-use", np.linspace(0, 1, 2000))
    clean = answers[answers[:, 0] == 0]
    assert len(clean)
    assert not instruments()["drug-use"].score(clean).any()
    assert (clean[:, 2] == 1).all()


def test_draw__known_level_and_noise__gives_these_answers_for_good() -> None:
    noise = (np.arange(30).reshape(3, 10) * 37 % 101) / 101
    answers = instruments()["stress"].draw_answers([0.2, 0.5, 0.8], noise)
    assert answers.tolist() == [
        [0, 1, 1, 4, 3, 1, 4, 3, 2, 0],
        [2, 0, 2, 2, 3, 2, 1, 3, 2, 3],
        [3, 4, 2, 1, 0, 2, 1, 0, 3, 3],
    ]


def test_draw__nobody__is_empty() -> None:
    answers = instruments()["adhd"].draw_answers([], np.zeros((0, 18)))
    assert answers.shape == (0, 18)


def test_draw__mdq_with_many_symptoms__mostly_says_that_they_were_a_problem_together() -> None:
    answers = crowd("bipolar", np.linspace(0.4, 1, 2000))
    many = answers[answers[:, :13].sum(axis=1) >= 7]
    assert len(many) > 1000
    assert (instruments()["bipolar"].severity(many) == 1).mean() > 0.8


def test_draw_in_band__mdq_that_is_negative__has_few_symptoms_of_which_nothing_else_is_said() -> None:
    noise = np.random.default_rng(20).random((200, 15))
    answers = instruments()["bipolar"].draw_in_band(np.zeros(200, dtype=np.int64), noise)
    assert (answers[:, :13].sum(axis=1) < 7).mean() > 0.9


def test_draw_in_band__mdq_that_is_positive__has_not_every_symptom() -> None:
    noise = np.random.default_rng(20).random((200, 15))
    answers = instruments()["bipolar"].draw_in_band(np.ones(200, dtype=np.int64), noise)
    assert 8 < answers[:, :13].sum(axis=1).mean() < 12
