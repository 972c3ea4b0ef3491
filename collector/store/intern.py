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
        self._newest = 0
        self._link: object = None

    def ids(self, connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
        """All ids known, those of `keys` among them; unknown keys get a row."""
        link = connection.connection.driver_connection
        if link is not self._link:
            # A server that was lost may have come back as it was before: its ids may be others'.
            self.forget()
            self._link = link
        unknown = dict.fromkeys(key for key in keys if key not in self._ids)
        if unknown:
            self._read(connection)
            self._add(connection, [key for key in unknown if key not in self._ids])
        return self._ids

    def forget(self) -> None:
        """After a rollback: ids given in it are no ids."""
        self._ids.clear()
        self._newest = 0

    def _read(self, connection: Connection) -> None:
        """The rows added since: writers take turns, so later ones have greater ids."""
        number = self._table.c.id
        newer = select(number, *self._columns).where(number > self._newest).order_by(number)
        for self._newest, *key in connection.execute(newer):
            self._ids[tuple(key)] = self._newest

    def _add(self, connection: Connection, keys: list[Key]) -> None:
        if not keys:
            return
        names = [column.name for column in self._columns]
        rows = [dict(zip(names, key, strict=True)) for key in keys]
        connection.execute(insert(self._table), rows)
        self._read(connection)
