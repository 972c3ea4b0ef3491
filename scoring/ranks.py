"""Competition ranks inside a block (1, 2, 2, 4), and the ranks that the bounds leave possible."""

from collections.abc import Iterable

import numpy as np

from scoring.layout import Indices
from scoring.model import Bools, Floats, Ranks
from scoring.plan import Plan
from scoring.shown import nanos
from scoring.totals import Totals


def no_ranks(plan: Plan) -> Ranks:
    """Rank, best and worst of nobody yet: 0."""
    return np.zeros((3, len(plan.roster.agencies)), dtype=np.int64)


def rank_blocks(totals: Totals, blocks: Iterable[Indices], into: Ranks) -> None:
    """Write the ranks of the agencies of these blocks, 0 for one without a score.

    Best: 1 + the other scored agencies whose low is above my high. Worst: 1 + the others whose
    high is above my low, agencies included that have no score yet but could have one. All are
    compared at 1e-9.
    """
    for members in blocks:
        figures = totals.figures[:3].take(members, axis=1)
        into[:, members] = _ranks(figures, totals.scorable.take(members))


def _ranks(figures: Floats, rivals: Bools) -> Ranks:
    """Of scores, lows and highs; who has no score rivals others' worst, and nothing else."""
    scored = ~np.isnan(figures[0])
    if np.count_nonzero(scored) == scored.size:
        units = nanos(figures)
        return _ranked(units, units[2])
    units = nanos(np.where(scored, figures, 0.0))
    ranks = np.zeros(figures.shape, dtype=np.int64)
    ranks[:, scored] = _ranked(units[:, scored], nanos(figures[2, rivals]))
    return ranks


def _ranked(units: Ranks, rivals: Ranks) -> Ranks:
    score, low, high = units
    ranks = np.empty_like(units)
    ranks[0] = _above(score, score)
    ranks[1] = _above(low, high)
    # My own high may be above my low, and I am no rival of mine.
    ranks[2] = _above(rivals, low) - (high > low)
    ranks += 1
    return ranks


def _above(field: Ranks, figures: Ranks) -> Ranks:
    """For each figure, how many of the field are greater."""
    rising = field.copy()
    rising.sort()
    return field.size - rising.searchsorted(figures, side="right")
