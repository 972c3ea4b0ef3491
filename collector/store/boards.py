"""Stored scoreboards: what stood in one, and what became of one subject over time."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, select

from collector.facts import Sample
from collector.store.tables import cells, head, runs, scoreboards, subjects


@dataclass(frozen=True, slots=True)
class ScoreboardRow:
    """When a scoreboard was published, of what data time, and after which run."""

    number: int
    published_us: int
    data_us: int | None
    run_id: int | None


def newest_number(connection: Connection) -> int:
    """0 before any."""
    return connection.scalar(select(head.c.number)) or 0


def newest_us(connection: Connection) -> int | None:
    """The newest instant at which anything became known: the clock was there already."""
    ended = connection.scalar(select(func.max(runs.c.ended_us)))
    published = connection.scalar(select(func.max(scoreboards.c.published_us)))
    return max((one for one in (ended, published) if one is not None), default=None)


def scoreboard_row(connection: Connection, number: int | None) -> ScoreboardRow | None:
    wanted = newest_number(connection) if number is None else number
    columns = [scoreboards.c[name] for name in ScoreboardRow.__dataclass_fields__]
    row = connection.execute(select(*columns).where(scoreboards.c.number == wanted)).one_or_none()
    return None if row is None else ScoreboardRow(*row)


def number_at(connection: Connection, published_before_us: int) -> int | None:
    """The newest scoreboard published before an instant, that instant excluded."""
    return connection.scalar(
        select(scoreboards.c.number)
        .where(scoreboards.c.published_us < published_before_us)
        .order_by(scoreboards.c.number.desc())
        .limit(1)
    )


def cells_at(connection: Connection, number: int | None) -> dict[tuple[str, str], str]:
    """The bodies in force in a scoreboard, by set and subject; of the newest by default."""
    stood = select(func.max(cells.c.number)).where(cells.c.subject_id == subjects.c.id)
    if number is not None:
        stood = stood.where(cells.c.number <= number)
    found = stood.correlate(subjects).scalar_subquery().label("number")
    columns = (subjects.c.id, subjects.c.set_id, subjects.c.subject, found)
    # Worked out first: else SQLite reads all cells and asks of each whether it is the newest.
    newest = select(*columns).cte("newest").prefix_with("MATERIALIZED")
    same = and_(cells.c.subject_id == newest.c.id, cells.c.number == newest.c.number)
    rows = connection.execute(
        select(newest.c.set_id, newest.c.subject, cells.c.body)
        .select_from(newest.join(cells, same))
        .where(cells.c.body.is_not(None))
    )
    return {(set_id, subject): body for set_id, subject, body in rows}


def history(
    connection: Connection,
    set_id: str,
    subject: str,
    from_us: int | None,
    until_us: int | None,
) -> tuple[Sample, ...]:
    """A subject's bodies in the order of their scoreboards, published in [from, until).

    What stood at `from_us` comes first, with the instant it was published at.
    """
    own = and_(subjects.c.set_id == set_id, subjects.c.subject == subject)
    number = connection.scalar(select(subjects.c.id).where(own))
    if number is None:
        return ()
    shown = [cells.c.subject_id == number]
    if from_us is not None:
        shown.append(cells.c.number >= _standing(number, from_us))
    if until_us is not None:
        shown.append(scoreboards.c.published_us < until_us)
    rows = connection.execute(
        select(cells.c.number, scoreboards.c.data_us, scoreboards.c.published_us, cells.c.body)
        .select_from(cells.join(scoreboards))
        .where(*shown)
        .order_by(cells.c.number)
    )
    return tuple(Sample(*row) for row in rows)


def _standing(subject_id: int, from_us: int) -> ColumnElement[int]:
    """The subject's newest number published at or before an instant, 0 for none."""
    newest = (
        select(func.max(cells.c.number))
        .select_from(cells.join(scoreboards))
        .where(cells.c.subject_id == subject_id, scoreboards.c.published_us <= from_us)
        .scalar_subquery()
    )
    return func.coalesce(newest, 0)
