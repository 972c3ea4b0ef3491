"""Two hundred sources on one service, three in ten of them faulty: the others do not notice."""

import json
import math
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

import pytest

from tests.faults.certificates import Certificates, made
from tests.faults.crowd import Report
from tests.faults.expected import Expected, Fails, Holds, Passes
from tests.faults.fault_server import serving
from tests.faults.faults import Fault, sound
from tests.faults.grounds import Site
from tests.faults.session import ROOT, described, stored
from tests.faults.speakers import SECRET, SPEAKERS, TOKEN
from tests.faults.table import FAULTS
from tests.makers import Draft, Tree

SOURCES, FAULTY = 200, 60
SECONDS = 16.0
LATENESS_S_MAX = 2.0


def _timeless(metric: str) -> Tree:
    """By the clock of this machine the year of the rows' own times is over."""
    options = SPEAKERS["http_json"].options(metric)
    requests = [
        {key: value for key, value in request.items() if key != "data_at"}
        for request in options["requests"]
    ]
    return {**options, "requests": requests}


SPEAKER = replace(SPEAKERS["http_json"], options=_timeless)
# Some of every stage, those above all that hold on to a worker, to memory or to a processor.
MIX = (
    *("silence", "headers drip", "body drips", "one byte and silence", "silence in the handshake"),
    *("connection never accepted", "connection refused", "name resolved too late"),
    *("name unknown", "certificate expired", "reset in the body", "truncated, with a length"),
    *("500 MB", "gzip bomb", "one header for ever", "interim answers for ever"),
    *("millions of empty objects", "JSON 100,000 deep", "as many decimals as are read"),
    *("status 500", "status 429", "status 503 for a day", "token refused for ever", "login page"),
    *("redirects in a circle", "first page again and again", "value 1e400", "row twice"),
    *("total too high", "no rows"),
)
# A source that hangs holds its worker nearly as long as until it is due again.
LIMITS = {"attempts": 2, "connect_s": 5, "read_s": 5, "total_s": 8, "max_bytes": 5_000_000}


@dataclass(frozen=True)
class Crowd:
    """The report of the run, the faults by source, and all that was shown or stored."""

    report: Report
    faulty: dict[str, Fault]
    seen: str

    def healthy(self, by_source: dict[str, list[float]]) -> list[float]:
        return sorted(
            figure
            for source, figures in by_source.items()
            if source not in self.faulty
            for figure in figures
        )


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    """Made a second time where it was late: the machine may be busy with other things."""
    certificates = made(tmp_path_factory.mktemp("certificates"))
    first = _crowd(tmp_path_factory.mktemp("crowd"), certificates)
    if percentile(first.healthy(first.report.ended_s), 0.99) <= LATENESS_S_MAX:
        return first
    return _crowd(tmp_path_factory.mktemp("crowd"), certificates)


def _crowd(folder: Path, certificates: Certificates) -> Crowd:
    named = {fault.name: fault for fault in FAULTS}
    faulty = {f"bad-{number}": named[name] for number, name in zip(range(FAULTY), cycle(MIX))}
    well = Fault("none", "rows", sound, Passes())
    healthy = {f"good-{number}": well for number in range(SOURCES - FAULTY)}
    report = _run(folder, {**faulty, **healthy}, certificates)
    return Crowd(report, faulty, "\n".join([report.shown, *stored(folder)]))


def _run(folder: Path, faults: dict[str, Fault], certificates: Certificates) -> Report:
    parts = {name: SPEAKER.part(fault.act, fault.strikes) for name, fault in faults.items()}
    draft = Draft()
    with ExitStack() as stack:
        server = stack.enter_context(serving(parts))
        server.armed.update(faults)
        for name, fault in faults.items():
            site = Site(f"http://127.0.0.1:{server.port}/{name}")
            if fault.ground is not None:
                site = fault.ground(stack, name, parts[name], certificates)
            more = {"schedule": {"every": "10s"}, "limits": LIMITS}
            described(draft, name, fault, site, SPEAKER, **more)
        draft.write(folder / "config")
        command = [sys.executable, "-m", "tests.faults.crowd", str(folder), str(SECONDS)]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
        )
    assert done.returncode == 0, done.stderr
    return Report(**json.loads(done.stdout))


def percentile(figures: list[float], share: float) -> float:
    """Of sorted figures, the least that so great a share does not pass."""
    return figures[math.ceil(share * len(figures)) - 1]


def test_the_healthy_ones_are_in_time(crowd: Crowd) -> None:
    begun, ended = crowd.healthy(crowd.report.begun_s), crowd.healthy(crowd.report.ended_s)

    assert percentile(begun, 0.99) <= LATENESS_S_MAX
    assert percentile(ended, 0.99) <= LATENESS_S_MAX
    # The first at the start and then one in every ten seconds.
    assert len(begun) >= 2 * (SOURCES - FAULTY)


def test_the_healthy_ones_are_well(crowd: Crowd) -> None:
    outcomes = {
        source: set(found)
        for source, found in crowd.report.outcomes.items()
        if source not in crowd.faulty
    }

    assert len(outcomes) == SOURCES - FAULTY
    assert {source: found for source, found in outcomes.items() if found != {"ok"}} == {}


def test_the_faulty_ones_end_as_they_must(crowd: Crowd) -> None:
    ends = {
        source: (fault.name, fault.expected, set(crowd.report.outcomes[source]) - {"coalesced"})
        for source, fault in crowd.faulty.items()
    }

    assert [end for end in ends.values() if not is_met(end[1], end[2])] == []


def is_met(expected: Expected, outcomes: set[str]) -> bool:
    match expected:
        case Fails(reason):
            return outcomes == {f"failed {reason}"}
        case Holds():
            return outcomes == {"held"}
        case _:
            return outcomes == {"ok"}


def test_nothing_of_the_service_died(crowd: Crowd) -> None:
    assert crowd.report.deaths == []
    assert '"bug"' not in crowd.report.shown


def test_no_secret_is_shown_or_stored(crowd: Crowd) -> None:
    assert "dti_" in crowd.seen
    assert {secret for secret in (SECRET, TOKEN) if secret in crowd.seen} == set()
