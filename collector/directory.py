"""Whom a source's codes stand for, on each day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from collector.facts import Series
from collector.periods import local, period_of
from collector.settings.model import Agency, Source

# A run asks of the day that is and of the ends of closed periods: few days, and the same ones.
_DAYS_KEPT = 64
# Each pull speaks of the same ones, and its series stand among the readings anyway.
_METRICS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Register:
    """A system's codes from one instant until before another: whom each stands for.

    `codes` are those of the agencies there, `there` the agencies there that have one.
    """

    start_us: int
    until_us: int
    agencies: Mapping[str, str]
    codes: tuple[str, ...]
    there: frozenset[str]


class Directory:
    """Which of our agencies codes stand for; codes change by local days.

    What holds on a day is worked out once for all sources of a system. `series` gives those of a
    metric and a period by agency: the same objects each time.
    """

    def __init__(self, agencies: Mapping[str, Agency], zone: ZoneInfo) -> None:
        self._agencies = agencies
        self._zone = zone
        self._register = lru_cache(_DAYS_KEPT)(self._register_on)
        self._there = lru_cache(_DAYS_KEPT)(self._there_on)
        self._span = (0, 0, date.min)
        self.series = lru_cache(_METRICS_KEPT)(self._series_of)

    def register(self, system: str | None, at_us: int) -> Register:
        """What a system's codes say at an instant; without a system the codes are our own ids."""
        return self._register(system, self.day(at_us))

    def whose(self, system: str | None, code: str, at_us: int) -> str | None:
        """Whom a system's code stands for at an instant."""
        return self.register(system, at_us).agencies.get(code)

    def codes(self, source: Source, day: date) -> tuple[str, ...]:
        """The codes of the agencies there, in the source's system; none without a system."""
        return self._register(source.connector.agency_system, day).codes

    def expected(self, source: Source, day: date) -> frozenset[str]:
        """The agencies that a complete answer has: those there with a code in the system."""
        system = source.connector.agency_system
        if system is not None:
            return self._register(system, day).there
        named, there = source.connector.agencies(), self._there(day)
        return there & named if named else there

    def day(self, at_us: int) -> date:
        """The local day of an instant."""
        start_us, until_us, day = self._span
        if not start_us <= at_us < until_us:
            day = local(at_us, self._zone).date()
            period = period_of("day", day)
            self._span = (period.start_us(self._zone), period.until_us(self._zone), day)
        return day

    def _series_of(self, metric: str, period: str) -> Mapping[str, Series]:
        return {agency: Series(metric, agency, period) for agency in self._agencies}

    def _there_on(self, day: date) -> frozenset[str]:
        return frozenset(one.id for one in self._agencies.values() if one.exists_on(day))

    def _register_on(self, system: str | None, day: date) -> Register:
        period, there = period_of("day", day), self._there(day)
        start_us, until_us = period.start_us(self._zone), period.until_us(self._zone)
        if system is None:
            return Register(start_us, until_us, {one: one for one in self._agencies}, (), there)
        found = {one.id: codes_of(one, system, day) for one in self._agencies.values()}
        return Register(
            start_us,
            until_us,
            {code: agency for agency, codes in found.items() for code in codes},
            tuple(code for agency, codes in found.items() if agency in there for code in codes),
            frozenset(agency for agency, codes in found.items() if agency in there and codes),
        )


def codes_of(agency: Agency, system: str, day: date) -> tuple[str, ...]:
    return tuple(
        code.code
        for code in agency.codes
        if code.system == system
        and (code.start is None or code.start <= day)
        and (code.until is None or day < code.until)
    )
