"""The live schedule: real threads, real sources, and what happens when a part of it dies."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from collector.agenda import Agenda, agenda_of
from collector.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, SystemClock
from collector.facts import Run
from collector.periods import instant_us
from collector.schedule import Pulse, Schedule, run_owed
from collector.settings.model import Settings
from tests.makers import NOW_US, Counts, Draft, Rig, by_path, drafted, rigged, source
from tests.source_server import Asked, Served, SourceServer, as_json
from tests.waiting import until

QUICK = Pulse(beat_s=0.1, watch_s=0.05, silence_s_max=0.8, boards_s=0.2)
WAIT_S = 10.0


class Wall(SystemClock):
    """The machine's clock, which a test may set."""

    def set(self, step_us: int) -> None:
        self._offset_us += step_us


@dataclass
class Live:
    """A schedule under way, and why it failed if it did."""

    rig: Rig
    schedule: Schedule
    failures: list[str] = field(default_factory=list)
    failed: threading.Event = field(default_factory=threading.Event)

    def until(self, condition: Callable[[], bool]) -> bool:
        """Whether it comes true in time."""
        return until(condition, WAIT_S)

    def wakes_us(self, source_id: str) -> int:
        """When the source's job is planned to run next."""
        job = self.schedule._scheduler.get_job(source_id)
        return instant_us(job.next_run_time)

    def runs(self, source_id: str) -> list[str]:
        """Outcomes, newest first, those that stand for another left out."""
        found = self.rig.store.runs(source_id, limit=1000)
        return [one.outcome for one in found if one.outcome != "coalesced"]


@contextmanager
def live(
    settings: Settings,
    url: str,
    *,
    agenda: Agenda | None = None,
    clock: SystemClock | None = None,
    pulse: Pulse = QUICK,
) -> Iterator[Live]:
    with rigged(settings, url, clock=clock or SystemClock()) as rig:
        failures: list[str] = []
        failed = threading.Event()

        def note(why: str) -> None:
            failures.append(why)
            failed.set()

        engine = rig.engine
        schedule = Schedule(
            engine.desk, agenda or engine.agenda, workers=16, failed=note, pulse=pulse
        )
        schedule.start()
        try:
            yield Live(rig, schedule, failures, failed)
        finally:
            engine.abort()
            schedule.stop()


def scheduled(rig: Rig, *, workers: int = 16) -> Schedule:
    desk, agenda = rig.engine.desk, rig.engine.agenda
    return Schedule(desk, agenda, workers=workers, failed=print, pulse=QUICK)


def many(url: str, *names: str, every: str = "1s") -> Draft:
    """Sources that differ in their address's first part alone, each with agencies of its own."""
    made = {
        name: source(f"{url}/{name}", schedule={"every": every}, priority=number)
        for number, name in enumerate(names)
    }
    return Draft(sources=made)


