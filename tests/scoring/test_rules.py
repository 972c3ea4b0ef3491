from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.batches import batches, share_of
from scoring.model import Floats, Rule
from scoring.rules import AtMost, Levels, Piecewise, Steps, ToTarget, YesNo
from tests.scoring.provinces import examples

MEETINGS = Steps(((4, 20), (3, 15), (2, 10), (1, 5)), 20)


def shares(rule: Rule, values: list[float], target: float = np.nan) -> Floats:
    return share_of(rule, np.array(values), np.full(len(values), target))


def test_a_ratio_earns_the_part_of_its_target_and_never_more_than_all() -> None:
    earned = shares(ToTarget(), [-1, 0, 0.4, 0.8, 0.9, np.inf], target=0.8)

    assert earned.tolist() == [0, 0, 0.5, 1, 1, 1]


def test_nothing_done_earns_0_without_a_minus() -> None:
    assert not np.signbit(shares(ToTarget(), [-0.0, -1.0, 0.0], target=0.8)).any()


def test_a_tiny_target_is_reached_by_anything() -> None:
    assert shares(ToTarget(), [1e300], target=1e-300).tolist() == [1]


def test_steps_earn_the_points_of_the_step_reached() -> None:
    earned = shares(MEETINGS, [-1, 0, 0.99, 1, 2.5, 3, 4, 100])

    assert earned.tolist() == [0, 0, 0, 0.25, 0.5, 0.75, 1, 1]


def test_steps_may_stand_in_any_order() -> None:
    assert shares(Steps(((1, 5), (4, 20)), 20), [0, 1, 4]).tolist() == [0, 0.25, 1]


def test_a_sum_that_equals_a_step_as_a_decimal_reaches_it() -> None:
    sums = [0.7 + 0.1, 0.8 - 6e-10]

    assert sums[0] < 0.8
    assert shares(Steps(((0.8, 1),), 1), sums).tolist() == [1, 0]
    assert shares(YesNo(), [0.7 + 0.1 + 0.2, 1 - 6e-10]).tolist() == [1, 0]


def test_no_step_is_worth_more_than_all_and_none_is_worth_anything_of_nothing() -> None:
    assert shares(Steps(((1, 5),), 4), [1]).tolist() == [1]
    assert shares(Steps(((1, 0),), 0), [1]).tolist() == [0]


def test_lower_is_better_up_to_the_target_and_then_by_how_many_times_it_is_passed() -> None:
    earned = shares(AtMost(), [-1, 0, 5, 10, 20, np.inf], target=5)

    assert earned.tolist() == [1, 1, 1, 0.5, 0.25, 0]
    assert shares(AtMost(), [0, 0.1], target=0).tolist() == [1, 0]


def test_lower_may_be_better_in_a_straight_line_down_to_nothing() -> None:
    assert shares(AtMost(10), [0, 5, 7.5, 10, 11], target=5).tolist() == [1, 1, 0.5, 0, 0]
    assert shares(AtMost(10), [0, 5, 12], target=0).tolist() == [1, 0.5, 0]


def test_levels_earn_their_shares_and_more_may_be_worth_less() -> None:
    levels = Levels(((1, 1), (0, 0.25), (0.5, 0.1)))

    assert shares(levels, [0, 0.5, 0.7, 1, 3, -1]).tolist() == [0.25, 0.1, 0.1, 1, 1, 0]


def test_between_knots_a_share_lies_on_a_line() -> None:
    rule = Piecewise(((2, 0.5), (4, 1), (8, 0)))

    earned = shares(rule, [0, 2, 3, 4, 5, 8, 9])

    assert earned.tolist() == [0.5, 0.5, 0.75, 1, 0.75, 0, 0]


def test_yes_is_one_or_more_and_a_half_is_no() -> None:
    assert shares(YesNo(), [-1, 0, 0.5, 1, 2]).tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    "rule",
    [ToTarget(), AtMost(), AtMost(9), MEETINGS, YesNo(), Levels(((0, 1),)), Piecewise(((0, 1),))],
)
def test_an_unknown_value_has_an_unknown_share(rule: Rule) -> None:
    assert np.isnan(shares(rule, [np.nan], target=1)).all()


@pytest.mark.parametrize("rule", [ToTarget(), MEETINGS, YesNo()])
@examples(100)
@given(st.lists(st.floats(-10, 10), min_size=2), st.floats(0.01, 10))
def test_a_share_lies_between_0_and_1_and_never_falls_as_the_value_grows(
    rule: Rule, values: list[float], target: float
) -> None:
    earned = shares(rule, sorted(values), target)

    assert (np.diff(earned) >= 0).all()
    assert ((earned >= 0) & (earned <= 1)).all()


def ends(rules: Sequence[Rule], ranges: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Of rules of one kind, each over a range of its own, with 4 as the target."""
    ((_, batch),) = batches(rules)
    values = np.array(ranges, dtype=np.float64).T
    with np.errstate(all="ignore"):
        found = batch.ends(np.arange(len(rules)), values, np.full(len(rules), 4.0))
    return [(round(float(low), 9), round(float(high), 9)) for low, high in found.T]


def test_a_line_that_turns_has_its_extremes_at_knots_inside() -> None:
    line = Piecewise(((0, 0.2), (10, 1.0), (20, 0.0), (30, 0.6)))
    other = Piecewise(((0, 0.9), (10, 0.1)))
    ranges = [(5, 15), (12, 25), (0, 10), (-5, 40), (2, 3), (5, 15)]

    found = ends([line, line, line, line, line, other], ranges)

    assert found == [(0.5, 1), (0, 0.8), (0.2, 1), (0, 1), (0.36, 0.44), (0.1, 0.5)]


def test_levels_that_fall_and_rise_have_their_extremes_at_those_inside() -> None:
    levels = Levels(((0, 0.5), (1, 0.1), (2, 0.9), (3, 0.4)))
    ranges = [(0, 3), (0, 1.5), (2.5, 3), (1, 1), (-1, 0)]

    found = ends([levels] * 4 + [Levels(((0, 0.3),))], ranges)

    assert found == [(0.1, 0.9), (0.1, 0.5), (0.4, 0.9), (0.1, 0.1), (0, 0.3)]


def test_what_is_better_lower_has_the_most_at_its_low() -> None:
    assert ends([AtMost(), AtMost(8), AtMost(8)], [(2, 8), (5, 7), (9, 10)]) == [
        (0.5, 1),
        (0.25, 0.75),
        (0, 0),
    ]
    assert ends([ToTarget()] * 2, [(1, 3), (-1, 9)]) == [(0.25, 0.75), (0, 1)]
