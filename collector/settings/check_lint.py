"""Checks of a set as a whole: what its points add up to, what its bands hold, what feeds it.

What contradicts a statement of the set itself is an error; what could be scored so, but can hardly
be meant, is a warning.
"""

from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, Context, Decimal
from itertools import pairwise

from collector.settings.check_reach import short_rules
from collector.settings.draft import Draft, SetDraft
from collector.settings.findings import Finding
from collector.settings.part import Located
from collector.settings.set_shape import BandShape, IndicatorShape, SetShape
from collector.settings.shape import AgencyShape
from scoring.formula import parse_formula
from scoring.model import Applies

# Wide enough for whatever number a file may hold.
_UPWARDS = Context(prec=400, rounding=ROUND_CEILING)


def points_add_up(draft: Draft) -> Iterator[Finding]:
    """A group's maxima to what it says, the set's to what it says or, so that it can, its scale.

    Indicators may be alternatives of each other: then it is those of each agency that add up.
    Where maxima are in doubt already, or a group's own sum is wrong, that is the one finding.
    """
    for each in draft.sets:
        sure = each.shape and each.indicators_whole and not list(short_rules(each.indicators))
        if sure and each.shape and any(one.value.points.max for one in each.indicators):
            groups = list(_group_sums(each))
            yield from groups or _set_sum(each, each.shape, draft)


def _group_sums(each: SetDraft) -> Iterator[Finding]:
    for group in each.groups:
        said, start = group.value.points, group.part.steps
        found = _sum(one for one in each.indicators if one.part.steps[: len(start)] == start)
        if said is not None and found != said:
            problem = f"the points of its indicators add up to {found:f}, not to {said:f}"
            yield group.part.error(problem, "points")


def _set_sum(each: SetDraft, shape: Located[SetShape], draft: Draft) -> Iterator[Finding]:
    wanted = shape.value.points or shape.value.scale
    found = _sum(each.indicators)
    if found == wanted or _adds_up_for_each(each, draft, wanted):
        return
    problem = f"the points of all indicators add up to {found:f}"
    if shape.value.points is None:
        beside = f"{problem}, the scale is {wanted:f}: say `points: {found:f}` if it is meant"
        yield shape.part.warning(beside, "scale")
    else:
        yield shape.part.error(f"{problem}, not to {wanted:f}", "points")


def _adds_up_for_each(each: SetDraft, draft: Draft, wanted: Decimal) -> bool:
    if not (draft.agencies and draft.agencies_whole):
        return False
    return all(
        _sum(one for one in each.indicators if applies(one.value, agency.value)) == wanted
        for agency in draft.agencies
    )


def applies(indicator: IndicatorShape, agency: AgencyShape) -> bool:
    duty = indicator.applies_to
    applies = Applies(
        None if duty.blocks is None else frozenset(duty.blocks),
        None if duty.agencies is None else frozenset(duty.agencies),
        frozenset(duty.exceptions),
    )
    return applies.to(agency.id, agency.block)


def _sum(indicators: Iterable[Located[IndicatorShape]]) -> Decimal:
    return sum((one.value.points.max for one in indicators), Decimal(0))


def bands_are_in_order(draft: Draft) -> Iterator[Finding]:
    """From the best to the worst or the other way round: limits out of order were mistaken."""
    for each in draft.sets:
        starts = [band.value.start for band in each.bands]
        sign = -1 if starts and starts[0] > starts[-1] else 1
        for before, band in pairwise(each.bands) if each.bands_whole else ():
            if sign * (band.value.start - before.value.start) < 0:
                problem = f"begins at {band.value.start:f}, on the wrong side of {before.value.id}"
                beside = f"{problem}, which begins at {before.value.start:f}"
                yield band.part.warning(beside, "from")
                break


def bands_hold_a_score(draft: Draft) -> Iterator[Finding]:
    """Bands are decided on shown scores: between two limits there must be a figure to show."""
    for each in draft.sets:
        digits = each.shape.value.digits if each.shape else None
        rising = sorted(each.bands, key=lambda band: band.value.start)
        for band, above in pairwise(rising) if digits is not None else ():
            starts = band.value.start, above.value.start
            if starts[0] < starts[1] and _shown(band, digits) == _shown(above, digits):
                problem = f"no score of {digits} decimals lies between it and {above.value.id}"
                yield band.part.warning(problem, "from")


def _shown(band: Located[BandShape], digits: int | None) -> Decimal:
    """The least shown score that is in it."""
    return band.value.start.quantize(Decimal(1).scaleb(-(digits or 0)), context=_UPWARDS)


def metrics_are_collected(draft: Draft) -> Iterator[Finding]:
    """What a set scores by and no source feeds stays not connected for everybody."""
    fed = {metric for each in draft.sources for metric, _ in each.value.connector.feeds()}
    for metric in draft.metrics if draft.sources_whole else ():
        users = [one.value.id for one in _indicators(draft) if metric.key in _names(one.value)]
        if users and metric.key not in fed:
            problem = f"no source feeds it, and {', '.join(dict.fromkeys(users))} scores by it"
            yield metric.part.warning(problem)


def _names(indicator: IndicatorShape) -> frozenset[str]:
    return parse_formula(indicator.value).metrics


def _indicators(draft: Draft) -> Iterator[Located[IndicatorShape]]:
    for each in draft.sets:
        yield from each.indicators
