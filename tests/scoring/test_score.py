"""Worked examples: every expected figure was found by hand."""

from dataclasses import replace
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
    Above,
    Applies,
    Floats,
    Roster,
)
from scoring.score import Plan, prepare, rescore, score
from tests.scoring.example import (
    MEETINGS,
    METRICS,
    NO_DUTY,
    NOTHING,
    OFFICER,
    SET,
    SIGNED,
    given,
    inputs,
    scored,
    triple,
)


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
    assert result.cells.statuses.dtype == np.int8
    assert result.rank.dtype == result.rank_best.dtype == result.rank_worst.dtype == np.int64
    assert triple(result) == ("72.50", "72.50", "72.50")
    assert result.coverage.tolist() == [1]
    assert result.scorable.tolist() == [True]
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


def test_what_counts_now_is_always_possible() -> None:
    full = (replace(SIGNED, when_zero="full"), MEETINGS, OFFICER)

    result = scored([given(signed=0.0, sent=(STALE, 0.0))], spec=replace(SET, indicators=full))

    # Of 1 to 100 sent none is signed; of none sent it is all.
    assert triple(result) == ("35.00", "85.00", "85.00")


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


def planned(count: int) -> Plan:
    roster = Roster(tuple(f"agency-{number}" for number in range(count)), ("office",) * count)
    return prepare(SET, METRICS, roster, ("office",), "2024")


def test_only_the_agencies_named_are_scored_again() -> None:
    plan = planned(3)
    before = score(plan, inputs([given(), given(), given()]))
    moved = inputs([given(signed=10.0), given(signed=20.0), given(signed=30.0)])

    one = rescore(plan, before, moved, np.array([1]))
    two = rescore(plan, before, moved, np.array([2, 0]))

    assert np.round(one.cells.points[:, 0], 9).tolist() == [7.5, 2.5, 7.5]
    assert np.round(two.cells.points[:, 0], 9).tolist() == [1.25, 7.5, 3.75]
    assert (one.rank.tolist(), two.rank.tolist()) == ([1, 3, 1], [3, 1, 2])
    assert np.round(before.cells.points[:, 0], 9).tolist() == [7.5] * 3


def test_what_is_sure_stays_one_array_when_scored_again_until_it_is_not() -> None:
    plan = planned(2)
    sure = score(plan, inputs([given(), given()]))

    still = rescore(plan, sure, inputs([given(meetings=4.0), given()]), np.array([0]))
    stale = rescore(plan, sure, inputs([given(meetings=(STALE, 2.0)), given()]), np.array([0]))

    assert still.cells.points_low is still.cells.points
    assert still.cells.points_high is still.cells.points
    assert still.cells.points_max.base is sure.cells.points_max.base
    assert figures(stale.cells.points_low) == [[7.5, 0, 4], [7.5, 3, 4]]
    assert figures(sure.cells.points_low) == [[7.5, 3, 4]] * 2


def test_an_agency_may_lose_and_regain_a_duty_of_its_inputs_and_the_former_result_stays() -> None:
    plan = planned(2)
    first = score(plan, inputs([given(), given(meetings=(NOT_APPLICABLE, None))]))

    second = rescore(plan, first, inputs([given(), given()]), np.array([1]))

    assert second.cells.points_max.tolist() == [[10, 6, 4]] * 2
    assert first.cells.points_max.tolist() == [[10, 6, 4], [10, 0, 4]]
    assert first.cells.statuses.tolist() == [[OK] * 3, [OK, NOT_APPLICABLE, OK]]
    assert np.isnan(first.cells.points[1, 1])
    assert triple(second, 1) == ("72.50", "72.50", "72.50")
    assert triple(first, 1) == ("82.14", "82.14", "82.14")
    assert (first.coverage.tolist(), first.scorable.tolist()) == ([1, 1], [True, True])


def test_a_set_without_any_points_gives_no_score() -> None:
    nothing = tuple(replace(one, points_max=0.0) for one in SET.indicators)

    result = scored([given()], spec=replace(SET, indicators=nothing))

    assert triple(result) == ("0.00", "none", "100.00")
    assert (result.coverage.tolist(), result.scorable.tolist()) == ([0], [False])


def test_a_value_that_no_float_holds_is_held_beside_one_with_a_natural_maximum() -> None:
    huge = replace(OFFICER, formula=parse_formula("signed * signed"))
    limited = replace(MEETINGS, above=Above(3, "held"))

    result = scored([given(signed=1e200)], spec=replace(SET, indicators=(huge, limited)))

    assert result.cells.statuses.tolist() == [[HELD, OK]]


def test_a_zero_divisor_means_the_same_beside_a_natural_maximum() -> None:
    limited = replace(SIGNED, above=Above(1, "held"))

    result = scored([given(signed=0.0, sent=0.0)], spec=replace(SET, indicators=(limited,)))

    assert result.cells.statuses.tolist() == [[NOT_APPLICABLE]]
    assert triple(result) == ("0.00", "none", "100.00")


def test_of_nothing_known_there_is_no_score_however_little_is_asked_for() -> None:
    assert triple(scored([NOTHING], spec=replace(SET, min_coverage=1e-10)))[1] == "none"


def test_indicators_are_added_one_after_the_other_for_one_agency_and_for_many() -> None:
    ones = tuple(
        replace(SIGNED, id=f"signed-{number}", points_max=0.1 + number * 0.37)
        for number in range(40)
    )
    spec = replace(SET, indicators=ones)
    points, most = 0.0, 0.0
    for one in ones:
        points, most = points + 0.7 / 0.8 * one.points_max, most + one.points_max

    for count in (1, 2, 3):
        for agency in (given(signed=70.0), given(signed=(STALE, 70.0))):
            result = scored([agency] * count, spec=spec)
            assert result.score.tolist() == [100 * (points / most)] * count
