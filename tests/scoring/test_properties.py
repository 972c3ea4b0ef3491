"""What holds of every province, over made-up ones of every kind."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from scoring.model import NOT_APPLICABLE, OK
from scoring.score import score
from tests.scoring.cases import FORMULAS, Case, inputs_of, plan_of
from tests.scoring.provinces import (
    RISING,
    SLACK,
    all_fresh,
    cases,
    changed,
    completed,
    fresh,
    of_every_province,
    result_of,
    same,
    unheld,
)


@of_every_province
@given(cases())
def test_every_score_lies_between_its_bounds_and_on_the_scale(case: Case) -> None:
    result = result_of(case)

    scored = ~np.isnan(result.score)
    assert (result.low >= 0).all()
    assert (result.high <= float(case.scale)).all()
    assert (result.low <= result.high).all()
    assert (result.low[scored] <= result.score[scored]).all()
    assert (result.score[scored] <= result.high[scored]).all()
    assert ((result.coverage >= 0) & (result.coverage <= 1)).all()


@of_every_province
@given(cases())
def test_every_indicator_has_points_between_its_bounds_and_its_maximum(case: Case) -> None:
    cells = result_of(case).cells

    points = np.where(np.isnan(cells.points), cells.points_low, cells.points)
    applies = cells.statuses != NOT_APPLICABLE
    assert (np.isnan(cells.points_low) == ~applies).all()
    ordered = (cells.points_low >= 0) & (cells.points_low <= points) & (points <= cells.points_high)
    assert (ordered & (cells.points_high <= cells.points_max) == applies).all()


@of_every_province
@given(cases())
def test_where_all_is_fresh_the_bounds_are_the_score_and_the_ranks_are_certain(case: Case) -> None:
    result = result_of(all_fresh(case))

    scored = ~np.isnan(result.score)
    assert result.low[scored].tobytes() == result.score[scored].tobytes()
    assert result.high[scored].tobytes() == result.score[scored].tobytes()
    assert result.cells.points_low.tobytes() == result.cells.points.tobytes()
    assert result.cells.points_high.tobytes() == result.cells.points.tobytes()
    assert result.rank_best.tolist() == result.rank.tolist() == result.rank_worst.tolist()
    triples = [block.triple for block in result.blocks]
    triples += [result.province.triple] if result.province else []
    assert all(triple.low == triple.score == triple.high for triple in triples)


@of_every_province
@given(cases(), st.integers(0, 2**32), st.sampled_from([0.3, 0.7, 1.0]))
def test_whatever_arrives_the_bounds_only_narrow(case: Case, seed: int, share: float) -> None:
    before, after = result_of(unheld(case)), result_of(completed(case, seed, share))

    scored = ~np.isnan(after.score)
    assert (after.score >= before.low - SLACK)[scored].all()
    assert (after.score <= before.high + SLACK)[scored].all()
    assert (after.low >= before.low - SLACK)[scored].all()
    assert (after.high <= before.high + SLACK)[scored].all()


@of_every_province
@given(cases(), st.integers(0, 2**32))
def test_whatever_arrives_no_rank_leaves_its_interval(case: Case, seed: int) -> None:
    before, after = result_of(unheld(case)), result_of(completed(case, seed, 1.0))

    ranked = (before.rank > 0) & (after.rank > 0)
    assert (before.rank_best <= after.rank)[ranked].all()
    assert (after.rank <= before.rank_worst)[ranked].all()


@of_every_province
@given(cases())
def test_the_rank_lies_in_its_interval_and_only_scores_have_one(case: Case) -> None:
    result = result_of(case)

    assert ((result.rank > 0) == ~np.isnan(result.score)).all()
    assert (result.rank_best <= result.rank).all()
    assert (result.rank <= result.rank_worst).all()
    assert not any(band for band, rank in zip(result.bands, result.rank, strict=True) if not rank)


@of_every_province
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_agencies_does_not_matter(case: Case, random: Any) -> None:
    order = list(range(len(case.blocks)))
    random.shuffle(order)
    plan, inputs = plan_of(case), inputs_of(case)
    shuffled = replace(
        case,
        data=tuple(case.data[n] for n in order),
        blocks=tuple(case.blocks[n] for n in order),
        ones=tuple(
            replace(
                one,
                targets=tuple(one.targets[n] for n in order),
                duty=tuple(one.duty[n] for n in order),
            )
            for one in case.ones
        ),
    )

    result, other = score(plan, inputs), result_of(shuffled)

    assert same(other, result, order)
    assert (other.blocks, other.province) == (result.blocks, result.province)
    assert other.province_values == result.province_values


@of_every_province
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_indicators_does_not_matter(case: Case, random: Any) -> None:
    ones = list(case.ones)
    random.shuffle(ones)

    result, other = result_of(case), result_of(replace(case, ones=tuple(ones)))

    for name in ("score", "low", "high", "coverage"):
        np.testing.assert_allclose(getattr(result, name), getattr(other, name), atol=SLACK, rtol=0)
    assert result.rank.tolist() == other.rank.tolist()
    assert result.bands == other.bands


@of_every_province
@given(cases(), st.integers(0, 5))
def test_the_data_of_one_agency_move_no_other_score(case: Case, number: int) -> None:
    number %= len(case.data)
    row = {name: fresh(Fraction(1)) for name in case.data[number]}
    data = (*case.data[:number], row, *case.data[number + 1 :])

    result, other = result_of(case), result_of(replace(case, data=data))

    others = np.arange(len(case.data)) != number
    for name in ("score", "low", "high"):
        assert getattr(result, name)[others].tobytes() == getattr(other, name)[others].tobytes()


@of_every_province
@given(cases(), st.sampled_from(["done", "more"]), st.integers(0, 10))
def test_more_done_never_lowers_a_score(case: Case, metric: str, more: int) -> None:
    rising = tuple(one for one in case.ones if one.grows and one.rule in RISING)
    assume(rising)
    before = all_fresh(replace(case, ones=rising))
    after = changed(
        before, lambda name, d: fresh(d.number + more) if name == metric and d.status == OK else d
    )

    low, high = result_of(before), result_of(after)

    scored = ~np.isnan(low.score)
    assert (low.score <= high.score)[scored].all()


@of_every_province
@given(cases())
def test_agencies_with_the_same_data_tie(case: Case) -> None:
    ones = tuple(
        replace(one, targets=one.targets[:1] * len(case.data), duty=one.duty[:1] * len(case.data))
        for one in case.ones
    )
    alike = replace(
        case,
        ones=ones,
        data=case.data[:1] * len(case.data),
        blocks=case.blocks[:1] * len(case.data),
    )

    result = result_of(alike)

    assert len(set(result.rank.tolist())) == 1
    assert result.rank[0] in {0, 1}


@of_every_province
@given(cases(), st.sampled_from([-3, 1, 10]))
def test_the_unit_of_a_ratio_does_not_matter(case: Case, power: int) -> None:
    text, work, grows = FORMULAS[0]
    ones = tuple(
        replace(one, text=text, work=work, grows=grows) for one in case.ones if one.rule != "parts"
    )
    assume(ones)
    known = changed(replace(case, ones=ones), lambda _, d: fresh(d.number))
    plan, inputs = plan_of(known), inputs_of(known)
    # In powers of two, so that floats stay exact.
    numbers = inputs.numbers * 2.0**power
    scaled = replace(inputs, numbers=numbers, lows=numbers, highs=numbers)

    assert same(score(plan, inputs), score(plan, scaled))


@of_every_province
@given(cases())
def test_scoring_again_gives_the_same_and_leaves_the_inputs_as_they_are(case: Case) -> None:
    plan, inputs = plan_of(case), inputs_of(case)

    first, second = score(plan, inputs), score(plan, inputs)

    assert same(first, second)
    untouched = inputs_of(case)
    for name in ("numbers", "lows", "highs", "statuses"):
        np.testing.assert_array_equal(getattr(inputs, name), getattr(untouched, name))


@of_every_province
@given(cases())
def test_no_figure_is_infinite_and_only_what_may_be_absent_is(case: Case) -> None:
    result = result_of(case)

    for part in (*vars(result.cells).values(), result.score):
        assert not np.isinf(part).any()
    for part in (result.low, result.high, result.coverage, result.cells.points_max):
        assert np.isfinite(part).all()
