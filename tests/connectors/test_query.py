"""An expression asked of all rows finds in each what it finds in that row alone."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.query import query_of

ROWS: list[Any] = [
    {"a": 1, "b": {"c": 2, "d": None}},
    {"a": None, "b": 3},
    {"b": {}},
    {"a": False, "null": 7},
    {"a": {}, "b": {"c": []}},
    {"a": "", "b": None},
    {"a": [1], "b": {"c": {"e": False}}},
    {},
    None,
    "text",
    [{"a": 1}],
]


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "b.c",
        "b.c.e",
        "@",
        "a || b",
        "b.c || null",
        "a || `5`",
        "a == `1`",
        "b.c && 'x'",
        "[0].a",
        "[a, b]",
    ],
)
def test_rows_together_say_what_each_says_alone(text: str) -> None:
    query = query_of(text)

    assert query.column(ROWS) == [query.of(row) for row in ROWS]


def test_a_row_of_the_wrong_type_is_an_error_of_content() -> None:
    with pytest.raises(SourceError, match="length") as caught:
        query_of("length(a)").column([{"a": "x"}, {"a": 1}])

    assert caught.value.reason == "content"


@pytest.mark.parametrize(
    ("text", "value", "wanted"),
    [
        ("to_number(@)", Decimal("84.9"), Decimal("84.9")),
        ("to_number(@)", 7, 7),
        ("to_number(@)", "12", 12),
        ("to_number(@)", "1.300", "1.300"),
        ("to_number(@)", True, None),
        ("sum(@)", [Decimal("0.5"), 2], Decimal("2.5")),
        ("avg(@)", [Decimal("0.5"), 2], Decimal("1.25")),
        ("max(@)", [Decimal("2.5"), 2], Decimal("2.5")),
        ("sort(@)", [2, Decimal("1.5")], [Decimal("1.5"), 2]),
        ("max_by(@, &a).a", [{"a": Decimal("1.5")}, {"a": 3}], 3),
        ("type(@)", Decimal("1.5"), "number"),
        ("to_string(@)", Decimal("1.5"), "1.5"),
    ],
)
def test_functions_take_decimals_as_the_numbers_that_they_are(
    text: str, value: Any, wanted: Any
) -> None:
    found = query_of(text).of(value)

    assert (found, type(found)) == (wanted, type(wanted))


@pytest.mark.parametrize("text", ["sum(@)", "ceil(@[0])"])
def test_a_number_that_no_function_can_bear_is_an_error_of_content(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        query_of(text).of([Decimal("Infinity"), Decimal("-Infinity")])

    assert caught.value.reason == "content"
