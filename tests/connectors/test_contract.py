"""What holds for every connector: a new one without a case here fails the suite."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Answer, Connector, SourceError
from connectors.dichvucong import Dichvucong
from connectors.http import HttpConnector
from connectors.http_json import HttpJson
from connectors.registry import CONNECTORS
from connectors.sheet import Sheet
from connectors.snmp import Snmp
from connectors.sql import Sql
from connectors.unifi import Unifi
from tests.connectors.asking import ask_with, asking
from tests.source_server import LOGIN_PAGE, Served, SourceServer, as_json

LIMITS = {"attempts": 2, "total_s": 1.0, "wait_s": 0.0}


def dichvucong(url: str, limits: dict[str, Any]) -> HttpConnector:
    options = {
        "base_url": url,
        "allow": ["base_url"],
        "limits": limits,
        "metrics": {"ckmb": "CKMB"},
    }
    return Dichvucong.model_validate(options)


def http_json(url: str, limits: dict[str, Any]) -> HttpConnector:
    request = {
        "records": "rows",
        "agency": {"code": "code", "system": "dossiers"},
        "metrics": {"received": {"path": "received"}},
        "window": {"period": "year"},
    }
    options = {"base_url": url, "allow": ["base_url"], "limits": limits, "requests": [request]}
    return HttpJson.model_validate(options)


def unifi(url: str, limits: dict[str, Any]) -> HttpConnector:
    options = {
        "base_url": url,
        "allow": ["base_url"],
        "limits": limits,
        "auth": {"type": "login", "username": "reader", "password": {"env": "WIFI_PASSWORD"}},
        "sites": {"default": "so-tttt"},
        "metrics": {"wifi_clients": "clients"},
    }
    return Unifi.model_validate(options)


def sheet(folder: Path) -> Connector:
    options = {
        "folder": folder,
        "pattern": "*.csv",
        "agency": {"column": "Mã"},
        "metrics": {"products": {"column": "Sản phẩm"}},
    }
    return Sheet.model_validate(options)


def snmp() -> Connector:
    options = {
        "host": "127.0.0.1",
        "port": 9,  # nobody listens there
        "allow": ["host"],
        "auth": {"type": "v2c", "community": {"env": "WIFI_PASSWORD"}},
        "limits": {"timeout_s": 0.2, "retries": 0, "total_s": 1.0},
        "agency": "so-tttt",
        "counts": {"points": {"scalar": "1.3.6.1.2.1.2.1.0"}},
        "metrics": {"points": "points"},
    }
    return Snmp.model_validate(options)


def sql() -> Connector:
    options = {
        "url": "postgresql+psycopg://127.0.0.1:9/documents",
        "allow": "url",
        "user": "reader",
        "password": {"env": "WIFI_PASSWORD"},
        "query": "SELECT unit, sent FROM documents",
        "agency": {"column": "unit"},
        "metrics": {"documents_sent": {"column": "sent"}},
    }
    return Sql.model_validate(options)


HTTP: dict[str, Callable[[str, dict[str, Any]], HttpConnector]] = {
    "dichvucong": dichvucong,
    "http_json": http_json,
    "unifi": unifi,
}
FILES: dict[str, Callable[[Path], Connector]] = {"sheet": sheet}
# Of other protocols; in each case nobody is there to answer.
OTHERS: dict[str, Callable[[], Connector]] = {"snmp": snmp, "sql": sql}

over_http = pytest.mark.parametrize("name", HTTP)


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIFI_PASSWORD", "planted-password")


def failure(name: str, server: SourceServer, **limits: Any) -> SourceError:
    """How one pull of the connector fails; what it asked for must not show its password."""
    options = HTTP[name](server.url, LIMITS | limits)
    with asking(options) as http, pytest.raises(SourceError) as caught:
        options.observe(ask_with(http, codes=("H52",)))
    assert "planted" not in str(caught.value) + repr(http.requests)
    assert http.requests
    return caught.value


def test_every_registered_connector_has_a_case() -> None:
    assert CONNECTORS.keys() == HTTP.keys() | FILES.keys() | OTHERS.keys()


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_case_is_of_the_class_that_is_registered(name: str, tmp_path: Path) -> None:
    case = case_of(name, tmp_path)

    assert type(case) is CONNECTORS[name]
    assert case.feeds()
    assert isinstance(case, HttpConnector) == (name in HTTP)


def case_of(name: str, folder: Path) -> Connector:
    if name in OTHERS:
        return OTHERS[name]()
    return FILES[name](folder) if name in FILES else HTTP[name]("http://127.0.0.1", LIMITS)


@over_http
def test_a_login_page_is_an_error_and_never_an_observation(
    name: str, source_server: SourceServer
) -> None:
    source_server.answer = lambda _: LOGIN_PAGE

    assert failure(name, source_server).reason == "content"


@over_http
@pytest.mark.parametrize("body", [b"", b"{", b"[NaN", b"nothing", b"[[[", b'{"a":1,"a":2}'])
def test_what_is_no_json_is_an_error_of_content(
    name: str, source_server: SourceServer, body: bytes
) -> None:
    source_server.answer = lambda _: Served(body)

    assert failure(name, source_server).reason == "content"


@over_http
@pytest.mark.parametrize("value", [7, "text", None, True, [None], [[]], {"rows": 7, "data": 7}])
def test_json_of_another_shape_is_an_error_of_content(
    name: str, source_server: SourceServer, value: Any
) -> None:
    source_server.answer = lambda _: as_json(value)

    assert failure(name, source_server).reason == "content"


@over_http
def test_half_an_answer_is_an_error_of_the_source(name: str, source_server: SourceServer) -> None:
    raw = b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[{"MA_COQUAN":'
    source_server.answer = lambda _: Served(raw=raw)

    assert failure(name, source_server).reason == "source"


@over_http
@pytest.mark.parametrize("status", [401, 403])
def test_a_source_that_knows_us_not_is_an_error_of_authentication(
    name: str, source_server: SourceServer, status: int
) -> None:
    source_server.answer = lambda _: as_json({"error": "who are you?"}, status)

    error = failure(name, source_server)

    assert (error.reason, error.permanent) == ("auth", True)
    assert len(source_server.asked) <= 3


@over_http
@pytest.mark.parametrize("status", [500, 503])
def test_a_broken_source_is_asked_twice_and_no_more(
    name: str, source_server: SourceServer, status: int
) -> None:
    source_server.answer = lambda _: Served(status=status)

    assert failure(name, source_server).reason == "source"
    assert len(source_server.asked) == 2


@over_http
def test_a_source_that_names_a_time_is_left_alone_until_then(
    name: str, source_server: SourceServer
) -> None:
    source_server.answer = lambda _: Served(status=503, headers={"Retry-After": "120"})

    assert failure(name, source_server).retry_after_s == 120.0
    assert len(source_server.asked) == 1


@over_http
def test_a_hanging_source_ends_with_its_total_time(name: str, source_server: SourceServer) -> None:
    source_server.answer = lambda _: Served(b"[" + b" " * 900, drip_s=0.01)
    began_s = time.monotonic()

    error = failure(name, source_server, total_s=0.3)

    assert error.reason == "source"
    assert time.monotonic() - began_s < 2.0


@pytest.mark.parametrize("name", FILES)
def test_a_login_page_in_a_file_is_rejected_and_never_an_observation(
    name: str, tmp_path: Path
) -> None:
    page = tmp_path / "report.csv"
    page.write_bytes(LOGIN_PAGE.body)
    os.utime(page, (0, 0))  # long since finished

    answer = _observed_without_http(FILES[name](tmp_path))

    assert answer.observations == ()
    assert len(answer.rejected) == 1


@pytest.mark.parametrize("name", OTHERS)
def test_a_peer_that_is_not_there_is_an_error_of_the_source(name: str) -> None:
    began_s = time.monotonic()

    with pytest.raises(SourceError) as caught:
        _observed_without_http(OTHERS[name]())

    assert caught.value.reason == "source"
    assert "planted" not in repr(caught.value)
    assert time.monotonic() - began_s < 3.0


def _observed_without_http(connector: Connector) -> Answer:
    return connector.observe(ask_with(None))


@pytest.mark.parametrize(
    ("name", "asks"),
    [
        (
            "sql",
            ["QUERY postgresql+psycopg://127.0.0.1:9/documents: SELECT unit, sent FROM documents"],
        ),
    ],
)
def test_what_is_asked_of_whom_is_told_without_secrets(name: str, asks: list[str]) -> None:
    assert list(OTHERS[name]().asks()) == asks


def test_a_device_is_asked_for_what_its_counts_need() -> None:
    asks = OTHERS["snmp"]().asks()

    assert asks
    assert all(one.startswith(("GET udp://", "WALK udp://")) for one in asks)
    assert "planted" not in str(asks)
