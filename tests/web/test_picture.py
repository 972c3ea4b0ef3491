import re
from xml.etree import ElementTree as ET

import pytest

from collector.web.views.picture import Captions, spark, trend
from collector.web.views.plot import HEIGHT, PLOT, TOP, WIDTH, Axis, Point, axis_of

CAPTIONS = Captions(
    title="Score <&>", desc="From here to there", last="74,80", gap="none",
    ticks=("a", "b", "c"), mark="Good",
)  # fmt: skip


def _points(*values: float | None) -> list[Point]:
    return [Point(index * 10, value) for index, value in enumerate(values)]


def _draw(points: list[Point], mark: float | None = 85.0, *, hollow: bool = False) -> str:
    axis = axis_of(points, 100)
    grid = [f"{line:g}" for line in axis.lines]
    return str(trend(points, axis, grid, CAPTIONS, mark=mark, hollow=hollow))


def _line(svg: str, name: str = "line") -> str:
    found = re.search(rf'class="{name}" d="([^"]*)"', svg)
    return found[1] if found else ""


def _read_back(path: str, axis: Axis) -> list[tuple[float, float]]:
    pairs = re.findall(r"(\d+) (\d+)", path)
    scale = (axis.high - axis.low) / PLOT
    return [(int(x) / WIDTH, axis.high - (int(y) - TOP) * scale) for x, y in pairs]


def test_the_points_can_be_read_back_from_the_line() -> None:
    values = [61.5, 64.25, 63.0, 70.0, 74.8]
    points = _points(*values)
    axis = axis_of(points, 100)

    found = _read_back(_line(_draw(points)), axis)

    assert [x for x, _ in found] == pytest.approx([0, 0.25, 0.5, 0.75, 1], abs=0.001)
    assert [y for _, y in found] == pytest.approx(values, abs=(axis.high - axis.low) / PLOT)


@pytest.mark.parametrize(
    ("values", "runs"),
    [
        ((70.0, 71.0, 72.0), 1),
        ((70.0, 71.0, None, 72.0, 73.0), 2),
        ((None, 71.0, 72.0), 1),
        ((70.0, 71.0, None), 1),
        ((None, None), 0),
        ((70.0,), 0),
        ((70.0, 70.0), 1),
    ],
)
def test_a_missing_point_breaks_the_line(values: tuple[float | None, ...], runs: int) -> None:
    assert _line(_draw(_points(*values))).count("M") == runs


def test_a_gap_is_shaded_and_named_and_a_lone_point_is_a_dot() -> None:
    svg = _draw(_points(69, 70, None, 71, None, None, 72, 73))

    assert svg.count('class="gap"') == 2
    assert ">none</text>" in svg
    assert svg.count('class="alone"') == 1


def test_the_bounds_enclose_the_line_only_where_they_differ() -> None:
    wide = [Point(0, 70.0, 60.0, 80.0), Point(10, 72.0, 65.0, 79.0)]
    narrow = [Point(0, 70.0, 70.0, 70.0), Point(10, 72.0, 72.0, 72.0)]

    outline = _line(_draw(wide), "bounds")

    assert outline.endswith("Z")
    axis = axis_of(wide, 100)
    ys = [y for _, y in _read_back(outline, axis)]
    assert ys == pytest.approx([80, 79, 65, 60], abs=(axis.high - axis.low) / PLOT)
    assert not _line(_draw(narrow), "bounds")


@pytest.mark.parametrize(
    ("least", "low"), [(0.0, 0), (19.9, 0), (20.0, 20), (59.9, 40), (61.0, 60), (95.0, 80)]
)
def test_the_axis_begins_at_a_round_number_below_all_values(least: float, low: float) -> None:
    axis = axis_of([Point(0, 99.0, least, 99.5)], 100)

    assert (axis.low, axis.high) == (low, 100)
    assert 4 <= len(axis.lines) <= 6


def test_the_last_value_and_the_levels_name_never_lie_on_each_other() -> None:
    for value in (84.0, 85.0, 85.5, 86.0):
        svg = _draw(_points(80, value))
        places = [
            int(y)
            for name in ("last-word", "target-word")
            for y in re.findall(rf'class="{name}" x="100%" y="(\d+)"', svg)
        ]
        assert len(places) == 2
        assert abs(places[0] - places[1]) >= 17


def test_the_last_dot_is_hollow_when_its_figure_is_not_new() -> None:
    assert 'class="last hollow"' in _draw(_points(70, 71), hollow=True)
    assert 'class="last"' in _draw(_points(70, 71))


def test_a_picture_is_well_formed_escaped_small_and_without_styles() -> None:
    year = [Point(day, 50 + day % 40, 40 + day % 40, 60 + day % 40) for day in range(62)]
    for points in (year, _points(1e9, 0.0), _points(None, None), _points(5)):
        svg = _draw(points)
        root = ET.fromstring(svg)  # noqa: S314  our own text
        names = {key for one in root.iter() for key in one.attrib}
        assert not [name for name in names if name == "style" or name.startswith("on")]
        assert root.attrib["role"] == "img"
        assert root.findtext("title") == "Score <&>"
        assert root.attrib["height"] == str(HEIGHT)
        assert len(svg) < 5000


def test_a_small_line_has_its_own_scale_of_two_points_at_least() -> None:
    flat = str(spark(_points(70.0, 70.1, 70.0), "12 weeks"))
    steep = str(spark(_points(60.0, 74.0), "12 weeks"))

    ys = [int(y) for _, y in re.findall(r"(\d+) (\d+)", _line(flat))]
    assert max(ys) - min(ys) <= 2
    assert _line(steep) == "M4 20L92 4"
    assert 'aria-label="12 weeks"' in steep
    assert not spark(_points(70.0), "12 weeks")
    assert not spark(_points(None, None), "12 weeks")
    assert len(steep) < 400
