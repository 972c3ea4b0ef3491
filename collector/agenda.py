"""What is due, for each source: APScheduler's own triggers, asked with a `now` that is passed in.

The live service and the simulated year walk the same agenda; what was done is read from the store.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.interval import IntervalTrigger

from collector.clock import MINUTE_US, SECOND_US
from collector.cron import Trigger, cron_trigger
from collector.periods import instant_us, local, moment_of
from collector.settings.model import Schedule, Source
from connectors.fetch.quiet import quiet_since, quiet_until

# A fixed instant, so that due times do not depend on when a process began.
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
# So many dues of a long stop are recorded one by one; what is older was never owed one by one.
COALESCED_MAX = 10_000
# A clock that stands further before what was done was set back; less is a matter of waiting.
BACK_US_MAX = 30 * SECOND_US


def trigger_of(source_id: str, schedule: Schedule, zone: ZoneInfo) -> Trigger:
    """The source's trigger, shifted by a stable hash of its name so that sources spread out."""
    hashed = int.from_bytes(hashlib.sha256(source_id.encode()).digest()[:8])
    if schedule.cron is not None:
        return cron_trigger(schedule.cron, zone=zone, start=_EPOCH, second=hashed % 60)
    every_s = (schedule.every_us or MINUTE_US) // SECOND_US
    # Whole seconds: the trigger counts in floats, and must never give one due twice.
    start = _EPOCH + timedelta(seconds=hashed % every_s)
    steady: Trigger = IntervalTrigger(seconds=every_s, start_date=start, timezone=UTC)
    return steady


@dataclass(frozen=True)
class Quiet:
    """The hours in which a source is left alone: what comes due in them is due at their end."""

    hours: tuple[str, ...]
    zone: ZoneInfo

    def since_us(self, at_us: int) -> int:
        """When the hours that an instant is in began; the instant itself outside of them."""
        return instant_us(quiet_since(self.hours, local(at_us, self.zone)))

    def until_us(self, at_us: int) -> int:
        """The first instant from there on that is outside of them."""
        return instant_us(quiet_until(self.hours, local(at_us, self.zone)))


@dataclass(frozen=True)
class Owed:
    """A run to make now: its due time, and older dues that it stands for."""

    due_us: int
    coalesced_us: tuple[int, ...] = ()


@dataclass
class Agenda:
    """The dues of all sources. `done_us` is the newest due made of each, None before any.

    `recorded_us` is the newest on record: ahead of that once the clock was set back. No due is
    recorded twice, so until the clock has caught up runs are due when they are made.
    """

    triggers: Mapping[str, Trigger]
    done_us: dict[str, int] = field(default_factory=dict)
    recorded_us: dict[str, int] = field(default_factory=dict)
    not_before_us: dict[str, int] = field(default_factory=dict)
    quiet: Mapping[str, Quiet] = field(default_factory=dict)

    def next_due_us(self, source: str, now_us: int) -> int:
        """When the source is due next; `now_us` where the clock has never seen it pulled."""
        loud_us, done_us = self._loud_us(source, now_us), self._done_us(source, now_us)
        if done_us is None:
            return loud_us
        waiting_us = self._waiting_us(source)
        due_us = self.after_us(source, done_us) if waiting_us is None else waiting_us
        return due_us if loud_us == now_us else max(due_us, loud_us)

    def owed(self, source: str, now_us: int) -> Owed | None:
        """What is owed now: the newest due that has passed, and those it stands for.

        In the source's quiet hours nothing is.
        """
        if self._loud_us(source, now_us) > now_us:
            return None
        done_us = self._done_us(source, now_us)
        if done_us is None:
            return Owed(now_us)
        waiting_us = self._waiting_us(source)
        if waiting_us is not None and waiting_us > now_us:
            return None
        passed = deque(self._passed(source, done_us, now_us), maxlen=COALESCED_MAX + 1)
        if waiting_us is not None and (not passed or passed[-1] < waiting_us):
            passed.append(waiting_us)
        new = [due_us for due_us in passed if due_us > self.recorded_us.get(source, done_us)]
        if passed and not new:
            return Owed(now_us)
        return Owed(new[-1], tuple(new[:-1])) if new else None

    def close(self, source: str, owed: Owed, *, not_before_us: int | None = None) -> None:
        """Note what was recorded, and until when the source asked not to be asked."""
        self.done_us[source] = owed.due_us
        self.recorded_us[source] = max(owed.due_us, self.recorded_us.get(source, owed.due_us))
        later = not_before_us is not None and not_before_us > owed.due_us
        self.leave_alone(source, not_before_us if later else None)

    def leave_alone(self, source: str, until_us: int | None) -> None:
        """Until when the source asked last not to be asked; None where it did not."""
        self.not_before_us.pop(source, None)
        if until_us is not None:
            self.not_before_us[source] = until_us

    def after_us(self, source: str, at_us: int) -> int:
        """The first due after an instant."""
        quiet, from_us = self.quiet.get(source), at_us + 1
        if quiet is not None and quiet.until_us(at_us) > at_us:
            # What came due since they began is due at their end, which is still to come.
            from_us = quiet.since_us(at_us)
        following = self.triggers[source].get_next_fire_time(None, moment_of(from_us))
        if following is None:
            raise ValueError(f"{source}: its schedule never comes due")
        return self._loud_us(source, instant_us(following))

    def _waiting_us(self, source: str) -> int | None:
        """Until when the source asked not to be asked."""
        waiting_us = self.not_before_us.get(source)
        return None if waiting_us is None else self._loud_us(source, waiting_us)

    def _loud_us(self, source: str, at_us: int) -> int:
        """The first instant from there on at which the source may be asked."""
        quiet = self.quiet.get(source)
        return at_us if quiet is None else quiet.until_us(at_us)

    def _done_us(self, source: str, now_us: int) -> int | None:
        """None before any, and where the clock was set back behind what was done."""
        done_us = self.done_us.get(source)
        return None if done_us is None or done_us > now_us + BACK_US_MAX else done_us

    def _passed(self, source: str, done_us: int, now_us: int) -> Iterable[int]:
        due_us = self.after_us(source, done_us)
        while due_us <= now_us:
            yield due_us
            due_us = self.after_us(source, due_us)


def agenda_of(sources: Iterable[Source], zone: ZoneInfo, last_due_us: Mapping[str, int]) -> Agenda:
    """The agenda of these sources, going on from the newest due recorded of each."""
    known = tuple(sources)
    triggers = {source.id: trigger_of(source.id, source.schedule, zone) for source in known}
    hours = {source.id: source.connector.quiet_hours() for source in known}
    quiet = {source: Quiet(each, zone) for source, each in hours.items() if each}
    return Agenda(triggers, dict(last_due_us), dict(last_due_us), quiet=quiet)
