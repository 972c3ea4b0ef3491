"""A server that serves faults, byte by byte where it must, and keeps a ledger of all it served."""

import hashlib
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.source_server import Asked, Served

CHUNK = b"0" * 65_536


@dataclass(frozen=True)
class Entry:
    """One answer as it left: what was asked under which fault, and the bytes that were sent.

    `act` says whether the fault itself answered; else a sound source did.
    """

    fault: str
    asked: str
    act: bool
    bytes: int
    sha256: str


@dataclass
class Exchange:
    """One request and the connection that waits for its answer.

    `turn` counts the answers of the fault from 0. `speak` gives what a sound source would say.
    """

    asked: Asked
    turn: int
    speak: Callable[..., Served]
    wire: socket.socket
    ended: threading.Event
    sent: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    keeps: bool = True

    def send(self, data: bytes) -> None:
        self.wire.sendall(data)
        self.sent += len(data)
        self.digest.update(data)

    def answer(self, served: Served) -> None:
        self.send(whole(served))

    def last(self, data: bytes) -> None:
        """Send these bytes and end the connection."""
        self.send(data)
        self.keeps = False

    def drip(self, data: bytes, gap_s: float = 0.02) -> None:
        """One byte at a time, until the client has enough of it."""
        for byte in data:
            self.send(bytes([byte]))
            if self.ended.wait(gap_s):
                break
        self.keeps = False

    def hush(self) -> None:
        """Say nothing more until the client hangs up."""
        self.wire.recv(1)
        self.keeps = False

    def pour(self, chunk: bytes, times: int) -> None:
        """The same bytes again and again, until the client hangs up."""
        for _ in range(times):
            self.send(chunk)
        self.keeps = False

    def reset(self) -> None:
        """End the connection with a reset in place of an orderly end."""
        reset(self.wire)
        self.keeps = False


Act = Callable[[Exchange], None]
Greet = Callable[[socket.socket], socket.socket | None]


@dataclass(frozen=True)
class Part:
    """What one name of the server serves: a sound source until it is armed, and then a fault.

    `strikes` says what the fault answers; all else is answered by `after`, whose further arguments
    are for the fault to give.
    """

    before: Callable[[Asked], Served]
    after: Callable[..., Served]
    strikes: Callable[[Asked], bool]
    act: Act


class FaultServer:
    """Serves `/NAME/…` by the part of that name; `/arm/NAME` lets its fault begin.

    `greet` is done with each new connection first; None from it ends the connection.
    """

    def __init__(self, parts: Mapping[str, Part], host: str, greet: Greet | None) -> None:
        self.parts = parts
        self.greet = greet
        self.ledger: list[Entry] = []
        self.greeted = 0
        self.armed: set[str] = set()
        self.turns: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self._server = _Server(self, host)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.end_all()
        self._server.server_close()


@contextmanager
def serving(
    parts: Mapping[str, Part], *, host: str = "127.0.0.1", greet: Greet | None = None
) -> Iterator[FaultServer]:
    server = FaultServer(parts, host, greet)
    try:
        yield server
    finally:
        server.close()


def whole(served: Served) -> bytes:
    """An answer as it goes over the wire."""
    if served.raw is not None:
        return served.raw
    return head(served, {"Content-Length": str(len(served.body))}) + served.body


def head(served: Served, more: Mapping[str, str]) -> bytes:
    headers = {"Content-Type": served.content_type, **more, **served.headers}
    lines = [
        f"HTTP/1.1 {served.status} Said",
        *(f"{name}: {text}" for name, text in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def reset(wire: socket.socket) -> None:
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, owner: FaultServer, host: str) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((host, 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        self.owner.greeted += 1
        greeted = request if self.owner.greet is None else self.owner.greet(request)
        if greeted is not None:
            super().finish_request(greeted, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the midst is what most faults lead to."""

    def end_all(self) -> None:
        with self._lock:
            for request in self._open:
                with suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  http.server's name
        """Nothing: the ledger says it."""

    def _serve(self) -> None:
        owner = self.server.owner
        name, asked = self._asked()
        if name == "arm":
            owner.armed.add(asked.path.strip("/"))
            self.wfile.write(whole(Served()))
            return
        part = owner.parts[name]
        is_armed = name in owner.armed
        acts = is_armed and part.strikes(asked)
        with owner.lock:
            turn = owner.turns[name]
            owner.turns[name] += acts
        exchange = Exchange(asked, turn, _spoken(part, asked), self.connection, owner.ended)
        try:
            if acts:
                part.act(exchange)
            else:
                exchange.answer((part.after if is_armed else part.before)(asked))
        finally:
            digest = exchange.digest.hexdigest()
            with owner.lock:
                owner.ledger.append(Entry(name, _told(asked), acts, exchange.sent, digest))
            self.close_connection = self.close_connection or not exchange.keeps

    def _asked(self) -> tuple[str, Asked]:
        """The name that is asked for, and the request without it."""
        parts = urlsplit(self.path)
        _, name, path = f"{parts.path}/".split("/", 2)
        length = int(self.headers.get("Content-Length") or 0)
        return name, Asked(
            self.command,
            "/" + path.removesuffix("/"),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {key.lower(): value for key, value in self.headers.items()},
            self.rfile.read(length),
            self.client_address[1],
        )


def _told(asked: Asked) -> str:
    """What tells one question from another."""
    return f"{asked.method} {asked.path} {sorted(asked.query.items())} {asked.body.decode()}"


def _spoken(part: Part, asked: Asked) -> Callable[..., Served]:
    """What a sound source says, with other rows or another query where those are given."""

    def speak(*args: Any, **query: str) -> Served:
        other = replace(asked, query={**asked.query, **query}) if query else asked
        return part.after(other, *args)

    return speak
