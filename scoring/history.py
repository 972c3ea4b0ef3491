"""Score a course of inputs: a year of ticks in which few things change, and a score at each.

An indicator is worked out only where one of its inputs changes. What it gives is then laid out
over the ticks until the next change, agency by agency, and added up in the set's order: each score
is that of `scoring.score` at that tick, bit for bit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scoring.layout import Indices, layout_of
from scoring.model import NOT_APPLICABLE, Codes, Floats, Inputs
from scoring.plan import Plan
from scoring.points import points_of
from scoring.shown import nanos
from scoring.totals import given, ratio

Ticks = NDArray[np.int64]
SmallRanks = NDArray[np.int16]

# So many ticks are ranked at once.
_STRETCH = 1 << 12


@dataclass(frozen=True)
class Course:
    """What every input was from tick to tick, for `ticks` ticks.

    One series is an agency's metric; they stand one behind the other, metric by metric and in each
    agency by agency. `starts` says where each begins, and ends with where the last one ends. A
    series begins at tick 0, its ticks `at` rise, and its number and status hold until the next.
    """

    metrics: tuple[str, ...]
    ticks: int
    starts: Indices
    at: Ticks
    numbers: Floats
    statuses: Codes


@dataclass(frozen=True)
class History:
    """Agencies × ticks: a score or NaN, coverage, and the rank in the block or 0.

    `points` are those of each group, groups × agencies × ticks; what does not count adds nothing.
    """

    groups: tuple[str, ...]
    score: Floats
    coverage: Floats
    rank: SmallRanks
    points: Floats


@dataclass(frozen=True)
class _Runs:
    """An indicator wherever it changes: agency by agency, in `starts`; lengths are in ticks.

    `points` are 0 where it does not count. `parts`, where it is not all plain: its maximum where
    it applies, where it is known, and where it counts.
    """

    starts: Indices
    lengths: Ticks
    points: Floats
    parts: Floats | None


def score_course(plan: Plan, course: Course) -> History:
    """The history of a course; ValueError if its metrics are not those of the plan."""
    if course.metrics != plan.metrics:
        raise ValueError("the course has other metrics than the plan")
    runs = [_runs(plan, course, row) for row in range(len(plan.columns))]
    indicators = plan.indicator_set.indicators
    groups = tuple(dict.fromkeys(one.group for one in indicators))
    places = [groups.index(one.group) for one in indicators]
    agencies, ticks = len(plan.roster.agencies), course.ticks
    score, coverage = np.empty((2, agencies, ticks))
    points = np.zeros((len(groups), agencies, ticks))
    for agency in range(agencies):
        totals = _added(runs, agency, points[:, agency], places)
        applicable, known, whole = _parts(plan, runs, agency, ticks)
        figures = given(plan, ratio(totals, whole), known, applicable)
        score[agency], coverage[agency] = figures
    return History(groups, score, coverage, _ranks(plan, score), points)


def _runs(plan: Plan, course: Course, row: int) -> _Runs:
    """One indicator, scored as if each of its changes were an agency of its own."""
    names = tuple(plan.columns[row])
    events = [_series(plan, course, plan.columns[row][name]) for name in names]
    keys, picked = _merged([keys for keys, _ in events])
    places = [each[at] for (_, each), at in zip(events, picked, strict=True)]
    numbers = np.stack([course.numbers[place] for place in places], axis=1)
    statuses = np.stack([course.statuses[place] for place in places], axis=1)
    agencies = keys // course.ticks
    points = points_of(
        _alone(plan, row, agencies), Inputs(names, numbers, numbers, numbers, statuses)
    )
    counting, earned = points.counting, points.figures[0, 0]
    parts = None
    if counting:
        every = points.statuses != NOT_APPLICABLE, counting.known, counting.counted
        earned = np.where(counting.counted[0], earned, 0)
        parts = np.concatenate(every) * plan.maxima[row]
    return _Runs(
        starts=np.searchsorted(agencies, np.arange(len(plan.roster.agencies) + 1)),
        lengths=np.diff(keys, append=course.ticks * len(plan.roster.agencies)),
        points=earned,
        parts=parts,
    )


def _series(plan: Plan, course: Course, column: int) -> tuple[Ticks, Indices]:
    """All changes of a metric: agency × ticks + tick, which rises, and where they stand."""
    count = len(plan.roster.agencies)
    starts = course.starts[column * count : (column + 1) * count + 1]
    places = np.arange(starts[0], starts[-1])
    agencies = np.repeat(np.arange(count), np.diff(starts))
    return agencies * course.ticks + course.at[places], places


def _merged(keys: list[Ticks]) -> tuple[Ticks, list[Indices]]:
    """All keys of some series once, and at each the last entry of every series up to there.

    Every series has an entry at the first tick of every agency, so none reaches into the next.
    """
    if all(np.array_equal(keys[0], other) for other in keys[1:]):
        return keys[0], [np.arange(keys[0].size)] * len(keys)
    together = np.concatenate(keys)
    # Each of them rises already, so that a stable sort only merges them.
    order = np.argsort(together, kind="stable")
    every = together[order]
    last = np.append(every[1:] != every[:-1], True)
    ends = np.cumsum([0, *(each.size for each in keys)])
    passed = [(order >= start) & (order < end) for start, end in pairwise(ends)]
    return every[last], [np.cumsum(each)[last] - 1 for each in passed]


def _alone(plan: Plan, row: int, agencies: Ticks) -> Plan:
    """A plan of one indicator, for a roster in which agencies stand as often as given."""
    indicator = plan.indicator_set.indicators[row]
    names = tuple(plan.columns[row])
    spec = replace(plan.indicator_set, indicators=(indicator,))
    return replace(
        plan,
        indicator_set=spec,
        metrics=names,
        columns=({name: place for place, name in enumerate(names)},),
        applies=plan.applies[row : row + 1, agencies],
        targets=plan.targets[row : row + 1, agencies],
        layout=layout_of(spec, names, {}),
    )


def _added(runs: list[_Runs], agency: int, points: Floats, places: list[int]) -> Floats:
    """An agency's points at every tick; those of each group are added to `points`."""
    total: Floats = np.zeros(points.shape[1])
    for each, group in zip(runs, places, strict=True):
        mine = slice(each.starts[agency], each.starts[agency + 1])
        laid = np.repeat(each.points[mine], each.lengths[mine])
        total += laid
        points[group] += laid
    return total


