"""What is worked out once of a request holds for each pull: what changes between them is seen."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.http_json import HttpJson
from tests.connectors.asking import observe
from tests.source_server import SourceServer, as_json

NAMES = {"name": "unit", "system": "register"}
SENT = {"sent": {"path": "sent"}}


def declared(url: str, **request: Any) -> HttpJson:
    asked = {"path": "/sent", "agency": NAMES, "metrics": SENT} | request
    return HttpJson.model_validate({"base_url": url, "allow": ["base_url"], "requests": [asked]})


@pytest.mark.parametrize("said", ["Sở Y tế", " SỞ  Y TẾ "])
def test_the_codes_are_those_of_this_pull(source_server: SourceServer, said: str) -> None:
    source_server.answer = lambda _: as_json([{"unit": said, "sent": 5}])
    connector = declared(source_server.url)

    found = [
        observe(connector, codes=codes).observations[0].agency
        for codes in (("Sở Y tế",), ("Sở Nội vụ",), ("sở y tế", "Sở Nội vụ"))
    ]

    assert found == ["Sở Y tế", said.strip(), "sở y tế"]


def test_a_secret_is_read_anew_for_each_pull(
    source_server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    source_server.answer = lambda _: as_json([{"unit": "a", "sent": 5}])
    connector = declared(source_server.url, headers={"X-Word": {"env": "WORD"}, "X-Plain": "p"})

    for word in ("planted-1", "planted-2"):
        monkeypatch.setenv("WORD", word)
        observe(connector)

    sent = [(asked.headers["x-word"], asked.headers["x-plain"]) for asked in source_server.asked]
    assert sent == [("planted-1", "p"), ("planted-2", "p")]


def test_a_window_is_that_of_this_pull(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json([{"unit": "a", "sent": 5}])
    connector = declared(
        source_server.url, path="/sent/{window.start:%Y}", window={"period": "year"}
    )

    for year in ("2023", "2024"):
        observe(connector, periods=(year,))

    assert [asked.path for asked in source_server.asked] == ["/sent/2023", "/sent/2024"]


def test_what_is_the_same_each_time_is_sent_each_time(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json([{"unit": "a", "sent": 5}])
    connector = declared(
        source_server.url, method="POST", query={"level": 2}, json={"sizes": [1, 2], "all": True}
    )

    answers = [observe(connector), observe(connector)]

    assert [one.observations[0].value for one in answers] == [Decimal(5)] * 2
    first, second = source_server.asked
    assert first.query == second.query == {"level": "2"}
    assert first.json == second.json == {"sizes": [1, 2], "all": True}
