"""A real HTTP server on a free port that answers as a test says and remembers what it was asked."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came; header names are in lower case, `peer` is the client's own port."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    peer: int

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """One answer. `raw` replaces status line, headers and body, and ends the connection.

    With `drip_s` the bytes leave one by one, so many seconds apart, until the client has enough.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    drip_s: float | None = None


def as_json(value: Any, status: int = 200, **headers: str) -> Served:
    """A JSON answer; headers are given as Retry_After="5"."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Served(json.dumps(value).encode(), status, headers=named)


LOGIN_PAGE = Served(
    b"<!DOCTYPE html><html><body><form action='/login'>...</form></body></html>",
    content_type="text/html; charset=utf-8",
)
SPENT = Served(b"this server has nothing more to say", 418, "text/plain")
Script = Callable[[Asked], Served]


class SourceServer:
    """Answers by `answer`, a function, or by the answers `says` gave it, each once, in order."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.answer: Script = lambda _: SPENT
        self.ended = threading.Event()
        self._server = _Server(self)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def says(self, *served: Served) -> None:
        """Give these answers, each once; what is asked after them is answered 418."""
        left = iter(served)
        self.answer = lambda _: next(left, SPENT)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.end_all()
        self._server.server_close()


@contextmanager
def serving(*served: Served, tls: ssl.SSLContext | None = None) -> Iterator[SourceServer]:
    server = SourceServer(tls)
    if served:
        server.says(*served)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def full_house() -> Iterator[int]:
    """The port of a listener whose queue is full: the system lets further callers wait."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as waiting:
        port = listener.getsockname()[1]
        for _ in range(4):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))
        yield port


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, owner: SourceServer) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of many tests; the test sees the rest in its client."""

    def end_all(self) -> None:
        """Wake the threads that wait for a next request on a connection kept open."""
        with self._lock:
            for request in self._open:
                try:
                    request.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  http.server's name
        """Nothing: a test says what matters."""

    def _serve(self) -> None:
        owner = self.server.owner
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
            self.client_address[1],
        )
        owner.asked.append(asked)
        self._send(owner.answer(asked))

    def _send(self, served: Served) -> None:
        self.close_connection = self.close_connection or served.raw is not None
        whole = self._whole(served) if served.raw is None else served.raw
        if served.drip_s is None:
            self.wfile.write(whole)
            return
        for byte in whole:
            self.wfile.write(bytes([byte]))
            if self.server.owner.ended.wait(served.drip_s):
                self.close_connection = True
                return

    def _whole(self, served: Served) -> bytes:
        headers = {
            "Content-Type": served.content_type,
            "Content-Length": str(len(served.body)),
            **served.headers,
        }
        lines = [
            f"HTTP/1.1 {served.status} Said",
            *(f"{name}: {text}" for name, text in headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + served.body
