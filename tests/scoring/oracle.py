"""The rules of scoring once more in exact fractions: slow, plain, and without the scorer's code."""

import re
from collections.abc import Sequence
from fractions import Fraction as F
from itertools import combinations, product
from math import floor

from tests.scoring.cases import Case, Datum, One

Total = tuple[F | None, F, F, F, bool]  # score, low, high, coverage, whether a score is possible


def half_up(x: F, digits: int) -> F:
    return F(floor(x * 10**digits + F(1, 2)), 10**digits)


def shown(case: Case, x: F) -> F:
    return half_up(half_up(x, 9), case.digits)


def band(case: Case, score: F) -> str | None:
    return max((b for b in case.bands if b[0] <= shown(case, score)), default=(F(0), None))[1]


def work(one: One, values: Sequence[F]) -> F:
    text = re.sub(r"\b\d+(\.\d+)?", r"F('\g<0>')", one.text)
    known = {"F": F, "sum": lambda *parts: sum(parts), **dict(zip(one.names, values, strict=True))}
    return F(eval(text, known))  # noqa: S307  the texts are those of the cases


def share(one: One, value: F, target: F | None) -> F:
    if one.steps:
        return max((p for s, p in one.steps if half_up(value, 9) >= s), default=F(0)) / one.most
    whole = F(half_up(value, 9) >= 1) if target is None else value / target
    return min(F(1), max(F(0), whole))


def cell(case: Case, one: One, data: Sequence[Datum], target: F | None) -> tuple[F | None, list[F]]:
    """The share that counts now, and the shares that are possible; divisors start with `per`."""
    worst, now = max(datum.status for datum in data), None if case.exclude else F(0)
    lows = [
        F(1) if name[:3] == "per" and datum.low <= 0 < datum.high else datum.low
        for name, datum in zip(one.names, data, strict=True)
    ]
    corners = product(*zip(lows, (datum.high for datum in data), strict=True)) if worst else []
    try:
        if worst < 2:
            now = share(one, work(one, [d.number for d in data]), target)
    except ZeroDivisionError:
        now = {"zero": F(0), "full": F(1)}.get(one.when_zero)
    try:
        ends = [share(one, work(one, corner), target) for corner in corners]
    except ZeroDivisionError:
        ends = [F(0), F(1)]
    return now, [*ends, now] if now is not None else ends


def total(case: Case, agency: int) -> Total:
    fixed, loose, has, lacks = [], [], F(0), F(0)
    for one in case.ones:
        data = [case.data[agency][name] for name in one.names]
        worst = max(datum.status for datum in data)
        if worst == 5 or not one.duty[agency]:
            continue
        now, shares = cell(case, one, data, one.targets[agency])
        has += one.most * (worst < 2 and now is not None)
        lacks += one.most * (worst > 1)
        if shares:
            part = (one.most, min(shares), now or F(0), max(shares))
            (loose if now is None else fixed).append(part)
    worlds = [[*fixed, *w] for n in range(len(loose) + 1) for w in combinations(loose, n)]
    low, now, high = (
        [
            case.scale * sum(x[0] * x[k] for x in w) / m
            for w in worlds
            if (m := sum(x[0] for x in w))
        ]
        for k in (1, 2, 3)
    )
    cover = has / (has + lacks) if has else F(0)
    given = has and half_up(cover, 9) >= half_up(case.min_coverage, 9)
    ends = min(low, default=F(0)), max(high, default=case.scale)
    return now[0] if given else None, *ends, cover, bool(low)


def ranks(case: Case, totals: Sequence[Total], agency: int) -> tuple[int, int, int]:
    score, low, high = (half_up(x or F(0), 9) for x in totals[agency][:3])
    same = [
        t for b, t in enumerate(totals) if b != agency and case.blocks[b] == case.blocks[agency]
    ]
    scored = [t for t in same if t[0] is not None]
    rank = sum(half_up(t[0] or F(0), 9) > score for t in scored)
    best = sum(half_up(t[1], 9) > high for t in scored)
    worst = sum(half_up(t[2], 9) > low for t in same if t[4])
    return 1 + rank, 1 + best, 1 + worst
