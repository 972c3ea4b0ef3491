"""Runs as they are read back: the newest, the last good ones, what was refused, what was asked."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from collector.facts import Admitted, Outcome, Refusal, Series, StoredRun
from collector.store.tables import observations, refusals, runs, series
from connectors.base import Request


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
    """Each source's newest run among those of the given outcomes, that had ended by then."""
    newest = select(func.max(runs.c.id)).where(runs.c.outcome.in_(outcomes))
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
        select(told.reason, told.whereabouts, told.got, *_series())
        .select_from(refusals.outerjoin(series))
        .where(told.run_id == run_id)
        .order_by(told.place)
    )
    return tuple(
        Refusal(reason, where, got, Series(*key) if key[0] is not None else None)
        for reason, where, got, *key in rows
    )


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
        select(told.run_id, told.reason, told.whereabouts, told.got, *_series())
        .select_from(refusals.join(newest, same).join(series, series.c.id == told.series_id))
        # Of several in one run the first that it listed is kept: what was wrong with the row.
        .order_by(told.run_id, told.place.desc())
    )
    return {
        (one := Series(*key)): (run_id, Refusal(reason, where, got, one))
        for run_id, reason, where, got, *key in rows
    }


def requests_of(connection: Connection, run_id: int) -> tuple[Request, ...]:
    """What the run asked, in order; empty for an unknown run too."""
    text = connection.scalar(select(runs.c.requests).where(runs.c.id == run_id))
    return tuple(Request(*one) for one in json.loads(text or "[]"))


def _stored(row: Sequence[Any]) -> StoredRun:
    return StoredRun(*row)


def _columns() -> list[ColumnElement[Any]]:
    """In the order of StoredRun's fields."""
    return [runs.c[name] for name in StoredRun.__dataclass_fields__]


def _series() -> tuple[ColumnElement[str], ...]:
    return (series.c.metric, series.c.agency, series.c.period)
