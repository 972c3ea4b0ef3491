"""Build the next scoreboard from what is known: pure, and no more work than what changed asks for.

What is known is laid out as one grid a set; a run changes a few of its cells, and the moment gives
each a status and a range. Scoring does the rest.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from collector.clock import DAY_US
from collector.facts import Reading, Run, Scoreboard, Series, SetBoard
from collector.layered import layered
from collector.outlook import Outlook, SetPlan
from scoring.model import HELD, MISSING, NOT_CONNECTED, OK, STALE, Bools, Codes, Floats, Inputs
from scoring.score import score


@dataclass(frozen=True)
class Known:
    """What the store holds at a moment: the newest facts, and series with refused answers only.

    `counted_us` is the newest data time, where whoever made this knows it without looking at all.
    """

    readings: Mapping[Series, Reading]
    held: frozenset[Series]
    counted_us: int | None = field(default=None, compare=False)

    def newest_us(self) -> int | None:
        if self.counted_us is not None:
            return self.counted_us
        return max((reading.data_us for reading in self.readings.values()), default=None)


@dataclass(frozen=True)
class Grid:
    """What is known of a set's inputs, agencies × metrics; NaN and -1 where there is no reading."""

    plan: SetPlan
    numbers: Floats
    data_us: NDArray[np.int64]
    held: Bools


def learned(known: Known, runs: Iterable[tuple[Run, int]]) -> tuple[Known, frozenset[Series]]:
    """What is known once these runs are stored, each with its id, and the series they touched."""
    before, held = layered(known.readings), known.held
    changes: dict[Series, Reading | None] = {}
    touched = set[Series]()
    for run, run_id in runs:
        told = _told(run, run_id)
        changes.update(told)
        refused = {one.series for one in run.refusals if one.series is not None}
        unread = {
            one for one in refused if (changes[one] if one in changes else before.get(one)) is None
        }
        held = _held(held, told.keys(), unread)
        touched |= refused
    touched |= changes.keys()
    readings = before.with_changes(changes)
    following = Known(readings, held, _counted_us(known, changes))
    return following, frozenset(touched)


def _told(run: Run, run_id: int) -> dict[Series, Reading | None]:
    """The newest fact of each series of a run; None withdraws one."""
    known_us = run.ended_us
    return {
        series: None if value is None else Reading(series, value, data_us, known_us, run_id)
        for series, value, data_us in run.admitted
    }


def _held(
    held: frozenset[Series], told: Collection[Series], unread: Collection[Series]
) -> frozenset[Series]:
    """Most runs change nothing of it: then it is not made anew."""
    if not held.isdisjoint(told):
        held = held.difference(told)
    return held.union(unread) if unread else held


def _counted_us(before: Known, changes: Mapping[Series, Reading | None]) -> int | None:
    """The newest data time after these changes; None where all must be looked at."""
    before_us = before.newest_us()
    now_us = max((one.data_us for one in changes.values() if one is not None), default=before_us)
    if before_us is None or now_us is None or now_us >= before_us:
        return now_us
    were = map(before.readings.get, changes)
    return None if any(one and one.data_us == before_us for one in were) else before_us


def grids(
    view: Outlook, known: Known, before: Sequence[Grid] = (), touched: Iterable[Series] = ()
) -> tuple[Grid, ...]:
    """A grid a plan; of one that stays, only what the touched series say is filled in again.

    One of which they say nothing is the same object as before.
    """
    series = tuple(touched)
    earlier = {id(grid.plan): grid for grid in before}
    return tuple(
        _refilled(earlier[id(plan)], known, series) if id(plan) in earlier else _filled(plan, known)
        for plan in view.plans
    )


def build(
    filled: Sequence[Grid],
    known: Known,
    *,
    number: int,
    at_us: int,
    standing: Mapping[int, SetBoard] | None = None,
) -> Scoreboard:
    """The scoreboard of a moment; the plans of the grids must be in force then.

    `standing` are boards that are known to be the same again, by the id() of their grids.
    """
    same = standing or {}
    boards = tuple(same.get(id(grid)) or _board(grid, at_us) for grid in filled)
    return Scoreboard(number, at_us, known.newest_us(), boards)


