"""The presets of open data, on recorded answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.http_json import HttpJson
from tests.connectors.asking import observe
from tests.connectors.preset import found_by, from_preset, recorded
from tests.source_server import Served, SourceServer, as_json


def ckan(url: str, folder: Path, **rows: Any) -> HttpJson:
    asked = {
        "agency": {"id": "so-tttt"},
        "metrics": {"a": {"path": "applications", "aggregate": "sum", "on_null": "zero"}},
        **rows,
    }
    values = {"resource": "2e903dca-a99c-4c28-855a-a6362c3d881b"}
    return from_preset("ckan-datastore", url, folder, values=values, requests={"rows": asked})


def test_a_ckan_table_is_read_page_by_page(source_server: SourceServer, tmp_path: Path) -> None:
    source_server.says(
        recorded("ckan/datastore_search_p1.json"),
        recorded("ckan/datastore_search_p2.json"),
        recorded("ckan/datastore_search_empty.json"),
    )

    answer = observe(ckan(source_server.url, tmp_path))

    assert [asked.query["offset"] for asked in source_server.asked] == ["0", "5", "10"]
    assert source_server.asked[0].query["resource_id"].startswith("2e903dca")
    # Of the 36 rows that it says it has ten were recorded: whoever admits this run holds it.
    assert (answer.received, answer.declared) == (10, 36)
    assert answer.observations[0].value == 9 * 141713


def test_a_ckan_table_is_filtered_by_the_window(
    source_server: SourceServer, tmp_path: Path
) -> None:
    rest = {"records": [{"_id": 26, "applications": 1}], "total": 3}
    source_server.says(
        recorded("ckan/datastore_search_filters.json"), as_json({"success": True, "result": rest})
    )
    connector = ckan(
        source_server.url,
        tmp_path,
        window={"period": "month"},
        query={"filters": '{"month": "{window.start:%Y-%m-%d}"}'},
    )

    found = found_by(connector, periods=("2012-09",))

    assert found == {("a", "so-tttt"): 141713 + 2511581 + 1}
    assert json.loads(source_server.asked[0].query["filters"]) == {"month": "2012-09-01"}


@pytest.mark.parametrize(
    ("file", "status", "reason"),
    [
        ("error_403.json", 403, "auth"),
        ("error_404.json", 404, "source"),
        ("error_404.json", 200, "content"),
    ],
)
def test_a_ckan_error_is_one_with_whatever_status(
    source_server: SourceServer, tmp_path: Path, file: str, status: int, reason: str
) -> None:
    source_server.says(Served(recorded(f"ckan/{file}").body, status))

    with pytest.raises(SourceError) as caught:
        observe(ckan(source_server.url, tmp_path))

    assert caught.value.reason == reason


def test_socrata_rows_are_read_to_a_short_page(source_server: SourceServer, tmp_path: Path) -> None:
    source_server.says(
        recorded("socrata/bike_counts_page_1.json"), recorded("socrata/bike_counts_page_2.json")
    )
    rows = {
        "agency": {"id": "so-tttt"},
        "data_at": "date",
        "metrics": {
            "a": {"path": "counts", "aggregate": "sum"},
            "b": {"path": "id", "aggregate": "count"},
            "c": {"path": "counts", "aggregate": "last"},
        },
    }
    connector = from_preset(
        "socrata",
        source_server.url,
        tmp_path,
        values={"dataset": "q5rh-s2pv"},
        requests={"rows": rows},
    )

    found = found_by(connector)

    pages = [json.loads(recorded(f"socrata/bike_counts_page_{n}.json").body) for n in (1, 2)]
    total = sum(int(row["counts"]) for page in pages for row in page)
    assert found == {("a", "so-tttt"): total, ("b", "so-tttt"): 1001, ("c", "so-tttt"): 3}
    assert source_server.paths() == ["/resource/q5rh-s2pv.json"] * 2
    assert [asked.query for asked in source_server.asked] == [
        {"$order": ":id", "$offset": "0", "$limit": "1000"},
        {"$order": ":id", "$offset": "1000", "$limit": "1000"},
    ]


def test_socrata_that_lets_nobody_in_is_an_error_of_authentication(
    source_server: SourceServer, tmp_path: Path
) -> None:
    source_server.says(Served(recorded("socrata/403_response_json.txt").body, 403))
    rows = {"agency": {"id": "so-tttt"}, "metrics": {"a": {"path": "a"}}}
    values, url = {"dataset": "x"}, source_server.url
    connector = from_preset("socrata", url, tmp_path, values=values, requests={"rows": rows})

    with pytest.raises(SourceError) as caught:
        observe(connector)

    assert caught.value.reason == "auth"


def performance(url: str, folder: Path, **data: Any) -> HttpJson:
    asked = {"agency": {"id": "so-tttt"}, **data}
    values = {"group": "licensing", "type": "applications"}
    own: dict[str, Any] = {"values": values, "requests": {"data": asked}, "kind": "period_total"}
    return from_preset("govuk-performance", url, folder, **own)


def test_weeks_of_govuk_performance_add_up(source_server: SourceServer, tmp_path: Path) -> None:
    source_server.says(recorded("govuk-performance/licensing_applications.json"))
    metrics = {"a": {"path": "_count", "aggregate": "sum"}}
    connector = performance(source_server.url, tmp_path, metrics=metrics, query={"period": "week"})

    found = found_by(connector, periods=("2013",))

    assert found == {("a", "so-tttt"): 1086 + 1264 + 704 + 1562 + 1441 + 1197 + 1499 + 1648 + 1552}
    assert source_server.paths() == ["/data/licensing/applications"]
    assert source_server.asked[0].query == {
        "start_at": "2013-01-01T00:00:00Z",
        "end_at": "2014-01-01T00:00:00Z",
        "period": "week",
    }


def test_what_was_not_reported_to_govuk_performance_is_missing(
    source_server: SourceServer, tmp_path: Path
) -> None:
    source_server.says(recorded("govuk-performance/transaction-data.json"))
    connector = performance(
        source_server.url,
        tmp_path,
        agency={"id": None, "code": "dashboard_slug", "system": "register"},
        drop_when="user_satisfaction_score == `null` && digital_takeup == `null`",
        metrics={"a": {"path": "user_satisfaction_score"}, "b": {"path": "digital_takeup"}},
    )

    answer = observe(connector, periods=("2015",))

    rows = json.loads(recorded("govuk-performance/transaction-data.json").body)["data"]
    told = [row.get(key) for key in ("user_satisfaction_score", "digital_takeup") for row in rows]
    assert len(answer.observations) == sum(value is not None for value in told) > 0
    assert answer.received == len(rows)


def test_the_newest_row_of_govuk_performance_is_the_last(
    source_server: SourceServer, tmp_path: Path
) -> None:
    source_server.says(recorded("govuk-performance/kpi.json"))
    connector = performance(
        source_server.url,
        tmp_path,
        data_at="_timestamp",
        metrics={"a": {"path": "number_of_transactions", "aggregate": "last"}},
    )

    assert found_by(connector, periods=("2012",)) == {("a", "so-tttt"): 2481770}


def test_a_group_of_govuk_performance_is_a_row(source_server: SourceServer, tmp_path: Path) -> None:
    rows = [{"unit": f"H{n}", "_group_count": 2.0, "volume:sum": n * 10.0} for n in range(2)]
    source_server.says(as_json({"data": rows}))
    connector = performance(
        source_server.url,
        tmp_path,
        agency={"id": None, "code": "unit", "system": "register"},
        query={"group_by": "unit", "collect": "volume:sum"},
        metrics={"a": {"path": '"volume:sum"'}},
    )

    assert found_by(connector) == {("a", "H0"): 0, ("a", "H1"): 10}
