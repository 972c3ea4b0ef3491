"""The service as a whole: how it ends, how it is asked, and what a pull by itself does."""

import gc
import io
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from collector.agenda import Agenda
from collector.clock import SECOND_US, SimulatedClock, SystemClock
from collector.control import ControlError, ask_service, socket_path
from collector.logs import logger
from collector.once import dry_run, pull_once
from collector.schedule import STEADY, Pulse
from collector.service import Service, settle_memory
from collector.store.errors import StoreError
from collector.store.store import Store
from tests.collector.test_schedule import QUICK, Worn
from tests.makers import NOW_US, Counts, Rig, drafted, rigged, row
from tests.source_server import LOGIN_PAGE, Asked, Served, SourceServer, serving

WAIT_S = 10.0


@dataclass
class Running:
    """A service in a thread of its own, and the code it ended with."""

    rig: Rig
    thread: threading.Thread | None = None
    codes: list[int] = field(default_factory=list)

    def ask(self, **request: Any) -> dict[str, Any]:
        path = socket_path(self.rig.store.url_shown)
        answer = ask_service(path, request, timeout_s=WAIT_S)
        assert answer is not None
        return answer

    def ended(self) -> int:
        assert self.thread is not None
        self.thread.join(WAIT_S)
        (code,) = self.codes
        return code


@contextmanager
def running(rig: Rig, *, agenda: Agenda | None = None, pulse: Pulse = STEADY) -> Iterator[Running]:
    engine = replace(rig.engine, agenda=agenda or rig.engine.agenda)
    service = Service(engine, rig.front, workers=8, pulse=pulse)
    one = Running(rig)
    one.thread = threading.Thread(target=lambda: one.codes.append(service.run()))
    one.thread.start()
    try:
        yield one
    finally:
        engine.desk.stop.set()
        one.thread.join()


@pytest.fixture
def live(source_server: SourceServer, tmp_path: Path, url: str) -> Iterator[Rig]:
    """A rig by the machine's clock, whose source is due once an hour."""
    draft = drafted(source_server.url, schedule={"every": "1h"})
    with rigged(draft.settings(tmp_path / "config"), url, clock=SystemClock()) as rig:
        yield rig


def test_ends_with_0_within_10_s_while_a_source_hangs(
    live: Rig, source_server: SourceServer, url: str
) -> None:
    asked = threading.Event()

    def hang(_: Asked) -> Served:
        asked.set()
        source_server.ended.wait(60)
        return LOGIN_PAGE

    source_server.answer = hang
    with running(live) as one:
        assert asked.wait(WAIT_S)
        began_s = time.monotonic()
        live.engine.desk.stop.set()

        assert one.ended() == 0

        assert time.monotonic() - began_s < WAIT_S
        assert [run.outcome for run in live.store.runs()] == ["interrupted"]
        assert not socket_path(live.store.url_shown).exists()


def test_ends_with_1_when_its_scheduler_dies(live: Rig, counts: Counts) -> None:
    heard: list[object] = []
    before, threading.excepthook = threading.excepthook, heard.append
    try:
        with running(live, agenda=Agenda({"counts": Worn()}), pulse=QUICK) as one:
            assert one.ended() == 1
    finally:
        threading.excepthook = before

    assert len(heard) == 1
    assert live.front.why_not_ready == "the scheduler is silent"
    assert "scheduler died" in [line["event"] for line in live.logged()]


def test_a_pull_through_the_socket_is_a_run_of_the_service(live: Rig, counts: Counts) -> None:
    with running(live) as one:
        document = one.ask(command="pull", source="counts")

        assert (document["source"], document["outcome"]) == ("counts", "ok")
        assert len(document["observations"]) == 20
        assert live.store.last_ok()["counts"].received == 10
        assert live.published.last_ok == live.store.last_ok()


