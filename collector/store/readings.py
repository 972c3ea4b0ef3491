"""What is known of each series: now, or as it was known at any past moment."""

from collections import defaultdict
from decimal import Decimal

from sqlalchemy import CTE, ColumnElement, Connection, Select, and_, func, select

from collector.facts import Reading, Series
from collector.store.tables import observations, refusals, runs, series, taken


def readings(
    connection: Connection,
    known_us: int | None,
    at_us: int | None,
    last_run: int | None = None,
) -> dict[Series, Reading]:
    """The newest known fact of each series; a series whose newest fact withdraws it is left out.

    `known_us`: of what was known then, that instant included. `at_us`: of what speaks of that
    moment or of one before it. `last_run`: of what that run and those before it brought. Newest
    is by the order of commits, never by time.
    """
    newest = _newest(known_us, at_us, last_run)
    fact = observations.c
    wanted = select(*_key(newest), fact.value, fact.data_us, fact.known_us, fact.run_id)
    rows = connection.execute(
        wanted.select_from(newest.join(observations, _is_fact_of(newest))).where(
            fact.value.is_not(None)
        )
    )
    return {
        (one := Series(metric, agency, period)): Reading(one, Decimal(value), *rest)
        for metric, agency, period, value, *rest in rows
    }


def held(
    connection: Connection, known_us: int | None, last_run: int | None = None
) -> frozenset[Series]:
    """Series without a reading of which an answer was refused since, if ever, they had one."""
    newest = _newest(known_us, None, last_run)
    rows = connection.execute(
        select(*_key(newest))
        .select_from(newest.outerjoin(observations, _is_fact_of(newest)))
        .where(observations.c.value.is_(None), _refused_since(newest, known_us, last_run).exists())
    )
    return frozenset(Series(metric, agency, period) for metric, agency, period in rows)


def taken_by(connection: Connection, source: str) -> frozenset[str]:
    """Digests of content that earlier runs of a source took."""
    wanted = select(taken.c.digest).where(taken.c.source == source)
    return frozenset(connection.scalars(wanted))


def all_taken(connection: Connection) -> dict[str, frozenset[str]]:
    """The same of all sources that took anything."""
    found = defaultdict[str, set[str]](set)
    for source, digest in connection.execute(select(taken.c.source, taken.c.digest)):
        found[source].add(digest)
    return {source: frozenset(digests) for source, digests in found.items()}


def _newest(known_us: int | None, at_us: int | None, last_run: int | None) -> CTE:
    """Each series with the run that its newest fact is from, null for none."""
    run_id = select(func.max(observations.c.run_id)).where(
        observations.c.series_id == series.c.id,
        *_known(known_us),
        *_speaking_of(at_us),
        *_up_to(observations.c.run_id, last_run),
    )
    found = run_id.correlate(series).scalar_subquery().label("run_id")
    columns = (series.c.id, series.c.metric, series.c.agency, series.c.period, found)
    # Worked out first: else SQLite reads all observations and asks of each whether it is newest.
    return select(*columns).cte("newest").prefix_with("MATERIALIZED")


def _key(newest: CTE) -> tuple[ColumnElement[str], ColumnElement[str], ColumnElement[str]]:
    return (newest.c.metric, newest.c.agency, newest.c.period)


def _is_fact_of(newest: CTE) -> ColumnElement[bool]:
    return and_(observations.c.series_id == newest.c.id, observations.c.run_id == newest.c.run_id)


def _refused_since(newest: CTE, known_us: int | None, last_run: int | None) -> Select[int]:
    wanted = select(refusals.c.run_id).where(
        refusals.c.series_id == newest.c.id,
        refusals.c.run_id >= func.coalesce(newest.c.run_id, 0),
        *_up_to(refusals.c.run_id, last_run),
    )
    if known_us is not None:
        wanted = wanted.join(runs, runs.c.id == refusals.c.run_id)
        wanted = wanted.where(runs.c.ended_us <= known_us)
    return wanted.correlate(newest)


def _known(known_us: int | None) -> tuple[ColumnElement[bool], ...]:
    if known_us is None:
        return ()
    # The bound on runs spares reading all that became known since.
    last = select(func.max(runs.c.id)).where(runs.c.ended_us <= known_us).scalar_subquery()
    return (observations.c.run_id <= last, observations.c.known_us <= known_us)


def _speaking_of(at_us: int | None) -> tuple[ColumnElement[bool], ...]:
    return () if at_us is None else (observations.c.data_us <= at_us,)


def _up_to(run_id: ColumnElement[int], last_run: int | None) -> tuple[ColumnElement[bool], ...]:
    return () if last_run is None else (run_id <= last_run,)
