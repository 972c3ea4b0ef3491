"""Runs that end at the same time share a transaction, and none costs another anything."""

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from collector.clock import SECOND_US, SimulatedClock
from collector.facts import Run
from collector.publish import Published
from collector.store.errors import StoreError
from tests.makers import NOW_US, Counts, Rig, drafted, rigged
from tests.source_server import SourceServer

RUNS = 5
WAIT_S = 10.0


class Halting(SimulatedClock):
    """A clock that lets whoever stores wait, once it was told to, or ends that thread."""

    def __init__(self) -> None:
        super().__init__(NOW_US)
        self.go = threading.Event()
        self.go.set()
        self.stands = threading.Event()
        self.asked = 0
        self.ends_at = 0

    def now_us(self) -> int:
        self.asked += 1
        if not self.go.is_set():
            self.stands.set()
            assert self.go.wait(WAIT_S)
        if self.asked == self.ends_at:
            sys.exit()
        return super().now_us()


@dataclass
class Publishing:
    """Runs handed in while the first of them is being stored."""

    rig: Rig
    clock: Halting
    done: list[Published] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    def together(self, *runs: Run, ending: bool = False) -> None:
        """`ending`: the thread that stores all but the first ends while it does so."""
        publisher = self.rig.engine.desk.publisher
        self.clock.go.clear()
        taken = [publisher.take([run("counts", 0)])]
        assert self.clock.stands.wait(WAIT_S)
        taken += [publisher.take([one]) for one in runs]
        self.clock.ends_at = self.clock.asked + 1 if ending else 0
        self.clock.go.set()
        for one in taken:
            error = one.exception(WAIT_S)
            if error is None:
                self.done.append(one.result())
            else:
                self.errors.append(error)


@pytest.fixture
def publishing(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> Iterator[Publishing]:
    clock = Halting()
    settings = drafted(source_server.url).settings(tmp_path / "config")
    with rigged(settings, url, clock=clock) as rig:
        yield Publishing(rig, clock)


def run(source: str, number: int) -> Run:
    due_us = NOW_US + number * SECOND_US
    return Run(source, due_us, due_us, due_us, "failed", error_reason="source")


def test_runs_that_wait_share_the_next_scoreboard(publishing: Publishing) -> None:
    before = publishing.rig.published.board.number

    publishing.together(*(run("counts", number) for number in range(1, 1 + RUNS)))

    assert publishing.errors == []
    assert len(publishing.rig.store.runs("counts")) == 1 + RUNS
    assert publishing.rig.published.board.number == before + 2
    assert {each.board.number for each in publishing.done} == {before + 1, before + 2}


def test_a_run_that_cannot_be_stored_costs_the_others_nothing(publishing: Publishing) -> None:
    runs = [run("counts", number) for number in range(1, 1 + RUNS)]

    publishing.together(*runs, replace(run("counts", 1), outcome="held"))

    assert len(publishing.errors) == 1
    assert len(publishing.rig.store.runs("counts")) == 1 + RUNS
    assert publishing.rig.store.scoreboard_row() is not None
    assert publishing.rig.published.board.number == publishing.rig.store.scoreboard_row().number  # type: ignore[union-attr]


def test_what_is_shown_is_what_a_restart_would_show(publishing: Publishing) -> None:
    publishing.rig.pull()
    publishing.rig.move(SECOND_US)

    publishing.together(*(run("counts", number) for number in range(1, 1 + RUNS)))

    stored = publishing.rig.store.readings()
    assert publishing.rig.published.known.readings == stored
    assert publishing.rig.published.known.newest_us() == max(
        reading.data_us for reading in stored.values()
    )


def test_runs_whose_storing_ended_midway_are_not_said_to_be_stored(publishing: Publishing) -> None:
    publishing.together(run("counts", 1), ending=True)

    assert [one.kind for one in publishing.errors if isinstance(one, StoreError)] == ["unavailable"]
    assert len(publishing.rig.store.runs("counts")) == 1
    publishing.rig.publish(run("counts", 1))
    assert len(publishing.rig.store.runs("counts")) == 2


def test_a_store_that_is_away_is_not_waited_for_by_each_run(publishing: Publishing) -> None:
    with publishing.rig.store._database.writer.begin() as connection:
        connection.exec_driver_sql("DROP TABLE runs")
    asked = publishing.clock.asked

    publishing.together(*(run("counts", number) for number in range(1, 1 + RUNS)))

    assert len(publishing.errors) == 1 + RUNS
    # The first, the others all at once, and two of them alone.
    assert publishing.clock.asked - asked == 4
