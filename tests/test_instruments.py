"""The questionnaires score as published."""

from __future__ import annotations

import re
import tomllib

import numpy as np
import pytest

from seeding.world.instruments import DATA, Instrument, instruments, level

# Kept by hand, apart from the data file: items, lowest and highest score, and the
# published bands by their inclusive ends.
FORMS: dict[str, tuple[str, int, int, int]] = {
    "stress": ("PSS-10", 10, 0, 40),
    "anxiety": ("GAD-7", 7, 0, 21),
    "depression": ("PHQ-9", 9, 0, 27),
    "insomnia": ("ISI", 7, 0, 28),
    "panic": ("PDSS-SR", 7, 0, 28),
    "bipolar": ("MDQ", 15, 0, 13),
    "ocd": ("OCI-R", 18, 0, 72),
    "ptsd": ("PCL-5", 20, 0, 80),
    "social-anxiety": ("SPIN", 17, 0, 68),
    "phobia": ("SMSP-A", 10, 0, 40),
    "burnout": ("BAT-12", 12, 12, 60),
    "binge-eating": ("BES", 16, 0, 46),
    "adhd": ("ASRS v1.1", 18, 0, 72),
    "alcohol": ("AUDIT", 10, 0, 40),
    "drug-use": ("DAST-10", 10, 0, 10),
}
BANDS: dict[str, list[tuple[str, int, int]]] = {
    "stress": [("low", 0, 13), ("moderate", 14, 26), ("high", 27, 40)],
    "anxiety": [
        ("minimal", 0, 4),
        ("mild", 5, 9),
        ("moderate", 10, 14),
        ("severe", 15, 21),
    ],
    "depression": [
        ("minimal", 0, 4),
        ("mild", 5, 9),
        ("moderate", 10, 14),
        ("moderately-severe", 15, 19),
        ("severe", 20, 27),
    ],
    "insomnia": [
        ("none", 0, 7),
        ("subthreshold", 8, 14),
        ("moderate", 15, 21),
        ("severe", 22, 28),
    ],
    "panic": [
        ("normal", 0, 1),
        ("borderline", 2, 5),
        ("mild", 6, 9),
        ("moderate", 10, 13),
        ("marked", 14, 28),
    ],
    "ocd": [("negative-screen", 0, 20), ("positive-screen", 21, 72)],
    "ptsd": [("negative-screen", 0, 32), ("positive-screen", 33, 80)],
    "social-anxiety": [
        ("none", 0, 20),
        ("mild", 21, 30),
        ("moderate", 31, 40),
        ("severe", 41, 50),
        ("very-severe", 51, 68),
    ],
    "phobia": [
        ("none", 0, 4),
        ("mild", 5, 14),
        ("moderate", 15, 24),
        ("severe", 25, 34),
        ("extreme", 35, 40),
    ],
    "burnout": [("low", 12, 30), ("at-risk", 31, 35), ("severe", 36, 60)],
    "binge-eating": [("minimal", 0, 17), ("moderate", 18, 26), ("severe", 27, 46)],
    "alcohol": [
        ("low-risk", 0, 7),
        ("hazardous", 8, 15),
        ("harmful", 16, 19),
        ("possible-dependence", 20, 40),
    ],
    "drug-use": [
        ("none", 0, 0),
        ("low", 1, 2),
        ("moderate", 3, 5),
        ("substantial", 6, 8),
        ("severe", 9, 10),
    ],
}
PUBLISHED = [(slug, *band) for slug, bands in BANDS.items() for band in bands]
# The published weights of the statements, those that weigh alike written once.
BES_WEIGHTS = (
    *((0, 1, 3), (0, 1, 2, 3), (0, 1, 3), (0, 2), (0, 1, 2, 3), (0, 1, 3)),
    *((0, 2, 3), (0, 1, 2, 3), (0, 1, 2, 3), (0, 1, 2, 3), (0, 1, 2, 3)),
    *((0, 1, 2, 3), (0, 2, 3), (0, 1, 2, 3), (0, 1, 2, 3), (0, 1, 2)),
)

