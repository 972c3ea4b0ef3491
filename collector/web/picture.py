"""Pictures as SVG: pure functions of points. Text keeps its size at every width, styles are classes.

An outer picture without a view box holds text and dots, placed in per cent of the width; an inner
one, stretched to it, holds the paths.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

HEIGHT = 220
_TOP, _PLOT = 12, 176
_BOTTOM = _TOP + _PLOT
_WIDTH = 1000
_LABELS_APART = 17
_SPARK_WIDTH, _SPARK_HEIGHT, _SPARK_PAD = 96, 24, 4
_SPARK_SPAN_MIN = 2.0


@dataclass(frozen=True, slots=True)
class Point:
    """`x` is any growing number, such as an instant; a point without a value is a gap."""

    x: int
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Captions:
    """`ticks` label the first, the middle and the last moment; `axis` the grid, lowest first."""

    title: str
    desc: str
    last: str
    gap: str
    ticks: tuple[str, str, str]
    mark: str | None = None


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


def trend(
    points: Sequence[Point],
    axis: Axis,
    grid: Sequence[str],
    captions: Captions,
    *,
    mark: float | None = None,
    hollow: bool = False,
    uid: str = "trend",
) -> Markup:
    """A line with its bounds: `grid` are the words of the axis' lines, `mark` a dashed level.

    The last dot is hollow where the figure is not to be trusted as new.
    """
    draw = _Frame(points, axis)
    runs = draw.runs()
    inner = Markup("").join(
        [
            _path("grid", "".join(f"M0 {draw.y(line)}H{_WIDTH}" for line in axis.lines)),
            *(
                Markup('<rect class="gap" x="{}" y="{}" width="{}" height="{}"/>').format(
                    start, _TOP, end - start, _PLOT
                )
                for start, end in draw.gaps()
            ),
            _path("bounds", "".join(draw.area(run) for run in runs)),
            _path("line", "".join(draw.line(run) for run in runs)),
            _path("target", "" if mark is None else f"M0 {draw.y(mark)}H{_WIDTH}"),
        ]
    )
    return Markup(
        '<svg class="trend" width="100%" height="{h}" role="img" aria-labelledby="{id}-t {id}-d">'
        '<title id="{id}-t">{title}</title><desc id="{id}-d">{desc}</desc>'
        '<svg width="100%" height="{h}" viewBox="0 0 {w} {h}" preserveAspectRatio="none">{inner}'
        "</svg>{outer}</svg>"
    ).format(
        h=HEIGHT,
        w=_WIDTH,
        id=uid,
        title=captions.title,
        desc=captions.desc,
        inner=inner,
        outer=_outer(draw, runs, grid, captions, mark, hollow=hollow),
    )


def spark(points: Sequence[Point], label: str) -> Markup:
    """A small line on its own scale, of two points of score at least; empty for a single moment."""
    values = [point.value for point in points if point.value is not None]
    if len(points) <= 1 or not values:
        return Markup("")
    middle, span = (max(values) + min(values)) / 2, max(values) - min(values)
    half = max(span, _SPARK_SPAN_MIN) / 2
    frame = _Frame(
        points,
        Axis(middle - half, middle + half, ()),
        width=_SPARK_WIDTH - 2 * _SPARK_PAD,
        top=_SPARK_PAD,
        plot=_SPARK_HEIGHT - 2 * _SPARK_PAD,
        left=_SPARK_PAD,
    )
    last = points[-1]
    dot = (
        Markup("")
        if last.value is None
        else Markup('<circle cx="{}" cy="{}" r="2.5"/>').format(
            frame.x(last.x), frame.y(last.value)
        )
    )
    return Markup(
        '<svg class="spark" width="{}" height="{}" role="img" aria-label="{}">{}{}</svg>'
    ).format(
        _SPARK_WIDTH,
        _SPARK_HEIGHT,
        label,
        _path("line", "".join(frame.line(run) for run in frame.runs())),
        dot,
    )


def _least(point: Point) -> float | None:
    return point.value if point.low is None else point.low


def _axis(low: float, high: float, steps: int) -> Axis:
    return Axis(low, high, tuple(low + (high - low) * step / steps for step in range(steps + 1)))


class _Frame:
    """Where points lie: x and y in whole units of the inner picture."""

    def __init__(
        self,
        points: Sequence[Point],
        axis: Axis,
        *,
        width: int = _WIDTH,
        top: int = _TOP,
        plot: int = _PLOT,
        left: int = 0,
    ) -> None:
        self._points = points
        self._axis = axis
        self._width, self._top, self._plot, self._left = width, top, plot, left
        self._first = points[0].x if points else 0
        self._span = max(1, points[-1].x - self._first) if points else 1

    def x(self, at: int) -> int:
        return self._left + round((at - self._first) * self._width / self._span)

    def y(self, value: float) -> int:
        axis = self._axis
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


def _path(name: str, data: str) -> Markup:
    if not data:
        return Markup("")
    return Markup('<path class="{}" d="{}"/>').format(name, data)


def _outer(
    draw: _Frame,
    runs: Sequence[Sequence[Point]],
    grid: Sequence[str],
    captions: Captions,
    mark: float | None,
    *,
    hollow: bool,
) -> Markup:
    parts = [
        _text("grid-word", "-6", draw.y(line) + 4, word)
        for line, word in zip(draw._axis.lines, grid, strict=True)  # noqa: SLF001  its own module
    ]
    for word, place in zip(captions.ticks, ("first", "middle", "last"), strict=True):
        at = {"first": "0%", "middle": "50%", "last": "100%"}[place]
        parts.append(_text(f"tick {place}", at, HEIGHT - 8, word))
    parts += [
        _text("gap-word", _share((start + end) / 2), _BOTTOM - 8, captions.gap)
        for start, end in draw.gaps()
        if end - start >= _WIDTH / 10
    ]
    parts += [_dot(draw, run[0], "alone") for run in runs[:-1] if len(run) == 1]
    parts += _last(draw, runs, captions, mark, hollow=hollow)
    return Markup("").join(parts)


def _last(
    draw: _Frame,
    runs: Sequence[Sequence[Point]],
    captions: Captions,
    mark: float | None,
    *,
    hollow: bool,
) -> list[Markup]:
    """The last dot with its value, and the level's word, never on top of each other."""
    parts: list[Markup] = []
    taken: float | None = None
    if runs:
        last = runs[-1][-1]
        parts.append(_dot(draw, last, "last hollow" if hollow else "last"))
        taken = draw.y(last.value or 0)
        parts.append(_text("last-word", "100%", taken + 4, captions.last, dx=8))
    if mark is not None and captions.mark is not None:
        at = float(draw.y(mark))
        if taken is not None and abs(at - taken) < _LABELS_APART:
            at = taken - _LABELS_APART if at <= taken else taken + _LABELS_APART
        parts.append(_text("target-word", "100%", round(at) + 4, captions.mark, dx=8))
    return parts


def _dot(draw: _Frame, point: Point, name: str) -> Markup:
    return Markup('<circle class="{}" cx="{}" cy="{}" r="4"/>').format(
        name, _share(draw.x(point.x)), draw.y(point.value or 0)
    )


def _text(name: str, x: str, y: float, word: str, *, dx: int = 0) -> Markup:
    shift = Markup(' dx="{}"').format(dx) if dx else Markup("")
    return Markup('<text class="{}" x="{}" y="{}"{}>{}</text>').format(
        name, x, round(y), shift, escape(word)
    )


def _share(x: float) -> str:
    return f"{x * 100 / _WIDTH:.1f}%"
