"""History scored by another set: written whole, once, and beside what was published."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, true

from collector.facts import Cell
from collector.store.rows import append_rows
from collector.store.tables import cells, rescored_cells, rescorings, subjects
from collector.store.write import Names

NumberedCells = Mapping[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Rescoring:
    """Which set, from which scoreboard to which, and the digest of all that came out."""

    set_digest: str
    first_number: int
    last_number: int
    result: str


def append_rescoring(
    connection: Connection, names: Names, rescoring: Rescoring, changed: NumberedCells
) -> int:
    """Append one, and return its id; `changed` are the cells of each scoreboard's number."""
    row = {name: getattr(rescoring, name) for name in Rescoring.__dataclass_fields__}
    added = insert(rescorings).returning(rescorings.c.id)
    rescoring_id: int = connection.execute(added, row).scalar_one()
    keys = {(cell.set_id, cell.subject) for some in changed.values() for cell in some}
    ids = names.subjects.ids(connection, sorted(keys))
    rows = [
        (rescoring_id, number, ids[cell.set_id, cell.subject], cell.body)
        for number, some in sorted(changed.items())
        for cell in some
    ]
    append_rows(connection, rescored_cells, rows)
    return rescoring_id


def rescoring_id_of(connection: Connection, rescoring: Rescoring) -> int | None:
    same = [
        rescorings.c[name] == getattr(rescoring, name) for name in Rescoring.__dataclass_fields__
    ]
    return connection.scalar(select(rescorings.c.id).where(*same))


def all_rescorings(connection: Connection) -> dict[int, Rescoring]:
    """By id, which is the order in which they were made."""
    columns = [rescorings.c[name] for name in Rescoring.__dataclass_fields__]
    rows = connection.execute(select(rescorings.c.id, *columns).order_by(rescorings.c.id))
    return {number: Rescoring(*rest) for number, *rest in rows}


def cells_of_rescoring(connection: Connection, rescoring_id: int) -> Iterator[tuple[int, Cell]]:
    """What changed in each scoreboard, in their order; the first one is whole."""
    rows = connection.execute(
        select(
            *(rescored_cells.c.number, subjects.c.set_id, subjects.c.subject),
            rescored_cells.c.body,
        )
        .select_from(rescored_cells.join(subjects))
        .where(rescored_cells.c.rescoring_id == rescoring_id)
        .order_by(rescored_cells.c.number, rescored_cells.c.subject_id)
    )
    for number, set_id, subject, body in rows:
        yield number, Cell(set_id, subject, body)


def ends_of_rescoring(connection: Connection, rescoring_id: int) -> dict[tuple[str, str], str]:
    """The bodies that stand in its last scoreboard, by set and subject."""
    own = rescored_cells.c.rescoring_id == rescoring_id
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
