"""What a single value of the configuration may look like, and what it becomes."""

import re
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from collector.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from collector.settings.model import WorkingHours
from collector.settings.read import EXPONENT_MAX

_UNITS_US = {"s": SECOND_US, "m": MINUTE_US, "h": HOUR_US, "d": DAY_US, "w": 7 * DAY_US}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ID_MAX = 100


def duration_us(given: Any) -> int:
    """`5s`, `15m`, `2h`, `3d`, `2w` in microseconds."""
    match = re.fullmatch(r"([1-9]\d{0,5})([smhdw])", given) if isinstance(given, str) else None
    if not match:
        raise ValueError(f"{given!r} is no duration such as 5s, 15m, 2h or 3d")
    return int(match[1]) * _UNITS_US[match[2]]


def _number(given: Any) -> Decimal:
    """The number exactly as written; text only as variables bring it."""
    if isinstance(given, bool) or not isinstance(given, int | Decimal | str):
        raise ValueError("should be a number")  # noqa: TRY004  pydantic collects ValueErrors
    try:
        number = Decimal(given)
    except InvalidOperation:
        raise ValueError(f"{given!r} is no number{_unpercented(given)}") from None
    if not number.is_finite() or abs(number.adjusted()) > EXPONENT_MAX:
        raise ValueError(f"{given!r} is no plausible number")
    return _canonical(number)


def _unpercented(given: object) -> str:
    """Where a share is meant as per cent: how it is written."""
    percent = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?) ?%", given) if isinstance(given, str) else None
    return f": write {_canonical(Decimal(percent[1]) / 100)}" if percent else ""


def _canonical(number: Decimal) -> Decimal:
    """10.0 and 1e1 are 10: equal numbers are written alike."""
    text = f"{number:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _share(given: Any) -> Decimal:
    percent = re.fullmatch(r"([\d.]+) ?%", given) if isinstance(given, str) else None
    share = _canonical(_number(percent[1]) / 100) if percent else _number(given)
    if not 0 <= share <= 1:
        raise ValueError(f"{given} is no share: write 0 to 1, or 0 % to 100 %")
    return share


def _day(given: Any) -> date:
    if not isinstance(given, str) or not _DAY.fullmatch(given):
        raise ValueError(f"{given!r} is no day such as 2024-12-31")
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ValueError(f"there is no day {given}") from None


def _days(given: Any) -> tuple[date, date]:
    """`2024-02-08/2024-02-15` without its last day, or a single day."""
    first, slash, second = given.partition("/") if isinstance(given, str) else ("", "", "")
    start = _day(first or given)
    until = _day(second) if slash else start + timedelta(days=1)
    if until <= start:
        raise ValueError(f"{given} ends before it begins")
    return start, until


def _working_hours(given: Any) -> WorkingHours:
    """`Mon-Fri 07:30-17:00`, or `Mon,Wed,Fri 08:00-12:00`."""
    days = "|".join(_WEEKDAYS)
    shape = rf"((?:{days})(?:-(?:{days})|(?:,(?:{days}))*)) (\d\d:\d\d)-(\d\d:\d\d)"
    match = re.fullmatch(shape, given) if isinstance(given, str) else None
    if not match:
        raise ValueError(f'{given!r} is not of the form "Mon-Fri 07:30-17:00"')
    start, end = _hour(match[2]), _hour(match[3])
    if end <= start:
        raise ValueError(f"{given!r} ends before it begins")
    return WorkingHours(_weekdays(match[1]), start, end)


def _hour(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no hour {text}") from None


def _weekdays(text: str) -> frozenset[int]:
    first, dash, last = text.partition("-")
    if not dash:
        return frozenset(_WEEKDAYS.index(day) for day in text.split(","))
    start, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last)
    # Sat-Mon goes over the end of the week.
    return frozenset((start + step) % 7 for step in range((end - start) % 7 + 1))


def _id(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", text) or len(text) > _ID_MAX:
        raise ValueError(f"{text!r} is no id: lower-case letters a-z, digits and hyphens")
    return text


def _metric_id(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text) or len(text) > _ID_MAX:
        raise ValueError(f"{text!r} is no metric id: lower-case letters a-z, digits and _")
    if text in {"agencies", "min", "max", "sum"}:
        raise ValueError(f"{text!r} has a meaning of its own in formulas: choose another id")
    return text


def _code(given: Any) -> Any:
    """A code in digits alone need not be quoted."""
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


# What editors are told of each; whether a text means anything is judged by the functions above.
_DURATION_SCHEMA = {
    "type": "string",
    "pattern": r"^[1-9]\d{0,5}[smhdw]$",
    "examples": ["15m", "3d"],
}
_DAY_SCHEMA = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "examples": ["2024-12-31"]}
_DAYS_SCHEMA = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}(/\d{4}-\d{2}-\d{2})?$",
    "examples": ["2024-09-02", "2024-02-08/2024-02-15"],
}
_SHARE_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": r"^[\d.]+ ?%$", "examples": ["20 %"]},
    ]
}
_HOURS_SCHEMA = {"type": "string", "examples": ["Mon-Fri 07:30-17:00"]}
_ID_SCHEMA = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9_-]*$"}
_METRIC_SCHEMA = {"type": "string", "pattern": r"^[a-z][a-z0-9_]*$"}
_CODE_SCHEMA = {"type": ["string", "integer"]}

Text = Annotated[str, Field(min_length=1)]
Id = Annotated[str, AfterValidator(_id), WithJsonSchema(_ID_SCHEMA)]
MetricId = Annotated[str, AfterValidator(_metric_id), WithJsonSchema(_METRIC_SCHEMA)]
CodeText = Annotated[str, BeforeValidator(_code), Field(min_length=1), WithJsonSchema(_CODE_SCHEMA)]
Number = Annotated[Decimal, BeforeValidator(_number, json_schema_input_type=float)]
Share = Annotated[Decimal, BeforeValidator(_share), WithJsonSchema(_SHARE_SCHEMA)]
DurationUs = Annotated[int, BeforeValidator(duration_us), WithJsonSchema(_DURATION_SCHEMA)]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema(_DAY_SCHEMA)]
Days = Annotated[tuple[date, date], BeforeValidator(_days), WithJsonSchema(_DAYS_SCHEMA)]
Hours = Annotated[WorkingHours, BeforeValidator(_working_hours), WithJsonSchema(_HOURS_SCHEMA)]
