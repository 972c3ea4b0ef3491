"""What a composite index owes to those whom it measures, over made-up provinces of every kind."""

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scoring.model import MISSING, NOT_APPLICABLE, OK, STALE
from tests.scoring.cases import BLOCKS, WHOLES, Case, Datum
from tests.scoring.provinces import (
    RISING,
    SLACK,
    all_fresh,
    cases,
    changed,
    completed,
    fresh,
    identical,
    of_every_province,
    result_of,
    same,
    unheld,
)


def weighed(case: Case, number: int, times: Fraction) -> Case:
    """The same set with another maximum for one indicator."""
    number %= len(case.ones)
    ones = list(case.ones)
    ones[number] = replace(ones[number], most=ones[number].most * times)
    return replace(case, ones=tuple(ones))


@of_every_province
@given(cases())
def test_an_indicator_without_points_is_as_good_as_none(case: Case) -> None:
    worth = tuple(one for one in case.ones if one.most)
    assume(worth)

    result, without = result_of(case), result_of(replace(case, ones=worth))

    for name in ("score", "low", "high", "coverage"):
        np.testing.assert_allclose(getattr(result, name), getattr(without, name), atol=SLACK)
    assert (result.rank == without.rank).all()


@of_every_province
@given(cases(), st.sampled_from([Fraction(1, 8), Fraction(4)]))
def test_all_maxima_times_the_same_change_no_score(case: Case, times: Fraction) -> None:
    ones = tuple(replace(one, most=one.most * times) for one in case.ones)

    result, other = result_of(case), result_of(replace(case, ones=ones))

    # By a power of two, so that floats stay exact.
    for name in ("score", "low", "high", "coverage", "rank", "rank_best", "rank_worst"):
        assert getattr(result, name).tobytes() == getattr(other, name).tobytes()


@of_every_province
@given(cases(), st.integers(0, 4))
def test_more_weight_moves_a_score_towards_its_indicator(case: Case, number: int) -> None:
    before, after = result_of(case), result_of(weighed(case, number, Fraction(2)))

    number %= len(case.ones)
    cells = before.cells
    counts = (cells.points_max[:, number] > 0) & ~np.isnan(cells.points[:, number])
    with np.errstate(invalid="ignore"):
        part = cells.points[:, number] / cells.points_max[:, number] * float(case.scale)
    counts &= ~np.isnan(before.score) & ~np.isnan(after.score)
    above = counts & (part >= before.score)
    assert (after.score >= before.score - SLACK * float(case.scale))[above].all()
    assert (after.score <= before.score + SLACK * float(case.scale))[counts & ~above].all()


@of_every_province
@given(cases())
def test_a_score_lies_between_its_worst_and_its_best_indicator(case: Case) -> None:
    result = result_of(case)

    counts = ~np.isnan(result.cells.points) & (result.cells.points_max > 0)
    with np.errstate(invalid="ignore"):
        parts = result.cells.points / result.cells.points_max * float(case.scale)
    for agency in np.flatnonzero(~np.isnan(result.score)):
        mine = parts[agency, counts[agency]]
        assert mine.min() - SLACK * float(case.scale) <= result.score[agency]
        assert result.score[agency] <= mine.max() + SLACK * float(case.scale)


@of_every_province
@given(cases())
def test_points_over_their_maxima_are_the_score(case: Case) -> None:
    result = result_of(case)

    counts = ~np.isnan(result.cells.points)
    points = np.where(counts, result.cells.points, 0).sum(axis=1)
    most = np.where(counts, result.cells.points_max, 0).sum(axis=1)
    scored = ~np.isnan(result.score)
    np.testing.assert_allclose(
        result.score[scored], float(case.scale) * points[scored] / most[scored], rtol=1e-12
    )


@of_every_province
@given(cases(), st.integers(0, 5), st.sampled_from(["done", "more", "state", "part"]))
def test_keeping_an_answer_back_never_pays_where_it_counts_as_nothing(
    case: Case, number: int, metric: str
) -> None:
    honest = all_fresh(replace(case, exclude=False, min_coverage=Fraction(0)))
    number %= len(honest.data)
    row = honest.data[number]
    silent = {**row, metric: replace(row[metric], status=max(row[metric].status, MISSING))}
    data = (*honest.data[:number], silent, *honest.data[number + 1 :])

    told, kept = result_of(honest), result_of(replace(honest, data=data))

    if not np.isnan(told.score[number]) and not np.isnan(kept.score[number]):
        assert kept.score[number] <= told.score[number] + SLACK


