"""From the rows of an answer to observations, one by one or an agency's together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, Decimal, localcontext
from typing import Any, NamedTuple, TypeAlias

from connectors.base import Ask, Observation, SourceError, Window
from connectors.mapping.agency import Spelling
from connectors.mapping.moments import instant_us
from connectors.mapping.presence import check_there
from connectors.mapping.request import HttpRequest, MetricPath, zone_of
from connectors.numbers import read_numbers
from connectors.query import Query

# Sums are exact: numbers have at most 300 digits before and after the point.
_EXACT = Context(prec=1000)
# None is missing; a text is what could not be read as a number.
Value: TypeAlias = Decimal | str | None
Column: TypeAlias = Sequence[Any]
_NULLS: dict[str, Value] = {"missing": None, "zero": Decimal(0), "error": "null"}


class Fed(NamedTuple):
    """One of our metrics, and how it is read."""

    metric: str
    option: MetricPath


class Reading(NamedTuple):
    """How the rows of one request's answers for one window are read."""

    request: HttpRequest
    metrics: Sequence[Fed]
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


class _Table(NamedTuple):
    """The rows that are not left out, as columns: what is meant of each of them.

    `problems` are why nothing of a row can be used, where there is such a reason.
    """

    numbers: Sequence[int]
    rows: Column
    agencies: Sequence[str]
    data_us: Sequence[int]
    problems: Sequence[str | None]


def observed(rows: Sequence[Any], eaches: Sequence[Any], reading: Reading) -> list[Observation]:
    """`eaches` are what each row was asked for.

    SourceError("content") for a row that is no object, and for a path that no row has.
    """
    table = _table(rows, eaches, reading)
    alone: list[tuple[Fed, Column]] = []
    together: list[tuple[Fed, Column]] = []
    for fed in reading.metrics:
        asked = alone if fed.option.aggregate is None else together
        asked.append((fed, _column(fed, table, reading)))
    found = _alone(alone, table, reading)
    return [*found, *_together(together, table, reading)] if together else found


def _column(fed: Fed, table: _Table, reading: Reading) -> Column:
    query = fed.option.path
    column = query.column(table.rows)
    check_there(table.rows, column, query, f"metric {fed.metric}", reading.where)
    return column


def _alone(
    asked: Sequence[tuple[Fed, Column]], table: _Table, reading: Reading
) -> list[Observation]:
    """Row by row, each for itself."""
    period, where = reading.period, reading.where
    agencies, data_us = table.agencies, table.data_us
    read = [(fed.metric, _values(column, table, fed.option)) for fed, column in asked]
    return [
        Observation(
            metric, agencies[at], period, data_us[at], value, f"{where} row {number} {metric}"
        )
        for at, number in enumerate(table.numbers)
        for metric, values in read
        if (value := values[at]) is not None
    ]


def _table(rows: Sequence[Any], eaches: Sequence[Any], reading: Reading) -> _Table:
    numbers = _kept(rows, reading)
    if len(numbers) < len(rows):
        rows = [rows[number - 1] for number in numbers]
        eaches = [eaches[number - 1] for number in numbers]
    path, said = reading.request.agency.path, eaches
    if path is not None:
        said = path.column(rows)
        check_there(rows, said, path, "agency", reading.where)
    agencies = reading.spelling.codes(said)
    return _Table(numbers, rows, agencies, *_times(rows, reading))


def _kept(rows: Sequence[Any], reading: Reading) -> Sequence[int]:
    """The numbers of the rows that count, from 1."""
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise SourceError(f"{reading.where} row {number} is no object", reason="content")
    return reading.request.kept(rows)


def _times(rows: Sequence[Any], reading: Reading) -> tuple[Sequence[int], Sequence[str | None]]:
    """The data time of each row, and what is wrong with it."""
    data_us, option = reading.data_us(), reading.request.data_at
    times = [data_us] * len(rows)
    problems: list[str | None] = [None] * len(rows)
    if option is None:
        return times, problems
    column = option.path.column(rows)
    check_there(rows, column, option.path, "data_at", reading.where)
    zone = zone_of(reading.ask)
    for at, raw in enumerate(column):
        if raw is None:
            continue
        try:
            times[at] = option.read_us(raw, zone)
        except ValueError as error:
            problems[at] = f"data_at {error}"
    return times, problems


