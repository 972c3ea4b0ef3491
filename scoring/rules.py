"""Rules: an indicator's value, with its target, becomes a share of its maximum.

A share is between 0 and 1, and NaN for a value that is NaN. Values that are compared, with steps,
levels and conditions, are quantised at 1e-9 first, so that sums that are equal as decimals are
equal here too. What each rule does to many values at once stands in `scoring.batches`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring.formula import Comparison
from scoring.model import Floats

Knots = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class ToTarget:
    """The part of the target that is reached, at most all of it; targets are above 0."""

    @property
    def needs_target(self) -> bool:
        return True


@dataclass(frozen=True)
class AtMost:
    """Lower is better: all up to the target, and above it target / value.

    With `none_at`, which lies above every target, the share falls in a straight line from all at
    the target to nothing there instead. A target may be 0: then nothing but 0 earns anything, or
    the line begins there.
    """

    none_at: float | None = None

    @property
    def needs_target(self) -> bool:
        return True


@dataclass(frozen=True)
class Steps:
    """The points of the best step that the value reaches, out of `points_max`; below all, 0."""

    steps: Knots  # at least → points
    points_max: float

    @property
    def needs_target(self) -> bool:
        return False


@dataclass(frozen=True)
class YesNo:
    """All from 1 on, which is yes, else nothing: a half is no yes."""

    @property
    def needs_target(self) -> bool:
        return False


@dataclass(frozen=True)
class Levels:
    """A state's numbers and the share of each; a number between two counts as the lower one.

    Levels may say that a greater number is worth less.
    """

    levels: Knots  # number → share

    @property
    def needs_target(self) -> bool:
        return False


@dataclass(frozen=True)
class Piecewise:
    """Straight lines between knots, which rise in their values; level before and behind them.

    The shares may rise and fall: best in the middle is a rule too.
    """

    knots: Knots  # value → share

    @property
    def needs_target(self) -> bool:
        return False


@dataclass(frozen=True)
class Parts:
    """Conditions over the metrics of the indicator's value: the shares of those that hold, added.

    At most all of it. A condition under a divisor of 0 does not hold.
    """

    parts: tuple[tuple[Comparison, float], ...]

    @property
    def needs_target(self) -> bool:
        return False

    def share(self, columns: Mapping[str, Floats]) -> Floats:
        """Of the numbers of each metric; those that are not known meet nothing."""
        return _added([np.where(one.test(columns), worth, 0.0) for one, worth in self.parts])

    def ends(
        self, lows: Mapping[str, Floats], highs: Mapping[str, Floats]
    ) -> tuple[Floats, Floats]:
        """The least and greatest share while every metric ranges from its low to its high.

        Conditions that compare one and the same metric with numbers are tried together, at the
        ends of its range and on both sides of those numbers: between them nothing changes. Any
        other condition counts for what it surely is, and for what it may be, on its own: never too
        narrow, and too wide only where such conditions share a metric.
        """
        least, most = [], []
        for name in dict.fromkeys(one.threshold[0] for one, _ in self.parts if one.threshold):
            shares = self._along(name, lows[name], highs[name])
            least.append(np.min(shares, axis=0))
            most.append(np.max(shares, axis=0))
        for one, worth in self.parts:
            if one.threshold is None:
                surely, maybe = one.ranges(lows, highs)
                least.append(np.where(surely, worth, 0.0))
                most.append(np.where(maybe, worth, 0.0))
        return _added(least), _added(most)

    def _along(self, name: str, low: Floats, high: Floats) -> list[Floats]:
        mine = [
            (one, worth) for one, worth in self.parts if one.threshold and one.threshold[0] == name
        ]
        numbers = [one.threshold[1] for one, _ in mine if one.threshold]
        tried = [low, high] + [
            np.clip(x + d, low, high) for x in numbers for d in (-_NANO, 0, _NANO)
        ]
        return [
            _added([np.where(one.test({name: at}), worth, 0.0) for one, worth in mine])
            for at in tried
        ]


def _added(shares: list[Floats]) -> Floats:
    total = shares[0]
    for share in shares[1:]:
        total = total + share
    return np.minimum(total, 1.0)


_NANO = 1e-9
