"""From inputs to points: every indicator of some agencies, and what it could still become."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from scoring.batches import HALF_NANO
from scoring.bounds import Unsure, share_ends
from scoring.layout import Indices, Layout, laid, laid_ends
from scoring.model import HELD, NOT_APPLICABLE, OK, STALE, Bools, Codes, Floats, Inputs
from scoring.plan import Plan

ALL = slice(None)
_MISSING_SHARES = {"zero": 0.0, "exclude": np.nan}


@dataclass(frozen=True)
class Counting:
    """What of the points counts, indicators × agencies.

    `known`: its inputs are there, be it for a divisor of 0. `counted`: it stands in the score's
    denominator. `loose`: with other inputs it could come in, or go out.
    """

    known: Bools
    counted: Bools
    loose: Bools


@dataclass(frozen=True)
class Points:
    """Rows are indicators, columns agencies; figures are NaN where there are none.

    `figures` are the points, the least and the greatest that they could be; where all is sure,
    they are the points alone. `counting` is None where every row is known and counted for every
    agency.
    """

    value: Floats
    statuses: Codes
    figures: Floats
    counting: Counting | None


@dataclass(frozen=True)
class _Values:
    """`worst` is the worst status of the inputs alone; `statuses` of the value, which may be held.

    `whole`: every value is there, and none has a divisor of 0.
    """

    value: Floats
    zero: Bools
    worst: Codes
    statuses: Codes
    whole: bool


@dataclass(frozen=True)
class _Where:
    """The inputs, and which agencies of them are looked at: their numbers and statuses, laid.

    Their targets stand lane by lane.
    """

    inputs: Inputs
    agencies: slice | Indices
    numbers: Floats
    statuses: Codes
    targets: Floats


def points_of(plan: Plan, inputs: Inputs, agencies: slice | Indices = ALL) -> Points:
    """Work out every indicator; where all its inputs are ok, points, low and high are the same."""
    where = _Where(
        inputs=inputs,
        agencies=agencies,
        numbers=laid(inputs.numbers, agencies, 1),
        statuses=laid(inputs.statuses, agencies, OK),
        targets=plan.targets[:, agencies].take(plan.layout.order, axis=0),
    )
    with np.errstate(all="ignore"):
        values = _values(plan.layout, where)
        shares = _shares(plan, values, where)
        if values.whole and plan.everywhere:
            figures = _figures(plan, values, shares, values.statuses > OK, where)
            return Points(values.value, values.statuses, figures, None)
        return _counted(plan, values, shares, where)


def _values(layout: Layout, where: _Where) -> _Values:
    """Every formula; a value is NaN where it is unknown and where a divisor is 0."""
    value, below = where.numbers.take(layout.sides, axis=0)
    zero = below == 0.0
    value /= below
    upper, lower = where.statuses.take(layout.sides, axis=0)
    worst = np.maximum(upper, lower)
    for one in layout.singles:
        columns = {name: where.numbers[column] for name, column in one.columns.items()}
        value[one.row], zero[one.row] = one.formula.evaluate(columns)
        worst[one.row] = reduce(np.maximum, [where.statuses[x] for x in one.columns.values()])
    finite, there = np.isfinite(value), worst <= STALE
    if not layout.limited and np.count_nonzero(finite & there) == value.size:
        return _Values(value, zero, worst, worst, whole=True)
    value[~finite] = np.nan
    return _limited(layout, _Values(value, zero & there, worst, worst, whole=False), there)


def _limited(layout: Layout, values: _Values, there: Bools) -> _Values:
    """Hold what no float can hold, and hold or cap what is above its natural maximum."""
    # A value that no float can hold is as good as an answer that was refused.
    value, refused = values.value, np.isnan(values.value) & there & ~values.zero
    if layout.limited:
        over = there & (value > layout.most + HALF_NANO)
        refused |= over & ~layout.capped
        value = np.where(over, layout.most, value)
    there &= ~refused
    value[~there] = np.nan
    statuses = np.where(refused, np.int8(HELD), values.worst)
    whole = bool((there & ~values.zero).all())
    return _Values(value, values.zero, values.worst, statuses, whole)


def _shares(plan: Plan, values: _Values, where: _Where) -> Floats:
    """What counts now: by the rules, under a zero divisor, and of what is not there."""
    layout = plan.layout
    value = values.value.take(layout.order, axis=0)
    shares = np.empty(value.shape)
    for each in layout.batches:
        mine = slice(each.start, each.end)
        shares[mine] = each.batch.share(each.places, value[mine], where.targets[mine])
    shares = shares.take(layout.lanes, axis=0)
    for one in layout.conditions:
        known = {name: where.numbers[column] for name, column in one.columns.items()}
        shares[one.row] = one.rule.share(known)
    if values.whole:
        return shares
    shares = np.where(values.zero, layout.zero_shares, shares)
    shares[values.statuses > STALE] = _MISSING_SHARES[plan.indicator_set.missing]
    return shares


def _counted(plan: Plan, values: _Values, shares: Floats, where: _Where) -> Points:
    duty = plan.applies[:, where.agencies] & (values.statuses != NOT_APPLICABLE)
    unsure, there = duty & (values.statuses != OK), values.statuses <= STALE
    nothing = values.zero & plan.layout.nothing_at_zero
    excluded, applies = plan.indicator_set.missing == "exclude", duty & ~nothing
    known = applies & there
    return Points(
        value=np.where(applies, values.value, np.nan),
        statuses=np.where(applies, values.statuses, np.int8(NOT_APPLICABLE)),
        figures=_figures(plan, values, shares, unsure, where),
        counting=Counting(
            known=known,
            counted=known if excluded else applies,
            loose=unsure & (nothing | (~there & excluded)),
        ),
    )


def _figures(plan: Plan, values: _Values, shares: Floats, unsure: Bools, where: _Where) -> Floats:
    """What counts now is always possible; where all is fresh, nothing else is."""
    if not np.count_nonzero(unsure):
        figures: Floats = (shares * plan.layout.maxima)[np.newaxis]
        return figures
    count, order = shares.shape[1], plan.layout.order
    (places,) = unsure.take(order, axis=0).reshape(-1).nonzero()
    lanes, columns = np.divmod(places, count)
    rows = order.take(lanes)
    at = rows * count + columns
    held_fresh = values.worst.take(at) == OK
    cells = Unsure(rows, columns, lanes, where.targets.take(places), held_fresh)
    ranges = laid_ends(where.inputs, where.agencies)
    ends, now = share_ends(plan.layout, cells, ranges, where.statuses), shares.take(at)
    np.fmin(ends[0], now, out=ends[0])
    np.fmax(ends[1], now, out=ends[1])
    ends *= plan.layout.maxima.take(rows)
    figures = np.empty((3, *shares.shape))
    figures[:] = shares * plan.layout.maxima
    figures.reshape(3, -1)[1:, at] = ends
    return figures
