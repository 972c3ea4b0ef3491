"""Whom a source's codes stand for, on each day."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from collector.periods import local
from collector.settings.model import Agency, Source


class Directory:
    """Which of our agencies a source's code stands for; codes change by local days."""

    def __init__(self, source: Source, agencies: Mapping[str, Agency], zone: ZoneInfo) -> None:
        self._system = source.connector.agency_system
        self._agencies = agencies
        self._zone = zone
        self._by_day: dict[date, Mapping[str, str]] = {}

    def find(self, code: str, at_us: int) -> str | None:
        """The agency's id, None when the code is unknown at that moment."""
        if self._system is None:
            return code if code in self._agencies else None
        day = local(at_us, self._zone).date()
        if day not in self._by_day:
            self._by_day[day] = self._codes_on(day, self._system)
        return self._by_day[day].get(code)

    def _codes_on(self, day: date, system: str) -> dict[str, str]:
        agencies = self._agencies.values()
        return {code: one.id for one in agencies for code in codes_of(one, system, day)}


def codes_of(agency: Agency, system: str, day: date) -> tuple[str, ...]:
    return tuple(
        code.code
        for code in agency.codes
        if code.system == system
        and (code.start is None or code.start <= day)
        and (code.until is None or day < code.until)
    )


def expected_agencies(source: Source, agencies: Mapping[str, Agency], day: date) -> frozenset[str]:
    """The agencies that a complete answer of the source has: those there with a code in it."""
    system = source.connector.agency_system
    there = [agency for agency in agencies.values() if agency.exists_on(day)]
    if system is None:
        named = source.connector.agencies()
        return frozenset(agency.id for agency in there if not named or agency.id in named)
    return frozenset(agency.id for agency in there if codes_of(agency, system, day))
