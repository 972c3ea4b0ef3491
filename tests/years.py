"""The demo's year as tests need it: run once a session, with its sources in their own process."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_END_S_MAX = 300
# Sources over HTTP answer a login or a token before the figures; those are not in a run's digest.
_UNCOUNTED = ("/token", "/api/login")


@dataclass(frozen=True)
class Year:
    """A finished year: its final document, its store, and what its sources say they served."""

    document: dict[str, Any]
    store_file: Path
    neighbour: "Sources"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.store_file}"


@dataclass(frozen=True)
class Sources:
    """A simulated province that lives on whatever becomes of the service."""

    file: Path
    ledger: Path
    folder: Path

    def digests(self) -> dict[tuple[str, int], set[str]]:
        """By system and moment, the digest of every row of answers that it served then."""
        found = {
            (system, at_us): set(_rows([self._body(line) for line in lines]))
            for (system, at_us), lines in self._served().items()
        }
        # A report lies there from the day it is written; a pull says the digests of what is new.
        reports = [line for line in self._lines() if line["system"] == "reports"]
        found["reports", 0] = set(_rows([line["sha256"].encode() for line in reports]))
        return found

    def _served(self) -> dict[tuple[str, int], list[dict[str, Any]]]:
        found = defaultdict(list)
        for line in self._lines():
            if line["status"] == 200 and not line["path"].endswith(_UNCOUNTED):
                found[line["system"], line["at_us"]].append(line)
        return found

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.ledger.read_text(encoding="utf-8").splitlines()]

    def _body(self, line: dict[str, Any]) -> bytes:
        body: bytes = (self.folder / "bodies" / line["sha256"]).read_bytes()
        return body


def _rows(bodies: list[bytes]) -> Iterator[str]:
    for first in range(len(bodies)):
        for last in range(first, len(bodies)):
            yield sha256(b"".join(bodies[first : last + 1])).hexdigest()


@contextmanager
def sources(folder: Path) -> Iterator[Sources]:
    """Start a simulated province that keeps every body it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", "collector.demo.servers", "--keep-bodies", "--folder", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        file = folder / "address.json"
        file.write_text(said, encoding="utf-8")
        yield Sources(file, Path(json.loads(said)["ledger"]), folder)
    finally:
        process.terminate()
        process.communicate()


def once(store_file: Path, neighbour: Sources) -> subprocess.Popen[str]:
    """What is left of the year, in a process of its own; it prints the final document."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "collector", "demo", "--once", "--json"),
            *("--store", f"sqlite:///{store_file}", "--province", str(neighbour.file)),
        ],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(store_file: Path, neighbour: Sources) -> Year:
    """The year to its end; whatever went wrong is in the failure's text."""
    process = once(store_file, neighbour)
    out, err = process.communicate(timeout=_END_S_MAX)
    assert process.returncode == 0, err
    return Year(json.loads(out), store_file, neighbour)


@contextmanager
def served(store_file: Path) -> Iterator[str]:
    """The demo live on a finished year's store; its address."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "collector", "demo", "--listen", "127.0.0.1:0"),
            *("--store", f"sqlite:///{store_file}"),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    watchdog = threading.Timer(_END_S_MAX, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.strip().startswith("metrics"))
        yield line.split()[1].removesuffix("/metrics")
    finally:
        watchdog.cancel()
        process.send_signal(signal.SIGTERM)
        process.communicate()
        assert process.returncode == 0
