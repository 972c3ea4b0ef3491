"""A source that says in a body that it is busy, or what is wrong, whatever the status."""

from typing import Any

import pytest

from connectors.base import SourceError
from connectors.http import NO_WAIT
from connectors.http_json import HttpJson
from tests.connectors.asking import ask_with, asking, observe
from tests.source_server import Served, SourceServer, as_json

FAULT = {"fault": {"code": "900802", "message": "Message throttled out"}}
GOOD = as_json({"rows": []})


def throttled(url: str, **own: Any) -> HttpJson:
    request = {
        "path": "/report",
        "busy_when": "starts_with(to_string(fault.code), '9008')",
        "error_message": "fault.message || error",
        "records": "rows",
        "agency": {"code": "unit", "system": "dossiers"},
        "metrics": {"received": {"path": "received"}},
    }
    return HttpJson.model_validate(
        {"base_url": url, "allow": "base_url", "limits": NO_WAIT, "requests": [request], **own}
    )


def refused(source: HttpJson) -> SourceError:
    with pytest.raises(SourceError) as caught:
        observe(source)
    return caught.value


@pytest.mark.parametrize("name", ["detail", "message", "error", "error_description", "title"])
@pytest.mark.parametrize("status", [400, 404, 500])
def test_the_usual_words_of_an_error_are_shown_where_nobody_said_where_they_stand(
    source_server: SourceServer, name: str, status: int
) -> None:
    said = as_json({"code": 7, name: "no such report"}, status)
    source_server.says(said, said)
    request = {"agency": {"code": "unit"}, "metrics": {"received": {"path": "received"}}}
    options = {"base_url": source_server.url, "allow": "base_url", "requests": [request]}
    limits = {"attempts": 2, "wait_s": 0}

    error = refused(HttpJson.model_validate({**options, "limits": limits}))

    assert str(error).endswith(f"answered {status}; the source says: no such report")


@pytest.mark.parametrize("said", [{"detail": 5}, {"detail": " "}, {"reason": "no"}, ["no"], "no"])
def test_what_is_none_of_the_usual_words_is_not_shown(
    source_server: SourceServer, said: Any
) -> None:
    source_server.says(as_json(said, 404))
    request = {"agency": {"code": "unit"}, "metrics": {"received": {"path": "received"}}}
    options = {"base_url": source_server.url, "allow": "base_url", "requests": [request]}

    assert "says" not in str(refused(HttpJson.model_validate({**options, "limits": NO_WAIT})))


@pytest.mark.parametrize("status", [200, 403, 429, 500, 503])
def test_a_body_that_says_later_is_not_asked_again_in_this_run(
    source_server: SourceServer, status: int
) -> None:
    source_server.says(as_json(FAULT, status))

    error = refused(throttled(source_server.url))

    assert (error.reason, error.retry_after_s) == ("source", 60.0)
    assert "to be asked again in 60 s; the source says: Message throttled out" in str(error)
    assert len(source_server.asked) == 1


@pytest.mark.parametrize("status", [200, 429, 503])
def test_the_source_says_itself_how_long_it_is_busy(
    source_server: SourceServer, status: int
) -> None:
    source_server.says(as_json(FAULT, status, Retry_After="7"))

    assert refused(throttled(source_server.url)).retry_after_s == 7.0


def test_how_long_a_busy_source_is_left_alone_is_declared(source_server: SourceServer) -> None:
    source_server.says(as_json(FAULT, 429))
    limits = {"attempts": 1, "busy_wait_s": 600}

    assert refused(throttled(source_server.url, limits=limits)).retry_after_s == 600.0


def test_who_is_busy_has_refused_nobody(source_server: SourceServer) -> None:
    """A 403 by itself opens the circuit, so that no account is locked."""
    source_server.says(as_json(FAULT, 403), GOOD)
    source = throttled(source_server.url)

    with asking(source) as http:
        with pytest.raises(SourceError):
            source.observe(ask_with(http))
        assert source.observe(ask_with(http)).received == 0


@pytest.mark.parametrize(
    ("status", "reason", "asked"), [(400, "source", 1), (403, "auth", 1), (503, "source", 3)]
)
def test_an_error_says_what_its_json_says(
    source_server: SourceServer, status: int, reason: str, asked: int
) -> None:
    source_server.says(*[as_json({"error": "no such unit"}, status)] * 3)

    error = refused(throttled(source_server.url))

    assert error.reason == reason
    assert str(error).endswith(f"answered {status}; the source says: no such unit")
    assert len(source_server.asked) == asked


@pytest.mark.parametrize(
    "served",
    [
        Served(b"<html>bad</html>", 400, "text/html"),
        Served(b"", 400),
        Served(b'{"error": "' + b"a" * 100_000 + b'"}', 400),
        Served(b"no gzip", 400, headers={"Content-Encoding": "gzip"}),
        Served(raw=b'HTTP/1.1 400 Bad\r\nContent-Length: 90\r\n\r\n{"error": "cut'),
        as_json({"fault": {"message": None}}, 400),
        as_json([], 400),
    ],
    ids=["page", "empty", "large", "not packed", "cut", "null", "other"],
)
def test_words_that_cannot_be_had_leave_the_status(
    source_server: SourceServer, served: Served
) -> None:
    source_server.says(served)

    assert str(refused(throttled(source_server.url))).endswith("answered 400")


def test_words_that_drip_leave_the_status(source_server: SourceServer) -> None:
    head = b"HTTP/1.1 400 Bad\r\nContent-Length: 900\r\n\r\n"
    source_server.answer = lambda _: Served(raw=head + b"{" * 900, drip_s=0.01)
    limits = {"attempts": 1, "total_s": 1.0}

    assert str(refused(throttled(source_server.url, limits=limits))).endswith("answered 400")


def test_no_secret_is_among_the_words(
    source_server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "planted-secret")
    source_server.says(as_json({"error": f"{'x' * 190} planted-secret"}, 400))
    auth = {"type": "api_key", "name": "X-Key", "key": {"env": "KEY"}}

    error = str(refused(throttled(source_server.url, auth=auth)))

    assert "planted" not in error
    assert error.endswith("x ***")
