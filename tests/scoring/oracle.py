"""The rules of scoring once more in exact fractions: slow, plain, and without the scorer's code."""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product

from tests.scoring.cases import Case, Datum, One

ZERO, UNIT = Fraction(0), Fraction(1)
BY_ZERO = {"zero": ZERO, "full": UNIT}
Ends = tuple[Fraction, ...]  # low, now, high
Total = tuple[Ends, Fraction, bool, bool]  # its score, coverage, whether it has one, or could


def half_up(x: Fraction, digits: int) -> Fraction:
    return Fraction((x * 10**digits + Fraction(1, 2)) // 1, 10**digits)


def work(one: One, values: Sequence[Fraction]) -> Fraction | None:
    text = re.sub(r"\b\d+(\.\d+)?", r"Fraction('\g<0>')", one.text)
    known = {"Fraction": Fraction, "sum": lambda *parts: sum(parts)}
    try:
        return Fraction(eval(text, known, dict(zip(one.names, values, strict=True))))  # noqa: S307  own text
    except ZeroDivisionError:
        return None


def share(one: One, value: Fraction, target: Fraction | None) -> Fraction:
    if one.steps:
        return max((p for s, p in one.steps if half_up(value, 9) >= s), default=ZERO) / one.most
    return min(UNIT, max(ZERO, value / target if target else UNIT * (half_up(value, 9) // 1)))


def now(case: Case, one: One, data: Sequence[Datum], target: Fraction | None) -> Fraction | None:
    if any(datum.status > 1 for datum in data):
        return None if case.exclude else ZERO
    value = work(one, [datum.number for datum in data])
    return BY_ZERO.get(one.when_zero) if value is None else share(one, value, target)


def later(one: One, data: Sequence[Datum], target: Fraction | None) -> list[Fraction]:
    froms = [one.names[n][:3] == "per" and x.low <= 0 < x.high for n, x in enumerate(data)]
    ranges = [(UNIT if f else x.low, x.high) for f, x in zip(froms, data, strict=True)]
    values = [work(one, corner) for corner in product(*ranges)]
    return [s for v in values for s in ([ZERO, UNIT] if v is None else [share(one, v, target)])]


def ends(case: Case, parts: Sequence[tuple[Fraction, Ends]]) -> Ends:
    most = sum(part[0] for part in parts) / case.scale
    return tuple(sum(weight * x[k] for weight, x in parts) / most for k in range(3))


def total(case: Case, agency: int) -> Total:
    parts: dict[bool, list[tuple[Fraction, Ends]]] = {True: [], False: []}  # in for sure, or not
    has = lacks = ZERO
    for one in case.ones:
        data, target = [case.data[agency][name] for name in one.names], one.targets[agency]
        worst, counts = max(datum.status for datum in data), now(case, one, data, target)
        if one.duty[agency] and worst < 5 and (worst or counts is not None):
            shares = later(one, data, target) if worst else []
            shares += [] if counts is None else [counts]
            parts[counts is not None] += [(one.most, (min(shares), counts or ZERO, max(shares)))]
            has += one.most * (worst < 2 and counts is not None)
            lacks += one.most * (worst > 1)
    loose = [more for n in range(len(parts[False]) + 1) for more in combinations(parts[False], n)]
    worlds = [ends(case, [*parts[True], *more]) for more in loose if more or parts[True]]
    low, score, high = zip(*(worlds or [(ZERO, ZERO, case.scale)]), strict=True)
    coverage = has / (has + lacks) if has else ZERO
    given = has > 0 and half_up(coverage, 9) >= half_up(case.min_coverage, 9)
    return (min(low), score[0], max(high)), coverage, given, bool(worlds)


def ranks(case: Case, totals: Sequence[Total], agency: int) -> list[int]:
    same = [n for n, b in enumerate(case.blocks) if n != agency and b == case.blocks[agency]]
    nanos = [[half_up(end, 9) for end in one[0]] for one in totals]
    low, score, high = nanos[agency]
    rank = sum(totals[n][2] and nanos[n][1] > score for n in same)
    best = sum(totals[n][2] and nanos[n][0] > high for n in same)
    return [1 + rank, 1 + best, 1 + sum(totals[n][3] and nanos[n][2] > low for n in same)]
