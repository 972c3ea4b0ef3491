"""Whether what became of a run under a fault is what must become of it."""

from collections.abc import Iterator

from tests.faults.expected import Expected, Fails, Holds, Passes, Refuses, Stays
from tests.faults.puller import Verdict
from tests.faults.speakers import NEW, OLD
from tests.makers import AGENCIES

TOTAL_S = 1.0
# Of the time that a run takes by itself: what a machine busy with other tests keeps it waiting
# for a processor is no lateness of ours, and would be forgiven for all by a longer time here.
LATE_S = 0.5
GROWTH_MIB = 64
FIRST, *OTHERS = AGENCIES
BEFORE = dict(zip(AGENCIES, (row.value for row in OLD), strict=True))
AFTER = dict(zip(AGENCIES, (row.value for row in NEW), strict=True))


def complaints(verdict: Verdict, expected: Expected, *, is_warm: bool) -> list[str]:
    """What is wrong with it; nothing when all is well."""
    return [*_costs(verdict), *_starts(verdict, is_warm=is_warm), *_ends(verdict, expected)]


def _costs(it: Verdict) -> Iterator[str]:
    if it.own_s > TOTAL_S + LATE_S:
        yield f"took {it.own_s:.2f} s, besides {it.waited_s:.2f} s without a processor"
    if it.growth_mib > GROWTH_MIB:
        yield f"took {it.growth_mib:.0f} MiB"
    if it.reason == "ours":
        yield "is said to be our own fault"


def _starts(it: Verdict, *, is_warm: bool) -> Iterator[str]:
    if is_warm and not (it.warmed and it.before == BEFORE):
        yield f"the sound answer before it was not taken: {it.before}"


def _ends(it: Verdict, expected: Expected) -> Iterator[str]:
    match expected:
        case Fails():
            yield from _failed(it, expected)
        case Holds():
            if (it.outcome, it.verdict) != ("held", expected.verdict):
                yield f"is {it.outcome}, {it.verdict}"
            yield from _nothing_used(it)
        case Refuses():
            yield from _refused(it, expected)
        case Stays():
            if it.verdict != expected.verdict:
                yield f"is found {it.verdict}"
            yield from _used(it, BEFORE)
        case Passes():
            if it.refused:
                yield f"rows are refused: {it.refused}"
            yield from _used(it, {**AFTER, FIRST: expected.value})


def _failed(it: Verdict, expected: Fails) -> Iterator[str]:
    if (it.outcome, it.reason) != ("failed", expected.reason):
        yield f"is {it.outcome}, {it.reason}: {it.message}"
    if it.wait_s != expected.wait_s:
        yield f"asks to wait {it.wait_s} s"
    if not it.message:
        yield "does not say why"
    yield from _nothing_used(it)


def _nothing_used(it: Verdict) -> Iterator[str]:
    if it.admitted or it.after != it.before:
        yield f"of a bad answer was used: {it.admitted}"


def _refused(it: Verdict, expected: Refuses) -> Iterator[str]:
    if it.refused != (expected.reason,) * expected.rows:
        yield f"refused is {it.refused}"
    yield from _used(it, {**AFTER, FIRST: BEFORE[FIRST]} if expected.kept else AFTER)


def _used(it: Verdict, readings: dict[str, str]) -> Iterator[str]:
    if it.outcome != "ok":
        yield f"is {it.outcome}, {it.reason}, {it.verdict}: {it.message}"
    if it.after != readings:
        yield f"known is {it.after}"
