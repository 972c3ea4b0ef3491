"""Where the points of a picture lie: an axis, runs between gaps, and paths in whole units."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 220
WIDTH = 1000
TOP, PLOT = 12, 176


@dataclass(frozen=True, slots=True)
class Point:
    """`x` is any growing number, such as an instant; a point without a value is a gap."""

    x: int
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    low: float
    high: float
    lines: tuple[float, ...]


def axis_of(points: Sequence[Point], top: float) -> Axis:
    """From a round number below all values up to the scale's end, with four to six grid lines."""
    least = min((low for point in points if (low := _least(point)) is not None), default=0.0)
    for share, steps in ((0.8, 4), (0.6, 4), (0.4, 3), (0.2, 4)):
        if least >= share * top:
            return _axis(share * top, top, steps)
    return _axis(0.0, top, 5)


class Frame:
    """Where points lie: x and y in whole units of the inner picture."""

    def __init__(
        self,
        points: Sequence[Point],
        axis: Axis,
        *,
        width: int = WIDTH,
        top: int = TOP,
        plot: int = PLOT,
        left: int = 0,
    ) -> None:
        self._points = points
        self.axis = axis
        self._width, self._top, self._plot, self._left = width, top, plot, left
        self._first = points[0].x if points else 0
        self._span = max(1, points[-1].x - self._first) if points else 1

    def x(self, at: int) -> int:
        return self._left + round((at - self._first) * self._width / self._span)

    def y(self, value: float) -> int:
        axis = self.axis
        share = (value - axis.low) / ((axis.high - axis.low) or 1)
        return self._top + round((1 - min(1.0, max(0.0, share))) * self._plot)

    def runs(self) -> list[list[Point]]:
        """Points that follow each other without a gap."""
        runs: list[list[Point]] = [[]]
        for point in self._points:
            if point.value is None:
                runs.append([])
            else:
                runs[-1].append(point)
        return [run for run in runs if run]

    def gaps(self) -> list[tuple[int, int]]:
        """From the last point before a gap to the first behind it."""
        gaps: list[tuple[int, int]] = []
        start: int | None = None
        before = self._first
        for point in self._points:
            if point.value is None:
                start = before if start is None else start
            elif start is not None:
                gaps.append((self.x(start), self.x(point.x)))
                start = None
            before = point.x
        if start is not None:
            gaps.append((self.x(start), self.x(before)))
        return [(left, right) for left, right in gaps if right > left]

    def line(self, run: Sequence[Point]) -> str:
        places = [(self.x(one.x), self.y(one.value)) for one in run if one.value is not None]
        return "M" + "L".join(f"{x} {y}" for x, y in places) if len(places) > 1 else ""

    def area(self, run: Sequence[Point]) -> str:
        """The bounds' outline: along the highs and back along the lows."""
        known = [one for one in run if one.low is not None and one.high is not None]
        if len(known) <= 1 or all(one.low == one.high for one in known):
            return ""
        highs = [f"{self.x(one.x)} {self.y(one.high or 0)}" for one in known]
        lows = [f"{self.x(one.x)} {self.y(one.low or 0)}" for one in reversed(known)]
        return "M" + "L".join(highs + lows) + "Z"


def _least(point: Point) -> float | None:
    return point.value if point.low is None else point.low


def _axis(low: float, high: float, steps: int) -> Axis:
    return Axis(low, high, tuple(low + (high - low) * step / steps for step in range(steps + 1)))
