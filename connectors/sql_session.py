"""One visit to a database that can only read, and what goes wrong in it, in words without data."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Date,
    DateTime,
    Engine,
    NullPool,
    String,
    bindparam,
    create_engine,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

from connectors.base import SourceError
from connectors.fetch.addresses import Allowed, reachable
from connectors.ledger import Entry, Ledger
from connectors.sql_faults import fault_of

_BATCH_ROWS = 500
_CANCEL_S = 1.0
_BEFORE: Mapping[str, str] = {
    "postgresql": "SET LOCAL statement_timeout = {total_ms}",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
}
# SQLite's own numbers for what a statement does: read a column, select, begin or end a
# transaction, call a function, recurse.
_READ, _SELECT, _TRANSACTION, _FUNCTION, _RECURSIVE = 20, 21, 22, 31, 33
_ALLOWED, _DENIED = 0, 1
_UNSAFE_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Where it is, with user and password, and what a visit may cost."""

    url: URL
    allowed: Allowed
    connect_s: float
    total_s: float
    max_records: int
    max_bytes: int

    @property
    def kind(self) -> str:
        return self.url.get_backend_name()

    @property
    def shown(self) -> str:
        """As it may stand in a message."""
        place = self.url.host or self.kind
        return f"{place}/{Path(self.url.database or '').name}"


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the moments that its parameters are; `shown` is of whom and for when it asks."""

    query: str
    moments: Mapping[str, date]
    shown: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a query gave."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Session:
    """One visit, in the thread that calls `visit`; `end` may be called from any other."""

    def __init__(self, database: Database, questions: tuple[Question, ...], ledger: Ledger) -> None:
        self._database = database
        self._questions = questions
        self._ledger = ledger
        self._raw: Any = None
        self._ended = False

    def visit(self) -> tuple[Table, ...]:
        """The answer to each question; SourceError when one of them cannot be had whole."""
        try:
            return self._visited(_engine(self._database))
        except (SQLAlchemyError, ImportError, sqlite.Warning) as error:
            fault = fault_of(error, connecting=self._raw is None)
            raise SourceError(
                f"{self._database.shown}: {fault.words}",
                reason=fault.reason,
                permanent=fault.permanent,
            ) from None

    def end(self) -> None:
        """Have the database stop, where its driver knows how to."""
        self._ended = True
        raw = self._raw
        with suppress(Exception):  # whatever is said to it, the visit is over
            if hasattr(raw, "cancel_safe"):
                raw.cancel_safe(timeout=_CANCEL_S)
            elif hasattr(raw, "interrupt"):
                raw.interrupt()

    def _visited(self, engine: Engine) -> tuple[Table, ...]:
        try:
            with engine.connect() as connection:
                self._raw = connection.connection.driver_connection
                _guard(connection, self._database, self._raw)
                return tuple(self._table(connection, question) for question in self._questions)
        finally:
            engine.dispose()

    def _table(self, connection: Connection, question: Question) -> Table:
        as_text = self._database.kind == "sqlite"
        parameters = [_parameter(*moment, as_text=as_text) for moment in question.moments.items()]
        query = text(question.query).bindparams(*parameters)
        # A cursor on the server takes one statement that reads, and holds its rows there.
        with (
            self._ledger.asking("QUERY", question.shown) as entry,
            connection.execute(query, execution_options={"stream_results": True}) as result,
        ):
            return Table(tuple(result.keys()), self._rows(result, entry))

    def _rows(self, result: CursorResult[Any], entry: Entry) -> tuple[tuple[Any, ...], ...]:
        rows: list[tuple[Any, ...]] = []
        size = entry.rows = 0
        for batch in result.partitions(_BATCH_ROWS):
            rows += (tuple(row) for row in batch)
            entry.rows = len(rows)
            size += sum(_size(cell) for row in batch for cell in row)
            self._check(len(rows), size)
        return tuple(rows)

    def _check(self, rows: int, size: int) -> None:
        database = self._database
        if self._ended:
            raise SourceError("the visit is over", reason="source")
        if rows > database.max_records:
            problem = f"more than {database.max_records} rows came"
            raise SourceError(f"{database.shown}: {problem}", reason="content")
        if size > database.max_bytes:
            problem = f"more than {database.max_bytes} bytes of text came"
            raise SourceError(f"{database.shown}: {problem}", reason="content")


def _engine(database: Database) -> Engine:
    if database.kind == "sqlite":
        return _sqlite_engine(database)
    options: dict[str, Any] = {}
    address = _address(database)
    if database.kind == "postgresql":
        # libpq takes no less than two seconds.
        within_s = max(2, round(min(database.connect_s, database.total_s)))
        options = {"connect_timeout": within_s, "application_name": "chiso"}
        # The address that was looked at, and no other that the name may stand for by then.
        options |= {"hostaddr": address} if address else {}
    return create_engine(database.url, poolclass=NullPool, connect_args=options)


def _address(database: Database) -> str | None:
    """Where a database on the network may be connected to; None for files and local sockets."""
    host = database.url.host
    if host is None or host.startswith("/"):
        return None
    try:
        return reachable(database.allowed, host, database.url.port, socket.SOCK_STREAM)
    except SourceError as error:
        words = f"{database.shown}: {error}"
        raise SourceError(words, reason=error.reason, permanent=error.permanent) from None


def _sqlite_engine(database: Database) -> Engine:
    path = Path(database.url.database or "").absolute()
    if not path.is_file():
        raise SourceError(f"there is no file {path}", reason="source")

    def opened() -> Any:
        return sqlite.connect(f"file:{quote(str(path))}?mode=ro", uri=True, check_same_thread=False)

    return create_engine("sqlite+pysqlite://", module=sqlite, creator=opened, poolclass=NullPool)


def _guard(connection: Connection, database: Database, raw: Any) -> None:
    """See that nothing can be written, and that the server stops a query that lasts too long."""
    if database.kind == "postgresql":
        connection.execution_options(postgresql_readonly=True)
    before = _BEFORE.get(database.kind)
    if before is not None:
        connection.exec_driver_sql(before.format(total_ms=round(database.total_s * 1000)))
    if database.kind == "sqlite":
        raw.execute("PRAGMA query_only = ON")
        raw.execute("PRAGMA trusted_schema = OFF")
        raw.set_authorizer(_authorised)


def _authorised(action: int, _first: Any, second: Any, *_: Any) -> int:
    """SQLite asks this of all that a statement would do."""
    if action == _FUNCTION:
        return _DENIED if second in _UNSAFE_FUNCTIONS else _ALLOWED
    return _ALLOWED if action in {_READ, _SELECT, _TRANSACTION, _RECURSIVE} else _DENIED


def _parameter(name: str, moment: date, *, as_text: bool) -> Any:
    if as_text:
        return bindparam(name, _as_text(moment), type_=String())
    if not isinstance(moment, datetime):
        return bindparam(name, moment, type_=Date())
    return bindparam(name, moment, type_=DateTime(timezone=moment.tzinfo is not None))


def _as_text(moment: date) -> str:
    """Without a fraction of zero: as texts, 00:00:00 comes before 00:00:00.000000."""
    return moment.isoformat(sep=" ") if isinstance(moment, datetime) else moment.isoformat()


def _size(cell: Any) -> int:
    return len(cell) if isinstance(cell, str | bytes) else 0
