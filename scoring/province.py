"""An indicator over the whole province: a ratio of sums, never a mean of ratios.

Sums are exact and rounded once. Numbers that are whole multiples of 1/1024, as counts and states
are, add up exactly in floats already; all others go through `math.fsum`.
"""

import math
from dataclasses import dataclass

import numpy as np

from scoring.layout import Indices, Single, laid
from scoring.model import HELD, OK, STALE, Bools, Floats, Inputs, Ranks
from scoring.plan import stretches
from scoring.sheet import Sheet

_FINE = 1024.0
# Sums of whole numbers are exact in floats up to here.
_EXACT_MAX = 2.0**53


@dataclass
class _Sums:
    """One an indicator: the sum above, that below, of how many; and whether they are exact."""

    above: Floats
    below: Floats
    counted: Ranks
    with_value: Ranks
    exact: Bools


def over_province(sheet: Sheet, inputs: Inputs) -> tuple[Floats, Ranks]:
    """A value an indicator, NaN for none, and the number of agencies that it is of.

    Those count that have the duty and all inputs and are not held. An agency with a divisor of 0
    counts in the sums: it has its inputs.
    """
    layout = sheet.plan.layout
    sums = _sums(sheet, inputs)
    with np.errstate(all="ignore"):
        below = np.where(layout.lone, 1.0, sums.below)
        below = np.where(layout.averaged, sums.with_value, below)
        values = sums.above / np.where(below == 0, np.nan, below)
    for row in np.flatnonzero(~sums.exact & ~layout.unsummed).tolist():
        values[row] = _slowly(sheet, inputs, row)
    for one in layout.singles:
        if not layout.averaged[one.row]:
            values[one.row] = _single(sheet, inputs, one)
    values[layout.unsummed | (sums.counted == 0)] = np.nan
    values = np.where(layout.capped[:, 0], np.minimum(values, layout.most[:, 0]), values)
    return np.where(np.isfinite(values), values, np.nan), sums.counted


def _sums(sheet: Sheet, inputs: Inputs) -> _Sums:
    rows = sheet.plan.applies.shape[0]
    above, below, size = np.zeros((3, rows))
    counted, valued = np.zeros((2, rows), dtype=np.int64)
    exact = np.ones(rows, dtype=np.bool_)
    for agencies in stretches(sheet.plan):
        counts, upper, lower = _columns(sheet, inputs, agencies)
        there = counts & ~np.isnan(upper)
        for figures in (upper, lower):
            figures[~there] = 0.0
            fine = figures * _FINE
            exact &= (fine == np.floor(fine)).all(axis=1)
            size += np.abs(fine).sum(axis=1)
        above += upper.sum(axis=1)
        below += lower.sum(axis=1)
        counted += counts.sum(axis=1)
        valued += there.sum(axis=1)
    return _Sums(above, below, counted, valued, exact & (size < _EXACT_MAX))


def _columns(sheet: Sheet, inputs: Inputs, agencies: slice) -> tuple[Bools, Floats, Floats]:
    """Who counts, and what is added up above and below; of a mean, the values themselves."""
    layout = sheet.plan.layout
    numbers, statuses = laid(inputs.numbers, agencies, 1), laid(inputs.statuses, agencies, OK)
    worst = statuses.take(layout.sides, axis=0).max(axis=0)
    for one in layout.singles:
        worst[one.row] = statuses[list(one.columns.values())].max(axis=0)
    counts = sheet.plan.applies[:, agencies] & (worst <= STALE)
    counts &= sheet.statuses[:, agencies] != HELD
    upper, lower = numbers.take(layout.sides, axis=0)
    upper[layout.averaged] = sheet.value[layout.averaged, agencies]
    return counts, upper, lower


def _slowly(sheet: Sheet, inputs: Inputs, row: int) -> float:
    """Numbers so fine or so great that floats do not add them up exactly."""
    layout = sheet.plan.layout
    agencies = _counting(sheet, inputs, row)
    if layout.averaged[row]:
        values = sheet.value[row, agencies]
        return _quotient(math.fsum(values[~np.isnan(values)]), float((~np.isnan(values)).sum()))
    above, below = layout.sides[:, row]
    total = math.fsum(inputs.numbers[agencies, above])
    if layout.lone[row]:
        return total
    return _quotient(total, math.fsum(inputs.numbers[agencies, below]))


def _single(sheet: Sheet, inputs: Inputs, one: Single) -> float:
    agencies = _counting(sheet, inputs, one.row)
    sums = {
        name: np.asarray(math.fsum(inputs.numbers[agencies, column]))
        for name, column in one.columns.items()
    }
    return float(one.formula.evaluate(sums)[0])


def _counting(sheet: Sheet, inputs: Inputs, row: int) -> Indices:
    there = inputs.statuses[:, list(sheet.plan.columns[row].values())] <= STALE
    held = sheet.statuses[row] == HELD
    return np.flatnonzero(sheet.plan.applies[row] & there.all(axis=1) & ~held)


def _quotient(above: float, below: float) -> float:
    return above / below if below else math.nan
