"""Rows of a query to any database that SQLAlchemy speaks to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ByteSize, Field, PrivateAttr, model_validator
from sqlalchemy.engine import make_url

from connectors.base import (
    Answer,
    Ask,
    Connector,
    Doubt,
    Model,
    Observation,
    PeriodKind,
    SourceError,
)
from connectors.base import Window as AskedWindow
from connectors.bounded import Worker
from connectors.fetch.addresses import (
    Allowed,
    Network,
    doubts_of,
    listed,
    network_or,
    spelt_out,
)
from connectors.mapping.moments import instant_us, iso_date, moment_at
from connectors.mapping.template import End
from connectors.numbers import NumberLocale, decimal_of, read_number
from connectors.secret import Secret
from connectors.sql_session import Database, Question, Session, Table
from connectors.sql_statement import EDGES, Statement, parameters_of
from connectors.sql_url import DatabaseUrl

Times = Literal["local", "utc", "aware", "date"]

_MICROSECOND = timedelta(microseconds=1)
_SAID_CHARS_MAX = 200


class SqlWindow(Model):
    """The period asked for, as `:window_start` and `:window_end` of the query."""

    period: PeriodKind
    """Asked once for each period of this kind that is wanted."""
    times: Times = "local"
    """What the two are: times of day of the province without a zone, or of UTC, times with their
    zone, or dates. SQLite has no times: there they are texts such as 2024-01-01 00:00:00."""
    end: End = "exclusive"
    """Whether `:window_end` is the first moment after the period, or its last one."""


class SqlAgency(Model):
    """Where a row names its agency."""

    column: str
    """The column that has the agency's code."""
    system: str | None = None
    """The system whose codes they are; none: our own agency ids."""


class SqlColumn(Model):
    """A column of the query's rows."""

    column: str
    """Its name in the query's answer; case matters."""


class SqlMetric(SqlColumn):
    """Where a row has a metric."""

    number: NumberLocale | None = None
    """How a number is written where the column holds text: plain is 1234.5, vi is 1.234,5. Where
    this is not said it is read as plain, but a text such as "1.300", which may be either, is
    refused."""
    on_null: Literal["missing", "zero", "error"] = "missing"
    """What NULL means: no figure, a zero, or an error of the row."""


class SqlLimits(Model):
    """What one run may cost. Seconds are wall time; `total_s` bounds the whole run."""

    connect_s: float = Field(default=10.0, gt=0)
    """Longest wait for a connection, where the driver can be told (PostgreSQL can)."""
    total_s: float = Field(default=60.0, gt=0)
    """Longest time that a whole run may take; PostgreSQL and SQLite stop the query itself then."""
    max_records: int = Field(default=10_000, ge=1)
    """Most rows of one answer; a query sums and groups in the database."""
    max_bytes: ByteSize = Field(default=ByteSize(20_000_000), gt=0)
    """Most bytes of text in all rows together."""


class Sql(Connector):
    """One query, asked once a period, in a transaction that can only read.

    PostgreSQL gets a read-only transaction and a cursor, which takes one reading statement and
    nothing else; SQLite a file opened read-only, in which only reading is authorised. Others get
    what their dialect offers (MySQL and MariaDB a read-only session) and a rollback: give them a
    user who can only read, which is good everywhere. An observation's data time is `data_at` of its
    row, else the end of the window asked but not after now, else now.
    """

    url: DatabaseUrl
    """The database, such as postgresql+psycopg://db.example:5432/documents?sslmode=verify-full or
    sqlite:///var/documents.db; without user and password."""
    user: Secret | str | None = None
    """Who asks."""
    password: Secret | None = None
    """The user's password."""
    allow: Annotated[
        tuple[Annotated[Network | Literal["url"], BeforeValidator(network_or("url"))], ...],
        BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...]),
    ] = ()
    """The networks, such as 10.20.0.0/16, in which the database must lie once its name is resolved.
    `url` stands for the address that it spells out in digits. Without networks: any address but
    loopback, link-local and metadata ones. Files and local sockets have none."""
    query: Statement
    """One SELECT; sums and groups belong into it."""
    window: SqlWindow | None = None
    """The period asked for; none: the query speaks of the moment."""
    agency: SqlAgency
    """Where a row names its agency."""
    metrics: dict[str, SqlMetric] = Field(min_length=1)
    """Where a row has each metric."""
    data_at: SqlColumn | None = None
    """Where a row says what moment it speaks of: a time, a day (which means its end), or a text
    by ISO 8601. Without a zone it is of UTC where `window: {times: utc}`, else of the province."""
    limits: SqlLimits = SqlLimits()
    """What one run may cost."""
    expect: tuple[str, ...] = ()
    """Statements that every row must meet, in the grammar of formulas plus comparisons."""
    _worker: Worker = PrivateAttr(default_factory=Worker)

    @model_validator(mode="after")
    def _window_is_used(self) -> Self:
        used = parameters_of(self.query)
        if self.window is None and used:
            raise ValueError(f"the query has :{min(used)} and the source no window")
        if self.window is not None and not used:
            raise ValueError("the query has neither :window_start nor :window_end")
        return self

    @property
    def agency_system(self) -> str | None:
        return self.agency.system

    @property
    def period(self) -> PeriodKind | None:
        return None if self.window is None else self.window.period

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return frozenset((metric, self.period) for metric in self.metrics)

    def expectations(self) -> tuple[str, ...]:
        return self.expect

    def observe(self, ask: Ask) -> Answer:
        """Ask once a window; SourceError when the database does not give the whole answer."""
        windows = ask.windows_of(self.period)
        questions = tuple(self._question(window) for window in windows)
        session = Session(self._database(), questions, ask.ledger)
        tables = self._worker.do(
            session.visit, total_s=self.limits.total_s, stop=ask.stop, cancel=session.end
        )
        readings = [
            _Reading(self, window, ask, table)
            for window, table in zip(windows, tables, strict=True)
        ]
        return Answer(
            observations=tuple(one for reading in readings for one in reading.observations()),
            received=sum(len(table.rows) for table in tables),
            digest=_digest(tables),
        )

    def asks(self) -> tuple[str, ...]:
        return (f"QUERY {self.url}: {' '.join(self.query.split())}",)

    def doubts(self) -> Iterator[Doubt]:
        return doubts_of(self.allowed(), "url", make_url(self.url).host)

    def allowed(self) -> Allowed:
        """Which addresses may be connected to."""
        networks = tuple(each for each in self.allow if each != "url")
        own = make_url(self.url).host
        return Allowed(networks, spelt_out(own) if "url" in self.allow else ())

    def _database(self) -> Database:
        url = make_url(self.url)
        user = self.user.reveal() if isinstance(self.user, Secret) else self.user
        password = None if self.password is None else self.password.reveal()
        return Database(
            url=url.set(username=user, password=password),
            allowed=self.allowed(),
            connect_s=self.limits.connect_s,
            total_s=self.limits.total_s,
            max_records=self.limits.max_records,
            max_bytes=self.limits.max_bytes,
        )

    def _question(self, window: AskedWindow | None) -> Question:
        if window is None or self.window is None:
            return Question(self.query, {}, self.url)
        start, end = window.start, window.end
        if self.window.end == "inclusive":
            end -= _MICROSECOND
        edges = zip(EDGES, (start, end), strict=True)
        used = parameters_of(self.query)
        moments = {name: _moment(at, self.window.times) for name, at in edges if name in used}
        shown = " ".join((self.url, *(f":{name}={moment}" for name, moment in moments.items())))
        return Question(self.query, moments, shown)