def next_change_us(filled: Sequence[Grid], view: Outlook, at_us: int) -> int:
    """The first instant after `at_us` at which a scoreboard would differ without any new run."""
    change_us = view.until_us
    for grid in filled:
        deadlines = _deadlines_us(grid) + 1
        ahead = deadlines[(grid.data_us >= 0) & (deadlines > at_us)]
        change_us = min(change_us, int(ahead.min(initial=change_us)))
        stale = (grid.data_us >= 0) & (deadlines <= at_us)
        if (stale & ~np.isnan(grid.plan.ranges.rates)).any():
            change_us = min(change_us, _midnight_us(at_us))
    return change_us


def _filled(plan: SetPlan, known: Known) -> Grid:
    shape = plan.stale_after_us.shape
    empty = Grid(
        plan,
        np.full(shape, np.nan),
        np.full(shape, -1, dtype=np.int64),
        np.zeros(shape, dtype=np.bool_),
    )
    return _refilled(empty, known, tuple(plan.place))


def _refilled(grid: Grid, known: Known, touched: Sequence[Series]) -> Grid:
    places = [(one, grid.plan.place[one]) for one in touched if one in grid.plan.place]
    fed = [(one, place) for one, place in places if grid.plan.stale_after_us[place] >= 0]
    if not fed:
        return grid
    numbers, data_us, held = grid.numbers.copy(), grid.data_us.copy(), grid.held.copy()
    for series, place in fed:
        reading = known.readings.get(series)
        numbers[place] = np.nan if reading is None else float(reading.value)
        data_us[place] = -1 if reading is None else reading.data_us
        held[place] = series in known.held
    return Grid(grid.plan, numbers, data_us, held)


def _deadlines_us(grid: Grid) -> NDArray[np.int64]:
    """The last instant at which each reading is trusted."""
    return grid.data_us + grid.plan.stale_after_us


def _board(grid: Grid, at_us: int) -> SetBoard:
    plan = grid.plan
    inputs = inputs_at(grid, at_us)
    result = score(plan.scoring, inputs)
    spec = plan.spec
    return SetBoard(spec.id, spec.scoring.digest, plan.period.id, plan.roster, inputs, result)


def inputs_at(grid: Grid, at_us: int) -> Inputs:
    """What scoring is given of a grid at a moment: each number with its status and its range."""
    there = grid.data_us >= 0
    statuses = np.where(grid.held, np.int8(HELD), np.int8(MISSING))
    statuses[there] = STALE
    statuses[there & (at_us <= _deadlines_us(grid))] = OK
    statuses[grid.plan.stale_after_us < 0] = NOT_CONNECTED
    lows, highs = _ranges(grid, statuses, at_us)
    return Inputs(
        tuple(metric.id for metric in grid.plan.metrics), grid.numbers, lows, highs, statuses
    )


def _ranges(grid: Grid, statuses: Codes, at_us: int) -> tuple[Floats, Floats]:
    """What each input could be: itself where it is fresh, else anything its metric declares.

    A stale one could be what its greatest change a day has made of it by the end of the UTC day,
    so that bounds move once a day and not at every instant; a total only grows. What a source said
    last stays possible, also where the range was narrowed since.
    """
    ranges, numbers = grid.plan.ranges, grid.numbers
    low, high = ranges.low, ranges.high
    reach = ranges.rates * ((_midnight_us(at_us) - grid.data_us) / DAY_US)
    reach = np.where(statuses == STALE, reach, np.nan)
    fresh = statuses == OK
    back, ahead = np.where(ranges.grows, numbers, numbers - reach), numbers + reach
    bound = ~np.isnan(reach)
    lows = np.fmin(np.where(bound, np.clip(back, low, high), low), numbers)
    highs = np.fmax(np.where(bound, np.clip(ahead, low, high), high), numbers)
    return np.where(fresh, numbers, lows), np.where(fresh, numbers, highs)


def _midnight_us(at_us: int) -> int:
    """The next one in UTC."""
    return (at_us // DAY_US + 1) * DAY_US
