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
    """Cells are indicators × agencies.

    `figures` are the points alone while everything is sure, else the points, the least and the
    greatest that they could be; `most` is the plan's own while every indicator applies to every
    agency.
    """

    plan: Plan
    value: Floats
    figures: Floats
    most: Floats
    statuses: Codes
    totals: Totals

    def write(self, agencies: slice | Indices, points: Points, totals: Totals) -> None:
        """The cells and totals of these agencies."""
        out = None if points.counting is None else points.statuses == NOT_APPLICABLE
        self.value[:, agencies] = points.value
        self.statuses[:, agencies] = points.statuses
        if len(self.figures) < len(points.figures):
            self.figures = np.repeat(self.figures, 3, axis=0)
        figures = points.figures if out is None else np.where(out, np.nan, points.figures)
        self.figures[:, :, agencies] = figures
        if out is not None or self.most.flags.writeable:
            self._write_most(agencies, out)
        self.totals.figures[:, agencies] = totals.figures
        self.totals.scorable[agencies] = totals.scorable

    def cells(self) -> Cells:
        points = self.figures[0].T
        low, high = (each.T for each in self.figures[1:]) if self._unsure else (points, points)
        return Cells(
            value=self.value.T,
            target=self.plan.targets_used.T,
            points=points,
            points_low=low,
            points_high=high,
            points_max=self.most.T,
            statuses=self.statuses.T,
        )

    @property
    def _unsure(self) -> bool:
        return len(self.figures) > 1

    def _write_most(self, agencies: slice | Indices, out: Bools | None) -> None:
        if not self.most.flags.writeable:
            self.most = self.most.copy()
        usual = self.plan.layout.maxima
        self.most[:, agencies] = usual if out is None else np.where(out, 0.0, usual)


def empty(plan: Plan, *, sure: bool) -> Sheet:
    """A sheet with room for all agencies, and nothing on it yet.

    If all may be sure it begins with room for the points alone, else for what they could be too.
    """
    shape = plan.applies.shape
    return Sheet(
        plan=plan,
        value=np.empty(shape),
        figures=np.empty((1 if sure else 3, *shape)),
        most=np.broadcast_to(plan.layout.maxima, shape),
        statuses=np.empty(shape, dtype=np.int8),
        totals=Totals(np.empty((4, shape[1])), np.empty(shape[1], dtype=np.bool_)),
    )


def copied(plan: Plan, result: Result) -> Sheet:
    """A sheet that begins with the figures of a result, and leaves them as they are."""
    cells = result.cells
    sure = cells.points_low is cells.points
    given = (cells.points,) if sure else (cells.points, cells.points_low, cells.points_high)
    most = cells.points_max.T
    return Sheet(
        plan=plan,
        value=cells.value.T.copy(),
        figures=np.array([each.T for each in given]),
        most=most.copy() if most.flags.writeable else most,
        statuses=cells.statuses.T.copy(),
        totals=Totals(
            np.array([result.score, result.low, result.high, result.coverage]),
            result.scorable.copy(),
        ),
    )