def _values(column: Column, table: _Table, option: MetricPath) -> Sequence[Value]:
    values = read_numbers(column, option.number, _NULLS[option.on_null])
    if not any(table.problems):
        return values
    return [
        value if value is None or problem is None else problem
        for value, problem in zip(values, table.problems, strict=True)
    ]


def _together(
    asked: Sequence[tuple[Fed, Column]], table: _Table, reading: Reading
) -> Iterator[Observation]:
    """What the rows of each agency come to; what is missing is no observation."""
    strays = _strays(table, reading)
    groups = [(max(each, key=table.data_us.__getitem__), each) for each in _groups(table, reading)]
    for fed, column in asked:
        wrong = strays if fed.option.aggregate != "last" else table.problems
        for newest, places in groups:
            value = _aggregated(places, column, wrong, table, fed.option)
            if value is not None:
                where = f"{reading.where} {_rows(places, table)} {fed.metric}"
                agency, data_us = table.agencies[newest], table.data_us[newest]
                yield Observation(fed.metric, agency, reading.period, data_us, value, where)


def _groups(table: _Table, reading: Reading) -> Iterable[list[int]]:
    """The places of each agency's rows, whatever codes of its own they have."""
    # Of a closed window's end, which is past its last day, the codes of that day are meant.
    end_us = None if reading.window is None else instant_us(reading.window.end)
    groups: dict[object, list[int]] = defaultdict(list)
    for at, (code, at_us) in enumerate(zip(table.agencies, table.data_us, strict=True)):
        agency = reading.ask.whose(code, at_us - (at_us == end_us))
        groups[("", code) if agency is None else agency].append(at)
    return groups.values()


def _strays(table: _Table, reading: Reading) -> Sequence[str | None]:
    """What is wrong with rows, another time than was asked for too: no total may hold it."""
    window = reading.window
    if window is None or reading.request.data_at is None:
        return table.problems
    start_us, end_us = instant_us(window.start), instant_us(window.end)
    stray = f"data_at is outside of {window.id}: ask for that alone, or leave it out by drop_when"
    return [
        problem or (None if start_us <= at_us <= end_us else stray)
        for problem, at_us in zip(table.problems, table.data_us, strict=True)
    ]


def _rows(places: Sequence[int], table: _Table) -> str:
    first, last = table.numbers[places[0]], table.numbers[places[-1]]
    return f"row {first}" if first == last else f"{len(places)} rows, {first} to {last}"


def _aggregated(
    places: Sequence[int],
    column: Column,
    problems: Sequence[str | None],
    table: _Table,
    option: MetricPath,
) -> Value:
    problem = next((problems[at] for at in places if problems[at]), None)
    if problem is not None:
        return problem
    raws = [column[at] for at in places]
    if option.aggregate == "count":
        return Decimal(sum(map(Query.is_true, raws)))
    values = read_numbers(raws, option.number, _NULLS[option.on_null])
    if option.aggregate == "sum":
        return _sum(values)
    return _newest(values, [table.data_us[at] for at in places])


def _newest(values: Sequence[Value], data_us: Sequence[int]) -> Value:
    """The last one of the newest time that has any."""
    newest, newest_us = None, 0
    for value, at_us in zip(values, data_us, strict=True):
        if value is not None and (newest is None or at_us >= newest_us):
            newest, newest_us = value, at_us
    return newest


def _sum(values: Sequence[Value]) -> Value:
    """The exact sum; or the first value that is no number, to be refused as it is; or missing."""
    total, missing = Decimal(0), False
    with localcontext(_EXACT):
        for value in values:
            if value is None:
                missing = True
            elif isinstance(value, str) or not value.is_finite():
                return value
            else:
                total += value
    return None if missing else total
