"""Score a roster on an indicator set: a pure function of a plan and the inputs of a moment."""

import numpy as np

from scoring.means import band_at, means_of
from scoring.model import NOT_APPLICABLE, Cells, Inputs, Result
from scoring.plan import Plan, prepare
from scoring.points import Points, points_of
from scoring.province import province_values
from scoring.ranks import ranks_of
from scoring.totals import totals_of

__all__ = ["Plan", "prepare", "score"]


def score(plan: Plan, inputs: Inputs) -> Result:
    """All that the set says of these inputs; ValueError if they are not laid out as planned."""
    if inputs.metrics != plan.metrics:
        raise ValueError("the inputs have other metrics than the plan")
    points = points_of(plan, inputs)
    totals = totals_of(plan, points)
    rank, rank_best, rank_worst = ranks_of(plan, totals)
    blocks, province = means_of(plan, totals)
    return Result(
        cells=_cells(plan, points),
        score=totals.score,
        low=totals.low,
        high=totals.high,
        coverage=totals.coverage,
        rank=rank,
        rank_best=rank_best,
        rank_worst=rank_worst,
        bands=tuple(band_at(plan.indicator_set, figure) for figure in totals.score.tolist()),
        blocks=blocks,
        province=province,
        province_values=province_values(plan, inputs, points),
    )


def _cells(plan: Plan, points: Points) -> Cells:
    applies = points.statuses != NOT_APPLICABLE
    return Cells(
        value=points.value.T,
        target=np.where(plan.applies, plan.targets, np.nan).T,
        points=np.where(applies, points.points, np.nan).T,
        points_low=np.where(applies, points.low, np.nan).T,
        points_high=np.where(applies, points.high, np.nan).T,
        points_max=np.where(applies, plan.maxima[:, np.newaxis], 0.0).T,
        statuses=points.statuses.T,
    )
