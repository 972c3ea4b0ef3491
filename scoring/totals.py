"""From points to an agency's score, its coverage, and the scores it could still have."""

from dataclasses import dataclass

import numpy as np

from scoring.model import NOT_APPLICABLE, Bools, Floats
from scoring.plan import Plan
from scoring.points import Points
from scoring.shown import nanos

# Up to so many agencies one call for all rows is faster than one a row; the sums are the same.
_NARROW = 64


@dataclass(frozen=True)
class Totals:
    """One figure an agency; a score that is not given is NaN, the others never are.

    `scorable`: it has a score, or could have one. Where it could not, low is 0 and high the scale.
    """

    score: Floats
    low: Floats
    high: Floats
    coverage: Floats
    scorable: Bools


def totals_of(plan: Plan, points: Points) -> Totals:
    """Score = scale × points / maximum, over what is counted; rows are added in their order."""
    scale = plan.indicator_set.scale
    maxima = np.broadcast_to(plan.layout.maxima, points.points.shape)
    if points.plain:
        whole = applicable = known = added(maxima)
    else:
        applicable = added(np.where(points.statuses == NOT_APPLICABLE, 0.0, maxima))
        known = added(np.where(points.known, maxima, 0.0))
        whole = added(np.where(points.counted, maxima, 0.0))
    coverage = np.nan_to_num(_ratio(known, applicable))
    enough = nanos(coverage) >= nanos(np.array([plan.indicator_set.min_coverage]))
    share = _ratio(added(_counted(points, points.points)), whole)
    low, high = (share, share) if points.low is points.points else _ends(points, whole, maxima)
    return Totals(
        score=scale * np.where(enough & (coverage > 0), share, np.nan),
        low=scale * np.nan_to_num(low, nan=0.0),
        high=scale * np.nan_to_num(high, nan=1.0),
        coverage=coverage,
        scorable=~np.isnan(low),
    )


def added(rows: Floats) -> Floats:
    """Row by row: numpy's own sum may add in another order on another machine."""
    if rows.shape[1] <= _NARROW:
        total: Floats = np.add.accumulate(rows, axis=0)[-1]
        return total
    total = rows[0].copy()
    for row in rows[1:]:
        total += row
    return total


def _ends(points: Points, whole: Floats, maxima: Floats) -> tuple[Floats, Floats]:
    loose_maxima = np.where(points.loose, maxima, 0.0)
    low = _least(added(_counted(points, points.low)), whole, points.low, loose_maxima)
    high = -_least(-added(_counted(points, points.high)), whole, -points.high, loose_maxima)
    return low, high


def _counted(points: Points, figures: Floats) -> Floats:
    return figures if points.plain else np.where(points.counted, figures, 0.0)


def _least(points: Floats, whole: Floats, loose: Floats, loose_maxima: Floats) -> Floats:
    """The least ratio that any choice of loose rows gives, NaN where no choice gives one.

    The best choice is always some of the loose rows with the least shares: added in that order,
    one of the ratios on the way is the least. Without loose rows the first ratio is the only one.
    """
    ratio = _ratio(points, whole)
    if not loose_maxima.any():
        return ratio
    shares = np.where(loose_maxima > 0, _ratio(loose, loose_maxima), np.inf)
    for row in np.argsort(shares, axis=0, kind="stable"):
        chosen = row[np.newaxis]
        maxima = np.take_along_axis(loose_maxima, chosen, axis=0)[0]
        added_ = np.take_along_axis(loose, chosen, axis=0)[0]
        points = points + np.where(maxima > 0, added_, 0.0)
        whole = whole + maxima
        ratio = np.fmin(ratio, _ratio(points, whole))
    return ratio


def _ratio(part: Floats, whole: Floats) -> Floats:
    """NaN where there is nothing to divide by."""
    return np.divide(part, np.where(whole > 0, whole, np.nan))
