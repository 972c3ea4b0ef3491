"""The demo from its store to its last minute: the year, then the last day live."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from collector.agenda import Owed
from collector.clock import SECOND_US, Clock, SimulatedClock, SystemClock
from collector.demo.neighbour import Neighbour
from collector.demo.paces import at_live_pace, at_year_pace
from collector.demo.year import fast_forward, live_stop_us, year_start_us, year_stop_us
from collector.logs import Log
from collector.run import run_source
from collector.service import Engine, Front, Service, build_engine
from collector.settings.load import load
from collector.settings.model import Settings
from collector.store.store import Store

NOTE = (
    "Bản trình diễn: số liệu gốc là giả lập, chỉ kết quả cuối năm khớp với số đã công bố.",
    "Demonstration: the raw counts are synthetic; only the year's results match those published.",
)
_WORKERS = 8
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Stage:
    """What the demo stands on: its configuration, store, sources, log and stop flag."""

    settings: Settings
    store: Store
    neighbour: Neighbour
    log: Log
    stop: threading.Event


@dataclass(frozen=True)
class Year:
    engine: Engine
    clock: SimulatedClock
    from_us: int
    until_us: int


@contextmanager
def stage(
    config: Path, url: str, neighbour: Neighbour, log: Log, stop: threading.Event
) -> Iterator[Stage]:
    """Open the store for this demo alone; its sources' addresses and secrets are in place."""
    # Secrets are read from the environment at the moment of use, as in any other service.
    os.environ.update(neighbour.environment)
    settings = load(config, environ=os.environ)
    store = Store.open(url)
    try:
        store.lock_instance()
        yield Stage(settings, store, neighbour, log, stop)
    finally:
        store.close()


def front_of(stage: Stage) -> Front:
    return Front(at_live_pace(stage.settings), stage.store, stage.log, note=NOTE)


def left_of_year_us(stage: Stage) -> tuple[int, int]:
    """From where the fast-forward goes on, and to where; equal when the year is done."""
    newest_us = stage.store.newest_us() or year_start_us(stage.settings)
    return newest_us, max(newest_us, year_stop_us(stage.settings))


def begin_year(stage: Stage, front: Front) -> Year:
    """The engine of what is left of the year, already shown; its front says it is not ready."""
    from_us, until_us = left_of_year_us(stage)
    clock = SimulatedClock(from_us)
    stage.neighbour.tell_time(from_us)
    engine = _engine(stage, front, at_year_pace(stage.settings), clock)
    front.show(engine, why_not_ready="the year 2024 is being fast-forwarded")
    return Year(engine, clock, from_us, until_us)


def run_year(stage: Stage, year: Year, progress: Progress) -> bool:
    """Fast-forward; False when it was asked to stop before the end."""

    def tick(at_us: int) -> None:
        stage.neighbour.tell_time(at_us)
        progress(at_us)

    try:
        return fast_forward(year.engine, year.clock, year.until_us, tick)
    finally:
        year.engine.close()


def is_over(stage: Stage) -> bool:
    """Whether the demo's last minute has come in the store that it keeps."""
    newest_us = stage.store.newest_us()
    return newest_us is not None and newest_us + SECOND_US >= live_stop_us(stage.settings)


def run_live(stage: Stage, front: Front) -> int:
    """The last day at real speed, from the stored instant until its last minute or the flag."""
    settings = at_live_pace(stage.settings)
    newest_us = stage.store.newest_us() or year_stop_us(settings)
    clock = SystemClock(newest_us + SECOND_US - SystemClock().now_us())
    stage.neighbour.tell_time(clock.now_us(), running=True)
    engine = _engine(stage, front, settings, clock)
    _catch_up(engine)
    ending = threading.Thread(target=_end_of_day, args=(stage, clock), daemon=True)
    ending.start()
    return Service(engine, front, workers=_WORKERS).run()


def _catch_up(engine: Engine) -> None:
    """Pull every source once, so that nobody is shown a page of figures hours old.

    The dues that the faster pace would have had since noon were never owed: none is coalesced.
    """
    for source in engine.settings.sources.values():
        owed = Owed(engine.desk.clock.now_us())
        run_source(source, owed.due_us, desk=engine.desk).result()
        engine.agenda.close(source.id, owed)


def _end_of_day(stage: Stage, clock: Clock) -> None:
    """Set the stop flag when the demo's last minute comes."""
    until_us = live_stop_us(stage.settings)
    while clock.now_us() < until_us:
        if clock.wait(stage.stop, (until_us - clock.now_us()) / SECOND_US):
            return
    stage.stop.set()


def _engine(stage: Stage, front: Front, settings: Settings, clock: Clock) -> Engine:
    return build_engine(settings, stage.store, clock, stage.log, stage.stop, front.meters)
