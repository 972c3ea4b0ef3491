"""What APScheduler is given of ours: the dues that it wakes us for, and where its errors go."""

import logging
import time
from datetime import datetime, timedelta

import structlog
from apscheduler.triggers.base import BaseTrigger

from collector.agenda import Agenda
from collector.clock import Clock
from collector.periods import moment_of


class Dues(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """The agenda's dues as APScheduler asks for them: in the machine's time, not our clock's."""

    def __init__(self, source_id: str, agenda: Agenda, clock: Clock) -> None:
        self._source_id = source_id
        self._agenda = agenda
        self._clock = clock

    def get_next_fire_time(
        self,
        previous_fire_time: datetime | None,
        now: datetime | None,  # noqa: ARG002  APScheduler passes the machine's time; ours is the clock
    ) -> datetime:
        """The next due that is not the one just woken for; in the past where a run is owed."""
        now_us = self._clock.now_us()
        due_us = self._agenda.next_due_us(self._source_id, now_us)
        if previous_fire_time is not None:
            due_us = max(due_us, self._agenda.after_us(self._source_id, now_us))
        shift_us = time.time_ns() // 1000 - now_us
        return moment_of(due_us) + timedelta(microseconds=shift_us)


def errors_to(log: structlog.typing.FilteringBoundLogger) -> logging.Logger:
    """APScheduler's errors in our log; that a run takes longer than its interval is none."""
    logger = logging.Logger("apscheduler", logging.ERROR)  # noqa: LOG001  ours, not the process's
    logger.addHandler(_Forwarding(log))
    return logger


class _Forwarding(logging.Handler):
    def __init__(self, log: structlog.typing.FilteringBoundLogger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.error("scheduler", said=record.getMessage(), exc_info=record.exc_info)
