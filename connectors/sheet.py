"""A folder into which agencies drop their reports as xlsx or csv files."""

import codecs
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ByteSize,
    Field,
    PrivateAttr,
    model_validator,
)

from connectors.base import Answer, Ask, Connector, Observation, PeriodKind, Rejected, SourceError
from connectors.bounded import Worker
from connectors.drop import Drop, DropRules, drops
from connectors.report import AgencyColumn, Column, Form, MetricColumn, PeriodColumn, observations
from connectors.workbook import BadFile, Row, TableLimits, read_csv, read_xlsx

_SUFFIXES = (".xlsx", ".csv")


def _as_tuple(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


def _file_pattern(pattern: str) -> str:
    if "/" in pattern or not pattern.lower().endswith(_SUFFIXES):
        raise ValueError("a pattern names files of the folder itself and ends in .xlsx or .csv")
    return pattern


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError(f"no such encoding: {name!r}") from None
    return name


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"no such time zone: {name!r}") from None
    return name


class SheetLimits(TableLimits):
    """And what one pull may take: files beyond `max_files` come with the next.

    `total_s` is wall time and bounds the whole run, also where the folder hangs.
    """

    max_bytes: ByteSize = Field(default=ByteSize(20_000_000), gt=0)
    """Largest file."""
    max_files: int = Field(default=1000, ge=1)
    """Most files that one pull reads."""
    total_s: float = Field(default=60.0, gt=0)
    """Longest time that a whole run may take. Once half of it is over no more file is begun: the
    others come with the next pull."""


