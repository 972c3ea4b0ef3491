"""An indicator's rule at work, as a formula of numbers and as a line in both languages."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from collector import figures
from collector.figures import Language
from scoring.model import Rule
from scoring.rules import AtMost, Knots, Levels, Parts, Piecewise, Steps, ToTarget, YesNo
from scoring.shown import quantised

Texts = dict[str, str]
_KINDS: Mapping[type[Rule], str] = {
    ToTarget: "to_target",
    AtMost: "at_most",
    Steps: "steps",
    YesNo: "yes_no",
    Levels: "levels",
    Piecewise: "piecewise",
    Parts: "parts",
}


@dataclass(frozen=True)
class Fired:
    """A rule, and what it was given and gave; `value` and `target` are NaN for none.

    `share` is what it gave of `points_max`. `numbers` are the metrics of the value, `word` is the
    value's own where it is a single state, `digits` those of the set.
    """

    rule: Rule
    value: float
    target: float
    share: float
    points_max: float
    unit: str
    digits: int
    numbers: Mapping[str, float]
    word: Callable[[float], str | None]


def kind_of(rule: Rule) -> str:
    """The rule's name in the files."""
    return _KINDS[type(rule)]


def exact(number: float) -> str:
    """A number at 1e-9 as programs read it, without trailing zeros; `?` for none."""
    if not math.isfinite(number):
        return "?"
    text = f"{quantised(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rule_text(fired: Fired) -> str:
    """What was worked out, in numbers: `min(1, 0.912 / 0.97) × 4`."""
    value, target, most = (exact(x) for x in (fired.value, fired.target, fired.points_max))
    match fired.rule:
        case ToTarget():
            return f"min(1, {value} / {target}) × {most}"
        case AtMost(none_at=None):
            return f"{'1' if fired.share >= 1 else f'{target} / {value}'} × {most}"
        case AtMost(none_at=end):
            end_text = exact(end or 0.0)
            share = f"({end_text} - {value}) / ({end_text} - {target})"
            return f"min(1, max(0, {share})) × {most}"
        case Parts():
            met = [exact(worth) for text, worth, held in _conditions(fired) if held]
            return f"min(1, {' + '.join(met) or '0'}) × {most}"
        case Piecewise(knots=knots):
            return f"{_line_text(knots, fired.value)} × {most}"
        case _:
            return f"{exact(fired.share)} × {most}"


def rule_words(fired: Fired) -> Texts:
    """Which target, step, level, line or condition gave the points, in words."""
    return {language: _Words(fired, language).line() for language in figures.LANGUAGES}


def _line_text(knots: Knots, value: float) -> str:
    left, right = _around(knots, value)
    if left is None or right is None:
        return exact((left or right or (0.0, 0.0))[1])
    (x, a), (y, b) = left, right
    part = f"({exact(value)} - {exact(x)}) / ({exact(y)} - {exact(x)})"
    return f"({exact(a)} + {part} × ({exact(b)} - {exact(a)}))"


def _around(
    knots: Knots, value: float
) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """The last knot at or below a value and the first above it."""
    below = [knot for knot in knots if knot[0] <= value]
    above = [knot for knot in knots if knot[0] > value]
    return (below[-1] if below else None), (above[0] if above else None)


def _reached(steps: Knots, value: float) -> list[tuple[float, float]]:
    """The steps or levels that a value reaches, compared at 1e-9 as the scorer does."""
    at = quantised(value)
    return [step for step in steps if Decimal(str(step[0])) <= at]


def _conditions(fired: Fired) -> list[tuple[str, float, bool]]:
    """A rule's conditions as written, what each is worth, and whether it holds."""
    if not isinstance(fired.rule, Parts):
        return []
    columns = {name: np.array([number]) for name, number in fired.numbers.items()}
    return [(one.text, worth, bool(one.test(columns)[0])) for one, worth in fired.rule.parts]


