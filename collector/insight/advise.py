"""What would it take: the least change of one raw count for more points, a better band or rank."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_UP, Decimal

import numpy as np

from collector.cells import name_body
from collector.documents import Document, header_of
from collector.insight import advise_words
from collector.insight.aims import Aims
from collector.insight.levers import Move, moves_of
from collector.insight.retrace import Traced
from collector.insight.wording import state_word
from collector.periods import local
from collector.settings.model import Metric
from scoring.advise import Goal, Outcome, bench, least_steps, outcomes
from scoring.model import STATUSES
from scoring.shown import quantised, shown

_PACE = Decimal("0.1")


def advise(traced: Traced, agency: str) -> Document:
    """For each indicator that could earn more: what reaches its next stop, the band, the rank.

    Every answer is the least step of one count (or of a part together with its whole) that the
    scorer was seen to reward so. RetraceError for an agency that the scoreboard does not have.
    """
    aims = Aims(traced, traced.row(agency))
    body, days = traced.body(f"agency/{agency}"), _days(traced)
    goals = {column: aims.goals(column) for column in aims.open_columns()}
    ways = _Ways(traced, aims, days).found(goals)
    indicators = [_indicator(traced, aims, column, goals[column], ways) for column in goals]
    return {
        **header_of(traced.edition, traced.set_id, traced.head),
        "agency": {key: body[key] for key in ("id", "block", "name")},
        **{key: body[key] for key in ("score", "band", "rank")},
        "days": days,
        "next_band": aims.next_band(),
        "next_rank": aims.next_rank(),
        "nothing": None if any(goals.values()) else advise_words.NOTHING,
        "indicators": indicators,
    }


def _days(traced: Traced) -> Document:
    """Local days from the scoreboard's own to the period's last, and how many are worked on."""
    settings, until = traced.settings, traced.plan.period.until
    today = local(traced.edition.published_us, settings.zone).date()
    left = [today + timedelta(days=n) for n in range(max(0, (until - today).days))]
    working = sum(settings.works_on(day) for day in left)
    return {"left": len(left), "working": working, "until": until.isoformat()}


# An indicator's column and the place of a goal among its goals.
_Key = tuple[int, int]


@dataclass(frozen=True)
class _Ways:
    traced: Traced
    aims: Aims
    days: Document

    def found(self, goals: dict[int, list[tuple[Document, Goal]]]) -> dict[_Key, list[Document]]:
        """For each goal the ways that reach it, as options."""
        asked = [
            ((column, place), move, goal)
            for column, wanted in goals.items()
            for move in self._moves(column)
            for place, (_, goal) in enumerate(wanted)
        ]
        traced = self.traced
        on = bench(traced.plan.scoring, traced.board.inputs, self.aims.row, traced.plan.period.id)
        steps = least_steps(on, [(move.lever, goal) for _, move, goal in asked])
        reached = [
            (key, move, step)
            for (key, move, _), step in zip(asked, steps, strict=True)
            if step is not None
        ]
        results = outcomes(on, [(move.lever, step) for _, move, step in reached])
        ways: dict[_Key, list[Document]] = {}
        for (key, move, step), outcome in zip(reached, results, strict=True):
            ways.setdefault(key, []).append(self._option(move, step, outcome, key[0]))
        return ways

    def _moves(self, column: int) -> list[Move]:
        formula = self.traced.plan.spec.scoring.indicators[column].formula
        return moves_of(self.traced, self.aims.row, formula.names)

    def _option(self, move: Move, step: int, outcome: Outcome, column: int) -> Document:
        metric, start, end = move.metrics[0], move.value(0), move.value(step)
        digits = self.traced.head["digits"]
        scored = not np.isnan(outcome.score)
        option = {
            "metric": metric.id,
            "name": name_body(metric.name),
            "unit": metric.unit,
            "with": [{"metric": one.id, "name": name_body(one.name)} for one in move.metrics[1:]],
            "change": float(end - start),
            "from": float(start),
            "to": float(end),
            "from_word": state_word(metric, float(start)),
            "to_word": state_word(metric, float(end)),
            "per_day": self._pace(metric, abs(end - start)),
            "points": float(shown(float(outcome.points[column]), digits)),
            "score": float(shown(outcome.score, digits)) if scored else None,
            "band": outcome.band,
            "rank": self.aims.rank_with(outcome.score),
        }
        working = 0 < self.days["working"] < self.days["left"]
        return option | {"words": advise_words.option_words(option, working=working)}

    def _pace(self, metric: Metric, size: Decimal) -> float | None:
        """So much a day until the period ends, rounded up; a state is not reached bit by bit."""
        days = self.days["working"] or self.days["left"]
        if metric.values is not None or not days:
            return None
        return float((size / days).quantize(_PACE, rounding=ROUND_UP))


def _indicator(
    traced: Traced,
    aims: Aims,
    column: int,
    goals: Sequence[tuple[Document, Goal]],
    ways: dict[_Key, list[Document]],
) -> Document:
    text, cells = traced.plan.spec.indicators[column], traced.board.result.cells
    points = float(cells.points[aims.row, column])
    return {
        "id": text.id,
        "group": text.group,
        "name": name_body(text.name),
        "unit": text.unit,
        "status": STATUSES[cells.statuses[aims.row, column]],
        "points": None if np.isnan(points) else float(shown(points, traced.head["digits"])),
        "points_max": float(quantised(float(cells.points_max[aims.row, column]))),
        "gain_max": aims.gain_max(column),
        "blocked": None if goals else advise_words.NO_DATA,
        "goals": [
            _goal(wanted, ways.get((column, place), []), text.unit, traced.head["digits"])
            for place, (wanted, _) in enumerate(goals)
        ],
    }


def _goal(wanted: Document, options: list[Document], unit: str, digits: int) -> Document:
    goal = wanted | {"wanted": advise_words.wanted_words(wanted, unit), "options": options}
    return goal | {"words": advise_words.goal_words(goal, digits)}
