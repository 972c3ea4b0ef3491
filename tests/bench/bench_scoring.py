"""Measure scoring against plainer work on the same data, side by side in one run.

Nothing is asserted: machines differ, and ratios tell more than seconds do. Run it with
`python -m tests.bench.bench_scoring`, or with everything else by `make bench`.
"""

import shutil
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from scoring.history import score_course
from scoring.model import Inputs
from scoring.plan import Plan
from scoring.score import rescore, score
from tests.bench.made_up import course_of, inputs_of, planned
from tests.bench.recording_rules import duration_s

COUNTRY = 4000, 100
PROVINCE = 32, 40
YEAR_TICKS, CHANGING = 105_120, 0.03
# Prometheus takes gigabytes, and minutes, for a whole country.
RULED = 1000, 100


@dataclass(frozen=True)
class Line:
    """What was measured, and what is wanted of it."""

    what: str
    found: str
    wanted: str


def main() -> None:
    for line in measured():
        print(f"{line.what:<66} {line.found:>26}   wanted: {line.wanted}", flush=True)  # noqa: T201  a benchmark prints


def measured() -> Iterator[Line]:
    for stale in (0.0, 0.05):
        yield from _country(stale)
    for stale in (0.0, 0.05):
        yield _again(stale)
    yield _year()
    yield _against_rules()


def _country(stale: float) -> Iterator[Line]:
    plan = planned(*COUNTRY)
    inputs = inputs_of(plan, stale=stale)
    name = f"{COUNTRY[0]:,} agencies × {COUNTRY[1]} indicators, {stale:.0%} of the inputs stale"
    yield Line(f"full scoring, {name}", _beside_copying(plan, inputs), "10 × at most")
    found = _beside_copying(plan, _by_metric(inputs))
    yield Line("  with arrays metric by metric", found, "10 × at most")
    matrix = COUNTRY[0] * COUNTRY[1] * np.dtype(np.float64).itemsize
    arrays = _peak_bytes(lambda: score(plan, inputs)) / matrix
    yield Line("  memory of it at its peak, with the result", f"{arrays:.1f} matrices", "6 at most")


def _by_metric(inputs: Inputs) -> Inputs:
    """The same, in memory the other way round than scoring gets them."""
    return replace(
        inputs,
        numbers=np.asfortranarray(inputs.numbers),
        lows=np.asfortranarray(inputs.lows),
        highs=np.asfortranarray(inputs.highs),
        statuses=np.asfortranarray(inputs.statuses),
    )


def _beside_copying(plan: Plan, inputs: Inputs) -> str:
    copying_s, scoring_s = _side_by_side(
        lambda: _copied(inputs), lambda: score(plan, inputs), anew=True
    )
    return f"{scoring_s * 1e3:.1f} ms = {scoring_s / copying_s:.1f} × copying"


def _again(stale: float) -> Line:
    plan = planned(*PROVINCE)
    inputs = inputs_of(plan, stale=stale)
    before, agency = score(plan, inputs), np.array([3])
    full_s, again_s = _side_by_side(
        lambda: score(plan, inputs), lambda: rescore(plan, before, inputs, agency), rounds=300
    )
    found = f"{again_s * 1e6:.0f} µs = {again_s / full_s:.2f} × all"
    what = f"one of {PROVINCE[0]} agencies again, {PROVINCE[1]} indicators, {stale:.0%} stale"
    return Line(what, found, "100 µs at most")


def _year() -> Line:
    plan = planned(*PROVINCE)
    course = course_of(plan, YEAR_TICKS, CHANGING)
    cells = PROVINCE[0] * PROVINCE[1] * YEAR_TICKS
    (year_s,) = _side_by_side(lambda: score_course(plan, course), rounds=3)
    what = f"a year of {YEAR_TICKS:,} ticks, {CHANGING:.0%} of {PROVINCE[0]} × {PROVINCE[1]} change"
    found = f"{year_s:.2f} s = {cells / year_s / 1e6:.0f} M cells/s"
    return Line(f"{what}, with groups and ranks", found, "1 s at most")


def _against_rules() -> Line:
    what = f"Prometheus's recording rules, {RULED[0]:,} × {RULED[1]} ratios, points and totals"
    program = shutil.which("prometheus")
    if program is None:
        return Line(what, "Prometheus is not installed", "1,000 × slower at least")
    plan = planned(*RULED, kinds=("ratio",))
    inputs = inputs_of(plan)
    (ours_s,) = _side_by_side(lambda: score(plan, inputs))
    theirs_s = duration_s(program, inputs)
    found = f"{theirs_s:.2f} s = {theirs_s / ours_s:,.0f} × scoring"
    return Line(what, found, "1,000 × at least")


def _copied(inputs: Inputs) -> list[object]:
    """As they lie in memory: nothing copies them faster."""
    arrays = (inputs.numbers, inputs.lows, inputs.highs, inputs.statuses)
    return [array.copy(order="K") for array in arrays]


def _side_by_side(
    *works: Callable[[], object], rounds: int = 15, anew: bool = False
) -> tuple[float, ...]:
    """The least seconds of each, taken in turns.

    `anew`: all results are kept meanwhile, so that each is written to new memory. Memory that was
    freed costs less, and which work finds some depends on what was done before.
    """
    kept: deque[object] = deque(maxlen=None if anew else 0)
    found = [[_seconds(work, kept) for work in works] for _ in range(rounds)]
    return tuple(min(times) for times in zip(*found, strict=True))


def _seconds(work: Callable[[], object], kept: deque[object]) -> float:
    start_s = time.perf_counter()
    result = work()
    taken_s = time.perf_counter() - start_s
    kept.append(result)
    return taken_s


def _peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


if __name__ == "__main__":
    main()
