"""A process that runs the live schedule over many sources, and says how late each run was.

`python -m tests.faults.crowd FOLDER SECONDS` writes a `Report` as JSON to standard output.
"""

import json
import os
import socket
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import generate_latest

from collector.clock import SECOND_US, SystemClock
from collector.schedule import STEADY, Schedule
from collector.settings.load import load
from tests.faults.puller import ENVIRON, Resolver
from tests.makers import Rig, rigged

WORKERS = 128


@dataclass(frozen=True)
class Report:
    """By source: seconds from due to begun and to ended of each run, its outcome and reason.

    `deaths` is what the schedule said that died, `shown` all that was logged and exposed.
    """

    begun_s: dict[str, list[float]]
    ended_s: dict[str, list[float]]
    outcomes: dict[str, list[str]]
    deaths: list[str]
    shown: str


def main() -> None:
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
    os.environ.update(ENVIRON)
    socket.getaddrinfo = Resolver()
    settings = load(folder / "config", environ=ENVIRON)
    deaths: list[str] = []
    with rigged(settings, f"sqlite:///{folder / 'chiso.db'}", clock=SystemClock()) as rig:
        schedule = Schedule(
            rig.engine.desk,
            rig.engine.agenda,
            workers=WORKERS,
            failed=deaths.append,
            pulse=STEADY,
        )
        schedule.start()
        rig.clock.wait(rig.engine.desk.stop, seconds)
        report = _report(rig, deaths)
        rig.engine.abort()
        schedule.stop()
    sys.stdout.write(json.dumps(vars(report)))


def _report(rig: Rig, deaths: list[str]) -> Report:
    begun_s, ended_s = defaultdict(list), defaultdict(list)
    outcomes = defaultdict(list)
    for source in rig.settings.sources:
        for run in rig.store.runs(source, limit=1000):
            begun_s[source].append((run.began_us - run.due_us) / SECOND_US)
            ended_s[source].append((run.ended_us - run.due_us) / SECOND_US)
            outcomes[source].append(f"{run.outcome} {run.error_reason or ''}".strip())
    exposed = generate_latest(rig.front.registry).decode()
    return Report(begun_s, ended_s, outcomes, deaths, rig.lines.getvalue() + exposed)


if __name__ == "__main__":
    main()
