"""Pictures as SVG, pure functions of points: text keeps its size, styles are classes.

An outer picture without a view box holds text and dots, placed in per cent of the width; an inner
one, stretched to it, holds the paths.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from collector.web.views.plot import HEIGHT, PLOT, TOP, WIDTH, Axis, Frame, Point

_BOTTOM = TOP + PLOT
_LABELS_APART = 17
_SPARK_WIDTH, _SPARK_HEIGHT, _SPARK_PAD = 96, 24, 4
_SPARK_SPAN_MIN = 2.0


@dataclass(frozen=True, slots=True)
class Captions:
    """`ticks` label the first, the middle and the last moment; `axis` the grid, lowest first."""

    title: str
    desc: str
    last: str
    gap: str
    ticks: tuple[str, str, str]
    mark: str | None = None


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
    draw = Frame(points, axis)
    runs = draw.runs()
    inner = Markup("").join(
        [
            _path("grid", "".join(f"M0 {draw.y(line)}H{WIDTH}" for line in axis.lines)),
            *(
                Markup('<rect class="gap" x="{}" y="{}" width="{}" height="{}"/>').format(
                    start, TOP, end - start, PLOT
                )
                for start, end in draw.gaps()
            ),
            _path("bounds", "".join(draw.area(run) for run in runs)),
            _path("line", "".join(draw.line(run) for run in runs)),
            _path("target", "" if mark is None else f"M0 {draw.y(mark)}H{WIDTH}"),
        ]
    )
    return Markup(
        '<svg class="trend" width="100%" height="{h}" role="img" aria-labelledby="{id}-t {id}-d">'
        '<title id="{id}-t">{title}</title><desc id="{id}-d">{desc}</desc>'
        '<svg width="100%" height="{h}" viewBox="0 0 {w} {h}" preserveAspectRatio="none">{inner}'
        "</svg>{outer}</svg>"
    ).format(
        h=HEIGHT,
        w=WIDTH,
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
    frame = Frame(
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


def _path(name: str, data: str) -> Markup:
    if not data:
        return Markup("")
    return Markup('<path class="{}" d="{}"/>').format(name, data)


def _outer(
    draw: Frame,
    runs: Sequence[Sequence[Point]],
    grid: Sequence[str],
    captions: Captions,
    mark: float | None,
    *,
    hollow: bool,
) -> Markup:
    parts = [
        _text("grid-word", "-6", draw.y(line) + 4, word)
        for line, word in zip(draw.axis.lines, grid, strict=True)
    ]
    for word, place in zip(captions.ticks, ("first", "middle", "last"), strict=True):
        at = {"first": "0%", "middle": "50%", "last": "100%"}[place]
        parts.append(_text(f"tick {place}", at, HEIGHT - 8, word))
    parts += [
        _text("gap-word", _share((start + end) / 2), _BOTTOM - 8, captions.gap)
        for start, end in draw.gaps()
        if end - start >= WIDTH / 10
    ]
    parts += [_dot(draw, run[0], "alone") for run in runs[:-1] if len(run) == 1]
    parts += _last(draw, runs, captions, mark, hollow=hollow)
    return Markup("").join(parts)


def _last(
    draw: Frame,
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


def _dot(draw: Frame, point: Point, name: str) -> Markup:
    return Markup('<circle class="{}" cx="{}" cy="{}" r="4"/>').format(
        name, _share(draw.x(point.x)), draw.y(point.value or 0)
    )


def _text(name: str, x: str, y: float, word: str, *, dx: int = 0) -> Markup:
    shift = Markup(' dx="{}"').format(dx) if dx else Markup("")
    return Markup('<text class="{}" x="{}" y="{}"{}>{}</text>').format(
        name, x, round(y), shift, word
    )


def _share(x: float) -> str:
    return f"{x * 100 / WIDTH:.1f}%"
