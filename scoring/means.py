"""Means over scored agencies: the blocks' scores and the province's.

Sums are `math.fsum`, which rounds once, so that neither order nor machine matters.
"""

import math
from collections.abc import Set as AbstractSet
from itertools import compress

import numpy as np

from scoring.layout import Indices
from scoring.model import BlockScore, ProvinceScore, Result, Triple
from scoring.plan import Plan
from scoring.totals import Totals

# Lows, scores and highs of those that have a score.
Columns = list[list[float]]
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
        triples = [block.triple for block in blocks]
        columns = [[t.low for t in triples], [t.score or 0.0 for t in triples]]
        columns.append([t.high for t in triples])
    else:
        columns = _scored(totals, np.arange(totals.score.size))
    mean = _mean(columns)
    return blocks, ProvinceScore(mean, plan.layout.bands.of(mean.score or 0.0))


def _block(plan: Plan, totals: Totals, block: str, agencies: Indices) -> BlockScore | None:
    columns = _scored(totals, agencies)
    if not columns[0]:
        return None
    mean = _mean(columns)
    return BlockScore(block, mean, len(columns[0]), plan.layout.bands.of(mean.score or 0.0))


def _scored(totals: Totals, agencies: Indices) -> Columns:
    """Of those that have a score."""
    score, low, high = totals.figures[:3].take(agencies, axis=1).tolist()
    there = [each == each for each in score]  # noqa: PLR0124  NaN alone differs from itself
    if all(there):
        return [low, score, high]
    return [list(compress(each, there)) for each in (low, score, high)]


def _mean(columns: Columns) -> Triple:
    low, score, high = (math.fsum(column) / len(column) for column in columns)
    return Triple(low, score, high)