each_instrument = pytest.mark.parametrize("slug", FORMS)


def score_of(slug: str, *answers: int) -> int:
    """The score of one person's raw answers."""
    return int(instruments()[slug].score([answers])[0])


def severity_of(slug: str, *answers: int) -> str:
    """The severity of one person's raw answers, by name."""
    instrument = instruments()[slug]
    return instrument.band_names[int(instrument.severity([answers])[0])]


def answers_scoring(instrument: Instrument, score: int) -> tuple[int, ...]:
    """Some raw answers with the given score, found without the code under test."""
    ways: dict[int, tuple[int, ...]] = {0: ()}
    for allowed in instrument.values:
        ways = {total + value: (*way, value) for total, way in ways.items() for value in allowed}
    return tuple(
        allowed[-1] + allowed[0] - value if column in instrument.reversed_items else value
        for column, (allowed, value) in enumerate(zip(instrument.values, ways[score], strict=True))
    )


# The data file


def test_concerns__as_listed__are_the_fifteen_in_order() -> None:
    assert tuple(instruments()) == tuple(FORMS)


@each_instrument
def test_instrument__as_published__has_its_name_items_and_range(slug: str) -> None:
    instrument = instruments()[slug]
    low, high = instrument.score_range
    assert (instrument.name, instrument.items, low, high) == FORMS[slug]
    assert instrument.slug == slug


@each_instrument
def test_instrument__bands__cover_the_range_without_gap_or_overlap(slug: str) -> None:
    instrument = instruments()[slug]
    if instrument.screen is not None:
        assert not instrument.bands
        return
    low, high = instrument.score_range
    ends = [low - 1, *(band.high for band in instrument.bands)]
    assert [band.low - 1 for band in instrument.bands] == ends[:-1]
    assert ends[-1] == high


@each_instrument
def test_instrument__values__ascend_and_reverse_onto_themselves(slug: str) -> None:
    instrument = instruments()[slug]
    for column, allowed in enumerate(instrument.values):
        assert list(allowed) == sorted(set(allowed))
        if column in instrument.reversed_items:
            turned = {allowed[0] + allowed[-1] - value for value in allowed}
            assert turned == set(allowed)


@each_instrument
def test_instrument__sources__name_a_work_and_its_year(slug: str) -> None:
    table = tomllib.loads(DATA.read_text(encoding="utf-8"))[slug]
    for source in (table["source"], table["bands_source"]):
        assert re.search(r"\((19|20)\d\d\)", source)
    assert table["title"]


def test_instruments__read_twice__are_one_read_only_mapping() -> None:
    assert instruments() is instruments()
    with pytest.raises(TypeError):
        instruments()["stress"] = instruments()["anxiety"]


# Scores


@each_instrument
def test_score__lightest_and_heaviest_answers__are_the_ends_of_the_range(
    slug: str,
) -> None:
    instrument = instruments()[slug]
    ends = [
        [
            allowed[end if column not in instrument.reversed_items else -1 - end]
            for column, allowed in enumerate(instrument.values)
        ]
        for end in (0, -1)
    ]
    assert tuple(instrument.score(ends)) == instrument.score_range
    assert list(instrument.severity(ends)) == [0, len(instrument.band_names) - 1]


def test_pss10__all_answers_raw_zero__score_four_reversed_items() -> None:
    assert score_of("stress", *[0] * 10) == 16


def test_pss10__only_positive_items_high__is_no_stress() -> None:
    answers = (0, 0, 0, 4, 4, 0, 4, 4, 0, 0)
    assert score_of("stress", *answers) == 0
    assert severity_of("stress", *answers) == "low"


def test_pss10__mixed_answers__turn_items_4_5_7_and_8() -> None:
    assert score_of("stress", 3, 2, 4, 1, 2, 3, 0, 1, 2, 3) == 29


