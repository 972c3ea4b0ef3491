import asyncio
import socket
import threading
import time

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from collector.web.server import Server


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello")(scope, receive, send)


def test_a_taken_port_is_an_error_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = Server(hello, "127.0.0.1", taken.getsockname()[1])

        with pytest.raises(OSError, match="in use"):
            server.start()


def test_port_0_takes_a_free_one_and_stopping_gives_it_back() -> None:
    server = Server(hello, "127.0.0.1", 0)
    server.start()
    port = int(server.url.rsplit(":", 1)[1])

    assert httpx.get(server.url, trust_env=False).text == "hello"
    server.stop()

    assert not server.alive
    with socket.create_server(("127.0.0.1", port)):
        pass
    server.stop()


def test_ipv6_has_brackets_in_its_address() -> None:
    assert Server(hello, "::1", 9766).url == "http://[::1]:9766"


def test_an_answer_that_hangs_does_not_keep_the_server_from_ending() -> None:
    asked = threading.Event()

    async def hanging(_scope: Scope, _receive: Receive, _send: Send) -> None:
        asked.set()
        await asyncio.Event().wait()

    server = Server(hanging, "127.0.0.1", 0)
    server.start()
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert asked.wait(5)
        began_s = time.monotonic()
        server.stop()

    assert time.monotonic() - began_s < 6
    assert not server.alive


def test_stopping_what_never_started_is_nothing() -> None:
    Server(hello, "127.0.0.1", 0).stop()
