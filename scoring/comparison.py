"""Two formulas compared: on arrays, over ranges, and exactly."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from scoring.tree import Bools, Floats, FormulaError, Metric, Node, Number

# Beyond this power of ten a value is no count, and exact arithmetic on it would only cost memory.
EXPONENT_MAX = 400


@dataclass(frozen=True)
class Comparison:
    """Two formulas and a sign between them, as written and as trees."""

    text: str
    metrics: frozenset[str]
    _left: Node
    _sign: str
    _right: Node

    @property
    def threshold(self) -> tuple[str, float] | None:
        """The metric and the number, where it compares just those two; else None."""
        match (self._left, self._right):
            case (Metric(name), Number(value)) | (Number(value), Metric(name)):
                return name, float(value)
        return None

    def test(self, columns: Mapping[str, Floats]) -> Bools:
        """Where it is true, of differences quantised at 1e-9; nowhere without a value."""
        with np.errstate(all="ignore"):
            difference = self._left.floats(columns)[0] - self._right.floats(columns)[0]
            held: Bools = _SIGNS[self._sign](np.floor(difference * 1e9 + 0.5), 0.0)
        return held & ~np.isnan(difference)

    def ranges(
        self, lows: Mapping[str, Floats], highs: Mapping[str, Floats]
    ) -> tuple[Bools, Bools]:
        """Where it is true whatever the metrics are between their lows and highs, and where it may.

        Where a divisor reaches 0 it is not sure; where nothing can be said it may be.
        """
        with np.errstate(all="ignore"):
            left, right = self._left.bounds(lows, highs), self._right.bounds(lows, highs)
            least = np.floor((left[0] - right[1]) * 1e9 + 0.5)
            most = np.floor((left[1] - right[0]) * 1e9 + 0.5)
            doubt = np.isnan(least) | np.isnan(most)
            for part in (*self._left.divisors(), *self._right.divisors()):
                low, high = part.bounds(lows, highs)
                doubt = doubt | ((low <= 0) & (high >= 0))
        surely, maybe = _possible(self._sign, least, most)
        return surely & ~doubt, maybe | doubt

    def holds(self, values: Mapping[str, Decimal]) -> bool:
        """Whether it is true, exactly; with a zero divisor it is not.

        Raises FormulaError for a value that is absent, not finite or beyond any count.
        """
        fractions = {name: _fraction(name, values) for name in sorted(self.metrics)}
        try:
            left, right = self._left.exact(fractions), self._right.exact(fractions)
        except ZeroDivisionError:
            return False
        return _HOLDS[self._sign](left, right)


def _possible(sign: str, least: Floats, most: Floats) -> tuple[Bools, Bools]:
    """Whether a difference between these two is surely, and maybe, on that side of 0."""
    at_both = _SIGNS[sign](least, 0.0), _SIGNS[sign](most, 0.0)
    passes = (least < 0) & (most > 0)
    if sign == "==":
        return at_both[0] & at_both[1], (least <= 0) & (most >= 0)
    if sign == "!=":
        return at_both[0] & at_both[1] & ~passes, at_both[0] | at_both[1]
    return at_both[0] & at_both[1], at_both[0] | at_both[1]


def _fraction(name: str, values: Mapping[str, Decimal]) -> Fraction:
    value = values.get(name)
    if value is None:
        raise FormulaError(f"no value for {name}")
    if not value.is_finite() or (value and abs(value.adjusted()) > EXPONENT_MAX):
        raise FormulaError(f"{name} is {value}: no number to compute with")
    return Fraction(value)


_HOLDS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}
_SIGNS: Mapping[str, Callable[[Floats, float], Bools]] = {
    "<=": np.less_equal,
    "<": np.less,
    ">=": np.greater_equal,
    ">": np.greater,
    "==": np.equal,
    "!=": np.not_equal,
}
