"""The live schedule: one APScheduler job a source, and a watch over the scheduler itself.

APScheduler only wakes us. What is owed is asked of the agenda, which goes on from the store, so a
restart neither skips nor repeats a due.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from collector.agenda import Agenda, Owed
from collector.clock import SECOND_US
from collector.run import Desk, Ended, run_source
from collector.settings.model import Source
from collector.store.errors import StoreError
from collector.waking import Dues, errors_to
from connectors.base import Window

_CLOCK_STEP_US_MAX = 30 * SECOND_US


class StoppingError(Exception):
    """The service ends: no pull begins any more."""


class Begun(NamedTuple):
    """A run that was owed: it is pulled, and stored or being stored."""

    source: Source
    owed: Owed
    ended: Future[Ended]


def begin_owed(source: Source, agenda: Agenda, desk: Desk) -> Begun | None:
    """Pull what is owed at this moment, if something is."""
    owed = agenda.owed(source.id, desk.clock.now_us())
    if owed is None:
        return None
    ended = run_source(source, owed.due_us, desk=desk, coalesced_us=owed.coalesced_us)
    return Begun(source, owed, ended)


def close_owed(begun: Begun, agenda: Agenda, desk: Desk) -> Ended:
    """Wait until it is stored, and note it as done; StoreError where it could not be stored.

    Where the source asked us to wait, its next due is then: no worker sleeps through it.
    """
    ended = begun.ended.result()
    not_before_us = ended.run.not_before_us
    if not_before_us is not None:
        wait_s = (not_before_us - ended.run.ended_us) / SECOND_US
        desk.log.warning("source asks to wait", source=begun.source.id, wait_s=wait_s)
    agenda.close(begun.source.id, begun.owed, not_before_us=not_before_us)
    return ended


def run_owed(source: Source, agenda: Agenda, desk: Desk) -> Ended | None:
    """Make the run that is owed at this moment, if one is, and note it as done."""
    begun = begin_owed(source, agenda, desk)
    return None if begun is None else close_owed(begun, agenda, desk)


@dataclass(frozen=True)
class Pulse:
    """How often the scheduler shows that it lives and is looked after, in seconds.

    One that missed three beats is dead, whatever its `running` says. Whether a scoreboard is due
    without a run is asked every `boards_s`. What a store did not take is tried again after
    `retry_s`.
    """

    beat_s: float = 10.0
    watch_s: float = 5.0
    silence_s_max: float = 35.0
    boards_s: float = 5.0
    retry_s: float = 60.0


STEADY = Pulse()


class Schedule:
    """Runs what is due until it is stopped; `failed` is called once if a part of it dies."""

    def __init__(
        self,
        desk: Desk,
        agenda: Agenda,
        *,
        workers: int,
        failed: Callable[[str], None],
        pulse: Pulse,
    ) -> None:
        self._desk = desk
        self._agenda = agenda
        self._failed = failed
        self._pulse = pulse
        self._busy = {source: threading.Lock() for source in desk.settings.sources}
        self._beat_s = self._tried_s = desk.clock.monotonic_s()
        threads = max(1, min(workers, len(desk.settings.sources)))
        self._executors = {"default": ThreadPoolExecutor(threads), "beat": ThreadPoolExecutor(1)}
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors=self._executors,
            timezone="UTC",
            logger=errors_to(desk.log),
        )
        self._loops = [
            threading.Thread(target=self._guarded, args=(name, loop), name=name, daemon=True)
            for name, loop in (("boards", self._publish_changes), ("watch", self._watch))
        ]

    def start(self) -> None:
        """Every source at its own due times; what is owed from before is run at once."""
        for source in self._desk.settings.sources.values():
            self._add(source)
        self._scheduler.add_job(
            self._beat,
            "interval",
            seconds=self._pulse.beat_s,
            id="heartbeat",
            executor="beat",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()
        for loop in self._loops:
            loop.start()

    def stop(self) -> None:
        """Wait for the runs under way: the stop flag is set and their sockets are shut by then."""
        # Not shutdown(wait=True): that waits with locks held which a run may need to end.
        self._scheduler.shutdown(wait=False)
        for executor in self._executors.values():
            executor.shutdown(wait=True)
        for busy in self._busy.values():
            with busy:  # a run that is being stored, or that a command asked for
                pass
        for loop in self._loops:
            loop.join()

    def next_due_us(self) -> Mapping[str, int]:
        now_us = self._desk.clock.now_us()
        return {source: self._agenda.next_due_us(source, now_us) for source in self._busy}

    def pull_now(self, source_id: str, past: Window | None = None) -> Ended:
        """Pull a source at once, beside its schedule, after a run of it that is under way.

        `past` is a window to fill in place of those wanted now. StoppingError once the service
        ends.
        """
        desk = self._desk
        with self._busy[source_id]:
            if desk.stop.is_set():
                raise StoppingError
            source, now_us = desk.settings.sources[source_id], desk.clock.now_us()
            ended = run_source(source, now_us, desk=desk, manual=True, past=past).result()
            self._agenda.leave_alone(source_id, ended.run.not_before_us)
        if ended.run.not_before_us is not None:
            self._plan_again(source_id)
        return ended

    @contextmanager
    def between_runs(self, source_id: str) -> Iterator[None]:
        """No run of the source is under way while the block lasts."""
        with self._busy.get(source_id) or nullcontext():
            yield

    def _add(self, source: Source) -> None:
        self._scheduler.add_job(
            self._run_due,
            Dues(source.id, self._agenda, self._desk.clock),
            args=(source,),
            id=source.id,
            max_instances=1,
            coalesce=True,
            # A late run is worth having: by default APScheduler drops a run that starts more
            # than one second after its due time.
            misfire_grace_time=None,
        )

    def _run_due(self, source: Source) -> None:
        """Pull what is owed; whoever stores it does the rest, and this thread goes on."""
        with ExitStack() as held:
            held.enter_context(self._busy[source.id])
            begun = self._begun(source)
            if begun is not None and self._is_late(begun):
                begun = self._second(begun)
            if begun is not None:
                begun.ended.add_done_callback(partial(self._over, begun, held.pop_all()))

    def _begun(self, source: Source) -> Begun | None:
        """Pull what is owed, if something is; once the service ends it stays owed."""
        if self._desk.stop.is_set():
            return None
        try:
            return begin_owed(source, self._agenda, self._desk)
        except Exception:  # a bug must not silence the source: its due stays owed
            self._desk.log.exception("bug", source=source.id)
        return None

    def _is_late(self, begun: Begun) -> bool:
        """Whether another due passed meanwhile: APScheduler drops what it wakes us for then."""
        now_us = self._desk.clock.now_us()
        return self._agenda.after_us(begun.source.id, begun.owed.due_us) <= now_us

    def _second(self, first: Begun) -> Begun | None:
        """The run for that due, unless the first failed: a source that hangs is left alone."""
        ended = self._closed(first)
        if ended is None or ended.run.outcome == "failed":
            return None
        return self._begun(first.source)

    def _over(self, begun: Begun, held: ExitStack, _: object) -> None:
        with held:
            self._closed(begun)

    def _closed(self, begun: Begun) -> Ended | None:
        """Note a run as done; a store that is away leaves it owed."""
        source_id = begun.source.id
        try:
            ended = close_owed(begun, self._agenda, self._desk)
            if ended.run.not_before_us is not None:
                self._plan_again(source_id)
        except StoreError as error:
            # A store that takes nothing is told of once, by who listens to its health.
            if self._desk.store.health.trouble is None:
                self._desk.log.warning("run not stored", source=source_id, error=str(error))
            if error.kind == "conflict":
                self._go_on(source_id)
        except Exception:  # a bug must not silence the source: its due stays owed
            self._desk.log.exception("bug", source=source_id)
        else:
            return ended
        return None

    def _go_on(self, source_id: str) -> None:
        """The due is on record already, so the agenda is behind the store: learn where it is."""
        with suppress(StoreError):
            due_us = self._desk.store.last_due(source_id)
            if due_us is not None:
                self._agenda.close(source_id, Owed(due_us))

    def _plan_again(self, source_id: str) -> None:
        dues = Dues(source_id, self._agenda, self._desk.clock)
        due = dues.get_next_fire_time(None, None)
        with suppress(JobLookupError):  # a schedule that was stopped meanwhile has no jobs
            self._scheduler.modify_job(source_id, next_run_time=due)

    def _beat(self) -> None:
        self._beat_s = self._desk.clock.monotonic_s()

    def _guarded(self, name: str, loop: Callable[[], None]) -> None:
        """A loop that ends by an error of ours ends the service: nobody would miss it else."""
        try:
            loop()
        except Exception:
            self._desk.log.exception("bug", thread=name)
            self._failed(f"the {name} thread died")

    def _publish_changes(self) -> None:
        """Publish when a deadline passes, a day turns or a set begins, without any run."""
        desk = self._desk
        while not desk.stop.is_set():
            self._try_store()
            change_us, now_us = desk.publisher.published.change_us, desk.clock.now_us()
            if now_us < change_us:
                wait_s = min((change_us - now_us) / SECOND_US, self._pulse.boards_s)
                desk.clock.wait(desk.stop, wait_s)
                continue
            try:
                desk.publisher.publish()
            except StoreError:
                desk.clock.wait(desk.stop, self._pulse.boards_s)

    def _try_store(self) -> None:
        """See that the store is held; and now and then, while it does not take all, try it.

        Runs that are still owed are made then, and not at their sources' next dues.
        """
        desk, store = self._desk, self._desk.store
        with suppress(StoreError):  # its health has told of it
            store.ensure_held()
            now_s = desk.clock.monotonic_s()
            if store.health.trouble is None or now_s < self._tried_s + self._pulse.retry_s:
                return
            self._tried_s = now_s
            desk.publisher.publish()
            for source in self._busy:
                self._plan_again(source)
            # A run that was asked for by hand is made again by hand or not at all.
            now_us = desk.clock.now_us()
            store.health.forget(one for one in self._busy if not self._agenda.owed(one, now_us))

    def _watch(self) -> None:
        """See a dead scheduler thread, which APScheduler does not, and a clock that jumps."""
        clock = self._desk.clock
        step_us = clock.now_us() - int(clock.monotonic_s() * SECOND_US)
        while not clock.wait(self._desk.stop, self._pulse.watch_s):
            if clock.monotonic_s() - self._beat_s > self._pulse.silence_s_max:
                self._failed("the scheduler is silent")
                return
            now_step_us = clock.now_us() - int(clock.monotonic_s() * SECOND_US)
            if abs(now_step_us - step_us) > _CLOCK_STEP_US_MAX:
                self._desk.log.warning("clock step", seconds=(now_step_us - step_us) / SECOND_US)
                for source in self._busy:
                    self._plan_again(source)
            step_us = now_step_us
