"""A thousand endpoints in a process of their own: each answers after a set time, in 2 kB.

`python -m tests.bench.endpoints LATENCY_S` prints its port. `/N` is JSON, or the text that
Prometheus reads where it is asked for that; `/` counts the answers of both kinds.
"""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

ROWS = 32
PLAIN = "text/plain; version=0.0.4"


@dataclass(frozen=True)
class Endpoints:
    """Where they are, and how many answers of each kind they have given."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def counts(self) -> tuple[int, int]:
        """Answers in JSON, and in text."""
        found = requests.get(self.url, timeout=10).json()
        return found["json"], found["text"]


@contextmanager
def running(latency_s: float) -> Iterator[Endpoints]:
    command = [sys.executable, "-m", "tests.bench.endpoints", str(latency_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Endpoints(int(process.stdout.readline()))
        finally:
            process.terminate()


class _Speaker(asyncio.Protocol):
    """HTTP as far as two well-known clients need it: GET, one after the other, kept open."""

    def __init__(self, latency_s: float, counts: Counter[str]) -> None:
        self._latency_s = latency_s
        self._counts = counts
        self._transport: asyncio.Transport | None = None
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, self._asked = self._asked.split(b"\r\n\r\n", 1)
            number = head.split(b" ", 2)[1].strip(b"/").decode()
            if not number:
                self._send(json.dumps({kind: self._counts[kind] for kind in ("json", "text")}))
                continue
            kind = "text" if b"openmetrics" in head else "json"
            loop = asyncio.get_running_loop()
            loop.call_later(self._latency_s, self._answer, kind, number)

    def _answer(self, kind: str, number: str) -> None:
        self._counts[kind] += 1
        shift = self._counts[kind] % 7
        if kind == "json":
            rows = [
                f'{{"code":"H{row}","name":"Cơ quan {row}","n":{1000 + row + shift},"state":"on"}}'
                for row in range(ROWS)
            ]
            self._send(f'{{"total":{ROWS},"rows":[{",".join(rows)}]}}')
        else:
            lines = [
                f'n{{endpoint="{number}",agency="H{row}",state="on"}} {1000 + row + shift}\n'
                for row in range(ROWS)
            ]
            self._send("".join(lines), PLAIN)

    def _send(self, text: str, kind: str = "application/json") -> None:
        body = text.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(head.encode() + body)


async def _serve(latency_s: float) -> None:
    counts = Counter[str]()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Speaker(latency_s, counts), "127.0.0.1", 0, backlog=2000
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
