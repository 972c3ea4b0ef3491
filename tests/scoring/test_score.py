"""Worked examples: every expected figure was found by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

import numpy as np
import pytest

from scoring.formula import parse_formula
from scoring.model import (
    HELD,
    MISSING,
    NOT_APPLICABLE,
    NOT_CONNECTED,
    OK,
    STALE,
    Applies,
    Band,
    Floats,
    Indicator,
    IndicatorSet,
    Inputs,
    ProvinceValue,
    Result,
    Roster,
    Target,
    Triple,
)
from scoring.rules import Steps, ToTarget, YesNo
from scoring.score import prepare, score
from scoring.shown import shown

SIGNED = Indicator(
    "signed",
    "documents",
    parse_formula("signed / sent"),
    when_zero="not_applicable",
    points_max=10,
    rule=ToTarget(),
    target=Target(0.8),
)
MEETINGS = Indicator(
    "meetings",
    "people",
    parse_formula("meetings"),
    when_zero="zero",
    points_max=6,
    rule=Steps(((4, 6), (2, 3)), 6),
)
OFFICER = Indicator(
    "officer",
    "people",
    parse_formula("officer"),
    when_zero="zero",
    points_max=4,
    rule=YesNo(),
    over_province="mean",
)
SET = IndicatorSet(
    id="example",
    digest="",
    scale=100,
    digits=2,
    missing="zero",
    min_coverage=0,
    province="mean_of_blocks",
    bands=(Band("good", 85), Band("fair", 70), Band("weak", 0)),
    indicators=(SIGNED, MEETINGS, OFFICER),
)
METRICS = ("signed", "sent", "meetings", "officer")
TOP = {"signed": 200, "sent": 100, "meetings": 12, "officer": 1}

# A number; or a status and, where one is known, its number.
Given = float | tuple[int, float | None]


def given(**numbers: Given) -> dict[str, Given]:
    """An agency that signed 60 of 100 documents, met twice and has an officer; or otherwise."""
    return {"signed": 60.0, "sent": 100.0, "meetings": 2.0, "officer": 1.0, **numbers}


def scored(
    agencies: Sequence[Mapping[str, Given]],
    *,
    spec: IndicatorSet = SET,
    blocks: Sequence[str] | None = None,
) -> Result:
    names = tuple(f"agency-{number}" for number in range(len(agencies)))
    roster = Roster(names, tuple(blocks or ["office"] * len(agencies)))
    plan = prepare(spec, METRICS, roster, ("office", "district", "ward"), "2024")
    return score(plan, inputs(agencies))


def inputs(agencies: Sequence[Mapping[str, Given]]) -> Inputs:
    """Whatever is not ok ranges from 0 to the top of its metric."""
    shape = (len(agencies), len(METRICS))
    numbers, lows, highs = np.full(shape, np.nan), np.zeros(shape), np.zeros(shape)
    statuses = np.zeros(shape, dtype=np.int8)
    for row, agency in enumerate(agencies):
        for column, metric in enumerate(METRICS):
            datum = agency[metric]
            status, number = datum if isinstance(datum, tuple) else (OK, datum)
            numbers[row, column] = np.nan if number is None else number
            statuses[row, column] = status
            sure = status == OK
            lows[row, column] = numbers[row, column] if sure else 0
            highs[row, column] = numbers[row, column] if sure else TOP[metric]
    return Inputs(METRICS, numbers, lows, highs, statuses)


def triple(result: Result, agency: int = 0) -> tuple[str, str, str]:
    low, middle, high = (f[agency] for f in (result.low, result.score, result.high))
    shown_score = "none" if np.isnan(middle) else str(shown(middle, 2))
    return str(shown(low, 2)), shown_score, str(shown(high, 2))


def figures(cells: Floats) -> list[list[float]]:
    return np.round(cells, 9).tolist()  # type: ignore[no-any-return]  # a list of lists of floats


def test_points_are_shares_of_the_maximum_and_the_score_is_their_part_of_all() -> None:
    result = scored([given()])

    # 60 of 100 is three quarters of the target; two meetings are half of the points.
    assert result.cells.value.tolist() == [[0.6, 2, 1]]
    assert figures(result.cells.points) == [[7.5, 3, 4]]
    assert result.cells.points_max.tolist() == [[10, 6, 4]]
    np.testing.assert_array_equal(result.cells.target, [[0.8, np.nan, np.nan]])
    assert result.cells.statuses.tolist() == [[OK, OK, OK]]
    assert triple(result) == ("72.50", "72.50", "72.50")
    assert result.coverage.tolist() == [1]
    assert result.bands == ("fair",)


def test_another_scale_changes_the_score_and_no_points() -> None:
    result = scored([given()], spec=replace(SET, scale=1000))

    assert triple(result) == ("725.00", "725.00", "725.00")
    assert figures(result.cells.points) == [[7.5, 3, 4]]


@pytest.mark.parametrize("status", [HELD, MISSING, NOT_CONNECTED])
def test_what_is_not_known_counts_as_zero_and_ranges_over_what_it_could_be(status: int) -> None:
    result = scored([given(signed=(status, None))])

    # Of 0 to 200 signed documents of 100 sent: nothing to everything.
    assert triple(result) == ("35.00", "35.00", "85.00")
    np.testing.assert_array_equal(result.cells.value, [[np.nan, 2, 1]])
    assert figures(result.cells.points) == [[0, 3, 4]]
    assert figures(result.cells.points_low) == [[0, 3, 4]]
    assert figures(result.cells.points_high) == [[10, 3, 4]]
    assert result.cells.points_max.tolist() == [[10, 6, 4]]
    assert result.cells.statuses.tolist() == [[status, OK, OK]]
    assert result.coverage.tolist() == [0.5]


def test_zero_points_stay_possible_where_the_range_alone_would_promise_more() -> None:
    result = scored([given(sent=(MISSING, None))])

    # 60 signed of at most 100 sent would be 7.5 points at least; counted are 0.
    assert result.cells.points_low[0, 0] == 0
    assert result.cells.points_high[0, 0] == 10


def test_what_is_not_known_may_leave_the_denominator_instead() -> None:
    result = scored([given(sent=(MISSING, None))], spec=replace(SET, missing="exclude"))

    # 7 of 10 without it; with it, from 14.5 to 17 of 20.
    assert triple(result) == ("70.00", "70.00", "85.00")
    np.testing.assert_array_equal(result.cells.points, [[np.nan, 3, 4]])
    assert figures(result.cells.points_low) == [[7.5, 3, 4]]
    assert result.cells.points_max.tolist() == [[10, 6, 4]]
    assert result.coverage.tolist() == [0.5]


def test_bounds_choose_among_the_left_out_those_that_move_the_score_most() -> None:
    agency = given(meetings=(MISSING, None), officer=(MISSING, None))
    result = scored([agency], spec=replace(SET, missing="exclude"))

    # Lowest with both at 0: 7.5 of 20. Highest with both in full: 17.5 of 20.
    assert triple(result) == ("37.50", "75.00", "87.50")


def test_a_stale_number_counts_and_ranges_over_what_it_could_have_become() -> None:
    result = scored([given(meetings=(STALE, 2.0))])

    assert triple(result) == ("57.50", "72.50", "87.50")
    assert result.cells.statuses.tolist() == [[OK, STALE, OK]]
    assert result.coverage.tolist() == [1]


def test_the_worst_of_several_inputs_is_the_status() -> None:
    statuses = [(STALE, OK), (STALE, HELD), (HELD, MISSING), (NOT_CONNECTED, MISSING)]
    agencies = [given(signed=(a, 60.0), sent=(b, 100.0)) for a, b in statuses]

    assert scored(agencies).cells.statuses[:, 0].tolist() == [max(pair) for pair in statuses]


@pytest.mark.parametrize(
    ("when_zero", "score", "points", "status"),
    [
        ("not_applicable", "70.00", np.nan, NOT_APPLICABLE),
        ("zero", "35.00", 0, OK),
        ("full", "85.00", 10, OK),
    ],
)
def test_a_zero_divisor_means_what_the_set_says(
    when_zero: Literal["not_applicable", "zero", "full"], score: str, points: float, status: int
) -> None:
    indicators = (replace(SIGNED, when_zero=when_zero), MEETINGS, OFFICER)
    result = scored([given(signed=0.0, sent=0.0)], spec=replace(SET, indicators=indicators))

    assert triple(result) == (score, score, score)
    np.testing.assert_array_equal(result.cells.points[0, 0], points)
    assert np.isnan(result.cells.value[0, 0])
    assert result.cells.statuses[0, 0] == status
    assert result.coverage.tolist() == [1]


@pytest.mark.parametrize(
    ("when_zero", "ends"),
    [
        ("not_applicable", ("70.00", "70.00", "85.00")),
        ("zero", ("35.00", "35.00", "85.00")),
        ("full", ("72.50", "85.00", "85.00")),
    ],
)
def test_a_stale_zero_divisor_may_still_become_a_number(
    when_zero: Literal["not_applicable", "zero", "full"], ends: tuple[str, str, str]
) -> None:
    indicators = (replace(SIGNED, when_zero=when_zero), MEETINGS, OFFICER)

    result = scored([given(sent=(STALE, 0.0))], spec=replace(SET, indicators=indicators))

    # With 1 to 100 sent, 60 signed are 7.5 to 10 points.
    assert triple(result) == ends


def test_an_agency_without_the_duty_is_measured_on_the_rest() -> None:
    exempt = replace(SIGNED, applies=Applies(exceptions=frozenset({"agency-0"})))

    result = scored([given(), given()], spec=replace(SET, indicators=(exempt, MEETINGS, OFFICER)))

    assert triple(result, 0) == ("70.00", "70.00", "70.00")
    assert triple(result, 1) == ("72.50", "72.50", "72.50")
    np.testing.assert_array_equal(result.cells.target[:, 0], [np.nan, 0.8])
    assert result.cells.points_max[:, 0].tolist() == [0, 10]
    assert np.isnan(result.cells.value[0, 0])
    assert np.isnan([result.cells.points_low[0, 0], result.cells.points_high[0, 0]]).all()


def test_an_input_that_does_not_apply_takes_its_indicator_out() -> None:
    result = scored([given(meetings=(NOT_APPLICABLE, None))])

    assert triple(result) == ("82.14", "82.14", "82.14")  # 11.5 of 14
    assert result.coverage.tolist() == [1]


NOTHING: Mapping[str, Given] = dict.fromkeys(METRICS, (NOT_CONNECTED, None))
NO_DUTY: Mapping[str, Given] = dict.fromkeys(METRICS, (NOT_APPLICABLE, None))


@pytest.mark.parametrize("missing", ["zero", "exclude"])
def test_without_any_input_there_are_bounds_and_no_score(
    missing: Literal["zero", "exclude"],
) -> None:
    result = scored([NOTHING], spec=replace(SET, missing=missing))

    assert triple(result) == ("0.00", "none", "100.00")
    assert result.coverage.tolist() == [0]
    assert (result.bands, result.blocks, result.province) == ((None,), (), None)
    assert [r.tolist() for r in (result.rank, result.rank_best, result.rank_worst)] == [[0]] * 3


def test_without_any_duty_there_is_no_score_and_nothing_to_rank() -> None:
    result = scored([NO_DUTY, given()])

    assert triple(result) == ("0.00", "none", "100.00")
    assert result.coverage.tolist() == [0, 1]
    assert result.rank.tolist() == [0, 1]
    # It can never have a score, so it is no rival.
    assert result.rank_worst.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("least", "score"), [(0.5, "35.00"), (0.5 + 1e-12, "35.00"), (0.51, "none")]
)
def test_below_the_least_coverage_bounds_stay_and_the_score_goes(least: float, score: str) -> None:
    result = scored([given(signed=(MISSING, None))], spec=replace(SET, min_coverage=least))

    assert triple(result) == ("35.00", score, "85.00")


def test_a_value_that_no_float_holds_is_held() -> None:
    huge = replace(OFFICER, formula=parse_formula("signed * signed"))

    result = scored([given(signed=1e200)], spec=replace(SET, indicators=(huge, MEETINGS)))

    assert result.cells.statuses.tolist() == [[HELD, OK]]
    assert figures(result.cells.points) == [[0, 3]]
    assert triple(result) == ("30.00", "30.00", "70.00")


def test_without_a_declared_range_anything_is_possible() -> None:
    agency = inputs([given(signed=(MISSING, None), sent=(MISSING, None))])
    boundless = replace(agency, lows=agency.lows - np.inf, highs=agency.highs + np.inf)
    plan = prepare(SET, METRICS, Roster(("x",), ("office",)), ("office",), "2024")

    result = score(plan, boundless)

    assert result.cells.points_low[0, 0] == 0
    assert result.cells.points_high[0, 0] == 10


def test_equal_scores_share_the_better_rank_in_each_block() -> None:
    meetings = [2.0, 4.0, 2.0, 0.0, 0.0]
    agencies = [given(meetings=number) for number in meetings]

    result = scored(agencies, blocks=["office"] * 4 + ["district"])

    assert result.rank.tolist() == [2, 1, 2, 4, 1]
    assert result.rank_best.tolist() == result.rank_worst.tolist() == result.rank.tolist()


def test_scores_that_are_equal_as_decimals_tie_whatever_their_last_bits() -> None:
    tenths = [
        replace(OFFICER, id=name, formula=parse_formula(name), points_max=most)
        for name, most in (("signed", 0.1), ("sent", 0.2), ("officer", 0.3), ("meetings", 0.4))
    ]
    spec = replace(SET, indicators=tuple(tenths))
    first = given(signed=1.0, sent=1.0, officer=0.0, meetings=0.0)
    second = given(signed=0.0, sent=0.0, officer=1.0, meetings=0.0)

    result = scored([first, second], spec=spec)

    assert result.score[0] != result.score[1]
    assert result.rank.tolist() == result.rank_best.tolist() == result.rank_worst.tolist() == [1, 1]


def test_a_rank_ranges_over_what_all_scores_could_be() -> None:
    agencies = [
        given(),  # 72.5 for sure
        given(meetings=(STALE, 2.0)),  # 57.5 to 87.5
        given(meetings=4.0),  # 87.5 for sure
        given(meetings=0.0),  # 57.5 for sure
        given(signed=40.0, meetings=0.0),  # 45 for sure
    ]

    result = scored(agencies)

    assert result.rank.tolist() == [2, 2, 1, 4, 5]
    assert result.rank_best.tolist() == [2, 1, 1, 3, 5]
    assert result.rank_worst.tolist() == [3, 3, 1, 4, 5]


def test_who_has_no_score_yet_may_still_push_others_down_but_stands_above_nobody() -> None:
    spec = replace(SET, min_coverage=0.9)
    without = given(officer=(MISSING, None), meetings=4.0)  # 67.5 to 87.5, and no score

    result = scored([without, given(signed=40.0), given(meetings=4.0)], spec=spec)

    assert result.rank.tolist() == [0, 2, 1]
    assert result.rank_best.tolist() == [0, 2, 1]
    assert result.rank_worst.tolist() == [0, 3, 1]


def test_bands_are_decided_on_the_score_as_it_is_shown() -> None:
    spec = replace(SET, indicators=(replace(SIGNED, target=Target(1.0)),))
    agencies = [given(signed=signed, sent=1e6) for signed in (849_949.0, 849_950.0, 850_000.0)]

    result = scored(agencies, spec=spec)

    assert [triple(result, agency)[1] for agency in range(3)] == ["84.99", "85.00", "85.00"]
    assert result.bands == ("fair", "good", "good")


def rounded(whole: Triple) -> Triple:
    assert whole.score is not None
    return Triple(round(whole.low, 9), round(whole.score, 9), round(whole.high, 9))


def test_a_block_is_the_mean_of_its_scored_agencies_and_one_without_is_left_out() -> None:
    agencies = [given(), given(meetings=(STALE, 4.0)), NOTHING, given(meetings=0.0), NOTHING]

    result = scored(agencies, blocks=["office"] * 3 + ["district", "ward"])

    office, district = result.blocks
    assert (office.id, office.agencies_scored, office.band) == ("office", 2, "fair")
    assert rounded(office.triple) == Triple(65, 80, 80)
    assert (district.id, district.agencies_scored, district.band) == ("district", 1, "weak")
    assert rounded(district.triple) == Triple(57.5, 57.5, 57.5)
    assert result.province is not None
    assert rounded(result.province.triple) == Triple(61.25, 68.75, 68.75)
    assert result.province.band == "weak"


def test_the_province_may_be_the_mean_of_all_agencies_instead() -> None:
    agencies = [given(), given(meetings=4.0), given(meetings=0.0)]
    spec = replace(SET, province="mean_of_agencies")

    result = scored(agencies, spec=spec, blocks=["office", "office", "district"])

    assert result.province is not None
    assert rounded(result.province.triple) == Triple(72.5, 72.5, 72.5)


def test_the_published_province_is_the_plain_mean_of_its_two_blocks() -> None:
    spec = replace(SET, indicators=(replace(SIGNED, target=Target(1.0)),))
    agencies = [given(signed=73.2), given(signed=76.4)]

    result = scored(agencies, spec=spec, blocks=["office", "district"])

    assert result.province is not None
    assert shown(result.province.triple.score or 0, 2) == Decimal("74.80")


def test_over_the_province_a_ratio_is_that_of_the_sums() -> None:
    agencies = [
        given(signed=90.0, sent=100.0),
        given(signed=1.0, sent=10.0),
        given(signed=0.0, sent=0.0),  # has its inputs, and adds nothing
        given(signed=(STALE, 5.0), sent=10.0),
        given(signed=(MISSING, None), sent=1e6),  # must not weigh on one side only
    ]

    signed, meetings, officer = scored(agencies).province_values

    assert signed == ProvinceValue(96 / 120, 4)
    assert meetings == ProvinceValue(10, 5)
    assert officer == ProvinceValue(1, 5)


def test_over_the_province_a_state_is_the_mean_of_its_numbers() -> None:
    agencies = [given(officer=1.0), given(officer=0.5), given(officer=(HELD, None))]

    assert scored(agencies).province_values[2] == ProvinceValue(0.75, 2)


def test_over_the_province_only_those_with_the_duty_count() -> None:
    only = replace(SIGNED, applies=Applies(agencies=frozenset({"agency-1"})))

    result = scored([given(), given(signed=20.0)], spec=replace(SET, indicators=(only,)))

    assert result.province_values == (ProvinceValue(0.2, 1),)


def test_over_the_province_there_may_be_no_value() -> None:
    mixed = replace(MEETINGS, over_province="none")
    ratio = replace(SIGNED, over_province="mean")
    spec = replace(SET, indicators=(SIGNED, ratio, OFFICER, mixed))

    result = scored([given(signed=0.0, sent=0.0, officer=(MISSING, None))], spec=spec)

    assert result.province_values == (
        ProvinceValue(None, 1),
        ProvinceValue(None, 1),
        ProvinceValue(None, 0),
        ProvinceValue(None, 1),
    )
