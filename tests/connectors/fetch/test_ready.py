"""A request is made ready once and sent again and again, until something in it changes."""

import threading
from typing import Any

import pytest

from connectors.http import Client
from tests.connectors.asking import bare
from tests.source_server import SourceServer, as_json


class Asking:
    """Pulls of one source, and the requests that they were made of."""

    def __init__(self, url: str, **options: Any) -> None:
        self.client = Client(bare(url, **options))

    def ask(self, method: str = "GET", **more: Any) -> None:
        self.client.begin(threading.Event()).send(method, "/stat", **more)

    def kept(self) -> int:
        return len(self.client.preparer._kept)


@pytest.fixture
def asking(source_server: SourceServer) -> Asking:
    source_server.answer = lambda _: as_json([])
    return Asking(source_server.url)


@pytest.mark.parametrize(
    "more",
    [
        {"query": [("year", "2024")]},
        {"method": "POST", "form": [("year", "2024")]},
        {"method": "POST", "json": {"year": 2024}},
    ],
)
def test_the_same_request_is_made_once(asking: Asking, more: dict[str, Any]) -> None:
    for _ in range(3):
        asking.ask(**more)

    assert asking.kept() == 1
    asking.client.close()


def test_another_body_is_another_request(source_server: SourceServer, asking: Asking) -> None:
    bodies: list[Any] = [{"page": 1}, {"page": 1.0}, {"page": True}, {"page": "1"}, [], None]
    for body in bodies:
        asking.ask("POST", json=body)

    assert [asked.body for asked in source_server.asked] == [
        b'{"page": 1}',
        b'{"page": 1.0}',
        b'{"page": true}',
        b'{"page": "1"}',
        b"[]",
        b"",
    ]
    asking.client.close()


def test_a_query_of_another_text_is_another_request(
    source_server: SourceServer, asking: Asking
) -> None:
    for value in (True, 1, "1", "true", 1.0):
        asking.ask(query=[("all", value)])

    assert [asked.query["all"] for asked in source_server.asked] == [
        "True",
        "1",
        "1",
        "true",
        "1.0",
    ]
    asking.client.close()


def test_another_method_is_another_request(source_server: SourceServer, asking: Asking) -> None:
    for method in ("GET", "POST", "GET"):
        asking.ask(method)

    assert [asked.method for asked in source_server.asked] == ["GET", "POST", "GET"]
    assert asking.kept() == 2
    asking.client.close()


def test_other_headers_are_another_request(source_server: SourceServer, asking: Asking) -> None:
    for year in ("2023", "2024", "2023"):
        asking.ask(headers={"X-Year": year})

    assert [asked.headers["x-year"] for asked in source_server.asked] == ["2023", "2024", "2023"]
    assert asking.kept() == 2
    asking.client.close()


def test_what_is_hidden_once_is_not_shown_by_a_request_that_was_kept(asking: Asking) -> None:
    http = asking.client.begin(threading.Event())
    for hidden in ((), ("unit",)):
        http.send("GET", "/stat", query=[("unit", "planted")], hidden=hidden)

    shown = [request.url.partition("?")[2] for request in http.requests]
    assert shown == ["unit=planted", "unit=***"]
    asking.client.close()


def test_a_cookie_goes_with_the_next_request_and_a_new_one_in_its_place(
    source_server: SourceServer, asking: Asking
) -> None:
    set_by = iter(["route=1", None, "route=2", None, "route=; Max-Age=0", None])

    def answer(_: object) -> Any:
        cookie = next(set_by)
        return as_json([], Set_Cookie=cookie) if cookie else as_json([])

    source_server.answer = answer
    for _ in range(6):
        asking.ask()

    carried = [asked.headers.get("cookie") for asked in source_server.asked]
    assert carried == [None, "route=1", "route=1", "route=2", "route=2", None]
    asking.client.close()


def test_with_a_cookie_that_ends_by_itself_each_request_is_made_anew(
    source_server: SourceServer, asking: Asking
) -> None:
    source_server.says(as_json([], Set_Cookie="route=1; Max-Age=3600"), *[as_json([])] * 2)
    for _ in range(3):
        asking.ask()

    assert [asked.headers.get("cookie") for asked in source_server.asked][1:] == ["route=1"] * 2
    assert asking.kept() == 1  # the first, which carried none
    asking.client.close()


def test_only_so_many_requests_are_kept(asking: Asking) -> None:
    for page in range(40):
        asking.ask(query=[("page", str(page))])

    assert asking.kept() <= 16
    asking.client.close()