@of_every_province
@given(cases())
def test_below_its_least_coverage_an_agency_has_bounds_and_no_score(case: Case) -> None:
    whole = replace(case, min_coverage=Fraction(1))

    result = result_of(whole)

    short = result.coverage < 1
    assert np.isnan(result.score[short]).all()
    assert (result.rank[short] == 0).all()
    assert np.isfinite(result.low).all()
    assert np.isfinite(result.high).all()


@of_every_province
@given(cases())
def test_nothing_known_is_no_score_and_no_coverage(case: Case) -> None:
    result = result_of(changed(case, lambda _, d: replace(d, status=max(d.status, MISSING))))

    assert np.isnan(result.score).all()
    assert not result.coverage.any()
    assert not result.rank.any()
    assert (result.blocks, result.province) == ((), None)


@of_every_province
@given(cases())
def test_a_rank_is_one_and_those_who_score_more(case: Case) -> None:
    result = result_of(case)

    units = np.round(result.score, 9)
    for agency in np.flatnonzero(result.rank):
        rivals = [n for n, block in enumerate(case.blocks) if block == case.blocks[agency]]
        assert result.rank[agency] == 1 + (units[rivals] > units[agency]).sum()


@of_every_province
@given(cases())
def test_a_better_score_never_has_a_lower_band(case: Case) -> None:
    result = result_of(case)

    starts: dict[str | None, Fraction] = {name: start for start, name in case.bands}
    starts[None] = Fraction(-1)
    scored = np.flatnonzero(~np.isnan(result.score))
    order = sorted(scored.tolist(), key=lambda agency: result.score[agency])
    bands = [starts[result.bands[agency]] for agency in order]
    assert bands == sorted(bands)


@of_every_province
@given(cases())
def test_a_block_lies_between_its_lowest_and_its_highest_agency(case: Case) -> None:
    result = result_of(case)

    for block in result.blocks:
        mine = [n for n, name in enumerate(case.blocks) if name == block.id]
        scores = result.score[mine][~np.isnan(result.score[mine])]
        assert block.agencies_scored == scores.size
        assert block.triple.score is not None
        assert scores.min() - SLACK <= block.triple.score <= scores.max() + SLACK
        assert block.triple.low <= block.triple.score <= block.triple.high


@of_every_province
@given(cases())
def test_the_province_lies_between_its_blocks_as_far_as_they_have_scores(case: Case) -> None:
    result = result_of(case)

    if result.province and result.province.triple.score is not None:
        scores = [block.triple.score or 0.0 for block in result.blocks]
        whole = result.province.triple
        assert min(scores) - SLACK <= result.province.triple.score <= max(scores) + SLACK
        assert whole.low <= result.province.triple.score <= whole.high


@of_every_province
@given(cases())
def test_the_agencies_of_one_block_do_not_move_those_of_another(case: Case) -> None:
    mine = [n for n, block in enumerate(case.blocks) if block == BLOCKS[0]]
    assume(mine)
    ones = tuple(
        replace(
            one,
            targets=tuple(one.targets[n] for n in mine),
            duty=tuple(one.duty[n] for n in mine),
        )
        for one in case.ones
    )
    alone = replace(
        case,
        ones=ones,
        data=tuple(case.data[n] for n in mine),
        blocks=tuple(case.blocks[n] for n in mine),
    )

    assert same(result_of(alone), result_of(case), mine)


@of_every_province
@given(cases())
def test_what_agencies_and_blocks_are_called_does_not_matter(case: Case) -> None:
    swap = {BLOCKS[0]: BLOCKS[2], BLOCKS[1]: BLOCKS[0]}

    result = result_of(case)
    other = result_of(replace(case, blocks=tuple(swap[block] for block in case.blocks)))

    assert same(result, other)
    assert sorted(b.triple.low for b in result.blocks) == sorted(b.triple.low for b in other.blocks)


@of_every_province
@given(cases())
def test_a_certain_rank_is_its_own_best_and_worst(case: Case) -> None:
    result = result_of(case)

    certain = result.rank_certain
    assert (result.rank == result.rank_best)[certain].all()
    assert (result.rank == result.rank_worst)[certain].all()
    assert not certain[result.rank == 0].any()


@of_every_province
@given(cases(), st.integers(0, 2**32))
def test_a_certain_rank_stays_whatever_arrives(case: Case, seed: int) -> None:
    before, after = result_of(unheld(case)), result_of(completed(case, seed, 1.0))

    # Those who have no score yet may come in.
    if (before.rank > 0).all() and (after.rank > 0).all():
        assert (before.rank == after.rank)[before.rank_certain].all()


