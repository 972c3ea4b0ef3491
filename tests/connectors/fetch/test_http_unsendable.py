"""What cannot be sent is an error of the configuration, and shows nothing of what it would say."""

import threading
import traceback
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.http import Client
from tests.connectors.asking import asking, bare
from tests.source_server import SourceServer, as_json

# As of a file of two lines, or of a login whose answer is not what it should be.
BROKEN = "planted-1\nplanted-2"


def login(place: str) -> dict[str, Any]:
    token = {"path": "t", "in": place, "name": "sid"}
    return {"type": "login", "path": "/login", "token": token}


def unsent(server: SourceServer, auth: Mapping[str, Any]) -> SourceError:
    client = Client(bare(server.url, auth=auth))
    with pytest.raises(SourceError) as caught:
        client.begin(threading.Event()).send("GET", "/stat")
    client.close()
    return caught.value


@pytest.mark.parametrize("place", ["cookie", "header"])
def test_a_secret_that_cannot_be_sent_is_not_shown(
    source_server: SourceServer, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("CHISO_KEY", BROKEN)
    key = {"type": "api_key", "in": place, "name": "sid", "key": {"env": "CHISO_KEY"}}

    error = unsent(source_server, key)

    assert (error.reason, error.permanent) == ("config", True)
    assert "planted" not in "".join(traceback.format_exception(error))
    assert source_server.asked == []


@pytest.mark.parametrize("place", ["cookie", "header"])
def test_a_token_that_cannot_be_sent_is_not_shown(source_server: SourceServer, place: str) -> None:
    source_server.answer = lambda _: as_json({"t": BROKEN})

    error = unsent(source_server, login(place))

    assert (error.reason, error.permanent) == ("config", True)
    assert "planted" not in "".join(traceback.format_exception(error))
    assert source_server.paths() == ["/login"]


@pytest.mark.parametrize("value", [Decimal("1.5"), date(2024, 10, 16), {1, 2}, float("nan")])
def test_what_is_no_json_is_not_sent(source_server: SourceServer, value: object) -> None:
    with (
        asking(bare(source_server.url)) as http,
        pytest.raises(SourceError, match="cannot be asked for") as caught,
    ):
        http.send("POST", "/stat", json={"of": value})

    assert caught.value.reason == "config"
    assert source_server.asked == []