def test_dast10__all_no__scores_one_for_not_being_able_to_stop() -> None:
    assert score_of("drug-use", *[0] * 10) == 1


def test_dast10__all_yes__scores_nine() -> None:
    assert score_of("drug-use", *[1] * 10) == 9


def test_dast10__only_able_to_stop__is_none() -> None:
    assert severity_of("drug-use", 0, 0, 1, 0, 0, 0, 0, 0, 0, 0) == "none"


def test_phq9__total_of_ten__is_moderate() -> None:
    answers = (2, 2, 1, 1, 1, 1, 1, 1, 0)
    assert score_of("depression", *answers) == 10
    assert severity_of("depression", *answers) == "moderate"


def test_gad7__several_days_throughout__is_mild() -> None:
    assert severity_of("anxiety", *[1] * 7) == "mild"


def test_audit__mixed_answers__sum_to_twenty_four() -> None:
    assert score_of("alcohol", 4, 1, 2, 3, 3, 1, 4, 2, 2, 2) == 24


def test_bat12__sometimes_throughout__averages_three_and_is_severe() -> None:
    assert score_of("burnout", *[3] * 12) == 36
    assert severity_of("burnout", *[3] * 12) == "severe"


def test_smsp__occasionally_throughout__averages_one_and_is_mild() -> None:
    assert severity_of("phobia", *[1] * 10) == "mild"


def test_bes__items__allow_the_published_weights() -> None:
    assert instruments()["binge-eating"].values == BES_WEIGHTS


def test_audit__last_two_items__allow_zero_two_and_four() -> None:
    values = instruments()["alcohol"].values
    assert values == ((0, 1, 2, 3, 4),) * 8 + ((0, 2, 4),) * 2


def test_reversed_items__of_all_instruments__are_those_of_pss_and_dast() -> None:
    found = {
        slug: sorted(instrument.reversed_items)
        for slug, instrument in instruments().items()
        if instrument.reversed_items
    }
    assert found == {"stress": [3, 4, 6, 7], "drug-use": [2]}


def test_score__no_rows__is_empty() -> None:
    nobody = np.zeros((0, 9), dtype=np.int64)
    assert instruments()["depression"].score(nobody).shape == (0,)
    assert instruments()["depression"].severity(nobody).shape == (0,)


def test_score__unsigned_answers__do_not_wrap_round() -> None:
    answers = np.full((1, 10), 4, dtype=np.uint8)
    assert instruments()["stress"].score(answers)[0] == 24


# Severity


@pytest.mark.parametrize(("slug", "band", "low", "high"), PUBLISHED)
def test_severity__scores_around_both_cutoffs__change_band_exactly_there(
    slug: str, band: str, low: int, high: int
) -> None:
    instrument = instruments()[slug]
    names = [name for name, _, _ in BANDS[slug]]
    assert list(instrument.band_names) == names
    place = names.index(band)
    expected = {low: band, high: band}
    if place > 0:
        expected[low - 1] = names[place - 1]
    if place < len(names) - 1:
        expected[high + 1] = names[place + 1]
    for score, name in expected.items():
        answers = answers_scoring(instrument, score)
        assert score_of(slug, *answers) == score
        assert severity_of(slug, *answers) == name


def test_bands__of_all_instruments__are_published_or_screens() -> None:
    screens = {slug for slug, form in instruments().items() if form.screen is not None}
    assert screens == {"bipolar", "adhd"}
    assert set(BANDS) | screens == set(FORMS)


def mdq(symptoms: int, together: int, problem: int) -> tuple[int, ...]:
    """Raw MDQ answers with so many of the thirteen symptoms."""
    return (*[1] * symptoms, *[0] * (13 - symptoms), together, problem)


