"""From points to an agency's score, its coverage, and the scores it could still have."""

from dataclasses import dataclass

import numpy as np

from scoring.model import NOT_APPLICABLE, Bools, Floats
from scoring.plan import Plan
from scoring.points import Points
from scoring.shown import nanos


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
    if points.plain and plan.layout.applicable > 0:
        return _plain(plan, points)
    scale, maxima = plan.indicator_set.scale, plan.layout.maxima
    applicable = added(np.where(points.statuses == NOT_APPLICABLE, 0.0, maxima))
    known = added(np.where(points.known, maxima, 0.0))
    whole = added(np.where(points.counted, maxima, 0.0))
    share = ratio(added(_counted(points, points.points)), whole)
    score, coverage = given(plan, share, known, applicable)
    low, high = (share, share) if points.low is points.points else _ends(points, whole, maxima)
    return Totals(
        score=score,
        low=scale * _or(0.0, low),
        high=scale * _or(1.0, high),
        coverage=coverage,
        scorable=~np.isnan(low),
    )


def _plain(plan: Plan, points: Points) -> Totals:
    """Everything is known and counts: a coverage of 1 is enough for any set."""
    scale, whole = plan.indicator_set.scale, plan.layout.applicable
    score = scale * (added(points.points) / whole)
    low = high = score
    if points.low is not points.points:
        low, high = (scale * (added(each) / whole) for each in (points.low, points.high))
    every = np.ones(score.shape)
    return Totals(score, low, high, every, every > 0)


def given(plan: Plan, share: Floats, known: Floats, applicable: Floats) -> tuple[Floats, Floats]:
    """The score of a share of the maximum, NaN where too little of it is known; and coverage."""
    coverage = _or(0.0, ratio(known, applicable))
    least = plan.indicator_set.min_coverage
    enough = coverage > 0
    if least:
        enough &= nanos(coverage) >= nanos(np.array([least]))
    return plan.indicator_set.scale * np.where(enough, share, np.nan), coverage


def added(rows: Floats) -> Floats:
    """Row by row: numpy's own sum goes in pairs, but only along the axis that is dense in memory.

    With one column that would be the rows.
    """
    if rows.shape[1] > 1 and rows.flags.c_contiguous:
        total: Floats = np.add.reduce(rows, axis=0)
    else:
        total = np.add.accumulate(rows, axis=0)[-1]
    return total


def _ends(points: Points, whole: Floats, maxima: Floats) -> tuple[Floats, Floats]:
    loose_maxima = np.where(points.loose, maxima, 0.0)
    low = _least(added(_counted(points, points.low)), whole, points.low, loose_maxima)
    high = -_least(-added(_counted(points, points.high)), whole, -points.high, loose_maxima)
    return low, high


def _counted(points: Points, figures: Floats) -> Floats:
    return np.where(points.counted, figures, 0.0)


def _least(points: Floats, whole: Floats, loose: Floats, loose_maxima: Floats) -> Floats:
    """The least ratio that any choice of loose rows gives, NaN where no choice gives one.

    The best choice is always some of the loose rows with the least shares: added in that order,
    one of the ratios on the way is the least. Without loose rows the first ratio is the only one.
    """
    least = ratio(points, whole)
    if not loose_maxima.any():
        return least
    shares = np.where(loose_maxima > 0, ratio(loose, loose_maxima), np.inf)
    for row in np.argsort(shares, axis=0, kind="stable"):
        chosen = row[np.newaxis]
        maxima = np.take_along_axis(loose_maxima, chosen, axis=0)[0]
        added_ = np.take_along_axis(loose, chosen, axis=0)[0]
        points = points + np.where(maxima > 0, added_, 0.0)
        whole = whole + maxima
        least = np.fmin(least, ratio(points, whole))
    return least


def _or(default: float, figures: Floats) -> Floats:
    return np.where(np.isnan(figures), default, figures)


def ratio(part: Floats, whole: Floats) -> Floats:
    """NaN where there is nothing to divide by."""
    return np.divide(part, np.where(whole > 0, whole, np.nan))
