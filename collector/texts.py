"""What a scoreboard says of many agencies and cells at once, as canonical JSON.

Figures are worked out array by array and written down one by one: a scoreboard of a run has
hundreds of them, and stored history that is scored again has millions.
"""

import json

import numpy as np

from collector.facts import SetBoard
from collector.outlook import SetPlan
from collector.settings.model import Agency, Settings
from scoring.layout import Indices
from scoring.model import STATUSES, Cells, Floats
from scoring.shown import nanos, shown

_DIGITS = 9
# Up to here a count of 1e-9 is exact as a float.
_EXACT_MAX = 9e6
_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def cell_texts(plan: SetPlan, cells: Cells, rows: Indices, columns: Indices) -> list[str]:
    """One a row and column: an agency's indicator."""
    digits, at = plan.spec.scoring.digits, (rows, columns)
    points = low = high = _texts(cells.points[at], digits)
    if cells.points_low is not cells.points:
        low, high = _texts(cells.points_low[at], digits), _texts(cells.points_high[at], digits)
    names = [_encoded(one.id) for one in plan.spec.indicators]
    figures = zip(
        *(columns.tolist(), _texts(cells.value[at], _DIGITS), _texts(cells.target[at], _DIGITS)),
        *(points, low, high, _plain_texts(cells.points_max[at]), cells.statuses[at].tolist()),
        strict=True,
    )
    return [
        f'{{"id":{names[column]},"value":{value},"target":{target},"points":{now},'
        f'"points_low":{least},"points_high":{most},"points_max":{full},'
        f'"status":"{STATUSES[status]}"}}'
        for column, value, target, now, least, most, full, status in figures
    ]


def agency_texts(settings: Settings, plan: SetPlan, board: SetBoard, rows: Indices) -> list[str]:
    """One a row: an agency."""
    digits, result, names = plan.spec.scoring.digits, board.result, board.roster.agencies
    score, low, high = (
        _texts(each[rows], digits) for each in (result.score, result.low, result.high)
    )
    ranks = (
        [str(rank or "null") for rank in each[rows].tolist()]
        for each in (result.rank, result.rank_best, result.rank_worst)
    )
    coverage = _texts(result.coverage[rows], _DIGITS)
    figures = zip(rows.tolist(), score, low, high, *ranks, coverage, strict=True)
    return [
        f'{_head(settings.agencies[names[row]])},"score":{now},"low":{least},"high":{most},'
        f'"rank":{rank},"rank_best":{best},"rank_worst":{worst},'
        f'"band":{_encoded(result.bands[row])},"coverage":{known}}}'
        for row, now, least, most, rank, best, worst, known in figures
    ]


def figures(values: Floats, digits: int) -> Floats:
    """`float(shown(x, digits))` for a whole array; NaN stays."""
    plain = np.abs(values) < _EXACT_MAX
    units = nanos(np.where(plain, values, 0.0))
    unit = 10 ** (_DIGITS - digits)
    whole = np.sign(units) * ((np.abs(units) + unit // 2) // unit)
    found = np.where(plain, whole / 10.0**digits, np.nan)
    for place in np.flatnonzero(~plain & ~np.isnan(values)):
        found.flat[place] = float(shown(float(values.flat[place]), digits))
    return found


def _texts(values: Floats, digits: int) -> list[str]:
    return [repr(x) if x == x else "null" for x in figures(values, digits).tolist()]  # noqa: PLR0124  NaN alone differs from itself


def _plain_texts(values: Floats) -> list[str]:
    return [str(int(x)) if x.is_integer() else repr(x) for x in values.tolist()]


def _head(agency: Agency) -> str:
    one, name = _encoded, agency.name
    return (
        f'{{"id":{one(agency.id)},"block":{one(agency.block)},'
        f'"name":{{"vi":{one(name.vi)},"en":{one(name.en)}}}'
    )
