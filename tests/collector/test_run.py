"""One run: what is asked, what is counted, what is said, and that nothing is lost."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.clock import DAY_US, MINUTE_US, SECOND_US, SimulatedClock
from collector.facts import Run
from collector.periods import instant_us
from collector.run import run_source, windows_wanted
from collector.settings.model import Settings
from collector.store.errors import StoreError
from connectors.base import Answer, Ask, Connector, PeriodKind
from connectors.sql import Sql
from tests.makers import NOW_US, Counts, Rig, drafted, label, rigged, with_source
from tests.source_server import LOGIN_PAGE, Asked, Served, SourceServer, as_json


@pytest.fixture
def settings(source_server: SourceServer, tmp_path: Path) -> Settings:
    return drafted(source_server.url).settings(tmp_path / "config")


def test_a_good_run_is_stored_with_all_it_brought(rig: Rig) -> None:
    ended = rig.pull(due_us=NOW_US - SECOND_US)

    assert ended.run.outcome == "ok"
    stored = rig.store.run(1)
    assert stored is not None
    assert (stored.due_us, stored.began_us, stored.received) == (NOW_US - SECOND_US, NOW_US, 10)
    assert {one.series: one for one in rig.store.admitted(1)} == {
        one.series: one for one in ended.run.admitted
    }
    assert [one.status for one in rig.store.run_requests(1)] == [200, 200]
    assert rig.store.last_runs() == rig.published.last_runs
    assert rig.store.last_ok() == rig.published.last_ok


FAULTS: dict[str, tuple[Served, str]] = {
    "a login page": (LOGIN_PAGE, "content"),
    "half a body": (
        Served(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{"),
        "source",
    ),
    "an error of the server": (Served(status=500), "source"),
    "a refusal": (Served(status=403), "auth"),
    "another shape": (as_json({"rows": {"H1": 5}}), "content"),
    "no rows": (as_json({"data": []}), "content"),
    "a broken number": (Served(b'{"rows": [{"code": 1'), "content"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_fails_the_run_and_leaves_the_readings(
    name: str, rig: Rig, source_server: SourceServer
) -> None:
    rig.pull()
    before, bodies = rig.published.known, rig.published.bodies
    served, reason = FAULTS[name]
    source_server.answer = lambda _: served
    rig.move(MINUTE_US)

    run = rig.pull().run

    assert (run.outcome, run.error_reason, run.admitted) == ("failed", reason, ())
    assert run.message
    assert rig.published.known == before
    assert rig.published.bodies == bodies
    assert rig.published.board.number == 3
    failures = rig.metrics()["dti_run_failures_total", label(source="counts", reason=reason)]
    assert failures == 1


def test_a_source_is_stale_after_its_age_and_still_counted(
    rig: Rig, source_server: SourceServer
) -> None:
    rig.pull()
    source_server.answer = lambda _: LOGIN_PAGE
    rig.move(4 * DAY_US)

    rig.pull()

    assert rig.status("so-tttt", "signed-ratio") == "stale"
    body = rig.body("agency/so-tttt")
    assert body["score"] == 85.0
    assert body["low"] < 85.0 < body["high"]


def test_a_failing_source_is_said_once_and_its_recovery_once_and_each_time_is_counted(
    rig: Rig, source_server: SourceServer, counts: Counts
) -> None:
    for well in (False, False, False, True, True, False):
        source_server.answer = counts if well else lambda _: LOGIN_PAGE
        rig.move(MINUTE_US)
        rig.pull()

    events = [line["event"] for line in rig.logged()]
    assert events.count("run") == 6
    assert [event for event in events if event != "run"] == [
        "source begins to fail",
        "source recovered",
        "source begins to fail",
    ]
    metrics = rig.metrics()
    assert metrics["dti_runs_total", label(source="counts")] == 6
    assert metrics["dti_run_failures_total", label(source="counts", reason="content")] == 4
    first = rig.logged()[0]
    assert (first["source"], first["outcome"], first["admitted"]) == ("counts", "failed", 0)


def test_a_held_run_is_a_source_that_fails(rig: Rig, counts: Counts) -> None:
    counts.declared = 99

    rig.pull()

    assert [line["event"] for line in rig.logged()] == ["run", "source begins to fail"]
    assert rig.metrics()["dti_source_up", label(source="counts")] == 0


def test_what_a_source_asks_us_to_wait_is_handed_on_and_never_slept(
    rig: Rig, source_server: SourceServer
) -> None:
    source_server.answer = lambda _: as_json({}, 429, Retry_After="7200")

    ended = rig.pull()

    assert (ended.run.outcome, ended.retry_after_s) == ("failed", 7200)
    assert len(source_server.asked) == 1


def test_the_same_due_is_never_stored_twice(rig: Rig) -> None:
    rig.pull(due_us=NOW_US)
    before = rig.published
    rig.move(1)

    with pytest.raises(StoreError) as caught:
        rig.pull(due_us=NOW_US)

    assert caught.value.kind == "conflict"
    assert rig.published is before
    assert len(rig.store.runs()) == 1


def test_older_dues_are_recorded_beside_the_run_that_stands_for_them(rig: Rig) -> None:
    older = (NOW_US - 3 * MINUTE_US, NOW_US - 2 * MINUTE_US)

    source = rig.settings.sources["counts"]
    run_source(source, NOW_US, desk=rig.engine.desk, coalesced_us=older).result()

    assert [(one.due_us, one.outcome) for one in rig.store.runs()] == [
        (NOW_US, "ok"),
        (older[1], "coalesced"),
        (older[0], "coalesced"),
    ]
    assert rig.published.board.number == 2
    assert rig.published.last_runs["counts"].outcome == "ok"
    assert rig.metrics()["dti_runs_total", label(source="counts")] == 1


def test_a_run_that_ends_with_the_service_is_interrupted_and_says_nothing_against_its_source(
    settings: Settings, source_server: SourceServer, url: str
) -> None:
    stop, asked = threading.Event(), threading.Event()

    def hang(_: Asked) -> Served:
        asked.set()
        source_server.ended.wait(20)
        return LOGIN_PAGE

    source_server.answer = hang
    with rigged(settings, url, stop=stop) as rig:
        runs: list[Run] = []
        pulling = threading.Thread(target=lambda: runs.append(rig.pull().run))
        pulling.start()
        assert asked.wait(10)

        rig.engine.abort()

        pulling.join()
        source_server.ended.set()
        (run,) = runs
        assert run.outcome == "interrupted"
        assert rig.store.last_runs()["counts"].outcome == "interrupted"
        failures = [
            number for (name, _), number in rig.metrics().items() if "failures_total" in name
        ]
        assert set(failures) == {0}
        assert [line["event"] for line in rig.logged()] == ["run"]


class Broken(Connector):
    """A connector with a bug of its own."""

    @property
    def agency_system(self) -> str | None:
        return None

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return frozenset({("spots", None)})

    def observe(self, ask: Ask) -> Answer:
        raise KeyError("rows")


def test_a_bug_fails_its_own_run_and_no_other(settings: Settings, counts: Counts, url: str) -> None:
    broken = with_source(settings, connector=Broken())
    with rigged(broken, url) as rig:
        run = rig.pull().run

        assert (run.outcome, run.error_reason, run.message) == ("failed", "ours", "KeyError")
        assert rig.logged()[0]["event"] == "bug"
        assert "Traceback" in rig.logged()[0]["exception"]


def test_what_is_not_asked_over_http_is_stored_with_its_rows_though_the_run_fails(
    settings: Settings, url: str, tmp_path: Path
) -> None:
    options = {
        "url": f"sqlite:///{tmp_path / 'documents.db'}",
        "query": "SELECT unit AS code, 3 AS n FROM documents",
        "agency": {"column": "code", "system": "register"},
        "metrics": {"spots": {"column": "n"}},
    }
    connector = Sql.model_validate(options)
    with closing(sqlite3.connect(tmp_path / "documents.db")) as file:
        file.execute("CREATE TABLE documents (unit TEXT)")
        file.execute("INSERT INTO documents VALUES ('H0')")
        file.commit()

    with rigged(with_source(settings, connector=connector), url) as rig:
        good = rig.pull().run
        with closing(sqlite3.connect(tmp_path / "documents.db")) as file:
            file.execute("DROP TABLE documents")
        rig.move(MINUTE_US)
        bad = rig.pull().run

        assert [rig.store.run_requests(number) for number in (1, 2)] == [
            good.requests,
            bad.requests,
        ]
        assert [one.rows for run in (good, bad) for one in run.requests] == [1, None]
        assert rig.metrics()["dti_http_requests_total", label(source="counts")] == 0


def test_a_store_that_takes_nothing_is_no_fault_of_the_source(rig: Rig) -> None:
    with rig.store._database.writer.begin() as connection:
        connection.exec_driver_sql("DROP TABLE observations")

    with pytest.raises(StoreError):
        rig.pull()

    assert [line["event"] for line in rig.logged()] == ["store begins to fail"]


class TestWindows:
    def test_the_current_year_alone_in_the_middle_of_it(self, settings: Settings) -> None:
        source = settings.sources["counts"]

        assert [one.id for one in windows_wanted(source, settings, NOW_US)] == ["2024"]

    def test_a_closed_year_beside_the_new_one_until_it_is_settled(self, settings: Settings) -> None:
        source = settings.sources["counts"]
        turn_us = instant_us(datetime(2025, 1, 1, tzinfo=settings.zone))

        for at_us, wanted in (
            (turn_us - 1, ["2024"]),
            (turn_us, ["2025", "2024"]),
            (turn_us + 45 * DAY_US - 1, ["2025", "2024"]),
            (turn_us + 45 * DAY_US, ["2025"]),
        ):
            assert [one.id for one in windows_wanted(source, settings, at_us)] == wanted

    def test_no_year_before_the_first_set(self, settings: Settings) -> None:
        source = settings.sources["counts"]
        january_us = instant_us(datetime(2024, 1, 10, tzinfo=UTC))

        assert [one.id for one in windows_wanted(source, settings, january_us)] == ["2024"]

    def test_both_are_asked_for_and_the_moment_once(
        self, settings: Settings, counts: Counts, source_server: SourceServer, url: str
    ) -> None:
        january_us = instant_us(datetime(2025, 1, 10, tzinfo=UTC))
        with rigged(settings, url, clock=SimulatedClock(january_us)) as rig:
            run = rig.pull().run

        assert run.outcome == "ok"
        years = [one.query["tu"] for one in source_server.asked if one.path == "/totals"]
        assert years == ["01/01/2025", "01/01/2024"]
        assert {one.series.period for one in run.admitted} == {"2025", "2024", ""}


def test_a_total_speaks_of_its_window_so_far(rig: Rig) -> None:
    assert {one.data_us for one in rig.pull().run.admitted} == {NOW_US}
