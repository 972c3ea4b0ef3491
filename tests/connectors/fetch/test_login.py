"""Logins declared in YAML: what is asked, what the answer gives, and what says that it is over."""

import base64
import json
import threading
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import SourceError
from connectors.http import Client
from tests.connectors.asking import asking, bare
from tests.source_server import LOGIN_PAGE, Asked, Served, SourceServer, as_json

ACCOUNT = {"user": "reader", "password": {"env": "SITE_PASSWORD"}}


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_PASSWORD", "planted-password")


class Site:
    """Gives a new token at each login, and lets only the newest one pass: by `shows`, a header."""

    def __init__(self, shows: str, prefix: str = "", refusal: Served | None = None) -> None:
        self.shows, self.prefix = shows, prefix
        self.refusal = refusal or Served(status=401)
        self.logins = 0
        self.good = 1

    def __call__(self, asked: Asked) -> Served:
        if asked.path == "/login":
            self.logins += 1
            token = f"planted-{self.logins}"
            return as_json(
                {"errorCode": 0, "result": {"token": token, "expiresIn": 7200}},
                X_Csrf=f"csrf-{self.logins}",
                Set_Cookie=f"SID={token}; Path=/",
            )
        wanted = f"{self.prefix}planted-{self.good}"
        shown = asked.headers.get(self.shows) or asked.query.get(self.shows) or ""
        return as_json({"errorCode": 0, "rows": ["in"]}) if wanted in shown else self.refusal


def login(**more: Any) -> dict[str, Any]:
    return {"type": "login", "path": "/login", "json": ACCOUNT, **more}


def ask(client: Client) -> Any:
    return client.begin(threading.Event()).send("GET", "/stat").json()["rows"]


@pytest.mark.parametrize(
    ("token", "shows", "prefix"),
    [
        ({"path": "result.token", "prefix": "AccessToken="}, "authorization", "AccessToken="),
        ({"path": "result.token", "name": "Csrf-Token"}, "csrf-token", ""),
        ({"path": "result.token", "in": "query", "name": "serviceTicket"}, "serviceTicket", ""),
        ({"path": "result.token", "in": "cookie", "name": "SID"}, "cookie", "SID="),
        ({"cookie": "SID", "name": "X-Token"}, "x-token", ""),
    ],
)
def test_what_a_login_gives_goes_where_the_source_wants_it(
    source_server: SourceServer, token: dict[str, str], shows: str, prefix: str
) -> None:
    site = source_server.answer = Site(shows, prefix)
    client = Client(bare(source_server.url, auth=login(token=token)))

    assert ask(client) == ask(client) == ["in"]
    client.close()

    assert source_server.asked[0].json == {"user": "reader", "password": "planted-password"}
    assert site.logins == 1


def test_cookies_alone_can_be_the_session(source_server: SourceServer) -> None:
    site = source_server.answer = Site("cookie", "SID=")
    client = Client(bare(source_server.url, auth=login()))

    assert ask(client) == ask(client) == ["in"]
    client.close()

    assert site.logins == 1


def test_a_second_thing_can_go_along(source_server: SourceServer) -> None:
    source_server.answer = Site("cookie", "SID=")
    csrf = {"header": "X-CSRF", "name": "X-CSRF-Token"}

    with asking(bare(source_server.url, auth=login(csrf=csrf))) as http:
        http.send("GET", "/stat")

    assert source_server.asked[1].headers["x-csrf-token"] == "csrf-1"


def test_a_form_with_headers_and_a_query_is_sent_as_declared(source_server: SourceServer) -> None:
    source_server.answer = Site("cookie", "SID=")
    auth = {
        "type": "login",
        "path": f"{source_server.url}/login",
        "form": {"u": "reader", "p": {"env": "SITE_PASSWORD"}, "keep": True},
        "headers": {"X-Key": {"env": "SITE_PASSWORD"}, "X-Kind": 7},
        "query": {"grant": "password"},
    }

    with asking(bare(source_server.url, auth=auth)) as http:
        http.send("GET", "/stat")

    asked = source_server.asked[0]
    assert asked.form == {"u": "reader", "p": "planted-password", "keep": "true"}
    assert (asked.headers["x-key"], asked.headers["x-kind"]) == ("planted-password", "7")
    assert asked.query == {"grant": "password"}


OVER = as_json({"errorCode": -44112, "msg": "expired"})


@pytest.mark.parametrize(
    ("expired_when", "refusal"),
    [
        ({}, Served(status=401)),
        ({"statuses": [403, 499]}, Served(status=499)),
        ({"body": "errorCode == `-44112`"}, OVER),
        ({"body": "errorCode == `-44112`"}, Served(OVER.body, status=401)),
        ({"login_page": True}, LOGIN_PAGE),
    ],
)
def test_a_session_that_has_died_is_begun_anew_once(
    source_server: SourceServer, expired_when: dict[str, Any], refusal: Served
) -> None:
    site = source_server.answer = Site("csrf-token", refusal=refusal)
    token = {"path": "result.token", "name": "Csrf-Token"}
    auth = login(token=token, expired_when=expired_when)
    client = Client(bare(source_server.url, auth=auth))
    ask(client)
    site.good = 2

    assert ask(client) == ["in"]
    client.close()

    assert source_server.paths() == ["/login", "/stat", "/stat", "/login", "/stat"]


