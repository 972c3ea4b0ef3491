"""The nodes of a parsed formula, worked out on arrays, on fractions and on intervals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Interval = tuple[Floats, Floats]
Sign = Literal["+", "-", "*", "/", "min", "max"]


class FormulaError(ValueError):
    """The text is no formula, or a value cannot be put into it; the message says where and why."""


class Node(Protocol):
    def floats(self, columns: Mapping[str, Floats], /) -> tuple[Floats, Bools]:
        """The value, NaN under a zero divisor, and where a divisor was zero."""

    def exact(self, values: Mapping[str, Fraction], /) -> Fraction:
        """The value to the last digit; ZeroDivisionError under a zero divisor."""

    def bounds(self, lows: Mapping[str, Floats], highs: Mapping[str, Floats], /) -> Interval:
        """The least and greatest value while each metric ranges from its low to its high."""

    def names(self) -> frozenset[str]: ...

    def divisors(self) -> tuple["Node", ...]:
        """Whatever stands behind a division sign, plain numbers left out."""


@dataclass(frozen=True)
class Number:
    value: Decimal

    def floats(self, _columns: Mapping[str, Floats]) -> tuple[Floats, Bools]:
        return np.asarray(float(self.value)), np.asarray(False)

    def exact(self, _values: Mapping[str, Fraction]) -> Fraction:
        return Fraction(self.value)

    def bounds(self, _lows: Mapping[str, Floats], _highs: Mapping[str, Floats]) -> Interval:
        value = np.asarray(float(self.value))
        return value, value

    def names(self) -> frozenset[str]:
        return frozenset()

    def divisors(self) -> tuple[Node, ...]:
        return ()


@dataclass(frozen=True)
class Metric:
    name: str

    def floats(self, columns: Mapping[str, Floats]) -> tuple[Floats, Bools]:
        column = columns[self.name]
        return column, np.zeros(column.shape, dtype=np.bool_)

    def exact(self, values: Mapping[str, Fraction]) -> Fraction:
        return values[self.name]

    def bounds(self, lows: Mapping[str, Floats], highs: Mapping[str, Floats]) -> Interval:
        return lows[self.name], highs[self.name]

    def names(self) -> frozenset[str]:
        return frozenset({self.name})

    def divisors(self) -> tuple[Node, ...]:
        return ()


@dataclass(frozen=True)
class Negative:
    part: Node

    def floats(self, columns: Mapping[str, Floats]) -> tuple[Floats, Bools]:
        value, zero = self.part.floats(columns)
        return np.negative(value), zero

    def exact(self, values: Mapping[str, Fraction]) -> Fraction:
        return -self.part.exact(values)

    def bounds(self, lows: Mapping[str, Floats], highs: Mapping[str, Floats]) -> Interval:
        low, high = self.part.bounds(lows, highs)
        return np.negative(high), np.negative(low)

    def names(self) -> frozenset[str]:
        return self.part.names()

    def divisors(self) -> tuple[Node, ...]:
        return self.part.divisors()


@dataclass(frozen=True)
class Fold:
    """One sign between two or more parts, from left to right; `sum` is `+`."""

    sign: Sign
    parts: tuple[Node, ...]

    def floats(self, columns: Mapping[str, Floats]) -> tuple[Floats, Bools]:
        sides = [part.floats(columns) for part in self.parts]
        zero = reduce(np.logical_or, [mask for _, mask in sides])
        if self.sign == "/":
            for divisor, _ in sides[1:]:
                zero = zero | (divisor == 0)
        return reduce(_FLOATS[self.sign], [value for value, _ in sides]), zero

    def exact(self, values: Mapping[str, Fraction]) -> Fraction:
        return reduce(_EXACT[self.sign], [part.exact(values) for part in self.parts])

    def bounds(self, lows: Mapping[str, Floats], highs: Mapping[str, Floats]) -> Interval:
        found = self.parts[0].bounds(lows, highs)
        for part in self.parts[1:]:
            # A count that is not 0 is at least 1; what is worked out may be any part of one.
            worked_out = self.sign == "/" and not isinstance(part, Metric)
            ends = _any_ratio_ends if worked_out else _INTERVALS[self.sign]
            found = ends(found, part.bounds(lows, highs))
        return found

    def names(self) -> frozenset[str]:
        return frozenset().union(*(part.names() for part in self.parts))

    def divisors(self) -> tuple[Node, ...]:
        below = self.parts[1:] if self.sign == "/" else ()
        own = tuple(part for part in below if not isinstance(part, Number))
        return own + tuple(one for part in self.parts for one in part.divisors())


def _any_ratio_ends(left: Interval, right: Interval) -> Interval:
    """A divisor that reaches 0 from one side leaves one end open, from both sides both."""
    low, high = right
    ends = _ends([_at_edge(a, b) for a in left for b in (low + 0.0, high)])
    nothing = np.where((low == 0) & (high == 0), np.nan, 0.0)
    below = (low < 0) & (high >= 0)
    return (
        nothing + np.where(below, -np.inf, ends[0]),
        nothing + np.where(below, np.inf, ends[1]),
    )


def _at_edge(a: Floats, b: Floats) -> Floats:
    """A quotient next to a divisor of 0: beyond all numbers, or 0 of nothing."""
    return np.where((a == 0) & (b == 0), 0.0, np.divide(a, b))


def ratio_ends(left: Interval, right: Interval) -> Interval:
    """A divisor whose range reaches 0 ranges from 1, or from its high if that is less."""
    low, high = right
    low = np.where((low <= 0) & (high >= 0), np.minimum(high, 1.0), low)
    # Now the low is 0 only where the high is.
    high = np.where(high == 0, np.nan, high)
    return _ends([np.divide(a, b) for a in left for b in (low, high)])


def _quotient(left: Floats, right: Floats) -> Floats:
    return np.divide(left, np.where(right == 0, np.nan, right))


def _sum(left: Interval, right: Interval) -> Interval:
    return np.add(left[0], right[0]), np.add(left[1], right[1])


def _difference(left: Interval, right: Interval) -> Interval:
    return np.subtract(left[0], right[1]), np.subtract(left[1], right[0])


def _product(left: Interval, right: Interval) -> Interval:
    return _ends([np.multiply(a, b) for a in left for b in right])


def _ends(corners: list[Floats]) -> Interval:
    return reduce(np.minimum, corners), reduce(np.maximum, corners)


def _least(left: Interval, right: Interval) -> Interval:
    return np.minimum(left[0], right[0]), np.minimum(left[1], right[1])


def _greatest(left: Interval, right: Interval) -> Interval:
    return np.maximum(left[0], right[0]), np.maximum(left[1], right[1])


_FLOATS: Mapping[Sign, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": _quotient,
    "min": np.minimum,
    "max": np.maximum,
}
_EXACT: Mapping[Sign, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "min": min,
    "max": max,
}
_INTERVALS: Mapping[Sign, Callable[[Interval, Interval], Interval]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": ratio_ends,
    "min": _least,
    "max": _greatest,
}
