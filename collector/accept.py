"""Take what a run was not allowed to bring: who wants it and why stands with the facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog

from collector.clock import Clock
from collector.facts import Acceptance, Admitted, Reading, Refusal, Run, Series, StoredRun, Track
from collector.publish import Publisher
from collector.store.store import Store


class AcceptError(ValueError):
    """There is nothing to accept; the message says why."""


@dataclass(frozen=True)
class Counter:
    """What an acceptance needs of the service, or of a store that no service holds."""

    store: Store
    publisher: Publisher
    clock: Clock
    log: structlog.typing.FilteringBoundLogger


def accept(taking: Acceptance, counter: Counter) -> Run:
    """Append a run with the figures that another one held or refused, as they were, and publish.

    Figures of which a newer run brought good ones are left as they are. AcceptError where nothing
    is left, where nothing was held, and for a second acceptance.
    """
    store = counter.store
    held = store.run(taking.of_run)
    if held is None:
        raise AcceptError(f"there is no run {taking.of_run}")
    before = store.acceptance(held.id)
    if before is not None:
        problem = f"run {held.id} was accepted already, by {before[1].who} in run {before[0]}"
        raise AcceptError(problem)
    known = counter.publisher.published.known.readings
    run = _run(held, taking, _wanted(store.refusals(held.id), held, known), counter)
    counter.publisher.publish([run])
    counter.log.warning(
        "run accepted", source=run.source, run=held.id, who=taking.who, rows=len(run.admitted)
    )
    return run


def waiting(store: Store, *, limit: int) -> tuple[StoredRun, ...]:
    """Of the newest runs those that were held or had falls refused, and are not accepted."""
    return waiting_of(store.runs(limit=limit), store)


def waiting_of(runs: Iterable[StoredRun], store: Store) -> tuple[StoredRun, ...]:
    """The same of given runs, in their order."""
    return tuple(
        run
        for run in runs
        if (run.outcome == "held" or run.track.verdict == "regressed")
        and store.acceptance(run.id) is None
    )


def _wanted(
    refusals: tuple[Refusal, ...], held: StoredRun, known: Mapping[Series, Reading]
) -> tuple[Admitted, ...]:
    rows = {
        one.series: Admitted(one.series, one.value, one.data_us)
        for one in refusals
        if one.series is not None and one.value is not None and one.data_us is not None
    }
    if not rows:
        raise AcceptError(f"run {held.id} of {held.source} held nothing that could be accepted")
    left = [row for row in rows.values() if not _is_newer(known.get(row.series), held)]
    if not left:
        raise AcceptError(f"newer runs brought all that run {held.id} of {held.source} held")
    return tuple(left)


def _is_newer(reading: Reading | None, held: StoredRun) -> bool:
    return reading is not None and reading.run_id > held.id


def _run(held: StoredRun, taking: Acceptance, rows: tuple[Admitted, ...], counter: Counter) -> Run:
    """The requests are those that brought the figures; the digest too."""
    now_us = counter.clock.now_us()
    return Run(
        held.source,
        due_us=now_us,
        began_us=now_us,
        ended_us=now_us,
        outcome="ok",
        message=f"run {held.id} accepted by {taking.who}: {taking.why}",
        received=len(rows),
        digest=held.digest,
        admitted=rows,
        taken=counter.store.offered(held.id),
        requests=counter.store.run_requests(held.id),
        manual=True,
        track=_track(held),
        past=held.past,
        acceptance=taking,
    )


def _track(held: StoredRun) -> Track:
    """Who accepts a whole answer accepts that agencies are gone; refused rows say nothing of it."""
    gone = () if held.outcome == "held" else held.track.vanished
    return Track("partial" if gone else None, held.track.same, held.track.absent, gone)
