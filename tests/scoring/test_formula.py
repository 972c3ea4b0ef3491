from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.formula import (
    Formula,
    FormulaError,
    parse_comparison,
    parse_comparisons,
    parse_formula,
)
from scoring.model import Floats
from tests.scoring.provinces import examples

NAMES = ("a", "b", "c")


def columns(**numbers: float | list[float]) -> Mapping[str, Floats]:
    return {name: np.atleast_1d(np.array(x, dtype=float)) for name, x in numbers.items()}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a / b", 1.5),
        ("a - b - c", -4.0),
        ("a - (b - c)", 6.0),
        ("a + b * c", 13.0),
        ("-a + b", -1.0),
        ("--a", 3.0),
        ("min(a, b, c)", 2.0),
        ("max(a, b, c)", 5.0),
        ("sum(a, b, c)", 10.0),
        ("min(a)", 3.0),
        ("sum(a, b) / 0.5", 10.0),
        ("a * .5", 1.5),
        ("a * 1.", 3.0),
        ("  a\n + b ", 5.0),
    ],
)
def test_a_formula_is_worked_out_as_on_paper(text: str, value: float) -> None:
    result, zero = parse_formula(text).evaluate(columns(a=3, b=2, c=5))

    assert result.tolist() == [value]
    assert zero.tolist() == [False]


def test_a_formula_knows_its_text_and_its_metrics() -> None:
    formula = parse_formula(" documents_signed / max(documents_sent, 1) ")

    assert formula.text == "documents_signed / max(documents_sent, 1)"
    assert formula.metrics == {"documents_signed", "documents_sent"}


def test_names_stand_in_the_order_in_which_they_are_written() -> None:
    assert parse_formula("min(zinc, 2) / (amber + zinc)").names == ("zinc", "amber")


def test_a_zero_divisor_is_marked_and_gives_no_number() -> None:
    formula = parse_formula("a / b + c / (a - 1)")

    value, zero = formula.evaluate(columns(a=[1, 2, 2], b=[1, 0, 4], c=[1, 1, 1]))

    assert zero.tolist() == [True, True, False]
    np.testing.assert_array_equal(value, [np.nan, np.nan, 1.5])


def test_an_unknown_number_gives_none_and_is_no_zero_divisor() -> None:
    formula = parse_formula("max(1, a / b)")

    value, zero = formula.evaluate(columns(a=[1, np.nan, 1], b=[np.nan, 0, 4]))

    np.testing.assert_array_equal(value, [np.nan, np.nan, 1.0])
    assert zero.tolist() == [False, True, False]


def test_a_value_that_no_float_holds_is_unknown() -> None:
    value, zero = parse_formula("a * a - a * a").evaluate(columns(a=[1e200, 1.0]))

    np.testing.assert_array_equal(value, [np.nan, 0.0])
    assert not zero.any()


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("a + 0.1 == b", True),
        ("a + 0.1 != b", False),
        ("a + 0.1 <= b", True),
        ("a + 0.1 < b", False),
        ("b >= a + 0.1", True),
        ("b > a + 0.1", False),
        ("min(a, b) == a", True),
        ("max(a, b) == b", True),
        ("sum(a, a, -b) == b / 3", True),
        ("b / 3 * 3 - a == b - a", True),
        ("a / (b - b) == 0", False),
        ("a / (b - b) != 0", False),
    ],
)
def test_a_comparison_is_exact_and_a_zero_divisor_never_holds(text: str, holds: bool) -> None:
    comparison = parse_comparison(text)

    assert comparison.metrics == {"a", "b"}
    assert comparison.holds({"a": Decimal("0.2"), "b": Decimal("0.3")}) is holds


@pytest.mark.parametrize("number", [None, Decimal("NaN"), Decimal("Infinity"), Decimal("1e999999")])
def test_a_comparison_refuses_what_is_no_number(number: Decimal | None) -> None:
    values = {} if number is None else {"agencies": number}

    with pytest.raises(FormulaError, match="agencies"):
        parse_comparison("agencies >= 1").holds(values)


