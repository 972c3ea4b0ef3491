"""Checks that every name means something: of blocks, agencies and metrics."""

from collections.abc import Iterable, Iterator
from typing import Literal

from collector.settings.draft import Draft, Known, SetDraft, SourceDraft
from collector.settings.findings import Finding
from collector.settings.part import Located, Part
from collector.settings.points import AtMostShape, ToTargetShape
from collector.settings.set_shape import IndicatorShape
from scoring.formula import parse_formula


def blocks_of_agencies(draft: Draft) -> Iterator[Finding]:
    for agency in draft.agencies:
        place = agency.part.into("block")
        yield from _dangling("block", [(agency.value.block, place)], draft.known_blocks)


def successors_of_agencies(draft: Draft) -> Iterator[Finding]:
    for agency in draft.agencies:
        places = _each(agency.value.successors, agency.part.into("successors"))
        yield from _dangling("agency", places, draft.known_agencies)
        for name, part in places:
            if name == agency.value.id:
                yield part.error("an agency does not succeed itself")


def bounds_of_metrics(draft: Draft) -> Iterator[Finding]:
    bounds = {each.key: each.value.at_most for each in draft.metrics}
    for metric in draft.metrics:
        bound = metric.value.at_most
        if bound is None:
            continue
        part = metric.part.into("at_most")
        yield from _dangling("metric", [(bound, part)], draft.known_metrics)
        if _goes_round(metric.key, bounds):
            yield part.error(f"goes in a circle: {metric.key} bounds itself")


def _goes_round(start: str, bounds: dict[str, str | None]) -> bool:
    name, seen = bounds[start], {start}
    while name is not None and name not in seen:
        seen.add(name)
        name = bounds.get(name)
    return name == start


def metrics_of_sources(draft: Draft) -> Iterator[Finding]:
    for source in draft.sources:
        for name in sorted({metric for metric, _ in source.value.connector.feeds()}):
            place = metric_part(source, name)
            yield from _dangling("metric", [(name, place)], draft.known_metrics)


def metric_part(source: Located[SourceDraft], metric: str) -> Part:
    """Where a source says that it feeds the metric."""
    document, steps = source.part.document, source.part.steps
    for path in document.places:
        if path[: len(steps)] == steps and path[-2:] == ("metrics", metric):
            return Part(document, path)
    return source.part


def metrics_of_expectations(draft: Draft) -> Iterator[Finding]:
    """What a row must meet can only speak of what the row brings."""
    for source in draft.sources:
        fed = {metric for metric, _ in source.value.connector.feeds()}
        for expectation in source.value.expectations:
            for name in sorted(expectation.value.metrics - fed):
                near = Known(frozenset(fed)).hint(name)
                yield expectation.part.error(f"{name}: this source feeds no such metric{near}")


def agencies_of_sources(draft: Draft) -> Iterator[Finding]:
    for source in draft.sources:
        for name in sorted(source.value.connector.agencies()):
            place = _saying(source.part, name)
            yield from _dangling("agency", [(name, place)], draft.known_agencies)


def _saying(part: Part, text: str) -> Part:
    """The value below that is this text."""
    for path in part.document.places:
        here = Part(part.document, path)
        if path[: len(part.steps)] == part.steps and here.data == text:
            return here
    return part


def metrics_of_formulas(draft: Draft) -> Iterator[Finding]:
    for indicator in _indicators(draft.sets):
        names = sorted(parse_formula(indicator.value.value).metrics)
        for name in names:
            if draft.known_metrics.lacks(name):
                problem = f"{name}: no such metric{draft.known_metrics.hint(name)}"
                yield indicator.part.error(problem, "value")


def agencies_and_blocks_of_sets(draft: Draft) -> Iterator[Finding]:
    for indicator in _indicators(draft.sets):
        duty, part = indicator.value.applies_to, indicator.part.into("applies_to")
        blocks = [
            *_each(duty.blocks or [], part.into("blocks")),
            *_targeted(indicator, "blocks"),
        ]
        agencies = [
            *_each(duty.agencies or [], part.into("agencies")),
            *_each(duty.exceptions, part.into("except")),
            *_targeted(indicator, "agencies"),
        ]
        yield from _dangling("block", blocks, draft.known_blocks)
        yield from _dangling("agency", agencies, draft.known_agencies)


def _targeted(
    indicator: Located[IndicatorShape], whom: Literal["agencies", "blocks"]
) -> Iterator[tuple[str, Part]]:
    points = indicator.value.points
    if isinstance(points, ToTargetShape | AtMostShape):
        for name in getattr(points.target, whom):
            yield name, indicator.part.into("points", "target", whom, name)


def _indicators(sets: Iterable[SetDraft]) -> Iterator[Located[IndicatorShape]]:
    for each in sets:
        yield from each.indicators


def _each(names: Iterable[str], part: Part) -> list[tuple[str, Part]]:
    return [(name, part.into(index)) for index, name in enumerate(names)]


def _dangling(kind: str, named: Iterable[tuple[str, Part]], known: Known) -> Iterator[Finding]:
    for name, part in named:
        if known.lacks(name):
            said = "" if part.steps[-1] == name else f"{name}: "
            yield part.error(f"{said}no such {kind}{known.hint(name)}")
