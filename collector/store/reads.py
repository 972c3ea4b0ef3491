"""What an open store holds, as any thread may ask for it at any time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

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
from collector.store.database import Database
from collector.store.errors import translated
from collector.store.replay import Facts
from collector.store.rescored import Rescoring
from connectors.base import Request


class Reads:
    """Each question sees one state of the store, and waits for nobody who writes.

    Every method raises StoreError(kind="unavailable") when the database does not answer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

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

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(self._database.shown), self._database.reader.connect() as connection:
            yield connection
