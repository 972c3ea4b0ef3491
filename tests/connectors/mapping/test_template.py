"""Places in strings are filled by the window in the province's zone, and by the page."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collector.periods import parse_period
from connectors.base import SourceError
from connectors.mapping.template import (
    End,
    Filling,
    each_names,
    fill,
    fill_path,
    fill_text,
    places_of,
)
from tests.connectors.asking import ZONE


@pytest.mark.parametrize(
    ("period", "end", "text", "filled"),
    [
        ("2024", "exclusive", "{window.start:%d/%m/%Y}", "01/01/2024"),
        ("2024", "exclusive", "to {window.end:%d/%m/%Y}!", "to 01/01/2025!"),
        ("2024", "inclusive", "{window.start:%d/%m}-{window.end:%d/%m/%Y}", "01/01-31/12/2024"),
        ("2024-02", "inclusive", "{window.end:%Y-%m-%dT%H:%M:%S.999Z}", "2024-02-29T23:59:59.999Z"),
        ("2024-02", "inclusive", "{window.end:%H:%M:%S.%f}", "23:59:59.999999"),
        ("2024-Q3", "inclusive", "{window.start:%Y%m}/{window.end:%Y%m}", "202407/202409"),
        ("2024-10-16", "exclusive", "{window.start:%Y-%m-%dT%H%z}", "2024-10-16T00+0700"),
        ("2024-10-16", "exclusive", "{window.start:epoch}", "1729011600"),
        ("2024-10-16", "inclusive", "{window.end:epoch_ms}", "1729097999999"),
        ("2024", "exclusive", '{"a": {}, "{b}": "{0}"}', '{"a": {}, "{b}": "{0}"}'),
    ],
)
def test_a_window_is_written_as_the_source_wants_it(
    period: str, end: End, text: str, filled: str
) -> None:
    filling = Filling(parse_period(period).window(ZONE), end)

    assert fill_text(text, filling) == filled


def test_strings_deep_inside_are_filled_and_all_else_stays() -> None:
    filling = Filling(parse_period("2024").window(ZONE), page=3)

    filled = fill({"a": ["{page}", 7, None, {"b": "{window.start:%Y}"}]}, filling)

    assert filled == {"a": [3, 7, None, {"b": "2024"}]}
    assert fill("page {page}", filling) == "page 3"


def test_a_window_can_be_written_by_another_clock() -> None:
    filling = Filling(parse_period("2024-10").window(ZONE), "inclusive", ZoneInfo("UTC"))

    filled = fill_text("{window.start:%Y-%m-%dT%H:%MZ} {window.end:%d %H:%M}", filling)

    assert filled == "2024-09-30T17:00Z 31 16:59"


def test_what_is_asked_for_one_by_one_stands_in_its_places() -> None:
    many = Filling(each={"id": 7, "file": "a b"})

    assert fill({"id": "{each}", "at": "x{each}"}, Filling(each=7)) == {"id": 7, "at": "x7"}
    assert fill(["{each.id}", "{each.file}"], many) == [7, "a b"]
    assert each_names(["{each}", {"a": "{each.id}/{page}"}]) == {"", "id"}


@pytest.mark.parametrize(
    ("value", "path"),
    [("a/b", "/s/a%2Fb/x"), ("a?b#c", "/s/a%3Fb%23c/x"), ("Sở", "/s/S%E1%BB%9F/x"), (7, "/s/7/x")],
)
def test_nothing_that_is_asked_for_leaves_its_place_in_a_path(value: Any, path: str) -> None:
    assert fill_path("/s/{each}/x", Filling(each=value)) == path


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_nothing_that_is_asked_for_walks_up_a_path(value: str) -> None:
    with pytest.raises(SourceError, match="cannot stand in a path"):
        fill_path("/s/{each}/x", Filling(each=value))


def test_the_places_of_a_value_are_known_beforehand() -> None:
    assert places_of({"a": ["p{page}"], "b": ("{window.end:%Y}",)}) == {"page", "window"}
    assert places_of("{nothing} {pages} {} {0}") == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "{window.begin:%Y}",
        "{window.start}",
        "{window.start:}",
        "{ page }",
        "{page:03d}",
        "{each.}",
        "{each.a.b}",
        "{values.site}",
        "{window.start:%s}",
        "{window.start:%c}",
        "{window.start:yyyy}",
        "{window.start:%}",
    ],
)
def test_what_is_almost_a_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"place|format"):
        places_of(text)
