"""How far a ranking leans on its weights: ranks under drawn weights, and without each indicator.

A draw multiplies each indicator's maximum, and with it what was earned of it, by a number of its
own between 1 - spread and 1 + spread. Who has a score keeps it, and its shares stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64

from scoring.layout import Indices
from scoring.model import Bools, Cells, Floats, Ranks, Result
from scoring.shown import nanos

LEVEL = 0.95
Blocks = Sequence[tuple[str, Indices]]


@dataclass(frozen=True)
class Robustness:
    """One figure an agency; ranks are 0, and shares 0, for an agency without a score.

    `best` to `worst` is the shortest run of ranks that LEVEL of the draws keep to, of several the
    one that holds most draws; `inside` is the share that it holds, and `holds` the share of draws
    in which the rank is the published one. `without` has a column an indicator: the ranks where it
    is left out, 0 for an agency that has no score then.
    """

    best: Ranks
    worst: Ranks
    inside: Floats
    holds: Floats
    without: Ranks


def robust(
    result: Result, scale: float, blocks: Blocks, *, draws: int, seed: int, spread: float
) -> Robustness:
    """The same for the same seed, on every machine; ValueError unless 0 <= spread < 1."""
    if not 0 <= spread < 1 or draws < 1:
        raise ValueError(f"cannot draw {draws} times within ±{spread}")
    cells, scored = result.cells, ~np.isnan(result.score)
    indicators = cells.points.shape[1]
    weights = drawn_weights(indicators, draws, seed, spread)
    drawn = ranks_under(weights, cells, scored, scale, blocks)
    best, worst, inside = _ranges(drawn, draws)
    alone = ranks_under(1.0 - np.eye(indicators), cells, scored, scale, blocks)
    holds = np.where(scored, (drawn == result.rank[:, np.newaxis]).mean(axis=1), 0.0)
    return Robustness(best, worst, inside, holds, alone)


def drawn_weights(indicators: int, draws: int, seed: int, spread: float) -> Floats:
    """Draws × indicators, evenly between 1 - spread and 1 + spread.

    From raw bits: what numpy makes of them otherwise may differ between its versions.
    """
    bits = PCG64(seed).random_raw(indicators * draws) >> np.uint64(11)
    even = bits.astype(np.float64).reshape(draws, indicators) * 2.0**-53
    weights: Floats = 1.0 + spread * (2.0 * even - 1.0)
    return weights


def ranks_under(
    weights: Floats, cells: Cells, scored: Bools, scale: float, blocks: Blocks
) -> Ranks:
    """Agencies × draws, for weights of draws × indicators; 0 for an agency without a score.

    With weights of 1 they are the ranks of the result, bit for bit. No weight is below 0.
    """
    counted = (cells.points_max > 0) & ~np.isnan(cells.points)
    points = np.where(counted, cells.points, 0.0)
    maxima = np.where(counted, cells.points_max, 0.0)
    ranks = np.zeros((points.shape[0], weights.shape[0]), dtype=np.int64)
    for _, members in blocks:
        mine = members[scored[members]]
        if mine.size:
            ranks[mine] = _ranked(scale * _shares(points[mine], maxima[mine], weights))
    return ranks


def _shares(points: Floats, maxima: Floats, weights: Floats) -> Floats:
    """Added indicator by indicator, so that the sums are the same on every machine.

    Rounding keeps the order of products and sums: who is at least as good in every indicator, of
    the same maxima, is never behind.
    """
    earned, whole = np.zeros((2, points.shape[0], weights.shape[0]))
    for column, weight in enumerate(weights.T):
        earned += points[:, column, np.newaxis] * weight
        whole += maxima[:, column, np.newaxis] * weight
    return np.divide(earned, np.where(whole > 0, whole, np.nan))


def _ranked(scores: Floats) -> Ranks:
    """Competition ranks down each column, compared at 1e-9; 0 for NaN."""
    there = ~np.isnan(scores)
    keys = np.where(there, nanos(np.where(there, scores, 0.0)), -1)
    order = np.argsort(-keys, axis=0, kind="stable")
    falling = np.take_along_axis(keys, order, axis=0)
    places = np.arange(1, len(keys) + 1)[:, np.newaxis]
    new = np.ones(keys.shape, dtype=np.bool_)
    new[1:] = falling[1:] != falling[:-1]
    ranks = np.empty_like(keys)
    shared = np.maximum.accumulate(np.where(new, places, 0), axis=0)
    np.put_along_axis(ranks, order, shared, axis=0)
    return np.where(there, ranks, 0)


def _ranges(ranks: Ranks, draws: int) -> tuple[Ranks, Ranks, Floats]:
    best, worst = np.zeros((2, len(ranks)), dtype=np.int64)
    inside = np.zeros(len(ranks))
    need = int(np.ceil(LEVEL * draws - 1e-9))
    for row, mine in enumerate(ranks):
        if mine.any():
            best[row], worst[row], held = shortest_range(np.bincount(mine)[1:], need)
            inside[row] = held / draws
    return best, worst, inside


def shortest_range(counts: Ranks, need: int) -> tuple[int, int, int]:
    """The shortest run of ranks with `need` draws, first and last, and how many draws it has.

    `counts` has the draws of rank 1, 2 and so on. Of equally short ones the fullest, then best.
    """
    before = np.concatenate([[0], np.cumsum(counts)])
    starts = np.arange(counts.size)
    ends = np.searchsorted(before, before[:-1] + need)
    reach = ends < before.size
    starts, ends = starts[reach], ends[reach]
    held = before[ends] - before[starts]
    chosen = np.lexsort((starts, -held, ends - starts))[0]
    return int(starts[chosen]) + 1, int(ends[chosen]), int(held[chosen])
