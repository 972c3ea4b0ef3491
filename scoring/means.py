"""Means over scored agencies: the blocks' scores and the province's.

Sums are `math.fsum`, which rounds once, so that neither order nor machine matters.
"""

import math

import numpy as np

from scoring.model import BlockScore, IndicatorSet, ProvinceScore, Triple
from scoring.plan import Indices, Plan
from scoring.shown import band_of, shown
from scoring.totals import Totals

# Low, score and high of something that has a score.
Scored = tuple[float, float, float]


def means_of(plan: Plan, totals: Totals) -> tuple[tuple[BlockScore, ...], ProvinceScore | None]:
    """The blocks in the plan's order, and the province; what has no scored agency is left out."""
    members = {block: _scored(totals, agencies) for block, agencies in plan.blocks}
    means = {block: _mean(scored) for block, scored in members.items() if scored}
    blocks = tuple(
        BlockScore(block, Triple(*mean), len(members[block]), band_at(plan.indicator_set, mean[1]))
        for block, mean in means.items()
    )
    if not means:
        return blocks, None
    of_blocks = plan.indicator_set.province == "mean_of_blocks"
    parts = (
        list(means.values()) if of_blocks else [one for all_ in members.values() for one in all_]
    )
    mean = _mean(parts)
    return blocks, ProvinceScore(Triple(*mean), band_at(plan.indicator_set, mean[1]))


def band_at(indicator_set: IndicatorSet, score: float) -> str | None:
    """The band of a score, decided on the score as it is shown; None for NaN."""
    if math.isnan(score):
        return None
    return band_of(indicator_set.bands, shown(score, indicator_set.digits))


def _scored(totals: Totals, agencies: Indices) -> list[Scored]:
    there = agencies[~np.isnan(totals.score[agencies])]
    ends = (totals.low, totals.score, totals.high)
    return list(zip(*(figures[there].tolist() for figures in ends), strict=True))


def _mean(parts: list[Scored]) -> Scored:
    low, score, high = (math.fsum(column) / len(parts) for column in zip(*parts, strict=True))
    return low, score, high
