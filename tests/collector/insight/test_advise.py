"""Advice as documents: what may move, what is said, and that it comes true when it is done."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from collector.facts import Series
from collector.insight.advise import advise
from collector.insight.evidence import NOTHING_READ
from collector.insight.explain import explain
from collector.insight.retrace import RetraceError, Traced, retrace_published, retrace_stored
from collector.outlook import outlook
from collector.periods import instant_us
from collector.scoreboard import Known, build, grids
from collector.settings.load import load
from collector.settings.model import WorkingHours
from collector.store.store import Store
from scoring.shown import nanos
from tests.makers import AGENCIES, Counts, Rig
from tests.years import ROOT, Year

Tree = dict[str, Any]


@pytest.fixture
def behind(rig: Rig, counts: Counts) -> Rig:
    """so-tttt has signed half of its documents and stands behind the others, which tie."""
    counts.say("so-tttt", signed=500)
    rig.pull()
    return rig


def _traced(rig: Rig) -> Traced:
    return retrace_published(rig.settings, rig.published, "test-2024")


def _goal(document: Tree, indicator: str, goal: str) -> Tree:
    one = next(one for one in document["indicators"] if one["id"] == indicator)
    found: Tree = next(each for each in one["goals"] if each["goal"] == goal)
    return found


def _said(rig: Rig, counts: Counts, **values: Any) -> Tree:
    """The agency's score once the source says so."""
    counts.say("so-tttt", **values)
    rig.move(1_000_000)
    rig.pull()
    score: Tree = explain(_traced(rig), "so-tttt", NOTHING_READ)["score"]
    return score


def test_a_part_grows_to_its_whole_alone_or_together_with_it(behind: Rig) -> None:
    goal = _goal(advise(_traced(behind), "so-tttt"), "signed-ratio", "band")
    alone, together = goal["options"]

    assert (alone["metric"], alone["from"], alone["to"], alone["with"]) == ("signed", 500, 700, [])
    assert (together["change"], together["with"][0]["metric"]) == (667, "sent")
    assert (alone["points"], alone["score"], alone["band"]) == (7.0, 80.0, "tot")
    assert goal["words"]["vi"] == (
        "Lên mức Tốt: Văn bản ký số: thêm 200 (từ 500 lên 700), khoảng 2,6 mỗi ngày; hoặc "
        "Văn bản ký số: thêm 667 mới, tính cả vào Văn bản đi (từ 500 lên 1.167), "
        "khoảng 8,7 mỗi ngày → 7,00 điểm, tổng 80,00"
    )
    assert goal["words"]["en"].startswith(
        "Reach the band Good: Signed: 200 more (from 500 to 700), about 2.6 a day; or "
    )


def test_what_is_done_as_advised_comes_true_and_one_less_does_not(
    behind: Rig, counts: Counts
) -> None:
    assert _said(behind, counts, signed=699)["band"] == "yeu"
    assert _said(behind, counts, signed=700)["band"] == "tot"


def test_the_next_rank_is_a_tie_with_the_next_one_ahead(behind: Rig, counts: Counts) -> None:
    document = advise(_traced(behind), "so-tttt")
    (option, _) = _goal(document, "signed-ratio", "rank")["options"]

    assert document["next_rank"] == {"rank": 1, "score": 85.0, "short": 15.0}
    assert (option["to"], option["rank"]) == (800, 1)
    assert _said(behind, counts, signed=799)["rank"] == 3
    assert _said(behind, counts, signed=800)["rank"] == 1


def test_what_one_indicator_cannot_reach_is_not_by_this_alone(behind: Rig) -> None:
    document = advise(_traced(behind), "so-tttt")
    goal = _goal(document, "spots-up", "band")

    assert goal["options"] == []
    assert goal["words"] == {
        "vi": "Lên mức Tốt: riêng chỉ số này không đủ",
        "en": "Reach the band Good: not by this alone",
    }
    assert next(one for one in document["indicators"] if one["id"] == "spots-up")["gain_max"] == 5.0


def test_a_state_changes_by_its_words_and_without_a_pace(rig: Rig, counts: Counts) -> None:
    counts.say("so-tttt", officer="Cấp phó")
    rig.pull()
    (option,) = _goal(advise(_traced(rig), "so-tttt"), "officer-there", "yes")["options"]

    assert (option["from_word"], option["to_word"]) == ("Cấp phó", "Cấp trưởng")
    assert option["per_day"] is None
    assert option["words"] == {
        "vi": "Cán bộ: từ “Cấp phó” thành “Cấp trưởng”",
        "en": "Officer: from “Cấp phó” to “Cấp trưởng”",
    }


