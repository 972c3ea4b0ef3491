"""A process that pulls sources with faults as the service does, and says what became of each run.

It is one of its own, so that its memory is its own too. `python -m tests.faults.puller FOLDER`
reads a `Task` as JSON from standard input and writes a `Verdict` a line to standard output, and
last what must not hold a secret.
"""

import gc
import http.client
import json
import os
import re
import socket
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from prometheus_client import generate_latest

from collector.clock import SECOND_US
from collector.facts import Run
from collector.settings.load import load
from tests.faults.speakers import SECRET
from tests.makers import Rig, rigged

ENVIRON = {"FAULT_SECRET": SECRET}
# The machine may be busy with other things: who is late every time is late by itself.
TRIES = 3


@dataclass(frozen=True)
class Task:
    """Which sources to pull, those of `warm` once before their fault is armed at the port.

    A run that takes longer than `late_s` by itself is made again.
    """

    sources: tuple[str, ...]
    warm: tuple[str, ...]
    port: int
    late_s: float


@dataclass(frozen=True)
class Verdict:
    """What became of one run; values and readings are by agency. It was made `tries` times.

    Of its `seconds` it was kept waiting for a processor for `waited_s`, by whatever else ran.
    """

    source: str
    tries: int
    warmed: bool
    outcome: str
    reason: str | None
    message: str | None
    verdict: str | None
    wait_s: float | None
    admitted: dict[str, str]
    refused: tuple[str, ...]
    before: dict[str, str]
    after: dict[str, str]
    seconds: float
    waited_s: float
    growth_mib: float

    @property
    def own_s(self) -> float:
        """How long it took by itself: on a busy machine all that is started late ends late."""
        return self.seconds - self.waited_s


def main() -> None:
    folder = Path(sys.argv[1])
    task = Task(**json.loads(sys.stdin.read()))
    os.environ.update(ENVIRON)
    socket.getaddrinfo = Resolver()
    settings = load(folder / "config", environ=ENVIRON)
    with rigged(settings, f"sqlite:///{folder / 'chiso.db'}") as rig:
        gc.freeze()  # so that to collect what a run leaves takes no time
        for source in task.sources:
            _say(asdict(_judged(rig, source, task)))
        shown = [rig.lines.getvalue(), generate_latest(rig.front.registry).decode()]
        _say("\n".join([*shown, *rig.published.bodies.values()]))


def _say(line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


def _judged(rig: Rig, source: str, task: Task) -> Verdict:
    warmed = True
    if source in task.warm:
        warmed = _pulled(rig, source).outcome == "ok"
        _arm(task.port, source)
    for tries in range(1, TRIES + 1):
        verdict = _measured(rig, source, tries, warmed=warmed)
        if verdict.own_s <= task.late_s:
            break
    return verdict


def _measured(rig: Rig, source: str, tries: int, *, warmed: bool) -> Verdict:
    before = _readings(rig, source)
    gc.collect()
    start_mib, start_waits, start_s = _resident_mib(), _waits_ns(), time.monotonic()
    run = _pulled(rig, source)
    seconds, growth_mib = time.monotonic() - start_s, _peak_mib() - start_mib
    waited_ns = sum(ns - start_waits.get(thread, 0) for thread, ns in _waits_ns().items())
    wait_us = None if run.not_before_us is None else run.not_before_us - run.ended_us
    return Verdict(
        source,
        tries,
        warmed=warmed,
        outcome=run.outcome,
        reason=run.error_reason,
        message=run.message,
        verdict=run.track.verdict,
        wait_s=None if wait_us is None else wait_us / SECOND_US,
        admitted={one.series.agency: str(one.value) for one in run.admitted},
        refused=tuple(one.reason for one in run.refusals),
        before=before,
        after=_readings(rig, source),
        seconds=seconds,
        waited_s=waited_ns / 1e9,
        growth_mib=growth_mib,
    )


def _pulled(rig: Rig, source: str) -> Run:
    rig.move(SECOND_US)
    return rig.pull(source).run


def _readings(rig: Rig, source: str) -> dict[str, str]:
    """As the store has them: what is published is learned from them, not the other way round."""
    feeds = {metric for metric, _ in rig.settings.sources[source].connector.feeds()}
    known = rig.store.readings().values()
    return {one.series.agency: str(one.value) for one in known if one.series.metric in feeds}


def _arm(port: int, source: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/arm/{source}")
    connection.getresponse().read()
    connection.close()


def _waits_ns() -> dict[str, int]:
    """How long each thread could have run and was not let, as the kernel counts it (sched-stats).

    Where it does not, nothing is forgiven.
    """
    waits: dict[str, int] = {}
    for file in Path("/proc/self/task").glob("*/schedstat"):
        with suppress(OSError):  # a thread that has ended meanwhile
            waits[file.parent.name] = int(file.read_text(encoding="ascii").split()[1])
    return waits


def _resident_mib() -> float:
    """And the peak counts from here (proc_pid_clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status_mib("VmRSS")


def _peak_mib() -> float:
    return _status_mib("VmHWM")


def _status_mib(key: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{key}:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


class Resolver:
    """Names of a domain that does not exist; all else is for the system's own resolver."""

    def __init__(self) -> None:
        self._system = socket.getaddrinfo
        self._asked = Counter[object]()
        self._for_ever = threading.Event()

    def __call__(self, host: Any, *args: Any, **named: Any) -> Any:
        self._asked[host] += 1
        match host:
            case "nobody.test":
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            case "slow.test":
                self._for_ever.wait(60)
            case "inner.test":
                host = "127.0.0.1"
            case "near.test":
                host = "169.254.169.254"
            case "rebound.test":
                host = "127.0.0.2" if self._asked[host] == 1 else "127.0.0.1"
        return self._system(host, *args, **named)


if __name__ == "__main__":
    main()
