"""Cron's five fields as a trigger, read as cron reads them."""

from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

_FIELDS = 5
_WEEK = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class Trigger(Protocol):
    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None: ...


def cron_trigger(text: str, *, zone: ZoneInfo, start: datetime, second: int = 0) -> Trigger:
    """Minute, hour, day, month and weekday in a zone; ValueError for what is no cron expression.

    As in cron, 0 and 7 are Sunday, and where both day and weekday are narrowed either will do.
    """
    fields = text.split()
    if len(fields) != _FIELDS:
        raise ValueError(f"{len(fields)} fields stand where cron has {_FIELDS}")
    minute, hour, day, month, weekday = fields
    days = [{"day": day, "day_of_week": _weekdays(weekday)}]
    if not day.startswith("*") and not weekday.startswith("*"):
        days = [{"day": day}, {"day_of_week": _weekdays(weekday)}]
    triggers: list[Trigger] = [
        CronTrigger(
            minute=minute,
            hour=hour,
            month=month,
            second=second,
            start_date=start,
            timezone=zone,
            **one,
        )
        for one in days
    ]
    either: Trigger = OrTrigger(triggers)
    return either if len(triggers) > 1 else triggers[0]


def _weekdays(text: str) -> str:
    """Cron counts days from Sunday, the trigger from Monday: names mean the same to both."""
    days = {day for part in text.lower().split(",") for day in _days(part)}
    return ",".join(_WEEK[day] for day in sorted(days))


def _days(part: str) -> set[int]:
    """`*`, `1`, `mon`, `1-5`, `fri-mon` (over the end of the week), each perhaps with `/2`."""
    span, slash, step = part.partition("/")
    first, dash, last = ("0", "-", "6") if span == "*" else span.partition("-")
    start = _day(first) % len(_WEEK)
    end = _day(last) if dash else start
    if slash and not dash:
        end = len(_WEEK) - 1
    if end < start:
        end += len(_WEEK)
    if slash and (not step.isdecimal() or int(step) == 0):
        raise ValueError(f"{part!r} has no step that counts days")
    return {day % len(_WEEK) for day in range(start, end + 1, int(step or 1))}


def _day(text: str) -> int:
    if text in _WEEK:
        return _WEEK.index(text)
    if len(text) == 1 and text in "01234567":
        return int(text)
    raise ValueError(f"{text!r} is no weekday: 0 to 7, or sun to sat")
