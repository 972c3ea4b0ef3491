"""From inputs to points: every indicator of some agencies, and what it could still become."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from scoring.batches import HALF_NANO
from scoring.bounds import Unsure, share_ends
from scoring.layout import Indices, Layout
from scoring.model import HELD, NOT_APPLICABLE, OK, STALE, Bools, Codes, Floats, Inputs
from scoring.plan import Plan

ALL = slice(None)
_MISSING_SHARES = {"zero": 0.0, "exclude": np.nan}


@dataclass(frozen=True)
class Points:
    """Rows are indicators, columns agencies; figures are NaN where there are none.

    `known`: its inputs are there, be it for a divisor of 0. `counted`: it stands in the score's
    denominator. `loose`: with other inputs it could come in, or go out. `plain`: every row is
    known and counted for every agency. Where all is sure, low and high are the points themselves,
    as one array.
    """

    value: Floats
    statuses: Codes
    known: Bools
    counted: Bools
    loose: Bools
    points: Floats
    low: Floats
    high: Floats
    plain: bool


@dataclass(frozen=True)
class _Values:
    """`worst` is that of the inputs alone; `statuses` that of the value, which may be held."""

    value: Floats
    zero: Bools
    worst: Codes
    statuses: Codes


def points_of(plan: Plan, inputs: Inputs, agencies: slice | Indices = ALL) -> Points:
    """Work out every indicator; where all its inputs are ok, points, low and high are the same."""
    numbers = np.ascontiguousarray(inputs.numbers[agencies].T)
    statuses = np.ascontiguousarray(inputs.statuses[agencies].T)
    with np.errstate(all="ignore"):
        values = _limited(plan.layout, _values(plan.layout, numbers, statuses))
        shares = _shares(plan, values, numbers, plan.targets[:, agencies])
        duty = plan.applies[:, agencies] & (values.statuses != NOT_APPLICABLE)
        return _pointed(plan, values, shares, duty, _Where(inputs, statuses, agencies))


@dataclass(frozen=True)
class _Where:
    """The inputs, and what of them is looked at; `statuses` are of just that."""

    inputs: Inputs
    statuses: Codes
    agencies: slice | Indices


def _values(layout: Layout, numbers: Floats, statuses: Codes) -> _Values:
    """Every formula; a value is NaN where it is unknown and where a divisor is 0."""
    value, below = numbers[layout.above], numbers[layout.below]
    below[layout.lone] = 1.0
    zero = below == 0.0
    value /= below
    strange = ~np.isfinite(value)
    if np.count_nonzero(strange):
        value[strange] = np.nan
    worst = np.maximum(statuses[layout.above], statuses[layout.below])
    for one in layout.singles:
        columns = {name: numbers[column] for name, column in one.columns.items()}
        value[one.row], zero[one.row] = one.formula.evaluate(columns)
        worst[one.row] = reduce(np.maximum, [statuses[place] for place in one.columns.values()])
    zero &= worst <= STALE
    return _Values(value, zero, worst, worst)


def _limited(layout: Layout, values: _Values) -> _Values:
    """Hold what no float can hold, and hold or cap what is above its natural maximum."""
    value, there, statuses = values.value, values.worst <= STALE, values.worst
    refused = np.isnan(value)
    doubts = layout.limited or np.count_nonzero(refused)
    if not doubts and np.count_nonzero(there) == there.size:
        return values
    # A value that no float can hold is as good as an answer that was refused.
    refused &= there & ~values.zero
    if layout.limited:
        over = there & (value > layout.most + HALF_NANO)
        refused |= over & ~layout.capped
        value = np.where(over, layout.most, value)
    if np.count_nonzero(refused):
        there &= ~refused
        statuses = np.where(refused, np.int8(HELD), statuses)
    if np.count_nonzero(there) < there.size:
        value[~there] = np.nan
    return _Values(value, values.zero, values.worst, statuses)


def _shares(plan: Plan, values: _Values, numbers: Floats, targets: Floats) -> Floats:
    """What counts now: by the rules, under a zero divisor, and of what is not there."""
    layout, value = plan.layout, values.value
    shares = np.empty(value.shape)
    for rows, at, batch in layout.batches:
        shares[rows] = batch.share(at, value[rows], targets[rows])
    for one in layout.conditions:
        known = {name: numbers[column] for name, column in one.columns.items()}
        shares[one.row] = one.rule.share(known)
    if np.count_nonzero(values.zero):
        shares = np.where(values.zero, layout.zero_shares, shares)
    gone = values.statuses > STALE
    if np.count_nonzero(gone):
        shares[gone] = _MISSING_SHARES[plan.indicator_set.missing]
    return shares


def _pointed(plan: Plan, values: _Values, shares: Floats, duty: Bools, where: _Where) -> Points:
    layout = plan.layout
    points = shares * layout.maxima
    low = high = points
    unsure = values.statuses != OK
    if np.count_nonzero(unsure):
        rows, columns = np.nonzero(duty & unsure)
        low, high = _ends(plan, Unsure((rows, columns), values.worst == OK), shares, where)
    there = values.statuses <= STALE
    if np.count_nonzero(duty & there & ~values.zero) == duty.size:
        value, statuses = values.value, values.statuses
        return Points(value, statuses, duty, duty, ~duty, points, low, high, plain=True)
    nothing = values.zero & layout.nothing_at_zero
    excluded, applies = plan.indicator_set.missing == "exclude", duty & ~nothing
    known = applies & there
    return Points(
        value=np.where(applies, values.value, np.nan),
        statuses=np.where(applies, values.statuses, np.int8(NOT_APPLICABLE)),
        known=known,
        counted=known if excluded else applies,
        loose=duty & unsure & (nothing | (~there & excluded)),
        points=points,
        low=low,
        high=high,
        plain=False,
    )


def _ends(plan: Plan, unsure: Unsure, shares: Floats, where: _Where) -> tuple[Floats, Floats]:
    """What counts now is always possible; where all is fresh, nothing else is."""
    # Copies, for what parts and wholes say of each other is written into them.
    lows = np.array(where.inputs.lows[where.agencies].T, order="C")
    highs = np.array(where.inputs.highs[where.agencies].T, order="C")
    targets = plan.targets[:, where.agencies]
    least, most = share_ends(plan.layout, unsure, (lows, highs), where.statuses, targets)
    low, high, now = shares.copy(), shares.copy(), shares[unsure.cells]
    low[unsure.cells] = np.fmin(least, now)
    high[unsure.cells] = np.fmax(most, now)
    return low * plan.layout.maxima, high * plan.layout.maxima
