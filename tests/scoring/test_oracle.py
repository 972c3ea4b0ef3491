import math
import os
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain

import pytest

from scoring.model import Result
from scoring.score import score
from scoring.shown import quantised, shown
from tests.scoring import oracle
from tests.scoring.cases import Case, inputs_of, made_up, picking, plan_of

CASES = int(os.environ.get("CHISO_CASES", "10000"))
ROUNDS = 4
# So many provinces are scored under one set: its plan costs more than a province does.
PROVINCES = 5


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_shown_figures_bands_and_ranks_are_those_of_exact_fractions(seed: int) -> None:
    pick = picking(seed)

    for number in range(max(CASES // (ROUNDS * PROVINCES), 1)):
        case = made_up(pick, PROVINCES)
        result = score(plan_of(case), inputs_of(case))
        assert _of_scorer(case, result) == _of_oracle(case), (seed, number, case)


def _of_scorer(case: Case, result: Result) -> list[object]:
    """Shown triple, band, and for an agency its coverage and ranks too."""
    agencies: list[object] = []
    for agency, score_ in enumerate(result.score.tolist()):
        figures = result.low[agency], score_, result.high[agency]
        rank = result.rank[agency], result.rank_best[agency], result.rank_worst[agency]
        coverage = Fraction(quantised(result.coverage[agency]))
        agencies.append((*_shown(case, figures), result.bands[agency], coverage, rank))
    wholes = [(block.id, block.triple, block.band) for block in result.blocks]
    if result.province:
        wholes.append(("province", result.province.triple, result.province.band))
    means = [(name, *_shown(case, (t.low, t.score, t.high)), band) for name, t, band in wholes]
    return [agencies, means]


def _shown(case: Case, figures: Iterable[float | None]) -> list[Fraction | None]:
    known = [None if x is None or math.isnan(x) else shown(float(x), case.digits) for x in figures]
    return [None if x is None else Fraction(x) for x in known]


def _of_oracle(case: Case) -> list[object]:
    totals = [oracle.total(case, agency) for agency in range(len(case.blocks))]
    agencies: list[object] = []
    for agency, (ends, coverage, given, _) in enumerate(totals):
        rank = tuple(oracle.ranks(case, totals, agency)) if given else (0, 0, 0)
        figures = _shown_and_band(case, ends if given else (ends[0], None, ends[2]))
        agencies.append((*figures, oracle.half_up(coverage, 9), rank))
    members = {
        block: [
            one[0] for of, one in zip(case.blocks, totals, strict=True) if of == block and one[2]
        ]
        for block in case.all_blocks
    }
    means = {block: _mean(parts) for block, parts in members.items() if parts}
    parts = list(means.values()) if case.of_blocks else list(chain(*members.values()))
    if parts:
        means["province"] = _mean(parts)
    return [agencies, [(name, *_shown_and_band(case, mean)) for name, mean in means.items()]]


def _shown_and_band(case: Case, ends: Sequence[Fraction | None]) -> list[object]:
    """Twice rounded, as people see it; the band is decided on that."""
    twice = [None if x is None else oracle.half_up(oracle.half_up(x, 9), case.digits) for x in ends]
    score = twice[1]
    reached = [] if score is None else [one for one in case.bands if one[0] <= score]
    return [*twice, max(reached)[1] if reached else None]


def _mean(parts: Sequence[oracle.Ends]) -> oracle.Ends:
    return tuple(sum(column) / Fraction(len(parts)) for column in zip(*parts, strict=True))
