"""Small integers for long keys: ids that are given once and never change."""

from collections.abc import Iterable

from sqlalchemy import Connection, Table, insert, select

Key = tuple[str, ...]


class Interned:
    """The ids of a table's natural keys, remembered; used by one writer at a time."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._columns = [column for column in table.c if column.name != "id"]
        self._ids: dict[Key, int] = {}

    def ids(self, connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
        """All ids known, those of `keys` among them; unknown keys get a row."""
        wanted = dict.fromkeys(keys)
        if not self._ids.keys() >= wanted.keys():
            self._read(connection)
            self._add(connection, [key for key in wanted if key not in self._ids])
        return self._ids

    def forget(self) -> None:
        """After a rollback: ids given in it are no ids."""
        self._ids.clear()

    def _read(self, connection: Connection) -> None:
        rows = connection.execute(select(self._table.c.id, *self._columns))
        self._ids.update({tuple(key): number for number, *key in rows})

    def _add(self, connection: Connection, keys: list[Key]) -> None:
        if not keys:
            return
        names = [column.name for column in self._columns]
        rows = [dict(zip(names, key, strict=True)) for key in keys]
        connection.execute(insert(self._table), rows)
        self._read(connection)
