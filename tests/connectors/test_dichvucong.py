"""The national portal: what it is asked, whose rows its codes are, and what breaks its shape."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from collector.periods import instant_us, parse_period
from connectors.base import Answer, SourceError
from connectors.dichvucong import Dichvucong, normal_code
from tests.connectors.asking import NOW, ZONE, observe
from tests.source_server import LOGIN_PAGE, Asked, Served, SourceServer, as_json

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "portal-766"
COMPONENTS = ("ckmb", "tdgq", "clgq", "tttt", "mdhl", "mdsh")
METRICS = {name: name.upper() for name in (*COMPONENTS, "tong_score")}
DOSSIERS = {
    "service": "report_by_month_sum_service",
    "province": "11358",
    "metrics": {"dossiers": "HS_TOTAL", "online": "HTN_TRUCTUYEN_TOTAL"},
}


def portal(url: str, **options: Any) -> Dichvucong:
    return Dichvucong.model_validate(
        {"base_url": url, "allow": ["base_url"], "metrics": METRICS, **options}
    )


def unit(code: str, **fields: str) -> dict[str, str]:
    row = {
        "ID": "900001",
        "TEN": "Đơn vị giả định",
        "MA_COQUAN": code,
        "CKMB": "14.96",
        "TDGQ": "19.67",
        "CLGQ": "7.58",
        "TTTT": "8.56",
        "MDHL": "18",
        "MDSH": "18.28",
        "TONG_SCORE": "87.05",
        "ROW_STT": "1",
    }
    return row | fields


def params_of(asked: Asked) -> dict[str, Any]:
    params: dict[str, Any] = json.loads(asked.form["params"])
    return params


def by_agency(answer: Answer) -> dict[str, dict[str, Decimal | str]]:
    found: dict[str, dict[str, Decimal | str]] = {}
    for one in answer.observations:
        found.setdefault(one.agency, {})[one.metric] = one.value
    return found


def test_the_portal_is_asked_as_its_own_pages_do(source_server: SourceServer) -> None:
    source_server.says(as_json([unit("H52")]))

    observe(portal(source_server.url, province="426103"), periods=("2025",))

    asked = source_server.asked[0]
    assert (asked.method, asked.path) == ("POST", "/jsp/rest.jsp")
    assert asked.headers["x-requested-with"] == "XMLHttpRequest"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.form == {
        "params": '{"type":"ref","p_nam":"2025","p_6thang":0,"p_tinh_id":"426103","pageIndex":1,'
        '"pageSize":100,"p_loaidonvi":1,"loaichitieu":0,"service":"report_tinh_766_service",'
        '"p_quy":0,"p_thang":0}'
    }


@pytest.mark.parametrize(
    ("period", "kind", "quarter", "month"),
    [("2025", "year", 0, 0), ("2025-Q3", "quarter", 3, 0), ("2025-10", "month", 0, 10)],
)
def test_a_period_is_said_in_the_words_of_the_portal(
    source_server: SourceServer, period: str, kind: str, quarter: int, month: int
) -> None:
    source_server.says(as_json([unit("H52")]))

    answer = observe(portal(source_server.url, period=kind), periods=(period, "2025-12-01"))

    params = params_of(source_server.asked[0])
    assert (params["p_nam"], params["p_quy"], params["p_thang"]) == ("2025", quarter, month)
    assert {one.period for one in answer.observations} == {period}


def test_values_are_exact_and_of_now_while_the_period_lasts(source_server: SourceServer) -> None:
    source_server.says(as_json([unit("H52")]))

    answer = observe(portal(source_server.url), codes=("H52",))

    values = by_agency(answer)["H52"]
    assert values["ckmb"] == Decimal("14.96")
    assert sum(Decimal(values[name]) for name in COMPONENTS) == values["tong_score"]
    assert {one.data_us for one in answer.observations} == {instant_us(NOW)}
    assert (answer.received, answer.declared) == (1, None)


def test_a_closed_period_is_of_its_end(source_server: SourceServer) -> None:
    source_server.says(as_json([unit("H52")]))

    answer = observe(portal(source_server.url, period="month"), periods=("2024-02",))

    end_us = instant_us(parse_period("2024-02").window(ZONE).end)
    assert {one.data_us for one in answer.observations} == {end_us}


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("H52", "H52"),
        ("000.00.00.H37", "H37"),
        ("000.00.14.H52", "H52.14"),
        ("000.05.14.H52", "H52.14.05"),
        ("001.00.14.H52", "H52.14.00.001"),
        ("00.14.H52", "H52.14"),
        ("H52.14", "H52.14"),
        ("H52.14.05", "H52.14.05"),
        (" h52.x14 ", "H52.X14"),
        ("G09.99", "G09.99"),
        ("000.00.00.", "000.00.00."),
        ("", ""),
    ],
)
def test_the_older_form_of_a_code_is_the_newer_one(written: str, normal: str) -> None:
    assert normal_code(written) == normal
    assert normal_code(normal) == normal


@pytest.mark.parametrize(
    ("ours", "theirs"), [("H37", "000.00.00.H37"), ("000.00.00.H37", "H37"), ("h37", "H37")]
)
def test_an_agency_is_found_in_either_form_and_named_as_we_spell_it(
    source_server: SourceServer, ours: str, theirs: str
) -> None:
    source_server.says(as_json([unit(theirs), unit("H99")]))

    answer = observe(portal(source_server.url), codes=(ours,))

    assert set(by_agency(answer)) == {ours, "H99"}


def test_pages_are_asked_for_until_a_short_one(source_server: SourceServer) -> None:
    rows = [unit(f"H{number:02}", ROW_STT=str(number)) for number in range(5)]

    def answer(asked: Asked) -> Served:
        params = params_of(asked)
        start = (params["pageIndex"] - 1) * params["pageSize"]
        return as_json(rows[start : start + params["pageSize"]])

    source_server.answer = answer

    got = observe(portal(source_server.url, page_size=2))

    assert [params_of(asked)["pageIndex"] for asked in source_server.asked] == [1, 2, 3]
    assert (got.received, len(by_agency(got))) == (5, 5)


def test_a_source_that_does_not_page_has_said_all(source_server: SourceServer) -> None:
    source_server.says(as_json([unit(f"H{number:02}") for number in range(5)]))

    assert observe(portal(source_server.url, page_size=2)).received == 5


def test_a_page_that_comes_twice_is_an_error(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json([unit("H01"), unit("H02")])

    with pytest.raises(SourceError, match="page 2 came twice") as caught:
        observe(portal(source_server.url, page_size=2))

    assert caught.value.reason == "content"


@pytest.mark.parametrize(
    ("limits", "said"), [({"max_pages": 3}, "3 pages"), ({"max_records": 5}, "5 rows")]
)
def test_there_is_an_end_to_pages(
    source_server: SourceServer, limits: dict[str, int], said: str
) -> None:
    source_server.answer = lambda asked: as_json(
        [unit(f"H{params_of(asked)['pageIndex']}{number}") for number in range(2)]
    )

    with pytest.raises(SourceError, match=f"more than {said}"):
        observe(portal(source_server.url, page_size=2, limits=limits))


@pytest.mark.parametrize("body", [{"data": []}, "none", None, [1], [[unit("H52")]], 7])
def test_what_is_no_array_of_objects_is_an_error(source_server: SourceServer, body: Any) -> None:
    source_server.says(as_json(body))

    with pytest.raises(SourceError, match="no array of objects") as caught:
        observe(portal(source_server.url))

    assert caught.value.reason == "content"


@pytest.mark.parametrize("field", ["MDHL", "MA_COQUAN"])
def test_a_field_that_is_gone_is_named(source_server: SourceServer, field: str) -> None:
    row = unit("H52")
    del row[field]
    source_server.says(as_json([unit("H51"), row]))

    with pytest.raises(SourceError, match=f"row 2 has no field {field}") as caught:
        observe(portal(source_server.url))

    assert caught.value.reason == "content"


def test_a_value_that_is_no_number_stays_as_it_came(source_server: SourceServer) -> None:
    source_server.says(as_json([unit("H52", CKMB="14,96", TDGQ="-")]))

    values = by_agency(observe(portal(source_server.url)))["H52"]

    assert (values["ckmb"], values["tdgq"]) == ("14,96", "-")


def test_json_that_calls_itself_html_is_read(source_server: SourceServer) -> None:
    body = json.dumps([unit("H52")]).encode()
    source_server.says(Served(body, content_type="text/html;charset=UTF-8"))

    assert observe(portal(source_server.url)).received == 1


def test_a_login_page_is_none(source_server: SourceServer) -> None:
    source_server.says(LOGIN_PAGE)

    with pytest.raises(SourceError, match="login page"):
        observe(portal(source_server.url))


def test_dossiers_are_added_up_over_the_months_begun(source_server: SourceServer) -> None:
    source_server.answer = lambda asked: as_json(
        [{"HS_TOTAL": params_of(asked)["p_thang"], "HTN_TRUCTUYEN_TOTAL": "0.5"}]
    )

    answer = observe(portal(source_server.url, **DOSSIERS), codes=("H52.14", "H52.15"))

    asked = [params_of(each) for each in source_server.asked]
    assert [(each["p_huyen_id"], each["p_thang"]) for each in asked] == [
        (code, str(month)) for code in ("H52.14", "H52.15") for month in range(1, 11)
    ]
    assert asked[0] == {
        "type": "ref",
        "p_nam": "2024",
        "p_tinh_id": "11358",
        "p_huyen_id": "H52.14",
        "p_thang": "1",
        "p_linhvuc": 0,
        "service": "report_by_month_sum_service",
    }
    assert by_agency(answer) == {
        code: {"dossiers": Decimal(55), "online": Decimal(5)} for code in ("H52.14", "H52.15")
    }
    assert answer.received == 20


@pytest.mark.parametrize(("period", "months"), [("2023", 12), ("2024", 10), ("2025", 0)])
def test_a_year_has_as_many_months_as_have_begun(
    source_server: SourceServer, period: str, months: int
) -> None:
    source_server.answer = lambda _: as_json([{"HS_TOTAL": "1", "HTN_TRUCTUYEN_TOTAL": "1"}])

    observe(portal(source_server.url, **DOSSIERS), codes=("H52.14",), periods=(period,))

    assert len(source_server.asked) == months


@pytest.mark.parametrize("rows", [[], [{"HS_TOTAL": "1", "HTN_TRUCTUYEN_TOTAL": "1"}] * 2])
def test_a_month_is_one_row(source_server: SourceServer, rows: list[dict[str, str]]) -> None:
    source_server.answer = lambda _: as_json(rows)

    with pytest.raises(SourceError, match=f"{len(rows)} rows for H52.14 in month 1"):
        observe(portal(source_server.url, **DOSSIERS), codes=("H52.14",))


def test_a_month_that_is_no_number_spoils_its_sum(source_server: SourceServer) -> None:
    source_server.answer = lambda asked: as_json(
        [
            {
                "HS_TOTAL": "none yet" if params_of(asked)["p_thang"] == "3" else "7",
                "HTN_TRUCTUYEN_TOTAL": "7",
            }
        ]
    )

    answer = observe(portal(source_server.url, **DOSSIERS), codes=("H52.14",))

    assert by_agency(answer)["H52.14"] == {"dossiers": "none yet", "online": Decimal(70)}


@pytest.mark.parametrize(
    "options",
    [
        {"service": "report_by_year_sum_service"},
        {**DOSSIERS, "period": "month"},
        {"period": "day"},
        {"metrics": {}},
        {"metrics": {"ckmb": "ckmb"}},
        {"page_size": 0},
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        portal("https://portal.example", **options)


def test_the_portal_feeds_its_metrics_for_its_period() -> None:
    connector = portal("https://portal.example", period="month", agency={"system": "766"})

    assert connector.feeds() == {(metric, "month") for metric in METRICS}
    assert connector.agency_system == "766"


@pytest.mark.parametrize(
    ("name", "rows", "first"),
    [
        ("2025-10-16T045257Z-year.json", 34, ("H05", "91.7")),
        ("2025-10-16T045257Z-october.json", 34, None),
        ("2025-10-16T045257Z-departments-october.json", 15, None),
        ("2025-10-16T045257Z-communes-year.json", 102, None),
    ],
)
def test_the_recorded_answers_are_read_whole(
    source_server: SourceServer, name: str, rows: int, first: tuple[str, str] | None
) -> None:
    if not RECORDED.is_dir():
        pytest.skip(f"the recorded answers are not beside the repository, in {RECORDED.name}")
    source_server.answer = lambda _: Served((RECORDED / name).read_bytes())

    answer = observe(portal(source_server.url))

    found = by_agency(answer)
    assert answer.received == len(found) == rows
    assert all(
        sum(Decimal(values[part]) for part in COMPONENTS) == values["tong_score"]
        for values in found.values()
    )
    assert not any(agency.startswith("0") for agency in found)
    if first is not None:
        assert found[first[0]]["tong_score"] == Decimal(first[1])
