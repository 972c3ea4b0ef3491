"""Numbers and instants as people read them: rounded half up first, then written by Babel."""

from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from collector.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from collector.periods import local
from scoring.shown import quantised, shown

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
_NO_BREAK = "\N{NO-BREAK SPACE}"
# Babel's own short English date is 12/31/24: patterns are explicit.
_INSTANT = {"vi": "HH:mm 'ngày' dd/MM/yyyy", "en": "d MMM yyyy, HH:mm"}
_DAY = {"vi": "dd/MM/yyyy", "en": "d MMM yyyy"}
_SHORT_DAY = {"vi": "dd/MM", "en": "d MMM"}
_HUNDRED = Decimal(100)
# The greatest float with its decimals, in per cent too: Babel rounds in the context of its caller.
_WIDE = Context(prec=335)


def score(number: float, digits: int, language: Language) -> str:
    """A score or points, with all the digits of its set."""
    return _written(shown(number, digits), f"#,##0{_zeros(digits)}", language)


def plain(number: float, language: Language) -> str:
    """A count, grouped; what is no integer has at most two decimals."""
    return _written(shown(number, 2), "#,##0.##", language)


def percent(ratio: float, language: Language) -> str:
    """A ratio with one decimal; what is above 0 is never shown as 0."""
    per_cent = _per_cent(ratio)
    if ratio > 0 and not per_cent:
        return f"<{_written(Decimal('0.1'), '0.0', language)}%"
    return _written(per_cent, "#,##0.0", language) + "%"


def percent_target(ratio: float, language: Language) -> str:
    """A target: no decimal where it has none."""
    return _written(_per_cent(ratio), "#,##0.#", language) + "%"


def change(difference: float, digits: int, language: Language) -> str:
    """A difference with its sign, without one where it rounds to nothing."""
    return _signed(shown(difference, digits), f"#,##0{_zeros(digits)}", language)


def percentage_points(difference: float, language: Language) -> str:
    """The size of a difference of two ratios, in percentage points and without the unit."""
    size = abs(_per_cent(difference))
    if difference and not size:
        return f"<{_written(Decimal('0.1'), '0.0', language)}"
    return _written(size, "#,##0.0", language)


def span(low: float, high: float, digits: int, language: Language) -> str:
    return score(low, digits, language) + DASH + score(high, digits, language)


def instant(at_us: int, zone: ZoneInfo, language: Language) -> str:
    return format_datetime(local(at_us, zone), _INSTANT[language], tzinfo=zone, locale=language)


def day(one: date, language: Language) -> str:
    return format_date(one, _DAY[language], locale=language)


def short_day(one: date, language: Language) -> str:
    return format_date(one, _SHORT_DAY[language], locale=language)


def machine(at_us: int, zone: ZoneInfo) -> str:
    """For `datetime=`: to the second, with the zone's offset."""
    return local(at_us, zone).replace(microsecond=0).isoformat()


def age(at_us: int, now_us: int, language: Language) -> str:
    """In whole units of the largest that fits; an instant a little ahead of ours is just now."""
    passed_us = now_us - at_us
    for unit_us, names in _UNITS:
        count = passed_us // unit_us
        if count > 0:
            return _counted(count, names, language)
    return "vừa xong" if language == "vi" else "just now"


def duration(length_us: int, language: Language) -> str:
    """A length such as a limit of age, in the largest unit that says it in whole numbers."""
    for unit_us, (vi, en) in _UNITS:
        count, rest = divmod(length_us, unit_us)
        if count and not rest:
            word = vi if language == "vi" else en + ("" if count == 1 else "s")
            return f"{count}{_NO_BREAK}{word}"
    seconds = plain(length_us / SECOND_US, language)
    return f"{seconds}{_NO_BREAK}{'giây' if language == 'vi' else 'seconds'}"


def period(kind: str, start: date, language: Language) -> str:
    """An assessment period by name; a year alone is never grouped."""
    vi = {
        "year": f"năm {start.year}",
        "quarter": f"quý {(start.month + 2) // 3}/{start.year}",
        "month": f"tháng {start.month}/{start.year}",
    }
    en = {
        "year": str(start.year),
        "quarter": f"Q{(start.month + 2) // 3} {start.year}",
        "month": format_date(start, "MMMM yyyy", locale="en"),
    }
    found = (vi if language == "vi" else en).get(kind)
    return found or (f"ngày {day(start, 'vi')}" if language == "vi" else day(start, "en"))


_UNITS = (
    (DAY_US, ("ngày", "day")),
    (HOUR_US, ("giờ", "hour")),
    (MINUTE_US, ("phút", "minute")),
    (SECOND_US, ("giây", "second")),
)


def _counted(count: int, names: tuple[str, str], language: Language) -> str:
    vi, en = names
    if language == "vi":
        return f"{count}{_NO_BREAK}{vi} trước"
    return f"{count}{_NO_BREAK}{en}{'' if count == 1 else 's'} ago"


def _per_cent(ratio: float) -> Decimal:
    per_cent = _WIDE.multiply(quantised(ratio), _HUNDRED)
    return per_cent.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP, context=_WIDE)


def _signed(number: Decimal, pattern: str, language: Language) -> str:
    sign = "+" if number > 0 else MINUS if number < 0 else ""
    return sign + _written(abs(number), pattern, language)


def _written(number: Decimal, pattern: str, language: Language) -> str:
    with localcontext(_WIDE):
        text = format_decimal(abs(number), format=pattern, locale=language)
    return f"{MINUS}{text}" if number < 0 else text


def _zeros(digits: int) -> str:
    return "." + "0" * digits if digits else ""
