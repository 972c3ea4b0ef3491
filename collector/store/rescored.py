"""History scored by another set: written whole, once, and beside what was published."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, insert, select, true

from collector.facts import Cell
from collector.store.rows import append_rows
from collector.store.tables import cells, comparisons, rescored_cells, rescorings, subjects
from collector.store.write import Names

NumberedCells = Mapping[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Rescoring:
    """Which set, from which scoreboard to which, and the digest of all that came out.

    `live_id` is the set that it was held against, `until_us` until when its last scoreboard
    counted, and `made_us` when that was first asked: None of what was kept before these were.
    """

    set_digest: str
    first_number: int
    last_number: int
    result: str
    live_id: str | None = None
    until_us: int | None = None
    made_us: int | None = None


_OF_RESULT = ("set_digest", "first_number", "last_number", "result")
_OF_COMPARISON = ("live_id", "until_us")


def append_rescoring(
    connection: Connection, names: Names, rescoring: Rescoring, changed: NumberedCells
) -> int:
    """Append what is not there yet; the number of the same question, asked now or before.

    `changed` are the cells of each scoreboard's number.
    """
    result_id = _standing(connection, rescorings, _parts(rescoring, _OF_RESULT))
    if result_id is None:
        result_id = _append_result(connection, names, rescoring, changed)
    asked = {"rescoring_id": result_id, **_parts(rescoring, _OF_COMPARISON)}
    standing = _standing(connection, comparisons, asked)
    if standing is not None:
        return standing
    added = insert(comparisons).returning(comparisons.c.id)
    number: int = connection.execute(added, asked | {"made_us": rescoring.made_us}).scalar_one()
    return number


def _append_result(
    connection: Connection, names: Names, rescoring: Rescoring, changed: NumberedCells
) -> int:
    added = insert(rescorings).returning(rescorings.c.id)
    row = _parts(rescoring, _OF_RESULT)
    result_id: int = connection.execute(added, row).scalar_one()
    keys = {(cell.set_id, cell.subject) for some in changed.values() for cell in some}
    ids = names.subjects.ids(connection, sorted(keys))
    rows = [
        (result_id, number, ids[cell.set_id, cell.subject], cell.body)
        for number, some in sorted(changed.items())
        for cell in some
    ]
    append_rows(connection, rescored_cells, rows)
    return result_id


def _parts(rescoring: Rescoring, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(rescoring, name) for name in names}


def _standing(connection: Connection, table: Table, wanted: Mapping[str, Any]) -> int | None:
    same = [table.c[name].is_not_distinct_from(value) for name, value in wanted.items()]
    return connection.scalar(select(table.c.id).where(*same))


def all_rescorings(connection: Connection) -> dict[int, Rescoring]:
    """By number, which is the order in which they were made."""
    of_result = [rescorings.c[name] for name in _OF_RESULT]
    of_comparison = [comparisons.c[name] for name in (*_OF_COMPARISON, "made_us")]
    rows = connection.execute(
        select(comparisons.c.id, *of_result, *of_comparison)
        .select_from(comparisons.join(rescorings))
        .order_by(comparisons.c.id)
    )
    return {number: Rescoring(*rest) for number, *rest in rows}


def _is_of(number: int) -> ColumnElement[bool]:
    """Of the cells: whether they are those of a number."""
    result = select(comparisons.c.rescoring_id).where(comparisons.c.id == number)
    return rescored_cells.c.rescoring_id == result.scalar_subquery()


def cells_of_rescoring(connection: Connection, number: int) -> Iterator[tuple[int, Cell]]:
    """What changed in each scoreboard, in their order; the first one is whole."""
    rows = connection.execute(
        select(
            *(rescored_cells.c.number, subjects.c.set_id, subjects.c.subject),
            rescored_cells.c.body,
        )
        .select_from(rescored_cells.join(subjects))
        .where(_is_of(number))
        .order_by(rescored_cells.c.number, rescored_cells.c.subject_id)
    )
    for at, set_id, subject, body in rows:
        yield at, Cell(set_id, subject, body)


def ends_of_rescoring(connection: Connection, number: int) -> dict[tuple[str, str], str]:
    """The bodies that stand in its last scoreboard, by set and subject."""
    own = _is_of(number)
    stood = select(rescored_cells.c.subject_id, func.max(rescored_cells.c.number).label("number"))
    newest = stood.where(own).group_by(rescored_cells.c.subject_id).cte("newest")
    same = and_(
        rescored_cells.c.subject_id == newest.c.subject_id,
        rescored_cells.c.number == newest.c.number,
    )
    rows = connection.execute(
        select(subjects.c.set_id, subjects.c.subject, rescored_cells.c.body)
        .select_from(newest.join(rescored_cells, same).join(subjects))
        .where(own, rescored_cells.c.body.is_not(None))
    )
    return {(set_id, subject): body for set_id, subject, body in rows}


def cells_between(
    connection: Connection, set_id: str, first: int, last: int
) -> Iterator[tuple[int, Cell]]:
    """A set's published cells that changed from one scoreboard to another, in their order."""
    return _changed(connection, set_id, first, last, true())


def totals_between(
    connection: Connection, set_id: str, first: int, last: int
) -> Iterator[tuple[int, Cell]]:
    """Of those, what is said of the set, the province, its blocks and its agencies."""
    inside = subjects.c.subject.like("%/%/%") | subjects.c.subject.like("indicator/%")
    return _changed(connection, set_id, first, last, ~inside)


def _changed(
    connection: Connection, set_id: str, first: int, last: int, wanted: ColumnElement[bool]
) -> Iterator[tuple[int, Cell]]:
    rows = connection.execute(
        select(cells.c.number, subjects.c.subject, cells.c.body)
        .select_from(cells.join(subjects))
        .where(subjects.c.set_id == set_id, cells.c.number.between(first, last), wanted)
        .order_by(cells.c.number, cells.c.subject_id)
    )
    for number, subject, body in rows.all():
        yield number, Cell(set_id, subject, body)
