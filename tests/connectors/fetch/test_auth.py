"""Each kind of authentication as the source sees it, and secrets that are not there."""

import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import SourceError
from connectors.fetch.tokens import read_token
from connectors.http import Client
from tests.connectors.asking import asking, bare
from tests.source_server import Asked, Served, SourceServer, as_json

OAUTH = {
    "type": "oauth2_client_credentials",
    "token_url": "/token",
    "client_id": "chiso",
    "client_secret": {"env": "CLIENT_SECRET"},
}


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_SECRET", "planted-secret")


class Gate:
    """Gives a new token at each request for one, and lets only the newest `good` one pass."""

    def __init__(self, *, expires_in: Any = 3600) -> None:
        self.tokens = 0
        self.good = 1
        self.expires_in = expires_in

    def __call__(self, asked: Asked) -> Served:
        if asked.path == "/token":
            self.tokens += 1
            return as_json(
                {"access_token": f"planted-{self.tokens}", "expires_in": self.expires_in}
            )
        passes = asked.headers.get("authorization") == f"Bearer planted-{self.good}"
        return as_json(["in"]) if passes else Served(status=401)


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"type": "api_key", "key": {"env": "CLIENT_SECRET"}}, "x-api-key", "planted-secret"),
        (
            {
                "type": "api_key",
                "name": "Authorization",
                "prefix": "AccessToken=",
                "key": {"env": "CLIENT_SECRET"},
            },
            "authorization",
            "AccessToken=planted-secret",
        ),
        (
            {"type": "basic", "username": "đọc", "password": {"env": "CLIENT_SECRET"}},
            "authorization",
            "Basic xJHhu41jOnBsYW50ZWQtc2VjcmV0",
        ),
        (
            {"type": "bearer", "token": {"env": "CLIENT_SECRET"}},
            "authorization",
            "Bearer planted-secret",
        ),
    ],
)
def test_what_proves_who_asks_stands_in_a_header(
    source_server: SourceServer, auth: dict[str, Any], header: str, value: str
) -> None:
    source_server.says(as_json([]))

    with asking(bare(source_server.url, auth=auth)) as http:
        http.send("GET", "/stat")

    assert source_server.asked[0].headers[header] == value


def test_a_token_is_fetched_once_and_kept_between_runs(source_server: SourceServer) -> None:
    source_server.answer = Gate()
    client = Client(bare(source_server.url, auth=OAUTH))

    client.begin(threading.Event()).send("GET", "/stat")
    client.begin(threading.Event()).send("GET", "/stat")
    client.close()

    assert source_server.paths() == ["/token", "/stat", "/stat"]
    assert source_server.asked[0].form == {
        "grant_type": "client_credentials",
        "client_id": "chiso",
        "client_secret": "planted-secret",
    }


def test_a_token_can_be_asked_for_with_basic_and_a_scope(source_server: SourceServer) -> None:
    source_server.answer = Gate()
    auth = OAUTH | {
        "send": "basic",
        "scope": "statistics",
        "token_url": f"{source_server.url}/token",
    }

    with asking(bare(f"{source_server.url}/api", auth=auth)) as http:
        http.send("GET", "/stat")

    token, stat = source_server.asked
    assert token.headers["authorization"] == "Basic Y2hpc286cGxhbnRlZC1zZWNyZXQ="
    assert token.form == {"grant_type": "client_credentials", "scope": "statistics"}
    assert (token.path, stat.path) == ("/token", "/api/stat")


def test_a_token_that_is_refused_early_is_renewed_once(source_server: SourceServer) -> None:
    gate = source_server.answer = Gate()
    client = Client(bare(source_server.url, auth=OAUTH))
    client.begin(threading.Event()).send("GET", "/stat")
    gate.good = 2

    body = client.begin(threading.Event()).send("GET", "/stat").json()
    client.close()

    assert body == ["in"]
    assert source_server.paths() == ["/token", "/stat", "/stat", "/token", "/stat"]


