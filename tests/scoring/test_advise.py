"""Advice put back through the scorer: the goal is met, and one unit less does not meet it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.advise import (
    BandGoal,
    Goal,
    Lever,
    PointsGoal,
    RankGoal,
    bands_above,
    bench,
    least_steps,
    milestone,
    outcomes,
)
from scoring.formula import parse_comparison
from scoring.model import MISSING, OK, STALE, Inputs, Result, Roster, Target
from scoring.rules import Levels, Parts, Piecewise, Steps, ToTarget, YesNo
from scoring.score import Plan, prepare, score
from tests.scoring.example import MEETINGS, METRICS, NO_DUTY, SET, SIGNED, scored
from tests.scoring.example import given as agency_with
from tests.scoring.example import inputs as inputs_of
from tests.scoring.provinces import examples

QUICK = examples(25)
SIGNED_COLUMN, SENT_COLUMN, MEETINGS_COLUMN, OFFICER_COLUMN = range(4)


def _laid_out(*agencies: dict[str, Any]) -> tuple[Plan, Inputs]:
    names = tuple(f"agency-{number}" for number in range(len(agencies)))
    roster = Roster(names, ("office",) * len(agencies))
    return prepare(SET, METRICS, roster, ("office",), "2024"), inputs_of(agencies)


def _moved(plan: Plan, given_: Inputs, lever: Lever, step: int) -> Result:
    """The whole roster scored again, the first agency's lever at a step."""
    columns = list(lever.columns)
    fields = {name: getattr(given_, name).copy() for name in ("numbers", "lows", "highs")}
    for field in fields.values():
        field[0, columns] = lever.at(np.array([step]))[:, 0]
    return score(plan, replace(given_, **fields))


def _asked(plan: Plan, given_: Inputs, lever: Lever, goal: Goal) -> int | None:
    (answer,) = least_steps(bench(plan, given_, 0, "2024"), [(lever, goal)])
    return answer


def _least(plan: Plan, given_: Inputs, lever: Lever, goal: Goal) -> int | None:
    """One step after the other, with the whole roster."""
    for step in range(1, lever.most + 1):
        if goal.met(_moved(plan, given_, lever, step))[0]:
            return step
    return None


@QUICK
@given(
    sent=st.integers(1, 200),
    signed=st.integers(0, 200),
    meetings=st.integers(0, 6),
    officer=st.sampled_from([0.0, 1.0]),
    rival=st.integers(0, 100),
    together=st.booleans(),
)
def test_the_least_step_is_the_one_found_by_trying_all(
    sent: int, signed: int, meetings: int, officer: float, rival: int, *, together: bool
) -> None:
    signed = min(signed, sent)
    mine = agency_with(signed=signed, sent=sent, meetings=meetings, officer=officer)
    plan, numbers = _laid_out(mine, agency_with(signed=rival), agency_with(signed=rival))
    now = score(plan, numbers)
    lever = (
        Lever((SIGNED_COLUMN, SENT_COLUMN), (signed, sent), 1, 1, 150)
        if together
        else Lever((SIGNED_COLUMN,), (signed,), 1, 1, max(1, sent - signed))
    )
    goals: list[Goal] = [
        PointsGoal(0, SIGNED.points_max),
        BandGoal(frozenset(bands_above(SET, now.bands[0]))),
        RankGoal(float(now.score[1])),
    ]
    for goal in goals:
        if not goal.met(now)[0]:
            assert _asked(plan, numbers, lever, goal) == _least(plan, numbers, lever, goal)


@QUICK
@given(meetings=st.integers(0, 12))
def test_every_edge_of_a_step_is_met_exactly(meetings: int) -> None:
    plan, numbers = _laid_out(agency_with(meetings=meetings))
    share = float(score(plan, numbers).cells.points[0, 1]) / MEETINGS.points_max
    goal = PointsGoal(1, milestone(MEETINGS.rule, share) * MEETINGS.points_max)
    lever = Lever((MEETINGS_COLUMN,), (meetings,), 1, 1, 20)

    if share < 1:
        edge = 2 if meetings < 2 else 4
        assert _asked(plan, numbers, lever, goal) == edge - meetings


def test_a_band_is_reached_where_the_shown_score_rounds_up_to_it() -> None:
    """Of 200,000 documents to sign, the score passes 69.995 before it passes 70."""
    mine = agency_with(signed=0, sent=200_000, meetings=4, officer=0.0)
    plan, numbers = _laid_out(mine)
    lever = Lever((SIGNED_COLUMN,), (0,), 1, 1, 200_000)
    step = _asked(plan, numbers, lever, BandGoal(frozenset({"fair", "good"})))

    assert step is not None
    at, before = _moved(plan, numbers, lever, step), _moved(plan, numbers, lever, step - 1)
    assert (at.bands[0], before.bands[0]) == ("fair", "weak")
    assert 69.995 <= at.score[0] < 70


def test_a_tie_with_the_next_one_ahead_is_enough_for_its_rank() -> None:
    plan, numbers = _laid_out(
        agency_with(signed=40), agency_with(signed=60), agency_with(signed=60)
    )
    lever = Lever((SIGNED_COLUMN,), (40,), 1, 1, 60)
    ahead = float(score(plan, numbers).score[1])
    step = _asked(plan, numbers, lever, RankGoal(ahead))

    assert step == 20
    assert _moved(plan, numbers, lever, 20).rank.tolist() == [1, 1, 1]
    assert _moved(plan, numbers, lever, 19).rank.tolist() == [3, 1, 1]


def test_what_no_step_reaches_has_no_answer() -> None:
    plan, numbers = _laid_out(agency_with(signed=10, meetings=0, officer=0.0))
    lever = Lever((MEETINGS_COLUMN,), (0,), 1, 1, 10**15)

    assert _asked(plan, numbers, lever, BandGoal(frozenset({"good"}))) is None


