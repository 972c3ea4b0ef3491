"""Checks of what a rule makes of values: which points can be had, and which way they go.

A set that scores otherwise than it reads is an error; what only can never happen is a warning.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

import numpy as np

from collector.settings.build import range_of
from collector.settings.draft import Draft
from collector.settings.findings import Finding
from collector.settings.part import Located, Part
from collector.settings.points import (
    AtMostShape,
    LevelsShape,
    PartsShape,
    PiecewiseShape,
    PointsShape,
    StepsShape,
    TargetShape,
    ToTargetShape,
    YesNoShape,
)
from collector.settings.set_shape import IndicatorShape
from collector.settings.shape import MetricShape
from scoring.formula import Formula, parse_formula
from scoring.model import Floats
from scoring.ranges import ranging

_NANO = Decimal("1e-9")


def rules_give_all_points(draft: Draft) -> Iterator[Finding]:
    """Points that no value earns are no points: they only make everybody's score less."""
    for each in draft.sets:
        yield from short_rules(each.indicators)


def short_rules(indicators: Iterable[Located[IndicatorShape]]) -> Iterator[Finding]:
    """The indicators whose rule gives less than their maximum at its best."""
    for one in indicators:
        points = one.value.points
        best = _best(points)
        if best < points.max:
            problem = f"nothing earns all {points.max:f} points: the most is {best.normalize():f}"
            yield one.part.warning(problem, "points")


def _best(points: PointsShape) -> Decimal:
    match points:
        case StepsShape():
            return max(gives for _, gives in points.steps)
        case LevelsShape():
            return points.max * max(points.levels.values())
        case PiecewiseShape():
            return points.max * max(share for _, share in points.knots)
        case PartsShape():
            return points.max * sum((part.share for part in points.parts), Decimal(0))
        case _:
            return points.max


def steps_rise(draft: Draft) -> Iterator[Finding]:
    """A value earns the best step that it reaches: one that gives less than a lower one is dead."""
    for one in _indicators(draft):
        points = one.value.points
        if isinstance(points, StepsShape):
            yield from _steps(points, one.part.into("points", "steps"))


def _steps(points: StepsShape, part: Part) -> Iterator[Finding]:
    (_, best), *above = sorted(enumerate(points.steps), key=lambda each: each[1][0])
    for index, (start, gives) in above:
        problem = f"gives {gives:f} points from {start:f} on"
        if gives < best[1]:
            beside = f"{problem}, fewer than {best[1]:f} from {best[0]:f} on"
            yield part.into(index).error(f"{beside}: points fall while values rise")
        elif gives == best[1]:
            yield part.into(index).warning(
                f"{problem}, as the one from {best[0]:f} on does already"
            )
        best = max(best, (start, gives), key=lambda step: step[1])


def rules_keep_their_direction(draft: Draft) -> Iterator[Finding]:
    """More is better, or less is: a rule that turns lets an agency lose by doing what it gained by.

    The finding is of the first piece after the turn.
    """
    metrics = {each.key: each.value for each in draft.metrics}
    for one in _indicators(draft):
        match one.value.points:
            case PiecewiseShape(knots=knots):
                shares = [share for _, share in knots]
                yield from _turn(shares, one.part.into("points", "knots"), range(len(knots)))
            case LevelsShape(levels=levels):
                values = _values(one.value, metrics)
                names = sorted(levels.keys() & values.keys(), key=lambda name: values[name])
                shares = [levels[name] for name in names]
                yield from _turn(shares, one.part.into("points", "levels"), names)


def _values(indicator: IndicatorShape, metrics: dict[str, MetricShape]) -> dict[str, Decimal]:
    """The numbers of the state's names, where the value is a state."""
    names = parse_formula(indicator.value).names
    metric = metrics.get(names[0]) if len(names) == 1 else None
    return (metric and metric.values) or {}


