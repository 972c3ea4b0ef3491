"""How far the share of an indicator can go while inputs that are not sure range.

Ranges are lows and highs, 2 × metrics × agencies, with the row of 1 that `laid` adds; ends are
the least and the greatest, 2 × cells.
"""

from dataclasses import dataclass

import numpy as np

from scoring.layout import Conditions, Indices, Layout, Single
from scoring.model import NOT_APPLICABLE, Bools, Codes, Floats
from scoring.tree import ratio_ends


@dataclass(frozen=True)
class Unsure:
    """Cells by rising lane: each one's indicator, agency, lane and target.

    Fresh inputs of a value that is held say only that one of them is wrong.
    """

    rows: Indices
    columns: Indices
    lanes: Indices
    targets: Floats
    held_fresh: Bools


def share_ends(layout: Layout, cells: Unsure, ranges: Floats, statuses: Codes) -> Floats:
    """The least and greatest share of each cell; 0 and 1 where nothing can be said.

    A value never ranges above its natural maximum. The ranges are written to.
    """
    _tie(layout, ranges, statuses)
    values = _value_ends(layout, cells, ranges)
    ends = _rule_ends(layout, cells, values, ranges)
    low_unknown, high_unknown = np.isnan(values)
    unknown = low_unknown | high_unknown | cells.held_fresh
    if np.count_nonzero(unknown):
        ends[0, unknown], ends[1, unknown] = 0.0, 1.0
    return ends


def _tie(layout: Layout, ranges: Floats, statuses: Codes) -> None:
    """A part is at most what its whole can be, a whole at least what its part can be.

    Of what is sure both ends are the same and stay so. Where sources contradict, so that nothing
    would be left, neither says anything of the other. What does not apply says nothing at all.
    """
    absent = statuses == NOT_APPLICABLE
    if np.count_nonzero(absent):
        ranges[:, absent] = np.nan
    for pairs in layout.parts:  # many parts and wholes at once
        (part_low, whole_low), (part_high, whole_high) = ranges.take(pairs, axis=1)
        agree = part_low <= whole_high
        np.minimum(part_high, whole_high, out=part_high, where=agree)
        np.maximum(whole_low, part_low, out=whole_low, where=agree)
        ranges[1, pairs[0]] = part_high
        ranges[0, pairs[1]] = whole_low


def _value_ends(layout: Layout, cells: Unsure, ranges: Floats) -> Floats:
    """NaN where nothing can be said."""
    sides = layout.sides.take(cells.rows, axis=1)
    sides *= ranges.shape[2]
    sides += cells.columns
    low, high = ranges.reshape(2, -1).take(sides, axis=1)
    values = np.array(ratio_ends((low[0], high[0]), (low[1], high[1])))
    if layout.parts:
        # A part is none or all of its whole, at most, unless the two contradict each other.
        agree = layout.tied.take(cells.rows) & (low[1] >= 0) & (low[0] <= high[1])
        np.minimum(values[1], 1.0, out=values[1], where=agree)
    for one in layout.singles:
        mine = np.flatnonzero(cells.rows == one.row)
        if mine.size:
            values[:, mine] = one.ranging.extremes(*_named(one, cells, mine, ranges))
    if layout.limited:
        np.minimum(values, layout.most[cells.rows, 0], out=values)
    return values


def _rule_ends(layout: Layout, cells: Unsure, values: Floats, ranges: Floats) -> Floats:
    ends = np.empty(values.shape)
    for each in layout.batches:
        start, end = cells.lanes.searchsorted((each.start, each.end))
        if start < end:
            mine = slice(start, end)
            at = cells.lanes[mine] - each.start
            ends[:, mine] = each.batch.ends(at, values[:, mine], cells.targets[mine])
    for one in layout.conditions:
        some = np.flatnonzero(cells.rows == one.row)
        ends[:, some] = one.rule.ends(*_named(one, cells, some, ranges))
    return ends


def _named(
    one: Single | Conditions, cells: Unsure, some: Indices, ranges: Floats
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """The lows and the highs of its metrics, one for each of some cells."""
    at = cells.columns[some]
    lows, highs = ({name: end[row, at] for name, row in one.columns.items()} for end in ranges)
    return lows, highs
