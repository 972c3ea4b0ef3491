"""Runs as they are read back: the newest, the last good ones, what was refused, what was asked."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from collector.facts import Acceptance, Admitted, Outcome, Refusal, Run, Series, StoredRun, Track
from collector.store.tables import acceptances, observations, refusals, runs, series
from connectors.base import RefusalReason, Request

# Fields of StoredRun that are columns of their own.
_PLAIN = tuple(name for name in StoredRun.__dataclass_fields__ if name != "track")


def newest_runs(
    connection: Connection, source: str | None, limit: int, since_us: int | None
) -> tuple[StoredRun, ...]:
    """Newest first, by the order of commits; `since_us` is the earliest end."""
    wanted = select(*_columns()).order_by(runs.c.id.desc()).limit(limit)
    if source is not None:
        wanted = wanted.where(runs.c.source == source)
    if since_us is not None:
        wanted = wanted.where(runs.c.ended_us >= since_us)
    return tuple(_stored(row) for row in connection.execute(wanted))


def run_of(connection: Connection, run_id: int) -> StoredRun | None:
    rows = connection.execute(select(*_columns()).where(runs.c.id == run_id))
    return next((_stored(row) for row in rows), None)


def last_by_source(
    connection: Connection, *outcomes: Outcome, known_us: int | None = None
) -> dict[str, StoredRun]:
    """Each source's newest run among those of the given outcomes, that had ended by then.

    Runs that filled the past say nothing of how a source stands.
    """
    newest = select(func.max(runs.c.id)).where(runs.c.outcome.in_(outcomes), runs.c.past.is_(None))
    if known_us is not None:
        newest = newest.where(runs.c.ended_us <= known_us)
    wanted = select(*_columns()).where(runs.c.id.in_(newest.group_by(runs.c.source)))
    found = (_stored(row) for row in connection.execute(wanted))
    return {run.source: run for run in found}


def count_runs(connection: Connection) -> dict[tuple[str, Outcome], int]:
    rows = connection.execute(
        select(runs.c.source, runs.c.outcome, func.count()).group_by(runs.c.source, runs.c.outcome)
    )
    return {(source, outcome): count for source, outcome, count in rows}


def not_stored(connection: Connection, new: Sequence[Run]) -> tuple[Run, ...]:
    """Of these runs, those that have no row: another run may have the same due time."""
    oldest_us = min((run.due_us for run in new), default=0)
    sources = {run.source for run in new}
    wanted = select(*_IDENTITY).where(runs.c.source.in_(sources), runs.c.due_us >= oldest_us)
    standing = {tuple(row) for row in connection.execute(wanted)}
    return tuple(run for run in new if _identity(run) not in standing)


_IDENTITY = (
    *(runs.c.source, runs.c.due_us, runs.c.manual, runs.c.began_us, runs.c.ended_us),
    *(runs.c.outcome, runs.c.digest),
)


def _identity(run: Run) -> tuple[object, ...]:
    times = run.due_us, int(run.manual), run.began_us, run.ended_us
    return run.source, *times, run.outcome, run.digest


def last_due(connection: Connection, source: str) -> int | None:
    """The newest due time of a source's runs, those that someone asked for left out."""
    due_us: int | None = connection.scalar(
        select(func.max(runs.c.due_us)).where(runs.c.source == source, runs.c.manual == 0)
    )
    return due_us


def admitted_of(connection: Connection, run_id: int) -> tuple[Admitted, ...]:
    """The facts that a run brought, in the order in which their series were first met."""
    fact = observations.c
    rows = connection.execute(
        select(fact.value, fact.data_us, *_series())
        .select_from(observations.join(series))
        .where(fact.run_id == run_id)
        .order_by(fact.series_id)
    )
    return tuple(
        Admitted(Series(*key), None if text is None else Decimal(text), data_us)
        for text, data_us, *key in rows
    )


def refusals_of(connection: Connection, run_id: int) -> tuple[Refusal, ...]:
    """In the order in which the run listed them."""
    told = refusals.c
    rows = connection.execute(
        select(*_refusal(), *_series())
        .select_from(refusals.outerjoin(series))
        .where(told.run_id == run_id)
        .order_by(told.place)
    )
    return tuple(_refusal_of(*row) for row in rows)


def refused_of(
    connection: Connection, agency: str, known_us: int
) -> dict[Series, tuple[int, Refusal]]:
    """The newest refusal of each of an agency's series, known then, with the id of its run."""
    told = refusals.c
    newest = (
        select(told.series_id, func.max(told.run_id).label("run_id"))
        .select_from(refusals.join(series).join(runs))
        .where(series.c.agency == agency, runs.c.ended_us <= known_us)
        .group_by(told.series_id)
        .subquery()
    )
    same = and_(told.series_id == newest.c.series_id, told.run_id == newest.c.run_id)
    rows = connection.execute(
        select(told.run_id, *_refusal(), *_series())
        .select_from(refusals.join(newest, same).join(series, series.c.id == told.series_id))
        # Of several in one run the first that it listed is kept: what was wrong with the row.
        .order_by(told.run_id, told.place.desc())
    )
    found = ((run_id, _refusal_of(*told)) for run_id, *told in rows)
    return {one.series: (run_id, one) for run_id, one in found if one.series}


def requests_of(connection: Connection, run_id: int) -> tuple[Request, ...]:
    """What the run asked, in order; empty for an unknown run too."""
    text = connection.scalar(select(runs.c.requests).where(runs.c.id == run_id))
    return tuple(Request(*one) for one in json.loads(text or "[]"))


def offered_by(connection: Connection, run_id: int) -> tuple[str, ...]:
    """Digests of the content that a held run would have taken."""
    return _listed(connection.scalar(select(runs.c.offered).where(runs.c.id == run_id)))


def acceptance_of(connection: Connection, run_id: int) -> tuple[int, Acceptance] | None:
    """The run that took what a run was not allowed to bring, and who wanted it."""
    columns = (acceptances.c.run_id, *(acceptances.c[name] for name in ("of_run", "who", "why")))
    rows = connection.execute(select(*columns).where(acceptances.c.of_run == run_id))
    return next(((taker, Acceptance(*rest)) for taker, *rest in rows), None)


def _refusal_of(
    reason: RefusalReason, where: str, got: str, value: str | None, data_us: int | None, *key: Any
) -> Refusal:
    number = None if value is None else Decimal(value)
    return Refusal(reason, where, got, Series(*key) if key[0] else None, number, data_us)


def _stored(row: Row[Any]) -> StoredRun:
    track = Track(row.verdict, row.same or 0, _listed(row.absent), _listed(row.vanished))
    return StoredRun(**dict(zip(_PLAIN, row, strict=False)), track=track)


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text or "[]"))


def _columns() -> list[ColumnElement[Any]]:
    tracked = ("verdict", "same", "absent", "vanished")
    return [runs.c[name] for name in (*_PLAIN, *tracked)]


def _refusal() -> tuple[ColumnElement[Any], ...]:
    told = refusals.c
    return (told.reason, told.whereabouts, told.got, told.value, told.data_us)


def _series() -> tuple[ColumnElement[str], ...]:
    return (series.c.metric, series.c.agency, series.c.period)
