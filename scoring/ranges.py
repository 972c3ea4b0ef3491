"""The least and greatest value of a formula while its metrics range: how bounds are found.

1. A metric that alone stands behind a division sign ranges from 1: it counts something.
2. Where each metric stands once, interval arithmetic is exact.
3. Where one stands twice, or is a part of another (so never above it), the formula is looked at as
   a quotient of two polynomials. If both are linear, its extremes lie at corners of the region that
   ranges and parts leave, for there a quotient of linear functions has them. If both are linear in
   each metric alone, they lie at corners of the ranges, parts left out of account.
4. Else, and where a divisor may be 0, interval arithmetic stands: never too narrow, maybe too wide.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from scoring.formula import Formula
from scoring.model import Bools, Floats
from scoring.polynomial import is_linear, is_linear_in_each, quotient_of
from scoring.tree import Metric

# Which end of which metric's range a metric is at.
Corner = Mapping[str, tuple[str, bool]]
Ends = tuple[Floats, Floats]
Named = Mapping[str, Floats]

# More corners are not tried.
CORNERS_MAX = 512


@dataclass(frozen=True)
class Ranging:
    """A formula with the corners to try; `ties` are its metrics that are parts of others."""

    formula: Formula
    ties: tuple[tuple[str, str], ...]
    corners: tuple[Corner, ...]

    def extremes(self, lows: Named, highs: Named) -> Ends:
        """One pair a column; NaN where nothing can be said."""
        lows = self._from_one(lows, highs)
        low, high = self.formula.bounds(lows, highs)
        if not self.corners:
            return low, high
        tried = [self._at(corner, lows, highs) for corner in self.corners]
        least = np.fmin.reduce([value for value, _ in tried])
        most = np.fmax.reduce([value for value, _ in tried])
        # A corner without a value, or none at all, says that the method does not hold here.
        sound = ~np.logical_or.reduce([bad for _, bad in tried]) & ~np.isnan(least)
        sound &= ~self._may_divide_by_zero(lows, highs)
        return np.where(sound, least, low), np.where(sound, most, high)

    def _from_one(self, lows: Named, highs: Named) -> Named:
        named = {part.name for part in self.formula.root.divisors() if isinstance(part, Metric)}
        return {
            name: np.where((low <= 0) & (highs[name] >= 0), np.minimum(highs[name], 1.0), low)
            if name in named
            else low
            for name, low in lows.items()
        }

    def _at(self, corner: Corner, lows: Named, highs: Named) -> tuple[Floats, Bools]:
        """The value there, NaN outside the region; and where it is inside without a value."""
        ends = {False: lows, True: highs}
        at = {name: ends[top][of] for name, (of, top) in corner.items()}
        inside = np.logical_and.reduce(
            [(lows[name] <= x) & (x <= highs[name]) for name, x in at.items()]
            + [at[part] <= at[whole] for part, whole in self.ties]
        )
        value, _ = self.formula.evaluate(at)
        return np.where(inside, value, np.nan), inside & np.isnan(value)

    def _may_divide_by_zero(self, lows: Named, highs: Named) -> Bools:
        reaches: Bools = np.zeros((), dtype=np.bool_)
        for part in self.formula.root.divisors():
            low, high = part.bounds(lows, highs)
            reaches = reaches | ~((low > 0) | (high < 0))
        return reaches


def ranging(formula: Formula, ties: Sequence[tuple[str, str]]) -> Ranging:
    """Look at a formula once; `ties` are all pairs of part and whole that are known."""
    own = tuple(pair for pair in ties if formula.metrics.issuperset(pair))
    if not own and not formula.repeats:
        return Ranging(formula, (), ())
    quotient = quotient_of(formula.root)
    if quotient and is_linear(quotient):
        return Ranging(formula, own, tuple(_corners(formula, own)))
    if quotient and is_linear_in_each(quotient):
        return Ranging(formula, (), tuple(_corners(formula, ())))
    return Ranging(formula, (), ())


def _corners(formula: Formula, ties: Sequence[tuple[str, str]]) -> Iterator[Corner]:
    """Each metric at an end of its own range, or of that of one it is tied to, near or far.

    At a corner of such a region every metric equals some end through a chain of ties.
    """
    names = formula.names
    choices = [[(of, top) for of in _tied(name, ties) for top in (False, True)] for name in names]
    if np.prod([len(each) for each in choices], dtype=np.float64) <= CORNERS_MAX:
        for picked in product(*choices):
            yield dict(zip(names, picked, strict=True))


def _tied(name: str, ties: Sequence[tuple[str, str]]) -> list[str]:
    """The metric itself first, then all that it is tied to."""
    found = [name]
    for each in found:
        for pair in ties:
            found += [other for other in pair if each in pair and other not in found]
    return found
