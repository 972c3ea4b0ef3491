"""Rules: an indicator's value, with its target, becomes a share of its maximum.

A share is between 0 and 1, never falls as the value grows, and is NaN for a value that is NaN.
"""

from dataclasses import dataclass

import numpy as np

from scoring.model import Floats


@dataclass(frozen=True)
class ToTarget:
    """The part of the target that is reached, at most all of it; targets are above 0."""

    def share(self, value: Floats, target: Floats) -> Floats:
        # A tiny target may overflow the quotient, which is then cut to 1 like any other; a target
        # of 0 can only be that of an agency without the duty.
        with np.errstate(all="ignore"):
            return np.clip(value / target, 0.0, 1.0)


@dataclass(frozen=True)
class Steps:
    """The points of the best step that the value reaches, out of `points_max`; below all, 0.

    Steps are (at least, points). They are reached on values quantised at 1e-9, so that a sum that
    equals a step as decimals reaches it.
    """

    steps: tuple[tuple[float, float], ...]
    points_max: float

    def share(self, value: Floats, target: Floats) -> Floats:  # noqa: ARG002  steps have their own
        share = np.where(np.isnan(value), np.nan, 0.0)
        for start, points in self.steps:
            worth = min(points / self.points_max, 1.0) if self.points_max else 0.0
            share = np.where(value >= start - _HALF_NANO, np.maximum(share, worth), share)
        return share


@dataclass(frozen=True)
class YesNo:
    """All from 1 on, which is yes, else nothing: a half is no yes."""

    def share(self, value: Floats, target: Floats) -> Floats:  # noqa: ARG002  yes needs no target
        share = np.where(value >= 1.0 - _HALF_NANO, 1.0, 0.0)
        return np.where(np.isnan(value), np.nan, share)


# Values that are equal as decimals may differ in their last bits as floats.
_HALF_NANO = 5e-10
