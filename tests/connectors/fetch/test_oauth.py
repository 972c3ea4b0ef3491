"""Client credentials against a token endpoint that takes nothing but what the RFC allows."""

import threading
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.http import Client
from tests.connectors.asking import bare
from tests.connectors.oauth import TokenServer
from tests.source_server import SourceServer

# Every sign that a form or a header could mistake.
NAME, SECRET = "chỉ số:1", "p+l/a=n t&e%d:?"


@pytest.fixture
def tokens(source_server: SourceServer, monkeypatch: pytest.MonkeyPatch) -> TokenServer:
    monkeypatch.setenv("OAUTH_SECRET", SECRET)
    server = source_server.answer = TokenServer(NAME, SECRET)
    return server


def client_of(url: str, **more: Any) -> Client:
    auth = {
        "type": "oauth2_client_credentials",
        "token_url": "/token",
        "client_id": NAME,
        "client_secret": {"env": "OAUTH_SECRET"},
        **more,
    }
    return Client(bare(url, auth=auth))


def ask(client: Client) -> Any:
    return client.begin(threading.Event()).send("GET", "/stat").json()["rows"]


@pytest.mark.parametrize("send", ["form", "basic"])
@pytest.mark.parametrize("scope", [{}, {"scope": "read:all statistics"}])
def test_a_token_is_given_for_id_and_secret(
    source_server: SourceServer, tokens: TokenServer, send: str, scope: dict[str, str]
) -> None:
    client = client_of(source_server.url, send=send, **scope)

    assert ask(client) == ask(client) == ["in"]
    client.close()

    assert tokens.errors == []
    assert source_server.paths() == ["/token", "/stat", "/stat"]


def test_a_token_that_died_early_is_renewed(
    source_server: SourceServer, tokens: TokenServer
) -> None:
    client = client_of(source_server.url)
    ask(client)
    tokens.forget_all()

    assert ask(client) == ["in"]
    client.close()

    assert source_server.paths() == ["/token", "/stat", "/stat", "/token", "/stat"]


def test_a_live_token_that_is_given_again_shrinks_and_is_asked_for_in_time(
    source_server: SourceServer, tokens: TokenServer
) -> None:
    tokens.reuses, tokens.lifetime_s = True, 1.0
    client = client_of(source_server.url)

    for _ in range(4):
        assert ask(client) == ["in"]
        threading.Event().wait(0.4)
    client.close()

    assert len(tokens.issued) >= 2


@pytest.mark.parametrize("send", ["form", "basic"])
def test_a_wrong_secret_is_refused_and_not_tried_again(
    source_server: SourceServer, tokens: TokenServer, send: str
) -> None:
    tokens.client_secret = "another"
    client = client_of(source_server.url, send=send)

    for _ in range(3):
        with pytest.raises(SourceError) as caught:
            ask(client)
        assert caught.value.reason == "auth"
    client.close()

    assert tokens.errors == ["invalid_client"]
    assert SECRET not in str(caught.value)
