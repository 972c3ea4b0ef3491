"""What a part and its whole say of each other's ranges: every expected figure was found by hand."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.formula import parse_formula
from scoring.model import (
    MISSING,
    NOT_APPLICABLE,
    OK,
    STALE,
    Indicator,
    IndicatorSet,
    Inputs,
    Roster,
    Target,
)
from scoring.rules import ToTarget
from scoring.score import prepare, score
from tests.scoring.example import SET, given, scored, triple

# A status, the number if there is one, and what it could be.
Datum = tuple[int, float, tuple[float, float]]


def ends(part: Datum, whole: Datum) -> list[tuple[float, float]]:
    """Of the part and of the whole, each measured on its own against 10."""
    one = Indicator("part", "all", parse_formula("part"), "zero", 10, ToTarget(), Target(10.0))
    other = replace(one, id="whole", formula=parse_formula("whole"))
    spec = IndicatorSet("s", "", 100, 2, "zero", 0, "mean_of_blocks", (), (one, other))
    plan = prepare(
        spec, ("part", "whole"), Roster(("x",), ("b",)), ("b",), "2024", {"part": "whole"}
    )
    statuses = np.array([[part[0], whole[0]]], dtype=np.int8)
    numbers = np.array([[part[1], whole[1]]])
    lows, highs = (np.array([[part[2][end], whole[2][end]]], dtype=np.float64) for end in (0, 1))
    cells = score(plan, Inputs(("part", "whole"), numbers, lows, highs, statuses)).cells
    pairs = zip(cells.points_low[0].tolist(), cells.points_high[0].tolist(), strict=True)
    return [(round(low, 9), round(high, 9)) for low, high in pairs]


def sure(number: float) -> Datum:
    return OK, number, (number, number)


def test_a_part_is_at_most_what_its_whole_can_be() -> None:
    assert ends((STALE, 2.0, (1, 9)), sure(4.0)) == [(1, 4), (4, 4)]
    assert ends((STALE, 2.0, (1, 9)), (STALE, 4.0, (3, 6))) == [(1, 6), (3, 6)]
    assert ends((STALE, 4.0, (4, 9)), sure(4.0)) == [(4, 4), (4, 4)]


def test_a_whole_is_at_least_what_its_part_can_be() -> None:
    assert ends(sure(5.0), (STALE, 8.0, (2, 9))) == [(5, 5), (5, 9)]


def test_sources_that_contradict_each_other_say_nothing_of_each_other() -> None:
    assert ends((STALE, 5.0, (5, 6)), sure(3.0)) == [(5, 6), (3, 3)]
    assert ends(sure(5.0), (STALE, 3.0, (2, 4))) == [(5, 5), (2, 4)]


def test_what_does_not_apply_says_nothing_of_its_part_or_whole() -> None:
    gone: Datum = (NOT_APPLICABLE, np.nan, (2, 3))

    assert ends((STALE, 2.0, (1, 9)), gone)[0] == (1, 9)
    assert ends(gone, (STALE, 2.0, (1, 9)))[1] == (1, 9)


@pytest.mark.parametrize("times", [1, 0.1])
def test_bounds_choose_among_the_left_out_whatever_their_weight(times: float) -> None:
    ones = tuple(replace(one, points_max=one.points_max * times) for one in SET.indicators)
    agency = given(signed=40.0, meetings=(MISSING, None), officer=(MISSING, None))

    result = scored([agency], spec=replace(SET, indicators=ones, missing="exclude"))

    # Half of the first alone; lowest with both others at 0, 5 of 20; highest with all of both.
    assert triple(result) == ("25.00", "50.00", "75.00")


def quotient_ends(part: Datum, whole: Datum) -> list[tuple[float, float]]:
    """Of the part of its whole, and of that quotient of which nothing is known; all is 4."""
    one = Indicator("tied", "all", parse_formula("part / whole"), "zero", 4, ToTarget(), Target(4))
    other = replace(one, id="free", formula=parse_formula("other / whole"))
    spec = IndicatorSet("s", "", 100, 2, "zero", 0, "mean_of_blocks", (), (one, other))
    metrics = ("part", "whole", "other")
    plan = prepare(spec, metrics, Roster(("x",), ("b",)), ("b",), "2024", {"part": "whole"})
    data = (part, whole, part)
    numbers = np.array([[number for _, number, _ in data]])
    lows, highs = (np.array([[e[end] for *_, e in data]], dtype=np.float64) for end in (0, 1))
    statuses = np.array([[status for status, *_ in data]], dtype=np.int8)
    cells = score(plan, Inputs(metrics, numbers, lows, highs, statuses)).cells
    pairs = zip(cells.points_low[0].tolist(), cells.points_high[0].tolist(), strict=True)
    return [(round(low, 9), round(high, 9)) for low, high in pairs]


def test_a_part_is_none_or_all_of_its_whole() -> None:
    part = STALE, 2.0, (1.0, 8.0)

    assert quotient_ends(part, (STALE, 4.0, (2, 4))) == [(0.25, 1), (0.25, 4)]
    assert quotient_ends(part, (STALE, 4.0, (0.5, 4))) == [(0.25, 1), (0.25, 4)]
    assert quotient_ends(part, (STALE, 4.0, (0, 4))) == [(0.25, 1), (0.25, 4)]
    assert quotient_ends((STALE, 2.0, (0, 8)), (STALE, 4.0, (0.5, 4))) == [(0, 1), (0, 4)]
    assert quotient_ends((STALE, 2.0, (0, 8)), (STALE, 4.0, (0, 4))) == [(0, 1), (0, 4)]
    assert quotient_ends((STALE, 4.0, (4, 8)), sure(4.0)) == [(1, 1), (1, 2)]


def test_a_part_that_contradicts_its_whole_may_be_more_than_all_of_it() -> None:
    assert quotient_ends((STALE, 6.0, (6, 8)), sure(4.0)) == [(1.5, 2), (1.5, 2)]
    assert quotient_ends((STALE, 6.0, (6, 8)), (STALE, 4.0, (2, 4))) == [(1.5, 4), (1.5, 4)]