@of_every_province
@given(cases(), st.integers(1, 4))
def test_a_narrower_range_never_widens_the_bounds(case: Case, quarter: int) -> None:
    def narrowed(name: str, datum: Datum) -> Datum:
        if datum.status in {OK, NOT_APPLICABLE} or name in {*WHOLES, *WHOLES.values()}:
            return datum
        least = max(datum.low, Fraction(1)) if name.startswith("per") else datum.low
        return replace(datum, low=least, high=least + (datum.high - least) * quarter / 4)

    wide, narrow = result_of(case), result_of(changed(case, narrowed))

    assert (narrow.low >= wide.low - SLACK).all()
    assert (narrow.high <= wide.high + SLACK).all()


@of_every_province
@given(cases())
def test_to_hold_what_is_stale_for_fresh_changes_no_score(case: Case) -> None:
    known = changed(case, lambda _, d: fresh(d.number) if d.status == STALE else d)

    before, after = result_of(case), result_of(known)

    assert before.score.tobytes() == after.score.tobytes()
    assert before.rank.tolist() == after.rank.tolist()


@of_every_province
@given(cases())
def test_a_capped_value_is_the_value_or_the_cap(case: Case) -> None:
    free = replace(case, ones=tuple(replace(one, above=None) for one in case.ones))
    ones = tuple(replace(one, above=Fraction(3, 2), holds=False) for one in case.ones)

    value = result_of(free).cells.value
    capped = result_of(replace(case, ones=ones)).cells.value

    np.testing.assert_allclose(capped, np.minimum(value, 1.5), rtol=1e-12)


@of_every_province
@given(cases())
def test_a_value_above_its_natural_maximum_is_held_and_earns_nothing(case: Case) -> None:
    held = replace(case, exclude=False, ones=tuple(replace(o, holds=True) for o in case.ones))

    result = result_of(held)

    for column, one in enumerate(held.ones):
        values = result.cells.value[:, column]
        if one.above is not None:
            assert not (values > float(one.above) + SLACK).any()
        lost = result.cells.statuses[:, column] > STALE
        lost &= result.cells.points_max[:, column] > 0
        assert not result.cells.points[lost, column].any()


@of_every_province
@given(cases())
def test_a_set_scored_between_two_scorings_of_another_leaves_no_trace(case: Case) -> None:
    other = replace(case, ones=case.ones[::-1], exclude=not case.exclude)

    first, _, again = result_of(case), result_of(other), result_of(case)

    assert identical(first, again)


@of_every_province
@given(cases(), st.sampled_from(sorted(RISING)))
def test_points_grow_with_the_value(case: Case, rule: str) -> None:
    """Over all agencies with one target: who has more has no fewer points."""
    table: dict[str, tuple[tuple[Fraction, Fraction], ...]] = {
        "yes_no": ((Fraction(1), Fraction(1)),),
        "steps": ((Fraction(1), Fraction(1, 2)),),
    }
    ones = tuple(
        replace(
            one,
            rule=rule,
            table=table.get(rule, ()),
            targets=((Fraction(1) if rule == "to_target" else None),) * len(case.data),
        )
        for one in case.ones
    )
    result = result_of(replace(case, ones=ones))

    for column in range(len(ones)):
        values, points = result.cells.value[:, column], result.cells.points[:, column]
        known = ~np.isnan(values)
        earned = points[known][np.argsort(values[known], kind="stable")]
        assert (np.diff(earned) >= -SLACK).all()


SCRIPT = """
from fractions import Fraction
import hashlib
import numpy as np
from scoring.score import score
from tests.scoring.cases import inputs_of, made_up, plan_of
seen = hashlib.sha256()
random = np.random.default_rng(7)
for _ in range(40):
    case = made_up(lambda low, high: int(random.integers(low, high, endpoint=True)))
    result = score(plan_of(case), inputs_of(case))
    for figures in (result.score, result.low, result.high, result.rank_best, result.cells.points):
        seen.update(figures.tobytes())
    seen.update(repr((result.bands, result.blocks, result.province_values)).encode())
print(seen.hexdigest())
"""


@pytest.fixture(scope="module")
def digests() -> set[str]:
    """Of the same forty provinces, scored under four seeds of Python's hashes."""
    return {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "77", "4000000000")
    }


def test_figures_are_the_same_under_every_hash_seed(digests: set[str]) -> None:
    assert len(digests) == 1
