"""Scoring some agencies again, and a whole course of inputs, is as good as scoring all anew."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.history import Course, History, score_course
from scoring.model import MISSING, Inputs, Roster
from scoring.plan import Plan, prepare
from scoring.score import rescore, score
from tests.scoring.cases import Case, inputs_of, made_up, plan_of
from tests.scoring.example import METRICS, SET
from tests.scoring.example import given as agency
from tests.scoring.example import inputs as example_inputs
from tests.scoring.provinces import cases, identical, of_every_province


def with_rows_of(inputs: Inputs, other: Inputs, rows: list[int]) -> Inputs:
    """The inputs, with those rows as they are in the other."""
    arrays = {}
    for name in ("numbers", "lows", "highs", "statuses"):
        arrays[name] = getattr(inputs, name).copy()
        arrays[name][rows] = getattr(other, name)[rows]
    return replace(inputs, **arrays)


@of_every_province
@given(cases(), st.integers(0, 2**32), st.data())
def test_scoring_some_agencies_again_is_scoring_all_anew(
    case: Case, seed: int, data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.integers(0, len(case.data) - 1), unique=True))
    random = np.random.default_rng(seed)
    others = [made_up(lambda a, b: int(random.integers(a, b, endpoint=True))) for _ in range(9)]
    pool = [row for other in others for row in other.data]
    moved = replace(
        case, data=tuple(pool[n] if n in rows else row for n, row in enumerate(case.data))
    )
    plan, before = plan_of(case), inputs_of(case)
    after = with_rows_of(before, inputs_of(moved), rows)
    first = score(plan, before)

    again = rescore(plan, first, after, np.array(rows, dtype=np.intp))

    assert identical(again, score(plan, after))
    assert identical(first, score(plan, before))
    assert identical(rescore(plan, again, before, np.array(rows, dtype=np.intp)), first)


def test_scoring_again_needs_the_same_metrics() -> None:
    case = made_up(lambda low, _: low)
    plan, inputs = plan_of(case), inputs_of(case)

    with pytest.raises(ValueError, match="other metrics than the plan"):
        rescore(plan, score(plan, inputs), replace(inputs, metrics=()), np.array([0]))


TICKS = 6


def course_of(plan: Plan, moments: list[Inputs]) -> Course:
    """The course of these inputs, one a tick: each series from the first on where it changes."""
    starts, at, numbers, statuses = [0], [], [], []
    for column in range(len(plan.metrics)):
        for row in range(len(plan.roster.agencies)):
            last: tuple[Any, ...] | None = None
            for tick, inputs in enumerate(moments):
                now = (inputs.numbers[row, column].tobytes(), inputs.statuses[row, column])
                if now != last:
                    at.append(tick)
                    numbers.append(inputs.numbers[row, column])
                    statuses.append(inputs.statuses[row, column])
                last = now
            starts.append(len(at))
    return Course(
        plan.metrics,
        len(moments),
        np.array(starts, dtype=np.intp),
        np.array(at, dtype=np.int64),
        np.array(numbers, dtype=np.float64),
        np.array(statuses, dtype=np.int8),
    )


def moments_of(case: Case, seed: int) -> list[Inputs]:
    """From tick to tick a third of the agencies get data of another made-up province."""
    random = np.random.default_rng(seed)
    moments = [inputs_of(case)]
    while len(moments) < TICKS:
        other = made_up(lambda low, high: int(random.integers(low, high, endpoint=True)))
        rows = [n for n in range(len(case.data)) if random.random() < 1 / 3]
        data = tuple(
            other.data[n % len(other.data)] if n in rows else row for n, row in enumerate(case.data)
        )
        moments.append(with_rows_of(moments[-1], inputs_of(replace(case, data=data)), rows))
    return moments


def assert_is_history_of(history: History, plan: Plan, moments: list[Inputs]) -> None:
    for tick, inputs in enumerate(moments):
        result = score(plan, inputs)
        assert history.score[:, tick].tobytes() == result.score.tobytes()
        assert history.coverage[:, tick].tobytes() == result.coverage.tobytes()
        assert history.rank[:, tick].tolist() == result.rank.tolist()
        points = np.where(np.isnan(result.cells.points), 0.0, result.cells.points)
        np.testing.assert_allclose(history.points[:, :, tick].sum(axis=0), points.sum(axis=1))


@of_every_province
@given(cases(), st.integers(0, 2**32))
def test_a_course_has_the_scores_and_ranks_of_each_of_its_ticks(case: Case, seed: int) -> None:
    plan, moments = plan_of(case), moments_of(case, seed)

    history = score_course(plan, course_of(plan, moments))

    assert_is_history_of(history, plan, moments)


def test_points_of_a_course_are_added_by_group() -> None:
    random = np.random.default_rng(3)
    case = made_up(lambda low, high: int(random.integers(low, high, endpoint=True)))
    case = replace(case, ones=(case.ones[0],) * 3)
    plan = plan_of(case)
    groups = ("first", "second", "first")
    indicators = tuple(
        replace(one, group=group)
        for one, group in zip(plan.indicator_set.indicators, groups, strict=True)
    )
    plan = replace(plan, indicator_set=replace(plan.indicator_set, indicators=indicators))

    history = score_course(plan, course_of(plan, [inputs_of(case)]))

    assert history.groups == ("first", "second")
    assert (history.points[0] == 2 * history.points[1]).all()


def test_a_course_may_lack_inputs_of_some_indicators_and_have_all_of_others() -> None:
    agencies = [agency(), agency(meetings=(MISSING, None)), agency(signed=0.0, sent=0.0)]
    roster = Roster(("a", "b", "c"), ("office",) * 3)
    plan = prepare(SET, METRICS, roster, ("office",), "2024")
    moments = [example_inputs(agencies), example_inputs([agencies[1], *agencies[1:]])]

    history = score_course(plan, course_of(plan, moments))

    assert_is_history_of(history, plan, moments)
    assert np.round(history.coverage[:, 1], 9).tolist() == [0.7, 0.7, 1]


def test_a_course_may_have_all_inputs_of_all_indicators() -> None:
    plan = prepare(SET, METRICS, Roster(("a", "b"), ("office",) * 2), ("office",), "2024")
    moments = [example_inputs([agency(), agency(signed=float(n))]) for n in range(70)]

    history = score_course(plan, course_of(plan, moments))

    assert_is_history_of(history, plan, moments)


def test_a_course_of_other_metrics_is_refused() -> None:
    case = made_up(lambda low, _: low)
    plan = plan_of(case)

    with pytest.raises(ValueError, match="other metrics than the plan"):
        score_course(plan, replace(course_of(plan, [inputs_of(case)]), metrics=()))
