"""What it would take: the least change of a count that reaches a goal, found by asking the scorer.

Every question is put to the scorer itself: many copies of one agency, each with another number of
that count, are scored at once. An answer is the least step that was seen to meet its goal, and the
step before it was seen not to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.model import Bools, Floats, IndicatorSet, Inputs, Result, Roster, Rule
from scoring.plan import Plan, prepare
from scoring.rules import Levels, Parts, Piecewise, Steps
from scoring.score import score
from scoring.shown import nanos

Counts = NDArray[np.int64]
# So many copies of the agency are scored at once.
_LANES = 512
# First a grid over all steps, each some times the one before; then each gap is cut to pieces.
_GRID = 24
_PIECES = 8


@dataclass(frozen=True)
class Lever:
    """A way to move inputs of one agency in whole steps, from 1 to `most`.

    At step k each of the columns stands at (start + sign × k) / scale, so that a number with
    decimals is the very float that its text gives. A state climbs its ladder instead: from the
    number it has, which is the first, to those that follow.
    """

    columns: tuple[int, ...]
    starts: tuple[int, ...]
    scale: int
    sign: int
    most: int
    ladder: tuple[float, ...] = ()

    def at(self, steps: Counts) -> Floats:
        """The numbers of its columns, columns × steps."""
        if self.ladder:
            return np.array(self.ladder)[np.newaxis, steps]
        units = np.array(self.starts)[:, np.newaxis] + self.sign * steps
        numbers: Floats = units / self.scale
        return numbers


class Goal(Protocol):
    def met(self, result: Result) -> Bools:
        """Where, of the agencies of a result, it is reached."""


@dataclass(frozen=True)
class PointsGoal:
    """So many points of an indicator, compared at 1e-9."""

    indicator: int
    points: float

    def met(self, result: Result) -> Bools:
        return _at_least(result.cells.points[:, self.indicator], self.points)


@dataclass(frozen=True)
class BandGoal:
    """One of these bands, as they are decided: on the shown score."""

    bands: frozenset[str]

    def met(self, result: Result) -> Bools:
        return np.array([band in self.bands for band in result.bands], dtype=np.bool_)


@dataclass(frozen=True)
class RankGoal:
    """A score that no less than ties with one ahead, as ranks are decided: at 1e-9."""

    score: float

    def met(self, result: Result) -> Bools:
        return _at_least(result.score, self.score)


@dataclass(frozen=True)
class Bench:
    """Copies of one agency, to be scored side by side with different numbers."""

    plan: Plan
    row: Inputs

    def tried(self, levers: Sequence[Lever], steps: Counts) -> Result:
        """The result of up to `_LANES` copies, each with its lever at its step."""
        numbers, lows, highs = (
            np.repeat(given, _LANES, axis=0)
            for given in (self.row.numbers, self.row.lows, self.row.highs)
        )
        for lane, (lever, step) in enumerate(zip(levers, steps, strict=True)):
            moved = lever.at(np.array([step]))[:, 0]
            for field in (numbers, lows, highs):
                field[lane, list(lever.columns)] = moved
        statuses = np.repeat(self.row.statuses, _LANES, axis=0)
        return score(self.plan, Inputs(self.row.metrics, numbers, lows, highs, statuses))


def bench(plan: Plan, inputs: Inputs, row: int, period: str) -> Bench:
    """For one agency of a plan, as the inputs have it; its period is the plan's."""
    agency, block = plan.roster.agencies[row], plan.roster.blocks[row]
    roster = Roster((agency,) * _LANES, (block,) * _LANES)
    blocks = tuple(name for name, _ in plan.blocks)
    alone = slice(row, row + 1)
    return Bench(
        prepare(plan.indicator_set, plan.metrics, roster, blocks, period),
        replace(
            inputs,
            numbers=inputs.numbers[alone],
            lows=inputs.lows[alone],
            highs=inputs.highs[alone],
            statuses=inputs.statuses[alone],
        ),
    )


