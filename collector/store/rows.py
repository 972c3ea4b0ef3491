"""Many rows in few statements, straight to the driver.

A driver goes to the database for each row of a list, and lets go of the interpreter's lock each
time: where other threads are busy, a writer waits longer for that lock than the rows take.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

# Databases take some 32,000 values in a statement, and the widest table has 22 columns.
_ROWS_MAX = 256

Values = tuple[object, ...]


def append_rows(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Append rows whose values are in the order of the table's columns."""
    columns = tuple(table.c.keys())
    for piece in _pieces(rows):
        text = _insert_of(table, connection.dialect, columns, len(piece))
        connection.exec_driver_sql(text, tuple(chain.from_iterable(piece)))


def append_returning(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Values],
    returned: tuple[str, ...],
) -> Iterator[Sequence[Any]]:
    """Append rows of these columns; what became of them, in any order."""
    for piece in _pieces(rows):
        text = _insert_of(table, connection.dialect, columns, len(piece), returned)
        yield from connection.exec_driver_sql(text, tuple(chain.from_iterable(piece)))


def _pieces(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    """In sizes that are powers of two, so that a few statements, each prepared once, serve all."""
    first, size = 0, _ROWS_MAX
    while first < len(rows):
        while size > len(rows) - first:
            size //= 2
        yield rows[first : first + size]
        first += size


@lru_cache(maxsize=256)
def _insert_of(
    table: Table,
    dialect: Dialect,
    columns: tuple[str, ...],
    rows: int,
    returned: tuple[str, ...] = (),
) -> str:
    """The driver's text for so many rows."""
    statement = insert(table).inline()  # by itself it would ask for the keys that were given
    one = str(statement.compile(dialect=dialect, column_keys=list(columns)))
    into, values = one.split(" VALUES ")
    text = f"{into} VALUES {', '.join([values] * rows)}"
    return f"{text} RETURNING {', '.join(returned)}" if returned else text
