"""A run ends by its total time and when the service stops, whatever the source does."""

import math
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.base import SourceError
from connectors.http import Client, Http, Limits
from tests.connectors.asking import asking, bare
from tests.source_server import Asked, Served, SourceServer, as_json, full_house, serving

WAIT_S = 10.0
SOON = Limits(total_s=0.4, wait_s=0.0)
HEADERS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n"
DRIPS = {
    "a status line": Served(raw=b"HTTP/1.1 200 OK" + b"K" * 400, drip_s=0.05),
    "headers": Served(raw=HEADERS + b"X-Filler: " + b"y" * 400, drip_s=0.01),
    "headers without an end": Served(raw=b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 80, drip_s=0.02),
    "a body": Served(b"1" * 400, drip_s=0.01),
    "a body after which the connection ends": Served(
        b"1" * 400, headers={"Connection": "close"}, drip_s=0.01
    ),
    "chunks": Served(
        raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n1\r\n" * 99,
        drip_s=0.01,
    ),
    "nothing": Served(drip_s=30.0),
}


@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS.keys())
def test_a_source_that_drips_is_cut_when_the_time_is_over(
    source_server: SourceServer, drip: Served
) -> None:
    source_server.answer = lambda _: drip
    began_s = time.monotonic()

    with asking(bare(source_server.url, limits=SOON)) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat")

    assert time.monotonic() - began_s < 2.0
    assert "no whole answer within 0.4 s" in str(caught.value)
    assert caught.value.permanent
    assert len(http.requests) == 1


def test_the_total_time_holds_for_all_requests_of_a_run(source_server: SourceServer) -> None:
    source_server.answer = lambda _: Served(b"[]", drip_s=0.001)
    limits = Limits(total_s=1.0, wait_s=0.0)

    with asking(bare(source_server.url, limits=limits)) as http, pytest.raises(SourceError):
        _send_many(http)

    assert 1 < len(http.requests) < 100


def test_a_silent_source_is_left_after_the_read_time_and_asked_again(
    source_server: SourceServer,
) -> None:
    answers = iter([Served(drip_s=30.0), as_json(["late"])])
    source_server.answer = lambda _: next(answers)
    limits = Limits(read_s=0.2, total_s=5.0, wait_s=0.0)

    with asking(bare(source_server.url, limits=limits)) as http:
        body = http.send("GET", "/stat").json()

    assert body == ["late"]


@pytest.mark.parametrize("seconds", [1e10, math.inf, math.nan, -1.0, 86_401.0])
@pytest.mark.parametrize(
    "key", ["connect_s", "read_s", "total_s", "wait_s", "refused_wait_s", "busy_wait_s"]
)
def test_a_time_that_no_system_can_wait_for_is_refused(key: str, seconds: float) -> None:
    with pytest.raises(ValidationError, match=key):
        Limits.model_validate({key: seconds})


@pytest.mark.parametrize("inside_tls", [False, True])
def test_a_source_that_says_nothing_is_left_after_the_read_time(
    ca_file: Path, tls: ssl.SSLContext, *, inside_tls: bool
) -> None:
    limits = Limits(read_s=0.2, attempts=1, total_s=30.0)
    with deaf(tls if inside_tls else None) as url:
        options = bare(url, limits=limits, ca_file=ca_file)
        with asking(options) as http, pytest.raises(SourceError) as caught:
            http.send("GET", "/stat")

    assert str(caught.value) == f"{url}/stat: nothing came for 0.2 s"
    assert not caught.value.permanent


@pytest.mark.parametrize("inside_tls", [False, True])
def test_a_source_that_takes_nothing_is_left_after_the_read_time(
    ca_file: Path, tls: ssl.SSLContext, *, inside_tls: bool
) -> None:
    limits = Limits(read_s=0.2, attempts=1, total_s=30.0)
    with deaf(tls if inside_tls else None) as url:
        options = bare(url, limits=limits, ca_file=ca_file)
        with asking(options) as http, pytest.raises(SourceError) as caught:
            http.send("POST", "/stat", json="x" * 20_000_000)  # more than the system keeps

    assert str(caught.value) == f"{url}/stat: nothing was taken for 0.2 s"
    assert not caught.value.permanent


def test_interim_answers_without_an_end_are_told_with_their_address(
    source_server: SourceServer,
) -> None:
    source_server.answer = lambda _: Served(raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 20)

    with asking(bare(source_server.url)) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat")

    assert str(caught.value).startswith(f"{source_server.url}/stat: it sends interim answers")


def test_no_attempt_begins_after_the_total_time(source_server: SourceServer) -> None:
    source_server.answer = lambda _: Served(status=503)
    limits = Limits(attempts=10, total_s=0.3, wait_s=30.0)
    began_s = time.monotonic()

    with (
        asking(bare(source_server.url, limits=limits)) as http,
        # The wait between two is random, and may be over just when the time is.
        pytest.raises(SourceError, match=r"503|no time left"),
    ):
        http.send("GET", "/stat")

    assert time.monotonic() - began_s < 1.0


