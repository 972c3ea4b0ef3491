"""The rules by which rows of an answer are refused, one by one and against each other."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from collector.clock import SECOND_US
from collector.directory import Directory
from collector.facts import Reading, Refusal, Series
from collector.periods import iso
from collector.settings.model import Metric, Source
from connectors.base import Observation, RefusalReason, Window

# A source's clock may run a little ahead of ours.
AHEAD_US_MAX = 120 * SECOND_US
_GOT_CHARS_MAX = 80


@dataclass(frozen=True)
class Context:
    """What an answer is judged against: the configuration, what is known, and the day.

    Without `moments` only totals are of use: the past says nothing of how things stand.
    """

    source: Source
    metrics: Mapping[str, Metric]
    directory: Directory
    readings: Mapping[Series, Reading]
    windows: tuple[Window, ...]
    day: date
    now_us: int
    moments: bool = True


class Row(NamedTuple):
    """One observation that could be placed, with its value as a number."""

    series: Series
    value: Decimal
    data_us: int
    where: str


@dataclass
class Sorting:
    """Rows on their way: `kept` in the order they came, the rest with its reason.

    `spoken` is the newest that was said of each series, kept or not.
    """

    starts_us: Mapping[str, int]  # by period id, the start of the window that was asked
    ends_us: Mapping[str, int]  # and its end
    spoken: dict[Series, Observation] = field(default_factory=dict)
    kept: dict[Series, Row] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, reason: RefusalReason, row: Row, got: str) -> None:
        self.kept.pop(row.series, None)
        self.refusals.append(refused(reason, row, got))


def judge(context: Context, sorting: Sorting) -> None:
    """Each rule, and all again while one refuses: a part may have leant on a whole that fell."""
    judges = _judges(context, sorting)
    left = -1
    while left != len(sorting.kept):
        left = len(sorting.kept)
        for each in judges:
            each(context, sorting)


def _judges(context: Context, sorting: Sorting) -> list[Callable[[Context, Sorting], None]]:
    """The rules that anything in the answer is subject to."""
    metrics = [context.metrics[name] for name in {name for name, _, _ in sorting.kept}]
    subject = {
        _judge_times: True,
        _judge_ranges: any(one.low is not None or one.high is not None for one in metrics),
        _judge_wholes: any(one.at_most is not None for one in metrics),
        _judge_falls: any(one.max_fall is not None for one in metrics),
        _judge_expectations: bool(context.source.expectations),
    }
    return [each for each, applies in subject.items() if applies]


def _judge_times(context: Context, sorting: Sorting) -> None:
    """What is yet to come would never grow old; what is older than its period is not its."""
    ahead_us = context.now_us + AHEAD_US_MAX
    for row in tuple(sorting.kept.values()):
        if row.data_us > ahead_us:
            sorting.refuse("future", row, f"{row.value} of {iso(row.data_us)}")
        elif row.data_us < sorting.starts_us.get(row.series.period, row.data_us):
            got = f"{row.value} of {iso(row.data_us)}, before {row.series.period}"
            sorting.refuse("range", row, got)


def _judge_ranges(context: Context, sorting: Sorting) -> None:
    for row in tuple(sorting.kept.values()):
        metric = context.metrics[row.series.metric]
        below = metric.low is not None and row.value < metric.low
        above = metric.high is not None and row.value > metric.high
        if below or above:
            sorting.refuse("range", row, f"{row.value} outside {metric.low}–{metric.high}")


def _judge_wholes(context: Context, sorting: Sorting) -> None:
    """A part above its whole, as both stand in this answer, else as the whole is known."""
    for row in tuple(sorting.kept.values()):
        whole = context.metrics[row.series.metric].at_most
        if whole is None:
            continue
        limit = _current(_of_metric(row.series, whole), context, sorting)
        if limit is not None and row.value > limit:
            sorting.refuse("at_most", row, f"{row.value} > {limit} {whole}")


def _of_metric(series: Series, metric: str) -> Series:
    return series._replace(metric=metric)


def _current(series: Series, context: Context, sorting: Sorting) -> Decimal | None:
    row = sorting.kept.get(series)
    if row is not None:
        return row.value
    reading = context.readings.get(series)
    return None if reading is None else reading.value


def _judge_falls(context: Context, sorting: Sorting) -> None:
    """A total that fell by more than its metric's `max_fall`; smaller falls are restatements."""
    for row in tuple(sorting.kept.values()):
        max_fall = context.metrics[row.series.metric].max_fall
        before = context.readings.get(row.series)
        if max_fall is None or before is None:
            continue
        if row.value < before.value * (1 - max_fall):
            sorting.refuse("fall", row, f"{row.value} after {before.value}")


def _judge_expectations(context: Context, sorting: Sorting) -> None:
    """Each comparison over one agency's figures of a period, where all that it names came."""
    for group in _by_agency(sorting.kept.values()):
        values = {row.series.metric: row.value for row in group}
        for comparison in context.source.expectations:
            if comparison.metrics <= values.keys() and not comparison.holds(values):
                got = ", ".join(f"{name} {values[name]}" for name in sorted(comparison.metrics))
                for row in group:
                    if row.series.metric in comparison.metrics and row.series in sorting.kept:
                        sorting.refuse("expect", row, f"{comparison.text}: {got}")


def _by_agency(rows: Iterable[Row]) -> Iterator[tuple[Row, ...]]:
    """Rows of one agency together: its totals by period, each with what speaks of the moment."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.series.agency, row.series.period].append(row)
    for (agency, period), group in groups.items():
        moment = groups.get((agency, ""), []) if period else []
        yield tuple(group + moment)


def refusal_of(
    reason: RefusalReason, where: str, got: str, series: Series | None = None
) -> Refusal:
    return Refusal(reason, where, got[:_GOT_CHARS_MAX], series)


def refused(reason: RefusalReason, row: Row, got: str) -> Refusal:
    """Of a row that has a number: with it, so that the row may be accepted after all."""
    refusal = refusal_of(reason, row.where, got, row.series)
    return replace(refusal, value=row.value, data_us=row.data_us)
