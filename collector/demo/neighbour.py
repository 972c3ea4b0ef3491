"""The simulated province's process: started by us or living on beside us, and told the time."""

import http.client
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

_ANSWER_S_MAX = 30.0


class NeighbourError(Exception):
    """The simulated province cannot be started, or does not answer."""


@dataclass(frozen=True)
class Address:
    """Where its control is, and the environment that the configuration needs to find it."""

    control: str
    environment: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            document = json.loads(text)
            return cls(document["control"], document["environment"])
        except (ValueError, KeyError, TypeError) as error:
            raise NeighbourError(f"the simulated province said {text[:80]!r}") from error


class Neighbour:
    """A running simulated province. `close` ends it only if we started it."""

    def __init__(self, address: Address, process: subprocess.Popen[str] | None) -> None:
        self.environment = address.environment
        self._process = process
        parts = urlsplit(address.control)
        if parts.hostname is None:
            raise NeighbourError(f"{address.control} is no address")
        self._line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=_ANSWER_S_MAX)

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Start its process; reports and the ledger of what it serves go into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "collector.demo.servers", "--tied", "--folder", str(folder)],
            stdout=subprocess.PIPE,
            # Tied to us by its standard input: it ends with us, however we end.
            stdin=subprocess.PIPE,
            text=True,
            # Ctrl-C is for us: it ends when we say so, after the runs under way.
            start_new_session=True,
        )
        if process.stdout is None:
            raise NeighbourError("the simulated province has no output")
        return cls(Address.parse(process.stdout.readline()), process)

    @classmethod
    def attach(cls, file: Path) -> Self:
        """One that somebody else started, by the line that it printed."""
        return cls(Address.parse(file.read_text(encoding="utf-8")), None)

    def tell_time(self, at_us: int, *, running: bool = False) -> None:
        """Move its clock; running, it goes on at real speed from there."""
        body = json.dumps({"at_us": at_us, "running": running})
        try:
            self._line.request("PUT", "/clock", body, {"Content-Type": "application/json"})
            answer = self._line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._line.close()
            raise NeighbourError(f"the simulated province does not answer: {error}") from error
        if answer.status >= 300:  # noqa: PLR2004  anything but success
            raise NeighbourError(f"the simulated province answered {answer.status}")

    def close(self) -> None:
        self._line.close()
        if self._process is not None:
            self._process.terminate()
            self._process.communicate()
