"""Stored history in the order in which it became known, read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, select

from collector.facts import Series
from collector.store.boards import ScoreboardRow
from collector.store.tables import observations, refusals, scoreboards, series


@dataclass(frozen=True, slots=True)
class Facts:
    """What runs brought, in the order in which they were stored: one list a column.

    A value is canonical decimal text, None where it withdraws the series. `refused` are runs with
    series of which they brought something that was not used.
    """

    runs: Sequence[int]
    series: Sequence[int]
    values: Sequence[str | None]
    data_us: Sequence[int]
    refused: Sequence[tuple[int, int]]


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


def facts_between(connection: Connection, after_run: int, until_run: int) -> Facts:
    """What runs after one up to another brought; series are told by their ids."""
    fact, refusal = observations.c, refusals.c
    brought = connection.execute(
        select(fact.run_id, fact.series_id, fact.value, fact.data_us)
        .where(fact.run_id > after_run, fact.run_id <= until_run)
        .order_by(fact.run_id, fact.series_id)
    )
    refused = connection.execute(
        select(refusal.run_id, refusal.series_id)
        .where(refusal.run_id > after_run, refusal.run_id <= until_run)
        .where(refusal.series_id.is_not(None))
        .order_by(refusal.run_id, refusal.place)
    )
    columns = tuple(zip(*_plain_rows(brought), strict=True)) or ((),) * 4
    runs, ids, values, data_us = columns
    return Facts(runs, ids, values, data_us, tuple((run, number) for run, number in refused))


def _plain_rows(result: CursorResult[Any]) -> Sequence[tuple[Any, ...]]:
    """All of them as the driver gives them: there are many, and rows with names take thrice."""
    return result.cursor.fetchall() if result.cursor is not None else ()


def series_by_id(connection: Connection) -> dict[int, Series]:
    rows = connection.execute(
        select(series.c.id, series.c.metric, series.c.agency, series.c.period)
    )
    return {number: Series(*key) for number, *key in rows}
