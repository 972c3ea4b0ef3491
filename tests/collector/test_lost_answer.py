"""A commit that stands though its answer never came: its runs are stored once, shown and told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.facts import Run
from collector.store import StoreError
from tests.collector.apart import joined, patient, published_apart
from tests.makers import NOW_US, Rig, drafted, rigged
from tests.postgres import Postgres
from tests.source_server import SourceServer
from tests.store.cutting import Wire, wire_to


@pytest.fixture
def wire(postgres: Postgres) -> Iterator[Wire]:
    with wire_to(postgres.port) as wire:
        yield wire


@pytest.fixture
def rig(
    wire: Wire, postgres: Postgres, source_server: SourceServer, tmp_path: Path
) -> Iterator[Rig]:
    url = postgres.new_database().replace(f":{postgres.port}/", f":{wire.port}/")
    with rigged(drafted(source_server.url).settings(tmp_path / "config"), url) as rig:
        yield rig


def test_runs_whose_common_commit_stands_are_stored_once_and_all_hear_so(
    rig: Rig, wire: Wire
) -> None:
    publisher, runs = patient(rig), [_run(1), _run(2)]
    with publisher.turns.coming():
        threads = published_apart(publisher, runs)
        wire.armed.set()
    joined(threads)

    assert wire.cut.is_set()
    assert sorted(run.due_us for run in rig.store.runs()) == [run.due_us for run in runs]
    assert publisher.published.last_runs["counts"] == rig.store.last_runs()["counts"]
    assert rig.store.health.trouble is None


def test_a_run_whose_commit_stands_is_shown_with_the_next(rig: Rig, wire: Wire) -> None:
    wire.armed.set()
    with pytest.raises(StoreError, match="closed the connection"):
        rig.publish(_run(1))

    rig.publish(_run(1), _run(2))

    assert [run.due_us for run in rig.store.runs()] == [_run(2).due_us, _run(1).due_us]
    assert rig.published.last_runs["counts"] == rig.store.last_runs()["counts"]


def _run(minute: int) -> Run:
    at_us = NOW_US + minute
    return Run("counts", at_us, at_us, at_us, "failed", error_reason="source", message="away")
