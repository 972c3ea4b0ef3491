"""Stored history in the order in which it became known, read once."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select

from collector.facts import Admitted, Refusal, Run, Series
from collector.store.boards import ScoreboardRow
from collector.store.tables import observations, refusals, runs, scoreboards, series

_Names = dict[int, Series]


def scoreboard_rows(
    connection: Connection, from_us: int, until_us: int
) -> tuple[ScoreboardRow, ...]:
    """Scoreboards published in [from, until), in the order of their numbers."""
    columns = [scoreboards.c[name] for name in ScoreboardRow.__dataclass_fields__]
    published = scoreboards.c.published_us
    wanted = select(*columns).where(published >= from_us, published < until_us)
    return tuple(
        ScoreboardRow(*row) for row in connection.execute(wanted.order_by(scoreboards.c.number))
    )


def run_of_board(connection: Connection, number: int) -> int:
    """The last run that a scoreboard knows of; 0 for none."""
    wanted = (
        select(scoreboards.c.run_id)
        .where(scoreboards.c.number <= number, scoreboards.c.run_id.is_not(None))
        .order_by(scoreboards.c.number.desc())
        .limit(1)
    )
    return connection.scalar(wanted) or 0


def runs_with_facts(
    connection: Connection, after_run: int, until_run: int
) -> tuple[tuple[Run, int], ...]:
    """Runs after one up to another that brought anything, each with its id.

    Of a run's refusals only those of a series are told: they alone change what is known.
    """
    names = _names(connection)
    facts = _facts(connection, names, after_run, until_run)
    refused = _refused(connection, names, after_run, until_run)
    rows = connection.execute(
        select(runs).where(runs.c.id > after_run, runs.c.id <= until_run).order_by(runs.c.id)
    )
    return tuple(
        (_run(row, facts.get(row.id, ()), refused.get(row.id, ())), row.id)
        for row in rows
        if row.id in facts or row.id in refused
    )


def _run(row: Row[Any], facts: Sequence[Admitted], refused: Sequence[Refusal]) -> Run:
    return Run(
        row.source,
        row.due_us,
        row.began_us,
        row.ended_us,
        row.outcome,
        received=row.received,
        declared=row.declared,
        digest=row.digest,
        admitted=tuple(facts),
        refusals=tuple(refused),
        manual=bool(row.manual),
    )


def _names(connection: Connection) -> _Names:
    rows = connection.execute(
        select(series.c.id, series.c.metric, series.c.agency, series.c.period)
    )
    return {number: Series(*key) for number, *key in rows}


def _facts(
    connection: Connection, names: _Names, after_run: int, until_run: int
) -> dict[int, list[Admitted]]:
    found: dict[int, list[Admitted]] = defaultdict(list)
    fact = observations.c
    rows = connection.execute(
        select(fact.run_id, fact.series_id, fact.value, fact.data_us)
        .where(fact.run_id > after_run, fact.run_id <= until_run)
        .order_by(fact.run_id, fact.series_id)
    )
    for run_id, series_id, value, data_us in rows:
        number = None if value is None else Decimal(value)
        found[run_id].append(Admitted(names[series_id], number, data_us))
    return found


def _refused(
    connection: Connection, names: _Names, after_run: int, until_run: int
) -> dict[int, list[Refusal]]:
    found: dict[int, list[Refusal]] = defaultdict(list)
    rows = connection.execute(
        select(refusals)
        .where(refusals.c.run_id > after_run, refusals.c.run_id <= until_run)
        .where(refusals.c.series_id.is_not(None))
        .order_by(refusals.c.run_id, refusals.c.place)
    )
    for row in rows:
        value = None if row.value is None else Decimal(row.value)
        said = (row.reason, row.whereabouts, row.got, names[row.series_id], value, row.data_us)
        found[row.run_id].append(Refusal(*said))
    return found
