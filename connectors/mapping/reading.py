"""From the rows of an answer to observations, one by one or an agency's together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Any, NamedTuple

from connectors.base import Ask, Observation, SourceError, Window
from connectors.mapping.agency import Spelling
from connectors.mapping.moments import instant_us
from connectors.mapping.presence import Asked, check_there
from connectors.mapping.request import HttpRequest, MetricPath, zone_of
from connectors.numbers import read_number
from connectors.query import Query

# Sums are exact: numbers have at most 300 digits before and after the point.
_EXACT = Context(prec=1000)
Counted = tuple[Any, Any]  # a row, and the `each` that it was asked for


@dataclass(frozen=True, slots=True)
class Fed:
    """One of our metrics, its place in a request's selection, and how it is read."""

    metric: str
    key: str
    option: MetricPath


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one request's answers for one window are read."""

    request: HttpRequest
    metrics: tuple[Fed, ...]
    where: str
    window: Window | None
    ask: Ask
    spelling: Spelling

    @property
    def period(self) -> str | None:
        return self.window.id or None if self.window is not None else None

    def data_us(self) -> int:
        """The data time of a row that names none."""
        now = self.ask.now
        return instant_us(now if self.window is None else min(self.window.end, now))


class _Line(NamedTuple):
    """What is meant of one row; `unreadable` is why nothing of it can be used."""

    number: int
    agency: str
    picked: dict[str, Any]
    data_us: int
    unreadable: str | None


def observed(rows: Iterable[Counted], reading: Reading) -> Iterator[Observation]:
    """SourceError("content") for a row that is no object, and for a path that no row has."""
    data_us = reading.data_us()
    kept = [
        (number, row, each)
        for number, (row, each) in enumerate(rows, start=1)
        if not _is_dropped(number, row, reading)
    ]
    lines = [_line(number, row, each, data_us, reading) for number, row, each in kept]
    picked = [line.picked for line in lines]
    check_there([row for _, row, _ in kept], picked, _asked(reading), reading.where)
    period = reading.period
    alone = [fed for fed in reading.metrics if fed.option.aggregate is None]
    for line in lines:
        for fed in alone:
            value = _value(line, fed)
            if value is not None:
                where = f"{reading.where} row {line.number} {fed.metric}"
                yield Observation(fed.metric, line.agency, period, line.data_us, value, where)
    for fed in reading.metrics:
        if fed.option.aggregate is not None:
            yield from _together(fed, lines, reading)


def _asked(reading: Reading) -> Iterator[Asked]:
    """What is asked of every row, and for what."""
    request = reading.request
    if request.agency.path is not None:
        yield "agency", "agency", request.agency.path
    if request.data_at is not None:
        yield "data_at", "data_at", request.data_at.path
    for fed in reading.metrics:
        yield fed.key, f"metric {fed.metric}", fed.option.path


def _is_dropped(number: int, row: Any, reading: Reading) -> bool:
    if not isinstance(row, dict):
        raise SourceError(f"{reading.where} row {number} is no object", reason="content")
    return reading.request.is_dropped(row)


def _line(number: int, row: Any, each: Any, data_us: int, reading: Reading) -> _Line:
    """`data_us` is the data time of a row that names none."""
    picked = {name: query.of(row) for name, query in reading.request.selection}
    agency = reading.spelling.code(picked.get("agency"), each)
    unreadable = None
    option, raw = reading.request.data_at, picked.get("data_at")
    if option is not None and raw is not None:
        try:
            data_us = option.read_us(raw, zone_of(reading.ask))
        except ValueError as error:
            unreadable = f"data_at {error}"
    return _Line(number, agency, picked, data_us, unreadable)


def _together(fed: Fed, lines: Iterable[_Line], reading: Reading) -> Iterator[Observation]:
    """What the rows of each agency come to; what is missing is no observation."""
    for group in _by_agency(lines):
        value = _aggregated(group, fed)
        if value is None:
            continue
        first, last = group[0].number, group[-1].number
        rows = f"row {first}" if first == last else f"{len(group)} rows, {first} to {last}"
        data_us = max(line.data_us for line in group)
        where = f"{reading.where} {rows} {fed.metric}"
        yield Observation(fed.metric, group[0].agency, reading.period, data_us, value, where)


def _value(line: _Line, fed: Fed) -> Decimal | str | None:
    raw = line.picked[fed.key]
    if raw is None and fed.option.on_null == "missing":
        return None
    if line.unreadable is not None:
        return line.unreadable
    if raw is None:
        return Decimal(0) if fed.option.on_null == "zero" else "null"
    return read_number(raw, fed.option.number)


def _by_agency(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    groups: dict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        groups[line.agency].append(line)
    yield from groups.values()


def _aggregated(lines: Sequence[_Line], fed: Fed) -> Decimal | str | None:
    unreadable = next((line.unreadable for line in lines if line.unreadable), None)
    if unreadable is not None:
        return unreadable
    if fed.option.aggregate == "count":
        return Decimal(sum(Query.is_true(line.picked[fed.key]) for line in lines))
    values = [(line.data_us, _value(line, fed)) for line in lines]
    if fed.option.aggregate == "sum":
        return _sum([value for _, value in values])
    newest = None
    for data_us, value in values:
        if value is not None and (newest is None or data_us >= newest[0]):
            newest = (data_us, value)
    return None if newest is None else newest[1]


def _sum(values: Sequence[Decimal | str | None]) -> Decimal | str | None:
    """The exact sum; or the first value that is no number, to be refused as it is; or missing."""
    total, missing = Decimal(0), False
    for value in values:
        if isinstance(value, str):
            return value
        if value is None:
            missing = True
            continue
        if not value.is_finite():
            return value
        with localcontext(_EXACT):
            total += value
    return None if missing else total