def test_a_source_is_pulled_at_its_due_times(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    draft = drafted(source_server.url, schedule={"every": "1s"})
    with live(draft.settings(tmp_path / "config"), url) as one:
        assert one.until(lambda: len(one.runs("counts")) >= 3)

        stored = one.rig.store.runs("counts")[::-1]

        assert set(one.runs("counts")) == {"ok"}
        assert all(run.due_us % SECOND_US == 0 for run in stored[1:])
        assert all(run.began_us >= run.due_us for run in stored)
        dues = [run.due_us for run in stored[1:]]
        assert {after - before for before, after in pairwise(dues)} == {SECOND_US}
        assert one.failures == []


def test_a_source_that_hangs_delays_no_other(
    source_server: SourceServer, tmp_path: Path, url: str
) -> None:
    def hang(_: Asked) -> Served:
        source_server.ended.wait(WAIT_S)
        return as_json({})

    source_server.answer = by_path({"stuck": hang, "quick": Counts()})
    draft = many(source_server.url, "stuck", "quick")
    with live(draft.settings(tmp_path / "config"), url) as one:
        assert one.until(lambda: len(one.runs("quick")) >= 3)
        assert one.runs("stuck") == []
        assert [line for line in one.rig.logged() if line["level"] != "info"] == []

        began_s = time.monotonic()
        one.rig.engine.abort()
        assert one.until(lambda: one.runs("stuck") == ["interrupted"])

        assert time.monotonic() - began_s < 5
        source_server.ended.set()


def test_dues_passed_while_a_run_was_under_way_are_stood_for_by_the_next(
    source_server: SourceServer, tmp_path: Path, url: str
) -> None:
    let_go, counts = threading.Event(), Counts()

    def slow(asked: Asked) -> Served:
        let_go.wait(1.2)
        return counts(asked)

    source_server.answer = slow
    draft = drafted(source_server.url, schedule={"every": "1s"})
    with live(draft.settings(tmp_path / "config"), url) as one:
        assert one.until(lambda: len(one.runs("counts")) >= 1)
        let_go.set()
        assert one.until(lambda: len(one.runs("counts")) >= 2)

        stored = one.rig.store.runs("counts")[::-1]

        assert stored[1].outcome == "coalesced"
        dues = [run.due_us for run in stored]
        assert dues == sorted(set(dues))


@pytest.mark.parametrize(("well", "begins_soon"), [(True, True), (False, False)])
def test_a_due_passed_while_a_run_was_under_way_is_made_up_for_unless_that_failed(
    source_server: SourceServer, tmp_path: Path, url: str, *, well: bool, begins_soon: bool
) -> None:
    let_go, counts = threading.Event(), Counts()

    def slow(asked: Asked) -> Served:
        let_go.wait(WAIT_S)
        return counts(asked) if well else as_json({}, 404)

    source_server.answer = slow
    draft = drafted(source_server.url, schedule={"every": "2s"})
    with live(draft.settings(tmp_path / "config"), url) as one:
        assert one.until(lambda: bool(source_server.asked))
        passes_us = one.schedule.next_due_us()["counts"]
        passes_us = one.rig.engine.agenda.after_us("counts", passes_us)
        assert one.until(lambda: one.rig.clock.now_us() > passes_us + SECOND_US // 10)

        let_go.set()

        assert one.until(lambda: len(one.runs("counts")) >= 2)
        first, second = [run for run in one.rig.store.runs() if run.outcome != "coalesced"][:-3:-1]
        assert (second.began_us - first.ended_us < SECOND_US // 2) == begins_soon


def test_after_a_stop_one_run_stands_for_all_dues_that_passed(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    settings = drafted(source_server.url).settings(tmp_path / "config")
    with rigged(settings, url) as rig:
        run_owed(settings.sources["counts"], rig.engine.agenda, rig.engine.desk)
    with rigged(settings, url) as rig:
        rig.move(HOUR_US)
        assert len(source_server.asked) == 2

        ended = run_owed(settings.sources["counts"], rig.engine.agenda, rig.engine.desk)

        assert ended is not None
        assert len(source_server.asked) == 4
        stored = rig.store.runs("counts")
        assert [one.outcome for one in stored] == [
            "ok",
            "coalesced",
            "coalesced",
            "coalesced",
            "ok",
        ]
        assert len({one.due_us for one in stored}) == 5
        assert run_owed(settings.sources["counts"], rig.engine.agenda, rig.engine.desk) is None


class TestRetryAfter:
    def test_reschedules_the_source(
        self, source_server: SourceServer, tmp_path: Path, url: str
    ) -> None:
        said = [as_json({}, 429, Retry_After="600")]
        counts = Counts()
        source_server.answer = lambda asked: said.pop() if said else counts(asked)
        settings = drafted(source_server.url).settings(tmp_path / "config")
        with rigged(settings, url) as rig:
            agenda, desk = rig.engine.agenda, rig.engine.desk

            assert run_owed(settings.sources["counts"], agenda, desk) is not None

            assert agenda.next_due_us("counts", NOW_US) == NOW_US + 10 * MINUTE_US
            rig.move(10 * MINUTE_US - 1)
            assert run_owed(settings.sources["counts"], agenda, desk) is None
            rig.move(1)
            ended = run_owed(settings.sources["counts"], agenda, desk)
            assert ended is not None
            assert ended.run.outcome == "ok"

    def test_wakes_the_live_schedule_then_and_not_at_the_next_due(
        self, source_server: SourceServer, tmp_path: Path, url: str
    ) -> None:
        source_server.answer = lambda _: as_json({}, 503, Retry_After="40")
        draft = drafted(source_server.url, schedule={"every": "1h"})
        with live(draft.settings(tmp_path / "config"), url) as one:
            assert one.until(lambda: one.runs("counts") == ["failed"])

            (failed,) = one.rig.store.runs("counts")
            wanted_us = failed.ended_us + 40 * SECOND_US
            assert one.until(lambda: abs(one.wakes_us("counts") - wanted_us) < SECOND_US)

    def test_is_believed_for_a_day_at_most(
        self, source_server: SourceServer, tmp_path: Path, url: str
    ) -> None:
        source_server.answer = lambda _: as_json({}, 429, Retry_After="99999999")
        settings = drafted(source_server.url).settings(tmp_path / "config")
        with rigged(settings, url) as rig:
            run_owed(settings.sources["counts"], rig.engine.agenda, rig.engine.desk)

            assert rig.engine.agenda.next_due_us("counts", NOW_US) == NOW_US + DAY_US

    def test_does_not_keep_a_schedule_from_stopping(
        self, source_server: SourceServer, tmp_path: Path, url: str
    ) -> None:
        asked, let_go = threading.Event(), threading.Event()

        def slow(_: Asked) -> Served:
            asked.set()
            let_go.wait(WAIT_S)
            return as_json({}, 429, Retry_After="600")

        source_server.answer = slow
        settings = drafted(source_server.url).settings(tmp_path / "config")
        with rigged(settings, url, clock=SystemClock()) as rig:
            one = Live(rig, scheduled(rig))
            one.schedule.start()
            assert asked.wait(WAIT_S)
            stopping = threading.Thread(target=one.schedule.stop, daemon=True)
            stopping.start()
            assert one.until(lambda: not one.schedule._scheduler.running)

            let_go.set()

            assert one.until(lambda: one.runs("counts") == ["failed"])
            rig.engine.abort()
            stopping.join(WAIT_S)
            assert not stopping.is_alive()
            assert "bug" not in [line["event"] for line in rig.logged()]


class Worn:
    """A trigger that gives one due and breaks at the next, as one did for others."""

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        raise OSError("the zone's file is gone")


class TestDeath:
    def test_of_the_scheduler_is_seen(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        settings = drafted(source_server.url).settings(tmp_path / "config")
        died: list[str] = []
        before, threading.excepthook = threading.excepthook, lambda args: died.append(str(args))
        try:
            with live(settings, url, agenda=Agenda({"counts": Worn()})) as one:
                assert one.failed.wait(WAIT_S)
                assert one.schedule._scheduler.running
                assert one.failures == ["the scheduler is silent"]
        finally:
            threading.excepthook = before
        assert "the zone's file is gone" in died[0]

    def test_is_not_seen_in_one_that_lives(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        settings = drafted(source_server.url).settings(tmp_path / "config")
        with live(settings, url) as one:
            assert not one.failed.wait(2 * QUICK.silence_s_max)

    def test_of_what_publishes_is_seen_too(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        clock = Dying()
        settings = drafted(source_server.url).settings(tmp_path / "config")
        with live(settings, url, clock=clock) as one:
            assert one.until(lambda: one.runs("counts") == ["ok"])

            clock.broken.set()

            assert one.failed.wait(WAIT_S)
            clock.broken.clear()
            assert one.failures[0] in {"the boards thread died", "the watch thread died"}
            assert "bug" in [line["event"] for line in one.rig.logged()]


class Dying(SystemClock):
    """A clock that can no longer be read from threads that look at it now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = threading.Event()

    def now_us(self) -> int:
        if self.broken.is_set() and threading.current_thread().name in {"boards", "watch"}:
            raise OSError("no clock")
        return super().now_us()


def test_a_clock_set_back_does_not_stop_the_schedule(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    clock = Wall()
    draft = drafted(source_server.url, schedule={"every": "1s"})
    with live(draft.settings(tmp_path / "config"), url, clock=clock) as one:
        assert one.until(lambda: len(one.runs("counts")) >= 2)

        clock.set(-DAY_US)

        back_us = clock.now_us() + HOUR_US
        assert one.until(lambda: len([r for r in one.rig.store.runs() if r.due_us < back_us]) >= 3)
        assert "clock step" in [line["event"] for line in one.rig.logged()]
        assert one.failures == []


def test_a_clock_set_forward_makes_one_run_for_all_between(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    clock = Wall()
    draft = drafted(source_server.url, schedule={"every": "1h"})
    with live(draft.settings(tmp_path / "config"), url, clock=clock) as one:
        assert one.until(lambda: len(one.runs("counts")) == 1)

        clock.set(5 * HOUR_US)

        assert one.until(lambda: len(one.runs("counts")) == 2)
        assert len(one.rig.store.runs()) in {5, 6}


def test_a_due_that_stands_already_is_got_over(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    """As after a commit whose answer was lost: the agenda believes that the due is still owed."""
    draft = drafted(source_server.url, schedule={"every": "1s"})
    settings = draft.settings(tmp_path / "config")
    with rigged(settings, url, clock=SystemClock()) as rig:
        now_us = rig.clock.now_us()
        forgetful = agenda_of(settings.sources.values(), settings.zone, {"counts": now_us})
        due_us = forgetful.after_us("counts", now_us)
        rig.publish(Run("counts", due_us, due_us, due_us, "failed"))
    with live(settings, url, agenda=forgetful) as one:
        assert one.until(lambda: one.runs("counts").count("ok") >= 2)

        events = [line["event"] for line in one.rig.logged()]
        assert events.count("run not stored") == 1


def test_a_store_that_is_away_leaves_the_due_owed(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    draft = drafted(source_server.url, schedule={"every": "1s"})
    with live(draft.settings(tmp_path / "config"), url) as one:
        assert one.until(lambda: len(one.runs("counts")) >= 1)
        _rename(one.rig, "observations", "elsewhere")
        assert one.until(lambda: one.rig.store.health.trouble is not None)
        _rename(one.rig, "elsewhere", "observations")
        before = len(one.runs("counts"))

        assert one.until(lambda: len(one.runs("counts")) > before)

        dues = [run.due_us for run in one.rig.store.runs("counts")][::-1]
        assert {after - before for before, after in pairwise(dues[1:])} == {SECOND_US}


def _rename(rig: Rig, old: str, new: str) -> None:
    with rig.store._database.writer.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


def test_scoreboards_change_by_themselves_when_a_reading_turns_stale(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    draft = drafted(source_server.url, schedule={"every": "1h"})
    draft.metrics["metrics"]["spots"]["stale_after"] = "1s"
    with live(draft.settings(tmp_path / "config"), url) as one:
        assert one.until(lambda: one.runs("counts") == ["ok"])

        assert one.until(lambda: one.rig.status("so-tttt", "spots-up") == "stale")

        assert one.runs("counts") == ["ok"]


def test_a_pull_by_hand_is_made_beside_the_schedule(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    draft = drafted(source_server.url, schedule={"every": "1h"})
    with live(draft.settings(tmp_path / "config"), url) as one:
        assert one.until(lambda: one.runs("counts") == ["ok"])
        due_us = one.schedule.next_due_us()["counts"]

        ended = one.schedule.pull_now("counts")

        assert (ended.run.outcome, ended.run.manual) == ("ok", True)
        assert one.schedule.next_due_us()["counts"] == due_us
        assert one.rig.store.last_due("counts") != ended.run.due_us


def test_what_a_pull_by_hand_is_told_to_wait_holds_for_the_schedule_too(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    draft = drafted(source_server.url, schedule={"every": "1h"})
    with live(draft.settings(tmp_path / "config"), url) as one:
        assert one.until(lambda: one.runs("counts") == ["ok"])
        source_server.answer = lambda _: Served(status=429, headers={"Retry-After": "20000"})

        ended = one.schedule.pull_now("counts")

        assert ended.run.not_before_us is not None
        assert one.schedule.next_due_us()["counts"] >= ended.run.not_before_us


def test_with_fewer_workers_than_sources_all_are_pulled_in_turn(
    source_server: SourceServer, tmp_path: Path, url: str
) -> None:
    source_server.answer = by_path({name: Counts() for name in ("a1", "b2", "c3")})
    settings = many(source_server.url, "a1", "b2", "c3", every="1h").settings(tmp_path / "config")
    with rigged(settings, url, clock=SystemClock()) as rig:
        schedule = scheduled(rig, workers=1)
        schedule.start()
        one = Live(rig, schedule)

        assert one.until(lambda: len(rig.store.runs()) == 3)

        rig.engine.abort()
        schedule.stop()
        assert {run.outcome for run in rig.store.runs()} == {"ok"}


def test_the_agenda_of_the_live_schedule_goes_on_from_the_store(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    settings = drafted(source_server.url, schedule={"every": "1h"}).settings(tmp_path / "config")
    with live(settings, url) as one:
        assert one.until(lambda: one.runs("counts") == ["ok"])
    with live(settings, url) as one:
        assert one.until(lambda: one.rig.published.board.number >= 3)

        assert one.runs("counts") == ["ok"]
        assert len(source_server.asked) == 2
