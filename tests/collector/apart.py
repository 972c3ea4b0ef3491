"""Runs that are published by a thread each."""

import threading

from collector.facts import Run
from collector.publish import Publisher
from tests.makers import Rig


def patient(rig: Rig) -> Publisher:
    """One that would wait for an hour for runs that are still being made."""
    return Publisher(rig.settings, rig.store, rig.clock, gather_s=3600)


def published_apart(
    publisher: Publisher, runs: list[Run], waiting: int | None = None
) -> list[threading.Thread]:
    """Each in a thread of its own; by default all of them wait on return."""
    threads = [threading.Thread(target=publisher.publish, args=([run],)) for run in runs]
    for thread in threads:
        thread.start()
    pause = threading.Event()
    while publisher.turns.waiting < (len(runs) if waiting is None else waiting):
        pause.wait(0.001)
    return threads


def joined(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
