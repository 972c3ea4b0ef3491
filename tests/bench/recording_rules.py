"""The same ratios, points and totals as recording rules of a real Prometheus, timed by itself."""

import json
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests

from scoring.model import Inputs
from tests.prometheus import Series, ask, waited
from tests.prometheus import _address as address

RULES = """\
groups:
  - name: scores
    rules:
      - {record: bench_ratio, expr: bench_part / bench_whole}
      - {record: bench_points, expr: "clamp_max(bench_ratio / 0.9, 1) * 10"}
      - {record: bench_total, expr: sum by (agency) (bench_points)}
"""


def duration_s(program: str, inputs: Inputs) -> float:
    """How long the rules take of all ratios of the inputs, as Prometheus says of itself.

    It is the better of two evaluations that found everything.
    """
    agencies, metrics = inputs.numbers.shape
    page, pace_s = _page(inputs).encode(), max(agencies * metrics // _A_SECOND, 5)
    with tempfile.TemporaryDirectory() as name, _served(page) as target:
        folder = Path(name)
        (folder / "rules.yml").write_text(RULES, encoding="utf-8")
        config = json.dumps(_config(target, pace_s))
        (folder / "prometheus.json").write_text(config, encoding="utf-8")
        with _running(program, folder) as url:
            wait_s = 15 * pace_s
            waited(lambda: _all_there(url, agencies), "totals of all agencies", timeout_s=wait_s)
            return min(_durations_s(url, wait_s))


def _page(inputs: Inputs) -> str:
    """Every count by agency and indicator; a ratio's whole is named for its part."""
    lines = [
        f'bench_{side}{{agency="agency-{agency}",indicator="{part}"}} {count:.0f}'
        for part in (name.removeprefix("of_") for name in inputs.metrics if name.startswith("of_"))
        for side, name in (("part", part), ("whole", f"of_{part}"))
        for agency, count in enumerate(inputs.numbers[:, inputs.metrics.index(name)].tolist())
    ]
    return "\n".join(lines) + "\n"


@contextmanager
def _served(page: bytes) -> Iterator[str]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base names it so
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _config(target: str, pace_s: int) -> dict[str, object]:
    names = "scrape_interval", "scrape_timeout", "evaluation_interval"
    pace = dict.fromkeys(names, f"{pace_s}s")
    job = {"job_name": "bench", "static_configs": [{"targets": [target]}]}
    return {"global": pace, "rule_files": ["rules.yml"], "scrape_configs": [job]}


@contextmanager
def _running(program: str, folder: Path) -> Iterator[str]:
    log = folder / "prometheus.log"
    arguments = [
        program,
        f"--config.file={folder / 'prometheus.json'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--web.listen-address=127.0.0.1:0",
    ]
    with (
        log.open("wb") as lines,
        subprocess.Popen(arguments, stdout=lines, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield f"http://{waited(lambda: address(process, log), 'address of Prometheus')}"
        finally:
            process.terminate()
            process.wait(timeout=60)


def _all_there(url: str, agencies: int) -> list[Series] | None:
    return ask(url, f"count(bench_total) == {agencies}") or None


def _durations_s(url: str, wait_s: int) -> Iterator[float]:
    """Those that differ, of evaluations that found everything."""
    seen: list[float] = []
    while len(seen) < _ROUNDS:
        other = waited(lambda: _other_than(url, seen), "evaluation", timeout_s=wait_s)
        seen.append(other)
    yield from seen


def _other_than(url: str, seen: list[float]) -> float | None:
    found = re.search(rf"^{_DURATION}{{.*}} (\S+)$", _metrics(url), re.MULTILINE)
    duration_s = float(found[1]) if found else 0.0
    return duration_s if duration_s and duration_s not in seen else None


def _metrics(url: str) -> str:
    return requests.get(f"{url}/metrics", timeout=10).text


_DURATION = "prometheus_rule_group_last_duration_seconds"
_ROUNDS = 2
# So many counts a second it takes in and works out, with room to spare.
_A_SECOND = 10_000
