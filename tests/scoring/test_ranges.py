"""How far values and shares go while metrics range: every expected figure was found by hand."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.formula import parse_comparison, parse_formula
from scoring.model import Floats
from scoring.polynomial import is_linear, is_linear_in_each, quotient_of
from scoring.ranges import Ranging, ranging
from scoring.rules import Parts
from tests.scoring.provinces import examples

Ranges = dict[str, tuple[float, float]]
TIED = (("part", "whole"),)


def arrays(ranges: Ranges, end: int) -> dict[str, Floats]:
    return {name: np.array([float(ends[end])]) for name, ends in ranges.items()}


def extremes(text: str, ties: tuple[tuple[str, str], ...] = (), **ranges: object) -> list[float]:
    named: Ranges = {name: ends for name, ends in ranges.items() if isinstance(ends, tuple)}
    with np.errstate(all="ignore"):
        found = ranging(parse_formula(text), ties).extremes(arrays(named, 0), arrays(named, 1))
    return [round(float(end[0]), 9) for end in found]


def test_a_metric_that_stands_twice_counts_for_one_end_at_a_time() -> None:
    assert extremes("a / (a + b)", a=(1, 3), b=(1, 3)) == [0.25, 0.75]
    assert extremes("a - a * b", a=(1, 2), b=(0, 1)) == [0, 2]
    assert extremes("a / c + b / c", a=(1, 2), b=(1, 2), c=(1, 4)) == [0.5, 4]


def test_a_part_is_at_most_its_whole_and_all_of_it_at_best() -> None:
    ranges = {"part": (0, 9), "whole": (0, 9)}

    assert extremes("(whole - part) / whole", TIED, **ranges) == [0, 1]
    assert extremes("(part + 1) / whole", TIED, **ranges) == [round(1 / 9, 9), 2]
    assert extremes("part - whole", TIED, **ranges) == [-9, 0]


def test_parts_of_parts_reach_as_far_as_the_whole() -> None:
    ties = (("a", "b"), ("a", "c"), ("b", "c"))
    ranges = {"a": (0, 9), "b": (0, 9), "c": (3, 4)}

    assert extremes("(a + b) / c", ties, **ranges) == [0, 2]


def test_what_is_no_quotient_of_linear_parts_has_bounds_that_are_safe_and_may_be_wide() -> None:
    assert extremes("a * a", a=(-1, 2)) == [-2, 4]
    assert extremes("min(a, 2 - a)", a=(0, 2)) == [0, 2]
    assert extremes("a * part / whole", TIED, a=(1, 2), part=(0, 2), whole=(1, 2)) == [0, 4]


def test_a_divisor_that_may_be_0_leaves_the_safe_bounds() -> None:
    assert extremes("a / (a - b)", a=(1, 3), b=(2, 2)) == [-np.inf, np.inf]
    assert extremes("a / (3 - b)", a=(1, 3), b=(2, 3)) == [1, np.inf]
    assert extremes("a / (b - 3)", a=(1, 3), b=(1, 2)) == [-3, -0.5]
    assert np.isnan(extremes("a / (b - b)", a=(1, 3), b=(2, 2))).all()


def test_next_to_a_divisor_of_0_nothing_is_nothing_and_anything_is_beyond_all_numbers() -> None:
    assert extremes("a / (b - c)", a=(0, 0), b=(1, 1), c=(0, 1)) == [0, 0]
    assert extremes("a / (b - c)", a=(0, 2), b=(1, 1), c=(0, 1)) == [0, np.inf]
    assert extremes("a / (b - c)", a=(1, 2), b=(0, 0), c=(0, 1)) == [-np.inf, np.inf]
    assert extremes("a / (b - c)", a=(1, 2), b=(0, 0.5), c=(0, 1)) == [-np.inf, np.inf]


def test_a_divisor_that_is_worked_out_may_be_less_than_one() -> None:
    low, high = extremes("a / (b - b * c)", a=(1, 1), b=(1, 2), c=(0, 0.5))

    assert low <= 0.5
    assert high >= 2


def test_sources_that_contradict_each_other_leave_the_safe_bounds() -> None:
    ranges = {"part": (5, 6), "whole": (2, 3)}

    assert extremes("(whole - part) / whole", TIED, **ranges) == [-2, round(-2 / 3, 9)]


@pytest.mark.parametrize(("count", "most"), [(9, 8), (10, 10), (64, 64)])
def test_more_corners_than_can_be_tried_leave_the_safe_bounds(count: int, most: int) -> None:
    names = [f"m{number}" for number in range(count)]
    text = f"({' + '.join(names)}) / (m0 + 1)" if count < 50 else f"sum({','.join(names)}) / (m0+1)"

    assert extremes(text, (), **dict.fromkeys(names, (0, 1))) == [0, most]


def test_a_divisor_of_one_metric_ranges_from_one_where_it_reaches_0() -> None:
    assert extremes("a / c", a=(1, 2), c=(0.5, 4)) == [0.25, 4]
    assert extremes("a / c", a=(1, 2), c=(0, 4)) == [0.25, 2]
    assert extremes("(a - a * b) / c", a=(1, 2), b=(0, 1), c=(0, 0.5)) == [0, 4]


def test_a_divisor_may_be_0_where_its_range_has_0_in_it_or_at_an_end() -> None:
    found = ranging(parse_formula("a / (b - c)"), ())
    lows = {name: np.array([2.0, 1, 0, 0, -2, 0]) for name in "abc"}
    highs = {**lows, "b": np.array([4.0, 4, 4, 0.5, -1, 0])}
    lows["c"] = highs["c"] = np.array([1.0, 1, 1, 1, 1, 0])

    doubtful = found._may_divide_by_zero(lows, highs)

    assert doubtful.tolist() == [False, True, True, False, False, True]


def test_a_formula_is_a_quotient_of_polynomials_unless_it_compares_or_grows() -> None:
    def of(text: str) -> tuple[bool, bool]:
        quotient = quotient_of(parse_formula(text).root)
        assert quotient is not None
        return is_linear(quotient), is_linear_in_each(quotient)

    assert of("-(a + 2 * b) / (c - 1)") == (True, True)
    assert of("a * b") == (False, True)
    assert of("a * a") == (False, False)
    assert of("a / b / c") == (False, True)
    assert of("a / b - c / d") == (False, True)
    assert of("(a + b) / c - a / c") == (True, True)
    assert quotient_of(parse_formula("max(a, b)").root) is None
    assert quotient_of(parse_formula("-max(a, b)").root) is None
    assert quotient_of(parse_formula("1 + min(a, b)").root) is None
    assert quotient_of(parse_formula(" * ".join(["(a + b + c + d + e)"] * 9)).root) is None


def test_the_numerator_of_a_difference_cancels() -> None:
    quotient = quotient_of(parse_formula("(a + b) / c - a / c").root)

    assert quotient == ({("b",): Fraction(1)}, {("c",): Fraction(1)})


def test_like_terms_are_added_and_factors_multiplied() -> None:
    one = Fraction(1)

    def of(text: str) -> object:
        return quotient_of(parse_formula(text).root)

    assert of("-(a - 2 * b) / c") == ({("a",): -one, ("b",): Fraction(2)}, {("c",): one})
    assert of("(a + b) * (a + b)") == (
        {("a", "a"): one, ("a", "b"): Fraction(2), ("b", "b"): one},
        {(): one},
    )
    assert of("3 * a * (2 * b) - a") == ({("a", "b"): Fraction(6), ("a",): -one}, {(): one})


@pytest.mark.parametrize(("count", "short"), [(64, True), (65, False)])
def test_a_quotient_of_more_terms_than_64_is_none(count: int, *, short: bool) -> None:
    metrics = ",".join(f"m{number}" for number in range(count))

    assert bool(quotient_of(parse_formula(f"sum({metrics})").root)) is short


def test_without_anything_to_try_there_are_no_corners() -> None:
    for text in ("a / b", "min(a, 2 - a)"):
        formula = parse_formula(text)
        assert ranging(formula, TIED) == Ranging(formula, (), ())


numbers = st.integers(-4, 8).map(lambda n: n / 2)


@examples(150)
@given(
    st.sampled_from(
        [
            "a / (a + b + 9)",
            "(a - b) / (b + 9)",
            "a * b - a",
            "a * a - b",
            "min(a, b) - a",
            "(a + b) / (a + 9) + b / (a + 9)",
        ]
    ),
    st.tuples(numbers, numbers),
    st.tuples(numbers, numbers),
    st.tuples(st.integers(0, 4), st.integers(0, 4)),
)
def test_no_completion_leaves_the_extremes_and_one_attains_those_found_at_corners(
    text: str, a: tuple[float, float], b: tuple[float, float], at: tuple[int, int]
) -> None:
    (a_low, a_high), (b_low, b_high) = sorted(a), sorted(b)
    low, high = extremes(text, a=(a_low, a_high), b=(b_low, b_high))

    def value(part: int, of: int) -> float:
        inside = {"a": a_low + part / 4 * (a_high - a_low), "b": b_low + of / 4 * (b_high - b_low)}
        return float(parse_formula(text).evaluate({n: np.array(x) for n, x in inside.items()})[0])

    assert low - 1e-9 <= value(*at) <= high + 1e-9
    if "/" in text or text == "a * b - a":
        corners = [value(part, of) for part in (0, 4) for of in (0, 4)]
        assert (low, high) == pytest.approx((min(corners), max(corners)), abs=2e-9)


def parts(*conditions: tuple[str, float]) -> Parts:
    return Parts(tuple((parse_comparison(text), share) for text, share in conditions))


def share_ends(rule: Parts, **ranges: tuple[float, float]) -> tuple[float, float]:
    low, high = rule.ends(arrays(ranges, 0), arrays(ranges, 1))
    return float(low[0]), float(high[0])


def test_conditions_on_one_metric_are_tried_together() -> None:
    either = parts(("a >= 3", 0.5), ("a < 3", 0.25))

    assert share_ends(either, a=(0, 9)) == (0.25, 0.5)
    assert share_ends(either, a=(4, 9)) == (0.5, 0.5)
    assert share_ends(parts(("a == 3", 0.5), ("4 > a", 0.25)), a=(0, 9)) == (0, 0.75)


def test_conditions_on_several_metrics_count_for_what_they_may_be_alone() -> None:
    more = parts(("a > b", 0.5))

    assert share_ends(more, a=(0, 4), b=(2, 3)) == (0, 0.5)
    assert share_ends(more, a=(4, 5), b=(2, 3)) == (0.5, 0.5)
    assert share_ends(more, a=(0, 1), b=(2, 3)) == (0, 0)
    assert share_ends(parts(("a + b == 4", 0.5)), a=(0, 1), b=(2, 3)) == (0, 0.5)
    assert share_ends(parts(("a + b == 4", 0.5)), a=(0, 1), b=(2, 2)) == (0, 0)
    assert share_ends(parts(("a + b == 4", 0.5)), a=(2, 2), b=(2, 2)) == (0.5, 0.5)
    assert share_ends(parts(("a + b != 4", 0.5)), a=(0, 1), b=(2, 2)) == (0.5, 0.5)
    assert share_ends(parts(("a + b != 4", 0.5)), a=(2, 2), b=(2, 2)) == (0, 0)
    assert share_ends(parts(("a + b != 4", 0.5)), a=(0, 4), b=(2, 2)) == (0, 0.5)


def test_a_condition_under_a_divisor_that_may_be_0_is_never_sure() -> None:
    rule = parts(("a / b >= 0.5", 1.0))

    assert share_ends(rule, a=(3, 4), b=(0, 2)) == (0, 1)
    assert share_ends(rule, a=(3, 4), b=(1, 2)) == (1, 1)
    held = rule.share({"a": np.array([1.0, 1.0, np.nan]), "b": np.array([2.0, 0.0, 1.0])})
    assert held.tolist() == [1, 0, 0]


def test_conditions_never_add_up_to_more_than_all() -> None:
    shares = parts(("a > 0", 0.7), ("a > 1", 0.7)).share({"a": np.array([1.0, 2.0])})

    assert shares.tolist() == [0.7, 1]


def test_conditions_compare_at_nine_decimals() -> None:
    shares = parts(("a + b >= 0.3", 1.0)).share({"a": np.array([0.1]), "b": np.array([0.2])})
    below = parts(("a + b >= 0.8", 1.0)).share({"a": np.array([0.7]), "b": np.array([0.1])})

    assert (shares.tolist(), below.tolist()) == ([1], [1])


@pytest.mark.parametrize("text", ["a + b > 1", "a > b"])
def test_a_comparison_has_a_threshold_only_with_one_metric_and_a_number(text: str) -> None:
    assert parse_comparison(text).threshold is None
    assert parse_comparison("a > 1").threshold == ("a", 1)
    assert parse_comparison("2 <= a").threshold == ("a", 2)