def test_where_all_points_are_reached_there_is_nothing_to_advise(rig: Rig, counts: Counts) -> None:
    counts.say("so-tttt", signed=1000, spots=10)
    rig.pull()
    document = advise(_traced(rig), "so-tttt")

    assert document["indicators"] == []
    assert document["nothing"]["vi"] == "Đã đạt điểm tối đa ở mọi chỉ số có số liệu."


def test_what_has_no_data_needs_it_first(rig: Rig, counts: Counts) -> None:
    counts.leave_out("so-tttt")
    rig.pull()
    document = advise(_traced(rig), "so-tttt")

    assert [one["goals"] for one in document["indicators"]] == [[], [], []]
    assert all(one["blocked"] for one in document["indicators"])
    assert document["nothing"] is not None


def test_the_pace_is_that_of_the_days_worked_on(behind: Rig) -> None:
    traced = _traced(behind)
    working = replace(
        traced.settings,
        working_hours=WorkingHours(days=frozenset(range(5))),
        holidays=((date(2024, 12, 23), date(2024, 12, 28)),),
    )
    document = advise(replace(traced, settings=working), "so-tttt")
    option = _goal(document, "signed-ratio", "band")["options"][0]

    assert document["days"] == {"left": 77, "working": 50, "until": "2025-01-01"}
    assert option["per_day"] == 4.0
    assert option["words"]["en"].endswith("about 4 a working day")


def test_an_agency_that_is_not_there_is_refused(behind: Rig) -> None:
    with pytest.raises(RetraceError, match="no such agency"):
        advise(_traced(behind), "nobody")


def test_others_are_advised_of_their_own(behind: Rig) -> None:
    documents = [advise(_traced(behind), agency) for agency in AGENCIES]

    assert [one["rank"] for one in documents] == [3, 1, 1, 1, 1]
    assert all(one["next_rank"] is None for one in documents[1:])
    assert all(one["next_band"] is None for one in documents[1:])


@pytest.fixture(scope="module")
def moments(year: Year) -> Iterator[list[Traced]]:
    settings = load(ROOT / "config" / "sonla", environ={})
    store = Store.open(year.url, read_only=True)
    days = (datetime(2024, month, 15, 17, tzinfo=UTC) for month in (2, 6, 10, 12))
    numbers = [store.number_at(instant_us(day)) for day in days]
    yield [retrace_stored(settings, store, number=number) for number in numbers if number]
    store.close()


def test_advice_of_a_years_days_put_back_meets_its_goals_and_one_unit_less_does_not(
    moments: list[Traced],
) -> None:
    tried = 0
    for turn, traced in enumerate(moments):
        for agency in traced.board.roster.agencies[turn::9]:
            for one in advise(traced, agency)["indicators"]:
                for goal in one["goals"]:
                    for option in goal["options"]:
                        assert _met(traced, agency, one, goal, option, less=0), (one["id"], option)
                        assert not _met(traced, agency, one, goal, option, less=1), option
                        tried += 1
    assert tried > 200


def _met(traced: Traced, agency: str, one: Tree, goal: Tree, option: Tree, *, less: int) -> bool:
    """Whether the whole province, scored again with the option's numbers, meets its goal."""
    readings = dict(traced.known.readings)
    for name in (option["metric"], *(each["metric"] for each in option["with"])):
        total = traced.settings.metrics[name].kind == "period_total"
        series = Series(name, agency, traced.plan.period.id if total else "")
        change = _shortened(traced, name, option, less)
        before = readings[series]
        readings[series] = before._replace(value=before.value + change)
    at_us = traced.edition.published_us
    known = Known(readings, traced.known.held)
    board = build(grids(outlook(traced.settings, at_us), known), known, number=1, at_us=at_us)
    result, row = board.boards[0].result, traced.row(agency)
    if goal["goal"] == "band":
        starts = {band.id: band.start for band in traced.plan.spec.scoring.bands}
        return starts[str(result.bands[row])] >= starts[goal["band"]]
    if goal["goal"] == "rank":
        return bool(result.rank[row] <= goal["rank"])
    column = [each.id for each in traced.plan.spec.indicators].index(one["id"])
    points = result.cells.points[row, column : column + 1]
    return bool(nanos(points)[0] >= int(Decimal(str(goal["points"])).scaleb(9)))


def _shortened(traced: Traced, name: str, option: Tree, less: int) -> Decimal:
    """The option's change, less so many of its steps."""
    change, metric = Decimal(str(option["change"])), traced.settings.metrics[name]
    if metric.values is not None:
        ladder = sorted(metric.values.values())
        now, then = Decimal(str(option["from"])), Decimal(str(option["to"]))
        return ladder[ladder.index(then) - less] - now if less else then - now
    unit = Decimal("0.01") if metric.unit == "points" else Decimal(1)
    return change - unit * less if change > 0 else change + unit * less
