from fractions import Fraction
from itertools import chain

import numpy as np
import pytest

from scoring.model import Result
from scoring.score import score
from scoring.shown import quantised, shown
from tests.scoring import oracle
from tests.scoring.cases import BLOCKS, Case, inputs_of, made_up, plan_of

ROUNDS, CASES = 8, 100


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_shown_figures_bands_and_ranks_are_those_of_exact_fractions(seed: int) -> None:
    random = np.random.default_rng(seed)

    for number in range(CASES):
        case = made_up(lambda low, high: int(random.integers(low, high, endpoint=True)))
        result = score(plan_of(case), inputs_of(case))
        assert _of_scorer(case, result) == _of_oracle(case), (seed, number, case)


def _of_scorer(case: Case, result: Result) -> list[object]:
    agencies = [
        (
            _shown(case, None if np.isnan(result.score[a]) else result.score[a]),
            _shown(case, result.low[a]),
            _shown(case, result.high[a]),
            Fraction(quantised(result.coverage[a])),
            result.bands[a],
            (result.rank[a], result.rank_best[a], result.rank_worst[a]),
        )
        for a in range(len(case.blocks))
    ]
    wholes = [(b.id, b.triple, b.band) for b in result.blocks]
    if result.province:
        wholes.append(("province", result.province.triple, result.province.band))
    means = [
        (name, *(_shown(case, x) for x in (t.score, t.low, t.high)), band)
        for name, t, band in wholes
    ]
    return [agencies, means]


def _of_oracle(case: Case) -> list[object]:
    totals = [oracle.total(case, agency) for agency in range(len(case.blocks))]
    agencies = [
        (
            None if t[0] is None else oracle.shown(case, t[0]),
            oracle.shown(case, t[1]),
            oracle.shown(case, t[2]),
            oracle.half_up(t[3], 9),
            None if t[0] is None else oracle.band(case, t[0]),
            (0, 0, 0) if t[0] is None else oracle.ranks(case, totals, agency),
        )
        for agency, t in enumerate(totals)
    ]
    members = {
        block: [
            t[:3]
            for b, t in zip(case.blocks, totals, strict=True)
            if b == block and t[0] is not None
        ]
        for block in BLOCKS
    }
    means = {block: _mean(parts) for block, parts in members.items() if parts}
    parts = list(means.values()) if case.of_blocks else list(chain(*members.values()))
    if parts:
        means["province"] = _mean(parts)
    return [
        agencies,
        [
            (name, *(oracle.shown(case, x) for x in mean), oracle.band(case, mean[0]))
            for name, mean in means.items()
        ],
    ]


def _mean(parts: list[tuple[Fraction, ...]]) -> tuple[Fraction, ...]:
    return tuple(sum(column) / len(parts) for column in zip(*parts, strict=True))


def _shown(case: Case, figure: float | None) -> Fraction | None:
    return None if figure is None else Fraction(shown(figure, case.digits))
