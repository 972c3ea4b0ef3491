"""A socket beside the store through which commands ask the running service for something.

One JSON line in, one JSON line out. Whoever may read and write the store may use it (mode 0600).
"""

import hashlib
import json
import os
import socket
import socketserver
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

Document = dict[str, Any]
# The longest path that a socket's address holds, on every system that has such sockets.
_PATH_CHARS_MAX = 100
_LINE_BYTES_MAX = 65_536
# How soon the socket notices that it is to end.
_POLL_S = 0.1


class ControlError(Exception):
    """No service answered, or it answered with what is wrong."""


def socket_path(store_url: str) -> Path:
    """Beside a SQLite file; for a database elsewhere, or a path too long, in the temp folder."""
    scheme, _, place = store_url.partition("://")
    if scheme == "sqlite":
        beside = Path(place[1:] + ".socket").absolute()
        if len(str(beside)) <= _PATH_CHARS_MAX:
            return beside
        place = str(beside)
    name = hashlib.sha256(_database(place).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"chiso-{os.getuid()}-{name}.socket"


def _database(place: str) -> str:
    """Which database it is, whoever connects to it and with whatever password."""
    where, _, query = place.rpartition("@")[2].partition("?")
    return repr((where, sorted(pair for pair in parse_qsl(query) if "password" not in pair[0])))


def ask_service(path: Path, request: Document, *, timeout_s: float) -> Document | None:
    """The running service's answer, or None when none runs. ControlError when it refuses."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout_s)
        try:
            line.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:
            raise ControlError(f"{path}: {error.strerror}") from error
        try:
            line.sendall(json.dumps(request).encode() + b"\n")
            answer = line.makefile("rb").readline()
        except OSError as error:
            raise ControlError(f"the running service does not answer: {error}") from error
    if not answer:
        raise ControlError("the running service ended before it answered")
    document: Document = json.loads(answer)
    if "problem" in document:
        raise ControlError(document["problem"])
    return document


class Control:
    """Listens beside the store and hands each request to `answer`, which may raise ControlError.

    ControlError where the socket cannot be.
    """

    def __init__(self, path: Path, answer: Callable[[Document], Document]) -> None:
        self._path = path
        mask = os.umask(0o177)
        try:
            path.unlink(missing_ok=True)
            self._server = _Server(str(path), _handler(answer))
        except OSError as error:
            raise ControlError(f"cannot listen on {path}: {error.strerror or error}") from error
        finally:
            os.umask(mask)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_S,), name="control", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        with suppress(FileNotFoundError):
            self._path.unlink()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False


def _handler(
    answer: Callable[[Document], Document],
) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline(_LINE_BYTES_MAX)
            if line:
                self.wfile.write(json.dumps(_answered(answer, line)).encode() + b"\n")

    return Handler


def _answered(answer: Callable[[Document], Document], line: bytes) -> Document:
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            return {"problem": "a request is a JSON object"}
        return answer(request)
    except (ControlError, ValueError) as error:
        return {"problem": str(error)}
    except Exception as error:  # noqa: BLE001  whoever asked is told, and the service goes on
        return {"problem": f"the service has a bug: {type(error).__name__}: {error}"}
