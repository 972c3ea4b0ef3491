"""Connections: kept from answer to answer, and never where what comes over one may be another's."""

import selectors
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from connectors.base import SourceError
from connectors.http import Client
from tests.connectors.asking import asking, bare
from tests.source_server import Served, SourceServer, as_json, serving

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
WAIT_S = 5.0


def peers(server: SourceServer) -> int:
    """How many connections the requests so far came over."""
    return len({asked.peer for asked in server.asked})


@pytest.mark.parametrize(
    "served",
    [
        as_json([]),
        Served(status=204),
        Served(b"x" * 100_000),
    ],
    ids=["a length", "no body", "a long body"],
)
def test_after_a_whole_answer_the_connection_carries_the_next(
    source_server: SourceServer, served: Served
) -> None:
    source_server.answer = lambda _: served
    with asking(bare(source_server.url)) as http:
        for _ in range(3):
            http.send("GET", "/stat")

    assert len(source_server.asked) == 3
    assert peers(source_server) == 1


def test_a_connection_inside_tls_is_kept_too(tls: ssl.SSLContext, ca_file: Path) -> None:
    with serving(tls=tls) as server, asking(bare(server.url, ca_file=ca_file)) as http:
        server.answer = lambda _: as_json([])
        for _ in range(3):
            http.send("GET", "/stat")

        assert len(server.asked) == 3
        assert peers(server) == 1


def test_a_connection_of_which_the_source_says_that_it_ends_is_not_kept(
    source_server: SourceServer,
) -> None:
    source_server.answer = lambda _: as_json([], Connection="close")
    with asking(bare(source_server.url)) as http:
        for _ in range(2):
            http.send("GET", "/stat")

    assert peers(source_server) == 2


def test_a_kept_connection_that_the_source_has_ended_is_not_asked_over() -> None:
    with far_end(ANSWER, then_ends=True) as (url, ended), asking(bare(url)) as http:
        http.send("GET", "/stat")
        assert ended.wait(WAIT_S)
        http.send("GET", "/stat")

        assert http.retries == 0


@pytest.mark.parametrize("at_once", [True, False])
def test_what_comes_unasked_is_not_taken_for_the_next_answer(at_once: bool) -> None:
    planted = ANSWER.replace(b"[]", b"13")
    said = (ANSWER + planted, b"") if at_once else (ANSWER, planted)
    with far_end(*said) as (url, planted_it), asking(bare(url)) as http:
        assert http.send("GET", "/stat").json() == []
        assert planted_it.wait(WAIT_S)
        assert http.send("GET", "/stat").json() == []


def test_a_client_that_is_closed_ends_its_connection() -> None:
    near: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        far = threading.Thread(target=_to_the_end, args=(listener, near))
        far.start()
        with closing(Client(bare(f"http://127.0.0.1:{listener.getsockname()[1]}"))) as client:
            client.begin(threading.Event()).send("GET", "/stat")
        far.join(WAIT_S)

    assert near[-1] == b""


def test_an_https_source_is_asked_through_its_proxy(tls: ssl.SSLContext, ca_file: Path) -> None:
    with serving(tls=tls) as server, proxy(server.port) as (url, asked_for):
        server.answer = lambda _: as_json(["inside"])
        target = f"https://127.0.0.1:{server.port}"
        with asking(bare(target, ca_file=ca_file, proxy=url, allow=[])) as http:
            bodies = [http.send("GET", "/stat", query=[("n", "1")]).json() for _ in range(2)]

        assert bodies == [["inside"], ["inside"]]
        assert asked_for == [f"CONNECT 127.0.0.1:{server.port} HTTP/1.0"]
        assert peers(server) == 1
        assert {asked.headers["host"] for asked in server.asked} == {f"127.0.0.1:{server.port}"}
        assert {asked.path for asked in server.asked} == {"/stat"}


def test_inside_tls_that_is_inside_tls_no_connection_is_kept(
    tls: ssl.SSLContext, ca_file: Path
) -> None:
    """What has come over such a connection unasked nobody could see."""
    with serving(tls=tls) as server, proxy(server.port, tls) as (url, asked_for):
        server.answer = lambda _: as_json(["inside"])
        target = f"https://127.0.0.1:{server.port}"
        with asking(bare(target, ca_file=ca_file, proxy=url, allow=[])) as http:
            bodies = [http.send("GET", "/stat").json() for _ in range(2)]

        assert bodies == [["inside"], ["inside"]]
        assert len(asked_for) == 2
        assert peers(server) == 2


def test_a_proxy_does_not_make_a_certificate_good(tls: ssl.SSLContext) -> None:
    with serving(as_json([]), tls=tls) as server, proxy(server.port) as (url, _):
        target = f"https://127.0.0.1:{server.port}"
        with (
            asking(bare(target, proxy=url, allow=[])) as http,
            pytest.raises(SourceError, match="its certificate is not accepted"),
        ):
            http.send("GET", "/stat")

        assert server.asked == []


@contextmanager
def far_end(
    first: bytes, planted: bytes = b"", *, then_ends: bool = False
) -> Iterator[tuple[str, threading.Event]]:
    """Answers `first` over each connection, once each; the event is set once it did the rest."""
    did = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answered = threading.Thread(
            target=_twice, args=(listener, first, planted, did), kwargs={"ends": then_ends}
        )
        answered.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", did
        answered.join(WAIT_S)


def _twice(
    listener: socket.socket, first: bytes, planted: bytes, did: threading.Event, *, ends: bool
) -> None:
    one, _ = listener.accept()
    with one:
        one.recv(65_536)
        one.sendall(first)
        if ends:
            one.shutdown(socket.SHUT_WR)
        if planted:
            one.sendall(planted)
        did.set()
        other, _ = listener.accept()
        with other:
            other.recv(65_536)
            other.sendall(first)


def _to_the_end(listener: socket.socket, near: list[bytes]) -> None:
    one, _ = listener.accept()
    with one:
        near.append(one.recv(65_536))
        one.sendall(ANSWER)
        near.append(one.recv(65_536))


@contextmanager
def proxy(port: int, tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[str]]]:
    """A proxy, asked inside TLS perhaps, that lets through to one port; what it was asked for."""
    asked_for: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_tunnels, args=(listener, port, tls, asked_for))
        thread.start()
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{listener.getsockname()[1]}", asked_for
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # which ends a wait for a connection
            thread.join(WAIT_S)


def _tunnels(
    listener: socket.socket, port: int, tls: ssl.SSLContext | None, asked_for: list[str]
) -> None:
    with suppress(OSError):  # which is how the listener ends
        while True:
            raw, _ = listener.accept()
            near = tls.wrap_socket(raw, server_side=True) if tls else raw
            with near, socket.create_connection(("127.0.0.1", port)) as far:
                asked_for.append(near.recv(65_536).decode().partition("\r\n")[0])
                near.sendall(b"HTTP/1.1 200 Go on\r\n\r\n")
                with suppress(ConnectionError):
                    _relay(near, far)


def _relay(near: socket.socket, far: socket.socket) -> None:
    with selectors.DefaultSelector() as both:
        both.register(near, selectors.EVENT_READ, far)
        both.register(far, selectors.EVENT_READ, near)
        while True:
            for key, _ in both.select(WAIT_S):
                taken = key.fileobj.recv(65_536)  # type: ignore[union-attr]  # both are sockets
                if not taken:
                    return
                key.data.sendall(taken)
