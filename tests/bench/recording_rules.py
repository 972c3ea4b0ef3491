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


def duration_s(program: str, agencies: int, indicators: int) -> float:
    """How long the rules take of that many ratios, as Prometheus says of itself; best of three."""
    page = _page(agencies, indicators).encode()
    with tempfile.TemporaryDirectory() as name, _served(page) as target:
        folder = Path(name)
        (folder / "rules.yml").write_text(RULES, encoding="utf-8")
        (folder / "prometheus.json").write_text(json.dumps(_config(target)), encoding="utf-8")
        with _running(program, folder) as url:
            waited(lambda: _all_there(url, agencies), "totals of all agencies", timeout_s=180)
            return min(_durations_s(url))


def _page(agencies: int, indicators: int) -> str:
    lines = [
        f'bench_{side}{{agency="agency-{a}",indicator="count-{i}"}} {count}'
        for side, count in (("part", 60), ("whole", 100))
        for a in range(agencies)
        for i in range(indicators)
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


def _config(target: str) -> dict[str, object]:
    pace = {"scrape_interval": "5s", "scrape_timeout": "5s", "evaluation_interval": "5s"}
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


def _durations_s(url: str) -> Iterator[float]:
    """Three that differ, of evaluations that found everything."""
    seen: list[float] = []
    while len(seen) < _ROUNDS:
        seen.append(waited(lambda: _other_than(url, seen), "evaluation of the rules", timeout_s=60))
    yield from seen


def _other_than(url: str, seen: list[float]) -> float | None:
    found = re.search(rf"^{_DURATION}{{.*}} (\S+)$", _metrics(url), re.MULTILINE)
    duration_s = float(found[1]) if found else 0.0
    return duration_s if duration_s and duration_s not in seen else None


def _metrics(url: str) -> str:
    return requests.get(f"{url}/metrics", timeout=10).text


_DURATION = "prometheus_rule_group_last_duration_seconds"
_ROUNDS = 3
