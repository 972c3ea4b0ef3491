"""So many pulls at once: who waits for the store takes no place of theirs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.clock import SystemClock
from collector.schedule import STEADY, Schedule, StoppingError
from tests.makers import Counts, Draft, Rig, rigged, source
from tests.source_server import Asked, Served, SourceServer, as_json
from tests.waiting import WAIT_S, until


@pytest.fixture
def rig(source_server: SourceServer, tmp_path: Path, url: str) -> Iterator[Rig]:
    """A service of two sources."""
    names = ("first", "second")
    made = {
        name: source(f"{source_server.url}/{name}", schedule={"every": "1h"}, priority=number)
        for number, name in enumerate(names)
    }
    settings = Draft(sources=made).settings(tmp_path / "config")
    with rigged(settings, url, clock=SystemClock()) as rig:
        yield rig


@contextmanager
def with_one_worker(rig: Rig) -> Iterator[Schedule]:
    desk, agenda = rig.engine.desk, rig.engine.agenda
    schedule = Schedule(desk, agenda, workers=1, failed=print, pulse=STEADY)
    try:
        yield schedule
    finally:
        rig.engine.abort()
        schedule.stop()


def test_a_run_that_waits_for_the_store_holds_up_no_pull(
    rig: Rig, source_server: SourceServer
) -> None:
    source_server.answer = Counts()
    with with_one_worker(rig) as schedule:
        with rig.store._turn:
            schedule.start()
            assert until(lambda: len(source_server.asked) == 2)
            assert stored(rig) == []

        assert until(lambda: stored(rig) == ["first", "second"])


def test_no_pull_begins_once_the_service_ends(rig: Rig, source_server: SourceServer) -> None:
    def hang(_: Asked) -> Served:
        source_server.ended.wait(WAIT_S)
        return as_json({})

    source_server.answer = hang
    with with_one_worker(rig) as schedule:
        schedule.start()
        assert until(lambda: bool(source_server.asked))

    assert len(source_server.asked) == 1
    assert [run.outcome for run in rig.store.runs()] == ["interrupted"]


def test_what_was_pulled_is_stored_before_the_schedule_has_ended(
    rig: Rig, source_server: SourceServer
) -> None:
    source_server.answer = Counts()
    turns, is_held = rig.engine.desk.publisher.turns, threading.Event()

    def hold_until_the_service_stops() -> None:
        with rig.store._turn:
            is_held.set()
            rig.engine.desk.stop.wait(WAIT_S)

    holder = threading.Thread(target=hold_until_the_service_stops)
    holder.start()
    with with_one_worker(rig) as schedule:
        assert is_held.wait(WAIT_S)
        schedule.start()
        assert until(lambda: len(source_server.asked) == 2 and not turns._coming)
        assert stored(rig) == []

    assert stored(rig) == ["first", "second"]
    holder.join(WAIT_S)


def test_no_pull_by_hand_begins_once_the_service_ends(rig: Rig) -> None:
    with with_one_worker(rig) as schedule:
        schedule.start()
        rig.engine.desk.stop.set()

        with pytest.raises(StoppingError):
            schedule.pull_now("first")


def stored(rig: Rig) -> list[str]:
    return sorted(run.source for run in rig.store.runs())
