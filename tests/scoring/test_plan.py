from dataclasses import replace

import numpy as np
import pytest

from scoring.formula import parse_formula
from scoring.model import Applies, Indicator, IndicatorSet, Inputs, Roster, Target
from scoring.rules import AtMost, ToTarget, YesNo
from scoring.score import Plan, prepare, score

ROSTER = Roster(("office", "town", "village"), ("province", "district", "district"))


COMMON, ALL = Target(0.9), Applies()


def indicator(target: Target = COMMON, applies: Applies = ALL) -> Indicator:
    formula = parse_formula("a / b")
    return Indicator("signed", "all", formula, "zero", 5, ToTarget(), target, applies)


def planned(*indicators: Indicator, roster: Roster = ROSTER) -> Plan:
    spec = IndicatorSet("s", "", 100, 2, "zero", 0, "mean_of_blocks", (), indicators)
    return prepare(spec, ("b", "a"), roster, ("province", "district"), "2025")


def test_a_target_is_that_of_the_agency_before_the_period_before_all() -> None:
    target = Target(0.9, {"town": 0.8, "village": 0.7}, {"2025": 0.95, "2024": 0.1})

    plan = planned(indicator(target), indicator(Target(0.9, periods={"2024": 0.1})))

    assert plan.targets.tolist() == [[0.95, 0.8, 0.7], [0.9, 0.9, 0.9]]


def test_a_duty_is_that_of_blocks_and_agencies_without_the_exceptions() -> None:
    duties = [
        Applies(),
        Applies(blocks=frozenset({"district"})),
        Applies(agencies=frozenset({"office"})),
        Applies(blocks=frozenset({"district"}), exceptions=frozenset({"town"})),
        Applies(blocks=frozenset({"district"}), agencies=frozenset({"office"})),
    ]

    plan = planned(*(indicator(applies=duty) for duty in duties))

    assert plan.applies.astype(int).tolist() == [
        [1, 1, 1],
        [0, 1, 1],
        [1, 0, 0],
        [0, 0, 1],
        [1, 1, 1],
    ]


def test_blocks_come_in_the_order_asked_with_their_agencies() -> None:
    plan = planned(indicator())

    assert [(block, members.tolist()) for block, members in plan.blocks] == [
        ("province", [0]),
        ("district", [1, 2]),
    ]


@pytest.mark.parametrize("target", [Target(), Target(0.0), Target(-1.0), Target(float("inf"))])
def test_a_target_that_is_not_above_zero_is_refused_where_it_is_needed(target: Target) -> None:
    with pytest.raises(ValueError, match="signed: the target of office is not above 0"):
        planned(indicator(target))


@pytest.mark.parametrize(
    ("target", "none_at", "message"),
    [
        (Target(-1.0), None, "the target of office is below 0: -1.0"),
        (Target(), None, "the target of office is below 0: nan"),
        (Target(float("inf")), None, "the target of office is below 0: inf"),
        (Target(3.0, blocks={"district": 9.0}), 9.0, "of town, 9.0, is not below 9.0, where"),
    ],
)
def test_a_target_to_stay_below_is_refused_below_0_and_where_nothing_is_left(
    target: Target, none_at: float | None, message: str
) -> None:
    most = replace(indicator(target), rule=AtMost(none_at))

    with pytest.raises(ValueError, match=message):
        planned(most)


def test_a_target_to_stay_below_may_be_0() -> None:
    plan = planned(replace(indicator(Target(0.0)), rule=AtMost(1.0)))

    assert plan.targets.tolist() == [[0, 0, 0]]


def test_a_target_is_that_of_the_block_before_the_period() -> None:
    target = Target(0.9, {"town": 0.8}, {"2025": 0.95}, {"district": 0.7})

    assert planned(indicator(target)).targets.tolist() == [[0.95, 0.8, 0.7]]


def test_parts_of_parts_are_known_and_circles_end() -> None:
    spec = IndicatorSet("s", "", 100, 2, "zero", 0, "mean_of_blocks", (), (indicator(),))
    metrics = ("a", "b", "c")
    parts = {"a": "b", "b": "c", "c": "a", "x": "a"}

    plan = prepare(spec, metrics, ROSTER, ("province", "district"), "2025", parts)

    rounds = [(part.tolist(), whole.tolist()) for part, whole in plan.layout.parts]
    pairs = {pair for part, whole in rounds for pair in zip(part, whole, strict=True)}
    assert pairs == {(0, 1), (0, 2), (1, 2), (1, 0), (2, 0), (2, 1)}
    for part, whole in rounds:
        assert len({*part, *whole}) == len(part) + len(whole)


def test_no_target_is_needed_of_those_without_the_duty_nor_by_a_rule_without_target() -> None:
    only_town = Applies(agencies=frozenset({"town"}))
    yes_no = Indicator("linked", "all", parse_formula("a"), "zero", 5, YesNo())

    plan = planned(indicator(Target(agencies={"town": 0.8}), only_town), yes_no)

    np.testing.assert_array_equal(plan.targets, [[np.nan, 0.8, np.nan], [np.nan] * 3])


def test_what_names_nothing_is_refused() -> None:
    stranger = Indicator("new", "all", parse_formula("c / d + a"), "zero", 5, YesNo())

    with pytest.raises(ValueError, match="new: no such metric: c, d"):
        planned(stranger)
    with pytest.raises(ValueError, match="no such block: island, reef"):
        planned(indicator(), roster=Roster(("x", "y"), ("reef", "island")))
    with pytest.raises(ValueError, match="s has no indicators"):
        planned()


def test_inputs_laid_out_otherwise_are_refused() -> None:
    none = np.zeros((3, 2))

    with pytest.raises(ValueError, match=r"^the inputs have other metrics than the plan$"):
        score(planned(indicator()), Inputs(("a", "b"), none, none, none, none.astype(np.int8)))


def test_a_roster_without_agencies_is_scored_to_nothing() -> None:
    none = np.zeros((0, 2))
    plan = planned(indicator(), roster=Roster((), ()))

    result = score(plan, Inputs(("b", "a"), none, none, none, none.astype(np.int8)))

    assert result.score.shape == result.rank.shape == (0,)
    assert result.cells.points.shape == (0, 1)
    assert (result.blocks, result.province, result.bands) == ((), None, ())
    assert [one.agencies_counted for one in result.province_values] == [0]