@pytest.mark.parametrize(
    ("expired_when", "refusal"),
    [
        ({}, Served(status=401)),
        ({"body": "errorCode != `0`"}, OVER),
        ({"login_page": True}, LOGIN_PAGE),
    ],
)
def test_a_session_that_dies_at_once_is_an_error_of_authentication(
    source_server: SourceServer, expired_when: dict[str, Any], refusal: Served
) -> None:
    site = source_server.answer = Site("csrf-token", refusal=refusal)
    site.good = 99
    token = {"path": "result.token", "name": "Csrf-Token"}
    client = Client(bare(source_server.url, auth=login(token=token, expired_when=expired_when)))

    for _ in range(3):
        with pytest.raises(SourceError) as caught:
            ask(client)
        assert (caught.value.reason, caught.value.permanent) == ("auth", True)
    client.close()

    assert source_server.paths() == ["/login", "/stat", "/login", "/stat"]
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize(
    ("more", "times"),
    [
        ({"expires_in": "result.expiresIn"}, 1),
        ({"expires_in": "`0`"}, 2),
        ({"lifetime_s": 0.001}, 2),
        ({"lifetime_s": 600}, 1),
    ],
)
def test_a_session_lives_as_long_as_is_said(
    source_server: SourceServer, more: dict[str, Any], times: int
) -> None:
    site = source_server.answer = Site("x-token")
    token = {"path": "result.token", "name": "X-Token"}
    client = Client(bare(source_server.url, auth=login(token=token, **more)))

    ask(client)
    threading.Event().wait(0.01)
    site.good = times
    ask(client)
    client.close()

    assert source_server.paths().count("/login") == times


@pytest.mark.parametrize(
    "answer",
    [
        as_json({"errorCode": -1, "msg": "bad"}),
        as_json({"errorCode": 0, "result": {}}),
        as_json({"errorCode": 0, "result": {"token": ""}}),
        as_json({"errorCode": 0, "result": {"token": True}}),
        as_json({"errorCode": 0, "result": {"token": "t", "expiresIn": "soon"}}),
        as_json({"error": "planted"}, 400),
        as_json({}, 403),
    ],
)
def test_a_login_that_gives_nothing_is_an_error_of_authentication(
    source_server: SourceServer, answer: Served
) -> None:
    source_server.answer = lambda _: answer
    more = {"ok_when": "errorCode == `0`", "expires_in": "result.expiresIn"}
    token = {"path": "result.token"}
    client = Client(bare(source_server.url, auth=login(token=token, **more)))

    for _ in range(3):
        with pytest.raises(SourceError) as caught:
            ask(client)
        assert caught.value.reason == "auth"
    client.close()

    assert source_server.paths() == ["/login"]
    assert "planted" not in str(caught.value)


def test_a_login_page_in_place_of_a_login_is_an_error(source_server: SourceServer) -> None:
    source_server.answer = lambda _: LOGIN_PAGE

    with (
        asking(bare(source_server.url, auth=login(token={"path": "t"}))) as http,
        pytest.raises(SourceError, match="login page"),
    ):
        http.send("GET", "/stat")


@pytest.mark.parametrize(
    "more",
    [
        {"token": {}},
        {"token": {"path": "a", "header": "b"}},
        {"form": {"a": "b"}},
        {"method": "GET"},
        {"json": {"p": {"env": "A", "file": "b"}}, "ok_when": "=="},
        {"lifetime_s": 0},
        {"path": None},
    ],
)
def test_a_login_that_cannot_be_meant_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        bare("https://d.example", auth=login(**more))


LGSP = {
    "type": "lgsp",
    "token_url": "/auth",
    "keys": {
        "AccessKey": {"env": "SITE_PASSWORD"},
        "SecretKey": {"env": "SITE_PASSWORD"},
        "AppName": "chỉ số",
        "PartnerCode": "H52",
        "PartnerCodeCus": "H52",
    },
}


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({}, {"access_token": "planted-token", "expires_in": 600}),
        (
            {
                "token_path": "data.token",
                "headers": {"X-Authentication-Token": {"env": "SITE_PASSWORD"}},
            },
            {"data": {"token": "planted-token"}},
        ),
    ],
)
def test_a_platform_is_shown_its_keys_and_then_its_token_too(
    source_server: SourceServer, more: dict[str, Any], answer: Any
) -> None:
    source_server.answer = lambda asked: as_json(answer if asked.path == "/auth" else {"rows": []})
    client = Client(bare(source_server.url, auth=LGSP | more))

    ask(client)
    ask(client)
    client.close()

    first, second, _ = source_server.asked
    told = json.loads(base64.b64decode(first.headers["lgspaccesstoken"]))
    assert told == {
        "AccessKey": "planted-password",
        "SecretKey": "planted-password",
        "AppName": "chỉ số",
        "PartnerCode": "H52",
        "PartnerCodeCus": "H52",
    }
    assert first.form == {"grant_type": "client_credentials"}
    assert first.headers.get("x-authentication-token") == ("planted-password" if more else None)
    assert second.headers["lgspaccesstoken"] == first.headers["lgspaccesstoken"]
    assert second.headers["authorization"] == "Bearer planted-token"
