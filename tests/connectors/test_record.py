"""Answers kept as a test case: without secrets, and enough to map them without the source."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Answer, SourceError
from connectors.http import NO_WAIT, Client, HttpConnector
from connectors.http_json import HttpJson
from connectors.record import LIST, Recording, recording
from connectors.replay import replay
from connectors.unifi import Unifi
from tests.connectors.asking import ask_with
from tests.source_server import Asked, Served, SourceServer, as_json

PASSWORD = "planted-pass/wörd+1"
FIRST_PAGE = '{"rows": [{"code": "H1", "sent": 5}], "total": 2}'


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_PASSWORD", PASSWORD)


def sites(url: str) -> HttpJson:
    request = {
        "for_each": {
            "path": "/sites",
            "records": "@",
            "pages": {"type": "link_header"},
            "each": "id",
        },
        "path": "/sites/{each}",
        "query": {"year": "{window.start:%Y}"},
        "window": {"period": "year"},
        "records": "rows",
        "agency": {"each": True},
        "metrics": {"sent": {"path": "sent"}},
    }
    auth = {
        "type": "login",
        "path": "/login",
        "json": {"password": {"env": "SITE_PASSWORD"}},
        "token": {"path": "token", "in": "query", "name": "ticket"},
        "csrf": {"header": "X-Csrf", "name": "X-Csrf"},
    }
    options = {"base_url": url, "allow": "base_url", "limits": NO_WAIT, "auth": auth}
    return HttpJson.model_validate({**options, "requests": [request]})


class Talkative:
    """Says every secret that it knows, in each answer."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, asked: Asked) -> Served:
        if asked.path == "/login":
            return as_json(
                {"token": "planted-token"}, X_Csrf="planted-csrf", Set_Cookie="S=planted-cookie"
            )
        said = [PASSWORD, "planted-token", "planted-csrf", "planted-cookie", asked.query["ticket"]]
        noise = {"you": said, "x_authkey": "planted-device", "api_token": 'planted-"other'}
        if asked.path != "/sites":
            return as_json({"rows": [{"sent": int(asked.path[-1])}], **noise})
        if "page" in asked.query:
            return as_json([{"id": "s2", **noise}])
        link = f"<{self.url}/sites?page=2&ticket=planted-token>; rel=next"
        return as_json([{"id": "s1", **noise}], Link=link)


@contextmanager
def recorded(options: HttpConnector) -> Iterator[tuple[Recording, Answer]]:
    client = Client(options)
    kept = recording(client, threading.Event())
    try:
        yield kept, options.observe(ask_with(kept))
    finally:
        client.close()


def replayed(options: HttpConnector, answer: Path, **asked: Any) -> Answer:
    return options.observe(ask_with(replay(options, answer), **asked))


