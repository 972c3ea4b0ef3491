"""Ranks under drawn weights, against counting them out, and what holds of every province."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scoring.model import Cells, Floats, Ranks, Result
from scoring.robust import _ranges, drawn_weights, ranks_under, robust, shortest_range
from scoring.score import Plan, score
from tests.scoring.cases import Case, inputs_of, plan_of
from tests.scoring.provinces import cases, changed, fresh, of_every_province

DRAWS = 60


def scored(case: Case) -> tuple[Plan, Result]:
    plan = plan_of(case)
    return plan, score(plan, inputs_of(case))


def ranked(case: Case, weights: Floats) -> Ranks:
    plan, result = scored(case)
    there = ~np.isnan(result.score)
    return ranks_under(weights, result.cells, there, plan.indicator_set.scale, plan.blocks)


@of_every_province
@given(cases())
def test_without_any_spread_all_ranks_are_the_published_ones(case: Case) -> None:
    plan, result = scored(case)

    found = robust(result, plan.indicator_set.scale, plan.blocks, draws=3, seed=1, spread=0.0)

    assert found.best.tolist() == found.worst.tolist() == result.rank.tolist()
    assert set(found.holds.tolist()) <= {0.0, 1.0}
    assert (found.holds == (result.rank > 0)).all()


@of_every_province
@given(cases(), st.integers(0, 2**63), st.sampled_from([0.1, 0.5, 0.9]))
def test_the_same_seed_gives_the_same_answer(case: Case, seed: int, spread: float) -> None:
    plan, result = scored(case)

    def once() -> list[list[float]]:
        scale = plan.indicator_set.scale
        found = robust(result, scale, plan.blocks, draws=DRAWS, seed=seed, spread=spread)
        return [figures.tolist() for figures in vars(found).values()]

    assert once() == once()


@of_every_province
@given(cases(), st.integers(0, 1000), st.sampled_from([0.1, 0.5, 0.99]))
def test_who_is_as_good_in_every_indicator_is_never_behind(
    case: Case, seed: int, spread: float
) -> None:
    _, result = scored(case)
    weights = drawn_weights(len(case.ones), DRAWS, seed, spread)
    everything = np.vstack([weights, 1.0 - np.eye(len(case.ones))])

    ranks = ranked(case, everything)

    points, most = result.cells.points, result.cells.points_max
    counted = np.where(np.isnan(points), 0.0, most)
    for one, other in product(range(len(case.data)), repeat=2):
        alike = case.blocks[one] == case.blocks[other] and (counted[one] == counted[other]).all()
        if alike and (np.nan_to_num(points[one]) >= np.nan_to_num(points[other])).all():
            both = (ranks[one] > 0) & (ranks[other] > 0)
            assert (ranks[one] <= ranks[other])[both].all()


@of_every_province
@given(cases())
def test_left_out_is_as_if_the_set_did_not_have_it(case: Case) -> None:
    assume(len(case.ones) > 1)
    known = changed(replace(case, min_coverage=Fraction(0)), lambda _, d: fresh(d.number))
    plan, result = scored(known)

    found = robust(result, plan.indicator_set.scale, plan.blocks, draws=1, seed=0, spread=0.0)

    for index in range(len(known.ones)):
        _, less = scored(replace(known, ones=known.ones[:index] + known.ones[index + 1 :]))
        # An agency of which nothing else is known keeps its 0 points, behind all that have any.
        there = ~np.isnan(less.score)
        assert found.without[there, index].tolist() == less.rank[there].tolist()


quarters = st.integers(0, 8).map(lambda n: n / 4)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[float]], list[float]]:
    """The points of up to four agencies on up to three indicators, and their maxima."""
    count = draw(st.integers(1, 3))
    maxima = [draw(st.sampled_from([2.0, 4.0])) for _ in range(count)]
    rows = draw(
        st.lists(st.lists(quarters, min_size=count, max_size=count), min_size=1, max_size=4)
    )
    return rows, maxima


@of_every_province
@given(tables(), st.sampled_from([Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)]))
def test_ranks_and_their_range_are_those_that_counting_out_gives(
    table: tuple[list[list[float]], list[float]], spread: Fraction
) -> None:
    rows, maxima = table
    grid = list(product([1 - spread, Fraction(1), 1 + spread], repeat=len(maxima)))
    weights = np.array([[float(weight) for weight in each] for each in grid])
    members = [("all", np.arange(len(rows)))]

    found = ranks_under(
        weights, cells_of(rows, maxima), np.full(len(rows), fill_value=True), 100, members
    )

    counted = [counted_out(rows, maxima, each) for each in grid]
    assert found.T.tolist() == counted
    need = int(np.ceil(0.95 * len(grid)))
    for row in range(len(rows)):
        mine = [ranks[row] for ranks in counted]
        tally = np.array([mine.count(rank + 1) for rank in range(len(rows))])
        assert shortest_range(tally, need) == by_trying_all(mine, need, len(rows))


def cells_of(rows: list[list[float]], maxima: list[float]) -> Cells:
    points = np.array(rows)
    most = np.broadcast_to(np.array(maxima), points.shape)
    return Cells(points, points, points, points, points, most, np.zeros(points.shape, np.int8))


def counted_out(
    rows: list[list[float]], maxima: list[float], weights: tuple[Fraction, ...]
) -> list[int]:
    whole = sum(w * Fraction(most) for w, most in zip(weights, maxima, strict=True))
    scores = [
        sum((w * Fraction(x) for w, x in zip(weights, row, strict=True)), Fraction(0)) / whole
        for row in rows
    ]
    return [1 + sum(other > mine for other in scores) for mine in scores]


def by_trying_all(mine: list[int], need: int, most: int) -> tuple[int, int, int]:
    tried = [
        (last - first, -held, first, last)
        for first in range(1, most + 1)
        for last in range(first, most + 1)
        if (held := sum(first <= rank <= last for rank in mine)) >= need
    ]
    _, held, first, last = min(tried)
    return first, last, -held


def test_the_share_of_draws_is_near_the_probability() -> None:
    """One is ahead by 0.2 of the first, the other by 0.1 of the second indicator: w1 > 1/2 w2.

    With weights between 0.5 and 1.5 that fails in a triangle of sides 0.25 and 0.5: 1 in 16.
    """
    table = cells_of([[1.0, 0.5], [0.8, 0.9]], [1.0, 1.0])
    weights = drawn_weights(2, 40_000, 7, 0.5)

    ranks = ranks_under(weights, table, np.array([True, True]), 100, [("all", np.arange(2))])

    assert (ranks[0] == 2).mean() == pytest.approx(1 - 1 / 16, abs=0.005)


def test_weights_are_the_same_on_every_machine() -> None:
    weights = drawn_weights(2, 2, 1, 0.1)

    assert weights.tolist() == [
        [1.0023643249400513, 1.0900927392651871],
        [0.9288319225439268, 1.0897298894274488],
    ]
    assert drawn_weights(3, 500, 5, 0.2).min() >= 0.8
    assert drawn_weights(3, 500, 5, 0.2).max() < 1.2


@pytest.mark.parametrize(("draws", "spread"), [(0, 0.1), (10, 1.0), (10, -0.1), (10, float("nan"))])
def test_what_cannot_be_drawn_is_refused(draws: int, spread: float) -> None:
    table = cells_of([[1.0]], [1.0])
    one = score_like(table)

    with pytest.raises(ValueError, match="cannot draw"):
        robust(one, 100, [("all", np.arange(1))], draws=draws, seed=1, spread=spread)


def score_like(table: Cells) -> Result:
    """A result of which only cells, scores and ranks are looked at."""
    some, rank = table.points.sum(axis=1), np.ones(len(table.points), dtype=np.int64)
    there = np.ones(len(rank), dtype=np.bool_)
    return Result(
        cells=table,
        score=some,
        low=some,
        high=some,
        coverage=some,
        scorable=there,
        rank=rank,
        rank_best=rank,
        rank_worst=rank,
        bands=(None,) * len(rank),
        blocks=(),
        province=None,
        over_province=lambda: (some, rank),
    )


def test_a_range_holds_nineteen_of_twenty_draws_and_no_fewer() -> None:
    ranks = np.array([[1] * 19 + [2], [1] * 18 + [2] * 2, [0] * 20])

    best, worst, inside = _ranges(ranks, 20)

    assert (best.tolist(), worst.tolist()) == ([1, 1, 0], [1, 2, 0])
    assert inside.tolist() == [0.95, 1, 0]
    assert best.dtype == worst.dtype == np.int64


def test_of_equally_short_ranges_the_fullest_is_taken_and_then_the_best() -> None:
    assert shortest_range(np.array([3, 4]), 3) == (2, 2, 4)
    assert shortest_range(np.array([3, 0, 3]), 3) == (1, 1, 3)
    assert shortest_range(np.array([0, 2, 2, 1]), 4) == (2, 3, 4)


def test_ranks_are_drawn_with_the_seed_given_and_each_agency_has_its_own_share() -> None:
    table = cells_of([[1.0, 0.5], [0.8, 0.9]], [1.0, 1.0])
    members = [("all", np.arange(2))]

    found = robust(score_like(table), 100, members, draws=400, seed=7, spread=0.5)

    there = np.array([True, True])
    ranks = ranks_under(drawn_weights(2, 400, 7, 0.5), table, there, 100, members)
    assert found.holds.tolist() == (ranks == 1).mean(axis=1).tolist()
    assert 0 < found.holds[0] < found.holds[1] < 1
    assert found.without.tolist() == [[2, 1], [1, 2]]


def test_who_has_nothing_left_without_an_indicator_has_no_rank_then() -> None:
    table = cells_of([[1.0, np.nan], [0.5, 0.5], [0.0, 0.5]], [1.0, 1.0])
    result = replace(score_like(table), score=np.array([100.0, 50, 25]))

    found = robust(result, 100, [("all", np.arange(3))], draws=1, seed=1, spread=0)

    assert found.without.tolist() == [[0, 1], [1, 2], [1, 3]]
