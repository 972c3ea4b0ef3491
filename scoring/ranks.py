"""Competition ranks inside a block (1, 2, 2, 4), and the ranks that the bounds leave possible."""

from collections.abc import Iterable

import numpy as np

from scoring.layout import Indices
from scoring.model import Ranks
from scoring.plan import Plan
from scoring.shown import nanos
from scoring.totals import Totals

Standing = tuple[Ranks, Ranks, Ranks]


def no_ranks(plan: Plan) -> Standing:
    """Rank, best and worst of nobody yet: 0."""
    rank, best, worst = np.zeros((3, len(plan.roster.agencies)), dtype=np.int64)
    return rank, best, worst


def rank_blocks(totals: Totals, blocks: Iterable[tuple[str, Indices]], into: Standing) -> None:
    """Write the ranks of these blocks, 0 for an agency without a score; all compared at 1e-9.

    Best: 1 + the other scored agencies whose low is above my high. Worst: 1 + the others whose
    high is above my low, agencies included that have no score yet but could have one.
    """
    rank, best, worst = into
    for _, members in blocks:
        figures = np.array([totals.score[members], totals.low[members], totals.high[members]])
        scored, rivals = ~np.isnan(figures[0]), totals.scorable[members]
        every = np.count_nonzero(scored) == scored.size
        units = nanos(figures) if every else nanos(np.where(scored, figures, 0.0))[:, scored]
        score, low, high = units
        # Who has no score is no match for anybody's best, and for nobody but its rivals' worst.
        all_high = high if every else nanos(figures[2, rivals])
        mine = members[scored]
        rank[members] = best[members] = worst[members] = 0
        rank[mine] = best[mine] = worst[mine] = 1 + _above(score, score)
        if every and not np.count_nonzero(low != high):
            continue
        best[mine] = 1 + _above(low, high)
        # My own high may be above my low, and I am no rival of mine.
        worst[mine] = 1 + _above(all_high, low) - (high > low)


def _above(field: Ranks, figures: Ranks) -> Ranks:
    """For each figure, how many of the field are greater."""
    return field.size - np.searchsorted(np.sort(field), figures, side="right")
