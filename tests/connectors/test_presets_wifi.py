"""The presets of Wi-Fi controllers, on recorded answers or on some of the shape described."""

from pathlib import Path
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.http_json import HttpJson
from tests.connectors.asking import observe
from tests.connectors.preset import found_by, from_preset, recorded
from tests.source_server import LOGIN_PAGE, Asked, Served, SourceServer, as_json

WIFI = {"a": "access_points", "b": "access_points_online", "c": "clients"}


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "MERAKI_API_KEY",
        "OMADA_CLIENT_ID",
        "OMADA_CLIENT_SECRET",
        "SMARTZONE_USERNAME",
        "SMARTZONE_PASSWORD",
    ):
        monkeypatch.setenv(name, f"planted-{name}")


def test_meraki_counts_wireless_devices_by_network(
    source_server: SourceServer, tmp_path: Path
) -> None:
    answers = {
        "/api/v1/organizations/org_001/devices/availabilities": "meraki/device-availabilities.json",
        "/api/v1/organizations/org_001/wireless/clients/overview/byDevice": (
            "meraki/wireless-clients-overview-by-device.json"
        ),
    }
    source_server.answer = lambda asked: recorded(answers[asked.path])
    connector = from_preset(
        "meraki",
        f"{source_server.url}/api/v1",
        tmp_path,
        values={"organization": "org_001"},
        sites={"network_001": "so-tttt"},
        metrics=WIFI,
    )

    found = found_by(connector)

    assert found == {("a", "so-tttt"): 1, ("b", "so-tttt"): 1, ("c", "so-tttt"): 0}
    assert source_server.asked[0].query == {"productTypes[]": "wireless", "perPage": "1000"}
    assert source_server.asked[0].headers["authorization"] == "Bearer planted-MERAKI_API_KEY"


