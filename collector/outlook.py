"""Which sets, agencies, periods and feeds are in force at a moment: what a board is laid out by.

All of it changes with local days only, so it is worked out once a day and kept where it is equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from collector.directory import Directory
from collector.facts import Series
from collector.periods import Period, local, period_at
from collector.settings.model import Metric, SetSpec, Settings, Source
from scoring.model import Bools, Floats, Roster
from scoring.score import Plan, prepare

# Without a declared range a count may still be bounded by the greatest that JSON carries exactly.
_COUNT_MAX = float(2**53)
# What each source knows on a day: the agencies that have a code in it.
_Knowing = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Ranges:
    """What metrics declare, one figure each: plausible ends, and whether it only grows.

    `rates` are the greatest changes a day, NaN where none is declared.
    """

    low: Floats
    high: Floats
    rates: Floats
    grows: Bools


@dataclass(frozen=True)
class SetPlan:
    """All of a set that stays the same while set, roster, period and feeds do.

    `feeds` names the source of each agency and metric, None where nothing is connected;
    `stale_after_us` has the age of data up to which each is trusted, -1 where there is none.
    """

    spec: SetSpec
    period: Period
    roster: Roster
    metrics: tuple[Metric, ...]
    feeds: tuple[tuple[str | None, ...], ...]
    stale_after_us: NDArray[np.int64]
    place: Mapping[Series, tuple[int, int]]
    scoring: Plan

    @cached_property
    def ranges(self) -> "Ranges":
        return _ranges(self.metrics)

    @cached_property
    def province_targets(self) -> tuple[float | None, ...]:
        """One an indicator: the target that all who have the duty share; None where they differ."""
        return tuple(_shared(targets) for targets in self.scoring.targets_used)


@dataclass(frozen=True)
class Outlook:
    """The plans of a local day, and the instant at which the next one begins."""

    day: date
    plans: tuple[SetPlan, ...]
    until_us: int


def outlook(settings: Settings, at_us: int, before: Outlook | None = None) -> Outlook:
    """The outlook of a moment; plans that stay as they are are those of the outlook before."""
    day = local(at_us, settings.zone).date()
    roster = settings.roster_on(day)
    directory = Directory(settings.agencies, settings.zone)
    sources = settings.sources.values()
    knowing = {source.id: directory.expected(source, day) for source in sources}
    plans = tuple(
        _plan(settings, spec, roster, period_at(spec.period, at_us, settings.zone), knowing, before)
        for spec in settings.sets
        if spec.in_force(day)
    )
    tomorrow = day + timedelta(days=1)
    next_day = Period("day", tomorrow.isoformat(), tomorrow, tomorrow + timedelta(days=1))
    return Outlook(day, plans, next_day.start_us(settings.zone))


def nothing_in_force(settings: Settings) -> str:
    """Why a board has no set on it: from when to when each one is in force."""
    spans = (
        f"{spec.id} from {spec.start}" + (f" until {spec.until}" if spec.until else "")
        for spec in settings.sets
    )
    return "no indicator set is in force: " + ", ".join(spans)


def series_of(metric: Metric, agency: str, period: Period) -> Series:
    return Series(metric.id, agency, period.id if metric.kind == "period_total" else "")


def _ranges(metrics: tuple[Metric, ...]) -> Ranges:
    return Ranges(
        low=np.array([_or(0.0, metric.low) for metric in metrics]),
        high=np.array([_or(_COUNT_MAX, metric.high) for metric in metrics]),
        rates=np.array([_or(np.nan, metric.max_change_per_day) for metric in metrics]),
        grows=np.array([metric.kind == "period_total" for metric in metrics]),
    )


def _or(default: float, declared: Decimal | None) -> float:
    return default if declared is None else float(declared)


def _shared(targets: Floats) -> float | None:
    found = np.unique(targets[~np.isnan(targets)])
    return float(found[0]) if found.size == 1 else None


def _plan(
    settings: Settings,
    spec: SetSpec,
    roster: Roster,
    period: Period,
    knowing: _Knowing,
    before: Outlook | None,
) -> SetPlan:
    names = sorted({name for one in spec.scoring.indicators for name in one.formula.metrics})
    metrics = tuple(settings.metrics[name] for name in names)
    sources = [_feeders(settings, metric, period) for metric in metrics]
    feeds = tuple(
        tuple(_feed(able, agency, knowing) for able in sources) for agency in roster.agencies
    )
    for plan in before.plans if before else ():
        if (plan.spec, plan.period, plan.roster, plan.feeds) == (spec, period, roster, feeds):
            return plan
    return SetPlan(
        spec,
        period,
        roster,
        metrics,
        feeds,
        _stale_after(settings, metrics, feeds),
        {
            series_of(metric, agency, period): (row, column)
            for row, agency in enumerate(roster.agencies)
            for column, metric in enumerate(metrics)
        },
        prepare(
            spec.scoring,
            tuple(names),
            roster,
            tuple(settings.blocks),
            period.id,
            {each.id: each.at_most for each in settings.metrics.values() if each.at_most},
        ),
    )


def _feeders(settings: Settings, metric: Metric, period: Period) -> list[Source]:
    """The sources that bring a metric, for this kind of period if it is a total; best first."""
    total = metric.kind == "period_total"
    able = [
        source
        for source in settings.sources.values()
        if any(
            name == metric.id and (not total or kind == period.kind)
            for name, kind in source.connector.feeds()
        )
    ]
    return sorted(able, key=lambda source: -source.priority)


def _feed(able: list[Source], agency: str, knowing: _Knowing) -> str | None:
    return next((source.id for source in able if agency in knowing[source.id]), None)


def _stale_after(
    settings: Settings, metrics: tuple[Metric, ...], feeds: tuple[tuple[str | None, ...], ...]
) -> NDArray[np.int64]:
    return np.array(
        [
            [_age_us(settings, metric, feed) for metric, feed in zip(metrics, row, strict=True)]
            for row in feeds
        ],
        dtype=np.int64,
    ).reshape(len(feeds), len(metrics))


def _age_us(settings: Settings, metric: Metric, feed: str | None) -> int:
    if feed is None:
        return -1
    return settings.trusted_us(settings.sources[feed], metric.id)
