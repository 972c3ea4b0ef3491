"""Where a score comes from: score, group, indicator, rule, formula, readings, runs, as one tree.

The figures are those of the published scoreboard; what stands between them is worked out again
from the same readings by the same scorer.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from collector import figures
from collector.cells import name_body
from collector.documents import Document, header_of, rank_certain
from collector.insight import wording
from collector.insight.evidence import Evidence, Leaf
from collector.insight.retrace import RetraceError, Traced
from collector.insight.rule_words import Fired, Texts, exact, kind_of, rule_text, rule_words
from collector.insight.sentence import sentence
from collector.settings.findings import hint
from scoring.model import Indicator
from scoring.shown import quantised


def explain(
    traced: Traced, agency: str, evidence: Evidence, indicator: str | None = None
) -> Document:
    """An agency's tree, or only the branch of one of its indicators.

    RetraceError for an agency or an indicator that the scoreboard does not have.
    """
    row = traced.row(agency)
    branches = [
        _Branch(traced, evidence, agency, row, column).node()
        for column in range(len(traced.plan.spec.indicators))
    ]
    tree = {
        **header_of(traced.edition, traced.set_id, traced.head),
        "agency": {key: traced.body(f"agency/{agency}")[key] for key in ("id", "block", "name")},
        "score": _score(traced, agency, branches),
        "groups": [_group(group, branches) for group in traced.head["groups"]],
    }
    tree["sentence"] = sentence(tree)
    return tree if indicator is None else _only(tree, indicator)


def _only(tree: Document, indicator: str) -> Document:
    groups = [
        group | {"indicators": kept}
        for group in tree["groups"]
        if (kept := [one for one in group["indicators"] if one["id"] == indicator])
    ]
    if not groups:
        known = [one["id"] for group in tree["groups"] for one in group["indicators"]]
        text = f"{indicator}: no such indicator{hint(indicator, known)}"
        raise RetraceError(text, unknown=True)
    return tree | {"groups": groups}


def _score(traced: Traced, agency: str, branches: list[Document]) -> Document:
    """The score as the scale times points over their maximum, of all that counts."""
    subject = f"agency/{agency}"
    body, head = traced.body(subject), traced.head
    counted = [one for one in branches if one["points"] is not None]
    points = sum((Decimal(str(one["rule"]["result"])) for one in counted), Decimal(0))
    most = sum((Decimal(str(one["points_max"])) for one in counted), Decimal(0))
    figures = ("score", "low", "high", "rank", "rank_best", "rank_worst", "band", "coverage")
    text = " ".join((exact(head["scale"]), "×", exact(float(points)), "/", exact(float(most))))
    return {
        **{key: body[key] for key in figures},
        "rank_certain": rank_certain(body),
        "band_name": next(
            (one["name"] for one in head["bands"] if one["id"] == body["band"]), None
        ),
        "change": traced.edition.change(traced.set_id, subject),
        "digits": head["digits"],
        "points": float(points),
        "points_max": float(most),
        "text": None if body["score"] is None else text,
    }


def _group(group: Document, branches: list[Document]) -> Document:
    """As the agency's document has it: shown points, added."""
    mine = [one for one in branches if one["group"] == group["id"]]
    known = [Decimal(str(one["points"])) for one in mine if one["points"] is not None]
    return {
        "id": group["id"],
        "name": group["name"],
        "points": float(sum(known)) if known else None,
        "points_max": float(sum(Decimal(str(one["points_max"])) for one in mine)),
        "indicators": mine,
    }


