"""Means over scored agencies: the blocks' scores and the province's.

Sums are `math.fsum`, which rounds once, so that neither order nor machine matters.
"""

import math
from collections.abc import Set as AbstractSet

import numpy as np

from scoring.layout import Indices
from scoring.model import BlockScore, ProvinceScore, Result, Triple
from scoring.plan import Plan
from scoring.totals import Totals

# Low, score and high of something that has a score.
Scored = tuple[float, float, float]
Means = tuple[tuple[BlockScore, ...], ProvinceScore | None]


def means_of(plan: Plan, totals: Totals) -> Means:
    """The blocks in the plan's order, and the province; what has no scored agency is left out."""
    blocks = [_block(plan, totals, *each) for each in plan.blocks]
    return _with_province(plan, totals, blocks)


def means_again(plan: Plan, totals: Totals, before: Result, touched: AbstractSet[str]) -> Means:
    """The same, where only agencies of the touched blocks have other scores than before."""
    kept = {each.id: each for each in before.blocks}
    blocks = [
        _block(plan, totals, block, agencies) if block in touched else kept.get(block)
        for block, agencies in plan.blocks
    ]
    return _with_province(plan, totals, blocks)


def _with_province(plan: Plan, totals: Totals, found: list[BlockScore | None]) -> Means:
    blocks = tuple(block for block in found if block)
    if not blocks:
        return (), None
    if plan.indicator_set.province == "mean_of_blocks":
        parts = [(t.low, t.score or 0.0, t.high) for t in (block.triple for block in blocks)]
    else:
        parts = _scored(totals, np.arange(totals.score.size))
    mean = _mean(parts)
    return blocks, ProvinceScore(Triple(*mean), plan.layout.bands.of(mean[1]))


def _block(plan: Plan, totals: Totals, block: str, agencies: Indices) -> BlockScore | None:
    scored = _scored(totals, agencies)
    if not scored:
        return None
    mean = _mean(scored)
    return BlockScore(block, Triple(*mean), len(scored), plan.layout.bands.of(mean[1]))


def _scored(totals: Totals, agencies: Indices) -> list[Scored]:
    there = agencies[~np.isnan(totals.score[agencies])]
    ends = (totals.low, totals.score, totals.high)
    return list(zip(*(figures[there].tolist() for figures in ends), strict=True))


def _mean(parts: list[Scored]) -> Scored:
    low, score, high = (math.fsum(column) / len(parts) for column in zip(*parts, strict=True))
    return low, score, high
