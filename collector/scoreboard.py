"""Build the next scoreboard from what is known: pure, in three steps a set.

Readings and the moment give each input a number, a range and a status; scoring gives the result;
what differs from the scoreboard before becomes cells to store.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from collector.admit import codes_of
from collector.facts import Reading, Scoreboard, Series, SetBoard
from collector.periods import Period, local, period_at
from collector.settings.model import Agency, Metric, SetSpec, Settings, Source
from scoring.model import HELD, MISSING, NOT_CONNECTED, OK, STALE, Inputs, Roster
from scoring.score import Plan, prepare, score

# Without a declared range a count may still be bounded by the greatest that JSON carries exactly.
_COUNT_MAX = float(2**53)


@dataclass(frozen=True)
class Known:
    """What the store holds at a moment: the newest facts, and series with refused answers only."""

    readings: Mapping[Series, Reading]
    held: frozenset[Series]


@dataclass(frozen=True)
class Feed:
    """Which source feeds a metric of an agency, and until what age of data it is trusted."""

    source: Source
    stale_after_us: int


@dataclass(frozen=True)
class SetPlan:
    """All of a set that stays the same while set, roster and period do."""

    spec: SetSpec
    period: Period
    roster: Roster
    metrics: tuple[Metric, ...]
    feeds: tuple[tuple[Feed | None, ...], ...]  # agencies × metrics
    scoring: Plan


@dataclass(frozen=True)
class Outlook:
    """The plans for a moment, and the instant at which others will be needed."""

    day: date
    plans: tuple[SetPlan, ...]
    until_us: int


def outlook(settings: Settings, at_us: int) -> Outlook:
    """Which sets, agencies and periods are in force at a moment; it changes by local days only."""
    day = local(at_us, settings.zone).date()
    roster = settings.roster_on(day)
    plans = tuple(
        set_plan(settings, spec, roster, period_at(spec.period, at_us, settings.zone), day)
        for spec in settings.sets
        if spec.in_force(day)
    )
    tomorrow = Period("day", "", day, day + timedelta(days=1))
    return Outlook(day, plans, tomorrow.until_us(settings.zone))


def set_plan(
    settings: Settings, spec: SetSpec, roster: Roster, period: Period, day: date
) -> SetPlan:
    names = sorted({name for one in spec.scoring.indicators for name in one.formula.metrics})
    metrics = tuple(settings.metrics[name] for name in names)
    feeds = tuple(
        tuple(_feed(settings, metric, settings.agencies[agency], period, day) for metric in metrics)
        for agency in roster.agencies
    )
    plan = prepare(spec.scoring, tuple(names), roster, tuple(settings.blocks), period.id)
    return SetPlan(spec, period, roster, metrics, feeds, plan)


def build(view: Outlook, known: Known, *, number: int, at_us: int) -> Scoreboard:
    """The scoreboard of a moment; the view must be in force then."""
    boards = tuple(_set_board(plan, known, at_us) for plan in view.plans)
    newest = max((reading.data_us for reading in known.readings.values()), default=None)
    return Scoreboard(number, at_us, newest, boards)


def next_change_us(view: Outlook, known: Known, at_us: int) -> int:
    """The first instant after `at_us` at which a scoreboard would differ without any new run."""
    deadlines = (
        reading.data_us + feed.stale_after_us + 1
        for plan in view.plans
        for _, reading, feed in _readings_of(plan, known)
    )
    return min((us for us in deadlines if us > at_us), default=view.until_us)


def series_of(metric: Metric, agency: str, period: Period) -> Series:
    return Series(metric.id, agency, period.id if metric.kind == "period_total" else "")


def _feed(
    settings: Settings, metric: Metric, agency: Agency, period: Period, day: date
) -> Feed | None:
    """The source of the highest priority that can say something of the metric of this agency."""
    wanted = period.kind if metric.kind == "period_total" else None
    able = [
        source
        for source in settings.sources.values()
        if _feeds(source, metric, wanted) and _knows(source, agency, day)
    ]
    if not able:
        return None
    source = max(able, key=lambda one: one.priority)
    return Feed(source, metric.stale_after_us or source.freshness.stale_after_us)


def _feeds(source: Source, metric: Metric, wanted: str | None) -> bool:
    return any(
        name == metric.id and (wanted is None or kind == wanted)
        for name, kind in source.connector.feeds()
    )


def _knows(source: Source, agency: Agency, day: date) -> bool:
    system = source.connector.agency_system
    if system is None:
        named = source.connector.agencies()
        return not named or agency.id in named
    return bool(codes_of(agency, system, day))


def _readings_of(plan: SetPlan, known: Known) -> Iterator[tuple[Series, Reading, Feed]]:
    for agency, feeds in zip(plan.roster.agencies, plan.feeds, strict=True):
        for metric, feed in zip(plan.metrics, feeds, strict=True):
            series = series_of(metric, agency, plan.period)
            reading = known.readings.get(series)
            if feed is not None and reading is not None:
                yield series, reading, feed


def _set_board(plan: SetPlan, known: Known, at_us: int) -> SetBoard:
    inputs = _inputs(plan, known, at_us)
    result = score(plan.scoring, inputs)
    return SetBoard(plan.spec.id, plan.period.id, plan.roster, inputs, result)


def _inputs(plan: SetPlan, known: Known, at_us: int) -> Inputs:
    shape = (len(plan.roster.agencies), len(plan.metrics))
    numbers = np.full(shape, np.nan)
    statuses = np.full(shape, NOT_CONNECTED, dtype=np.int8)
    for row, agency in enumerate(plan.roster.agencies):
        for column, metric in enumerate(plan.metrics):
            feed = plan.feeds[row][column]
            if feed is None:
                continue
            series = series_of(metric, agency, plan.period)
            reading = known.readings.get(series)
            if reading is None:
                statuses[row, column] = HELD if series in known.held else MISSING
                continue
            numbers[row, column] = float(reading.value)
            fresh = at_us <= reading.data_us + feed.stale_after_us
            statuses[row, column] = OK if fresh else STALE
    lows, highs = _ranges(plan.metrics, numbers, statuses)
    return Inputs(tuple(m.id for m in plan.metrics), numbers, lows, highs, statuses)


def _ranges(
    metrics: tuple[Metric, ...], numbers: np.ndarray, statuses: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What each input could be: itself where it is fresh, else anything its metric declares."""
    lows, highs = numbers.copy(), numbers.copy()
    for column, metric in enumerate(metrics):
        unsure = statuses[:, column] != OK
        lows[unsure, column] = _bound(metric.low, 0.0)
        highs[unsure, column] = _bound(metric.high, _COUNT_MAX)
        for edge, pick in ((lows, np.minimum), (highs, np.maximum)):
            # What a source said last stays possible, also where the range was narrowed since.
            known = unsure & ~np.isnan(numbers[:, column])
            edge[known, column] = pick(edge[known, column], numbers[known, column])
    return lows, highs


def _bound(declared: Decimal | None, default: float) -> float:
    return default if declared is None else float(declared)