@dataclass(frozen=True)
class _Words:
    fired: Fired
    language: Language

    def line(self) -> str:
        match self.fired.rule:
            case ToTarget():
                text = self._to_target()
            case AtMost(none_at=end):
                text = self._at_most(end)
            case Steps(steps=steps):
                text = self._steps(steps)
            case Levels(levels=levels):
                text = self._level(levels)
            case Piecewise(knots=knots):
                text = self._line_between(knots)
            case Parts():
                text = self._parts()
            case _:
                text = self._say(_YES if self.fired.share else _NO)
        return text

    def _to_target(self) -> str:
        if self.fired.share >= 1:
            return self._say(_TARGET_MET)
        return self._say(
            (
                "{points} trên {most} điểm = {most} × {value} / {target}",
                "{points} of {most} points = {most} × {value} / {target}",
            ),
            **self._counted(),
        )

    def _at_most(self, none_at: float | None) -> str:
        if self.fired.share >= 1:
            return self._say(_CEILING_MET)
        if none_at is None:
            return self._say(
                (
                    "{points} trên {most} điểm = {most} × {target} / {value} (càng thấp càng tốt)",
                    "{points} of {most} points = {most} × {target} / {value} (lower is better)",
                ),
                **self._counted(),
            )
        return self._say(
            (
                "{points} trên {most} điểm: {value} nằm giữa {target} (đủ điểm) và {end} (0 điểm)",
                "{points} of {most} points: {value} is between {target} (all) and {end} (none)",
            ),
            end=self._figure(none_at),
        )

    def _steps(self, steps: Knots) -> str:
        reached = _reached(steps, self.fired.value)
        best = max((points for _, points in reached), default=0.0)
        more = sorted(step for step in steps if step[1] > best)
        found = max(step for step in reached if step[1] == best) if reached else None
        line = (
            self._say(_STEP_NONE) if found is None else self._say(_STEP, at=self._figure(found[0]))
        )
        if not more:
            return line
        at, points = more[0]
        return f"{line}; {self._say(_STEP_NEXT, at=self._figure(at), next=self._plain(points))}"

    def _level(self, levels: Knots) -> str:
        reached = _reached(levels, self.fired.value)
        if not reached:
            return self._say(_STEP_NONE)
        return self._say(
            ("Mức {at}: {points} trên {most} điểm", "Level {at}: {points} of {most} points"),
            at=self._figure(max(reached)[0]),
        )

    def _line_between(self, knots: Knots) -> str:
        left, right = _around(knots, self.fired.value)
        if left is None or right is None:
            end = left or right or (0.0, 0.0)
            return self._say(
                (
                    "{points} trên {most} điểm: {value}, ngoài mốc {at}",
                    "{points} of {most} points: {value}, beyond the knot {at}",
                ),
                at=self._figure(end[0]),
            )
        most = self.fired.points_max
        return self._say(
            (
                "{points} trên {most} điểm: {value} nằm giữa {x} ({a} điểm) và {y} ({b} điểm)",
                "{points} of {most} points: {value} is between {x} ({a}) and {y} ({b})",
            ),
            x=self._figure(left[0]),
            a=self._plain(left[1] * most),
            y=self._figure(right[0]),
            b=self._plain(right[1] * most),
        )

    def _parts(self) -> str:
        conditions = _conditions(self.fired)
        most = self.fired.points_max
        listed = "; ".join(
            f"{'✓' if held else '✗'} {text} ({self._plain(worth * most)})"
            for text, worth, held in conditions
        )
        return self._say(
            (
                "{points} trên {most} điểm, {met}/{count} điều kiện đạt: {listed}",
                "{points} of {most} points, {met} of {count} conditions hold: {listed}",
            ),
            met=sum(held for _, _, held in conditions),
            count=len(conditions),
            listed=listed,
        )

    def _say(self, pair: tuple[str, str], **fill: object) -> str:
        fired = self.fired
        return pair[0 if self.language == "vi" else 1].format_map(
            {
                "points": figures.score(
                    fired.share * fired.points_max, fired.digits, self.language
                ),
                "most": self._plain(fired.points_max),
                "value": self._figure(fired.value),
                "target": self._figure(fired.target),
                **fill,
            }
        )

    def _counted(self) -> dict[str, str]:
        """A state's numbers in arithmetic, its words elsewhere."""
        if self.fired.unit == "ratio":
            return {}
        return {"value": self._plain(self.fired.value), "target": self._plain(self.fired.target)}

    def _figure(self, number: float) -> str:
        if not math.isfinite(number):
            return "–"
        if self.fired.unit == "ratio":
            return figures.percent_target(number, self.language)
        return self.fired.word(number) or self._plain(number)

    def _plain(self, number: float) -> str:
        return figures.plain(number, self.language)


_YES = ("Có: {points} trên {most} điểm", "Yes: {points} of {most} points")
_NO = ("Không: {points} trên {most} điểm", "No: {points} of {most} points")
_TARGET_MET = (
    "Đạt mục tiêu {target} (kết quả {value}): đủ {most} điểm",
    "The target of {target} is met (result {value}): all {most} points",
)
_CEILING_MET = (
    "Không quá {target} (kết quả {value}): đủ {most} điểm",
    "At most {target} (result {value}): all {most} points",
)
_STEP = (
    "Bậc từ {at} trở lên (kết quả {value}): {points} trên {most} điểm",
    "The step from {at} on (result {value}): {points} of {most} points",
)
_STEP_NONE = (
    "Chưa đến bậc nào (kết quả {value}): {points} trên {most} điểm",
    "No step is reached (result {value}): {points} of {most} points",
)
_STEP_NEXT = ("bậc tiếp theo từ {at}: {next} điểm", "the next step is from {at}: {next} points")