def test_meraki_goes_on_to_the_page_that_the_header_names(
    source_server: SourceServer, tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Served:
        first = "startingAfter" not in asked.query
        serial, status = ("Q2-1", "dormant") if first else ("Q2-2", "alerting")
        row = {
            "serial": serial,
            "network": {"id": "n1"},
            "productType": "wireless",
            "status": status,
        }
        next_page = f"{asked.path}?startingAfter=Q2-1"
        link = f"<{source_server.url}{next_page}>; rel=next"
        return as_json([row], Link=link) if first else as_json([row])

    source_server.answer = answer
    own: dict[str, Any] = {"values": {"organization": 7}, "sites": {"n1": "so-tttt"}}
    metrics = {"a": "access_points", "b": "access_points_online"}
    connector = from_preset("meraki", source_server.url, tmp_path, metrics=metrics, **own)

    assert found_by(connector) == {("a", "so-tttt"): 2, ("b", "so-tttt"): 1}


class Omada:
    """A controller with two sites on two pages, which answers everything with status 200."""

    def __init__(self) -> None:
        self.tokens = 0
        self.good = 1

    def __call__(self, asked: Asked) -> Served:
        if asked.path == "/openapi/authorize/token":
            self.tokens += 1
            given = {
                "accessToken": f"planted-{self.tokens}",
                "tokenType": "bearer",
                "expiresIn": 7200,
            }
            good = asked.json["client_secret"] == "planted-OMADA_CLIENT_SECRET"
            return said(given) if good else said(None, -44106)
        if asked.headers.get("authorization") != f"AccessToken=planted-{self.good}":
            return said(None, -44112)
        sites = [{"siteId": f"s{n}", "name": f"Site {n}"} for n in range(3)]
        if asked.path == "/openapi/v1/oc1/sites":
            return said({"totalRows": 3, "currentPage": 1, "currentSize": 100, "data": sites})
        number = int(asked.path.split("/")[5][1:])
        return said(
            {
                "totalApNum": number + 2,
                "connectedApNum": number + 1,
                "wirelessClientNum": number * 10,
            }
        )


def said(result: Any, code: int = 0) -> Served:
    return as_json({"errorCode": code, "msg": "planted words", "result": result})


def omada(url: str, folder: Path) -> HttpJson:
    sites = {"Site 0": "so-tttt", "Site 1": "so-tttt", "Site 2": "phu-yen"}
    values = {"omadac_id": "oc1"}
    return from_preset("omada", url, folder, values=values, sites=sites, metrics=WIFI)


def test_omada_asks_every_site_and_adds_up_those_of_an_agency(
    source_server: SourceServer, tmp_path: Path
) -> None:
    source_server.answer = Omada()

    found = found_by(omada(source_server.url, tmp_path))

    assert found == {
        ("a", "so-tttt"): 5,
        ("b", "so-tttt"): 3,
        ("c", "so-tttt"): 10,
        ("a", "phu-yen"): 4,
        ("b", "phu-yen"): 3,
        ("c", "phu-yen"): 20,
    }
    token = source_server.asked[0]
    assert token.query == {"grant_type": "client_credentials"}
    assert token.json == {
        "omadacId": "oc1",
        "client_id": "planted-OMADA_CLIENT_ID",
        "client_secret": "planted-OMADA_CLIENT_SECRET",
    }


def test_omada_gets_a_new_token_when_a_body_says_that_it_has_expired(
    source_server: SourceServer, tmp_path: Path
) -> None:
    controller = source_server.answer = Omada()
    controller.good = 2

    assert len(found_by(omada(source_server.url, tmp_path))) == 6
    assert controller.tokens == 2


def test_omada_that_refuses_its_client_is_left_alone(
    source_server: SourceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMADA_CLIENT_SECRET", "wrong")
    source_server.answer = Omada()

    with pytest.raises(SourceError) as caught:
        observe(omada(source_server.url, tmp_path))

    assert caught.value.reason == "auth"
    assert len(source_server.asked) == 1


def test_omada_that_answers_otherwise_is_an_error_of_content(
    source_server: SourceServer, tmp_path: Path
) -> None:
    controller = Omada()

    def answer(asked: Asked) -> Served:
        return controller(asked) if "sites" not in asked.path else LOGIN_PAGE

    source_server.answer = answer

    with pytest.raises(SourceError, match="login page"):
        observe(omada(source_server.url, tmp_path))


def test_smartzone_counts_access_points_by_zone(
    source_server: SourceServer, tmp_path: Path
) -> None:
    points = [
        {"apMac": f"{n}", "zoneName": f"Z{n % 2}", "status": status, "numClients": clients}
        for n, (status, clients) in enumerate(
            [("Online", 5), ("Offline", None), ("Flagged", 7), ("Offline", 0), ("Online", 1)]
        )
    ]

    def answer(asked: Asked) -> Served:
        if asked.path.endswith("/serviceTicket"):
            return as_json({"serviceTicket": "planted-ticket", "controllerVersion": "6.1"})
        assert asked.query == {"serviceTicket": "planted-ticket"}
        page = asked.json["page"]
        more = page == 1
        rows = points[:3] if more else points[3:]
        return as_json({"totalCount": 5, "hasMore": more, "firstIndex": 0, "list": rows})

    source_server.answer = answer
    connector = from_preset(
        "smartzone",
        source_server.url,
        tmp_path,
        sites={"Z0": "so-tttt", "Z1": "phu-yen"},
        metrics=WIFI,
    )

    found = found_by(connector)

    assert found == {
        ("a", "so-tttt"): 3,
        ("a", "phu-yen"): 2,
        ("b", "so-tttt"): 3,
        ("b", "phu-yen"): 0,
        ("c", "so-tttt"): 13,
        ("c", "phu-yen"): 0,
    }
    assert source_server.asked[0].json == {
        "username": "planted-SMARTZONE_USERNAME",
        "password": "planted-SMARTZONE_PASSWORD",
    }
    assert source_server.asked[1].json == {"filters": [], "page": 1, "limit": 1000}
