"""Measure collection: a thousand pulls against the ideal, and against Prometheus at one pace.

Nothing is asserted: machines differ, and ratios tell more than seconds do. Run it with
`python -m tests.bench.bench_collection`, or with everything else by `make bench`.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from collector.clock import SystemClock
from collector.run import run_source
from collector.schedule import STEADY, Schedule
from collector.service import settle_memory
from tests.bench.bench_scoring import Line
from tests.bench.endpoints import ROWS, Endpoints, running
from tests.makers import Draft, Rig, Tree, named, rigged

ENDPOINTS, LATENCY_S = 1000, 0.05
EVERY_S, SETTLE_S, WINDOW_S = 10, 15.0, 30.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def main() -> None:
    for line in measured():
        print(f"{line.what:<66} {line.found:>34}   wanted: {line.wanted}", flush=True)  # noqa: T201  a benchmark prints


def measured() -> Iterator[Line]:
    with running(LATENCY_S) as endpoints, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _service(endpoints, folder / "burst") as rig:
            _burst(rig, 64)  # opens the connections
            yield _against_ideal(rig, 32, "1.15")
            yield _against_ideal(rig, 64, "1.3")
        yield _against_prometheus(endpoints, folder)


def _against_ideal(rig: Rig, workers: int, wanted: str) -> Line:
    ideal_s = LATENCY_S * ENDPOINTS / workers
    taken_s = min(_burst(rig, workers) for _ in range(5))
    what = f"{ENDPOINTS:,} pulls of {LATENCY_S * 1e3:.0f} ms, stored, {workers} workers"
    found = f"{taken_s:.2f} s = {taken_s / ideal_s:.2f} × ideal"
    return Line(what, found, f"{wanted} × at most")


def _burst(rig: Rig, workers: int) -> float:
    """Seconds until every source is pulled, parsed, admitted, stored and shown once."""
    sources = rig.settings.sources.values()
    began_s = time.perf_counter()
    desk, due_us = rig.engine.desk, rig.clock.now_us()
    with ThreadPoolExecutor(workers) as pool:
        begun = pool.map(lambda source: run_source(source, due_us, desk=desk), sources)
        outcomes = {one.result().run.outcome for one in begun}
    assert outcomes == {"ok"}, outcomes
    return time.perf_counter() - began_s


def _against_prometheus(endpoints: Endpoints, folder: Path) -> Line:
    what = f"CPU of 1,000 pulls, {ENDPOINTS // EVERY_S} a second, beside Prometheus"
    program = shutil.which("prometheus")
    if program is None:
        return Line(what, "Prometheus is not installed", "3 × at most")
    with (
        _prometheus(program, endpoints, folder) as theirs,
        _service(endpoints, folder / "paced") as rig,
        _scheduled(rig),
    ):
        time.sleep(SETTLE_S)
        before, ours_s, theirs_s = endpoints.counts(), _cpu_s(os.getpid()), _cpu_s(theirs)
        time.sleep(WINDOW_S)
        after = endpoints.counts()
        ours_s, theirs_s = _cpu_s(os.getpid()) - ours_s, _cpu_s(theirs) - theirs_s
    pulls, scrapes = (late - early for early, late in zip(before, after, strict=True))
    ours_s, theirs_s = ours_s / pulls * 1e3, theirs_s / scrapes * 1e3
    found = f"{ours_s:.2f} s to {theirs_s:.2f} s = {ours_s / theirs_s:.1f} ×"
    return Line(what, found, "3 × at most")


@contextmanager
def _service(endpoints: Endpoints, folder: Path) -> Iterator[Rig]:
    settings = _draft(endpoints.url).settings(folder)
    with rigged(settings, f"sqlite:///{folder / 'chiso.db'}", clock=SystemClock()) as rig:
        settle_memory()
        yield rig


def _draft(url: str) -> Draft:
    """A province of 32 agencies, and a source of one metric at each endpoint."""
    draft = Draft()
    first = draft.province["agencies"]
    others = [_agency(number) for number in range(len(first), ROWS)]
    draft.province["agencies"] = [*first, *others]
    for number in range(ENDPOINTS):
        kind = {"kind": "gauge", "unit": "things", "name": named("Số", "Number")}
        draft.metrics["metrics"][f"m{number}"] = kind
        draft.sources[f"s{number}"] = _source(f"{url}/{number}", f"m{number}")
    return draft


def _agency(number: int) -> Tree:
    name = f"unit-{number}"
    block = "provincial" if number < 20 else "district"
    return {
        "id": name,
        "block": block,
        "name": named(name, name),
        "codes": {"register": f"H{number}"},
    }


def _source(url: str, metric: str) -> Tree:
    return {
        "connector": "http_json",
        "name": named("Nguồn", "Source"),
        "owner": "Văn phòng",
        "schedule": {"every": f"{EVERY_S}s"},
        "freshness": {"late_after": "45m", "stale_after": "3d"},
        "base_url": url,
        "allow": ["base_url"],
        "requests": [
            {
                "pages": {"type": "single", "total": "total"},
                "records": "rows",
                "agency": {"code": "code", "system": "register"},
                "metrics": {metric: {"path": "n"}},
            }
        ],
    }


@contextmanager
def _scheduled(rig: Rig) -> Iterator[None]:
    died: list[str] = []
    desk, agenda = rig.engine.desk, rig.engine.agenda
    schedule = Schedule(desk, agenda, workers=32, failed=died.append, pulse=STEADY)
    schedule.start()
    try:
        yield
    finally:
        rig.engine.abort()
        schedule.stop()
    assert died == []


@contextmanager
def _prometheus(program: str, endpoints: Endpoints, folder: Path) -> Iterator[int]:
    """The process id of one that scrapes the same endpoints at the same pace."""
    config = folder / "prometheus.json"
    config.write_text(json.dumps(_config(endpoints)), encoding="utf-8")
    arguments = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--web.listen-address=127.0.0.1:0",
    ]
    with subprocess.Popen(arguments, stderr=subprocess.DEVNULL) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def _config(endpoints: Endpoints) -> Tree:
    pace = {"scrape_interval": f"{EVERY_S}s", "scrape_timeout": f"{EVERY_S}s"}
    target = f"127.0.0.1:{endpoints.port}"
    labels = [{"__metrics_path__": f"/{number}"} for number in range(ENDPOINTS)]
    groups = [{"targets": [target], "labels": one} for one in labels]
    return {"global": pace, "scrape_configs": [{"job_name": "bench", "static_configs": groups}]}


def _cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used (proc_pid_stat, utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


if __name__ == "__main__":
    main()
