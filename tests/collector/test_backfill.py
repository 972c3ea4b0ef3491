"""The past is filled period by period, beside the schedule and without touching the present."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.backfill import (
    FAILURES_MAX,
    BackfillError,
    period_named,
    periods_of_past,
    while_hopeful,
)
from collector.clock import SystemClock
from collector.control import ControlError
from collector.documents import Document
from collector.facts import Run, Series
from collector.periods import instant_us, parse_period
from collector.run import run_source
from collector.settings.model import Settings
from tests.collector.test_service import running
from tests.collector.test_track import state
from tests.makers import AGENCIES, NOW_US, Counts, Draft, Rig, drafted, rigged, row
from tests.source_server import Asked, Served, SourceServer, as_json

START = re.compile(r"(\d\d)/(\d\d)/(\d{4})")


def monthly(url: str) -> Draft:
    draft = drafted(url)
    draft.sources["counts"]["requests"][0]["window"] = {"period": "month"}
    return draft


@pytest.fixture
def rig(source_server: SourceServer, counts: Counts, tmp_path: Path, url: str) -> Iterator[Rig]:
    with rigged(monthly(source_server.url).settings(tmp_path / "config"), url) as made:
        yield made


@pytest.fixture
def by_month(source_server: SourceServer) -> SourceServer:
    """A source whose totals are the number of the month that is asked for."""

    def answer(asked: Asked) -> Served:
        if asked.path != "/totals":
            return as_json({"rows": [row(one, spots=99, officer="Chưa có") for one in AGENCIES]})
        match = START.fullmatch(asked.query["tu"])
        assert match is not None
        rows = [row(one, sent=100 * int(match[2]), signed=int(match[2])) for one in AGENCIES]
        return as_json({"rows": rows, "total": len(rows)})

    source_server.answer = answer
    return source_server


def fill(rig: Rig, period: str) -> Run:
    window = parse_period(period).window(rig.settings.zone)
    source, now_us = rig.settings.sources["counts"], rig.clock.now_us()
    rig.move(1)
    return run_source(source, now_us, desk=rig.engine.desk, manual=True, past=window).result().run


def test_a_month_that_is_over_is_known_as_of_its_end(rig: Rig, by_month: SourceServer) -> None:
    run = fill(rig, "2024-03")

    assert (run.outcome, run.past, run.manual, len(run.admitted)) == ("ok", "2024-03", True, 10)
    reading = rig.store.readings()[Series("sent", "so-tttt", "2024-03")]
    assert reading.value == 300
    assert reading.data_us == instant_us(datetime(2024, 3, 31, 17, tzinfo=UTC))
    assert rig.store.readings() == rig.published.known.readings


def test_only_its_window_is_asked_for_and_nothing_of_the_moment(
    rig: Rig, by_month: SourceServer
) -> None:
    fill(rig, "2024-03")

    assert [(one.path, one.query["tu"]) for one in by_month.asked] == [("/totals", "01/03/2024")]
    assert {one.metric for one in rig.store.readings()} == {"sent", "signed"}


def test_how_things_stand_now_is_left_as_it_is(
    rig: Rig, counts: Counts, source_server: SourceServer
) -> None:
    rig.pull()
    before = {one: fact for one, fact in rig.store.readings().items() if not one.period}
    source_server.answer = lambda _: as_json({"rows": [], "total": 0})

    fill(rig, "2024-03")

    after = {one: fact for one, fact in rig.store.readings().items() if not one.period}
    assert after == before


def test_the_live_schedule_does_not_move_and_the_source_stands_as_it_stood(
    rig: Rig, counts: Counts, source_server: SourceServer
) -> None:
    rig.pull()
    due_us, told = rig.store.last_due("counts"), rig.published.last_told
    source_server.answer = lambda _: Served(status=503)

    assert fill(rig, "2024-03").outcome == "failed"

    assert (rig.store.last_due("counts"), rig.published.last_told) == (due_us, told)
    assert rig.published.last_runs == rig.store.last_runs() == told
    assert state(rig) == "fresh"
    assert not [line for line in rig.logged() if line["event"] == "source begins to fail"]


def test_agencies_are_those_of_that_time(
    source_server: SourceServer, by_month: SourceServer, tmp_path: Path, url: str
) -> None:
    draft = monthly(source_server.url)
    draft.agency("moc-chau")["until"] = "2024-04-01"
    draft.agency("phu-yen")["codes"] = {"register": [{"code": "H3", "until": "2024-02-01"}]}
    with rigged(draft.settings(tmp_path / "config"), url) as rig:
        run = fill(rig, "2024-03")

    assert {one.series.agency for one in run.admitted} == set(AGENCIES) - {"phu-yen"}
    assert {(one.reason, one.got) for one in run.refusals} == {("unknown_agency", "H3")}


def test_what_the_past_restates_is_told(rig: Rig, by_month: SourceServer, counts: Counts) -> None:
    fill(rig, "2024-03")
    by_month.answer = lambda _: as_json(
        {"rows": [row(one, sent=299, signed=3) for one in AGENCIES], "total": 5}
    )

    run = fill(rig, "2024-03")

    assert {(str(one.before), str(one.after)) for one in run.restated} == {("300", "299")}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    draft = monthly("https://register.example")
    return draft.settings(tmp_path)


def periods(settings: Settings, first: str, last: str) -> list[str]:
    source = settings.sources["counts"]
    days = date.fromisoformat(first), date.fromisoformat(last)
    return [one.id for one in periods_of_past(source, settings, *days, NOW_US)]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2024-03-01", "2024-03-31", ["2024-03"]),
        ("2024-03-31", "2024-05-01", ["2024-03", "2024-04", "2024-05"]),
        ("2023-12-05", "2024-01-01", ["2023-12", "2024-01"]),
        ("2024-10-16", "2030-01-01", ["2024-10"]),
    ],
)
def test_every_period_that_the_days_touch_is_filled(
    first: str, last: str, found: list[str], settings: Settings
) -> None:
    assert periods(settings, first, last) == found


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        ("2024-03-02", "2024-03-01", "2024-03-01 is before 2024-03-02"),
        ("2024-10-17", "2024-10-18", "2024-10-17 is yet to come"),
        ("0024-10-17", "2024-10-18", "more than 2000 at once"),
    ],
)
def test_days_that_mean_nothing(first: str, last: str, problem: str, settings: Settings) -> None:
    with pytest.raises(BackfillError, match=problem):
        periods(settings, first, last)


def test_a_source_of_the_moment_has_no_past(tmp_path: Path) -> None:
    draft = drafted("https://register.example")
    del draft.sources["counts"]["requests"][0]

    with pytest.raises(BackfillError, match="counts only tells how things stand now"):
        periods(draft.settings(tmp_path), "2024-03-01", "2024-03-02")


def test_a_folder_of_reports_is_not_asked(tmp_path: Path) -> None:
    sheet = {
        **{key: drafted("").sources["counts"][key] for key in ("name", "owner", "schedule")},
        "connector": "sheet",
        "freshness": {"late_after": "10d", "stale_after": "20d"},
        "folder": str(tmp_path),
        "pattern": "*.csv",
        "agency": {"column": "Mã"},
        "period": {"column": "Kỳ", "kind": "month"},
        "metrics": {"sent": {"column": "Đi"}},
    }
    settings = Draft(sources={"counts": sheet}).settings(tmp_path / "config")

    with pytest.raises(BackfillError, match="takes whatever lies there"):
        periods(settings, "2024-03-01", "2024-03-02")


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ("2024", "counts has no totals of a year"),
        ("2024-11", "2024-11 is yet to come"),
        ("March", "is no period"),
    ],
)
def test_a_period_that_cannot_be_asked_for(named: str, problem: str, settings: Settings) -> None:
    with pytest.raises(ValueError, match=problem):
        period_named(named, settings.sources["counts"], settings, NOW_US)


def outcome(said: str, reason: str = "source") -> Document:
    return {"outcome": said, "error": None if said == "ok" else {"reason": reason}}


@pytest.mark.parametrize(
    ("documents", "asked"),
    [
        ([outcome("ok")] * 9, 9),
        ([outcome("failed")] * 9, FAILURES_MAX),
        ([outcome("failed"), outcome("failed"), outcome("ok")] * 3, 9),
        ([outcome("ok"), outcome("failed", "auth"), outcome("ok")], 2),
        ([outcome("failed", "config"), outcome("ok")], 1),
        ([outcome("held", "held")] * 9, 9),
    ],
)
def test_nobody_is_asked_on_and_on_in_vain(documents: list[Document], asked: int) -> None:
    assert len(list(while_hopeful(documents))) == asked


def test_a_running_service_fills_a_period_through_its_socket(
    source_server: SourceServer, by_month: SourceServer, tmp_path: Path, url: str
) -> None:
    draft = monthly(source_server.url)
    draft.sources["counts"]["schedule"] = {"every": "1h"}
    settings = draft.settings(tmp_path / "config")
    with rigged(settings, url, clock=SystemClock()) as rig, running(rig) as one:
        document = one.ask(command="pull", source="counts", past="2024-03")
        for named in ("2024", "x"):
            with pytest.raises(ControlError, match=r"no totals of a year|is no period"):
                one.ask(command="pull", source="counts", past=named)

    assert {one["period"] for one in document["observations"]} == {"2024-03"}
    assert {one["data_at"] for one in document["observations"]} == {"2024-03-31T17:00:00Z"}


def test_a_year_of_days_is_filled_in_order(tmp_path: Path) -> None:
    draft: Any = drafted("https://register.example")
    draft.sources["counts"]["requests"][0]["window"] = {"period": "day"}
    settings = draft.settings(tmp_path)

    found = periods(settings, "2024-02-27", "2024-03-02")

    first = date(2024, 2, 27)
    assert found == [(first + timedelta(days=day)).isoformat() for day in range(5)]
