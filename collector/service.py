"""Everything built from Settings and a Clock: the only place that wires."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry

from collector.accept import AcceptError, Counter, accept
from collector.agenda import Agenda, agenda_of
from collector.backfill import BackfillError, period_named
from collector.clock import MINUTE_US, Clock
from collector.control import Control, ControlError, socket_path
from collector.directory import Directory
from collector.documents import run_document
from collector.exposition import Look, ScoreboardCollector
from collector.facts import Acceptance
from collector.logs import Log
from collector.meters import Meters
from collector.publish import Publisher
from collector.run import Desk
from collector.schedule import STEADY, Pulse, Schedule, StoppingError
from collector.settings.model import Settings
from collector.store.errors import StoreError
from collector.store.store import Store
from collector.web.app import create_app
from collector.web.server import Server
from collector.web.site import Site
from connectors.base import Window
from connectors.fetch.guard import Guard
from connectors.http import Client, HttpConnector

# As when another instance holds the store at the start.
LOST_STORE = 75
_NEW_OBJECTS, _OLDER_ROUNDS = 20_000, 10


@dataclass(frozen=True)
class Engine:
    """All that pulls, scores and publishes; what drives it may be live or simulated."""

    settings: Settings
    store: Store
    desk: Desk
    agenda: Agenda
    guard: Guard

    def abort(self) -> None:
        """End the runs under way: they are recorded as interrupted."""
        self.desk.stop.set()
        for client in self.desk.clients.values():
            client.abort()

    def counter(self) -> Counter:
        """Where acceptances are handed in."""
        return Counter(self.store, self.desk.publisher, self.desk.clock, self.desk.log)

    def close(self) -> None:
        self.desk.publisher.close()
        for client in self.desk.clients.values():
            client.close()
        self.guard.end()


class Front:
    """The web side: one registry and one site for the process, whichever engine it shows."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        log: Log,
        *,
        note: tuple[str, str] | None = None,
    ) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self.meters = Meters(self.registry, settings.sources)
        self.why_not_ready: str | None = "starting"
        self._engine: Engine | None = None
        look = Look(
            settings=settings,
            published=lambda: self.engine.desk.publisher.published,
            next_due_us=self._next_due_us,
            store_bytes=store.bytes,
            now_us=self._now_us,
        )
        self.registry.register(ScoreboardCollector(look))
        self.site = Site(
            settings=settings,
            store=store,
            registry=self.registry,
            published=look.published,
            next_due_us=look.next_due_us,
            now_us=look.now_us,
            not_ready=self._not_ready,
            note=lambda: note,
            log=log,
        )

    @property
    def engine(self) -> "Engine":
        if self._engine is None:
            raise RuntimeError("the front is asked before it was given an engine to show")
        return self._engine

    def show(self, engine: "Engine", *, why_not_ready: str | None = None) -> None:
        self._engine = engine
        self.why_not_ready = why_not_ready

    def _not_ready(self) -> str | None:
        trouble = self.site.store.health.trouble
        return self.why_not_ready or (trouble and f"what is learned is not stored: {trouble}")

    def _now_us(self) -> int:
        return self.engine.desk.clock.now_us()

    def _next_due_us(self) -> dict[str, int]:
        engine = self.engine
        now_us = engine.desk.clock.now_us()
        return {one: engine.agenda.next_due_us(one, now_us) for one in engine.settings.sources}


def build_engine(
    settings: Settings,
    store: Store,
    clock: Clock,
    log: Log,
    stop: threading.Event,
    meters: Meters,
) -> Engine:
    """Wire an engine over an open store; its first scoreboard is published at once."""
    _listen(store, log, stop, meters)
    publisher = Publisher(settings, store, clock)
    last_due_us = {source: store.last_due(source) for source in settings.sources}
    known_due_us = {source: us for source, us in last_due_us.items() if us is not None}
    agenda = agenda_of(settings.sources.values(), settings.zone, known_due_us)
    for source, run in publisher.published.last_runs.items():
        if run.not_before_us is not None:
            agenda.not_before_us[source] = run.not_before_us
    guard = Guard(lambda error: log.error("a request could not be ended", error=repr(error)))
    desk = Desk(
        settings=settings,
        clock=clock,
        store=store,
        publisher=publisher,
        clients={
            one.id: Client(one.connector, spent=_spent(store, one.id, clock.now_us()), guard=guard)
            for one in settings.sources.values()
            if isinstance(one.connector, HttpConnector)
        },
        meters=meters,
        directory=Directory(settings.agencies, settings.zone),
        stop=stop,
        log=log,
    )
    publisher.publish()
    return Engine(settings, store, desk, agenda, guard)