def test_the_greatest_range_is_searched_to_the_last_unit() -> None:
    plan, numbers = _laid_out(agency_with(signed=0, sent=10**12))
    lever = Lever((SIGNED_COLUMN,), (0,), 1, 1, 10**12)

    assert _asked(plan, numbers, lever, PointsGoal(0, 10)) == pytest.approx(8 * 10**11, abs=1000)


def test_a_state_climbs_its_ladder() -> None:
    plan, numbers = _laid_out(agency_with(officer=0.0))
    ladder = Lever((OFFICER_COLUMN,), (0,), 1, 1, 2, (0.0, 0.5, 1.0))

    assert _asked(plan, numbers, ladder, PointsGoal(2, 4)) == 2


def test_a_step_of_a_hundredth_is_the_float_of_its_text() -> None:
    lever = Lever((0,), (8843,), 100, 1, 200)

    assert [float(lever.at(np.array([n]))[0, 0]) for n in (0, 1, 157)] == [88.43, 88.44, 90.0]


def test_questions_are_answered_alike_alone_and_together() -> None:
    plan, numbers = _laid_out(agency_with(signed=13, meetings=1), agency_with())
    on = bench(plan, numbers, 0, "2024")
    asked: list[tuple[Lever, Goal]] = [
        (Lever((SIGNED_COLUMN,), (13,), 1, 1, 10 + n), PointsGoal(0, 2 + n / 50)) for n in range(90)
    ]

    assert least_steps(on, asked) == [least_steps(on, [one])[0] for one in asked]


def test_an_outcome_is_what_the_whole_roster_gives() -> None:
    plan, numbers = _laid_out(agency_with(), agency_with(signed=90))
    lever = Lever((SIGNED_COLUMN,), (60,), 1, 1, 40)
    (outcome,) = outcomes(bench(plan, numbers, 0, "2024"), [(lever, 17)])
    whole = _moved(plan, numbers, lever, 17)

    assert outcome.score == whole.score[0]
    assert outcome.band == whole.bands[0]
    assert outcome.points.tolist() == whole.cells.points[0].tolist()


@pytest.mark.parametrize(
    ("rule", "share", "following"),
    [
        (ToTarget(), 0.4, 1.0),
        (YesNo(), 0.0, 1.0),
        (Steps(((4, 6), (2, 3)), 6), 0.0, 0.5),
        (Steps(((4, 6), (2, 3)), 6), 0.5, 1.0),
        (Levels(((0, 0), (0.5, 0.4), (1, 1))), 0.4, 1.0),
        (Levels(((0, 0), (0.5, 0.4), (1, 1))), 0.0, 0.4),
        (Levels(((0, 0), (0.5, 1e-9), (1, 1))), 0.0, 1.0),
        (ToTarget(), 1.0, 1.0),
        (Piecewise(((0, 0), (10, 0.5), (20, 1))), 0.3, 0.5),
        (Parts(((parse_comparison("a >= 1"), 0.3), (parse_comparison("b >= 1"), 0.7))), 0.3, 0.6),
    ],
)
def test_a_rule_stops_next_at_its_step_level_knot_or_condition(
    rule: Any, share: float, following: float
) -> None:
    assert milestone(rule, share) == pytest.approx(following)


def test_the_bands_above_one_are_the_better_ones_nearest_first() -> None:
    assert bands_above(SET, "weak") == ("fair", "good")
    assert bands_above(SET, "good") == ()
    assert bands_above(SET, None) == ("weak", "fair", "good")


def test_as_many_outcomes_come_as_were_asked_for_each_its_own() -> None:
    plan, numbers = _laid_out(agency_with(signed=0, sent=1000))
    lever = Lever((SIGNED_COLUMN,), (0,), 1, 1, 800)

    found = outcomes(bench(plan, numbers, 0, "2024"), [(lever, step) for step in range(1, 601)])

    assert [round(one.points[0] * 80) for one in found] == list(range(1, 601))


def test_who_has_no_score_and_no_points_meets_no_goal() -> None:
    result = scored([NO_DUTY, agency_with(signed=0, sent=100, meetings=0, officer=0.0)])

    for least in (0.0, 0.5):
        assert RankGoal(least).met(result).tolist() == [False, least == 0]
        assert PointsGoal(0, least).met(result).tolist() == [False, least == 0]
    assert BandGoal(frozenset({"weak"})).met(result).tolist() == [False, True]


def test_an_agency_is_asked_about_with_its_own_inputs_and_the_targets_of_its_period() -> None:
    target = Target(0.8, periods={"2024": 0.9})
    spec = replace(SET, indicators=(replace(SIGNED, target=target), *SET.indicators[1:]))
    names, block = tuple("abcd"), ("office",)
    plan = prepare(spec, METRICS, Roster(names, block * 4), block, "2024")
    mine = agency_with(signed=45, meetings=(STALE, 2.0))
    first = agency_with(sent=50, meetings=4, officer=0.0)
    numbers = inputs_of([first, mine, agency_with(signed=1, sent=(MISSING, None)), NO_DUTY])
    lever = Lever((SIGNED_COLUMN,), (45,), 1, 1, 45)

    on = bench(plan, numbers, 1, "2024")
    (outcome,) = outcomes(on, [(lever, 9)])
    tried = on.tried([lever], np.array([9]))

    assert np.round(outcome.points, 9).tolist() == [6, 3, 4]
    assert least_steps(on, [(lever, PointsGoal(0, 8))]) == [27]
    assert np.round([tried.low[0], tried.high[0]], 9).tolist() == [50, 80]
    assert tried.cells.statuses[0].tolist() == [OK, STALE, OK]
