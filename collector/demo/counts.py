"""The synthetic counts of the province at any moment of 2024, from one table of year-end counts.

The table is made up so that the example set scores it as the published result of 2024. What lies
before the end is a plausible way there: totals grow on working days, ratios improve, states change
on a day. Everything is a pure function of the moment, so that a restart changes nothing.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from zlib import crc32

from collector.clock import DAY_US, HOUR_US, MINUTE_US
from collector.demo.province import (
    FIRST_DAY,
    LAST_DAY,
    YEAR_START_US,
    Unit,
    day_number,
    event_of,
    is_working,
)

# A count, a state's word, or None for what the agency has nothing to say of.
Count = int | Decimal | str | None

YEAR_END = Path(__file__).with_name("year-2024.csv")
COMPONENTS = ("ckmb", "tdgq", "clgq", "tttt", "mdhl", "mdsh")

# How much of the year-end figure, in thousandths, there is of a total's share at the beginning.
TOTALS: Mapping[str, int] = {
    "documents_sent": 1000,
    "documents_signed": 820,
    "dossiers_received": 1000,
    "dossiers_resolved": 930,
    "dossiers_online": 780,
    "dossiers_digitised": 720,
    "results_digitised": 680,
    "fees_due": 1000,
    "fees_cashless": 550,
    "steering_meetings": 1000,
    "news_items": 1000,
    "petitions": 1000,
    "petitions_on_time": 800,
}
# The same for counts of the moment; those not named stand still.
GROWING: Mapping[str, int] = {
    "procedures_full_process": 760,
    "services_with_dossiers": 350,
    "tasks_done": 0,
    "databases_current": 500,
    "staff_trained": 150,
    "systems_approved": 350,
    "workstations_protected": 550,
    "products_on_platforms": 450,
    "schools_cashless": 400,
    "health_facilities_cashless": 400,
    "ckmb": 700,
    "tdgq": 900,
    "clgq": 600,
    "tttt": 500,
    "mdhl": 900,
    "mdsh": 600,
}
# From the least to the most; an agency climbs to its last word.
LADDERS = (
    ("Không", "Có"),
    ("Không", "Kiêm nhiệm", "Chuyên trách"),
    ("Không", "Cấp phó", "Người đứng đầu"),
)
_YEAR_DAYS = (LAST_DAY - FIRST_DAY).days
_SOURCE_OVERCOUNTED = "dossiers"
_OVERCOUNTED_PERCENT = 108


@dataclass(frozen=True)
class Pace:
    """How much work an agency has on each day of the year, and had before it."""

    before: tuple[int, ...]
    on: tuple[int, ...]

    def done(self, at_us: int) -> tuple[int, int]:
        """The part of the year's work done by a moment, as a fraction of two whole numbers."""
        whole = self.before[-1] * _WORK_DAY_US
        day = day_number(at_us)
        if not 0 <= day < _YEAR_DAYS:
            return (0 if day < 0 else whole), whole
        since_us = at_us - YEAR_START_US - day * DAY_US - _WORK_FROM_US
        worked_us = min(max(since_us, 0), _WORK_DAY_US)
        return self.before[day] * _WORK_DAY_US + self.on[day] * worked_us, whole


