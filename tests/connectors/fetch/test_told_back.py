"""A source that tells back what it was told, or leads elsewhere, learns and shows nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.fetch.hide import Hiding
from connectors.fetch.reply import is_elsewhere
from connectors.fetch.words import Words
from connectors.query import query_of
from tests.connectors.asking import asking, bare
from tests.source_server import Asked, Served, SourceServer, as_json, serving

ECHOED = Words(error_message=query_of("said"))
PADDED = "QUJDREVGR0hJSktMTU5PUA=="
KEYS = {"AccessKey": {"env": "KEY"}, "SecretKey": {"env": "WORD"}}


def echo(asked: Asked) -> Served:
    if asked.path == "/token":
        return as_json({"access_token": PADDED, "expires_in": 3600})
    return as_json({"said": json.dumps(dict(asked.headers))}, 500)


AUTHS: dict[str, dict[str, Any]] = {
    "basic": {"type": "basic", "username": "u", "password": {"env": "WORD"}},
    "bearer": {"type": "bearer", "token": {"env": "WORD"}},
    "lgsp": {"type": "lgsp", "token_url": "/token", "keys": KEYS},
    "api key": {"type": "api_key", "key": {"env": "WORD"}, "prefix": "Token "},
}


@pytest.mark.parametrize("kind", AUTHS)
def test_what_proved_who_asks_is_not_shown_when_it_is_told_back(
    kind: str, source_server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORD", "planted-word")
    monkeypatch.setenv("KEY", "planted-key1")
    source_server.answer = echo

    message = refused(source_server, AUTHS[kind])

    sent = source_server.asked[-1].headers
    carried = [
        sent[name] for name in ("authorization", "lgspaccesstoken", "x-api-key") if name in sent
    ]
    assert carried
    assert "***" in message
    assert [one for one in carried if one in message or one.split(" ")[-1] in message] == []


def test_a_secret_that_was_changed_meanwhile_is_not_shown_either(
    source_server: SourceServer, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("planted-before")

    def answer(asked: Asked) -> Served:
        file.write_text("planted-after")
        return echo(asked)

    source_server.answer = answer

    message = refused(source_server, {"type": "bearer", "token": {"file": str(file)}})

    assert source_server.asked[-1].headers["authorization"] == "Bearer planted-before"
    assert "planted" not in message


def refused(server: SourceServer, auth: dict[str, Any]) -> str:
    options = bare(server.url, auth=auth, limits={"attempts": 1})
    with asking(options) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/data", words=ECHOED)
    return str(caught.value)


@pytest.mark.parametrize("secret", ["pa'ss\"word", "tab\there", "back\\slash", "x\u00a0y-secret"])
@pytest.mark.parametrize("wrapped", [lambda one: {"sent": one}, lambda one: [one]])
def test_words_that_are_no_text_hide_what_is_in_them(secret: str, wrapped: Any) -> None:
    words = Words(error_message=query_of("error"))

    said = words.said({"error": wrapped(secret)}, Hiding([secret]))

    assert "***" in said
    assert secret not in said
    assert secret[-4:] not in said


DOUBTFUL = [
    r"http://elsewhere.example\@{home}/x",
    "http://elsewhere.example\t@{home}/x",
    "http://user@{home}/x",
    "http://{home}\n.elsewhere.example/x",
]


@pytest.mark.parametrize("address", DOUBTFUL)
def test_an_address_that_is_not_the_same_to_everyone_is_elsewhere(address: str) -> None:
    home = "source.example:8080"

    assert is_elsewhere(address.format(home=home), f"http://{home}")


def test_credentials_do_not_follow_a_doubtful_redirect(source_server: SourceServer) -> None:
    with serving() as elsewhere:
        home = source_server.url.removeprefix("http://")
        target = rf"{elsewhere.url}\@{home}/x"
        source_server.answer = lambda _: Served(status=302, headers={"Location": target})
        options = bare(source_server.url, redirects=2, limits={"attempts": 1})

        with asking(options) as http, pytest.raises(SourceError):
            http.send("GET", "/data")

        assert elsewhere.asked == []
