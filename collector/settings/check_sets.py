"""Checks of indicator sets."""

import re
from collections.abc import Iterator

from collector.settings.build import range_of
from collector.settings.check_province import overlap, twice
from collector.settings.draft import Draft
from collector.settings.findings import Finding
from scoring.formula import Formula, parse_formula


def ids_stand_once(draft: Draft) -> Iterator[Finding]:
    for each in draft.sets:
        yield from twice((band.value.id, band.part) for band in each.bands)
        yield from twice((group.value.id, group.part) for group in each.groups)
        yield from twice((one.value.id, one.part) for one in each.indicators)


def sets_do_not_overlap(draft: Draft) -> Iterator[Finding]:
    """An id may stand for a set's next edition, but for one at a time."""
    shapes = [each.shape for each in draft.sets if each.shape]
    for index, shape in enumerate(shapes):
        for other in shapes[:index]:
            same = shape.value.id == other.value.id
            if same and overlap(shape.value.effective, other.value.effective):
                place = other.part.place("id")
                problem = f"is in force beside the set of the same id in {place.file}:{place.line}"
                yield shape.part.error(problem, "effective")


def bands_begin_at_zero(draft: Draft) -> Iterator[Finding]:
    """Every score has exactly one band: they begin at 0, and no two at the same score."""
    for each in draft.sets:
        starts = [band.value.start for band in each.bands]
        for index, band in enumerate(each.bands):
            if band.value.start in starts[:index]:
                yield band.part.error(f"another band begins at {band.value.start:f} too", "from")
            if each.shape and band.value.start > each.shape.value.scale:
                problem = f"no score reaches it: the scale ends at {each.shape.value.scale:f}"
                yield band.part.error(problem, "from")
        if 0 not in starts and each.bands_whole and each.shape:
            yield each.part.error("no band begins at 0", "bands")


def points_are_to_be_had(draft: Draft) -> Iterator[Finding]:
    for each in draft.sets:
        maxima = [indicator.value.points.max for indicator in each.indicators]
        if each.indicators_whole and each.shape and not any(maxima):
            yield each.part.error("no indicator has any points", "groups")


def zero_divisors_are_decided(draft: Draft) -> Iterator[Finding]:
    ranges = {each.key: range_of(each.key, draft.metrics) for each in draft.metrics}
    for each in draft.sets:
        for indicator in each.indicators:
            formula = parse_formula(indicator.value.value)
            lows = {ranges.get(name, (None, None))[0] for name in formula.metrics}
            positive = all(low is not None and low > 0 for low in lows) and "-" not in formula.text
            if _divides(formula) and not positive and indicator.value.when_zero is None:
                problem = "what it divides by may be 0: say `when_zero`"
                yield indicator.part.error(problem, "value")


def _divides(formula: Formula) -> bool:
    """Whether anything but a plain number stands behind a division sign."""
    return re.search(r"/ *[^ \d.]", formula.text) is not None


def metrics_have_a_range(draft: Draft) -> Iterator[Finding]:
    used = {
        name
        for each in draft.sets
        for indicator in each.indicators
        for name in parse_formula(indicator.value.value).metrics
    }
    for metric in draft.metrics:
        if metric.key in used and None in range_of(metric.key, draft.metrics):
            yield metric.part.warning("has no `range`: while it is not known its points may be any")


def totals_are_fed_for_the_period(draft: Draft) -> Iterator[Finding]:
    """A set that scores a year from totals that only ever come by the month has no input."""
    totals = {each.key for each in draft.metrics if each.value.kind == "period_total"}
    feeds = [feed for source in draft.sources for feed in source.value.connector.feeds()]
    for each in draft.sets:
        period = each.shape.value.period if each.shape else None
        for indicator in each.indicators if period else ():
            for name in sorted(parse_formula(indicator.value.value).metrics & totals):
                kinds = {kind for metric, kind in feeds if metric == name}
                if kinds and period not in kinds:
                    problem = f"{name} is fed, but not for the set's period, a {period}"
                    yield indicator.part.warning(problem, "value")
