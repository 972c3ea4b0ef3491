"""What no row of an answer has is a mistake of who described it, or another answer than before."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.http_json import HttpJson
from tests.connectors.asking import observe
from tests.source_server import SourceServer, as_json

WAY_OUT = "if the source leaves it out when it is empty, write"


def declared(url: str, **request: Any) -> HttpJson:
    asked = {
        "path": "/report",
        "agency": {"code": "unit"},
        "metrics": {"feedback_received": {"path": "received"}},
    }
    options = {"base_url": url, "allow": ["base_url"], "requests": {"rows": asked | request}}
    return HttpJson.model_validate(options)


def units(**values: Any) -> list[dict[str, Any]]:
    return [{"id": n, "unit": f"H{n}", **values} for n in range(3)]


def refused(source_server: SourceServer, body: Any, **request: Any) -> SourceError:
    source_server.says(as_json(body))
    with pytest.raises(SourceError) as caught:
        observe(declared(source_server.url, **request))
    return caught.value


@pytest.mark.parametrize("on_null", ["missing", "zero", "error"])
def test_a_metric_that_no_row_has_fails_the_run(source_server: SourceServer, on_null: str) -> None:
    metrics = {"feedback_received": {"path": "received", "on_null": on_null}}
    error = refused(source_server, units(received_total=5), metrics=metrics)

    assert error.reason == "content"
    assert str(error).startswith(
        "requests.rows: none of 3 rows has `received` (metric feedback_received); "
        f"they have: id, unit, received_total ({WAY_OUT} `received || null`)"
    )


@pytest.mark.parametrize("aggregate", ["sum", "count", "last"])
def test_an_aggregate_of_what_no_row_has_fails_the_run(
    source_server: SourceServer, aggregate: str
) -> None:
    metrics = {"feedback_received": {"path": "received", "aggregate": aggregate}}

    assert "has `received`" in str(refused(source_server, units(), metrics=metrics))


def test_an_agency_that_no_row_names_fails_the_run(source_server: SourceServer) -> None:
    error = refused(source_server, units(received=1), agency={"code": "office"})

    assert "none of 3 rows has `office` (agency)" in str(error)


def test_a_time_that_no_row_says_fails_the_run(source_server: SourceServer) -> None:
    error = refused(source_server, units(received=1), data_at="updated")

    assert "none of 3 rows has `updated` (data_at)" in str(error)


def test_a_step_on_the_way_that_no_row_has_is_shown_where_it_is(
    source_server: SourceServer,
) -> None:
    metrics = {"feedback_received": {"path": "sums.year.received"}}
    error = refused(source_server, units(sums={"month": 1, "total": 2}), metrics=metrics)

    assert "they have: sums.month, sums.total (" in str(error)


def test_one_row_is_spoken_of_as_one(source_server: SourceServer) -> None:
    error = refused(source_server, [{"unit": "H1", "sent": 2}])

    assert "requests.rows: the one row lacks `received`" in str(error)
    assert "it has: unit, sent" in str(error)


def test_no_long_list_of_names_is_shown(source_server: SourceServer) -> None:
    error = refused(source_server, [{f"column_{n}_{'x' * 80}": n for n in range(50)} | {"unit": 1}])

    assert "column_0_" in str(error)
    assert len(str(error)) < 800


def test_rows_that_are_left_out_do_not_count(source_server: SourceServer) -> None:
    rows = [*units(), {"unit": "all", "received": 9}]
    error = refused(source_server, rows, drop_when="unit == 'all'")

    assert "none of 3 rows has `received`" in str(error)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        units(received=None),
        [*units(), {"unit": "H9", "received": 1}],
        [*units(), {"unit": "H9", "received": None}],
    ],
)
def test_what_one_row_has_is_there(source_server: SourceServer, rows: list[Any]) -> None:
    source_server.says(as_json(rows))

    answer = observe(declared(source_server.url))

    assert answer.received == len(rows)


@pytest.mark.parametrize("path", ["a.received", "received || null"])
def test_a_null_on_the_way_and_an_expression_are_not_judged(
    source_server: SourceServer, path: str
) -> None:
    source_server.says(as_json(units(a=None)))
    metrics = {"feedback_received": {"path": path, "on_null": "zero"}}

    answer = observe(declared(source_server.url, metrics=metrics))

    assert [one.value for one in answer.observations] == [Decimal(0)] * 3


@pytest.mark.parametrize("path", ["late", "length(received)"])
def test_only_what_is_fed_is_asked_of_the_rows(source_server: SourceServer, path: str) -> None:
    metrics = {"received": {"path": "received"}, "late": {"path": path}}
    asked = {"agency": {"code": "unit"}, "path": "/report", "metrics": metrics}
    options = {
        "base_url": source_server.url,
        "allow": ["base_url"],
        "requests": {"rows": asked},
        "metrics": {"feedback_received": "received"},
    }
    source_server.says(as_json(units(received=4)))

    assert len(observe(HttpJson.model_validate(options)).observations) == 3
