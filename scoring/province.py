"""An indicator over the whole province: a ratio of sums, never a mean of ratios."""

import math
from collections.abc import Mapping

import numpy as np

from scoring.model import STALE, Floats, Indicator, Inputs, ProvinceValue
from scoring.plan import Indices, Plan
from scoring.points import Points


def province_values(plan: Plan, inputs: Inputs, points: Points) -> tuple[ProvinceValue, ...]:
    """One an indicator, from the agencies that have the duty and all its inputs.

    An agency with a divisor of 0 counts in the sums: it has its inputs.
    """
    return tuple(
        _value(indicator, plan.columns[index], inputs, points.value[index], agencies)
        for index, indicator in enumerate(plan.indicator_set.indicators)
        for agencies in [_agencies(plan, index, inputs)]
    )


def _agencies(plan: Plan, index: int, inputs: Inputs) -> Indices:
    statuses = inputs.statuses[:, list(plan.columns[index].values())]
    return np.flatnonzero(plan.applies[index] & (statuses <= STALE).all(axis=1))


def _value(
    indicator: Indicator,
    columns: Mapping[str, int],
    inputs: Inputs,
    values: Floats,
    agencies: Indices,
) -> ProvinceValue:
    if indicator.over_province == "sums":
        value = _of_sums(indicator, columns, inputs, agencies)
    elif indicator.over_province == "mean":
        value = _mean(values[agencies])
    else:
        value = math.nan
    found = bool(agencies.size) and math.isfinite(value)
    return ProvinceValue(value if found else None, int(agencies.size))


def _of_sums(
    indicator: Indicator, columns: Mapping[str, int], inputs: Inputs, agencies: Indices
) -> float:
    sums = {
        name: np.asarray(math.fsum(inputs.numbers[agencies, column]))
        for name, column in columns.items()
    }
    value, _ = indicator.formula.evaluate(sums)
    return float(value)


def _mean(values: Floats) -> float:
    """NaN where no agency has a value; one with a divisor of 0 has none."""
    numbers = values[np.isfinite(values)]
    return math.fsum(numbers) / numbers.size if numbers.size else math.nan
