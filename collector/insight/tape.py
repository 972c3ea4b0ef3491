"""What was known of every series, wound forward run by run over stored facts."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from collector.outlook import SetPlan
from collector.scoreboard import Grid, Known
from collector.store.replay import Facts
from collector.store.store import Store
from scoring.model import Floats

Places = NDArray[np.intp]
# The facts of so many runs are in memory at once.
_RUNS = 5_000


class Tape:
    """Arrays with a place a series, that of its id; the last place is that of no series.

    It begins with what was known after one run, and can be wound on to another.
    """

    def __init__(self, store: Store, known: Known, begun_run: int, until_run: int) -> None:
        self._places = {series: number for number, series in store.series_by_id().items()}
        self._nowhere = max(self._places.values(), default=0) + 1
        self._numbers = np.full(self._nowhere + 1, np.nan)
        self._data_us = np.full(self._nowhere + 1, -1, dtype=np.int64)
        self._held = np.zeros(self._nowhere + 1, dtype=np.bool_)
        self._ahead = _ahead(store, begun_run, until_run)
        self._next = next(self._ahead, None)
        for series, reading in known.readings.items():
            place = self._places[series]
            self._numbers[place], self._data_us[place] = float(reading.value), reading.data_us
        self._held[[self._places[series] for series in known.held]] = True

    def places(self, plan: SetPlan) -> Places:
        """Where each cell of a plan's grid is; nothing is known of what nobody feeds."""
        found = np.full(plan.stale_after_us.shape, self._nowhere, dtype=np.intp)
        for series, cell in plan.place.items():
            if plan.stale_after_us[cell] >= 0:
                found[cell] = self._places.get(series, self._nowhere)
        return found

    def grid(self, plan: SetPlan, places: Places) -> Grid:
        """What is known of a plan's inputs now."""
        return Grid(plan, self._numbers[places], self._data_us[places], self._held[places])

    def wind(self, until_run: int) -> None:
        """Learn what the runs up to one brought."""
        while self._next is not None and self._next.run <= until_run:
            self._learn(self._next)
            self._next = next(self._ahead, None)

    def _learn(self, brought: "_Brought") -> None:
        self._numbers[brought.places] = brought.numbers
        self._data_us[brought.places] = brought.data_us
        self._held[brought.places] = False
        # An answer that was refused leaves the last good one as it is.
        self._held[brought.refused] |= np.isnan(self._numbers[brought.refused])


@dataclass(frozen=True)
class _Brought:
    """The facts of one run: NaN and -1 where one withdraws its series; and what was refused."""

    run: int
    places: Places
    numbers: Floats
    data_us: NDArray[np.int64]
    refused: Places


def _ahead(store: Store, begun_run: int, until_run: int) -> Iterator[_Brought]:
    for after_run in range(begun_run, until_run, _RUNS):
        yield from _by_run(store.facts_between(after_run, min(after_run + _RUNS, until_run)))


def _by_run(facts: Facts) -> Iterator[_Brought]:
    places = np.array(facts.series, dtype=np.intp)
    numbers = np.array([np.nan if one is None else float(one) for one in facts.values])
    data_us = np.where(np.isnan(numbers), -1, np.array(facts.data_us, dtype=np.int64))
    rows, refused = _rows(facts), defaultdict[int, list[int]](list)
    for run, series in facts.refused:
        refused[run].append(series)
    for run in sorted(rows.keys() | refused.keys()):
        mine = rows.get(run, slice(0))
        out = np.array(refused.get(run, ()), dtype=np.intp)
        yield _Brought(run, places[mine], numbers[mine], data_us[mine], out)


def _rows(facts: Facts) -> dict[int, slice]:
    """Where each run's facts stand."""
    runs = np.array(facts.runs, dtype=np.int64)
    starts = np.flatnonzero(np.diff(runs, prepend=-1)).tolist()
    return {facts.runs[start]: slice(start, end) for start, end in pairwise([*starts, runs.size])}