def settle_memory() -> None:
    """Have the garbage collector leave alone what stands now; once a process, when all is built.

    Settings, libraries and scoreboards live as long as the service, and a run makes hardly any
    cycles: to walk over it all time and again was a quarter of what a run costs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _OLDER_ROUNDS, _OLDER_ROUNDS)


def _listen(store: Store, log: Log, stop: threading.Event, meters: Meters) -> None:
    """What is not stored is counted every time, and said once when it begins and when it ends."""

    def failed(error: StoreError, first: bool) -> None:
        meters.count_store_failure()
        if error.kind == "locked":
            log.error("store lost", error=str(error))
            # There is no going on beside another instance.
            stop.set()
        elif first:
            log.warning("store begins to fail", error=str(error))

    store.health.listen(failed, lambda: log.warning("store recovered"))


def _spent(store: Store, source: str, now_us: int) -> int:
    """The requests of the last minute, which count against a source's budget over a restart."""
    runs = store.runs(source, since_us=now_us - MINUTE_US)
    return sum(len(store.run_requests(run.id)) for run in runs)


class Service:
    """The live service: schedule and control over one engine, until the stop flag is set."""

    def __init__(
        self, engine: Engine, front: Front, *, workers: int, pulse: Pulse = STEADY
    ) -> None:
        self._engine = engine
        self._front = front
        self._code = 0
        self._schedule = Schedule(
            engine.desk,
            engine.agenda,
            workers=workers,
            failed=self._scheduler_died,
            pulse=pulse,
        )
        self._control = Control(socket_path(engine.store.url_shown), self._answer)

    def run(self) -> int:
        """Work until the stop flag is set, and say with which exit code to end.

        0 when it was asked for, 1 when the scheduler died, 75 when another took the store.
        """
        self._control.start()
        self._schedule.start()
        self._front.show(self._engine)
        try:
            self._engine.desk.stop.wait()
        finally:
            self._engine.abort()
            self._schedule.stop()
            self._control.stop()
            self._engine.close()
        return LOST_STORE if self._engine.store.health.lost else self._code

    def _scheduler_died(self, why: str) -> None:
        self._code = 1
        self._front.why_not_ready = why
        self._engine.desk.log.error("scheduler died", why=why)
        self._engine.desk.stop.set()

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """What a command asks: to pull a source, or a period of its past, or an acceptance."""
        try:
            if request.get("command") == "accept":
                return self._accept(request)
            return self._pull(request)
        except StoppingError as error:
            raise ControlError("the running service ends") from error
        except (StoreError, AcceptError, BackfillError) as error:
            raise ControlError(str(error)) from error

    def _pull(self, request: dict[str, Any]) -> dict[str, Any]:
        source = str(request.get("source"))
        if request.get("command") != "pull" or source not in self._engine.settings.sources:
            raise ControlError(f"the running service knows no such source: {source}")
        return run_document(self._schedule.pull_now(source, self._past(source, request)).run)

    def _past(self, source: str, request: dict[str, Any]) -> Window | None:
        settings, now_us = self._engine.settings, self._engine.desk.clock.now_us()
        if request.get("past") is None:
            return None
        named = period_named(str(request["past"]), settings.sources[source], settings, now_us)
        return named.window(settings.zone)

    def _accept(self, request: dict[str, Any]) -> dict[str, Any]:
        taking = _acceptance(request)
        held = self._engine.store.run(taking.of_run)
        with self._schedule.between_runs(held.source if held else ""):
            return run_document(accept(taking, self._engine.counter()))


def _acceptance(request: dict[str, Any]) -> Acceptance:
    match request:
        case {"run": int(run), "who": str(who), "why": str(why)}:
            return Acceptance(run, who, why)
    raise ControlError('an acceptance is {"command": "accept", "run": …, "who": …, "why": …}')


@contextmanager
def serving(front: Front, host: str, port: int) -> Iterator[Server]:
    """Pages, API and metrics until the block ends: bound now, OSError where the port is taken.

    Start the server once the front has an engine to show.
    """
    server = Server(create_app(front.site), host, port)
    server.bind()
    try:
        yield server
    finally:
        server.stop()
