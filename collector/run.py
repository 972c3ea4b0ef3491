"""Pull one source once: the only place that times, catches and counts."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

import structlog

from collector.admit import admit
from collector.clock import SECOND_US, Clock
from collector.directory import Directory
from collector.facts import Reading, Refusal, Run, Series, StoredRun
from collector.judges import Context
from collector.meters import Meters
from collector.periods import Period, instant_us, local, moment_of, period_at
from collector.publish import Published, Publisher
from collector.report import Standing, report
from collector.settings.model import Settings, Source
from collector.store.store import Store
from collector.track import message_of, tracked
from connectors.base import Answer, Ask, PeriodKind, Reason, Request, SourceError, Window, kinds_of
from connectors.http import Client, Http

_MESSAGE_CHARS_MAX = 300
# A source may ask us to wait; none is left alone for longer than this.
_RETRY_AFTER_S_MAX = 86_400.0
# Some say 0, or a time that is past, each time they are asked.
_RETRY_AFTER_S_MIN = 30.0


@dataclass(frozen=True)
class Desk:
    """What a run needs of the service.

    `clients` are those of sources over HTTP. `standing` remembers who fails, to say so only once.
    """

    settings: Settings
    clock: Clock
    store: Store
    publisher: Publisher
    clients: Mapping[str, Client]
    meters: Meters
    directory: Directory
    stop: threading.Event
    log: structlog.typing.FilteringBoundLogger
    standing: dict[str, Standing] = field(default_factory=dict)


class Scene(NamedTuple):
    """What one pull looks at: the moment, what is known of the past, and when to give up.

    `now_us` is when it began. `told` is the source's newest run that had an answer. `past` is the
    one window to ask for where the past is filled.
    """

    settings: Settings
    directory: Directory
    clock: Clock
    due_us: int
    now_us: int
    readings: Mapping[Series, Reading]
    taken: frozenset[str]
    stop: threading.Event
    told: StoredRun | None = None
    manual: bool = False
    past: Window | None = None


class Ended(NamedTuple):
    """A run, how long the source asked us to wait before the next, and requests sent again."""

    run: Run
    retry_after_s: float | None = None
    retries: int = 0


def run_source(
    source: Source,
    due_us: int,
    *,
    desk: Desk,
    manual: bool = False,
    coalesced_us: Sequence[int] = (),
    past: Window | None = None,
) -> Future[Ended]:
    """Pull, admit and publish; `coalesced_us` are older dues that this run stands for.

    `past` is a window to fill in place of those wanted now. On return it is pulled and admitted;
    what is given is done once it is stored, shown and told, and holds StoreError where nothing
    could be stored: the due stays owed. The thread that stores calls what waits for it.
    """
    with desk.publisher.turns.coming():
        began_s = desk.clock.monotonic_s()
        ended = _made(source, due_us, desk, manual=manual, past=past)
    coalesced = [_coalesced(ended.run, due) for due in coalesced_us]
    shown = Future[Ended]()
    stored = desk.publisher.take([*coalesced, ended.run])
    stored.add_done_callback(lambda done: _tell(done, ended, began_s, desk, shown))
    return shown


def _tell(
    stored: Future[Published], ended: Ended, began_s: float, desk: Desk, shown: Future[Ended]
) -> None:
    """Count and report a run once it is stored, then let go whoever waits for it."""
    try:
        stored.result()
        duration_s = desk.clock.monotonic_s() - began_s
        desk.meters.count(ended.run, duration_s=duration_s, retries=ended.retries)
        report(ended.run, duration_s, desk.log, desk.standing)
    except Exception as error:  # noqa: BLE001  it is raised again where the run is waited for
        shown.set_exception(error)
    else:
        shown.set_result(ended)


def _made(source: Source, due_us: int, desk: Desk, *, manual: bool, past: Window | None) -> Ended:
    scene = _scene(source, due_us, desk, manual=manual, past=past)
    http = _begin(desk, source, scene)
    try:
        return pull(source, http, scene)
    except Exception as error:  # a bug here must not cost other sources their run
        desk.log.exception("bug", source=source.id)
        requests = http.requests if http else ()
        run = _failed(source, scene, requests, "ours", type(error).__name__)
        return Ended(run, None, _retries(http))


def pull(source: Source, http: Http | None, scene: Scene) -> Ended:
    """Ask the source and judge its answer; nothing is stored."""
    settings, day = scene.settings, _day(scene)
    windows = (scene.past,) if scene.past else windows_wanted(source, settings, scene.now_us)
    ask = _ask(source, windows, day, http, scene)
    try:
        answer = source.connector.observe(ask)
    except SourceError as error:
        wait_s, told = error.retry_after_s, _told(error, http)
        run = _failed(source, scene, _asked(ask), error.reason, told, wait_s)
        if scene.stop.is_set():
            run = replace(run, outcome="interrupted")
        return Ended(run, wait_s, _retries(http))
    context = Context(
        source,
        settings.metrics,
        scene.directory,
        scene.readings,
        windows,
        day,
        scene.now_us,
        moments=scene.past is None,
    )
    return Ended(_judged(answer, context, ask, scene), None, _retries(http))


def _asked(ask: Ask) -> tuple[Request, ...]:
    """What a source was asked; of one that is not asked over HTTP the ledger knows."""
    return ask.line.requests if ask.line else ask.ledger.requests


def _begin(desk: Desk, source: Source, scene: Scene) -> Http | None:
    """One run's way to its source; None where it is not asked over HTTP.

    Who pulls by hand may have unlocked the account: the source is asked, whatever it said before.
    """
    client = desk.clients.get(source.id)
    if client is None:
        return None
    if scene.manual:
        client.circuit.passed()
    return client.begin(desk.stop, local(scene.now_us, desk.settings.zone))


def _retries(http: Http | None) -> int:
    return http.retries if http else 0


def _told(error: SourceError, http: Http | None) -> str:
    """What a failure says, without secrets; refused credentials are noted with the source."""
    if http is None:
        return str(error)[:_MESSAGE_CHARS_MAX]
    http.note(error)
    return http.hiding().text(str(error))[:_MESSAGE_CHARS_MAX]


def _hidden(refusals: tuple[Refusal, ...], http: Http | None) -> tuple[Refusal, ...]:
    """A source may repeat a secret in what it answers: none is kept with what was refused."""
    if http is None or not refusals:
        return refusals
    hiding = http.hiding()
    return tuple(
        replace(one, where=hiding.text(one.where), got=hiding.text(one.got)) for one in refusals
    )


def windows_wanted(source: Source, settings: Settings, at_us: int) -> tuple[Window, ...]:
    """The current period of each kind the source feeds, and closed ones not yet settled.

    A closed period is asked for until its source's `close_after`, where a set was in force then.
    """
    windows = []
    for kind in sorted(kinds_of(source.connector.feeds())):
        period = period_at(kind, at_us, settings.zone)
        windows.append(period.window(settings.zone))
        while _unsettled(period.previous(), kind, source, settings, at_us):
            period = period.previous()
            windows.append(period.window(settings.zone))
    return tuple(windows)


def _unsettled(
    period: Period, kind: PeriodKind, source: Source, settings: Settings, at_us: int
) -> bool:
    if at_us >= period.until_us(settings.zone) + source.close_after_us:
        return False
    last_day = period.until - timedelta(days=1)
    return any(spec.period == kind and spec.in_force(last_day) for spec in settings.sets)


def _not_before_us(ended_us: int, retry_after_s: float | None) -> int | None:
    if retry_after_s is None:
        return None
    wait_s = min(max(retry_after_s, _RETRY_AFTER_S_MIN), _RETRY_AFTER_S_MAX)
    return ended_us + int(wait_s * SECOND_US)


def _scene(source: Source, due_us: int, desk: Desk, *, manual: bool, past: Window | None) -> Scene:
    now_us, published = desk.clock.now_us(), desk.publisher.published
    return Scene(
        desk.settings,
        desk.directory,
        desk.clock,
        due_us,
        now_us,
        published.known.readings,
        published.taken.get(source.id, frozenset()),
        desk.stop,
        published.last_told.get(source.id),
        manual,
        past,
    )


def _ask(
    source: Source, windows: tuple[Window, ...], day: date, http: Http | None, scene: Scene
) -> Ask:
    return Ask(
        http,
        windows,
        moment_of(scene.now_us),
        scene.directory.codes(source, day),
        scene.taken,
        scene.stop,
        scene.settings.zone,
        moments=scene.past is None,
        whose=partial(scene.directory.whose, source.connector.agency_system),
    )


def _judged(answer: Answer, context: Context, ask: Ask, scene: Scene) -> Run:
    admission = admit(answer, context)
    told = None if scene.past else scene.told
    track = tracked(answer, admission, context, scene.settings, told, manual=scene.manual)
    used = admission.outcome == "ok"
    return Run(
        context.source.id,
        scene.due_us,
        scene.now_us,
        scene.clock.now_us(),
        admission.outcome,
        message=message_of(track, admission),
        received=answer.received,
        declared=answer.declared,
        digest=answer.digest,
        admitted=admission.admitted,
        refusals=_hidden(admission.refusals, ask.line),
        # What a held run brought was not used: it must be found again.
        taken=answer.taken if used else (),
        offered=() if used else answer.taken,
        requests=_asked(ask),
        manual=scene.manual,
        track=track,
        restated=admission.restated,
        past=scene.past.id if scene.past else None,
    )


def _day(scene: Scene) -> date:
    """The local day whose agencies and codes count: of the past, the last one asked for."""
    at_us = scene.now_us
    if scene.past is not None:
        at_us = min(at_us, instant_us(scene.past.end) - 1)
    return scene.directory.day(at_us)


def _failed(
    source: Source,
    scene: Scene,
    requests: tuple[Request, ...],
    reason: Reason,
    message: str,
    retry_after_s: float | None = None,
) -> Run:
    ended_us = scene.clock.now_us()
    return Run(
        source.id,
        scene.due_us,
        scene.now_us,
        ended_us,
        "failed",
        error_reason=reason,
        message=message,
        requests=requests,
        manual=scene.manual,
        past=scene.past.id if scene.past else None,
        not_before_us=_not_before_us(ended_us, retry_after_s),
    )


def _coalesced(run: Run, due_us: int) -> Run:
    """A due that passed while nothing ran: the newer run stands for it."""
    return Run(run.source, due_us, run.began_us, run.ended_us, "coalesced")
