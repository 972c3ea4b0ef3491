"""One language's words and figures for one page: what templates and views write with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from collector import figures
from collector.figures import Language
from collector.periods import instant_us, local
from collector.settings.model import Name
from collector.web.words.dictionary import say


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as text, with the raw value and a key under which a test finds it."""

    key: str
    raw: float | int
    text: str


@dataclass(frozen=True, slots=True)
class Voice:
    language: Language
    zone: ZoneInfo
    now_us: int

    @property
    def other(self) -> Language:
        return "vi" if self.language == "en" else "en"

    def say(self, key: str, **fill: object) -> str:
        return say(key, self.language, **fill)

    def name(self, name: Mapping[str, str] | Name) -> str:
        if isinstance(name, Name):
            return name.of(self.language)
        return name[self.language]

    def score(self, number: float, digits: int) -> str:
        return figures.score(number, digits, self.language)

    def count(self, number: float) -> str:
        return figures.plain(number, self.language)

    def percent(self, ratio: float) -> str:
        return figures.percent(ratio, self.language)

    def percent_target(self, ratio: float) -> str:
        return figures.percent_target(ratio, self.language)

    def percentage_points(self, difference: float) -> str:
        return figures.percentage_points(difference, self.language)

    def change(self, difference: float, digits: int) -> str:
        return figures.change(difference, digits, self.language)

    def span(self, low: float, high: float, digits: int) -> str:
        return figures.span(low, high, digits, self.language)

    def instant(self, at_us: int) -> str:
        return figures.instant(at_us, self.zone, self.language)

    def second(self, at_us: int) -> str:
        """An instant to the second, where a minute holds several."""
        moment = local(at_us, self.zone)
        return self.instant(at_us).replace(f"{moment:%H:%M}", f"{moment:%H:%M:%S}")

    def machine(self, at_us: int) -> str:
        return figures.machine(at_us, self.zone)

    def age(self, at_us: int) -> str:
        return figures.age(at_us, self.now_us, self.language)

    def duration(self, length_us: int) -> str:
        return figures.duration(length_us, self.language)

    def day(self, at_us: int) -> str:
        return figures.day(local(at_us, self.zone).date(), self.language)

    def short_day(self, at_us: int) -> str:
        return figures.short_day(local(at_us, self.zone).date(), self.language)

    def period(self, period: Mapping[str, str]) -> str:
        start = date.fromisoformat(period["from"])
        return figures.period(period["kind"], start, self.language)

    def in_force(self, start: date, until: date | None) -> str:
        begun = figures.day(start, self.language)
        if until is None:
            return self.say("in_force_from", start=begun)
        last = figures.day(until - timedelta(days=1), self.language)
        return self.say("in_force_from_to", start=begun, last=last)

    def zone_words(self) -> str:
        offset = f"{local(self.now_us, self.zone):%z}"
        short = f"{offset[0]}{int(offset[1:3])}" + (f":{offset[3:]}" if offset[3:] != "00" else "")
        return self.say("zone", zone=self.zone.key, offset=short)


def us_of(iso: str) -> int:
    """The instant that a document's ISO text names."""
    return instant_us(datetime.fromisoformat(iso))
