"""The level ranking beside the live one, while feeds are late and once their data are in."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from collector.clock import DAY_US, HOUR_US, SimulatedClock
from collector.facts import Admitted, Run, Series
from collector.insight.level import Level, level_at, level_document, level_of
from collector.insight.retrace import Traced, retrace_stored
from collector.settings.model import Settings
from scoring.model import Result
from tests.makers import AGENCIES, NOW_US, Rig, drafted, named, rigged

DAYS = 4
LATE = "phu-yen"
FIGURES = ("score", "low", "high", "coverage", "rank", "rank_best", "rank_worst")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The small province, whose set also has conditions over a part and its whole."""
    draft = drafted("http://127.0.0.1:9")
    shares = [
        {"when": "signed >= 0.7 * sent", "share": 0.75},
        {"when": "spots > 5", "share": 0.25},
    ]
    draft.indicators["groups"][0]["indicators"].append(
        {
            "id": "both",
            "name": named("Cả hai", "Both"),
            "value": "signed / sent + 0 * spots",
            "when_zero": "zero",
            "unit": "ratio",
            "points": {"max": 4, "rule": "parts", "parts": shares},
        }
    )
    return draft.settings(tmp_path / "config")


@dataclass(frozen=True)
class Said:
    """What an agency said of a day."""

    agency: str
    day: int
    values: dict[str, int]

    @property
    def data_us(self) -> int:
        return NOW_US + self.day * DAY_US

    def facts(self) -> Iterator[Admitted]:
        for metric, value in self.values.items():
            period = "2024" if metric in {"sent", "signed"} else ""
            series = Series(metric, self.agency, period)
            yield Admitted(series, Decimal(value), self.data_us)


def all_said(seed: int) -> list[Said]:
    """A day's counts of every agency, for each day, growing as totals do."""
    random = np.random.default_rng(seed)
    return [
        Said(
            agency,
            day,
            {
                "sent": 1000 * (day + 1),
                "signed": int(random.integers(500, 900)) + 600 * day,
                "spots": int(random.integers(12)),
                "officer": int(random.integers(2)),
            },
        )
        for day in range(DAYS)
        for agency in AGENCIES
    ]


def published(rig: Rig, said: Sequence[Said], at_us: int) -> None:
    """One run that brings all of it, learned at an instant."""
    assert isinstance(rig.clock, SimulatedClock)
    rig.clock.move_to(at_us)
    facts = tuple(fact for one in said for fact in one.facts())
    rig.publish(Run("counts", at_us, at_us, at_us, "ok", received=len(said), admitted=facts))


def live(rig: Rig, rows: Sequence[Said], late_by: int) -> None:
    """Every day's rows an hour after it; those of the late agency so many days later, in order."""
    for day in range(DAYS + late_by):
        there = [one for one in rows if one.day == day and one.agency != LATE]
        overdue = [one for one in rows if one.day == day - late_by and one.agency == LATE]
        published(rig, there + overdue, NOW_US + day * DAY_US + HOUR_US)


@pytest.fixture
def two(settings: Settings, tmp_path: Path) -> Iterator[tuple[Rig, Rig]]:
    """Two services with a store each."""
    with ExitStack() as stack:
        urls = [f"sqlite:///{tmp_path / name}.db" for name in ("prompt", "delayed")]
        prompt, delayed = (stack.enter_context(rigged(settings, url)) for url in urls)
        yield prompt, delayed


def traced(rig: Rig, at_us: int | None = None) -> Traced:
    number = None if at_us is None else rig.store.number_at(at_us + 1)
    return retrace_stored(rig.settings, rig.store, number=number)


def past(rig: Rig, day: int) -> Level:
    found = level_at(rig.settings, rig.store, "test-2024", NOW_US + day * DAY_US)
    assert found is not None
    return found


def same(one: Result, other: Result) -> bool:
    figures = [(getattr(one, name), getattr(other, name)) for name in FIGURES]
    figures += [(part, vars(other.cells)[name]) for name, part in vars(one.cells).items()]
    return all(np.array_equal(a, b, equal_nan=True) for a, b in figures)