@pytest.mark.parametrize(
    ("symptoms", "together", "problem", "severity"),
    [
        (7, 1, 2, "positive-screen"),
        (7, 1, 3, "positive-screen"),
        (13, 1, 3, "positive-screen"),
        (6, 1, 3, "negative-screen"),
        (7, 0, 3, "negative-screen"),
        (13, 1, 1, "negative-screen"),
        (13, 1, 0, "negative-screen"),
        (0, 0, 0, "negative-screen"),
    ],
)
def test_mdq__symptoms_together_and_problem__are_all_needed(
    symptoms: int, together: int, problem: int, severity: str
) -> None:
    assert severity_of("bipolar", *mdq(symptoms, together, problem)) == severity


@pytest.mark.parametrize("first", range(13))
def test_mdq__any_seven_symptoms__count_alike(first: int) -> None:
    symptoms = np.roll([1] * 7 + [0] * 6, first)
    assert severity_of("bipolar", *symptoms, 1, 2) == "positive-screen"


def test_mdq__score__counts_the_thirteen_symptoms_only() -> None:
    assert score_of("bipolar", *mdq(5, 1, 3)) == 5


def test_asrs__four_shaded_answers__are_positive() -> None:
    answers = (2, 2, 2, 3, *[0] * 14)
    assert score_of("adhd", *answers) == 9
    assert severity_of("adhd", *answers) == "positive-screen"


def test_asrs__three_shaded_answers__are_negative_whatever_the_rest() -> None:
    answers = (4, 4, 4, 2, 2, 2, *[4] * 12)
    assert score_of("adhd", *answers) == 66
    assert severity_of("adhd", *answers) == "negative-screen"


@pytest.mark.parametrize(("item", "shaded"), list(enumerate((2, 2, 2, 3, 3, 3))))
def test_asrs__each_item_of_part_a__is_shaded_from_its_own_value(item: int, shaded: int) -> None:
    others = [column for column in range(6) if column != item][:3]
    answers = [4 if column in others else 0 for column in range(18)]
    answers[item] = shaded
    assert severity_of("adhd", *answers) == "positive-screen"
    answers[item] = shaded - 1
    assert severity_of("adhd", *answers) == "negative-screen"


# Answers that no form allows


@pytest.mark.parametrize(
    ("slug", "item", "value"),
    [
        ("depression", 9, 4),
        ("depression", 1, -1),
        ("burnout", 12, 0),
        ("burnout", 1, 6),
        ("alcohol", 9, 1),
        ("alcohol", 10, 3),
        ("binge-eating", 1, 2),
        ("binge-eating", 4, 1),
        ("binge-eating", 16, 3),
        ("bipolar", 14, 2),
        ("bipolar", 15, 4),
        ("drug-use", 3, 2),
    ],
)
def test_score__value_outside_its_item__is_refused_by_item_and_value(slug: str, item: int, value: int) -> None:
    instrument = instruments()[slug]
    answers = [[allowed[0] for allowed in instrument.values] for _ in range(3)]
    answers[2][item - 1] = value
    message = f"{re.escape(instrument.name)}: item {item} of row 2 is {value}, not one of"
    with pytest.raises(ValueError, match=message):
        instrument.score(answers)
    with pytest.raises(ValueError, match=message):
        instrument.severity(answers)


@pytest.mark.parametrize("shape", [(9,), (1, 8), (1, 10), (1, 9, 1), (0,)])
def test_score__answers_of_another_shape__are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"PHQ-9: expected answers \(n, 9\), got"):
        instruments()["depression"].score(np.zeros(shape, dtype=np.int64))


@pytest.mark.parametrize("kind", [np.float64, np.bool_])
def test_score__answers_that_are_not_integers__are_refused(
    kind: type[np.generic],
) -> None:
    with pytest.raises(ValueError, match="PHQ-9: answers must be integers"):
        instruments()["depression"].score(np.zeros((1, 9), dtype=kind))


@pytest.mark.parametrize(("score", "share"), [(10**400, 1.0), (-(10**400), 0.0), (0, 0.0), (27, 1.0)])
def test_level__of_any_number__is_a_share_of_the_range(score, share):
    assert level("depression", score) == share
