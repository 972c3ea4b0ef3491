"""A declared JSON source: what is asked, which rows count, and what each says."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from collector.periods import instant_us, parse_period
from connectors.base import SourceError
from connectors.http import NO_WAIT
from connectors.http_json import HttpJson
from tests.connectors.asking import NOW, ZONE, observe
from tests.source_server import LOGIN_PAGE, Served, SourceServer, as_json

REQUEST: dict[str, Any] = {
    "path": "/report",
    "records": "rows",
    "agency": {"code": "unit.code", "system": "dossiers"},
    "metrics": {"received": {"path": "received"}},
}


def declared(url: str, **request: Any) -> HttpJson:
    return HttpJson.model_validate(
        {"base_url": url, "allow": ["base_url"], "limits": NO_WAIT, "requests": [REQUEST | request]}
    )


def row(code: Any = "H1", **values: Any) -> dict[str, Any]:
    return {"unit": {"code": code}, **values}


def test_a_row_is_an_observation_a_metric(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": [row(received=5, online="1.234"), row("H2", received=6)]}))
    metrics = {"received": {"path": "received"}, "online": {"path": "online", "number": "vi"}}
    connector = declared(
        source_server.url, metrics=metrics, window={"period": "year"}, expect=["online <= received"]
    )

    answer = observe(connector)

    assert [(one.metric, one.agency, one.period, one.value) for one in answer.observations] == [
        ("received", "H1", "2024", Decimal(5)),
        ("online", "H1", "2024", Decimal(1234)),
        ("received", "H2", "2024", Decimal(6)),
    ]
    assert answer.observations[2].where == "requests[0] row 2 received"
    assert connector.feeds() == {("received", "year"), ("online", "year")}
    assert connector.agency_system == "dossiers"
    assert connector.expectations() == ("online <= received",)


def test_the_request_is_sent_as_declared(
    source_server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LGSP_TOKEN", "planted")
    source_server.says(as_json({"rows": []}))
    connector = declared(
        source_server.url,
        method="POST",
        path="/{window.start:%Y}/report",
        query={"tu": "{window.start:%d/%m/%Y}", "unit": ["a", "b"], "all": True, "level": 2},
        headers={"lgspaccesstoken": {"env": "LGSP_TOKEN"}, "X-Year": "{window.start:%Y}"},
        form={"kind": "đơn vị"},
        form_json={"params": {"nam": "{window.start:%Y}", "sizes": [1, 2]}},
        window={"period": "year", "end": "inclusive"},
    )

    observe(connector)

    asked = source_server.asked[0]
    assert (asked.method, asked.path) == ("POST", "/2024/report")
    assert asked.query == {"tu": "01/01/2024", "unit": "b", "all": "true", "level": "2"}
    assert asked.form == {"kind": "đơn vị", "params": '{"nam":"2024","sizes":[1,2]}'}
    assert (asked.headers["lgspaccesstoken"], asked.headers["x-year"]) == ("planted", "2024")


def test_a_json_body_is_filled(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": []}))
    body = {"from": "{window.start:%Y-%m-%d}", "to": "{window.end:%Y-%m-%d}", "deep": [{"n": 1}]}
    window = {"period": "month", "end": "inclusive"}

    observe(
        declared(source_server.url, method="POST", json=body, window=window), periods=("2024-02",)
    )

    assert source_server.asked[0].json == {
        "from": "2024-02-01",
        "to": "2024-02-29",
        "deep": [{"n": 1}],
    }


def test_each_window_of_the_kind_is_asked_for(source_server: SourceServer) -> None:
    source_server.answer = lambda asked: as_json({"rows": [row(received=int(asked.query["y"]))]})
    connector = declared(
        source_server.url, query={"y": "{window.start:%Y}"}, window={"period": "year"}
    )

    answer = observe(connector, periods=("2023", "2024", "2024-10"))

    assert [(one.period, one.value) for one in answer.observations] == [
        ("2023", Decimal(2023)),
        ("2024", Decimal(2024)),
    ]
    ends_us = instant_us(parse_period("2023").window(ZONE).end)
    assert [one.data_us for one in answer.observations] == [ends_us, instant_us(NOW)]


def test_without_a_window_an_answer_speaks_of_now(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": [row(received=1)]}))

    (one,) = observe(declared(source_server.url)).observations

    assert (one.period, one.data_us) == (None, instant_us(NOW))


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2024-10-15T17:30:00+07:00", "2024-10-15T17:30:00+07:00"),
        ("2024-10-15T10:30:00Z", "2024-10-15T17:30:00+07:00"),
        ("2024-10-15T17:30:00", "2024-10-15T17:30:00+07:00"),
        ("2024-10-15", "2024-10-15T00:00:00+07:00"),
    ],
)
def test_a_row_can_say_when_it_is_from(source_server: SourceServer, at: str, said: str) -> None:
    source_server.says(as_json({"rows": [row(received=1, at=at)]}))
    connector = declared(source_server.url, data_at="at", window={"period": "year"})

    (one,) = observe(connector).observations

    assert one.data_us == instant_us(NOW.fromisoformat(said))


@pytest.mark.parametrize(
    ("option", "at", "said"),
    [
        ({"format": "%d/%m/%Y"}, "15/10/2024", "2024-10-15T00:00:00+07:00"),
        (
            {"format": "%d/%m/%Y %H:%M", "zone": "UTC"},
            "15/10/2024 10:30",
            "2024-10-15T17:30:00+07:00",
        ),
        ({"format": "%Y%m%d%H%M%S%z"}, "20241015103000+0000", "2024-10-15T17:30:00+07:00"),
        ({"format": "epoch"}, 1728988200, "2024-10-15T17:30:00+07:00"),
        ({"format": "epoch"}, "1728988200.0", "2024-10-15T17:30:00+07:00"),
        ({"format": "epoch_ms"}, 1728988200000, "2024-10-15T17:30:00+07:00"),
        ({"zone": "UTC"}, "2024-10-15T10:30:00", "2024-10-15T17:30:00+07:00"),
        ({}, "2024-10-15", "2024-10-15T00:00:00+07:00"),
    ],
)
def test_a_time_is_read_as_it_is_written(
    source_server: SourceServer, option: dict[str, str], at: Any, said: str
) -> None:
    source_server.says(as_json({"rows": [row(received=1, at=at)]}))

    (one,) = observe(declared(source_server.url, data_at={"path": "at", **option})).observations

    assert (one.data_us, one.value) == (instant_us(NOW.fromisoformat(said)), Decimal(1))


@pytest.mark.parametrize(
    ("form", "at"),
    [
        ("%d/%m/%Y", "2024-10-15"),
        ("%d/%m/%Y", 20241015),
        ("epoch", "soon"),
        ("epoch", True),
        ("epoch_ms", 1e30),
        ("epoch", "NaN"),
    ],
)
def test_a_time_that_is_written_otherwise_costs_its_row(
    source_server: SourceServer, form: str, at: Any
) -> None:
    source_server.says(as_json({"rows": [row(received=1, at=at)]}))

    (one,) = observe(
        declared(source_server.url, data_at={"path": "at", "format": form})
    ).observations

    assert isinstance(one.value, str)
    assert "is no time" in one.value


def test_a_row_that_says_no_time_is_of_the_default_one(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": [row(received=1, at=None)]}))

    (one,) = observe(declared(source_server.url, data_at="at")).observations

    assert one.data_us == instant_us(NOW)


@pytest.mark.parametrize("at", ["yesterday", 5, "2024-13-01", "15/10/2024", {}])
def test_a_time_that_is_none_costs_its_row(source_server: SourceServer, at: Any) -> None:
    source_server.says(as_json({"rows": [row(received=1, at=at), row("H2", received=2)]}))

    first, second = observe(declared(source_server.url, data_at="at")).observations

    assert isinstance(first.value, str)
    assert first.value.startswith("data_at ")
    assert second.value == Decimal(2)


@pytest.mark.parametrize(
    ("on_null", "value"), [("missing", []), ("zero", [Decimal(0)]), ("error", ["null"])]
)
@pytest.mark.parametrize("values", [{}, {"received": None}])
def test_a_null_is_what_its_metric_says(
    source_server: SourceServer, on_null: str, value: list[Any], values: dict[str, Any]
) -> None:
    source_server.says(as_json({"rows": [row(**values), row("H2", received=2)]}))
    metrics = {"received": {"path": "received", "on_null": on_null}}

    answer = observe(declared(source_server.url, metrics=metrics))

    assert [one.value for one in answer.observations] == [*value, Decimal(2)]
    assert answer.received == 2


def test_a_bad_value_costs_its_row_alone(source_server: SourceServer) -> None:
    source_server.says(
        Served(
            b'{"rows": [{"unit": {"code": "H1"}, "received": NaN},'
            b' {"unit": {"code": "H2"}, "received": "12 %"},'
            b' {"unit": {"code": "H3"}, "received": 1e400},'
            b' {"unit": {"code": "H4"}, "received": 4}]}'
        )
    )

    answer = observe(declared(source_server.url))

    first, second, third, fourth = [one.value for one in answer.observations]
    assert isinstance(first, Decimal)
    assert first.is_nan()
    assert second == "12 %"
    assert third == "1e400"
    assert fourth == 4


def test_roll_ups_are_dropped_but_counted(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": [row("", received=9), row(received=5)], "total": 2}))
    connector = declared(
        source_server.url,
        drop_when="unit.code == ''",
        pages={"type": "single", "total": "total"},
    )

    answer = observe(connector)

    assert [one.agency for one in answer.observations] == ["H1"]
    assert (answer.received, answer.declared) == (2, 2)


def test_numbers_are_compared_as_decimals(source_server: SourceServer) -> None:
    rows = [row(received=84.3), row("H2", received=84.4), row("H3", received=0)]
    source_server.answer = lambda _: as_json({"rows": rows})
    drop_when = "contains(`[84.3]`, received) || received == `84.3` || received < `0.1`"

    for _ in ("read first", "read again, from what the library has kept"):
        (one,) = observe(declared(source_server.url, drop_when=drop_when)).observations

        assert (one.agency, one.value) == ("H2", Decimal("84.4"))


@pytest.mark.parametrize(
    ("code", "agency"), [(6012, "6012"), (" H1 ", "H1"), (None, ""), (["H1"], "['H1']")]
)
def test_a_code_is_text(source_server: SourceServer, code: Any, agency: str) -> None:
    source_server.says(as_json({"rows": [row(code, received=1)]}))

    (one,) = observe(declared(source_server.url)).observations

    assert one.agency == agency


def test_several_requests_are_one_answer(source_server: SourceServer) -> None:
    source_server.says(
        as_json({"rows": [row(received=1)], "total": 3}), as_json([{"c": "H1", "n": 2}])
    )
    second = {
        "path": "/moment",
        "records": "@",
        "agency": {"code": "c", "system": "dossiers"},
        "metrics": {"open": {"path": "n"}},
    }
    counted = {"type": "none", "total": "total"}
    connector = HttpJson.model_validate(
        {
            "base_url": source_server.url,
            "allow": ["base_url"],
            "requests": [
                REQUEST | {"window": {"period": "year"}, "pages": counted},
                second,
            ],
        }
    )

    answer = observe(connector)

    assert [(one.metric, one.period) for one in answer.observations] == [
        ("received", "2024"),
        ("open", None),
    ]
    assert (answer.received, answer.declared) == (2, 4)
    assert connector.feeds() == {("received", "year"), ("open", None)}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"ok": False, "msg": "hết hạn", "rows": []}, "hết hạn"),
        ({"msg": "planted", "rows": []}, "'ok' does not hold"),
    ],
)
def test_an_answer_that_says_it_is_none_is_an_error(
    source_server: SourceServer, body: Any, said: str
) -> None:
    source_server.says(as_json(body))

    with pytest.raises(SourceError, match=said) as caught:
        observe(declared(source_server.url, ok_when="ok", error_message="msg"))

    assert caught.value.reason == "content"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"count": 1, "row": []}, "is not there; the answer has: count, row"),
        ([], "is not there; the answer has: an array of 0"),
        ({"rows": None}, "is not there; the answer has: rows"),
        ({"rows": {"a": 1}}, "is no array; the answer has: rows.a"),
        ({"rows": "none"}, "is no array; the answer has: rows"),
        (7, "is not there; the answer has: no names"),
    ],
)
def test_an_answer_without_its_records_is_an_error_not_an_empty_one(
    source_server: SourceServer, body: Any, problem: str
) -> None:
    source_server.says(as_json(body))

    with pytest.raises(SourceError) as caught:
        observe(declared(source_server.url))

    assert caught.value.reason == "content"
    assert str(caught.value) == f"requests[0]: records `rows` {problem}"


@pytest.mark.parametrize("odd", [None, 5, "H1", [1]])
def test_a_row_that_is_no_object_is_an_error(source_server: SourceServer, odd: Any) -> None:
    source_server.says(as_json({"rows": [row(received=1), odd]}))

    with pytest.raises(SourceError, match="row 2 is no object"):
        observe(declared(source_server.url))


def test_an_expression_that_meets_the_wrong_type_is_an_error_of_content(
    source_server: SourceServer,
) -> None:
    source_server.says(as_json({"rows": [row(received=1)]}))

    with pytest.raises(SourceError, match="cannot be asked of the answer") as caught:
        observe(declared(source_server.url, drop_when="starts_with(received, 'x')"))

    assert caught.value.reason == "content"


def test_a_login_page_on_the_second_page_fails_the_run(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": [row(received=1), row("H2", received=2)]}), LOGIN_PAGE)
    pages = {"type": "page_number", "param": "page", "size": 2}

    with pytest.raises(SourceError, match="login page"):
        observe(declared(source_server.url, pages=pages))


@pytest.mark.parametrize(
    "request_",
    [
        {"data_at": {"path": "at", "zone": "Mars/Olympus"}},
        {"window": {}},
        {"window": {"period": "year", "look_back": "7d"}},
        {"window": {"look_back": "0d"}},
        {"window": {"look_back": 7}},
        {"window": {"period": "year", "zone": "nowhere"}},
        {"agency": {}},
        {"agency": {"code": "a", "name": "b"}},
        {"agency": {"id": "so-tttt", "system": "x"}},
        {"agency": {"each": True}},
        {"path": "/{each}"},
        {"path": "/{each.id}", "for_each": "agencies"},
        {"path": "/{each.id}", "for_each": {"path": "/l", "each": {"key": "id"}}},
        {"for_each": "everybody"},
        {"for_each": {"values": []}},
        {"for_each": {"path": "/{each}", "each": "id"}},
        {"for_each": {"path": "/{window.start:%Y}", "each": "id"}},
        {"format": "xml"},
        {"delimiter": ""},
        {"metrics": {"a": {"path": "a", "aggregate": "mean"}}},
        {"records": "rows["},
        {"records": 5},
        {"drop_when": "a =="},
        {"ok_when": "nothing(@)"},
        {"ok_when": "a[?length(b, c)]"},
        {"ok_when": "contains(@)"},
        {"metrics": {}},
        {"metrics": {"a": {"path": "a", "number": "en"}}},
        {"metrics": {"a": {"path": ""}}},
        {"query": {"from": "{window.start:%Y}"}},
        {"query": {"from": "{window.start}"}, "window": {"period": "year"}},
        {"form": {"a": "b"}},
        {"method": "POST", "form": {"a": "b"}, "json": {}},
        {"window": {"period": "week"}},
        {"unknown": 1},
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(request_: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        declared("https://dossiers.example", **request_)


def test_agencies_are_named_in_one_system() -> None:
    other = REQUEST | {"agency": {"code": "a", "system": "documents"}}

    with pytest.raises(ValidationError, match="one system"):
        HttpJson.model_validate({"base_url": "https://d.example", "requests": [REQUEST, other]})


def test_a_login_of_another_protocol_is_refused() -> None:
    auth = {"type": "login", "username": "a", "password": {"env": "B"}}

    with pytest.raises(ValidationError):
        HttpJson.model_validate(
            {"base_url": "https://d.example", "requests": [REQUEST], "auth": auth}
        )