@dataclass(frozen=True)
class _Branch:
    """One indicator of an agency."""

    traced: Traced
    evidence: Evidence
    agency: str
    row: int
    column: int

    def node(self) -> Document:
        text = self.traced.plan.spec.indicators[self.column]
        subject = f"agency/{self.agency}/{text.id}"
        cell = self.traced.body(subject)
        return {
            "id": text.id,
            "group": text.group,
            "name": name_body(text.name),
            "unit": text.unit,
            **{key: cell[key] for key in ("status", "value", "target")},
            **{f"points{end}": cell[f"points{end}"] for end in ("", "_low", "_high", "_max")},
            "change": self.traced.edition.change(self.traced.set_id, subject, "points"),
            "counts": self._counts(subject, cell),
            "why": self._why(cell["status"]),
            "rule": self._rule(cell),
            "formula": self._formula(),
            "readings": [leaf.node() for leaf in self._leaves()],
        }

    def _counts(self, subject: str, cell: Document) -> str | None:
        """Whether its points came into the score, or went out of it, since the day before."""
        edition, set_id = self.traced.edition, self.traced.set_id
        then = edition.before(set_id, subject)
        if then is None or (then["points"] is None) == (cell["points"] is None):
            return None
        return "newly" if then["points"] is None else "no_longer"

    @property
    def _indicator(self) -> Indicator:
        return self.traced.plan.spec.scoring.indicators[self.column]

    def _leaves(self) -> list[Leaf]:
        metrics = self.traced.settings.metrics
        return [
            Leaf(self.traced, self.evidence, self.agency, self.row, metrics[name])
            for name in self._indicator.formula.names
        ]

    def _numbers(self) -> dict[str, float]:
        return {leaf.metric.id: leaf.number for leaf in self._leaves()}

    def _worked_out(self) -> tuple[float, bool]:
        """The value, NaN for none, and whether that is for a zero divisor of known numbers."""
        columns = {name: np.array([number]) for name, number in self._numbers().items()}
        value, zero = self._indicator.formula.evaluate(columns)
        known = not any(math.isnan(number) for number in self._numbers().values())
        return float(np.ravel(value)[0]), bool(np.ravel(zero)[0]) and known

    def _formula(self) -> Document:
        value, zero = self._worked_out()
        return {
            "text": self._indicator.formula.text,
            "numbers": filled(
                self._indicator.formula.text,
                {name: exact(number) for name, number in self._numbers().items()},
            ),
            "value": None if math.isnan(value) else float(quantised(value)),
            "zero": zero,
        }

    def _rule(self, cell: Document) -> Document:
        """What the points were worked out from; without a value there is nothing to work out."""
        points = float(self.traced.board.result.cells.points[self.row, self.column])
        fired = self._fired(points)
        given = {
            "kind": kind_of(fired.rule),
            "result": None if math.isnan(points) else float(quantised(points)),
            "text": None,
            "words": None,
        }
        if cell["value"] is None or not cell["points_max"]:
            return given
        return given | {"text": rule_text(fired), "words": rule_words(fired)}

    def _fired(self, points: float) -> Fired:
        cells, one = self.traced.board.result.cells, self._indicator
        leaves = self._leaves()
        single = leaves[0].metric if len(leaves) == 1 else None
        return Fired(
            rule=one.rule,
            value=float(cells.value[self.row, self.column]),
            target=float(cells.target[self.row, self.column]),
            share=points / one.points_max if one.points_max else math.nan,
            points_max=one.points_max,
            unit=self.traced.plan.spec.indicators[self.column].unit,
            digits=self.traced.head["digits"],
            numbers=self._numbers(),
            word=lambda number: None if single is None else wording.state_word(single, number),
        )

    def _why(self, status: str) -> Texts | None:
        """What the status does to the points; why it is so, the readings say."""
        if status == "not_applicable" and not self._has_duty():
            return wording.NO_DUTY
        if self._worked_out()[1]:
            return wording.NO_DIVISOR[self._indicator.when_zero]
        if status not in {"held", "missing", "not_connected"}:
            return None
        if all(leaf.status in {"ok", "stale"} for leaf in self._leaves()):
            return wording.BEYOND
        return wording.COUNTED[self.traced.plan.spec.scoring.missing]

    def _has_duty(self) -> bool:
        block = self.traced.board.roster.blocks[self.row]
        return self._indicator.applies.to(self.agency, block)


def filled(text: str, names: Mapping[str, str]) -> str:
    """A formula with something else, such as its number, in the place of each metric."""

    def piece(found: re.Match[str]) -> str:
        given = names.get(found.group(), found.group())
        return f"({given})" if given.startswith(("-", figures.MINUS)) else given

    return re.sub(r"[A-Za-z_]\w*", piece, text)
