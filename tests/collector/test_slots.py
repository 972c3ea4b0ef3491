"""So many pulls at once: who waits for the store takes no place of theirs."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from collector.run import Ended, run_source
from collector.slots import Slots, StoppingError, threads_of
from tests.makers import NOW_US, Counts, drafted, rigged, source
from tests.source_server import SourceServer

WAIT_S = 10.0


def test_a_run_that_waits_for_the_store_holds_up_no_pull(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    draft = drafted(source_server.url)
    draft.sources["others"] = source(source_server.url, priority=1)
    with (
        rigged(draft.settings(tmp_path / "config"), url) as rig,
        ThreadPoolExecutor(2) as pool,
    ):
        desk = replace(rig.engine.desk, slots=Slots(1, threading.Event()))

        def pulled(name: str) -> Ended:
            return run_source(rig.settings.sources[name], NOW_US, desk=desk)

        with rig.store._turn:
            runs = [pool.submit(pulled, name) for name in ("counts", "others")]
            publisher = rig.engine.desk.publisher
            until = threading.Event()
            for _ in range(1000):
                if publisher.turns.waiting or until.wait(WAIT_S / 1000):
                    break
            waiting = publisher.turns.waiting

        assert waiting == 1
        assert [one.result(WAIT_S).run.outcome for one in runs] == ["ok", "ok"]


def test_no_pull_begins_once_the_service_ends() -> None:
    stop = threading.Event()
    slots = Slots(1, stop)
    with slots:
        stop.set()

    for _ in range(2):
        with pytest.raises(StoppingError), slots:
            raise AssertionError("it began")


def test_there_are_threads_for_runs_that_wait_for_the_store() -> None:
    assert threads_of(8, 1000) > 8
    assert threads_of(8, 3) == 3
    assert threads_of(8, 0) == 1