def _moment(at: datetime, times: Times) -> date:
    if times == "date":
        return at.date()
    if times == "aware":
        return at
    return (at if times == "local" else at.astimezone(UTC)).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the rows of one answer are read."""

    source: Sql
    window: AskedWindow | None
    ask: Ask
    table: Table

    def observations(self) -> Iterator[Observation]:
        for number, row in enumerate(self.table.rows, start=1):
            yield from self._of_row(row, f"row {number}")

    def _of_row(self, row: tuple[Any, ...], where: str) -> Iterator[Observation]:
        agency = _code(self._cell(row, self.source.agency.column))
        data_us, unreadable = self._data_time(row)
        period = None if self.window is None else self.window.id
        for metric, option in self.source.metrics.items():
            value = _value(self._cell(row, option.column), option)
            if value is not None:
                yield Observation(metric, agency, period, data_us, unreadable or value, where)

    def _cell(self, row: tuple[Any, ...], column: str) -> Any:
        found = self.table.columns.count(column)
        if found != 1:
            known = ", ".join(self.table.columns)
            problem = f"the query gives {found or 'no'} columns {column!r}; it gives {known}"
            raise SourceError(problem, reason="config")
        return row[self.table.columns.index(column)]

    def _data_time(self, row: tuple[Any, ...]) -> tuple[int, str | None]:
        """The moment that a row speaks of, and what is wrong with it."""
        now = self.ask.now
        usual_us = instant_us(now if self.window is None else min(self.window.end, now))
        option = self.source.data_at
        raw = None if option is None else self._cell(row, option.column)
        if raw is None:
            return usual_us, None
        try:
            return instant_us(_read_moment(raw, self._zone(), now)), None
        except (ValueError, OverflowError):
            return usual_us, f"data_at {str(raw)[:_SAID_CHARS_MAX]!r} is no time"

    def _zone(self) -> tzinfo | None:
        if self.source.window is not None and self.source.window.times == "utc":
            return UTC
        return self.ask.zone if self.window is None else self.window.start.tzinfo


def _read_moment(raw: Any, zone: tzinfo | None, now: datetime) -> datetime:
    """A day means its end, though not after now; ValueError for what is no time, or has no zone."""
    said = iso_date(raw) if isinstance(raw, str) else raw
    if not isinstance(said, date):
        raise ValueError("no time")  # noqa: TRY004  as unreadable as a bad text
    moment = moment_at(said, zone)
    return moment if isinstance(said, datetime) else min(moment, now)


def _value(raw: Any, option: SqlMetric) -> Decimal | str | None:
    if raw is None:
        return {"missing": None, "zero": Decimal(0), "error": "null"}[option.on_null]
    if isinstance(raw, float):
        return decimal_of(repr(raw))
    if isinstance(raw, bool | int | Decimal | str):
        return read_number(raw, option.number)
    return f"a {type(raw).__name__}"


def _code(raw: Any) -> str:
    """A code as text; what is no code matches no agency, and is refused with what was got."""
    return "" if raw is None else str(raw).strip()[:_SAID_CHARS_MAX]


def _digest(tables: tuple[Table, ...]) -> str:
    """Of the rows in whatever order they come: without ORDER BY it may change."""
    whole = [(table.columns, sorted(map(repr, table.rows))) for table in tables]
    return sha256(repr(whole).encode()).hexdigest()
