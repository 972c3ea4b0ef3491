"""Pull one source once: the only place that times, catches, logs and counts."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

import structlog

from collector.admit import Context, admit, codes_of
from collector.clock import Clock
from collector.exposition import Meters
from collector.facts import Run
from collector.periods import Period, local, moment_of, period_at
from collector.publish import Publisher
from collector.settings.model import Settings, Source
from collector.store.store import Store
from connectors.base import Answer, Ask, PeriodKind, SourceError, Window, kinds_of
from connectors.http import Client, Http

Standing = Literal["well", "failing"]
_MESSAGE_CHARS_MAX = 300


@dataclass(frozen=True)
class Desk:
    """What a run needs of the service. `standing` remembers who fails, to say so only once."""

    settings: Settings
    clock: Clock
    store: Store
    publisher: Publisher
    clients: Mapping[str, Client]
    meters: Meters
    stop: threading.Event
    log: structlog.typing.FilteringBoundLogger
    standing: dict[str, Standing] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """A run and what the source asked us to wait before the next, in seconds."""

    run: Run
    retry_after_s: float | None = None


def run_source(
    source: Source,
    due_us: int,
    *,
    desk: Desk,
    manual: bool = False,
    coalesced_us: Sequence[int] = (),
) -> Ended:
    """Pull, admit and publish; `coalesced_us` are older dues that this run stands for.

    StoreError when nothing could be stored: the due stays owed.
    """
    began_s = desk.clock.monotonic_s()
    began_us = desk.clock.now_us()
    http = desk.clients[source.id].begin(desk.stop)
    pulled = pull(source, due_us, http=http, desk=desk)
    run = replace(pulled.run, due_us=due_us, began_us=began_us, manual=manual)
    desk.publisher.publish([*(_coalesced(run, due) for due in coalesced_us), run])
    duration_s = desk.clock.monotonic_s() - began_s
    desk.meters.count(run, duration_s=duration_s, retries=http.retries)
    _report(run, duration_s, desk)
    return Ended(run, pulled.retry_after_s)


def pull(source: Source, due_us: int, *, http: Http, desk: Desk) -> Ended:
    """Ask the source and judge its answer; nothing is stored yet."""
    began_us = desk.clock.now_us()
    windows = windows_wanted(source, desk.settings, began_us)
    retry_after_s = None
    try:
        answer = source.connector.observe(_ask(source, windows, began_us, http, desk))
        run = _judged(source, windows, answer, began_us, desk)
    except SourceError as error:
        outcome = "interrupted" if desk.stop.is_set() else "failed"
        run = _blank(source, began_us, desk)
        run = replace(run, outcome=outcome, error_reason=error.reason, message=_short(error))
        retry_after_s = error.retry_after_s
    except Exception as error:  # a bug here must not cost other sources their run
        desk.log.exception("bug", source=source.id)
        run = replace(
            _blank(source, began_us, desk),
            outcome="failed",
            error_reason="ours",
            message=type(error).__name__,
        )
    return Ended(replace(run, due_us=due_us, requests=http.requests), retry_after_s)


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
    last_day = period.until - timedelta(days=1)
    scored = any(spec.period == kind and spec.in_force(last_day) for spec in settings.sets)
    return scored and at_us < period.until_us(settings.zone) + source.close_after_us


def _ask(
    source: Source, windows: tuple[Window, ...], now_us: int, http: Http, desk: Desk
) -> Ask:
    day = local(now_us, desk.settings.zone).date()
    system = source.connector.agency_system
    codes = tuple(
        code
        for agency in desk.settings.agencies.values()
        if agency.exists_on(day) and system is not None
        for code in codes_of(agency, system, day)
    )
    taken = desk.store.taken(source.id)
    return Ask(http, windows, moment_of(now_us), codes, taken, desk.stop)


def _judged(
    source: Source, windows: tuple[Window, ...], answer: Answer, began_us: int, desk: Desk
) -> Run:
    settings = desk.settings
    context = Context(
        source=source,
        metrics=settings.metrics,
        agencies=settings.agencies,
        readings=desk.publisher.published.known.readings,
        windows=windows,
        day=local(began_us, settings.zone).date(),
        zone=settings.zone,
        now_us=began_us,
    )
    admission = admit(answer, context)
    return replace(
        _blank(source, began_us, desk),
        outcome=admission.outcome,
        message=admission.held_reason,
        received=answer.received,
        declared=answer.declared,
        digest=answer.digest,
        admitted=admission.admitted,
        refusals=admission.refusals,
        taken=answer.taken,
    )


def _blank(source: Source, began_us: int, desk: Desk) -> Run:
    return Run(source.id, began_us, began_us, desk.clock.now_us(), "ok")


def _coalesced(run: Run, due_us: int) -> Run:
    """A due that passed while nothing ran: the newer run stands for it."""
    return Run(run.source, due_us, run.began_us, run.ended_us, "coalesced")


def _short(error: SourceError) -> str:
    return str(error)[:_MESSAGE_CHARS_MAX]


def _report(run: Run, duration_s: float, desk: Desk) -> None:
    """One line a run, and one more when a source begins to fail or recovers."""
    desk.log.info(
        "run",
        source=run.source,
        outcome=run.outcome,
        received=run.received,
        admitted=len(run.admitted),
        refused=len(run.refusals),
        requests=len(run.requests),
        duration_s=round(duration_s, 3),
    )
    before = desk.standing.get(run.source, "well")
    now: Standing = "well" if run.outcome == "ok" else "failing"
    desk.standing[run.source] = now
    if now == "failing" and before == "well":
        desk.log.warning(
            "source begins to fail",
            source=run.source,
            outcome=run.outcome,
            reason=run.error_reason,
            message=run.message,
        )
    if now == "well" and before == "failing":
        desk.log.warning("source recovered", source=run.source)