@pytest.mark.parametrize("seed", range(4))
def test_a_late_feed_moves_the_live_table_and_no_level_table_of_the_past(
    two: tuple[Rig, Rig], seed: int
) -> None:
    prompt, delayed = two
    rows = all_said(seed)
    live(prompt, rows, late_by=0)
    live(delayed, rows, late_by=2)

    at_us = NOW_US + 2 * DAY_US + 2 * HOUR_US
    assert not same(traced(prompt, at_us).board.result, traced(delayed, at_us).board.result)
    for day in range(DAYS):
        one, other = past(prompt, day), past(delayed, day)
        assert same(one.board.result, other.board.result)
        assert one.moments == other.moments
        assert one.edition.bodies == other.edition.bodies


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_beaten_by_data_newer_than_theirs(two: tuple[Rig, Rig], seed: int) -> None:
    """While one agency's day is not in, what the others of its block say of it counts nothing."""
    prompt, delayed = two
    first, second = (
        [one for one in all_said(seed) if one.day == day and one.agency != "so-tttt"]
        for day in (0, 1)
    )
    for rig in two:
        published(rig, first, NOW_US + HOUR_US)
    published(delayed, [one for one in second if one.agency == "moc-chau"], NOW_US + DAY_US)
    published(prompt, [], NOW_US + DAY_US)

    before, after = (level_of(traced(rig), rig.store) for rig in two)

    assert not same(traced(prompt).board.result, traced(delayed).board.result)
    one, other = before.board.result, after.board.result
    for name in ("score", "rank", "coverage"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
    assert np.array_equal(one.cells.points, other.cells.points, equal_nan=True)
    assert after.moments == before.moments
    assert {each.data_us for each in after.moments} == {NOW_US}


@pytest.mark.parametrize("later_us", [0, 6 * HOUR_US, 40 * DAY_US])
@pytest.mark.parametrize("seed", range(2))
def test_where_all_speak_of_one_instant_the_two_tables_are_one(
    two: tuple[Rig, Rig], seed: int, later_us: int
) -> None:
    """Also when some sources, or all, have been silent since."""
    rig, _ = two
    live(rig, all_said(seed), late_by=0)
    rig.move(later_us)
    rig.publish()

    shown = traced(rig)
    level = level_of(shown, rig.store)

    assert same(level.board.result, shown.board.result)
    assert level.board.result.province_values == shown.board.result.province_values


def test_the_moment_is_that_of_the_latest_in_each_block(two: tuple[Rig, Rig]) -> None:
    rig, _ = two
    rows = all_said(1)
    published(rig, [one for one in rows if one.day == 0], NOW_US + HOUR_US)
    newer = [one for one in rows if one.day == 1 and one.agency != LATE]
    published(rig, newer, NOW_US + DAY_US + HOUR_US)

    moments = level_of(traced(rig), rig.store).moments

    found = {(one.indicator, one.block): one.data_us for one in moments}
    assert found["signed-ratio", "district"] == NOW_US
    assert found["signed-ratio", "provincial"] == NOW_US + DAY_US
    assert len(found) == 8


def test_without_an_instant_of_all_an_indicator_is_left_out_for_the_block(
    two: tuple[Rig, Rig],
) -> None:
    rig, _ = two
    rows = all_said(1)
    others = [one for one in rows if one.day == 0 and one.agency != LATE]
    published(rig, others, NOW_US + HOUR_US)
    first = [one for one in rows if one.day == 1 and one.agency == LATE]
    published(rig, first, NOW_US + DAY_US + HOUR_US)

    level = level_of(traced(rig), rig.store)

    assert {one.data_us for one in level.moments if one.block == "district"} == {None}
    district = [level.board.roster.agencies.index(one) for one in (LATE, "moc-chau")]
    assert not level.board.result.cells.points_max[district].any()
    assert level.board.result.rank.tolist()[3:] == [0, 0]
    assert (level.board.result.rank[:3] > 0).all()


def test_who_never_said_anything_holds_nobody_back(two: tuple[Rig, Rig]) -> None:
    rig, _ = two
    rows = [one for one in all_said(1) if one.agency != LATE]
    published(rig, [one for one in rows if one.day == 0], NOW_US + HOUR_US)
    published(rig, [one for one in rows if one.day == 1], NOW_US + DAY_US + HOUR_US)

    level = level_of(traced(rig), rig.store)

    assert {one.data_us for one in level.moments} == {NOW_US + DAY_US}
    assert same(level.board.result, traced(rig).board.result)


def test_the_document_is_a_scoreboard_with_its_moments(two: tuple[Rig, Rig]) -> None:
    rig, _ = two
    live(rig, all_said(2), late_by=0)

    document = level_document(level_of(traced(rig), rig.store))

    assert document["ranking"] == "level"
    assert document["set"]["digest"] == rig.settings.sets[0].scoring.digest
    assert [one["id"] for one in document["agencies"] if one["block"] == "district"]
    assert document["moments"][0] == {
        "indicator": "signed-ratio",
        "block": "provincial",
        "data_at": "2024-10-19T09:00:00Z",
    }


def test_of_an_instant_before_the_set_was_in_force_there_is_none(two: tuple[Rig, Rig]) -> None:
    rig, _ = two

    assert level_at(rig.settings, rig.store, "test-2024", NOW_US - 400 * DAY_US) is None