def test_a_stop_ends_the_wait_between_two_attempts(source_server: SourceServer) -> None:
    stop = threading.Event()

    def busy(_: Asked) -> Served:
        stop.set()
        return Served(status=503)

    source_server.answer = busy
    limits = Limits(attempts=2, total_s=600.0, wait_s=300.0)

    with (
        asking(bare(source_server.url, limits=limits), stop) as http,
        pytest.raises(SourceError) as caught,
    ):
        http.send("GET", "/stat")

    assert "interrupted" in str(caught.value)
    assert len(source_server.asked) == 1


def test_an_abort_shuts_the_socket_of_a_run_under_way(source_server: SourceServer) -> None:
    source_server.answer = lambda _: Served(b"1" * 4000, drip_s=0.01)
    stop, client = threading.Event(), Client(bare(source_server.url))
    errors: list[SourceError] = []
    run = threading.Thread(target=_collect, args=(client.begin(stop), errors))

    run.start()
    _until_asked(source_server)
    stop.set()
    client.abort()
    run.join(timeout=5.0)
    client.close()

    assert not run.is_alive()
    assert "interrupted" in str(errors[0])


def test_a_client_that_was_cut_can_ask_again(source_server: SourceServer) -> None:
    answers = iter([Served(b"1" * 400, drip_s=0.01), as_json([1])])
    source_server.answer = lambda _: next(answers)
    client = Client(bare(source_server.url, limits=SOON))

    with pytest.raises(SourceError):
        client.begin(threading.Event()).send("GET", "/stat")
    body = client.begin(threading.Event()).send("GET", "/stat").json()
    client.close()

    assert body == [1]


def test_a_source_that_takes_no_connection_is_left_after_the_connect_time() -> None:
    limits = Limits(connect_s=0.2, attempts=1)

    with (
        full_house() as port,
        asking(bare(f"http://127.0.0.1:{port}", limits=limits)) as http,
        pytest.raises(SourceError) as caught,
    ):
        http.send("GET", "/stat")

    assert str(caught.value).endswith("no connection within 0.2 s")
    assert not caught.value.permanent


def test_a_source_that_takes_the_connection_and_ends_it_is_asked_again(
    source_server: SourceServer,
) -> None:
    source_server.says(Served(raw=b""), as_json(["at last"]))

    with asking(bare(source_server.url)) as http:
        body = http.send("GET", "/stat").json()

    assert body == ["at last"]
    assert [request.status for request in http.requests] == [None, 200]


def test_a_source_that_drips_inside_tls_is_cut_too(tls: ssl.SSLContext, ca_file: Path) -> None:
    with serving(Served(b"1" * 400, drip_s=0.01), tls=tls) as server:
        options = bare(server.url, limits=SOON, ca_file=ca_file)
        with asking(options) as http, pytest.raises(SourceError, match="no whole answer"):
            http.send("GET", "/stat")


def test_a_certificate_that_the_ca_file_signed_is_accepted(
    tls: ssl.SSLContext, ca_file: Path
) -> None:
    with (
        serving(as_json(["safe"]), tls=tls) as server,
        asking(bare(server.url, ca_file=ca_file)) as http,
    ):
        body = http.send("GET", "/stat").json()

    assert body == ["safe"]


def test_a_certificate_that_nobody_signed_is_refused_once(tls: ssl.SSLContext) -> None:
    with serving(as_json(["unsafe"]), tls=tls) as server:
        with asking(bare(server.url)) as http, pytest.raises(SourceError) as caught:
            http.send("GET", "/stat")

        assert server.asked == []
    assert "its certificate is not accepted: self-signed certificate" in str(caught.value)
    assert caught.value.permanent
    assert len(http.requests) == 1


@contextmanager
def deaf(tls: ssl.SSLContext | None) -> Iterator[str]:
    """Takes one connection, and then neither reads nor says anything."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_deaf, args=(listener, tls, over))
        thread.start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        thread.join()


def _deaf(listener: socket.socket, tls: ssl.SSLContext | None, over: threading.Event) -> None:
    near, _ = listener.accept()
    with near if tls is None else tls.wrap_socket(near, server_side=True):
        over.wait(WAIT_S)


def _send_many(http: Http) -> None:
    for _ in range(1000):
        http.send("GET", "/page")


def _collect(http: Http, errors: list[SourceError]) -> None:
    try:
        http.send("GET", "/stat")
    except SourceError as error:
        errors.append(error)


def _until_asked(server: SourceServer) -> None:
    ends_s = time.monotonic() + 5.0
    while not server.asked and time.monotonic() < ends_s:
        threading.Event().wait(0.01)
    assert server.asked
