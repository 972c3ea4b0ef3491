"""The rules of scoring once more in exact fractions: slow, plain, and without the scorer's code."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise

from tests.scoring.cases import Case, One
from tests.scoring.worlds import Numbers, worlds

ZERO, UNIT = Fraction(0), Fraction(1)
Ends = tuple[Fraction, ...]  # low, now, high
Total = tuple[Ends, Fraction, bool, bool]  # its score, coverage, whether it has one, or could


def half_up(x: Fraction, digits: int) -> Fraction:
    return Fraction((x.numerator * 10**digits * 2 // x.denominator + 1) // 2, 10**digits)


def share(one: One, value: Fraction, target: Fraction, numbers: Numbers) -> Fraction:
    if one.rule == "to_target":
        return min(UNIT, max(ZERO, value / target))
    if one.rule == "parts":
        return sum((part.share for part in one.conditions if part.holds(numbers)), ZERO)
    if one.rule == "piecewise":
        pairs = [(a, b, y - x) for (a, x), (b, y) in pairwise(one.table) if value > a]
        return one.table[0][1] + sum((min(value, b) - a) * rise / (b - a) for a, b, rise in pairs)
    seen, end = half_up(value, 9), one.none_at
    if one.rule == "at_most" and seen > target:
        return max(ZERO, target / value if end is None else (end - value) / (end - target))
    reached = [y for x, y in one.table if seen >= x] or [ZERO if one.table else UNIT]
    return reached[-1] if one.rule == "levels" else min(UNIT, max(reached))


def shares(one: One, target: Fraction, places: Sequence[Numbers]) -> Sequence[Fraction | None]:
    """None for a zero divisor; else also at break points between the least and greatest value."""
    try:
        values = [one.work(**{name: place[name] for name in one.names}) for place in places]
    except ZeroDivisionError:
        return [None]
    cut = [value if one.above is None else min(value, one.above) for value in values]
    found = [share(one, value, target, place) for value, place in zip(cut, places, strict=True)]
    low, high = min(cut), max(cut)
    return found + [share(one, x, target, {}) for x, _ in one.table if low < x < high]


def total(case: Case, agency: int) -> Total:
    row, has, lacks = case.data[agency], ZERO, ZERO
    parts: dict[bool, list[tuple[Fraction, Ends]]] = {True: [], False: []}  # in for sure, or not
    for one in case.ones:
        numbers = {name: row[name].number for name in one.names}
        target, worst = one.targets[agency] or ZERO, max(row[name].status for name in one.names)
        if not one.duty[agency] or worst > 4:
            continue
        counts = shares(one, target, [numbers])[0] if worst < 2 else ZERO
        zero, limit = counts is None, one.above if one.holds and worst < 2 else None
        gone = worst > 1 or not (zero or limit is None or one.work(**numbers) <= limit)
        counts = {"zero": ZERO, "full": UNIT}.get(one.when_zero) if zero else counts
        counts = (None if case.exclude else ZERO) if gone else counts
        could = shares(one, target, worlds(one, row)) if worst else [None] if gone else []
        ends = [x for s in could for x in ([ZERO, UNIT] if s is None else [s])]
        ends += [] if counts is None else [counts]
        if ends:
            parts[counts is not None] += [(one.most, (min(ends), counts or ZERO, max(ends)))]
            has, lacks = has + one.most * (not gone and counts is not None), lacks + one.most * gone
    loose = [more for n in range(len(parts[False]) + 1) for more in combinations(parts[False], n)]
    whole = [(e, sum(m for m, _ in e) / case.scale) for e in ([*parts[True], *m] for m in loose)]
    could_be = [[sum(m * x[k] for m, x in e) / most for k in range(3)] for e, most in whole if most]
    low, score, high = zip(*(could_be or [[ZERO, ZERO, case.scale]]), strict=True)
    coverage = has / (has + lacks) if has else ZERO
    given = has > 0 and half_up(coverage, 9) >= half_up(case.min_coverage, 9)
    return (min(low), score[0], max(high)), coverage, given, bool(could_be)


def ranks(case: Case, totals: Sequence[Total], agency: int) -> list[int]:
    same = [n for n, b in enumerate(case.blocks) if n != agency and b == case.blocks[agency]]
    nanos = {n: [half_up(end, 9) for end in totals[n][0]] for n in (agency, *same)}
    low, score, high = nanos[agency]
    rank = sum(totals[n][2] and nanos[n][1] > score for n in same)
    best = sum(totals[n][2] and nanos[n][0] > high for n in same)
    return [1 + rank, 1 + best, 1 + sum(totals[n][3] and nanos[n][2] > low for n in same)]
