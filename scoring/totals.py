"""From points to an agency's score, its coverage, and the scores it could still have."""

from dataclasses import dataclass

import numpy as np

from scoring.model import NOT_APPLICABLE, Bools, Floats
from scoring.plan import Plan
from scoring.points import Counting, Points
from scoring.shown import nanos


@dataclass(frozen=True)
class Totals:
    """One column an agency: score, low, high and coverage, in this order.

    A score that is not given is NaN, the others never are. `scorable`: it has a score, or could
    have one. Where it could not, low is 0 and high the scale.
    """

    figures: Floats
    scorable: Bools

    @property
    def score(self) -> Floats:
        score: Floats = self.figures[0]
        return score


def totals_of(plan: Plan, points: Points) -> Totals:
    """Score = scale × points / maximum, over what is counted; rows are added in their order."""
    if points.counting is None and plan.layout.applicable > 0:
        return _plain(plan, points.figures)
    counting = points.counting or _all_of(points)
    scale, maxima = plan.indicator_set.scale, plan.layout.maxima
    applicable = added(np.where(points.statuses == NOT_APPLICABLE, 0.0, maxima))
    known = added(np.where(counting.known, maxima, 0.0))
    whole = added(np.where(counting.counted, maxima, 0.0))
    sums = added(np.where(counting.counted, points.figures, 0.0))
    share = ratio(sums[0], whole)
    score, coverage = given(plan, share, known, applicable)
    low = high = share
    if len(sums) > 1:
        loose = np.where(counting.loose, maxima, 0.0)
        low = _least(sums[1], whole, points.figures[1], loose)
        # A zero has no sign here, as where all is sure.
        high = 0.0 - _least(-sums[2], whole, -points.figures[2], loose)
    figures = [score, scale * _or(0.0, low), scale * _or(1.0, high), coverage]
    return Totals(np.array(figures), ~np.isnan(low))


def _plain(plan: Plan, figures: Floats) -> Totals:
    """Everything is known and counts: a coverage of 1 is enough for any set."""
    sums = added(figures)
    sums /= plan.layout.applicable
    found = np.empty((4, figures.shape[2]))
    np.multiply(sums, plan.indicator_set.scale, out=found[:3])
    found[3] = 1.0
    return Totals(found, found[3] > 0)


def _all_of(points: Points) -> Counting:
    every = np.ones(points.value.shape, dtype=np.bool_)
    return Counting(every, every, ~every)


def given(plan: Plan, share: Floats, known: Floats, applicable: Floats) -> tuple[Floats, Floats]:
    """The score of a share of the maximum, NaN where too little of it is known; and coverage."""
    coverage = _or(0.0, ratio(known, applicable))
    least = plan.indicator_set.min_coverage
    enough = coverage > 0
    if least:
        enough &= nanos(coverage) >= nanos(np.array([least]))
    return plan.indicator_set.scale * np.where(enough, share, np.nan), coverage


def added(rows: Floats) -> Floats:
    """Over the last axis but one, row by row.

    numpy's own sum goes in pairs, but only along the axis that is dense in memory: with one column
    that would be the rows.
    """
    if rows.shape[-1] > 1 and rows.flags.c_contiguous:
        total: Floats = np.add.reduce(rows, axis=-2)
    else:
        total = np.add.accumulate(rows, axis=-2)[..., -1, :]
    return total


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
