"""Hours in which a source wants to be left alone."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Annotated

from pydantic import AfterValidator

from connectors.nouns import SourceError

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def _hours(text: str) -> str:
    match = _FORM.fullmatch(text)
    if match is None or match.group(1, 2) == match.group(3, 4):
        raise ValueError('quiet hours are written "12:00-13:00"')
    return text


# From and until, the end not included; "22:00-05:00" goes over midnight.
QuietHours = Annotated[str, AfterValidator(_hours)]


def check_quiet(quiet: Iterable[QuietHours], local: datetime) -> None:
    """SourceError, with the time left, when `local` is in one of the hours; it is of their zone."""
    left = max((_left(hours, local) for hours in quiet), default=timedelta())
    if left > timedelta():
        until = f"{local + left:%H:%M}"
        raise SourceError(
            f"these are quiet hours of the source, until {until}",
            reason="source",
            retry_after_s=left.total_seconds(),
        )


def quiet_until(quiet: Sequence[QuietHours], local: datetime) -> datetime:
    """The first moment outside of the hours, one after the other: `local` itself where it is."""
    for _ in quiet:
        local += max((_left(hours, local) for hours in quiet), default=timedelta())
    return local


def leaves_time(quiet: Sequence[QuietHours]) -> bool:
    """Whether the hours together leave any time of the day."""
    begins = (datetime.fromisoformat(f"2001-01-01T{hours[:5]}") for hours in quiet)
    return all(quiet_until(quiet, one) - one < timedelta(days=1) for one in begins)


def quiet_since(quiet: Sequence[QuietHours], local: datetime) -> datetime:
    """When the hours that `local` is in began; `local` itself outside of them."""
    for _ in quiet:
        local -= max((_gone(hours, local) for hours in quiet), default=timedelta())
    return local


def _gone(hours: str, local: datetime) -> timedelta:
    """How long the hours have lasted; nothing where they are not now."""
    if not _left(hours, local):
        return timedelta()
    begins = time.fromisoformat(hours.partition("-")[0])
    since = local.replace(hour=begins.hour, minute=begins.minute, second=0, microsecond=0)
    return local - since if since <= local else local - since + timedelta(days=1)


def _left(hours: str, local: datetime) -> timedelta:
    """How long the hours still last; nothing where they are not now."""
    begins, ends = (time.fromisoformat(part) for part in hours.split("-"))
    now = local.time()
    inside = begins <= now < ends if begins < ends else now >= begins or now < ends
    if not inside:
        return timedelta()
    until = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return until - local if until > local else until + timedelta(days=1) - local
