"""One request an agency, a value or a row; and what the rows of an agency come to."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.http import NO_WAIT
from connectors.http_json import HttpJson
from tests.connectors.asking import NOW, ask_with, asking, observe
from tests.source_server import Asked, Served, SourceServer, as_json


def declared(url: str, sites: Any = None, **request: Any) -> HttpJson:
    asked = {
        "records": "rows",
        "agency": {"code": "code", "system": "register"},
        "metrics": {"sent": {"path": "sent"}},
        **request,
    }
    options = {"base_url": url, "allow": "base_url", "limits": NO_WAIT, "requests": [asked]}
    return HttpJson.model_validate({**options, "sites": sites or {}})


def values_of(connector: HttpJson, **asked: Any) -> list[tuple[str, str, Decimal | str]]:
    answer = observe(connector, **asked)
    return [(one.metric, one.agency, one.value) for one in answer.observations]


def test_each_agency_is_asked_for_by_its_code(source_server: SourceServer) -> None:
    source_server.answer = lambda asked: as_json({"rows": [{"sent": int(asked.query["u"][1:])}]})
    connector = declared(
        source_server.url,
        for_each="agencies",
        query={"u": "{each}"},
        agency={"each": True, "system": "x"},
    )

    found = values_of(connector, codes=("H5", "H6"))

    assert found == [("sent", "H5", Decimal(5)), ("sent", "H6", Decimal(6))]


def test_each_listed_code_is_asked_for(source_server: SourceServer) -> None:
    source_server.answer = lambda asked: as_json({"rows": [{"sent": 1, "at": asked.path}]})
    listed = {"a/b": "so-tttt", "c": "so-tttt", "d": "so-gtvt"}
    metrics = {"sent": {"path": "sent", "aggregate": "sum"}}
    connector = declared(
        source_server.url,
        listed,
        for_each="agencies",
        path="/s/{each}",
        agency={"each": True},
        metrics=metrics,
    )

    found = values_of(connector)

    assert found == [("sent", "so-tttt", Decimal(2)), ("sent", "so-gtvt", Decimal(1))]
    assert source_server.paths() == ["/s/a%2Fb", "/s/c", "/s/d"]


def test_codes_of_one_agency_are_taken_together(source_server: SourceServer) -> None:
    """An old code and a new one in one answer, each of its own time."""
    rows = [
        {"code": "OLD", "n": 7, "at": "2024-02-01T00:00:00Z"},
        {"code": "NEW", "n": 900, "at": "2024-05-01T00:00:00Z"},
        {"code": "OLD", "n": 1, "at": "2024-06-01T00:00:00Z"},
        {"code": "OTHER", "n": 5, "at": "2024-05-01T00:00:00Z"},
    ]
    source_server.says(as_json({"rows": rows}))
    sent = {"sent": {"path": "n", "aggregate": "sum"}}
    connector = declared(source_server.url, data_at="at", metrics=sent)
    changed_us = 1_711_929_600_000_000  # 2024-04-01

    def whose(code: str, at_us: int) -> str | None:
        return {("OLD", True): "so-tttt", ("NEW", False): "so-tttt"}.get((code, at_us < changed_us))

    with asking(connector) as http:
        found = connector.observe(replace(ask_with(http), whose=whose)).observations

    assert [(one.agency, one.value) for one in found] == [
        ("NEW", Decimal(907)),
        ("OLD", Decimal(1)),
        ("OTHER", Decimal(5)),
    ]


def test_a_total_holds_no_row_of_another_time_than_was_asked_for(
    source_server: SourceServer,
) -> None:
    rows = [
        {"code": "H1", "n": 2131, "at": "2023-03-05T00:00:00Z"},
        {"code": "H1", "n": 100, "at": "2024-03-05T00:00:00Z"},
        {"code": "H2", "n": 3, "at": "2024-03-05T00:00:00Z"},
    ]
    source_server.says(as_json({"rows": rows}), as_json({"rows": rows}))
    for aggregate, value in (("sum", Decimal(3)), ("count", Decimal(1))):
        sent = {"sent": {"path": "n", "aggregate": aggregate}}
        window = {"period": "year", "zone": "Asia/Ho_Chi_Minh"}
        connector = declared(source_server.url, data_at="at", window=window, metrics=sent)

        (_, _, wrong), right = values_of(connector)

        assert str(wrong).startswith("data_at is outside of 2024")
        assert right == ("sent", "H2", value)


def test_each_value_is_asked_for(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json({"rows": [{"code": "H1", "sent": 4}]})
    connector = declared(
        source_server.url,
        method="POST",
        for_each={"values": ["in", "out"]},
        json={"kind": "{each}"},
        metrics={"sent": {"path": "sent", "aggregate": "sum"}},
    )

    assert values_of(connector) == [("sent", "H1", Decimal(8))]
    assert [asked.json for asked in source_server.asked] == [{"kind": "in"}, {"kind": "out"}]


def sites(asked: Asked) -> Served:
    """Three sites on two pages, each with its own total."""
    if asked.path == "/sites":
        rows = [{"id": n, "unit": {"name": f"H{n % 2}"}, "off": n == 3} for n in range(1, 4)]
        start = (int(asked.query["page"]) - 1) * 2
        return as_json({"rows": rows[start : start + 2], "total": 3})
    number = int(asked.path.split("/")[2])
    return as_json({"rows": [{"sent": number}, {"sent": 10}], "total": 2})


LISTING = {
    "path": "/sites",
    "pages": {"type": "page_number", "param": "page", "size": 2, "total": "total"},
    "records": "rows",
    "each": {"id": "id", "unit": "unit.name"},
}
OF_SITES = {
    "for_each": LISTING,
    "path": "/sites/{each.id}",
    "pages": {"type": "single", "total": "total"},
    "agency": {"each": "unit", "system": "register"},
    "metrics": {
        "sent": {"path": "sent", "aggregate": "sum"},
        "rows": {"path": "sent", "aggregate": "count"},
    },
}


def test_each_row_of_an_earlier_answer_is_asked_for(source_server: SourceServer) -> None:
    source_server.answer = sites
    connector = declared(source_server.url, **OF_SITES)

    answer = observe(connector)

    assert [(one.metric, one.agency, one.value) for one in answer.observations] == [
        ("sent", "H1", Decimal(24)),
        ("sent", "H0", Decimal(12)),
        ("rows", "H1", Decimal(4)),
        ("rows", "H0", Decimal(2)),
    ]
    assert source_server.paths() == ["/sites", "/sites", "/sites/1", "/sites/2", "/sites/3"]
    assert (answer.received, answer.declared) == (6, 6)
    assert answer.observations[0].where == "requests[0] 4 rows, 1 to 6 sent"


def test_rows_that_are_dropped_are_not_asked_for(source_server: SourceServer) -> None:
    source_server.answer = sites
    connector = declared(
        source_server.url, **OF_SITES | {"for_each": LISTING | {"drop_when": "off"}}
    )

    observe(connector)

    assert source_server.paths()[2:] == ["/sites/1", "/sites/2"]


def test_a_list_that_is_not_whole_fails_the_run(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json({"rows": [{"id": 1}], "total": 5})
    listing = {
        "path": "/sites",
        "pages": {"total": "total", "type": "single"},
        "records": "rows",
        "each": "id",
    }

    with pytest.raises(SourceError, match="declared 5 rows, received 1") as caught:
        observe(declared(source_server.url, for_each=listing, path="/{each}"))

    assert caught.value.reason == "content"


@pytest.mark.parametrize("bad", [{}, {"id": None}, {"id": True}, {"id": [1]}])
def test_a_row_that_does_not_say_what_to_ask_for_fails_the_run(
    source_server: SourceServer, bad: Any
) -> None:
    source_server.answer = lambda _: as_json({"rows": [{"id": 1}, bad]})
    listing = {"records": "rows", "each": "id"}

    with pytest.raises(SourceError, match="for_each row 2 has no 'id'"):
        observe(declared(source_server.url, for_each=listing, path="/{each}"))


def test_one_part_that_fails_fails_the_run(source_server: SourceServer) -> None:
    source_server.answer = lambda asked: (
        sites(asked) if asked.path != "/sites/2" else Served(status=404)
    )

    with pytest.raises(SourceError, match="404"):
        observe(declared(source_server.url, **OF_SITES))


def test_an_empty_list_asks_for_nothing(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json({"rows": []})
    listing = {"records": "rows", "each": "id"}

    answer = observe(declared(source_server.url, for_each=listing, path="/{each}"))

    assert (answer.observations, answer.received) == ((), 0)
    assert len(source_server.asked) == 1


def test_the_window_is_that_of_the_request_in_its_list_too(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json({"rows": [{"id": 1, "code": "H1", "sent": 3}]})
    listing = {"records": "rows", "each": "id", "query": {"y": "{window.start:%Y}"}}
    connector = declared(
        source_server.url, for_each=listing, path="/{each}", window={"period": "year"}
    )

    observe(connector, periods=("2023", "2024"))

    assert [asked.query for asked in source_server.asked] == [{"y": "2023"}, {}, {"y": "2024"}, {}]


def test_a_span_before_now_speaks_of_the_moment(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json({"rows": [{"code": "H1", "sent": 3}]})
    query = {"from": "{window.start:%Y-%m-%d %H:%M}", "to": "{window.end:%Y-%m-%d %H:%M}"}
    window = {"look_back": "7d"}
    connector = declared(source_server.url, query=query, window=window)

    (one,) = observe(connector, periods=("2023", "2024")).observations

    assert source_server.asked[0].query == {"from": "2024-10-09 16:00", "to": "2024-10-16 16:00"}
    assert (one.period, one.data_us) == (None, int(NOW.timestamp()) * 1_000_000)
    assert connector.feeds() == {("sent", None)}


def rows_of(source_server: SourceServer, rows: list[Any], **metric: Any) -> list[Any]:
    source_server.answer = lambda _: as_json({"rows": rows})
    metrics = {"sent": {"path": "n", **metric}}
    connector = declared(source_server.url, metrics=metrics, data_at="at || null")
    return [one.value for one in observe(connector).observations]


def test_a_sum_is_exact(source_server: SourceServer) -> None:
    big, small = "9" * 40, "0.1"
    rows = [{"code": "H1", "n": big}, {"code": "H1", "n": small}]

    assert rows_of(source_server, rows, aggregate="sum") == [Decimal(f"{big}.1")]


@pytest.mark.parametrize(
    ("on_null", "value"), [("missing", []), ("zero", [Decimal(5)]), ("error", ["null"])]
)
def test_a_null_in_a_sum_is_what_its_metric_says(
    source_server: SourceServer, on_null: str, value: list[Any]
) -> None:
    rows = [{"code": "H1", "n": 5}, {"code": "H1", "n": None}]

    assert rows_of(source_server, rows, aggregate="sum", on_null=on_null) == value


@pytest.mark.parametrize("bad", ["12 %", "1,5", True, [1]])
def test_a_value_that_is_none_refuses_the_sum(source_server: SourceServer, bad: Any) -> None:
    rows = [{"code": "H1", "n": None}, {"code": "H1", "n": bad}, {"code": "H2", "n": 3}]

    first, second = rows_of(source_server, rows, aggregate="sum")

    assert isinstance(first, str)
    assert second == Decimal(3)


def test_what_is_not_finite_refuses_the_sum(source_server: SourceServer) -> None:
    source_server.answer = lambda _: Served(
        b'{"rows": [{"code": "H1", "n": 1}, {"code": "H1", "n": 1e999}]}'
    )
    metrics = {"sent": {"path": "n", "aggregate": "sum"}}

    ((_, _, value),) = values_of(declared(source_server.url, metrics=metrics))

    assert value == "1e999"


def test_rows_are_counted_where_the_path_holds(source_server: SourceServer) -> None:
    found: tuple[Any, ...] = (True, False, None, "", "x", 0, [], 3)
    rows = [{"code": "H1", "n": n} for n in found]
    rows += [{"code": "H2", "n": None}]

    assert rows_of(source_server, rows, aggregate="count") == [Decimal(4), Decimal(0)]


def test_the_newest_row_that_has_a_value_is_the_last(source_server: SourceServer) -> None:
    rows = [
        {"code": "H1", "n": 1, "at": "2024-10-01"},
        {"code": "H1", "n": 3, "at": "2024-10-03"},
        {"code": "H1", "n": 2, "at": "2024-10-02"},
        {"code": "H1", "n": None, "at": "2024-10-04"},
    ]

    assert rows_of(source_server, rows, aggregate="last") == [Decimal(3)]


def test_without_times_the_last_row_is_the_last(source_server: SourceServer) -> None:
    rows = [{"code": "H1", "n": 1}, {"code": "H2", "n": 9}, {"code": "H1", "n": 2}]

    assert rows_of(source_server, rows, aggregate="last") == [Decimal(2), Decimal(9)]


def test_one_time_that_is_none_refuses_the_whole(source_server: SourceServer) -> None:
    rows = [{"code": "H1", "n": 1, "at": "soon"}, {"code": "H1", "n": 2, "at": "2024-10-02"}]

    for aggregate in ("sum", "count", "last"):
        (value,) = rows_of(source_server, rows, aggregate=aggregate)
        assert value == "data_at 'soon' is no time"


def test_requests_can_have_names_and_their_counts_other_ones_than_ours(
    source_server: SourceServer,
) -> None:
    source_server.answer = lambda _: as_json([{"code": "H1", "a": 1, "b": 2}])
    agency = {"code": "code", "system": "register"}
    requests = {
        "first": {"agency": agency, "metrics": {"a": {"path": "a"}, "b": {"path": "b"}}},
        "second": {"agency": agency, "metrics": {"c": {"path": "a"}}, "path": "/not-wanted"},
    }
    connector = HttpJson.model_validate(
        {
            "base_url": f"{source_server.url}/{{values.root}}",
            "allow": "base_url",
            "values": {"root": "v1"},
            "requests": requests,
            "metrics": {"sent": "b"},
        }
    )

    (one,) = observe(connector).observations

    assert (one.metric, one.value, one.where) == ("sent", Decimal(2), "requests.first row 1 sent")
    assert source_server.paths() == ["/v1"]
    assert connector.feeds() == {("sent", None)}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"metrics": {"sent": "z"}}, "no request has 'z'; there are a"),
        ({"requests": []}, "at least 1"),
        ({"requests": {}}, "at least 1"),
        ({"base_url": "https://{values.host}"}, r"values\.host is missing"),
        ({"base_url": "https://{values.host}", "values": {"host": ""}}, "missing"),
        ({"values": {"host": None}}, "values.host"),
    ],
)
def test_options_that_do_not_agree_are_refused(options: dict[str, Any], problem: str) -> None:
    request = {"agency": {"code": "c"}, "metrics": {"a": {"path": "a"}}}

    with pytest.raises(ValueError, match=problem):
        HttpJson.model_validate({"base_url": "https://d.example", "requests": [request], **options})
