"""Times and spans as sources write them."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from connectors.base import Model
from connectors.numbers import read_number
from connectors.query import Path

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# What lies outside was written, or is read, otherwise than declared; no calendar may reach it.
_YEARS = range(1900, 2200)
_SHOWN_CHARS_MAX = 200
_EPOCHS = {"epoch": 1_000_000, "epoch_ms": 1_000}
_SPAN = re.compile(r"(\d{1,5})\s*([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone, such as Asia/Ho_Chi_Minh or UTC") from None
    return name


def _span(given: Any) -> Any:
    if isinstance(given, timedelta):
        return given
    match = _SPAN.fullmatch(given) if isinstance(given, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError("a span of time is written 90m, 12h, 7d or 2w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Zone = Annotated[str, AfterValidator(_zone)]
Span = Annotated[
    timedelta,
    BeforeValidator(_span),
    WithJsonSchema({"type": "string", "pattern": f"^{_SPAN.pattern}$", "examples": ["90m", "7d"]}),
]


class DataAt(Model):
    """Where a record says when it is from."""

    path: Path
    """JMESPath to it in a record."""
    format: str = Field(default="iso", min_length=1)
    """How it is written: iso, epoch, epoch_ms, or made of %d, %m, %Y and so on."""
    zone: Zone | None = None
    """Whose clock it is where it names no zone; the province's otherwise."""

    def read_us(self, raw: Any, zone: tzinfo | None) -> int:
        """Microseconds of UTC; ValueError, with what was got, for what is no such time."""
        try:
            moment = self._moment(raw, zone)
        except (TypeError, OverflowError):
            raise ValueError(f"{_shown(raw)} is no time") from None
        if moment.year not in _YEARS:
            raise ValueError(f"{_shown(raw)} is no time of these centuries")
        return instant_us(moment)

    def _moment(self, raw: Any, zone: tzinfo | None) -> datetime:
        if self.format in _EPOCHS:
            return EPOCH + timedelta(microseconds=_counted(raw, _EPOCHS[self.format]))
        moment = self._written(raw)
        zone = moment.tzinfo or (ZoneInfo(self.zone) if self.zone else zone)
        if zone is None:
            raise ValueError(f"{_shown(raw)} names no zone")
        return moment.replace(tzinfo=zone)

    def _written(self, raw: Any) -> datetime:
        try:
            if self.format == "iso":
                return datetime.fromisoformat(raw)
            return datetime.strptime(raw, self.format)  # noqa: DTZ007  its zone is looked at next
        except ValueError:
            raise ValueError(f"{_shown(raw)} is no time") from None


def _shown(raw: Any) -> str:
    return repr(str(raw)[:_SHOWN_CHARS_MAX])


def _path_alone(given: Any) -> Any:
    return {"path": given} if isinstance(given, str) else given


# A path alone is that of an ISO 8601 time.
DataAtOption = Annotated[DataAt, BeforeValidator(_path_alone, json_schema_input_type=str | DataAt)]


def iso_date(text: str) -> date:
    """A day, or a time, as ISO 8601 writes it; ValueError for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


def moment_at(said: date, zone: tzinfo | None) -> datetime:
    """What a cell of a table speaks of, with its zone: a day means its end.

    ValueError without any zone, OverflowError at the end of all calendars.
    """
    if not isinstance(said, datetime):
        said = datetime.combine(said + timedelta(days=1), time())
    if said.tzinfo is None and zone is None:
        raise ValueError("names no zone")
    return said if said.tzinfo is not None else said.replace(tzinfo=zone)


def instant_us(moment: datetime) -> int:
    return (moment - EPOCH) // _MICROSECOND


def _counted(raw: Any, scale: int) -> int:
    number = read_number(raw, "plain")
    if isinstance(number, str) or not number.is_finite() or abs(number) > Decimal(10) ** 15:
        raise ValueError(f"{_shown(raw)} is no time")
    return int(number * scale)