def test_a_token_that_is_refused_again_is_an_error_of_authentication(
    source_server: SourceServer,
) -> None:
    gate = source_server.answer = Gate()
    gate.good = 99

    with asking(bare(source_server.url, auth=OAUTH)) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat")

    assert (caught.value.reason, caught.value.permanent) == ("auth", True)
    assert source_server.paths() == ["/token", "/stat", "/token", "/stat"]
    assert "planted" not in str(caught.value) + repr(http.requests)


def test_a_token_is_renewed_before_it_expires(source_server: SourceServer) -> None:
    gate = source_server.answer = Gate(expires_in=0)
    client = Client(bare(source_server.url, auth=OAUTH))
    client.begin(threading.Event()).send("GET", "/stat")
    gate.good = 2

    client.begin(threading.Event()).send("GET", "/stat")
    client.close()

    assert source_server.paths() == ["/token", "/stat", "/token", "/stat"]


@pytest.mark.parametrize(
    ("expires_in", "renewed_after_s"), [(3600, 3240.0), (120, 90.0), ("300", 270.0), (20, 10.0)]
)
def test_the_margin_is_thirty_seconds_or_a_tenth(expires_in: Any, renewed_after_s: float) -> None:
    token = read_token({"access_token": "t", "expires_in": expires_in}, 1000.0)

    assert token.renew_at_s == 1000.0 + renewed_after_s


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_client_is_an_error_of_authentication(
    source_server: SourceServer, status: int
) -> None:
    source_server.answer = lambda _: as_json({"error": "invalid_client"}, status)

    with asking(bare(source_server.url, auth=OAUTH)) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat")

    assert caught.value.reason == "auth"
    assert source_server.paths() == ["/token"]


@pytest.mark.parametrize(
    "answer",
    [{"token": "t"}, [], {"access_token": "t", "expires_in": "soon"}, {"access_token": None}],
)
def test_a_token_answer_that_is_none_is_an_error_of_authentication(
    source_server: SourceServer, answer: Any
) -> None:
    source_server.answer = lambda _: as_json(answer)

    with asking(bare(source_server.url, auth=OAUTH)) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat")

    assert caught.value.reason == "auth"


def test_a_busy_token_endpoint_is_asked_again(source_server: SourceServer) -> None:
    gate = Gate()
    answers = iter([Served(status=503)])
    source_server.answer = lambda asked: next(answers, None) or gate(asked)

    with asking(bare(source_server.url, auth=OAUTH)) as http:
        body = http.send("GET", "/stat").json()

    assert body == ["in"]


def test_a_secret_that_is_not_there_is_an_error_of_the_configuration(
    source_server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLIENT_SECRET")

    with (
        asking(bare(source_server.url, auth=OAUTH)) as http,
        pytest.raises(SourceError, match="CLIENT_SECRET") as caught,
    ):
        http.send("GET", "/stat")

    assert caught.value.reason == "config"
    assert source_server.asked == []


def test_a_secret_in_a_file_can_be_rotated_while_the_service_runs(
    source_server: SourceServer, tmp_path: Path
) -> None:
    source_server.answer = lambda _: as_json([])
    secret = tmp_path / "key"
    client = Client(bare(source_server.url, auth={"type": "api_key", "key": {"file": str(secret)}}))

    for value in ("planted-1\n", "planted-2\n"):
        secret.write_text(value, encoding="utf-8")
        client.begin(threading.Event()).send("GET", "/stat")
    client.close()

    assert [asked.headers["x-api-key"] for asked in source_server.asked] == [
        "planted-1",
        "planted-2",
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"auth": {"type": "basic", "username": "a", "password": "in the file"}},
        {"auth": {"type": "magic"}},
        {"base_url": "ftp://portal.example"},
        {"base_url": "https://user:word@portal.example"},
        {"base_url": "https://portal.example/?token=x"},
        {"proxy": "http://user:word@proxy.example:3128"},
        {"allow": ["10.20.0.0/99"]},
        {"limits": {"attempts": 0}},
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        bare(**{"url": "https://portal.example", **options})


def test_sizes_are_written_with_their_unit() -> None:
    options = bare("https://portal.example", limits={"max_bytes": "20MB"})

    assert options.limits.max_bytes == 20_000_000
