"""Numbers are read exactly or stay text."""

from decimal import Decimal
from typing import Any

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from connectors.numbers import NumberLocale, decimal_of, read_number, read_numbers


@pytest.mark.parametrize(
    ("locale", "raw", "number"),
    [
        ("plain", 5, "5"),
        ("plain", Decimal("84.30"), "84.3"),
        ("plain", "84.3", "84.3"),
        ("plain", " 18 ", "18"),
        ("plain", "-3", "-3"),
        ("plain", "1e3", "1000"),
        ("plain", "-0", "0"),
        ("plain", 10**30, "1000000000000000000000000000000"),
        ("vi", "1.234", "1234"),
        ("vi", "1.234.567,25", "1234567.25"),
        ("vi", "97,5", "97.5"),
        ("vi", "1234", "1234"),
        ("vi", "-1.000", "-1000"),
        ("vi", 12, "12"),
        ("vi", Decimal("1.5"), "1.5"),
    ],
)
def test_a_number_is_read(locale: NumberLocale, raw: Any, number: str) -> None:
    read = read_number(raw, locale)

    assert isinstance(read, Decimal)
    assert read == Decimal(number)
    assert not (read.is_zero() and read.is_signed())


@pytest.mark.parametrize(
    ("locale", "raw", "text"),
    [
        ("plain", "1,234", "1,234"),
        ("plain", "12 %", "12 %"),
        ("plain", "1_000", "1_000"),
        ("plain", "٣", "٣"),
        ("plain", "NaN", "NaN"),
        ("plain", "Infinity", "Infinity"),
        ("plain", "0x10", "0x10"),
        ("plain", "", ""),
        ("plain", "head", "head"),
        ("plain", True, "true"),
        ("plain", False, "false"),
        ("plain", None, "null"),
        ("plain", [1], "a JSON array"),
        ("plain", {"a": 1}, "a JSON object"),
        ("vi", "12.34", "12.34"),
        ("vi", "1.29", "1.29"),
        ("vi", "1,234.5", "1,234.5"),
        ("vi", "1 234", "1 234"),
        ("vi", "1e5", "1e5"),
        ("vi", "NaN", "NaN"),
        ("vi", "1_000", "1_000"),
        ("vi", ",", ","),
        ("vi", "9" * 400, "9" * 400),
    ],
)
def test_what_is_no_number_stays_text(locale: NumberLocale, raw: Any, text: str) -> None:
    assert read_number(raw, locale) == text


@pytest.mark.parametrize("raw", ["1.300", "12.345", "-2.131", " 999.999.999 "])
def test_a_text_that_may_be_thousands_is_not_read_where_nobody_said_how(raw: str) -> None:
    assert read_number(raw, None) == f"{raw.strip()}: say number: plain or number: vi"
    assert isinstance(read_number(raw, "vi"), Decimal)


def test_thousands_by_comma_are_not_read_where_nobody_said_how() -> None:
    said = "1,300: say number: vi if the comma is the decimal one"
    assert read_number("1,300", None) == said


@pytest.mark.parametrize(
    "raw", ["0.123", "1.30", "1.3000", "1300", "1300.125", Decimal("1.300"), 13]
)
def test_what_can_only_be_plain_is_read_where_nobody_said_how(raw: Any) -> None:
    assert read_number(raw, None) == Decimal(raw)


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=3))
def test_what_babel_writes_in_vietnamese_is_read_back(number: Decimal) -> None:
    written = format_decimal(number, locale="vi", decimal_quantization=False)

    assert read_number(written, "vi") == number


@given(st.text(max_size=50))
def test_any_text_is_a_number_or_itself(raw: str) -> None:
    for locale in ("plain", "vi"):
        read = read_number(raw, "vi" if locale == "vi" else "plain")
        assert isinstance(read, Decimal) or read == raw


_RAWS = st.one_of(
    st.integers(),
    st.sampled_from([10**18 - 1, 10**18, 1 - 10**18, -(10**18), 10**400]),
    st.booleans(),
    st.decimals(allow_nan=False),
    st.text(max_size=20),
    st.builds(list),
    st.builds(dict),
)


@given(st.lists(_RAWS), st.sampled_from(["plain", "vi", None]))
def test_numbers_together_are_those_one_by_one(
    raws: list[Any], locale: NumberLocale | None
) -> None:
    apart = [read_number(raw, locale) for raw in raws]

    assert list(map(repr, read_numbers(raws, locale, None))) == list(map(repr, apart))


@pytest.mark.parametrize("null", [None, Decimal(0), "null"])
def test_a_null_among_numbers_is_what_its_reader_says(null: Decimal | str | None) -> None:
    assert read_numbers([1, None], "plain", null) == [1, null]


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_a_finite_decimal_is_short_enough_to_write_out(number: Decimal) -> None:
    read = decimal_of(str(number))

    if isinstance(read, str):
        assert read == str(number)
    else:
        assert not read.is_finite() or len(f"{read:f}") < 700


@pytest.mark.parametrize("raw", [10**400, -(10**400), "1e400", Decimal("1e400")])
def test_a_number_beyond_all_counts_is_kept_as_it_came(raw: Any) -> None:
    assert read_number(raw, "plain") == str(raw)
