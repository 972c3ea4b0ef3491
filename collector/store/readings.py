"""What is known of each series: now, or as it was known at any past moment."""

from decimal import Decimal

from sqlalchemy import CTE, ColumnElement, Connection, and_, func, select

from collector.facts import Reading, Series
from collector.store.tables import observations, refusals, runs, series, taken


def readings(
    connection: Connection, known_us: int | None, at_us: int | None
) -> dict[Series, Reading]:
    """The newest known fact of each series.

    `known_us`: of what was known then, that instant included. `at_us`: of what speaks of that
    moment or of one before it. Newest is by the order of commits, never by time.
    """
    fact = observations.c
    newest = _newest(known_us, at_us)
    same = and_(fact.series_id == newest.c.id, fact.run_id == newest.c.run_id)
    rows = connection.execute(
        select(
            newest.c.metric,
            newest.c.agency,
            newest.c.period,
            fact.value,
            fact.data_us,
            fact.known_us,
            fact.run_id,
        ).select_from(newest.join(observations, same))
    )
    return {
        (one := Series(metric, agency, period)): Reading(one, Decimal(value), *rest)
        for metric, agency, period, value, *rest in rows
    }


def held(connection: Connection, known_us: int | None) -> frozenset[Series]:
    """Series of which answers came and were refused, and none was ever admitted."""
    admitted = select(observations.c.run_id).where(
        observations.c.series_id == series.c.id, *_seen(known_us)
    )
    refused = select(refusals.c.run_id).where(refusals.c.series_id == series.c.id)
    if known_us is not None:
        refused = refused.join(runs, runs.c.id == refusals.c.run_id)
        refused = refused.where(runs.c.ended_us <= known_us)
    rows = connection.execute(
        select(*_names()).where(
            refused.correlate(series).exists(), ~admitted.correlate(series).exists()
        )
    )
    return frozenset(Series(metric, agency, period) for metric, agency, period in rows)


def taken_by(connection: Connection, source: str) -> frozenset[str]:
    """Digests of content that earlier runs of a source took."""
    return frozenset(
        connection.scalars(select(taken.c.digest).where(taken.c.source == source))
    )


def _newest(known_us: int | None, at_us: int | None) -> CTE:
    """Each series with the run that its reading is from."""
    run_id = select(func.max(observations.c.run_id)).where(
        observations.c.series_id == series.c.id, *_seen(known_us), *_speaking_of(at_us)
    )
    found = run_id.correlate(series).scalar_subquery().label("run_id")
    # Worked out first: else SQLite reads all observations and asks of each whether it is newest.
    return select(series.c.id, *_names(), found).cte("newest").prefix_with("MATERIALIZED")


def _names() -> tuple[ColumnElement[str], ColumnElement[str], ColumnElement[str]]:
    return (series.c.metric, series.c.agency, series.c.period)


def _seen(known_us: int | None) -> tuple[ColumnElement[bool], ...]:
    if known_us is None:
        return ()
    # The bound on runs spares reading all that became known since.
    last = select(func.max(runs.c.id)).where(runs.c.ended_us <= known_us).scalar_subquery()
    return (observations.c.run_id <= last, observations.c.known_us <= known_us)


def _speaking_of(at_us: int | None) -> tuple[ColumnElement[bool], ...]:
    return () if at_us is None else (observations.c.data_us <= at_us,)
