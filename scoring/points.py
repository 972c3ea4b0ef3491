"""From inputs to points: every indicator of every agency, and what it could still become."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring.model import HELD, NOT_APPLICABLE, OK, STALE, Bools, Codes, Floats, Indicator, Inputs
from scoring.plan import Plan

_ZERO_SHARES = {"not_applicable": np.nan, "zero": 0.0, "full": 1.0}
_MISSING_SHARES = {"zero": 0.0, "exclude": np.nan}


@dataclass(frozen=True)
class Points:
    """Rows are indicators, columns agencies; figures are NaN where there are none.

    `known`: its inputs are there, be it for a divisor of 0. `counted`: it stands in the score's
    denominator. `loose`: with other inputs it could come in, or go out.
    """

    value: Floats
    statuses: Codes
    known: Bools
    counted: Bools
    loose: Bools
    points: Floats
    low: Floats
    high: Floats


def points_of(plan: Plan, inputs: Inputs) -> Points:
    """Work out every indicator; where all its inputs are ok, points, low and high are the same."""
    rows = [_row(plan, index, inputs) for index in range(len(plan.columns))]
    return Points(
        value=np.stack([row.value for row in rows]),
        statuses=np.stack([row.statuses for row in rows]),
        known=np.stack([row.known for row in rows]),
        counted=np.stack([row.counted for row in rows]),
        loose=np.stack([row.loose for row in rows]),
        points=np.stack([row.points for row in rows]),
        low=np.stack([row.low for row in rows]),
        high=np.stack([row.high for row in rows]),
    )


def _row(plan: Plan, index: int, inputs: Inputs) -> Points:
    indicator = plan.indicator_set.indicators[index]
    columns, targets = plan.columns[index], plan.targets[index]
    value, zero, statuses = _value(indicator, columns, inputs)
    there, fresh = statuses <= STALE, statuses == OK
    duty = plan.applies[index] & (statuses != NOT_APPLICABLE)
    nothing = zero & (indicator.when_zero == "not_applicable")
    missing = plan.indicator_set.missing
    share = np.where(zero, _ZERO_SHARES[indicator.when_zero], indicator.rule.share(value, targets))
    share = np.where(there, share, _MISSING_SHARES[missing])
    low, high = (share, share) if fresh.all() else _ends(indicator, columns, inputs, targets)
    applies = duty & ~nothing
    return Points(
        value=np.where(applies, value, np.nan),
        statuses=np.where(applies, statuses, np.int8(NOT_APPLICABLE)),
        known=applies & there,
        counted=applies & (there | (missing == "zero")),
        loose=duty & ((nothing & ~fresh) | (~there & (missing == "exclude"))),
        points=share * indicator.points_max,
        # What counts now is always possible; where all is fresh, nothing else is.
        low=np.where(fresh, share, np.fmin(low, share)) * indicator.points_max,
        high=np.where(fresh, share, np.fmax(high, share)) * indicator.points_max,
    )


def _value(
    indicator: Indicator, columns: Mapping[str, int], inputs: Inputs
) -> tuple[Floats, Bools, Codes]:
    """Value, zero divisor and the worst status of the inputs; the first two only where known."""
    numbers = {name: inputs.numbers[:, column] for name, column in columns.items()}
    value, zero = indicator.formula.evaluate(numbers)
    statuses: Codes = inputs.statuses[:, list(columns.values())].max(axis=1)
    there = statuses <= STALE
    # A value that no float can hold is as good as an answer that was refused.
    beyond = there & ~zero & np.isnan(value)
    statuses = np.where(beyond, np.int8(HELD), statuses)
    return np.where(there, value, np.nan), zero & there, statuses


def _ends(
    indicator: Indicator, columns: Mapping[str, int], inputs: Inputs, targets: Floats
) -> tuple[Floats, Floats]:
    """The least and greatest share that the ranges of the inputs allow; all of it if in doubt."""
    lows = {name: inputs.lows[:, column] for name, column in columns.items()}
    highs = {name: inputs.highs[:, column] for name, column in columns.items()}
    ends = [indicator.rule.share(end, targets) for end in indicator.formula.bounds(lows, highs)]
    return np.nan_to_num(np.minimum(*ends), nan=0.0), np.nan_to_num(np.maximum(*ends), nan=1.0)
