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


class Context(NamedTuple):
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


# What was said of a series: its number, its data time, and how it was said.
Said = tuple[Decimal, int, Observation]


@dataclass(slots=True)
class Sorting:
    """Rows on their way: `kept` in the order they came, the rest with its reason.

    `unread` is what was said last of series of whom it was no number. `strangers` are of codes
    that stand for nobody at their time.
    """

    starts_us: Mapping[str, int]  # by period id, the start of the window that was asked
    ends_us: Mapping[str, int]  # and its end
    kept: dict[Series, Said] = field(default_factory=dict)
    unread: dict[Series, Observation] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    strangers: list[Observation] = field(default_factory=list)

    def refuse(self, reason: RefusalReason, series: Series, got: str) -> None:
        self.refusals.append(refused(reason, series, self.kept.pop(series), got))


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
    ahead_us, starts_us = context.now_us + AHEAD_US_MAX, sorting.starts_us
    since_us = max(starts_us.values(), default=0)
    odd = [one for one in sorting.kept.items() if not since_us <= one[1][1] <= ahead_us]
    for series, (value, data_us, _) in odd:
        if data_us > ahead_us:
            sorting.refuse("future", series, f"{value} of {iso(data_us)}")
        elif data_us < starts_us.get(series.period, data_us):
            got = f"{value} of {iso(data_us)}, before {series.period}"
            sorting.refuse("range", series, got)


def _judge_ranges(context: Context, sorting: Sorting) -> None:
    for series, (value, _, _) in tuple(sorting.kept.items()):
        metric = context.metrics[series.metric]
        below = metric.low is not None and value < metric.low
        above = metric.high is not None and value > metric.high
        if below or above:
            sorting.refuse("range", series, f"{value} outside {metric.low}–{metric.high}")


def _judge_wholes(context: Context, sorting: Sorting) -> None:
    """A part above its whole, as both stand in this answer, else as the whole is known."""
    for series, (value, _, _) in tuple(sorting.kept.items()):
        whole = context.metrics[series.metric].at_most
        if whole is None:
            continue
        limit = _current(Series(whole, series.agency, series.period), context, sorting)
        if limit is not None and value > limit:
            sorting.refuse("at_most", series, f"{value} > {limit} {whole}")


def _current(series: Series, context: Context, sorting: Sorting) -> Decimal | None:
    said = sorting.kept.get(series)
    if said is not None:
        return said[0]
    reading = context.readings.get(series)
    return None if reading is None else reading.value


def _judge_falls(context: Context, sorting: Sorting) -> None:
    """A total that fell by more than its metric's `max_fall`; smaller falls are restatements."""
    for series, (value, _, _) in tuple(sorting.kept.items()):
        max_fall = context.metrics[series.metric].max_fall
        if max_fall is None:
            continue
        before = context.readings.get(series)
        if before is not None and value < before.value * (1 - max_fall):
            sorting.refuse("fall", series, f"{value} after {before.value}")


def _judge_expectations(context: Context, sorting: Sorting) -> None:
    """Each comparison over one agency's figures of a period, where all that it names came."""
    numbers = {series: value for series, (value, _, _) in sorting.kept.items()}
    for group in _by_agency(numbers):
        values = {series.metric: numbers[series] for series in group}
        for comparison in context.source.expectations:
            if comparison.metrics <= values.keys() and not comparison.holds(values):
                got = ", ".join(f"{name} {values[name]}" for name in sorted(comparison.metrics))
                for series in group:
                    if series.metric in comparison.metrics and series in sorting.kept:
                        sorting.refuse("expect", series, f"{comparison.text}: {got}")


def _by_agency(kept: Iterable[Series]) -> Iterator[tuple[Series, ...]]:
    """Series of one agency together: its totals by period, each with what speaks of the moment."""
    groups: dict[tuple[str, str], list[Series]] = defaultdict(list)
    for series in kept:
        groups[series.agency, series.period].append(series)
    for (agency, period), group in groups.items():
        moment = groups.get((agency, ""), []) if period else []
        yield tuple(group + moment)


def refusal_of(
    reason: RefusalReason, where: str, got: str, series: Series | None = None
) -> Refusal:
    return Refusal(reason, where, got[:_GOT_CHARS_MAX], series)


def refused(reason: RefusalReason, series: Series, said: Said, got: str) -> Refusal:
    """Of a row that has a number: with it, so that the row may be accepted after all."""
    value, data_us, one = said
    refusal = refusal_of(reason, one.where, got, series)
    return replace(refusal, value=value, data_us=data_us)