def least_steps(on: Bench, asked: Sequence[tuple[Lever, Goal]]) -> list[int | None]:
    """For each lever and goal the least step found to meet it, None where none does.

    The goal must not be met as things stand. Where more is not always better, a lesser step may
    exist between two that were tried; the step before the answer never meets the goal.
    """
    lows, highs = np.zeros(len(asked), np.int64), np.full(len(asked), -1, np.int64)
    pending = list(range(len(asked)))
    grids = [_grid(lever.most) for lever, _ in asked]
    while pending:
        found = _first_met(on, asked, pending, grids)
        for place, index in zip(pending, found, strict=True):
            grid = grids[place]
            if index is not None:
                highs[place] = grid[index]
            if index is None:
                lows[place] = grid[-1]
            elif index:
                lows[place] = grid[index - 1]
        pending = [place for place in pending if highs[place] - lows[place] > 1]
        for place in pending:
            grids[place] = _pieces(int(lows[place]), int(highs[place]))
    return [None if high < 0 else int(high) for high in highs]


@dataclass(frozen=True)
class Outcome:
    """What the agency would have: points an indicator, score (NaN for none) and band."""

    points: Floats
    score: float
    band: str | None


def outcomes(on: Bench, taken: Sequence[tuple[Lever, int]]) -> list[Outcome]:
    """For each lever and step."""
    found: list[Outcome] = []
    for start in range(0, len(taken), _LANES):
        chunk = taken[start : start + _LANES]
        result = on.tried([lever for lever, _ in chunk], np.array([step for _, step in chunk]))
        found += [
            Outcome(result.cells.points[lane], float(result.score[lane]), result.bands[lane])
            for lane in range(len(chunk))
        ]
    return found


def milestone(rule: Rule, share: float) -> float:
    """The next share that a rule stops at, above one that is not all: a step, a level, a knot.

    Towards a target, or for a yes, it is all of it.
    """
    match rule:
        case Steps(steps, most):
            stops = [points / most for _, points in steps]
        case Levels(levels):
            stops = [worth for _, worth in levels]
        case Piecewise(knots):
            stops = [worth for _, worth in knots]
        case Parts(parts):
            stops = [share + worth for _, worth in parts]
        case _:
            stops = []
    return min((stop for stop in (*stops, 1.0) if stop > share + _NANO), default=1.0)


def bands_above(indicator_set: IndicatorSet, band: str | None) -> tuple[str, ...]:
    """The bands that are better than one, the nearest first; all of them where there is none."""
    ordered = sorted(indicator_set.bands, key=lambda one: one.start)
    ids = [one.id for one in ordered]
    return tuple(ids if band is None else ids[ids.index(band) + 1 :])


def _first_met(
    on: Bench, asked: Sequence[tuple[Lever, Goal]], pending: Sequence[int], grids: Sequence[Counts]
) -> list[int | None]:
    """For each pending question, the first step of its grid that meets its goal, as an index."""
    lanes = [(place, index) for place in pending for index in range(len(grids[place]))]
    first: dict[int, int] = {}
    for start in range(0, len(lanes), _LANES):
        chunk = lanes[start : start + _LANES]
        steps = np.array([grids[place][index] for place, index in chunk], dtype=np.int64)
        result = on.tried([asked[place][0] for place, _ in chunk], steps)
        met = {place: asked[place][1].met(result) for place in {place for place, _ in chunk}}
        for lane, (place, index) in enumerate(chunk):
            if met[place][lane]:
                first.setdefault(place, index)
    return [first.get(place) for place in pending]


def _grid(most: int) -> Counts:
    """Steps from 1 to the greatest, each some times the one before."""
    spread = np.geomspace(1, most, _GRID).astype(np.int64)
    return np.unique(np.append(spread, most))


def _pieces(low: int, high: int) -> Counts:
    """Steps between one that fails and one that does not; the latter is the last."""
    inside = [low + (high - low) * piece // (_PIECES + 1) for piece in range(1, _PIECES + 1)]
    return np.array(sorted({*inside, high} - {low}), dtype=np.int64)


def _at_least(figures: Floats, least: float) -> Bools:
    reached: Bools = nanos(np.nan_to_num(figures, nan=-1.0)) >= nanos(np.array([least]))
    return reached


_NANO = 1e-9
