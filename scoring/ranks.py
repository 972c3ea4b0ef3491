"""Competition ranks inside a block (1, 2, 2, 4), and the ranks that the bounds leave possible."""

import numpy as np

from scoring.model import Ranks
from scoring.plan import Plan
from scoring.shown import nanos
from scoring.totals import Totals


def ranks_of(plan: Plan, totals: Totals) -> tuple[Ranks, Ranks, Ranks]:
    """Rank, best and worst, 0 for an agency without a score; all compared at 1e-9.

    Best: 1 + the other scored agencies whose low is above my high. Worst: 1 + the others whose
    high is above my low, agencies included that have no score yet but could have one.
    """
    rank, best, worst = (np.zeros(totals.score.shape, dtype=np.int64) for _ in range(3))
    scored = ~np.isnan(totals.score)
    low, high = nanos(totals.low), nanos(totals.high)
    score = nanos(np.where(scored, totals.score, 0.0))
    for _, members in plan.blocks:
        mine = members[scored[members]]
        rivals = members[totals.scorable[members]]
        rank[mine] = 1 + _above(score[mine], score[mine])
        best[mine] = 1 + _above(low[mine], high[mine])
        # My own high may be above my low, and I am no rival of mine.
        worst[mine] = 1 + _above(high[rivals], low[mine]) - (high[mine] > low[mine])
    return rank, best, worst


def _above(field: Ranks, figures: Ranks) -> Ranks:
    """For each figure, how many of the field are greater."""
    return field.size - np.searchsorted(np.sort(field), figures, side="right")
