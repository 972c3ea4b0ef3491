"""A real Prometheus that scrapes one service, with the configuration and the alerts we ship."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from ruamel.yaml import YAML

from tests.programs import require

DEPLOY = Path(__file__).parent.parent / "deploy"
T = TypeVar("T")
Series = dict[str, Any]


@contextmanager
def running_prometheus(service_url: str, folder: Path) -> Iterator[str]:
    """The URL of a Prometheus that has scraped the service and does so every second.

    It listens on a free port and keeps its data in `folder`. Skips where it is not installed.
    """
    program = require("prometheus")
    config, log = folder / "prometheus.json", folder / "prometheus.log"
    config.write_text(json.dumps(_config(urlsplit(service_url).netloc)), encoding="utf-8")
    arguments = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--web.listen-address=127.0.0.1:0",
    ]
    with (
        log.open("wb") as lines,
        subprocess.Popen(arguments, stdout=lines, stderr=subprocess.STDOUT) as process,
    ):
        try:
            url = f"http://{waited(lambda: _address(process, log), 'address of Prometheus')}"
            waited(lambda: _scraped(url), f"first scrape of {service_url}")
            yield url
        finally:
            process.terminate()
            process.wait(timeout=10)


def waited(found: Callable[[], T | None], what: str, *, timeout_s: float = 10) -> T:
    """What `found` gives as soon as it gives something, asked until the time is over."""
    end_s = time.monotonic() + timeout_s
    while (answer := found()) is None:
        assert time.monotonic() < end_s, f"no {what} within {timeout_s} s"
        time.sleep(0.05)
    return answer


def ask(prometheus_url: str, expr: str) -> list[Series]:
    """The series of an instant query; a query that Prometheus refuses is an AssertionError."""
    return _result(prometheus_url, "query", {"query": expr})["result"]  # type: ignore[no-any-return]


def label_values(prometheus_url: str, label: str, selector: str) -> list[str]:
    return _result(prometheus_url, f"label/{label}/values", {"match[]": selector})  # type: ignore[no-any-return]


def _result(prometheus_url: str, path: str, parameters: dict[str, str]) -> Any:
    reply = requests.get(f"{prometheus_url}/api/v1/{path}", params=parameters, timeout=10)
    document = reply.json()
    assert document["status"] == "success", f"{parameters}: {document.get('error')}"
    return document["data"]


def _config(target: str) -> dict[str, Any]:
    """The shipped configuration, but for the address, the pace and where the alerts lie."""
    config: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "prometheus.yml")
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(DEPLOY / name) for name in config["rule_files"]]
    (job,) = config["scrape_configs"]
    job.pop("scrape_timeout")
    job["static_configs"] = [{"targets": [target]}]
    return config


def _address(process: subprocess.Popen[bytes], log: Path) -> str | None:
    """Where it listens, from its own log: the port is its choice, so no other can take it first."""
    text = log.read_text(encoding="utf-8")
    assert process.poll() is None, text
    found = re.search(r'msg="Listening on" address=(\S+)', text)
    return found[1] if found and "ready to receive web requests" in text else None


def _scraped(url: str) -> list[Series] | None:
    return ask(url, 'up{job="chiso"} == 1') or None