@dataclass(frozen=True)
class Year:
    """The units of the province, and what there is to count of each."""

    units: tuple[Unit, ...]
    finals: Mapping[str, Mapping[str, Count]]
    paces: Mapping[str, Pace]

    def at(self, agency: str, metric: str, at_us: int) -> Count:
        """The count, word or points of an agency at a moment; from 30 December on the year's."""
        if metric == "tong_score":
            return sum((self._points(agency, name, at_us) for name in COMPONENTS), Decimal(0))
        if metric in COMPONENTS:
            return self._points(agency, metric, at_us)
        if metric == "wifi_clients":
            return self._clients(agency, at_us)
        final = self.finals[agency].get(metric)
        if isinstance(final, str):
            return _word(agency, metric, final, at_us)
        return self._number(agency, metric, final, at_us) if isinstance(final, int) else None

    def _number(self, agency: str, metric: str, final: int, at_us: int) -> int:
        if metric in TOTALS:
            return self._total(agency, metric, final, at_us)
        if metric == "wifi_hotspots_online":
            return final - _hotspots_down(agency, final, at_us)
        return _grown(agency, metric, final, at_us)

    def _total(self, agency: str, metric: str, final: int, at_us: int) -> int:
        """Rounded alike for a part and its whole, so that a part never passes its whole."""
        done, whole = self.paces[agency].done(at_us)
        share = _risen(TOTALS[metric], at_us)
        count = _rounded(final * done * share, whole * _FULL)
        if event_of("overcounted", _SOURCE_OVERCOUNTED, at_us, metric=metric, agency=agency):
            return count * _OVERCOUNTED_PERCENT // 100
        return count

    def _points(self, agency: str, metric: str, at_us: int) -> Decimal:
        """Points of the year to date: they wander from week to week, and less so as it ends."""
        final = self.finals[agency][metric]
        if not isinstance(final, Decimal):
            raise TypeError(f"{YEAR_END.name}: {metric} of {agency} is no number of points")
        rest = _FULL - _risen(GROWING[metric], at_us)
        week = max(day_number(at_us), 0) // 7
        lost = rest * (700 + _noise(agency, metric, week) * 600 // 1000) // 1000
        hundredths = int(final * 100) * (_FULL - lost) // _FULL
        if event_of("partial", "portal", at_us, metric=metric, agency=agency):
            hundredths = hundredths * 2 // 3
        return Decimal(hundredths) / 100

    def _clients(self, agency: str, at_us: int) -> Count:
        """Clients on the hotspots that are up; they come and go by the hour, to the very end."""
        online = self.at(agency, "wifi_hotspots_online", at_us)
        if not isinstance(online, int):
            return None
        slot, rest_us = divmod(at_us, _SLOT_US)
        now, soon = (_noise(agency, "clients", number) for number in (slot, slot + 1))
        swing = now + (soon - now) * rest_us // _SLOT_US
        return online * _crowd(at_us) * (700 + swing * 600 // 1000) // 1_000_000


def read_year(path: Path = YEAR_END) -> Year:
    """The table of year-end counts; ValueError names the line that cannot be read."""
    units, finals = [], {}
    for number, row in _rows(path):
        try:
            unit = Unit(row["agency"], int(row["number"]), row["name"])
            counts = {key: _count(key, text) for key, text in row.items() if key not in _KEYS}
        except (ArithmeticError, ValueError, TypeError) as error:
            raise ValueError(f"{path}:{number}: {error}") from error
        units.append(unit)
        finals[unit.id] = counts
    return Year(tuple(units), finals, {unit.id: _pace(unit.id) for unit in units})


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = file.readlines()
    notes = sum(line.startswith("#") for line in lines)
    yield from enumerate(csv.DictReader(lines[notes:]), start=notes + 2)


def _count(metric: str, text: str) -> Count:
    if not text:
        return None
    if metric in COMPONENTS:
        return Decimal(text)
    return text if any(text in ladder for ladder in LADDERS) else int(text)


def _pace(agency: str) -> Pace:
    on = tuple(_work(agency, number) for number in range(_YEAR_DAYS))
    return Pace((0, *accumulate(on)), on)


def _work(agency: str, number: int) -> int:
    """Offices work on working days; a little comes in online on the others."""
    day = FIRST_DAY + timedelta(days=number)
    usual = 1000 if is_working(day) else 60
    return usual * _SEASON[day.month - 1] * (800 + _noise(agency, "work", number) * 400 // 1000)


def _risen(start: int, at_us: int) -> int:
    """From `start` thousandths on 1 January, day by day, to all of them on 30 December."""
    day = min(max(day_number(at_us), 0), _YEAR_DAYS)
    return start * 1000 + (1000 - start) * 1000 * day // _YEAR_DAYS


def _grown(agency: str, metric: str, final: int, at_us: int) -> int:
    """Each agency gets on with it in its own months."""
    start = GROWING.get(metric, 1000)
    first = _noise(agency, metric, 0) * 60 // 1000
    last = _YEAR_DAYS - _noise(agency, metric, 1) * 110 // 1000
    day = min(max(day_number(at_us) - first, 0), last - first)
    share = start * 1000 + (1000 - start) * 1000 * day // (last - first)
    return _rounded(final * share, _FULL)


def _word(agency: str, metric: str, final: str, at_us: int) -> str | None:
    """The word reached so far: some have it from the start, the others change on a day or two."""
    if event_of("absent", "reports", at_us, metric=metric, agency=agency):
        return None
    ladder = next(words for words in LADDERS if final in words)
    top = ladder.index(final)
    if _noise(agency, metric, 0) < _FROM_THE_START:
        return final
    last = 30 + _noise(agency, metric, 1) * 270 // 1000
    day = max(day_number(at_us), 0)
    return ladder[min(top, day * top // last)] if top else final


def _hotspots_down(agency: str, final: int, at_us: int) -> int:
    """Hotspots that stand still for some hours, beside those that do so at the year's end."""
    if day_number(at_us) >= _YEAR_DAYS:
        return 0
    luck = _noise(agency, "down", at_us // (6 * HOUR_US))
    return min(final, sum(luck > limit for limit in (700, 880, 960)))


def _crowd(at_us: int) -> int:
    """Clients on a hotspot, in thousandths, by local time: few at night, most in the evening."""
    minutes = (at_us - YEAR_START_US) // MINUTE_US % (24 * 60)
    hour, minute = divmod(minutes, 60)
    now, soon = _CROWD[hour], _CROWD[(hour + 1) % 24]
    return now + (soon - now) * minute // 60


def _noise(agency: str, what: str, number: int) -> int:
    """A number from 0 to 999 that looks like chance and is always the same."""
    return crc32(f"{agency}/{what}/{number}".encode()) % 1000


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


_KEYS = frozenset({"agency", "number", "name"})
_FULL = 1_000_000
_FROM_THE_START = 400
_SLOT_US = 5 * MINUTE_US
_WORK_FROM_US = 7 * HOUR_US
_WORK_DAY_US = 12 * HOUR_US
# January before Tết is busy, February short, the end of the year busy again.
_SEASON = (10, 7, 10, 10, 10, 11, 10, 10, 10, 11, 12, 13)
_CROWD = (
    *(400, 250, 150, 100, 100, 300, 900, 2200, 3600, 4200, 4400, 4600),
    *(3900, 3800, 4300, 4700, 5200, 5900, 6800, 7600, 7200, 5400, 2900, 1200),
)
