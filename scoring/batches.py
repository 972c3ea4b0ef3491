"""Rules of one kind side by side: many indicators, many agencies, one pass.

`at` says which of the batch's rules each value belongs to, and must broadcast with the values:
a column of indices for whole rows, or one index a value. What is said of a NaN means nothing.

`ends` gives the least and the greatest share, 2 × values, while each ranges between two: the first
row of `values` and the second. It looks at both ends and, where a rule may turn between them, at
every break point inside: between two neighbouring break points all shares lie between those at the
two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.model import Floats, Rule
from scoring.rules import AtMost, Knots, Levels, Parts, Piecewise, Steps, ToTarget

Indices = NDArray[np.intp]
# Values that are equal as decimals may differ in their last bits as floats.
HALF_NANO = 5e-10


class Batch(Protocol):
    def share(self, at: Indices, value: Floats, target: Floats, /) -> Floats: ...

    def ends(self, at: Indices, values: Floats, target: Floats, /) -> Floats: ...


def batches(rules: Sequence[Rule]) -> tuple[tuple[Indices, Batch], ...]:
    """Every rule but `Parts` in one batch of its kind, with its place in the sequence."""
    kinds: dict[type[Batch], list[int]] = {}
    for index, rule in enumerate(rules):
        if not isinstance(rule, Parts):
            kinds.setdefault(_kind(rule), []).append(index)
    return tuple(
        (np.array(places, dtype=np.intp), _batch(kind, [rules[place] for place in places]))
        for kind, places in kinds.items()
    )


def share_of(rule: Rule, value: Floats, target: Floats) -> Floats:
    """One rule on values, each with its target; NaN for NaN."""
    ((places, batch),) = batches([rule])
    with np.errstate(all="ignore"):
        return np.where(np.isnan(value), np.nan, batch.share(places, value, target))


def _kind(rule: Rule) -> type[Batch]:
    match rule:
        case ToTarget():
            return Quotients
        case AtMost():
            return Ceilings
        case Piecewise():
            return Lines
        case _:
            return Tables


def _batch(kind: type[Batch], rules: Sequence[Rule]) -> Batch:
    if kind is Quotients:
        return Quotients()
    if kind is Ceilings:
        ends = [rule.none_at for rule in rules if isinstance(rule, AtMost)]
        return Ceilings(np.array([np.nan if end is None else end for end in ends]))
    if kind is Lines:
        return _lines([rule.knots for rule in rules if isinstance(rule, Piecewise)])
    return _tables([_table(rule) for rule in rules])


@dataclass(frozen=True)
class Quotients:
    """`ToTarget`."""

    def share(self, _at: Indices, value: Floats, target: Floats) -> Floats:
        # A tiny target may overflow the quotient, which is then cut to 1 like any other; a target
        # of 0 can only be that of an agency without the duty. There is no -0.
        share = value / target
        np.maximum(share, 0.0, out=share)
        np.minimum(share, 1.0, out=share)
        share += 0.0
        return share

    def ends(self, at: Indices, values: Floats, target: Floats) -> Floats:
        return self.share(at, values, target)


@dataclass(frozen=True)
class Ceilings:
    """`AtMost`: where each ends, NaN for those that fall with 1 / value."""

    none_at: Floats

    def share(self, at: Indices, value: Floats, target: Floats) -> Floats:
        none_at = self.none_at[at]
        falling = np.where(
            np.isnan(none_at), target / value, (none_at - value) / (none_at - target)
        )
        return np.where(value < target + HALF_NANO, 1.0, np.clip(falling, 0.0, 1.0))

    def ends(self, at: Indices, values: Floats, target: Floats) -> Floats:
        return self.share(at, values[::-1], target)


@dataclass(frozen=True)
class Tables:
    """`Steps`, `YesNo` and `Levels`: the share of the greatest start that the value reaches.

    A start is reached from half a unit of quantising before it. The first row of `starts` has the
    first start of every rule, the second the second, and so on; what is left is infinite.
    A place among the starts of a rule is how many are reached: each has its share, and from one to
    another there are a least and a greatest, the `extremes`.
    """

    starts: Floats
    shares: Floats  # rules × places, in one row
    extremes: Floats  # 2 × rules × places × places, in two rows

    def share(self, at: Indices, value: Floats, target: Floats) -> Floats:  # noqa: ARG002  steps have their own
        return self.shares.take(at * self._places + self._reached(at, value))

    def ends(self, at: Indices, values: Floats, target: Floats) -> Floats:  # noqa: ARG002  as above
        first, last = self._reached(at[np.newaxis], values)
        between = (at * self._places + first) * self._places + last
        extremes: Floats = self.extremes.take(between, axis=1)
        return extremes

    @property
    def _places(self) -> int:
        return len(self.starts) + 1

    def _reached(self, at: Indices, value: Floats) -> NDArray[np.int16]:
        passed = value >= self.starts.take(at, axis=1)
        reached: NDArray[np.int16] = np.add.reduce(passed, dtype=np.int16)
        return reached


@dataclass(frozen=True)
class Lines:
    """`Piecewise`: rows are filled up with the last knot again, which adds nothing."""

    values: Floats
    shares: Floats

    def share(self, at: Indices, value: Floats, target: Floats) -> Floats:  # noqa: ARG002  knots have their own
        share: Floats = self.shares[at, 0] + np.zeros_like(value)
        for column in range(1, self.values.shape[1]):
            left, right = self.values[at, column - 1], self.values[at, column]
            start, end = self.shares[at, column - 1], self.shares[at, column]
            part = (value - left) / (right - left)
            # On the way from one knot to the next a share never leaves the two.
            between = np.clip(
                start + part * (end - start), np.minimum(start, end), np.maximum(start, end)
            )
            share = np.where(value >= right, end, np.where(value > left, between, share))
        return share

    def ends(self, at: Indices, values: Floats, target: Floats) -> Floats:
        (low, high), sides = values, self.share(at, values, target)
        least, most = sides.min(axis=0), sides.max(axis=0)
        for column in range(self.values.shape[1]):
            knot, share = self.values[at, column], self.shares[at, column]
            inside = (low < knot) & (knot < high)
            least = np.where(inside, np.minimum(least, share), least)
            most = np.where(inside, np.maximum(most, share), most)
        return np.array([least, most])


def _table(rule: Rule) -> Knots:
    """Starts and the share from each on; the share of a step is the best up to there."""
    match rule:
        case Steps(steps, most):
            worth = [(start, min(points / most, 1.0) if most else 0.0) for start, points in steps]
            return tuple((s, max(w for t, w in worth if t <= s)) for s, _ in sorted(worth))
        case Levels(levels):
            return tuple(sorted(levels))
        case _:
            return ((1.0, 1.0),)


def _tables(rows: Sequence[Knots]) -> Tables:
    width = max(len(row) for row in rows)
    starts = np.full((len(rows), width), np.inf)
    shares = np.zeros((len(rows), width + 1))
    for index, row in enumerate(rows):
        starts[index, : len(row)] = [start - HALF_NANO for start, _ in row]
        shares[index, 1 : len(row) + 1] = [share for _, share in row]
    extremes = np.array([_along(np.minimum, shares), _along(np.maximum, shares)])
    return Tables(np.ascontiguousarray(starts.T), shares.reshape(-1), extremes.reshape(2, -1))


def _along(extreme: np.ufunc, shares: Floats) -> Floats:
    """Rules × from × to; where the one lies behind the other it means nothing."""
    found = np.zeros((*shares.shape, shares.shape[1]))
    for start in range(shares.shape[1]):
        found[:, start, start:] = extreme.accumulate(shares[:, start:], axis=1)
    return found


def _lines(rows: Sequence[Knots]) -> Lines:
    width = max(len(row) for row in rows)
    full = np.array([[*row, *[row[-1]] * (width - len(row))] for row in rows], dtype=np.float64)
    return Lines(full[:, :, 0], full[:, :, 1])
