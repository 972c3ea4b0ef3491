"""Checks of how an indicator's rule goes with its value."""

from collections.abc import Iterator

from collector.settings.draft import Draft, Known
from collector.settings.findings import Finding
from collector.settings.part import Located
from collector.settings.points import LevelsShape, PartsShape, ToTargetShape
from collector.settings.set_shape import IndicatorShape
from collector.settings.shape import MetricShape
from scoring.formula import parse_comparison, parse_formula


def levels_are_those_of_a_state(draft: Draft) -> Iterator[Finding]:
    """Every word that the state can be has its share, and nothing else has."""
    metrics = {each.key: each.value for each in draft.metrics}
    for each in draft.sets:
        for indicator in each.indicators:
            if isinstance(indicator.value.points, LevelsShape):
                yield from _levels(indicator, indicator.value.points, metrics)


def _levels(
    indicator: Located[IndicatorShape], points: LevelsShape, metrics: dict[str, MetricShape]
) -> Iterator[Finding]:
    names = parse_formula(indicator.value.value).quotient or ("", "")
    metric = metrics.get(names[0])
    if len(names) > 1 or (metric and metric.values is None):
        yield indicator.part.error("levels are those of a single state: name just it", "value")
        return
    values = (metric and metric.values) or {}
    part = indicator.part.into("points", "levels")
    for name in points.levels if values else ():
        if name not in values:
            hint = Known(frozenset(values)).hint(name)
            yield part.error(f"{names[0]} is never that{hint}", name)
    for name, number in values.items():
        if name not in points.levels:
            yield part.error(f"{names[0]} may be {name}: say what it earns")
        twins = [other for other in points.levels if values.get(other) == number]
        if len({points.levels[other] for other in twins}) > 1 and name == twins[-1]:
            yield part.error(f"{' and '.join(twins)} are the same number, {number:f}", name)


def conditions_speak_of_the_value(draft: Draft) -> Iterator[Finding]:
    """Their metrics are inputs of the indicator because its value names them."""
    for each in draft.sets:
        for indicator in each.indicators:
            points = indicator.value.points
            known = parse_formula(indicator.value.value).metrics
            for index, part in enumerate(points.parts if isinstance(points, PartsShape) else ()):
                for name in sorted(parse_comparison(part.when).metrics - known):
                    near = Known(known).hint(name)
                    problem = f"{name}: the indicator's value names no such metric{near}"
                    yield indicator.part.error(problem, "points", "parts", index, "when")


def targets_can_be_reached(draft: Draft) -> Iterator[Finding]:
    """A target above the natural maximum of the value is never reached."""
    for each in draft.sets:
        for indicator in each.indicators:
            points, above = indicator.value.points, indicator.value.above
            if above and isinstance(points, ToTargetShape) and max(points.target.all()) > above.max:
                problem = f"a target of {max(points.target.all()):f} is never reached"
                yield indicator.part.error(problem, "above", "max")
