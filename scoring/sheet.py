"""Where the figures of one scoring are gathered, some agencies after others."""

from dataclasses import dataclass

import numpy as np

from scoring.layout import Indices
from scoring.model import NOT_APPLICABLE, Bools, Cells, Codes, Floats, Result
from scoring.plan import Plan
from scoring.points import Points
from scoring.totals import Totals


@dataclass
class Sheet:
    """Cells are indicators × agencies. Arrays that say the same are one, until they do not.

    `low` and `high` are `points` while everything is sure, and `most` is the plan's own while
    every indicator applies to every agency.
    """

    plan: Plan
    value: Floats
    points: Floats
    low: Floats
    high: Floats
    most: Floats
    statuses: Codes
    totals: Totals

    def write(self, agencies: slice | Indices, points: Points, totals: Totals) -> None:
        """The cells and totals of these agencies."""
        out = None if points.plain else points.statuses == NOT_APPLICABLE
        self.value[:, agencies] = points.value
        self.statuses[:, agencies] = points.statuses
        self.points[:, agencies] = _without(out, points.points)
        if points.low is not points.points or self.low is not self.points:
            self._part()
            self.low[:, agencies] = _without(out, points.low)
            self.high[:, agencies] = _without(out, points.high)
        if out is not None or self.most.flags.writeable:
            self._write_most(agencies, out)
        for name, figures in vars(self.totals).items():
            figures[agencies] = getattr(totals, name)

    def cells(self) -> Cells:
        points = self.points.T
        return Cells(
            value=self.value.T,
            target=self.plan.targets_used.T,
            points=points,
            points_low=points if self.low is self.points else self.low.T,
            points_high=points if self.low is self.points else self.high.T,
            points_max=self.most.T,
            statuses=self.statuses.T,
        )

    def _part(self) -> None:
        if self.low is self.points:
            self.low, self.high = self.points.copy(), self.points.copy()

    def _write_most(self, agencies: slice | Indices, out: Bools | None) -> None:
        if not self.most.flags.writeable:
            self.most = self.most.copy()
        usual = self.plan.layout.maxima
        self.most[:, agencies] = usual if out is None else np.where(out, 0.0, usual)


def empty(plan: Plan) -> Sheet:
    shape = plan.applies.shape
    points = np.empty(shape)
    score, low, high, coverage = np.empty((4, shape[1]))
    return Sheet(
        plan=plan,
        value=np.empty(shape),
        points=points,
        low=points,
        high=points,
        most=np.broadcast_to(plan.layout.maxima, shape),
        statuses=np.empty(shape, dtype=np.int8),
        totals=Totals(score, low, high, coverage, np.empty(shape[1], dtype=np.bool_)),
    )


def copied(plan: Plan, result: Result) -> Sheet:
    """A sheet that begins with the figures of a result, and leaves them as they are."""
    cells = result.cells
    points = cells.points.T.copy()
    sure = cells.points_low is cells.points
    most = cells.points_max.T
    return Sheet(
        plan=plan,
        value=cells.value.T.copy(),
        points=points,
        low=points if sure else cells.points_low.T.copy(),
        high=points if sure else cells.points_high.T.copy(),
        most=most.copy() if most.flags.writeable else most,
        statuses=cells.statuses.T.copy(),
        totals=Totals(
            result.score.copy(),
            result.low.copy(),
            result.high.copy(),
            result.coverage.copy(),
            result.scorable.copy(),
        ),
    )


def _without(out: Bools | None, figures: Floats) -> Floats:
    return figures if out is None else np.where(out, np.nan, figures)
