"""Runs that end together are stored together, and a run that is made alone waits for nobody."""

import pytest

from collector.facts import Run
from collector.publish import Publisher
from collector.store import StoreError
from tests.collector.apart import joined, patient, published_apart
from tests.makers import NOW_US, Rig


def test_runs_that_end_while_another_is_made_share_its_transaction(rig: Rig) -> None:
    publisher = patient(rig)
    before = publisher.published.board.number
    with publisher.turns.coming():
        threads = published_apart(publisher, _runs(rig, 3))
        assert publisher.published.board.number == before

    joined(threads)

    assert publisher.published.board.number == before + 1
    assert len(rig.store.runs("counts")) == 3


def test_where_enough_wait_they_wait_for_no_other(rig: Rig) -> None:
    publisher = patient(rig)
    with publisher.turns.coming():
        joined(published_apart(publisher, _runs(rig, 16), waiting=0))

    assert len(rig.store.runs("counts")) == 16


def test_a_run_that_is_made_alone_waits_for_nobody(rig: Rig) -> None:
    publisher = patient(rig)
    with publisher.turns.coming():
        (run,) = _runs(rig, 1)

    publisher.publish([run])

    assert len(rig.store.runs("counts")) == 1


def test_a_run_that_takes_long_is_not_waited_for(rig: Rig) -> None:
    publisher = Publisher(rig.settings, rig.store, rig.clock, gather_s=0.001)
    with publisher.turns.coming():
        publisher.publish(_runs(rig, 1))

        assert len(rig.store.runs("counts")) == 1


def _runs(rig: Rig, count: int) -> list[Run]:
    (source,) = rig.settings.sources
    return [Run(source, NOW_US + n, NOW_US, NOW_US, "ok") for n in range(count)]


def test_once_it_is_closed_nothing_is_taken_and_nobody_waits(rig: Rig) -> None:
    publisher = Publisher(rig.settings, rig.store, rig.clock)
    publisher.close()

    for run in _runs(rig, 2):
        with pytest.raises(StoreError, match="the service ends"):
            publisher.publish([run])
