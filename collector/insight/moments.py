"""What people call a scoreboard by: its number, a local day, or an instant."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from collector.periods import instant_us, local, period_of
from collector.store.store import Store

_DIGITS_MAX = 12


class NoMomentError(ValueError):
    """The text means no scoreboard, no day and no instant."""


def number_of(store: Store, when: str, zone: ZoneInfo) -> int | None:
    """The scoreboard that is meant; None where there is, or was then, none.

    A day means the last one published on it or before, an instant the newest at that instant.
    NoMomentError for what is neither.
    """
    if when.isascii() and when.isdigit() and len(when) <= _DIGITS_MAX:
        return int(when) if 0 < int(when) <= store.head() else None
    return store.number_at(_after_us(when, zone))


def number_a_day_before(store: Store, number: int, zone: ZoneInfo) -> int | None:
    """The last scoreboard of the local day before the one that another was published on."""
    row = store.scoreboard_row(number)
    if row is None:
        return None
    return store.number_at(period_of("day", local(row.published_us, zone).date()).start_us(zone))


def day_of(text: str) -> date:
    """NoMomentError for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NoMomentError(f"{text!r} is no day such as 2024-12-31") from error


def _after_us(when: str, zone: ZoneInfo) -> int:
    """The first microsecond that is no more meant."""
    try:
        moment = datetime.fromisoformat(when)
        if "T" not in when and ":" not in when:
            return period_of("day", moment.date()).until_us(zone)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return instant_us(aware + timedelta(microseconds=1))
    except (ValueError, OverflowError) as error:
        known = "the number of a scoreboard, a day such as 2024-12-31, or an instant in ISO 8601"
        raise NoMomentError(f"{when!r} is none of these: {known}") from error
