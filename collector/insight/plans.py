"""A set's plan at any moment of a long course, worked out anew only where it may differ."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date

from collector.outlook import Outlook, SetPlan, outlook
from collector.periods import period_of
from collector.settings.model import Settings


class Plans:
    """Of settings with one set that is always in force; asked for ever later moments."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = sorted(set(_turns(settings)))
        self._view: Outlook | None = None
        self._until_us = 0

    def at(self, at_us: int) -> SetPlan:
        """The same one as before while nothing of it changed."""
        if self._view is None or at_us >= self._until_us:
            self._view = outlook(self._settings, at_us, self._view)
            self._until_us = self._stands_until_us(self._view)
        return self._view.plans[0]

    def _stands_until_us(self, view: Outlook) -> int:
        """When its period ends, or the next agency or code begins or ends."""
        zone = self._settings.zone
        ends_us = view.plans[0].period.until_us(zone)
        place = bisect_right(self._turns, view.day)
        if place < len(self._turns):
            ends_us = min(ends_us, period_of("day", self._turns[place]).start_us(zone))
        return ends_us


def _turns(settings: Settings) -> Iterator[date]:
    for agency in settings.agencies.values():
        codes = ((code.start, code.until) for code in agency.codes)
        for ends in ((agency.start, agency.until), *codes):
            yield from (day for day in ends if day is not None)
