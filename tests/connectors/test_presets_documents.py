"""The presets of dossier and document systems, on answers of the shape described."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.http_json import HttpJson
from tests.connectors.asking import observe
from tests.connectors.oauth import TokenServer
from tests.connectors.preset import found_by, from_preset
from tests.source_server import Asked, Served, SourceServer, as_json, serving


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "MAYAN_USERNAME",
        "MAYAN_PASSWORD",
        "IGATE_ID",
        "IGATE_SECRET",
        "LGSP_ACCESS_KEY",
        "LGSP_SECRET_KEY",
    ):
        monkeypatch.setenv(name, f"planted-{name}")


class Mayan:
    """Five documents on two pages, of two types; one has no file, two are signed."""

    signatures = (1, 0, 2, 0)

    def __init__(self, url: str) -> None:
        self.url = url
        self.documents = [
            {
                "id": n,
                "label": f"{n}.pdf",
                "document_type": {"id": n % 2, "label": f"Type {n % 2}"},
                "file_latest": {"id": n + 100} if n < 4 else None,
            }
            for n in range(5)
        ]

    def __call__(self, asked: Asked) -> Served:
        if asked.path == "/api/v4/auth/token/obtain/":
            good = asked.json["password"] == "planted-MAYAN_PASSWORD"
            return as_json({"token": "planted-token"}) if good else as_json({}, 400)
        if asked.headers.get("authorization") != "Token planted-token":
            return as_json({"detail": "Invalid token."}, 403)
        if asked.path == "/api/v4/documents/":
            second = asked.query.get("page") == "2"
            rows = self.documents[3:] if second else self.documents[:3]
            return as_json(
                {
                    "count": 5,
                    "next": None if second else f"{self.url}{asked.path}?page=2",
                    "previous": None,
                    "results": rows,
                }
            )
        parts = asked.path.strip("/").split("/")
        number = int(parts[3])
        assert parts[2:] == [
            "documents",
            f"{number}",
            "files",
            f"{number + 100}",
            "signatures",
            "embedded",
        ]
        count = self.signatures[number]
        return as_json({"count": count, "next": None, "previous": None, "results": [{}] * count})


def mayan(url: str, folder: Path) -> HttpJson:
    return from_preset(
        "mayan-edms",
        url,
        folder,
        sites={"Type 0": "so-tttt", "Type 1": "phu-yen"},
        metrics={"a": "documents", "b": "documents_signed", "c": "signatures"},
    )


def test_mayan_is_asked_for_the_signatures_of_each_document(
    source_server: SourceServer, tmp_path: Path
) -> None:
    source_server.answer = Mayan(source_server.url)

    found = found_by(mayan(source_server.url, tmp_path))

    assert found == {
        ("a", "so-tttt"): 2,
        ("a", "phu-yen"): 2,
        ("b", "so-tttt"): 2,
        ("b", "phu-yen"): 0,
        ("c", "so-tttt"): 3,
        ("c", "phu-yen"): 0,
    }
    assert source_server.asked[1].query == {"page_size": "100"}
    assert len(source_server.asked) == 1 + 2 + 4


def test_mayan_that_shows_nothing_is_no_mayan_without_documents(
    source_server: SourceServer, tmp_path: Path
) -> None:
    site = Mayan(source_server.url)

    def answer(asked: Asked) -> Served:
        if asked.path == "/api/v4/documents/":
            return as_json({"count": 0, "next": None, "previous": None, "results": []})
        return site(asked)

    source_server.answer = answer

    with pytest.raises(SourceError, match="does not hold") as caught:
        observe(mayan(source_server.url, tmp_path))

    assert caught.value.reason == "content"


def test_mayan_that_refuses_the_login_is_left_alone(
    source_server: SourceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAYAN_PASSWORD", "wrong")
    source_server.answer = Mayan(source_server.url)

    with pytest.raises(SourceError) as caught:
        observe(mayan(source_server.url, tmp_path))

    assert caught.value.reason == "auth"
    assert len(source_server.asked) == 1


def paged(rows: list[Any]) -> Served:
    return as_json({"content": rows, "totalElements": len(rows), "totalPages": 1, "number": 0})


REPORTS = {
    "/pa/dossier-statistic/--statistic-agency-kgg": [
        {"agency": {"code": "", "name": "Tổng"}, "received": 99, "resolved": 88},
        {
            "agency": {"code": "H0", "name": "A"},
            "received": 50,
            "resolved": 40,
            "receivedOnline": 30,
        },
    ],
    "/pa/kgg-digitize/digitization-by-agency": [
        {"agency": {"code": "H0"}, "totalReceiverHavingFile": 45, "totalCompleteHavingFile": 35}
    ],
    "/pa/kgg-dossier-statistic/--kgg-dossier-report-online": [
        {"agency_name": "SỞ  THÔNG TIN", "onlinepaid_quantity": 12, "total": 30}
    ],
}


def test_igate_is_asked_for_the_reports_that_are_needed(
    source_server: SourceServer, tmp_path: Path
) -> None:
    tokens = TokenServer("planted-IGATE_ID", "planted-IGATE_SECRET")

    def sso(asked: Asked) -> Served:
        assert asked.path == "/auth/realms/digo/protocol/openid-connect/token"
        return tokens(Asked("POST", "/token", asked.query, asked.headers, asked.body, asked.peer))

    def answer(asked: Asked) -> Served:
        alive = asked.headers["authorization"].removeprefix("Bearer ") in tokens.issued
        return paged(REPORTS[asked.path]) if alive else Served(status=401)

    source_server.answer = answer
    with serving() as keycloak:
        keycloak.answer = sso
        connector = from_preset(
            "vnpt-igate",
            source_server.url,
            tmp_path,
            kind="period_total",
            values={"sso": keycloak.url},
            metrics={"a": "received", "b": "received_online", "c": "paid_online"},
            requests={
                "dossiers": {"agency": {"system": "register"}},
                "digitised": {"agency": {"system": "register"}},
                "online": {"agency": {"system": "register"}},
            },
        )
        found = found_by(connector, codes=("H0", "Sở Thông tin"))

    assert found == {("a", "H0"): 50, ("b", "H0"): 30, ("c", "Sở Thông tin"): 12}
    assert source_server.paths() == [
        "/pa/dossier-statistic/--statistic-agency-kgg",
        "/pa/kgg-dossier-statistic/--kgg-dossier-report-online",
    ]
    assert source_server.asked[0].query == {
        "from-date": "2024-01-01T00:00:00.000Z",
        "to-date": "2024-12-31T23:59:59.999Z",
        "hide-agency-no-dossier": "false",
        "page": "0",
        "size": "50",
    }
    assert connector.feeds() == {("a", "year"), ("b", "year"), ("c", "year")}


def lgsp(url: str, folder: Path, **own: Any) -> HttpJson:
    service = {
        "json": {"data": [{"tu_ngay": "{window.start:%Y%m%d}", "den_ngay": "{window.end:%Y%m%d}"}]},
        "window": {"period": "year", "end": "inclusive"},
        "headers": {"SENDER_CODE": "H52"},
        "agency": {"code": "ma", "system": "register"},
        "metrics": {"a": {"path": "di", "number": "vi"}},
    }
    values = {
        "token_path": "/token",
        "service": "/vanban/thongke",
        "app": "chiso",
        "partner": "H52",
    }
    more: dict[str, Any] = {"kind": "period_total", "requests": {"service": service}, **own}
    return from_preset("lgsp", url, folder, values=values, **more)


def platform(result: Any, code: Any = "0") -> Any:
    def answer(asked: Asked) -> Served:
        keys = json.loads(base64.b64decode(asked.headers["lgspaccesstoken"]))
        assert (keys["AccessKey"], keys["AppName"]) == ("planted-LGSP_ACCESS_KEY", "chiso")
        if asked.path == "/token":
            assert asked.form == {"grant_type": "client_credentials"}
            return as_json({"access_token": "planted-token", "expires_in": 3600})
        assert asked.headers["authorization"] == "Bearer planted-token"
        return as_json({"error_code": code, "result": result, "message": "hết hạn"})

    return answer


@pytest.mark.parametrize("code", ["0", "1", 0])
def test_a_service_behind_lgsp_is_asked_with_keys_and_token(
    source_server: SourceServer, tmp_path: Path, code: Any
) -> None:
    source_server.answer = platform([{"ma": "H0", "di": "2.131"}], code)

    found = found_by(lgsp(source_server.url, tmp_path))

    assert found == {("a", "H0"): 2131}
    asked = source_server.asked[1]
    assert (asked.path, asked.headers["sender_code"]) == ("/vanban/thongke", "H52")
    assert asked.json == {"data": [{"tu_ngay": "20240101", "den_ngay": "20241231"}]}


def test_an_error_of_lgsp_comes_with_status_200(
    source_server: SourceServer, tmp_path: Path
) -> None:
    source_server.answer = platform(None, "-1")

    with pytest.raises(SourceError, match="hết hạn") as caught:
        observe(lgsp(source_server.url, tmp_path))

    assert caught.value.reason == "content"


@pytest.mark.parametrize("status", [200, 429, 503])
def test_lgsp_that_throttles_is_asked_later(
    source_server: SourceServer, tmp_path: Path, status: int
) -> None:
    fault = {"fault": {"code": 900802, "message": "Message throttled out"}}
    sound = platform([])
    source_server.answer = lambda asked: (
        sound(asked) if asked.path == "/token" else as_json(fault, status)
    )

    with pytest.raises(SourceError, match="Message throttled out") as caught:
        observe(lgsp(source_server.url, tmp_path))

    assert (caught.value.reason, caught.value.retry_after_s) == ("source", 60.0)
    assert source_server.paths() == ["/token", "/vanban/thongke"]
