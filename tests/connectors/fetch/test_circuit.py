"""Once refused, a source is left alone: by the wait, by a new secret, or by an answer it ends."""

import threading
from pathlib import Path
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.fetch.circuit import Circuit
from connectors.http import NO_WAIT, Client
from connectors.secret import Secret
from tests.connectors.asking import bare
from tests.source_server import Asked, Served, SourceServer, as_json


class Gate:
    """Answers only those who have the key of the moment."""

    key = "good"

    def __call__(self, asked: Asked) -> Served:
        good = asked.headers.get("x-api-key") == self.key
        return as_json([]) if good else Served(status=401)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.write_text("planted-bad", encoding="utf-8")
    return file


def keyed(url: str, secret: Path, **limits: Any) -> Client:
    auth = {"type": "api_key", "key": {"file": str(secret)}}
    return Client(bare(url, auth=auth, limits={**NO_WAIT.model_dump(), **limits}))


def ask(client: Client) -> None:
    client.begin(threading.Event()).send("GET", "/stat")


@pytest.mark.parametrize("status", [401, 403])
def test_a_source_that_refused_us_is_not_asked_again(
    source_server: SourceServer, secret: Path, status: int
) -> None:
    source_server.answer = lambda _: Served(status=status)
    client = keyed(source_server.url, secret)

    for _ in range(5):
        with pytest.raises(SourceError) as caught:
            ask(client)
        assert (caught.value.reason, caught.value.permanent) == ("auth", True)
    client.close()

    assert len(source_server.asked) == 1
    assert "refused once; the next attempt is in 900 s" in str(caught.value)
    assert "planted" not in str(caught.value)


def test_a_new_secret_is_tried_at_once(source_server: SourceServer, secret: Path) -> None:
    source_server.answer = Gate()
    client = keyed(source_server.url, secret)
    with pytest.raises(SourceError):
        ask(client)

    secret.write_text("good", encoding="utf-8")
    ask(client)
    ask(client)
    client.close()

    assert len(source_server.asked) == 3


def test_a_new_secret_that_is_refused_too_is_not_tried_twice(
    source_server: SourceServer, secret: Path
) -> None:
    source_server.answer = Gate()
    client = keyed(source_server.url, secret)

    for value in ("planted-1", "planted-2"):
        secret.write_text(value, encoding="utf-8")
        for _ in range(3):
            with pytest.raises(SourceError):
                ask(client)
    client.close()

    assert len(source_server.asked) == 2


def test_after_the_wait_one_run_may_try_and_an_answer_ends_it(
    source_server: SourceServer, secret: Path
) -> None:
    gate = source_server.answer = Gate()
    client = keyed(source_server.url, secret, refused_wait_s=0.001)
    with pytest.raises(SourceError):
        ask(client)
    threading.Event().wait(0.01)

    gate.key = "planted-bad"
    ask(client)
    client.close()

    assert len(source_server.asked) == 2


def test_each_further_refusal_doubles_the_wait_up_to_four_hours() -> None:
    circuit = Circuit([Secret(env="CHISO_NO_SUCH_SECRET")], 900.0)
    waits = []

    for _ in range(9):
        circuit.refused()
        with pytest.raises(SourceError) as caught:
            circuit.check()
        waits.append(str(caught.value).partition(" s,")[0].rpartition(" ")[2])

    assert waits[:3] == ["900", "1800", "3600"]
    assert waits[-2:] == ["14400", "14400"]
    assert "9 times" in str(caught.value)


def test_a_token_endpoint_that_refuses_us_is_left_alone_too(
    source_server: SourceServer, secret: Path
) -> None:
    source_server.answer = lambda _: as_json({"error": "invalid_client"}, 400)
    auth = {
        "type": "oauth2_client_credentials",
        "token_url": "/token",
        "client_id": "chiso",
        "client_secret": {"file": str(secret)},
    }
    client = Client(bare(source_server.url, auth=auth))

    for _ in range(3):
        with pytest.raises(SourceError):
            ask(client)
    client.close()

    assert source_server.paths() == ["/token"]


def test_a_connector_can_tell_that_it_was_refused(
    source_server: SourceServer, secret: Path
) -> None:
    source_server.says(as_json({"error": "wrong password"}))
    client = keyed(source_server.url, secret)
    http = client.begin(threading.Event())
    http.send("GET", "/login")

    http.note(SourceError("wrong password", reason="auth"))

    with pytest.raises(SourceError, match="not asked"):
        ask(client)
    client.close()


def test_other_failures_leave_it_closed(source_server: SourceServer, secret: Path) -> None:
    source_server.says(Served(status=404), Served(b"<html>"), as_json([]))
    client = keyed(source_server.url, secret)

    with pytest.raises(SourceError, match="404"):
        ask(client)
    with pytest.raises(SourceError, match="HTML"):
        client.begin(threading.Event()).send("GET", "/stat").json()
    ask(client)
    client.close()

    assert len(source_server.asked) == 3
