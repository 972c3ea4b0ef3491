"""What commands do where no service runs, or beside one: once, and then it is over."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from collector.clock import Clock
from collector.directory import Directory
from collector.documents import Document, run_document
from collector.facts import Acceptance, Run
from collector.logs import Log
from collector.periods import Period, local
from collector.run import Scene, pull, run_source
from collector.settings.model import Settings, Source
from collector.silences import silences
from collector.store.errors import StoreError
from collector.store.store import Store
from connectors.base import SourceError
from connectors.fetch.line import Http
from connectors.http import Client, HttpConnector
from connectors.record import recording
from connectors.replay import replay

if TYPE_CHECKING:
    from collector.service import Engine


class NotSavedError(ValueError):
    """There is no saved answer, or the source is one that has none; the message says why."""


def pull_once(settings: Settings, url: str, source_id: str, clock: Clock, log: Log) -> Document:
    """Pull one source into a store that no service holds."""
    with alone(settings, url, clock, log) as engine:
        return _pulled(engine, settings.sources[source_id], None)


def fill_once(
    settings: Settings,
    url: str,
    source_id: str,
    periods: Iterable[Period],
    clock: Clock,
    log: Log,
) -> Iterator[Document]:
    """One run a period, into a store that no service holds; each is stored before the next."""
    with alone(settings, url, clock, log) as engine:
        for period in periods:
            yield _pulled(engine, settings.sources[source_id], period)


def accept_once(
    settings: Settings, url: str, taking: Acceptance, clock: Clock, log: Log
) -> Document:
    """Accept a run of a store that no service holds; AcceptError where there is nothing to."""
    from collector.accept import accept

    with alone(settings, url, clock, log) as engine:
        return run_document(accept(taking, engine.counter()))


def dry_run(
    settings: Settings, url: str, source_id: str, clock: Clock, answer: Path | None = None
) -> Document:
    """What would become of a source's answer now, beside what the store knows; stores nothing.

    `answer` is a saved one, a file or a folder of them, in place of the source's own;
    NotSavedError where a source has none.
    """
    source, scene = settings.sources[source_id], _scene(settings, url, source_id, clock)
    options = source.connector
    if answer is not None:
        return _mapped(source, answer, scene)
    if not isinstance(options, HttpConnector):
        return _shown(pull(source, None, scene).run, source, scene)
    with closing(Client(options)) as client:
        return _asked(source, client.begin(scene.stop, _local(scene)), scene)


def record(
    settings: Settings, url: str, source_id: str, clock: Clock, folder: Path
) -> tuple[Document, tuple[Path, ...]]:
    """Pull without storing, and keep what was answered in a folder, without its secrets.

    The files written are those of `replay`. NotSavedError; FileExistsError where there are
    answers already, other OSErrors where none can be written.
    """
    source, scene = settings.sources[source_id], _scene(settings, url, source_id, clock)
    with closing(Client(_http_options(source))) as client:
        line = recording(client, scene.stop, _local(scene))
        return _asked(source, line, scene), line.save(folder)


@contextmanager
def alone(settings: Settings, url: str, clock: Clock, log: Log) -> Iterator["Engine"]:
    """An engine over a store that no service holds, and none may take meanwhile."""
    # Beside the engine there is all of the web, which takes as long to load as all the rest.
    from prometheus_client import CollectorRegistry

    from collector.meters import Meters
    from collector.service import build_engine

    with closing(Store.open(url)) as store:
        store.lock_instance()
        meters = Meters(CollectorRegistry(), settings.sources)
        engine = build_engine(settings, store, clock, log, threading.Event(), meters)
        try:
            yield engine
        finally:
            engine.close()


def _pulled(engine: "Engine", source: Source, period: Period | None) -> Document:
    past = period.window(engine.settings.zone) if period else None
    now_us = engine.desk.clock.now_us()
    return run_document(
        run_source(source, now_us, desk=engine.desk, manual=True, past=past).result().run
    )


def _mapped(source: Source, answer: Path, scene: Scene) -> Document:
    try:
        line = replay(_http_options(source), answer)
    except SourceError as error:
        raise NotSavedError(str(error)) from error
    document = _asked(source, line, scene)
    return {**document, "pages": "1 of more pages"} if line.goes_on else document


def _asked(source: Source, line: Http, scene: Scene) -> Document:
    return _shown(pull(source, line, scene).run, source, scene)


def _shown(run: Run, source: Source, scene: Scene) -> Document:
    """With what only who describes a source asks for: the rows that came, and of whom none did."""
    gone = silences(run, source, scene.directory, scene.directory.day(scene.now_us))
    return {**run_document(run), "received": run.received, "missing": gone}


def _http_options(source: Source) -> HttpConnector:
    if not isinstance(source.connector, HttpConnector):
        problem = f"{source.id} is not asked over HTTP ({source.connector_name})"
        raise NotSavedError(f"{problem}: it has no answers to keep or to give back")
    return source.connector


def _scene(settings: Settings, url: str, source_id: str, clock: Clock) -> Scene:
    """With what a store knows; nothing where there is none yet: a dry run needs no store."""
    directory = Directory(settings.agencies, settings.zone)
    now_us, stop = clock.now_us(), threading.Event()
    scene = Scene(settings, directory, clock, now_us, now_us, {}, frozenset(), stop)
    try:
        store = Store.open(url, read_only=True)
    except StoreError:
        return scene
    with closing(store):
        return scene._replace(
            readings=store.readings(),
            taken=store.taken(source_id),
            told=store.last_told().get(source_id),
        )


def _local(scene: Scene) -> datetime:
    return local(scene.now_us, scene.settings.zone)
