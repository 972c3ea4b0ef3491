"""How far the share of an indicator can go while inputs that are not sure range."""

from dataclasses import dataclass

import numpy as np

from scoring.layout import Indices, Layout
from scoring.model import NOT_APPLICABLE, OK, Bools, Codes, Floats
from scoring.tree import ratio_ends

Ends = tuple[Floats, Floats]


@dataclass(frozen=True)
class Unsure:
    """Cells, as rows and columns; and all cells whose inputs themselves are all ok."""

    cells: tuple[Indices, Indices]
    inputs_fresh: Bools


def share_ends(
    layout: Layout, unsure: Unsure, ranges: Ends, statuses: Codes, targets: Floats
) -> Ends:
    """The least and greatest share of each unsure cell; 0 and 1 where nothing can be said.

    A value never ranges above its natural maximum. Ranges, statuses (metrics × agencies) and
    targets (indicators × agencies) are whole arrays.
    """
    ranges = _tied(layout, *ranges, statuses)
    values = _value_ends(layout, unsure, *ranges)
    low, high = _rule_ends(layout, unsure, values, ranges, targets)
    # Fresh inputs of a value that is held say only that one of them is wrong.
    anything = unsure.inputs_fresh[unsure.cells]
    return (
        np.where(anything, 0.0, np.nan_to_num(low, nan=0.0)),
        np.where(anything, 1.0, np.nan_to_num(high, nan=1.0)),
    )


def _tied(layout: Layout, lows: Floats, highs: Floats, statuses: Codes) -> Ends:
    """A part is at most what its whole can be, a whole at least what its part can be.

    Only what is not sure moves, and never so that nothing is left: sources may contradict.
    """
    for part, whole in layout.parts:  # many of both at once
        there = (statuses[part] < NOT_APPLICABLE) & (statuses[whole] < NOT_APPLICABLE)
        most = np.minimum(highs[part], highs[whole])
        least = np.maximum(lows[whole], lows[part])
        down = there & (statuses[part] > OK) & (most >= lows[part])
        up = there & (statuses[whole] > OK) & (least <= highs[whole])
        highs[part] = np.where(down, most, highs[part])
        lows[whole] = np.where(up, least, lows[whole])
    return lows, highs


def _value_ends(layout: Layout, unsure: Unsure, lows: Floats, highs: Floats) -> Ends:
    rows, columns = unsure.cells
    above, below = layout.above[rows], layout.below[rows]
    lone = layout.lone[rows]
    upper = lows[above, columns], highs[above, columns]
    lower = tuple(np.where(lone, 1.0, end[below, columns]) for end in (lows, highs))
    low, high = ratio_ends(upper, (lower[0], lower[1]))
    # A part is none or all of its whole, at most, unless the two contradict each other.
    whole = layout.tied[rows] & (lower[0] >= 0) & (lower[1] > 0) & (upper[0] <= lower[1])
    high = np.where(whole, np.minimum(high, 1.0), high)
    for one in layout.singles:
        mine = np.flatnonzero(rows == one.row)
        if mine.size:
            least = {name: lows[place, columns[mine]] for name, place in one.columns.items()}
            most = {name: highs[place, columns[mine]] for name, place in one.columns.items()}
            low[mine], high[mine] = one.ranging.extremes(least, most)
    top = layout.most[rows, 0]
    return np.minimum(low, top), np.minimum(high, top)


def _rule_ends(layout: Layout, unsure: Unsure, values: Ends, ranges: Ends, targets: Floats) -> Ends:
    rows, columns = unsure.cells
    target = targets[rows, columns]
    low, high = np.empty(rows.shape), np.empty(rows.shape)
    for members, _, batch in layout.batches:
        position = np.full(layout.above.size, -1)
        position[members] = np.arange(members.size)
        mine = np.flatnonzero(position[rows] >= 0)
        at = position[rows[mine]]
        low[mine], high[mine] = batch.ends(at, values[0][mine], values[1][mine], target[mine])
    for one in layout.conditions:
        mine = np.flatnonzero(rows == one.row)
        least, most = (
            {name: end[place, columns[mine]] for name, place in one.columns.items()}
            for end in ranges
        )
        low[mine], high[mine] = one.rule.ends(least, most)
    unknown = np.isnan(values[0]) | np.isnan(values[1])
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
