"""What one table of an agency's report says: columns by their headings, rows by agency."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Literal

from connectors.base import Model, Observation, PeriodKind
from connectors.mapping.moments import instant_us, iso_date, moment_at
from connectors.numbers import NumberLocale, read_number
from connectors.workbook import BadFile, Cell, Row, tidy

_PERIODS: dict[PeriodKind, re.Pattern[str]] = {
    "year": re.compile(r"([1-9]\d{3})", re.ASCII),
    "quarter": re.compile(r"([1-9]\d{3})-Q([1-4])", re.ASCII),
    "month": re.compile(r"([1-9]\d{3})-(0[1-9]|1[0-2])", re.ASCII),
    "day": re.compile(r"([1-9]\d{3})-(\d\d)-(\d\d)", re.ASCII),
}
_MONTHS: dict[PeriodKind, int] = {"year": 12, "quarter": 3, "month": 1}
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# A report of today ends within a day; one of tomorrow may be a clock. Later is a wrong date, and
# would make an old figure look new.
_AHEAD_MAX = timedelta(days=2)


class Column(Model):
    """A column by its heading; white space and case do not matter."""

    column: str
    """Its heading."""


class AgencyColumn(Column):
    """The agency's code in a system; without one, our own agency id."""

    system: str | None = None
    """The system that the codes belong to."""


class PeriodColumn(Column):
    """A period id of that kind, such as 2024, 2024-Q3, 2024-10 or 2024-10-16."""

    kind: PeriodKind = "year"
    """Which kind of period the column names."""


