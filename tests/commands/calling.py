"""The command as its users call it: a process of its own, its exit code, what it prints."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from collector.commands.app import app

ROOT = Path(__file__).parents[2]
WAIT_S = 30.0


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What stands on standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)

    def lines(self) -> list[str]:
        return self.err.splitlines()


def environment(**more: str) -> dict[str, str]:
    known = {key: text for key, text in os.environ.items() if not key.startswith("CHISO_")}
    return {**known, **more}


def command(*args: object) -> list[str]:
    return [sys.executable, "-m", "collector", *(str(one) for one in args)]


def chiso(*args: object, **environ: str) -> Said:
    done = subprocess.run(
        command(*args),
        cwd=ROOT,
        env=environment(**environ),
        capture_output=True,
        timeout=WAIT_S,
        encoding="utf-8",
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def called(*args: object, **environ: str) -> Said:
    """The same command in this process: for its many refusals, of which each is quick."""
    runner = CliRunner(env=environ)
    done = runner.invoke(app, [str(one) for one in args], catch_exceptions=False)
    return Said(done.exit_code, done.stdout, done.stderr)


def together(*calls: tuple[object, ...]) -> list[Said]:
    """Several commands at once: most of their time is Python's start."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: chiso(*call), calls))


@dataclass(frozen=True)
class Running:
    """`chiso run` in the background, and what it logs."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def logged(self) -> list[dict[str, Any]]:
        text = self.log.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def until(self, condition: Callable[["Running"], bool]) -> bool:
        deadline_s = time.monotonic() + WAIT_S
        while not condition(self):
            try:
                self.process.wait(0.05)
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline_s:
                    return False
                continue
            return condition(self)
        return True

    def has(self, event: str, **wanted: Any) -> bool:
        return self.count(event, **wanted) > 0

    def count(self, event: str, **wanted: Any) -> int:
        return sum(
            line["event"] == event and wanted.items() <= line.items() for line in self.logged()
        )

    @property
    def url(self) -> str:
        (started,) = (line for line in self.logged() if line["event"] == "started")
        return str(started["at"])

    def end(self, signal_number: int) -> tuple[int, float]:
        """Its exit code, and how long it took."""
        began_s = time.monotonic()
        self.process.send_signal(signal_number)
        return self.process.wait(WAIT_S), time.monotonic() - began_s


@contextmanager
def running(config: Path, store: str, log: Path, **environ: str) -> Iterator[Running]:
    call = command(
        *("run", "--config", config, "--store", store),
        *("--listen", "127.0.0.1:0", "--log", "json"),
    )
    with log.open("wb") as written:
        process = subprocess.Popen(
            call, cwd=ROOT, env=environment(**environ), stderr=written, stdout=subprocess.DEVNULL
        )
        one = Running(process, log)
        try:
            assert one.until(lambda live: live.has("started")), log.read_text(encoding="utf-8")
            yield one
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