@pytest.mark.parametrize(
    "request_", [{"command": "pull", "source": "count"}, {"command": "stop"}, {}]
)
def test_what_the_service_does_not_know_is_refused(
    live: Rig, counts: Counts, request_: dict[str, str]
) -> None:
    with running(live) as one, pytest.raises(ControlError, match="no such"):
        one.ask(**request_)


def test_a_pull_that_cannot_be_stored_says_so(live: Rig, counts: Counts) -> None:
    with running(live) as one:
        with live.store._database.writer.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE runs RENAME TO elsewhere")

        with pytest.raises(ControlError, match="no such table: runs"):
            one.ask(command="pull", source="counts")


def test_is_ready_once_it_runs(live: Rig, counts: Counts) -> None:
    live.front.why_not_ready = "starting"
    with running(live) as one:
        one.ask(command="pull", source="counts")

        assert live.front.why_not_ready is None


class TestPullOnce:
    def test_stores_a_run_and_its_scoreboard(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        settings = drafted(source_server.url).settings(tmp_path / "config")
        clock, log = SimulatedClock(NOW_US), logger(io.StringIO(), "json")

        document = pull_once(settings, url, "counts", clock, log)

        assert document["outcome"] == "ok"
        with closing(Store.open(url, read_only=True)) as store:
            assert len(store.readings()) == 20
            assert store.head() == 2
            # It was asked for: the schedule's own dues are as they were.
            assert store.last_due("counts") is None

    def test_does_not_touch_a_store_that_another_holds(
        self, source_server: SourceServer, tmp_path: Path, url: str
    ) -> None:
        settings = drafted(source_server.url).settings(tmp_path / "config")
        with closing(Store.open(url)) as holder:
            holder.lock_instance()
            log = logger(io.StringIO(), "json")

            with pytest.raises(StoreError) as caught:
                pull_once(settings, url, "counts", SystemClock(), log)

        assert caught.value.kind == "locked"
        assert source_server.asked == []


class TestDryRun:
    def test_stores_nothing_and_makes_no_store(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        settings = drafted(source_server.url).settings(tmp_path / "config")

        document = dry_run(settings, url, "counts", SimulatedClock(NOW_US))

        assert (document["outcome"], document["error"]) == ("ok", None)
        assert {
            "metric": "sent",
            "agency": "so-tttt",
            "period": "2024",
            "data_at": "2024-10-16T09:00:00Z",
            "value": 1000.0,
        } in document["observations"]
        assert not (tmp_path / "chiso.db").exists()

    def test_judges_beside_what_the_store_knows(self, rig: Rig, counts: Counts, url: str) -> None:
        rig.pull()
        counts.say("so-tttt", sent=800)

        document = dry_run(rig.settings, url, "counts", rig.clock)

        assert [(one["reason"], one["got"]) for one in document["refused"]] == [
            ("fall", "800 after 1000")
        ]
        assert len(rig.store.runs()) == 1

    def test_shows_requests_without_their_secrets(
        self,
        source_server: SourceServer,
        counts: Counts,
        tmp_path: Path,
        url: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("PLANTED_KEY", "planted-secret")
        key = {"type": "api_key", "name": "api-key", "key": {"env": "PLANTED_KEY"}, "in": "query"}
        settings = drafted(source_server.url, auth=key).settings(tmp_path / "config")

        document = dry_run(settings, url, "counts", SimulatedClock(NOW_US))

        assert source_server.asked[0].query["api-key"] == "planted-secret"
        assert "planted-secret" not in str(document)
        assert document["requests"][0]["url"].startswith(source_server.url)
        assert [one["status"] for one in document["requests"]] == [200, 200]

    def test_says_what_is_wrong(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        settings = drafted(source_server.url).settings(tmp_path / "config")
        counts.declared = 7
        held = dry_run(settings, url, "counts", SimulatedClock(NOW_US))
        source_server.answer = lambda _: LOGIN_PAGE
        failed = dry_run(settings, url, "counts", SimulatedClock(NOW_US))

        assert (held["outcome"], held["error"]["reason"]) == ("held", "held")
        assert held["observations"] == []
        assert (failed["outcome"], failed["error"]["reason"]) == ("failed", "content")

    def test_asks_a_folder_too(self, tmp_path: Path, url: str) -> None:
        folder = tmp_path / "reports"
        folder.mkdir()
        (folder / "a.csv").write_text("unit,spots\nH0,5\nH9,6\n", encoding="utf-8")
        an_hour_ago_s = NOW_US // 1_000_000 - 3600
        os.utime(folder / "a.csv", (an_hour_ago_s, an_hour_ago_s))
        draft = drafted("https://register.example")
        draft.sources["counts"] = {
            key: draft.sources["counts"][key] for key in ("name", "owner", "schedule", "freshness")
        } | {
            "connector": "sheet",
            "folder": str(folder),
            "pattern": "*.csv",
            "header_row": 1,
            "agency": {"column": "unit", "system": "register"},
            "metrics": {"spots": {"column": "spots"}},
        }

        document = dry_run(draft.settings(tmp_path / "config"), url, "counts", SystemClock())

        assert document["error"] is None
        assert [one["value"] for one in document["observations"]] == [5.0]
        assert [one["got"] for one in document["refused"]] == ["H9"]


def test_a_source_s_own_agencies_are_named_by_its_codes(tmp_path: Path, url: str) -> None:
    counts = Counts(totals=[row("phu-yen", sent=5, signed=5)], now=[])
    with serving() as server:
        server.answer = counts
        settings = drafted(server.url).settings(tmp_path / "config")

        document = dry_run(settings, url, "counts", SimulatedClock(NOW_US))

    assert {one["agency"] for one in document["observations"]} == {"phu-yen"}


@pytest.mark.parametrize("wait", ["0", "Mon, 01 Jan 2001 00:00:00 GMT"])
def test_a_source_that_asks_to_be_asked_at_once_is_not_asked_without_end(
    wait: str, source_server: SourceServer, tmp_path: Path, url: str
) -> None:
    settings = drafted(source_server.url).settings(tmp_path / "config")
    source_server.answer = lambda _: Served(status=503, headers={"Retry-After": wait})
    with rigged(settings, url) as rig:
        run = rig.pull().run

    assert run.not_before_us == run.ended_us + 30 * SECOND_US


def test_a_source_that_asked_to_wait_is_left_alone_also_after_a_restart(
    source_server: SourceServer, tmp_path: Path, url: str
) -> None:
    settings = drafted(source_server.url).settings(tmp_path / "config")
    source_server.answer = lambda _: Served(status=429, headers={"Retry-After": "7200"})
    with rigged(settings, url) as rig:
        run = rig.pull().run
    assert run.not_before_us == run.ended_us + 7200 * SECOND_US

    with rigged(settings, url, clock=SimulatedClock(NOW_US + 3600 * SECOND_US)) as again:
        agenda, now_us = again.engine.agenda, again.clock.now_us()
        assert agenda.owed("counts", now_us) is None
        assert agenda.next_due_us("counts", now_us) == run.not_before_us
        source_server.answer = Counts()
        again.move(3600 * SECOND_US)
        assert again.pull().run.outcome == "ok"

    with rigged(settings, url, clock=SimulatedClock(NOW_US + 9000 * SECOND_US)) as last:
        assert last.engine.agenda.not_before_us == {}


@pytest.fixture
def own_collector() -> Iterator[None]:
    """The garbage collector is the whole process's: it is left as it was."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("own_collector")
def test_what_stands_when_a_service_begins_is_no_more_looked_at_for_garbage(rig: Rig) -> None:
    settle_memory()

    assert gc.get_freeze_count() > len(rig.settings.sources)
    assert gc.get_threshold()[0] > 10_000
    assert not any(one is rig.engine for one in gc.get_objects())
