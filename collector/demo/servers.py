"""The simulated province as a process: an HTTP server for each source system, on loopback only.

`python -m collector.demo.servers --folder DIR` prints one JSON line with the address of its clock,
the path of its ledger and the environment that the configuration needs, and then lives until it is
told to end. Its time stands where it is put: PUT /clock {"at_us": …}, or, with "running": true,
goes on from there at real speed.
"""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from collector.demo.counts import Year, read_year
from collector.demo.ledger import Ledger
from collector.demo.moments import Moments
from collector.demo.province import YEAR_START_US
from collector.demo.sheets import Reports
from collector.demo.systems.base import Asked, Served, System, json_answer, not_found
from collector.demo.systems.documents import Documents
from collector.demo.systems.dossiers import Dossiers
from collector.demo.systems.portal import Portal
from collector.demo.systems.wifi import Wifi

_BODY_BYTES_MAX = 1_000_000


class Province:
    """All servers of the province in this process. Use as a context; the clock is set by PUT."""

    def __init__(self, folder: Path, *, keep_bodies: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        year = read_year()
        self.moments = Moments(YEAR_START_US)
        bodies = folder / "bodies" if keep_bodies else None
        self.ledger = Ledger(folder / "ledger.jsonl", bodies=bodies)
        self._reports = Reports(folder / "reports", year)
        self._fronts = [Front(system, self.moments, self.ledger) for system in systems_of(year)]
        control = Control(self.moments, self._reports, self.ledger)
        self._control = Front(control, self.moments, None)

    def __enter__(self) -> Self:
        for front in (*self._fronts, self._control):
            threading.Thread(target=front.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *failure: object) -> None:
        for front in (*self._fronts, self._control):
            front.shutdown()
            front.server_close()
        self.ledger.close()

    def description(self) -> dict[str, Any]:
        """Where everything is: what the process prints."""
        environment = dict(self._reports.environment())
        for front in self._fronts:
            environment |= front.system.environment(front.url)
        return {
            "control": self._control.url,
            "ledger": str(self.ledger.path),
            "environment": environment,
        }


def systems_of(year: Year) -> list[System]:
    return [Dossiers(year), Documents(year), Portal(year), Wifi(year)]


class Control:
    """The driver's way in: sets the clock, and answers once the reports due by then are written."""

    name = "control"

    def __init__(self, moments: Moments, reports: Reports, ledger: Ledger) -> None:
        self._moments = moments
        self._reports = reports
        self._ledger = ledger
        self._lock = threading.Lock()

    def environment(self, url: str) -> dict[str, str]:  # noqa: ARG002  the driver has the address
        return {}

    def answer(self, asked: Asked) -> Served:
        if asked.path != "/clock" or asked.method not in {"GET", "PUT"}:
            return not_found()
        if asked.method == "PUT":
            try:
                wanted = json.loads(asked.body)
                at_us, running = int(wanted["at_us"]), bool(wanted.get("running"))
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                return json_answer({"error": f"no clock in the body: {error}"}, status=400)
            self._set(at_us, running=running)
        return json_answer({"at_us": self._moments.now_us(), "running": self._moments.running})

    def _set(self, at_us: int, *, running: bool) -> None:
        with self._lock:
            for name, body in self._reports.write_until(at_us):
                self._ledger.note(at_us=at_us, system="reports", path=name, status=200, body=body)
            self._moments.put(at_us, running=running)


class Front(ThreadingHTTPServer):
    """One system's server on a free port of 127.0.0.1."""

    daemon_threads = True
    # A killed client may leave many connections that are still to be closed.
    request_queue_size = 128

    def __init__(self, system: System, moments: Moments, ledger: Ledger | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.system = system
        self._moments = moments
        self._ledger = ledger

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def serve(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Served:
        """Answer at the present moment, and note the answer before it leaves."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        at_us = self._moments.now_us()
        served = self.system.answer(Asked(at_us, method, parts.path, query, headers, body))
        if self._ledger is not None:
            self._ledger.note(
                at_us=at_us,
                system=self.system.name,
                path=parts.path,
                status=served.status,
                body=served.body,
            )
        return served

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with connections that stay open, and each answer sent in one piece."""

    server: Front
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def do_PUT(self) -> None:
        self._do()

    def _do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _BODY_BYTES_MAX:
            self.close_connection = True
            self._send(Served(413, b"", "text/plain"))
            return
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self.server.serve(self.command, self.path, headers, body))

    def _send(self, served: Served) -> None:
        self.send_response(served.status)
        self.send_header("Content-Type", served.content_type)
        self.send_header("Content-Length", str(len(served.body)))
        for name, value in served.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(served.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it
        """Say nothing: the ledger says it."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with Province(options.folder.resolve(), keep_bodies=options.keep_bodies) as province:
        sys.stdout.write(json.dumps(province.description()) + "\n")
        sys.stdout.flush()
        if options.tied:
            threading.Thread(target=_watch_input, args=(ended,), daemon=True).start()
        ended.wait()
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="collector.demo.servers", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="for the ledger and the reports")
    parser.add_argument("--keep-bodies", action="store_true", help="keep every body served")
    parser.add_argument("--tied", action="store_true", help="end when standard input closes")
    return parser.parse_args(arguments)


def _watch_input(ended: threading.Event) -> None:
    """Whoever started the process holds its input open; when that one dies, so does this."""
    with suppress(OSError, ValueError):
        while sys.stdin.readline():
            pass
    ended.set()


if __name__ == "__main__":
    sys.exit(main())
