"""Run all benchmarks, print what they find, and write it to deploy/BENCH.md.

`python -m tests.bench`, which `make bench` calls; it takes some minutes, and wants a machine that
has nothing else to do.
"""

import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import bench_collection, bench_scoring
from tests.bench.bench_scoring import Line

PAGE = Path(__file__).parent.parent.parent / "deploy/BENCH.md"
PARTS: dict[str, Callable[[], Iterator[Line]]] = {
    "Collection": bench_collection.measured,
    "Scoring": bench_scoring.measured,
}
HEAD = """\
# What chiso costs

Made by `make bench` (`python -m tests.bench`), which prints the same. Nothing here is asserted:
machines differ, so most lines compare two things measured side by side in one run.

Measured on {machine}.
"""
TABLE = "| what | found | wanted |\n|---|---|---|\n"


def main() -> None:
    parts = [HEAD.format(machine=_machine())]
    for title, measured in PARTS.items():
        print(f"\n{title}", flush=True)  # noqa: T201  a benchmark prints
        parts.append(f"## {title}\n\n{TABLE}{''.join(_rows(measured()))}")
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def _rows(lines: Iterator[Line]) -> Iterator[str]:
    for line in lines:
        print(f"{line.what:<66} {line.found:>34}   wanted: {line.wanted}", flush=True)  # noqa: T201  a benchmark prints
        yield f"| {line.what.strip()} | {line.found} | {line.wanted} |\n"


def _machine() -> str:
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), "
        f"Python {platform.python_version()}, {platform.system()}"
    )


if __name__ == "__main__":
    main()