def _turn(shares: Sequence[Decimal], part: Part, steps: Sequence[str | int]) -> Iterator[Finding]:
    rises: bool | None = None
    for (before, share), step in zip(pairwise(shares), steps[1:], strict=False):
        if rises is not None and share != before and (share > before) is not rises:
            went, goes = ("rises", "falls") if rises else ("falls", "rises")
            problem = f"the share {went} up to here, and {goes} from {before:f} to {share:f}"
            yield part.into(step).warning(f"{problem} while values rise")
            return
        if share != before:
            rises = share > before


def values_reach_what_is_asked(draft: Draft) -> Iterator[Finding]:
    """A target or step beyond all that the value can be: per cent for a ratio, as a rule."""
    for one in _indicators(draft):
        if one.value.points.max:
            yield from _unreached(one, draft.metrics)


def _unreached(
    one: Located[IndicatorShape], metrics: Sequence[Located[MetricShape]]
) -> Iterator[Finding]:
    least, most = _ends(parse_formula(one.value.value), metrics)
    text, above = one.value.value, one.value.above
    for asked, part in _asked_at_least(one.value.points, one.part.into("points")):
        # What lies beyond a declared maximum has its own finding.
        if asked > most + _NANO and not (above and asked > above.max):
            yield part.warning(f"no value reaches {asked:f}: `{text}` is at most {most:f}")
    for asked, part in _asked_at_most(one.value.points, one.part.into("points")):
        if asked < least - _NANO:
            yield part.warning(f"no value is as low as {asked:f}: `{text}` is at least {least:f}")


def _asked_at_least(points: PointsShape, part: Part) -> Iterator[tuple[Decimal, Part]]:
    match points:
        case ToTargetShape():
            yield from _targets(points.target, part.into("target"))
        case StepsShape():
            for index, (start, _) in enumerate(points.steps):
                yield start, part.into("steps", index)
        case YesNoShape():
            yield Decimal(1), part
        case PiecewiseShape():
            best = max(share for _, share in points.knots)
            index = next(place for place, (_, share) in enumerate(points.knots) if share == best)
            yield points.knots[index][0], part.into("knots", index)


def _asked_at_most(points: PointsShape, part: Part) -> Iterator[tuple[Decimal, Part]]:
    if isinstance(points, AtMostShape):
        yield from _targets(points.target, part.into("target"))


def _targets(target: TargetShape, part: Part) -> Iterator[tuple[Decimal, Part]]:
    yield target.default, part.into("default")
    named = {"agencies": target.agencies, "blocks": target.blocks, "periods": target.periods}
    for kind, goals in named.items():
        for name, goal in goals.items():
            yield goal, part.into(kind, name)


def _ends(formula: Formula, metrics: Sequence[Located[MetricShape]]) -> tuple[Decimal, Decimal]:
    """The least and greatest value while every metric keeps to its range, else infinite."""
    ranges = {name: range_of(name, metrics) for name in formula.metrics}
    lows = {name: _end(low, -np.inf) for name, (low, _) in ranges.items()}
    highs = {name: _end(high, np.inf) for name, (_, high) in ranges.items()}
    with np.errstate(all="ignore"):
        least, most = ranging(formula, list(_ties(metrics))).extremes(lows, highs)
    return _decimal(least, "-Infinity"), _decimal(most, "Infinity")


def _end(bound: Decimal | None, default: float) -> Floats:
    return np.array([default if bound is None else float(bound)])


def _decimal(end: Floats, default: str) -> Decimal:
    number = float(np.ravel(end)[0])
    return Decimal(repr(number)).normalize() if np.isfinite(number) else Decimal(default)


def _ties(metrics: Sequence[Located[MetricShape]]) -> Iterator[tuple[str, str]]:
    """Each metric with every whole that it is a part of, through others too."""
    wholes = {each.key: each.value.at_most for each in metrics}
    for part, first in wholes.items():
        whole, seen = first, {part}
        while whole is not None and whole not in seen:
            yield part, whole
            seen.add(whole)
            whole = wholes.get(whole)


def _indicators(draft: Draft) -> Iterator[Located[IndicatorShape]]:
    for each in draft.sets:
        yield from each.indicators