def test_what_was_recorded_is_mapped_again_without_access_or_secrets(
    source_server: SourceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source_server.answer = Talkative(source_server.url)
    with recorded(sites(source_server.url)) as (kept, first):
        files = kept.save(tmp_path / "case")
    asked = len(source_server.asked)
    monkeypatch.delenv("SITE_PASSWORD")

    again = replayed(sites(source_server.url), tmp_path / "case", periods=("2023",))

    assert [(one.agency, one.value) for one in first.observations] == [
        ("s1", Decimal(1)),
        ("s2", Decimal(2)),
    ]
    assert [one.value for one in again.observations] == [one.value for one in first.observations]
    assert again.observations[0].period == "2023"
    assert len(source_server.asked) == asked
    assert [file.name for file in files] == [LIST, "001.json", "002.json", "003.json", "004.json"]


def test_no_secret_stands_in_what_was_recorded(source_server: SourceServer, tmp_path: Path) -> None:
    source_server.answer = Talkative(source_server.url)

    with recorded(sites(source_server.url)) as (kept, _):
        files = kept.save(tmp_path)

    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "planted" not in text, file.name
        json.loads(text)


def test_an_answer_without_secrets_is_kept_byte_for_byte(
    source_server: SourceServer, tmp_path: Path
) -> None:
    body = b'{"rows": [ {"code":"H1", "key": "kh\xc3\xb3a",  "sent": 1.50} ]}\n'
    source_server.says(Served(gzip.compress(body), headers={"Content-Encoding": "gzip"}))
    request = {"records": "rows", "agency": {"code": "code"}, "metrics": {"sent": {"path": "sent"}}}
    options = {"base_url": source_server.url, "allow": "base_url", "requests": [request]}

    with recorded(HttpJson.model_validate(options)) as (kept, _):
        kept.save(tmp_path)

    assert (tmp_path / "001.json").read_bytes() == body


def test_a_controllers_login_is_not_kept_and_not_needed(
    source_server: SourceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(asked: Asked) -> Served:
        if asked.path == "/":
            return Served(status=302, headers={"Location": "/manage"})
        if asked.path == "/api/login":
            body = json.dumps({"meta": {"rc": "ok"}, "data": [{"x": "planted-words"}]}).encode()
            return Served(body, headers={"Set-Cookie": "unifises=planted-session"})
        if "cookie" not in asked.headers:
            return as_json(
                {"meta": {"rc": "error", "msg": "api.err.LoginRequired"}, "data": []}, 401
            )
        if asked.path == "/api/self/sites":
            return as_json(
                {"meta": {"rc": "ok"}, "data": [{"name": "default", "desc": "planted-session"}]}
            )
        point = {
            "type": "uap",
            "radio_table": [1],
            "state": 1,
            "num_sta": 4,
            "x_ssh_password": "planted",
        }
        return as_json({"meta": {"rc": "ok"}, "data": [point]})

    source_server.answer = answer
    options = Unifi.model_validate(
        {
            "base_url": source_server.url,
            "allow": "base_url",
            "auth": {"type": "login", "username": "reader", "password": {"env": "SITE_PASSWORD"}},
            "sites": {"default": "so-tttt"},
            "metrics": {"wifi_clients": "clients"},
        }
    )
    with recorded(options) as (kept, _):
        files = kept.save(tmp_path)
    monkeypatch.delenv("SITE_PASSWORD")

    (one,) = replayed(options, tmp_path).observations

    assert one.value == Decimal(4)
    assert "planted" not in "".join(file.read_text(encoding="utf-8") for file in files)


def counts(url: str) -> HttpJson:
    request = {
        "path": "/rows",
        "pages": {"type": "page_number", "param": "page", "total": "total"},
        "records": "rows",
        "agency": {"code": "code"},
        "metrics": {"sent": {"path": "sent"}},
    }
    return HttpJson.model_validate({"base_url": url, "requests": [request]})


def test_one_file_is_the_body_of_the_one_answer(tmp_path: Path) -> None:
    file = tmp_path / "saved.json"
    file.write_text('{"rows": [{"code": "H1", "sent": 5}], "total": 1}', encoding="utf-8")
    options = counts("https://dossiers.example")
    http = replay(options, file)

    answer = options.observe(ask_with(http))

    assert [(one.agency, one.value) for one in answer.observations] == [("H1", Decimal(5))]
    (request,) = http.requests
    assert (request.url, request.status) == ("https://dossiers.example/rows?page=1", 200)
    assert request.bytes == file.stat().st_size


def test_a_page_that_was_not_saved_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "001.json").write_text(FIRST_PAGE, encoding="utf-8")
    saved = {"method": "GET", "url": "https://dossiers.example/rows", "status": 200}
    listed = [{**saved, "headers": {"content-type": "application/json"}, "body": "001.json"}]
    (tmp_path / "answers.json").write_text(json.dumps(listed), encoding="utf-8")

    with pytest.raises(SourceError, match=r"/rows\?page=2: no answer to it was saved") as caught:
        replayed(counts("https://dossiers.example"), tmp_path)

    assert caught.value.reason == "source"


def test_one_saved_page_stands_for_the_whole_answer(tmp_path: Path) -> None:
    file = tmp_path / "saved.json"
    file.write_text(FIRST_PAGE, encoding="utf-8")

    answer = replayed(counts("https://dossiers.example"), file)

    assert (answer.received, answer.declared) == (1, None)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("saved.html", "<html>log in</html>", "login page"),
        ("saved.txt", "", "empty"),
        ("saved.json", "{", "not JSON"),
    ],
)
def test_a_saved_file_is_judged_as_an_answer_is(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    with pytest.raises(SourceError, match=problem) as caught:
        replayed(counts("https://dossiers.example"), tmp_path / name)

    assert caught.value.reason == "content"


def test_a_saved_refusal_is_an_error(tmp_path: Path) -> None:
    entry = {"method": "GET", "url": "https://d.example/rows", "status": 404, "body": "001.json"}
    (tmp_path / LIST).write_text(json.dumps([entry]), encoding="utf-8")
    (tmp_path / "001.json").write_bytes(b"{}")

    with pytest.raises(SourceError, match="answered 404"):
        replayed(counts("https://d.example"), tmp_path)


@pytest.mark.parametrize(
    "listed",
    [
        None,
        "no list",
        [{"method": "GET"}],
        [{"method": "GET", "url": "/rows", "status": 200, "body": "../secret"}],
        [{"method": "GET", "url": "/rows", "status": 200, "body": "not-there.json"}],
    ],
)
def test_a_folder_without_answers_is_an_error_of_the_configuration(
    tmp_path: Path, listed: Any
) -> None:
    if listed is not None:
        (tmp_path / LIST).write_text(json.dumps(listed), encoding="utf-8")

    with pytest.raises(SourceError) as caught:
        replay(counts("https://d.example"), tmp_path)

    assert caught.value.reason == "config"


def test_a_file_that_is_not_there_is_an_error_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot read") as caught:
        replay(counts("https://d.example"), tmp_path / "nowhere.json")

    assert caught.value.reason == "config"


def test_an_older_recording_is_not_written_over(
    source_server: SourceServer, tmp_path: Path
) -> None:
    source_server.answer = Talkative(source_server.url)

    with recorded(sites(source_server.url)) as (kept, _):
        kept.save(tmp_path)
        with pytest.raises(FileExistsError):
            kept.save(tmp_path)


def test_a_saved_answer_leads_to_no_other_origin(tmp_path: Path) -> None:
    file = tmp_path / "saved.json"
    file.write_text("[]", encoding="utf-8")
    http = replay(counts("https://d.example"), file)

    with pytest.raises(SourceError, match="own origin"):
        http.send("GET", "https://elsewhere.example/rows")


def test_a_number_beyond_all_counts_is_kept_with_all_its_digits(
    source_server: SourceServer, tmp_path: Path
) -> None:
    body = f'[{{"unit": "H1", "n": 1e400}}, {{"unit": "H2", "n": {10**400}}}]'.encode()
    source_server.says(Served(body))
    request = {"agency": {"code": "unit"}, "metrics": {"sent": {"path": "n"}}}
    options = {"base_url": source_server.url, "allow": "base_url", "limits": NO_WAIT}
    connector = HttpJson.model_validate({**options, "requests": [request]})
    client = Client(connector)
    line = recording(client, threading.Event())
    answers = [connector.observe(ask_with(line))]
    client.close()

    _, kept = line.save(tmp_path)
    answers.append(connector.observe(ask_with(replay(connector, tmp_path))))

    assert kept.read_bytes() == body
    for answer in answers:
        assert [one.value for one in answer.observations] == ["1e400", str(10**400)]
