"""Fast-forward: the live service's dues, runs and scoreboards under a clock that is moved."""

from collections.abc import Callable
from datetime import datetime

from collector.clock import SimulatedClock
from collector.periods import instant_us
from collector.schedule import run_owed
from collector.service import Engine
from collector.settings.model import Settings

Tick = Callable[[int], None]


def year_start_us(settings: Settings) -> int:
    return instant_us(datetime(2024, 1, 1, tzinfo=settings.zone))


def year_stop_us(settings: Settings) -> int:
    """Where the fast-forward ends and the demo goes on at real speed."""
    return instant_us(datetime(2024, 12, 31, 16, tzinfo=settings.zone))


def live_stop_us(settings: Settings) -> int:
    return instant_us(datetime(2024, 12, 31, 23, 59, tzinfo=settings.zone))


def fast_forward(engine: Engine, clock: SimulatedClock, until_us: int, tick: Tick) -> bool:
    """Walk all dues and deadlines up to `until_us`; False when it was asked to stop before.

    `tick` is told every moment before anything happens in it.
    """
    while not engine.desk.stop.is_set():
        now_us = clock.now_us()
        due_us, source_id = min(
            (engine.agenda.next_due_us(one, now_us), one) for one in engine.settings.sources
        )
        change_us = engine.desk.publisher.published.change_us
        next_us = min(due_us, change_us)
        if next_us > until_us:
            clock.move_to(until_us)
            tick(until_us)
            engine.desk.publisher.publish()
            return True
        clock.move_to(next_us)
        tick(next_us)
        if change_us <= due_us:
            engine.desk.publisher.publish()
        else:
            run_owed(engine.settings.sources[source_id], engine.agenda, engine.desk)
    return False