class MetricColumn(Column):
    """How a figure is written, and what a blank means: no figure, a zero, or a bad file.

    `moment` says that the figure speaks of the day of the report and not of a period's total:
    then the newest report counts, whatever its period.
    """

    number: NumberLocale | None = None
    """How numbers in text are written: plain is 1234.5, vi is 1.234,5. Where this is not said they
    are read as plain, but a text such as "1.300", which may be either, is refused."""
    on_null: Literal["missing", "zero", "error"] = "missing"
    """What a blank means."""
    moment: bool = False
    """Whether the figure speaks of the report's day, not of its period."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a report looks like, and the moment and zone it is read in."""

    header_row: int
    agency: AgencyColumn
    period: PeriodColumn | None
    data_at: Column | None
    metrics: Mapping[str, MetricColumn]
    now: datetime
    zone: tzinfo

    def columns(self) -> tuple[Column, ...]:
        keys = (self.agency, self.period, self.data_at)
        return (*(key for key in keys if key is not None), *self.metrics.values())


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a report, by tidy heading; `place` is where it stands in its file."""

    place: str
    cells: Mapping[str, Cell]

    def of(self, column: Column) -> Cell:
        return self.cells[_key(column.column)]

    def bad(self, column: Column, problem: str) -> BadFile:
        return BadFile(f"{self.place}, column {column.column!r}", problem)


def observations(file: str, rows: Sequence[Row], form: Form) -> Iterator[tuple[Observation, ...]]:
    """One tuple for each row about an agency; BadFile when one row cannot be placed."""
    lines = [line for line in _lines(rows, form) if not _is_beside(line, form)]
    if not lines:
        raise BadFile("the sheet", "has no rows under its headings")
    for line in lines:
        yield tuple(_observed(file, line, form))


def _lines(rows: Sequence[Row], form: Form) -> Iterator[Line]:
    if len(rows) < form.header_row:
        raise BadFile("the sheet", f"has no row {form.header_row} for its headings")
    heading = rows[form.header_row - 1]
    places = dict(_places(heading, form))
    for number, row in enumerate(rows[form.header_row :], form.header_row + 1):
        if any(cell is not None for cell in row):
            cells = {key: row[index] for key, index in places.items()}
            yield Line(f"row {number}", cells)


def _places(heading: Row, form: Form) -> Iterator[tuple[str, int]]:
    """Where each column stands; what is not asked for may stand beside."""
    keys = [None if cell is None else _key(str(cell)) for cell in heading]
    where = f"row {form.header_row}"
    for name in dict.fromkeys(column.column for column in form.columns()):
        found = keys.count(_key(name))
        if found > 1:
            raise BadFile(where, f"has {found} columns {name!r}")
        if not found:
            there = ", ".join(repr(str(cell)) for cell in heading if cell is not None)
            raise BadFile(where, f"has no column {name!r}; there are {there or 'none'}")
        yield _key(name), keys.index(_key(name))


def _key(heading: str) -> str:
    return tidy(heading).casefold()


def _is_beside(line: Line, form: Form) -> bool:
    """Sums and remarks under a table name neither an agency nor a period."""
    keys = [form.agency] if form.period is None else [form.agency, form.period]
    return all(line.of(key) is None for key in keys)


def _observed(file: str, line: Line, form: Form) -> Iterator[Observation]:
    agency = _agency(line, form.agency)
    period = None if form.period is None else _period(line, form.period)
    data_us = instant_us(min(_data_at(line, form, period), form.now))
    for metric, column in form.metrics.items():
        value = _value(line, column)
        if value is not None:
            where = f"{file}, {line.place}, column {column.column!r}"
            spoken = None if column.moment else period
            yield Observation(metric, agency, spoken, data_us, value, where)


def _value(line: Line, column: MetricColumn) -> Decimal | str | None:
    cell = line.of(column)
    if cell is None:
        if column.on_null == "error":
            raise line.bad(column, "is blank")
        return Decimal(0) if column.on_null == "zero" else None
    if isinstance(cell, date):
        return cell.isoformat()
    return read_number(tidy(cell) if isinstance(cell, str) else cell, column.number)


def _agency(line: Line, column: Column) -> str:
    cell = line.of(column)
    if cell is None or isinstance(cell, bool | date):
        raise line.bad(column, f"names no agency: {_shown(cell)}")
    return tidy(str(cell))


def _period(line: Line, column: PeriodColumn) -> str:
    cell = line.of(column)
    text = _date_id(cell, column.kind) if isinstance(cell, date) else tidy(str(cell))
    if _period_end(text, column.kind) is None:
        raise line.bad(column, f"is no {column.kind}: {_shown(cell)}")
    return text


def _date_id(cell: date, kind: PeriodKind) -> str:
    """Excel makes a date of 2024-10 as soon as it is typed: the first of that month."""
    if kind == "month" and cell.day == 1:
        return f"{cell.year:04d}-{cell.month:02d}"
    return f"{cell.year:04d}-{cell.month:02d}-{cell.day:02d}"


def _period_end(text: str, kind: PeriodKind) -> date | None:
    """The first day after a period; None when the text names none of that kind."""
    match = _PERIODS[kind].fullmatch(text)
    if match is None:
        return None
    try:
        if kind == "day":
            return date.fromisoformat(text) + timedelta(days=1)
        number = 1 if match.lastindex == 1 else int(match[2])
        months = number * _MONTHS[kind]
        return date(int(match[1]) + months // 12, months % 12 + 1, 1)
    except (ValueError, OverflowError):
        return None


def _data_at(line: Line, form: Form, period: str | None) -> datetime:
    """The moment a row speaks of: its own, else the end of its period, else now."""
    if form.data_at is not None:
        return _moment(line, form.data_at, form)
    end = None if period is None or form.period is None else _period_end(period, form.period.kind)
    return form.now if end is None else _midnight(end, form.zone)


def _moment(line: Line, column: Column, form: Form) -> datetime:
    """A day means its end; a time of day is local unless it says otherwise."""
    cell = line.of(column)
    found = _read_date(cell) if isinstance(cell, str) else cell
    if not isinstance(found, date):
        raise line.bad(column, f"is no date such as 16/10/2024: {_shown(cell)}")
    if found.year > form.now.year + 1:
        raise line.bad(column, f"lies in the future: {_shown(cell)}")
    moment = moment_at(found, form.zone)
    if moment > form.now + _AHEAD_MAX:
        raise line.bad(column, f"lies in the future: {_shown(cell)}")
    return moment


def _read_date(text: str) -> date | None:
    """dd/MM/yyyy, or ISO 8601 with or without a time of day; None for anything else."""
    try:
        match = _DAY_FIRST.fullmatch(text)
        if match:
            return date(int(match[3]), int(match[2]), int(match[1]))
        return iso_date(text) if _ISO_DAY.match(text) else None
    except ValueError:
        return None


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _shown(cell: Cell) -> str:
    return "blank" if cell is None else repr(str(cell))
