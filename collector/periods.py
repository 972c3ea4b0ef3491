"""Assessment periods, their ids (`2024`, `2024-Q3`, `2024-10`, `2024-10-16`) and intervals."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from connectors.base import PeriodKind, Window

_SHAPES: dict[PeriodKind, re.Pattern[str]] = {
    "year": re.compile(r"(\d{4})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])"),
    "day": re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_QUARTER_MONTHS = 3
_YEAR_MONTHS = 12
_MONTHS: dict[PeriodKind, int] = {"year": _YEAR_MONTHS, "quarter": _QUARTER_MONTHS, "month": 1}


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open interval of local dates that totals and scores speak of."""

    kind: PeriodKind
    id: str
    start: date
    until: date

    def window(self, zone: ZoneInfo) -> Window:
        return Window(self.kind, self.id, _midnight(self.start, zone), _midnight(self.until, zone))

    def start_us(self, zone: ZoneInfo) -> int:
        return instant_us(_midnight(self.start, zone))

    def until_us(self, zone: ZoneInfo) -> int:
        return instant_us(_midnight(self.until, zone))

    def previous(self) -> "Period":
        return period_of(self.kind, self.start - timedelta(days=1))


def period_of(kind: PeriodKind, day: date) -> Period:
    """The period of that kind in which a local day lies."""
    if kind == "day":
        return Period(kind, day.isoformat(), day, day + timedelta(days=1))
    months = _MONTHS[kind]
    start = date(day.year, (day.month - 1) // months * months + 1, 1)
    until = _months_later(start, months)
    return Period(kind, _id_of(kind, start), start, until)


def period_at(kind: PeriodKind, at_us: int, zone: ZoneInfo) -> Period:
    return period_of(kind, local(at_us, zone).date())


def parse_period(text: str) -> Period:
    """The period that an id names; ValueError for anything else."""
    for kind in get_args(PeriodKind):
        match = _SHAPES[kind].fullmatch(text)
        if match:
            return period_of(kind, _first_day(kind, [int(part) for part in match.groups()]))
    raise ValueError(f"{text!r} is no period: 2024, 2024-Q3, 2024-10 or 2024-10-16")


def instant_us(moment: datetime) -> int:
    """UTC microseconds of an aware moment, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(at_us: int) -> datetime:
    """The aware UTC moment of an instant, exactly."""
    return _EPOCH + timedelta(microseconds=at_us)


def local(at_us: int, zone: ZoneInfo) -> datetime:
    return moment_of(at_us).astimezone(zone)


def iso(at_us: int) -> str:
    """ISO 8601 in UTC with Z, as the API writes instants."""
    return moment_of(at_us).isoformat().replace("+00:00", "Z")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _months_later(day: date, months: int) -> date:
    index = day.year * _YEAR_MONTHS + day.month - 1 + months
    return date(index // _YEAR_MONTHS, index % _YEAR_MONTHS + 1, 1)


def _id_of(kind: PeriodKind, start: date) -> str:
    if kind == "year":
        return f"{start.year:04d}"
    if kind == "quarter":
        return f"{start.year:04d}-Q{(start.month - 1) // _QUARTER_MONTHS + 1}"
    return f"{start.year:04d}-{start.month:02d}"


def _first_day(kind: PeriodKind, parts: list[int]) -> date:
    if kind == "quarter":
        return date(parts[0], (parts[1] - 1) * _QUARTER_MONTHS + 1, 1)
    return date(*[*parts, 1, 1][:3])
