"""Whose a row is: by code, by name, by what was asked for, or always the same."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.http import NO_WAIT
from connectors.http_json import HttpJson
from connectors.mapping.agency import AgencyOption, Spelling
from tests.connectors.asking import observe
from tests.source_server import SourceServer, as_json


def declared(url: str, agency: dict[str, Any], sites: Any = None, **request: Any) -> HttpJson:
    asked = {"records": "rows", "agency": agency, "metrics": {"sent": {"path": "sent"}}, **request}
    options = {"base_url": url, "allow": "base_url", "limits": NO_WAIT, "requests": [asked]}
    return HttpJson.model_validate({**options, "sites": sites or {}})


NAMES = ("Sở Thông tin và Truyền thông", "UBND huyện Mộc Châu")


@pytest.mark.parametrize(
    "said",
    [
        "Sở Thông tin và Truyền thông",
        "SỞ THÔNG TIN VÀ TRUYỀN THÔNG",
        "  sở  Thông tin\u00a0và\tTruyền thông ",
        "So\u031b\u0309 Tho\u0302ng tin va\u0300 Truye\u0302\u0300n tho\u0302ng",
    ],
)
def test_a_name_is_known_whatever_its_case_spaces_and_accents(
    source_server: SourceServer, said: str
) -> None:
    source_server.says(as_json({"rows": [{"unit": said, "sent": 5}]}))
    connector = declared(source_server.url, {"name": "unit", "system": "names"})

    (one,) = observe(connector, codes=NAMES).observations

    assert (one.agency, connector.agency_system) == (NAMES[0], "names")


@pytest.mark.parametrize("said", ["Sở TTTT", "So Thong tin va Truyen thong", "", None])
def test_a_name_that_is_nobodys_comes_as_it_is(source_server: SourceServer, said: Any) -> None:
    source_server.says(as_json({"rows": [{"unit": said, "sent": 5}]}))

    (one,) = observe(
        declared(source_server.url, {"name": "unit", "system": "names"}), codes=NAMES
    ).observations

    assert one.agency == (said or "")


def test_names_that_are_alike_are_nobodys() -> None:
    option = AgencyOption.model_validate({"name": "unit", "system": "names"})
    spelling = Spelling(option, {}, ("Phòng Nội vụ", "PHÒNG NỘI VỤ", "Sở Y tế"))

    assert spelling.codes(["phòng nội vụ", "sở y tế"]) == ["phòng nội vụ", "Sở Y tế"]


def test_a_code_is_not_folded() -> None:
    option = AgencyOption.model_validate({"code": "unit", "system": "register"})

    assert Spelling(option, {}, ("H1",)).codes(["h1"]) == ["h1"]


def test_codes_can_be_listed_beside_the_request(source_server: SourceServer) -> None:
    rows = [{"site": 1, "sent": 5}, {"site": 2, "sent": 6}, {"site": 3, "sent": 7}]
    source_server.says(as_json({"rows": rows}))
    sites = {"1": "so-tttt", "2": "so-tttt"}
    metrics = {"sent": {"path": "sent", "aggregate": "sum"}}
    connector = declared(source_server.url, {"code": "site"}, sites, metrics=metrics)

    answer = observe(connector)

    assert [(one.agency, one.value) for one in answer.observations] == [
        ("so-tttt", Decimal(11)),
        ("3", Decimal(7)),
    ]
    assert connector.agency_system is None
    assert connector.agencies() == {"so-tttt"}


def test_an_id_of_ours_is_no_code_of_theirs() -> None:
    option = AgencyOption.model_validate({"code": "site"})

    assert Spelling(option, {"1": "so-tttt"}, ()).codes(["so-tttt"]) == ["so-tttt?"]


def test_names_can_be_listed_too(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": [{"site": "NHÀ VĂN HOÁ", "sent": 5}]}))
    connector = declared(source_server.url, {"name": "site"}, {"Nhà văn hoá": "thanh-pho"})

    (one,) = observe(connector).observations

    assert one.agency == "thanh-pho"


def test_an_answer_can_speak_of_one_agency(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": [{"sent": 5}]}))
    connector = declared(source_server.url, {"id": "so-tttt"})

    (one,) = observe(connector).observations

    assert (one.agency, one.value) == ("so-tttt", Decimal(5))
    assert connector.agencies() == {"so-tttt"}


def test_agencies_are_known_only_where_every_request_names_its_own() -> None:
    first = {"agency": {"id": "so-tttt"}, "metrics": {"a": {"path": "a"}}}
    second = {"agency": {"code": "code"}, "metrics": {"b": {"path": "b"}}}
    options = {"base_url": "https://d.example", "requests": [first, second]}

    assert HttpJson.model_validate(options).agencies() == frozenset()


def test_an_id_beside_a_system_of_another_request_is_refused() -> None:
    first = {"agency": {"id": "so-tttt"}, "metrics": {"a": {"path": "a"}}}
    second = {"agency": {"code": "c", "system": "x"}, "metrics": {"b": {"path": "b"}}}

    with pytest.raises(ValidationError, match="one system"):
        HttpJson.model_validate({"base_url": "https://d.example", "requests": [first, second]})


def test_sites_beside_a_system_are_refused() -> None:
    with pytest.raises(ValidationError, match="not both"):
        declared("https://d.example", {"code": "c", "system": "x"}, {"1": "so-tttt"})
