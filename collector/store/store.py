"""The store's one door: opens a database by URL, writes in whole transactions, reads facts back."""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from sqlalchemy import URL, Connection, exc, make_url

from collector.facts import (
    Acceptance,
    Admitted,
    Cell,
    Outcome,
    Reading,
    Refusal,
    Run,
    Sample,
    Series,
    StoredRun,
)
from collector.store import boards, definitions, readings, replay, rescored, runs
from collector.store.boards import ScoreboardRow
from collector.store.database import Database, Hold
from collector.store.errors import StoreError, translated
from collector.store.health import Health
from collector.store.migrate import check, migrate
from collector.store.postgres import open_postgres
from collector.store.replay import Facts
from collector.store.rescored import NumberedCells, Rescoring
from collector.store.sqlite import open_sqlite
from collector.store.write import Names, Writing, append_runs, take_turn
from connectors.base import Request


class Store:
    """An open store. One thread writes at a time, others wait; any thread may read meanwhile.

    Every method raises StoreError(kind="unavailable") when the database does not answer.
    """

    def __init__(self, database: Database, *, read_only: bool) -> None:
        self._database = database
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

    def head(self) -> int:
        """The newest scoreboard's number, 0 before any."""
        with self._reading() as connection:
            return boards.newest_number(connection)

    def newest_us(self) -> int | None:
        """The newest instant at which a run ended or a scoreboard was published."""
        with self._reading() as connection:
            return boards.newest_us(connection)

    def readings(
        self,
        known_us: int | None = None,
        at_us: int | None = None,
        *,
        last_run: int | None = None,
    ) -> dict[Series, Reading]:
        """The newest known fact of each series: as known then, of data not later than `at_us`.

        `last_run`: as known once that run was stored.
        """
        with self._reading() as connection:
            return readings.readings(connection, known_us, at_us, last_run)

    def held(
        self, known_us: int | None = None, *, last_run: int | None = None
    ) -> frozenset[Series]:
        """Series of which every answer so far was refused."""
        with self._reading() as connection:
            return readings.held(connection, known_us, last_run)

    def taken(self, source: str) -> frozenset[str]:
        """Digests of the content that the source's runs took."""
        with self._reading() as connection:
            return readings.taken_by(connection, source)

    def taken_by_source(self) -> dict[str, frozenset[str]]:
        """The same of all sources that took anything."""
        with self._reading() as connection:
            return readings.all_taken(connection)

    def last_due(self, source: str) -> int | None:
        """The newest due time on record, whatever came of it; manual runs are left out."""
        with self._reading() as connection:
            return runs.last_due(connection, source)

    def runs(
        self, source: str | None = None, limit: int = 20, since_us: int | None = None
    ) -> tuple[StoredRun, ...]:
        """Newest first; `since_us` is the earliest end."""
        with self._reading() as connection:
            return runs.newest_runs(connection, source, limit, since_us)

    def last_runs(self, known_us: int | None = None) -> dict[str, StoredRun]:
        """Each source's newest attempt, that had ended by then; a coalesced due time is none.

        Nor is one that filled the past, here and below.
        """
        outcomes: tuple[Outcome, ...] = ("ok", "held", "failed", "interrupted")
        with self._reading() as connection:
            return runs.last_by_source(connection, *outcomes, known_us=known_us)

    def last_ok(self) -> dict[str, StoredRun]:
        with self._reading() as connection:
            return runs.last_by_source(connection, "ok")

    def last_told(self) -> dict[str, StoredRun]:
        """Each source's newest run that brought an answer, whether or not it was used."""
        with self._reading() as connection:
            return runs.last_by_source(connection, "ok", "held")

    def count_runs(self) -> dict[tuple[str, Outcome], int]:
        """Runs ever, by source and outcome."""
        with self._reading() as connection:
            return runs.count_runs(connection)

    def not_stored(self, new: Sequence[Run]) -> tuple[Run, ...]:
        """Of these runs, those that are not on record: a commit can stand without its answer."""
        with self._reading() as connection:
            return runs.not_stored(connection, new)

    def run(self, run_id: int) -> StoredRun | None:
        with self._reading() as connection:
            return runs.run_of(connection, run_id)

    def admitted(self, run_id: int) -> tuple[Admitted, ...]:
        """The facts that a run brought, withdrawals among them."""
        with self._reading() as connection:
            return runs.admitted_of(connection, run_id)

    def refusals(self, run_id: int) -> tuple[Refusal, ...]:
        with self._reading() as connection:
            return runs.refusals_of(connection, run_id)

    def refused(self, agency: str, known_us: int) -> dict[Series, tuple[int, Refusal]]:
        """The newest refusal of each of an agency's series, known then, with its run's id."""
        with self._reading() as connection:
            return runs.refused_of(connection, agency, known_us)

    def offered(self, run_id: int) -> tuple[str, ...]:
        """Digests of the content that a held run would have taken."""
        with self._reading() as connection:
            return runs.offered_by(connection, run_id)

    def acceptance(self, run_id: int) -> tuple[int, Acceptance] | None:
        """The run that took what this one was not allowed to bring, and who wanted it; or None."""
        with self._reading() as connection:
            return runs.acceptance_of(connection, run_id)

    def run_requests(self, run_id: int) -> tuple[Request, ...]:
        with self._reading() as connection:
            return runs.requests_of(connection, run_id)

    def cells(self, number: int | None = None) -> dict[tuple[str, str], str]:
        """Bodies in force in a scoreboard, the newest by default, by (set, subject)."""
        with self._reading() as connection:
            return boards.cells_at(connection, number)

    def scoreboard_row(self, number: int | None = None) -> ScoreboardRow | None:
        """The newest by default; None when there is no such number."""
        with self._reading() as connection:
            return boards.scoreboard_row(connection, number)

    def number_at(self, published_before_us: int) -> int | None:
        """The newest scoreboard published before an instant."""
        with self._reading() as connection:
            return boards.number_at(connection, published_before_us)

    def history(
        self, set_id: str, subject: str, from_us: int | None = None, until_us: int | None = None
    ) -> tuple[Sample, ...]:
        """A subject's changes published in [from, until), after what stood at `from_us`."""
        with self._reading() as connection:
            return boards.history(connection, set_id, subject, from_us, until_us)

    def scoreboard_rows(self, from_us: int, until_us: int) -> tuple[ScoreboardRow, ...]:
        """Scoreboards published in [from, until), in the order of their numbers."""
        with self._reading() as connection:
            return replay.scoreboard_rows(connection, from_us, until_us)

    def run_of_board(self, number: int) -> int:
        """The last run that a scoreboard knows of; 0 for none."""
        with self._reading() as connection:
            return replay.run_of_board(connection, number)

    def facts_between(self, after_run: int, until_run: int) -> Facts:
        """What runs after one up to another brought, in the order in which they were stored."""
        with self._reading() as connection:
            return replay.facts_between(connection, after_run, until_run)

    def series_by_id(self) -> dict[int, Series]:
        """Every series that a fact or a refusal was ever stored of."""
        with self._reading() as connection:
            return replay.series_by_id(connection)

    def cells_between(self, set_id: str, first: int, last: int) -> tuple[tuple[int, Cell], ...]:
        """A set's cells that changed in scoreboards of numbers [first, last], in their order."""
        with self._reading() as connection:
            return tuple(rescored.cells_between(connection, set_id, first, last))

    def totals_between(self, set_id: str, first: int, last: int) -> tuple[tuple[int, Cell], ...]:
        """Of these, what is said of the set, the province, its blocks and its agencies."""
        with self._reading() as connection:
            return tuple(rescored.totals_between(connection, set_id, first, last))

    def definition(self, digest: str) -> str | None:
        """What the set of a digest says, as canonical JSON."""
        with self._reading() as connection:
            return definitions.definition_of(connection, digest)

    def rescorings(self) -> dict[int, Rescoring]:
        """By number, which is the order in which they were made."""
        with self._reading() as connection:
            return rescored.all_rescorings(connection)

    def rescored_cells(self, number: int) -> tuple[tuple[int, Cell], ...]:
        """What changed in each scoreboard, in their order; the first one is whole."""
        with self._reading() as connection:
            return tuple(rescored.cells_of_rescoring(connection, number))

    def rescored_ends(self, number: int) -> dict[tuple[str, str], str]:
        """The bodies that stand in its last scoreboard, by set and subject."""
        with self._reading() as connection:
            return rescored.ends_of_rescoring(connection, number)

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

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(self.url_shown), self._database.reader.connect() as connection:
            yield connection


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
