"""Where floats end and decimals begin: quantised at 1e-9, then rounded half up to what is shown.

Sums that are equal as decimals differ in their last bits as floats; at 1e-9 they are equal again.
Ranks compare quantised figures, bands and people see the rounded ones.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
from numpy.typing import NDArray

from scoring.model import Band, Floats

_NANO = Decimal("1e-9")
_DIGITS = 9
# So few scores are looked up one by one.
_FEW = 4
# Below all bands, and still a figure that fits.
_LOWEST = -8e9
# Wide enough for the greatest float with nine decimals.
_WIDE = Context(prec=330, rounding=ROUND_HALF_UP)


def quantised(x: float) -> Decimal:
    """A finite float to nine decimals, half up (away from zero); never -0."""
    return _WIDE.add(Decimal(x).quantize(_NANO, context=_WIDE), 0)


def shown(x: float, digits: int) -> Decimal:
    """A finite float as people see it: quantised, then half up to `digits` (0 to 9) decimals."""
    return _WIDE.add(quantised(x).quantize(Decimal(1).scaleb(-digits), context=_WIDE), 0)


class BandTable:
    """Where bands begin on shown scores: a table to look many scores up in at once."""

    def __init__(self, bands: Iterable[Band], digits: int) -> None:
        # Of two that begin at the same score the first one holds.
        rising = sorted(enumerate(bands), key=lambda each: (each[1].start, -each[0]))
        starts = [Decimal(str(band.start)).scaleb(digits, _WIDE) for _, band in rising]
        self._first = [math.ceil(start) for start in starts]
        self._starts = np.array(self._first, dtype=np.int64)
        self._digits = digits
        self._step = 10.0**-digits
        self._numbers = [start * self._step for start in self._first]
        self._names = (None, *(band.id for _, band in rising))
        self._unit = 10 ** (_DIGITS - digits)

    def of(self, score: float) -> str | None:
        """The band with the greatest start that the shown score reaches; None below them all."""
        if math.isnan(score):
            return None
        # Rounding leads to the next unit at most: it decides only near a start.
        place = bisect_right(self._numbers, score - self._step)
        if place == bisect_right(self._numbers, score + self._step):
            return self._names[place]
        units = int(_WIDE.scaleb(shown(score, self._digits), self._digits))
        return self._names[bisect_right(self._first, units)]

    def of_all(self, scores: Floats) -> tuple[str | None, ...]:
        """One each; None for NaN too."""
        if scores.size <= _FEW:
            return tuple(self.of(score) for score in scores.tolist())
        units = nanos(np.where(np.isnan(scores), _LOWEST, scores))
        # Half up, away from zero, as decimals are.
        shown_ = np.sign(units) * ((np.abs(units) + self._unit // 2) // self._unit)
        reached = np.searchsorted(self._starts, shown_, side="right")
        return tuple(self._names[place] for place in reached.tolist())


def nanos(values: Floats) -> NDArray[np.int64]:
    """`quantised` for a whole array, in units of 1e-9; finite figures within ±9e9 only."""
    product = values * 1e9
    whole = np.rint(product)
    units: NDArray[np.int64] = whole.astype(np.int64)
    # The product is off by half a unit in its last place at most: only such ties go the slow way.
    whole -= product
    unsure = 0.5 - np.abs(whole, out=whole) <= np.abs(product) * 2.0**-52
    if np.count_nonzero(unsure):
        for index in np.flatnonzero(unsure):
            units.flat[index] = int(_WIDE.scaleb(quantised(float(values.flat[index])), 9))
    return units