def test_a_comparison_takes_zero_with_any_exponent() -> None:
    assert parse_comparison("a == 0").holds({"a": Decimal("0e-9999")})


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("a <= b", ["a <= b"]),
        ("0 <= a <= b", ["0 <= a", "a <= b"]),
        ("a  < (b + c) * 2 != 7 - a > c", ["a < (b + c) * 2", "(b + c) * 2 != 7 - a", "7 - a > c"]),
        ("0 <= (a + b) <= c", ["0 <= a + b", "a + b <= c"]),
    ],
)
def test_a_chain_of_comparisons_is_its_links(text: str, links: list[str]) -> None:
    chain = parse_comparisons(text)

    assert [each.text for each in chain] == links
    assert chain[-1].metrics == parse_comparison(links[-1]).metrics
    values = {name: Decimal(number) for name, number in (("a", 1), ("b", 2), ("c", 3))}
    expected = [parse_comparison(link).holds(values) for link in links]
    assert [each.holds(values) for each in chain] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 <= 1 <= a", "it names no metric: '0 <= 1'"),
        ("a <= b in c", "a comparison other than"),
        ("a + b", "a comparison needs one of"),
    ],
)
def test_a_chain_with_a_broken_link_is_refused(text: str, message: str) -> None:
    with pytest.raises(FormulaError) as refusal:
        parse_comparisons(text)

    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a + b", "a comparison needs one of <= < >= > == !="),
        ("a < b < c", "a chained comparison is not allowed"),
        ("a in b", "a comparison other than"),
        ("a is b", "a comparison other than"),
        ("a < (b < c)", "a comparison is not allowed: 'b < c'"),
        ("1 < 2", "it names no metric"),
        ("", "it is empty"),
    ],
)
def test_what_is_no_comparison_is_refused(text: str, message: str) -> None:
    with pytest.raises(FormulaError) as refusal:
        parse_comparison(text)

    assert message in str(refusal.value)


def test_bounds_are_attained_at_the_ends_of_the_ranges() -> None:
    lows, highs = columns(a=2, b=4, c=-1), columns(a=3, b=5, c=2)

    def ends(text: str) -> list[float]:
        return [float(end[0]) for end in parse_formula(text).bounds(lows, highs)]

    assert ends("a + b") == [6, 8]
    assert ends("b - a") == [1, 3]
    assert ends("-a") == [-3, -2]
    assert ends("a * c") == [-3, 6]
    assert ends("a / b") == [0.4, 0.75]
    assert ends("min(a, c)") == [-1, 2]
    assert ends("max(a, c)") == [2, 3]
    assert ends("2 * a + 1") == [5, 7]


def test_a_divisor_that_could_be_zero_ranges_from_one() -> None:
    lows = columns(a=[6] * 5, b=[0, 2, 0, 0, 0.5])
    highs = columns(a=[8] * 5, b=[4, 4, 0.5, 0, 4])

    low, high = parse_formula("a / b").bounds(lows, highs)

    np.testing.assert_array_equal(low, [1.5, 1.5, 12, np.nan, 1.5])
    np.testing.assert_array_equal(high, [8, 4, 16, np.nan, 16])


sensible = st.integers(-1000, 1000).map(lambda n: n / 10)


@st.composite
def formulas(draw: st.DrawFn, depth: int = 3) -> str:
    """Any shape; what is divided by is at least 1 wherever metrics are."""
    if not depth or not draw(st.integers(0, 3)):
        return draw(st.sampled_from([*NAMES, "0.3", "7"]))
    parts = [draw(formulas(depth=depth - 1)) for _ in range(draw(st.integers(1, 3)))]
    divisor = draw(st.sampled_from(["a", "(a + b)", "2.5"]))
    joined = draw(st.sampled_from([" + ", " - ", " * "])).join(parts)
    called = f"{draw(st.sampled_from(['min', 'max', 'sum']))}({', '.join(parts)})"
    return draw(st.sampled_from([f"({joined})", called, f"-({joined})", f"({joined}) / {divisor}"]))


def parsed(text: str) -> Formula:
    # A constant alone would be no formula of metrics.
    return parse_formula(f"{text} + 0 * (a + b + c)")


@examples(120)
@given(formulas(), st.tuples(*[st.integers(10, 1000)] * 3))
def test_floats_agree_with_exact_fractions(text: str, tenths: tuple[int, ...]) -> None:
    exact = {name: Fraction(number, 10) for name, number in zip(NAMES, tenths, strict=True)}

    value, _ = parsed(text).evaluate(columns(**{n: float(x) for n, x in exact.items()}))

    # Where differences cancel, the error is as small as the terms, not as the result.
    terms = text.replace(" - ", " + ").replace("-(", "(").replace("min(", "max(")
    error = abs(Fraction(float(value[0])) - parsed(text)._root.exact(exact))
    assert error <= Fraction(1, 10**12) * parsed(terms)._root.exact(exact)