class Sheet(Connector):
    """Reports of agencies, one table a file; a relative `folder` lies in the working folder.

    Files stay where they are, and a content once taken is not read again, wherever it lies: a
    pull without new files is an answer without observations. Of a bad file nothing is used; it
    is rejected once, and looked at again when its content changes (one that cannot be read at
    all is tried with each pull). Where several reports speak
    of one series, that of the newest `data_at` counts, and of equal ones the last by file name.
    `settle_s` is how long a file must have been left alone. `time_zone` is needed only where
    `data_at` is read and no metric has a period, whose window would say the zone.
    """

    folder: Path
    """Where the reports lie."""
    pattern: Annotated[
        tuple[Annotated[str, AfterValidator(_file_pattern)], ...],
        BeforeValidator(_as_tuple, json_schema_input_type=str | tuple[str, ...]),
        Field(min_length=1),
    ] = ("*.xlsx",)
    """The names of its files, such as "*.csv", or several such patterns."""
    sheet: Annotated[int, Field(ge=0)] | str = 0
    """The name of the sheet, or its place, from 0."""
    header_row: int = Field(default=1, ge=1)
    """The row of the headings, from 1."""
    agency: AgencyColumn
    """Whose a row is."""
    period: PeriodColumn | None = None
    """Which period a row speaks of."""
    data_at: Column | None = None
    """The day that a row is from; without it the end of its period, but not after now."""
    metrics: dict[str, MetricColumn] = Field(min_length=1)
    """The metrics of a row."""
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8-sig"
    """Of CSV files."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """Of CSV files."""
    settle_s: float = Field(default=2.0, ge=0)
    """How long a file must have been left alone before it is read."""
    time_zone: Annotated[str, AfterValidator(_zone)] | None = None
    """Of `data_at`, where no metric has a period, whose window would say the zone."""
    limits: SheetLimits = SheetLimits()
    """What one pull may take."""
    _worker: Worker = PrivateAttr(default_factory=Worker)

    @model_validator(mode="after")
    def _has_a_zone(self) -> "Sheet":
        timeless = all(kind is None for _, kind in self.feeds())
        if timeless and self.data_at is not None and self.time_zone is None:
            raise ValueError("data_at without any metric of a period needs time_zone")
        return self

    @property
    def agency_system(self) -> str | None:
        return self.agency.system

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        kind = None if self.period is None else self.period.kind
        return frozenset(
            (metric, None if column.moment else kind) for metric, column in self.metrics.items()
        )

    def recalls(self) -> bool:
        """Whatever lies in the folder is read, of whichever period: nothing is asked for."""
        return False

    def asks(self) -> tuple[str, ...]:
        return (f"FILES {self.folder}: {' '.join(self.pattern)}",)

    def observe(self, ask: Ask) -> Answer:
        """Read what is new in the folder; SourceError when there is none, or it hangs."""
        over = threading.Event()
        return self._worker.do(
            lambda: self._read(ask, over),
            total_s=self.limits.total_s,
            stop=ask.stop,
            cancel=over.set,
        )

    def _read(self, ask: Ask, over: threading.Event) -> Answer:
        form = self._form(ask)
        reports = [self._report(drop, form) for drop in self._new_drops(ask, over)]
        taken = tuple(report.digest for report in reports if report.digest is not None)
        return Answer(
            observations=tuple(_newest(reports)),
            received=sum(len(report.rows) for report in reports),
            digest=sha256("".join(taken).encode()).hexdigest(),
            rejected=tuple(report.rejected for report in reports if report.rejected is not None),
            taken=taken,
            complete=False,
        )

    def _form(self, ask: Ask) -> Form:
        return Form(
            header_row=self.header_row,
            agency=self.agency,
            period=self.period,
            data_at=self.data_at,
            metrics=self.metrics,
            now=ask.now,
            zone=self._zone_of(ask),
        )

    def _zone_of(self, ask: Ask) -> tzinfo:
        if self.time_zone is not None:
            return ZoneInfo(self.time_zone)
        zones = (window.start.tzinfo for window in ask.windows)
        return next((zone for zone in zones if zone is not None), UTC)

    def _new_drops(self, ask: Ask, over: threading.Event) -> Iterator[Drop]:
        seen = set(ask.taken)
        new = 0
        begins_until_s = time.monotonic() + self.limits.total_s / 2
        for drop in drops(self.folder, self._rules(ask.now), ask.ledger):
            if over.is_set():
                raise SourceError("the run is over", reason="source")
            if drop.digest in seen:
                ask.ledger.forget(drop.entry)
                continue
            if new == self.limits.max_files:
                ask.ledger.forget(drop.entry)
                return
            new += 1
            if drop.digest is not None:
                seen.add(drop.digest)
            yield drop
            if time.monotonic() > begins_until_s:
                return

    def _rules(self, now: datetime) -> DropRules:
        return DropRules(
            patterns=self.pattern,
            settled_before=now - timedelta(seconds=self.settle_s),
            now=now,
            max_bytes=self.limits.max_bytes,
        )

    def _report(self, drop: Drop, form: Form) -> "_Report":
        try:
            report = _Report(drop.digest, tuple(observations(drop.name, self._rows(drop), form)))
        except BadFile as error:
            where = f"{drop.name}, {error.where}"
            report = _Report(drop.digest, rejected=Rejected("type", where, error.problem))
        if drop.entry is not None and drop.body is not None:
            drop.entry.rows = len(report.rows)
        return report

    def _rows(self, drop: Drop) -> tuple[Row, ...]:
        if drop.body is None:
            raise BadFile("the file", drop.problem)
        if drop.name.lower().endswith(".csv"):
            return read_csv(
                drop.body,
                encoding=self.encoding,
                delimiter=self.delimiter,
                header_row=self.header_row,
                limits=self.limits,
            )
        return read_xlsx(drop.body, self.sheet, self.limits)


@dataclass(frozen=True, slots=True)
class _Report:
    """One file's content: all rows that it has, or why none is used."""

    digest: str | None
    rows: tuple[tuple[Observation, ...], ...] = ()
    rejected: Rejected | None = None


def _newest(reports: Iterable[_Report]) -> Iterator[Observation]:
    """Each series as its newest report says it.

    Two rows of one file that speak of the same moment stay two: whoever admits them decides.
    """
    best: dict[tuple[str, str, str | None], tuple[int, int]] = {}
    said: list[tuple[tuple[int, int], Observation]] = []
    for order, report in enumerate(reports):
        for observation in (found for row in report.rows for found in row):
            rank = (observation.data_us, order)
            best[_series(observation)] = max(best.get(_series(observation), rank), rank)
            said.append((rank, observation))
    return (observation for rank, observation in said if best[_series(observation)] == rank)


def _series(observation: Observation) -> tuple[str, str, str | None]:
    return observation.metric, observation.agency, observation.period