def _parts(plan: Plan, runs: list[_Runs], agency: int, ticks: int) -> tuple[Floats, Floats, Floats]:
    """The maxima that apply, are known and count, at every tick."""
    if all(each.parts is None for each in runs):
        whole = np.full(ticks, plan.layout.applicable)
        return whole, whole, whole
    sums = np.zeros((3, ticks))
    for each, most in zip(runs, plan.maxima.tolist(), strict=True):
        mine = slice(each.starts[agency], each.starts[agency + 1])
        if each.parts is None:
            sums += most
        else:
            sums += np.repeat(each.parts[:, mine], each.lengths[mine], axis=1)
    applicable, known, whole = sums
    return applicable, known, whole


def _ranks(plan: Plan, score: Floats) -> SmallRanks:
    ranks: SmallRanks = np.zeros(score.shape, dtype=np.int16)
    for _, members in plan.blocks:
        for ticks in _stretches(score.shape[1]):
            figures = score[members, ticks]
            scored = ~np.isnan(figures)
            units = nanos(np.where(scored, figures, _NONE))
            for one, above in zip(members.tolist(), _above(units), strict=True):
                ranks[one, ticks] = above
            ranks[members, ticks] *= scored
    return ranks


def _above(units: Ticks) -> Iterator[SmallRanks]:
    """One row each: 1 and one more for every greater figure in its column."""
    for mine in units:
        yield 1 + np.add.reduce(units > mine, axis=0, dtype=np.int16)


def _stretches(ticks: int) -> Iterator[slice]:
    for start in range(0, ticks, _STRETCH):
        yield slice(start, start + _STRETCH)


# Below all scores.
_NONE = -1.0
