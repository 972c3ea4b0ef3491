"""What an agency could reach next: more points of an indicator, a better band, a better rank."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from collector.documents import Document
from collector.insight.retrace import Traced
from collector.insight.rule_words import kind_of
from collector.insight.wording import state_word
from scoring.advise import BandGoal, Goal, PointsGoal, RankGoal, bands_above, milestone
from scoring.model import STALE, Floats
from scoring.shown import nanos, quantised, shown

_NAMES = {
    "to_target": "target",
    "at_most": "target",
    "yes_no": "yes",
    "steps": "step",
    "levels": "level",
    "piecewise": "knot",
    "parts": "condition",
}


@dataclass(frozen=True)
class Aims:
    traced: Traced
    row: int

    @property
    def score(self) -> float | None:
        """As it is shown."""
        agency = self.traced.board.roster.agencies[self.row]
        score: float | None = self.traced.body(f"agency/{agency}")["score"]
        return score

    def next_band(self) -> Document | None:
        above = self._bands_above()
        if self.score is None or not above:
            return None
        band: Document = next(one for one in self.traced.head["bands"] if one["id"] == above[0])
        return band | {"short": float(Decimal(str(band["from"])) - Decimal(str(self.score)))}

    def next_rank(self) -> Document | None:
        """The score of the next one ahead, and the rank that one with it has."""
        ahead = self._ahead()
        if self.score is None or not ahead.size:
            return None
        least = ahead.min()
        figure = shown(float(least), self.traced.head["digits"])
        return {
            "rank": 1 + int((nanos(ahead) > nanos(least.reshape(1))).sum()),
            "score": float(figure),
            "short": float(figure - Decimal(str(self.score))),
        }

    def open_columns(self) -> list[int]:
        """The indicators that apply, are scored and do not have all their points."""
        cells = self.traced.board.result.cells
        most = nanos(cells.points_max[self.row])
        return np.flatnonzero(most > nanos(np.nan_to_num(cells.points[self.row]))).tolist()

    def goals(self, column: int) -> list[tuple[Document, Goal]]:
        """What is wanted of an indicator, as a document and as the scorer is asked.

        Where its inputs are not there, nothing can be.
        """
        if self.traced.board.result.cells.statuses[self.row, column] > STALE:
            return []
        goals = [self._points(column)]
        band, rank = self.next_band(), self.next_rank()
        if band is not None:
            wanted = _wanted("band", band=band["id"], band_name=band["name"], score=band["from"])
            goals.append((wanted, BandGoal(frozenset(self._bands_above()))))
        if rank is not None:
            wanted = _wanted("rank", rank=rank["rank"], score=rank["score"])
            goals.append((wanted, RankGoal(float(self._ahead().min()))))
        return goals

    def gain_max(self, column: int) -> float:
        """What all the points of an indicator would add to the score, as things stand."""
        cells, scoring = self.traced.board.result.cells, self.traced.plan.spec.scoring
        counted = ~np.isnan(cells.points[self.row])
        whole = float(cells.points_max[self.row, counted].sum())
        room = float(
            cells.points_max[self.row, column] - np.nan_to_num(cells.points[self.row, column])
        )
        return float(shown(scoring.scale * room / whole, scoring.digits)) if whole else 0.0

    def rank_with(self, score: float) -> int | None:
        """The rank that a score would have among the others of the block as they stand."""
        if np.isnan(score):
            return None
        return 1 + int((nanos(self._others()) > nanos(np.array([score]))).sum())

    def _points(self, column: int) -> tuple[Document, Goal]:
        one = self.traced.plan.spec.scoring.indicators[column]
        cells = self.traced.board.result.cells
        target = float(cells.target[self.row, column])
        share = milestone(one.rule, float(cells.points[self.row, column]) / one.points_max)
        wanted = _wanted(
            _NAMES[kind_of(one.rule)],
            points=float(quantised(share * one.points_max)),
            target=None if np.isnan(target) else float(quantised(target)),
            target_word=self._state_word(one.formula.names, target),
        )
        return wanted, PointsGoal(column, share * one.points_max)

    def _state_word(self, names: tuple[str, ...], number: float) -> str | None:
        """What a single state calls a number."""
        metrics = [self.traced.settings.metrics[name] for name in names]
        return state_word(metrics[0], number) if len(metrics) == 1 else None

    def _bands_above(self) -> tuple[str, ...]:
        result = self.traced.board.result
        return bands_above(self.traced.plan.spec.scoring, result.bands[self.row])

    def _others(self) -> Floats:
        """The scores of the other agencies of the block, of those that have one."""
        board = self.traced.board
        mine = board.roster.blocks[self.row]
        rows = [
            row for row, block in enumerate(board.roster.blocks) if block == mine if row != self.row
        ]
        scores: Floats = board.result.score[rows]
        return scores[~np.isnan(scores)]

    def _ahead(self) -> Floats:
        others, own = self._others(), self.traced.board.result.score[self.row : self.row + 1]
        if np.isnan(own).any():
            return others[:0]
        return others[nanos(others) > nanos(own)]


def _wanted(
    goal: str,
    *,
    points: float | None = None,
    target: float | None = None,
    target_word: str | None = None,
    band: str | None = None,
    band_name: Document | None = None,
    rank: int | None = None,
    score: float | None = None,
) -> Document:
    return {
        "goal": goal,
        "points": points,
        "target": target,
        "target_word": target_word,
        "band": band,
        "band_name": band_name,
        "rank": rank,
        "score": score,
    }