@examples(120)
@given(
    formulas(),
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 50), st.floats(0, 1)), min_size=3, max_size=3
    ),
)
def test_no_completion_leaves_the_bounds(text: str, ranges: list[tuple[int, int, float]]) -> None:
    lows = {name: float(low) for name, (low, _, _) in zip(NAMES, ranges, strict=True)}
    highs = {n: float(low + more + 1) for n, (low, more, _) in zip(NAMES, ranges, strict=True)}
    inside = {
        name: max(1.0, min(highs[name], lows[name] + part * (highs[name] - lows[name])))
        for name, (_, _, part) in zip(NAMES, ranges, strict=True)
    }

    low, high = parsed(text).bounds(columns(**lows), columns(**highs))
    value, _ = parsed(text).evaluate(columns(**inside))

    assert low[0] <= value[0] <= high[0]


@examples(120)
@given(formulas(), st.tuples(sensible, sensible, sensible))
def test_points_for_ranges_give_the_value_bit_for_bit(
    text: str, numbers: tuple[float, ...]
) -> None:
    point = columns(**dict(zip(NAMES, numbers, strict=True)))

    value, _ = parsed(text).evaluate(point)
    low, high = parsed(text).bounds(point, point)

    assert value.tobytes() == low.tobytes() == high.tobytes() or np.isnan([value, low, high]).all()


@pytest.mark.parametrize(
    ("text", "a", "b", "surely", "maybe"),
    [
        ("a == b", (-1, 1), (0, 0), False, True),
        ("a == b", (1e-9, 1), (0, 0), False, False),
        ("a == b", (0, 0), (0, 0), True, True),
        ("a != b", (-1, 1), (0, 0), False, True),
        ("a != b", (0, 1), (0, 0), False, True),
        ("a != b", (-1, 0), (0, 0), False, True),
        ("a != b", (1, 2), (0, 0), True, True),
        ("a > b", (0, 4), (2, 9), False, True),
        ("a < b", (0, 4), (2, 9), False, True),
        ("a > b", (4.999999998e-10, 5e-10), (0, 0), False, True),
        ("a > b", (0, 4.999999998e-10), (0, 0), False, False),
        ("a < b", (0, 1), (0, 0), False, False),
        ("a > b", (np.nan, 1), (2, 2), False, True),
        ("1 / a > b", (-1, 0.5), (0, 0), False, True),
        ("1 / a > b", (-2, 0), (0, 0), False, True),
        ("b < 1 / a", (0, 1), (0, 0), False, True),
    ],
)
def test_a_comparison_of_ranges_says_what_is_sure_and_what_may_be(
    text: str, a: tuple[float, float], b: tuple[float, float], *, surely: bool, maybe: bool
) -> None:
    lows, highs = columns(a=a[0], b=b[0]), columns(a=a[1], b=b[1])

    found = parse_comparison(text).ranges(lows, highs)

    assert [each.tolist() for each in found] == [[surely], [maybe]]


def test_a_comparison_takes_numbers_up_to_the_greatest_power_of_ten() -> None:
    assert parse_comparison("a > 0").holds({"a": Decimal("9e400")})
    with pytest.raises(FormulaError, match=r"a is 1E\+401: no number to compute with"):
        parse_comparison("a > 0").holds({"a": Decimal("1e401")})


def test_what_no_float_holds_has_bounds_without_a_warning() -> None:
    huge, small = columns(a=1e200, b=1.0), columns(a=1e300, b=2.0)

    assert parse_formula("a * a").bounds(huge, small)[1].tolist() == [np.inf]
    assert parse_comparison("a * a > b").ranges(huge, small)[1].tolist() == [True]
    assert parse_comparison("a * a > a * a").test(huge).tolist() == [False]


def test_comparisons_round_their_difference_half_up_to_nine_decimals() -> None:
    numbers = columns(a=[4.999999998e-10, 5e-10, 1.0], b=[0, 0, 1.0])

    assert parse_comparison("a > b").test(numbers).tolist() == [False, True, False]


@pytest.mark.parametrize("text", ["a", "-a", "a + b"])
def test_where_a_divisor_was_0_is_a_yes_or_no(text: str) -> None:
    _, zero = parse_formula(text).evaluate(columns(a=1, b=2))

    assert zero.dtype == np.bool_


def test_a_comparison_keeps_its_text_and_may_be_as_deep_as_a_formula() -> None:
    assert parse_comparison(" (a)  < b").text == "(a)  < b"
    for text in (f"{'-' * 49}a > b", f"b > {'-' * 49}a"):
        assert parse_comparison(text).metrics == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        (
            "a in b",
            "a comparison other than <= < >= > == != is not allowed: 'a in b' (character 1)",
        ),
    ],
)
def test_a_refusal_is_said_in_these_words(text: str, message: str) -> None:
    with pytest.raises(FormulaError) as refusal:
        parse_comparison(text)

    assert str(refusal.value) == message
