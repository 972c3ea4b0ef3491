"""An expression asked of all rows finds in each what it finds in that row alone."""

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
