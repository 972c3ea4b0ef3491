"""Stored scoreboards worked out again: by the rules of their day, or by others."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from collector.cells import Bodies, changed_cells, merged
from collector.documents import Document
from collector.facts import Cell, Scoreboard, SetBoard
from collector.insight.plans import Plans
from collector.insight.tape import Places, Tape
from collector.outlook import Outlook, SetPlan, outlook
from collector.scoreboard import Grid, Known, build, grids, inputs_at
from collector.settings.kept import kept_set
from collector.settings.model import SetSpec, Settings
from collector.store.boards import ScoreboardRow
from collector.store.store import Store
from scoring.model import Inputs
from scoring.score import score

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
    begun = rows[0].number - 1
    ends = [store.run_of_board(number) for number in (begun, rows[-1].number)]
    tape = Tape(store, known_at(store, begun), *ends)
    replay = _Replay(by_rules(settings, spec), tape)
    for row in rows:
        if row.run_id is not None:
            tape.wind(row.run_id)
        yield row, replay.step(row.published_us)


class _Replay:
    """What one scoreboard leaves to the next."""

    def __init__(self, settings: Settings, tape: Tape) -> None:
        self._settings = settings
        self._plans = Plans(settings)
        self._tape = tape
        self._places: Places | None = None
        self._last: Scored | None = None
        self._bodies: Bodies = {}

    def step(self, at_us: int) -> list[Cell]:
        plan, before = self._plans.at(at_us), self._last
        if self._places is None or before is None or before.plan is not plan:
            self._places = self._tape.places(plan)
        grid = self._tape.grid(plan, self._places)
        inputs = inputs_at(grid, at_us)
        if before and before.plan is plan and _same(inputs, before.board.inputs):
            # Scoring would be given the same again: most runs bring what is known.
            return []
        self._last = Scored(plan, grid, _board(plan, inputs))
        return self._changed(self._last, before)

    def _changed(self, now: Scored, before: Scored | None) -> list[Cell]:
        view = Outlook(date.min, (now.plan,), 0)
        earlier = None if before is None else _alone(before.board)
        cells = changed_cells(self._settings, view, _alone(now.board), earlier, self._bodies)
        self._bodies = merged(self._bodies, cells)
        return cells


def _board(plan: SetPlan, inputs: Inputs) -> SetBoard:
    digest, result = plan.spec.scoring.digest, score(plan.scoring, inputs)
    return SetBoard(plan.spec.id, digest, plan.period.id, plan.roster, inputs, result)


def _alone(board: SetBoard) -> Scoreboard:
    return Scoreboard(0, 0, None, (board,))


def _same(now: Inputs, then: Inputs) -> bool:
    """Bit for bit; ranges too: those of stale inputs may grow with their age."""
    pairs = zip(_figures(now), _figures(then), strict=True)
    return all(one.tobytes() == other.tobytes() for one, other in pairs)


def _figures(inputs: Inputs) -> tuple[NDArray[np.generic], ...]:
    return inputs.statuses, inputs.numbers, inputs.lows, inputs.highs
