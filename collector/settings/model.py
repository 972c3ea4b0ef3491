"""Settings: everything that the configuration says, frozen and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from connectors.base import Connector, PeriodKind
from scoring.formula import Comparison
from scoring.model import IndicatorSet, Roster

MetricKind = Literal["gauge", "period_total", "state"]


@dataclass(frozen=True, slots=True)
class Name:
    vi: str
    en: str

    def of(self, language: str) -> str:
        return self.en if language == "en" else self.vi


@dataclass(frozen=True, slots=True)
class Code:
    """An agency's code in one source system, from a local day until before another."""

    system: str
    code: str
    start: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Block:
    id: str
    name: Name


@dataclass(frozen=True, slots=True)
class Agency:
    """Who is scored, from the local day `start` until before `until`."""

    id: str
    block: str
    name: Name
    codes: tuple[Code, ...] = ()
    start: date | None = None
    until: date | None = None
    successors: tuple[str, ...] = ()
    inherits: Literal["sum"] | None = None  # what its successors take over of its totals

    def exists_on(self, day: date) -> bool:
        begun = self.start is None or self.start <= day
        return begun and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Metric:
    """`low` and `high` are the plausible range, None where nothing bounds it.

    Where none is declared it is that of the metric that bounds this one, for a state that of its
    values, and a period total is at least 0. `values` maps a state's names to numbers.

    `max_fall` is the share by which a period total may fall before the row is held; None: any.
    `max_change_per_day` is the most that a stale one may have moved a day; None: anywhere in range.
    """

    id: str
    kind: MetricKind
    unit: str
    name: Name
    low: Decimal | None = None
    high: Decimal | None = None
    at_most: str | None = None
    max_fall: Decimal | None = None
    max_change_per_day: Decimal | None = None
    values: Mapping[str, Decimal] | None = None
    stale_after_us: int | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """Ages of data time, in microseconds; `frozen_after` counts unchanged answers."""

    late_after_us: int
    stale_after_us: int
    frozen_after: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Exactly one of an interval in microseconds and five cron fields in the province's zone."""

    every_us: int | None = None
    cron: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    name: Name
    owner: str
    schedule: Schedule
    freshness: Freshness
    connector: Connector
    connector_name: str
    priority: int = 0
    absent: Literal["missing", "zero", "hold"] = "missing"
    max_refused: Decimal = Decimal("0.2")
    close_after_us: int = 45 * 86_400_000_000
    expectations: tuple[Comparison, ...] = ()
    agencies_min: Decimal | None = None  # share of the known agencies that must come


@dataclass(frozen=True, slots=True)
class IndicatorText:
    id: str
    group: str
    name: Name
    unit: str


@dataclass(frozen=True, slots=True)
class SetSpec:
    """An indicator set: what it is called beside how it scores; in force on [start, until).

    `text` is all that its file says, as canonical JSON; its SHA-256 is the set's digest.
    """

    id: str
    name: Name
    period: PeriodKind
    start: date
    until: date | None
    groups: tuple[tuple[str, Name], ...]
    bands: tuple[tuple[str, Name], ...]
    indicators: tuple[IndicatorText, ...]
    scoring: IndicatorSet
    text: str

    def in_force(self, day: date) -> bool:
        return self.start <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When agencies work: weekdays (Monday is 0) and local hours [start, end)."""

    days: frozenset[int] = frozenset(range(7))
    start: time = time.min
    end: time = time.max


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration. Mappings are in the order of the files, sets in that of ids.

    Holidays are half-open intervals of local days.
    """

    folder: Path
    province: str
    province_name: Name
    zone: ZoneInfo
    store_url: str
    blocks: Mapping[str, Block]
    agencies: Mapping[str, Agency]
    metrics: Mapping[str, Metric]
    sets: tuple[SetSpec, ...]
    sources: Mapping[str, Source]
    working_hours: WorkingHours = WorkingHours()
    holidays: tuple[tuple[date, date], ...] = ()

    def works_on(self, day: date) -> bool:
        """Whether the province's agencies work on a local day."""
        holiday = any(start <= day < until for start, until in self.holidays)
        return day.weekday() in self.working_hours.days and not holiday

    def trusted_us(self, source: Source, metric: str) -> int:
        """The age of data up to which a source's reading of a metric is trusted."""
        return self.metrics[metric].stale_after_us or source.freshness.stale_after_us

    def roster_on(self, day: date) -> Roster:
        """The agencies that exist on a local day, in the order of the file."""
        there = [agency for agency in self.agencies.values() if agency.exists_on(day)]
        return Roster(tuple(agency.id for agency in there), tuple(agency.block for agency in there))
