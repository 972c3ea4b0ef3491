"""What is due, for each source: APScheduler's own triggers, asked with a `now` that is passed in.

The live service and the simulated year walk the same agenda; what was done is read from the store.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from collector.clock import MINUTE_US, SECOND_US
from collector.periods import instant_us, moment_of
from collector.settings.model import Schedule, Source

# A fixed instant, so that due times do not depend on when a process began.
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# So many dues of a long stop are recorded one by one; what is older was never owed one by one.
COALESCED_MAX = 10_000


class Trigger(Protocol):
    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None: ...


def trigger_of(source_id: str, schedule: Schedule, zone: ZoneInfo) -> Trigger:
    """The source's trigger, shifted by a stable hash of its name so that sources spread out."""
    hashed = int.from_bytes(hashlib.sha256(source_id.encode()).digest()[:8])
    if schedule.cron is not None:
        minute, hour, day, month, day_of_week = schedule.cron.split()
        trigger: Trigger = CronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month,
            day_of_week=_weekdays(day_of_week),
            second=hashed % 60,
            start_date=_EPOCH,
            timezone=zone,
        )
        return trigger
    every_s = (schedule.every_us or MINUTE_US) // SECOND_US
    # Whole seconds: the trigger counts in floats, and must never give one due twice.
    start = _EPOCH + timedelta(seconds=hashed % every_s)
    steady: Trigger = IntervalTrigger(seconds=every_s, start_date=start, timezone=UTC)
    return steady


def _weekdays(field_text: str) -> str:
    """Cron counts days from Sunday, the trigger from Monday: names mean the same to both."""
    return re.sub(r"(?<![/\d])[0-7](?!\d)", lambda day: _WEEKDAYS[int(day[0]) % 7], field_text)


@dataclass(frozen=True)
class Owed:
    """A run to make now: its due time, and older dues that it stands for."""

    due_us: int
    coalesced_us: tuple[int, ...] = ()


@dataclass
class Agenda:
    """The dues of all sources. `done_us` is the newest due recorded of each, None before any."""

    triggers: Mapping[str, Trigger]
    done_us: dict[str, int] = field(default_factory=dict)
    not_before_us: dict[str, int] = field(default_factory=dict)

    def next_due_us(self, source: str, now_us: int) -> int:
        """When the source is due next; `now_us` where it was never pulled."""
        done_us = self.done_us.get(source)
        waiting_us = self.not_before_us.get(source)
        if waiting_us is not None:
            return waiting_us
        return now_us if done_us is None else self.after_us(source, done_us)

    def owed(self, source: str, now_us: int) -> Owed | None:
        """What is owed now: the newest due that has passed, and those it stands for."""
        waiting_us = self.not_before_us.get(source)
        if waiting_us is not None:
            return Owed(waiting_us) if waiting_us <= now_us else None
        done_us = self.done_us.get(source)
        if done_us is None:
            return Owed(now_us)
        passed = list(self._passed(source, done_us, now_us))
        return Owed(passed[-1], tuple(passed[:-1])[-COALESCED_MAX:]) if passed else None

    def close(self, source: str, owed: Owed, *, not_before_us: int | None = None) -> None:
        """Note what was recorded, and until when the source asked not to be asked."""
        self.done_us[source] = max(owed.due_us, self.done_us.get(source, owed.due_us))
        self.not_before_us.pop(source, None)
        if not_before_us is not None and not_before_us > owed.due_us:
            self.not_before_us[source] = not_before_us

    def _passed(self, source: str, done_us: int, now_us: int) -> Iterable[int]:
        due_us = self.after_us(source, done_us)
        while due_us <= now_us:
            yield due_us
            due_us = self.after_us(source, due_us)

    def after_us(self, source: str, at_us: int) -> int:
        """The first due after an instant."""
        following = self.triggers[source].get_next_fire_time(None, moment_of(at_us + 1))
        if following is None:
            raise ValueError(f"{source}: its schedule never comes due")
        return instant_us(following)


def agenda_of(sources: Iterable[Source], zone: ZoneInfo, last_due_us: Mapping[str, int]) -> Agenda:
    """The agenda of these sources, going on from the newest due recorded of each."""
    triggers = {source.id: trigger_of(source.id, source.schedule, zone) for source in sources}
    return Agenda(triggers, dict(last_due_us))
