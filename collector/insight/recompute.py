"""Stored scoreboards worked out again: by the rules of their day, or by others."""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from collector.cells import Bodies, changed_cells, merged
from collector.documents import Document
from collector.facts import Cell, Run, Scoreboard, Series, SetBoard
from collector.outlook import Outlook, SetPlan, outlook
from collector.scoreboard import Grid, Known, build, grids, inputs_at, learned
from collector.settings.kept import kept_set
from collector.settings.model import SetSpec, Settings
from collector.store.boards import ScoreboardRow
from collector.store.store import Store
from scoring.model import Inputs

# When the newest reading is from is no matter of any cell.
NOTHING = Known({}, frozenset())


class NotKeptError(ValueError):
    """The rules of a scoreboard's day are neither in the configuration nor in the store."""


@dataclass(frozen=True)
class Scored:
    """One set's part of a scoreboard, with what it was laid out by."""

    plan: SetPlan
    grid: Grid
    board: SetBoard


def rules_of(settings: Settings, store: Store, digest: str) -> SetSpec:
    """The set of a digest; NotKeptError where it is not known, ConfigErrors where it is no more."""
    for spec in settings.sets:
        if spec.scoring.digest == digest:
            return spec
    text = store.definition(digest)
    if text is None:
        raise NotKeptError(f"the store does not have the set of {digest}")
    return kept_set(digest, text, settings.metrics)


def by_rules(settings: Settings, spec: SetSpec) -> Settings:
    """The settings with one set, in force at any time."""
    return replace(settings, sets=(replace(spec, start=date.min, until=None),))


def known_at(store: Store, number: int, data_until_us: int | None = None) -> Known:
    """What a scoreboard knew, of data not later than an instant where one is given."""
    last_run = store.run_of_board(number)
    readings = store.readings(None, data_until_us, last_run=last_run)
    held = store.held(last_run=last_run) if data_until_us is None else frozenset()
    return Known(readings, held)


def scored(settings: Settings, spec: SetSpec, known: Known, at_us: int) -> Scored:
    """What a set makes of what is known, at a moment."""
    view = outlook(by_rules(settings, spec), at_us)
    filled = grids(view, known)
    board = build(filled, known, number=0, at_us=at_us)
    return Scored(view.plans[0], filled[0], board.boards[0])


def bodies_of(settings: Settings, each: Scored) -> dict[str, Document]:
    """What a scoreboard would say, by subject."""
    view = Outlook(date.min, (each.plan,), 0)
    board = Scoreboard(0, 0, None, (each.board,))
    cells = changed_cells(settings, view, board, None, {})
    return {cell.subject: json.loads(cell.body) for cell in cells if cell.body is not None}


def replayed(
    settings: Settings, store: Store, spec: SetSpec, rows: Sequence[ScoreboardRow]
) -> Iterator[tuple[ScoreboardRow, list[Cell]]]:
    """What changed in each of the scoreboards, had the set been in force; the first is whole.

    `rows` follow each other without a gap. The way is that of publishing: under the set that was
    in force the cells are those that were stored.
    """
    if not rows:
        return
    ruled, begun = by_rules(settings, spec), rows[0].number - 1
    ends = (store.run_of_board(number) for number in (begun, rows[-1].number))
    history = deque(store.runs_with_facts(*ends))
    replay = _Replay(ruled, known_at(store, begun))
    for row in rows:
        runs = []
        while row.run_id is not None and history and history[0][1] <= row.run_id:
            runs.append(history.popleft())
        yield row, replay.step(row.published_us, runs)


class _Replay:
    """What one scoreboard leaves to the next."""

    def __init__(self, settings: Settings, known: Known) -> None:
        self._settings = settings
        self._known = known
        self._view: Outlook | None = None
        self._grids: tuple[Grid, ...] = ()
        self._board: Scoreboard | None = None
        self._bodies: Bodies = {}

    def step(self, at_us: int, runs: Sequence[tuple[Run, int]]) -> list[Cell]:
        touched: frozenset[Series] = frozenset()
        if runs:
            self._known, touched = learned(self._known, runs)
        if self._view is None or at_us >= self._view.until_us:
            self._view = outlook(self._settings, at_us, self._view)
        before, self._grids = self._grids, grids(self._view, self._known, self._grids, touched)
        if self._board is not None and self._stays(before, self._board, at_us):
            return []
        board = build(self._grids, NOTHING, number=0, at_us=at_us)
        cells = changed_cells(self._settings, self._view, board, self._board, self._bodies)
        self._bodies = merged(self._bodies, cells)
        self._board = board
        return cells

    def _stays(self, before: tuple[Grid, ...], board: Scoreboard, at_us: int) -> bool:
        """Whether scoring would be given the same again: most runs bring what is known."""
        return all(
            grid.plan is earlier.plan and _same(inputs_at(grid, at_us), one.inputs)
            for grid, earlier, one in zip(self._grids, before, board.boards, strict=True)
        )


def _same(now: Inputs, then: Inputs) -> bool:
    """Ranges too: those of stale inputs may grow with their age."""
    pairs = zip(_figures(now), _figures(then), strict=True)
    return all(np.array_equal(*pair, equal_nan=True) for pair in pairs)


def _figures(inputs: Inputs) -> tuple[NDArray[np.generic], ...]:
    return inputs.statuses, inputs.numbers, inputs.lows, inputs.highs
