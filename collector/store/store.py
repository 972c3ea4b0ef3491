"""The store's one door: opens a database by URL, writes in whole transactions, reads facts back."""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from sqlalchemy import URL, Connection, exc, make_url

from collector.facts import Run
from collector.store import definitions, rescored
from collector.store.database import Database, Hold
from collector.store.errors import StoreError, translated
from collector.store.health import Health
from collector.store.migrate import check, migrate
from collector.store.postgres import open_postgres
from collector.store.reads import Reads
from collector.store.rescored import NumberedCells, Rescoring
from collector.store.sqlite import open_sqlite
from collector.store.write import Names, Writing, append_runs, take_turn


class Store(Reads):
    """An open store. One thread writes at a time, others wait; any thread may read meanwhile."""

    def __init__(self, database: Database, *, read_only: bool) -> None:
        super().__init__(database)
        self._read_only = read_only
        self._names = Names()
        self._turn = threading.RLock()
        self._hold: Hold | None = None
        self.health = Health()
        self._bytes = self._measured()

    @classmethod
    def open(cls, url: str, *, read_only: bool = False) -> Self:
        """Open, and bring the tables to this version's; read_only makes and changes nothing.

        StoreError(kind="schema") when the tables are a newer version's, or, read_only, not yet
        this version's.
        """
        database = _database(url, read_only=read_only)
        try:
            with translated(database.shown):
                (check if read_only else migrate)(database)
            return cls(database, read_only=read_only)
        except BaseException:
            database.dispose()
            raise

    @property
    def url_shown(self) -> str:
        """The URL without its password."""
        return self._database.shown

    def bytes(self) -> int:
        """What the store took on disk when it was opened or last written; never waits."""
        return self._bytes

    def lock_instance(self) -> None:
        """Hold the store until close(); StoreError(kind="locked") at once when another does.

        Nothing is written after it was lost: each transaction makes sure, see `Hold`.
        """
        self._hold = self._database.hold()

    def ensure_held(self) -> None:
        """StoreError where the store is not held, or was lost meanwhile."""
        with self._turn, self.health.asking():
            self._ensure_held()

    def close(self) -> None:
        with self._turn:
            # The file is left in order before another instance may take it.
            self._database.dispose()
            if self._hold is not None:
                self._hold.close()

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction that ends in a scoreboard: committed at the end, or nothing of it stays.

        StoreError(kind="conflict") when a fact stands already.
        """
        sources: set[str] = set()
        with self._transaction(sources) as connection:
            tx = Writing(connection, self._names, sources)
            yield tx
            tx.finish()
            self._bytes = self._database.size_bytes(connection)

    def append_closed(self, closed: Sequence[Run]) -> tuple[int, ...]:
        """Append runs that no scoreboard follows, such as interrupted ones, in one transaction."""
        with self._transaction({run.source for run in closed}) as connection:
            take_turn(connection)
            return tuple(append_runs(connection, self._names, closed))

    def append_rescoring(
        self, rescoring: Rescoring, definition: str, changed: NumberedCells
    ) -> int:
        """Append a rescoring, unless the same one stands already; its number.

        Nothing live changes.
        """
        with self._transaction() as connection:
            take_turn(connection)
            kept = {rescoring.set_digest: definition}
            definitions.append_definitions(connection, self._names.sets, kept)
            return rescored.append_rescoring(connection, self._names, rescoring, changed)

    def _measured(self) -> int:
        with self._reading() as connection:
            return self._database.size_bytes(connection)

    @contextmanager
    def _transaction(self, sources: Collection[str] = ()) -> Iterator[Connection]:
        if self._read_only:
            problem = f"store {self.url_shown}: it was opened for reading only"
            raise StoreError(problem, kind="unavailable")
        with self._turn, self.health.writing(sources), translated(self.url_shown):
            try:
                self._ensure_held()
                with self._database.writer.begin() as connection:
                    yield connection
                    # Another that took it meanwhile waits for this one's turn to end.
                    self._ensure_held()
            except BaseException:
                self._names.forget()
                raise
            self._database.tidy()

    def _ensure_held(self) -> None:
        if self._hold is not None:
            self._hold.ensure()


def _database(url: str, *, read_only: bool) -> Database:
    understood = "a store's URL begins with sqlite:/// or postgresql://"
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        # The text may hold a password: it is not repeated.
        raise StoreError(understood, kind="unavailable") from error
    if parsed.drivername == "sqlite":
        return open_sqlite(parsed, read_only=read_only)
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return _open_postgres(parsed, read_only=read_only)
    raise StoreError(f"{understood}, not with {parsed.drivername}:", kind="unavailable")


def _open_postgres(url: URL, *, read_only: bool) -> Database:
    try:
        return open_postgres(url, read_only=read_only)
    except ModuleNotFoundError as error:
        needed = "PostgreSQL needs the extra: pip install 'chiso[postgres]'"
        raise StoreError(needed, kind="unavailable") from error
