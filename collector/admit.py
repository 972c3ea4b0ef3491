"""Observations to facts: each row is admitted or refused with its reason, and a run may be held."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from collector.clock import SECOND_US
from collector.directory import Directory
from collector.facts import Admitted, Reading, Refusal, Restated, Series, Verdict
from collector.periods import instant_us, iso
from collector.settings.model import Metric, Source
from connectors.base import Answer, Observation, RefusalReason, Window

# A source's clock may run a little ahead of ours.
AHEAD_US_MAX = 120 * SECOND_US
_GOT_CHARS_MAX = 80
_NAMES_SHOWN = 3


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


@dataclass(frozen=True)
class Admission:
    """What became of an answer; a held one admits nothing and says why.

    `lacking` are known agencies that a complete answer lacks something of, `lost` those of them
    of whom it was known before; none of either where an absent agency means zero.
    """

    outcome: Literal["ok", "held"]
    admitted: tuple[Admitted, ...]
    refusals: tuple[Refusal, ...]
    held: tuple[Verdict, str] | None = None
    restated: tuple[Restated, ...] = ()
    lacking: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


class _Row(NamedTuple):
    """One observation that could be placed, with its value as a number."""

    series: Series
    value: Decimal
    data_us: int
    where: str


@dataclass
class _Sorting:
    """Rows on their way: `kept` in the order they came, the rest with its reason.

    `spoken` is the newest that was said of each series, kept or not.
    """

    starts_us: Mapping[str, int]  # by period id, the start of the window that was asked
    ends_us: Mapping[str, int]  # and its end
    spoken: dict[Series, Observation] = field(default_factory=dict)
    kept: dict[Series, _Row] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, reason: RefusalReason, row: _Row, got: str) -> None:
        self.kept.pop(row.series, None)
        self.refusals.append(_refused(reason, row, got))


def admit(answer: Answer, context: Context) -> Admission:
    """Judge an answer row by row, then as a whole, as a run of its source."""
    sorting = _Sorting(
        {one.id: instant_us(one.start) for one in context.windows},
        {one.id: instant_us(one.end) for one in context.windows},
    )
    sorting.refusals += [_refusal(r.reason, r.where, r.got) for r in answer.rejected]
    system = context.source.connector.agency_system
    for observation in _of_use(answer, context):
        _place(observation, system, context, sorting)
    placed = {(agency, period) for _, agency, period in sorting.kept}
    placed |= {(r.series.agency, r.series.period) for r in sorting.refusals if r.series}
    _judge(context, sorting)
    held = _held(answer, context, sorting, placed)
    if held is not None:
        refusals = tuple(sorting.refusals) + _all_held(sorting)
        admission = Admission("held", (), refusals, held)
    else:
        admitted = [Admitted(r.series, r.value, r.data_us) for r in sorting.kept.values()]
        admitted += _absent(answer, context, placed)
        restated = tuple(_restated(context, sorting))
        admission = Admission("ok", tuple(admitted), tuple(sorting.refusals), restated=restated)
    return _with_lacking(admission, answer, context, placed)


def _of_use(answer: Answer, context: Context) -> Iterator[Observation]:
    for observation in answer.observations:
        total = context.metrics[observation.metric].kind == "period_total"
        if context.moments or total:
            yield observation


def _refusal(reason: RefusalReason, where: str, got: str, series: Series | None = None) -> Refusal:
    return Refusal(reason, where, got[:_GOT_CHARS_MAX], series)


def _refused(reason: RefusalReason, row: _Row, got: str) -> Refusal:
    """Of a row that has a number: with it, so that the row may be accepted after all."""
    refusal = _refusal(reason, row.where, got, row.series)
    return replace(refusal, value=row.value, data_us=row.data_us)


def _judge(context: Context, sorting: _Sorting) -> None:
    """Each rule, and all again while one refuses: a part may have leant on a whole that fell."""
    judges = _judges(context, sorting)
    left = -1
    while left != len(sorting.kept):
        left = len(sorting.kept)
        for judge in judges:
            judge(context, sorting)


def _judges(context: Context, sorting: _Sorting) -> list[Callable[[Context, _Sorting], None]]:
    """The rules that anything in the answer is subject to."""
    metrics = [context.metrics[name] for name in {name for name, _, _ in sorting.kept}]
    subject = {
        _judge_times: True,
        _judge_ranges: any(one.low is not None or one.high is not None for one in metrics),
        _judge_wholes: any(one.at_most is not None for one in metrics),
        _judge_falls: any(one.max_fall is not None for one in metrics),
        _judge_expectations: bool(context.source.expectations),
    }
    return [judge for judge, applies in subject.items() if applies]


def _place(
    observation: Observation, system: str | None, context: Context, sorting: _Sorting
) -> None:
    inside_us = _inside_us(observation, sorting)
    agency = context.directory.find(system, observation.agency, inside_us)
    if agency is None:
        sorting.refusals.append(_refusal("unknown_agency", observation.where, observation.agency))
        return
    metric = context.metrics[observation.metric]
    period = (observation.period or "") if metric.kind == "period_total" else ""
    series = Series(metric.id, agency, period)
    before = sorting.spoken.get(series)
    if before is not None and before.period == observation.period:
        refusal = _refusal("duplicate", observation.where, str(observation.value), series)
        sorting.refusals.append(refusal)
    elif before is None or before.data_us < observation.data_us:
        # Of the moment, the closed windows beside the present one only have older words.
        sorting.spoken[series] = observation
        _keep(observation, series, metric, sorting)


def _keep(observation: Observation, series: Series, metric: Metric, sorting: _Sorting) -> None:
    sorting.kept.pop(series, None)
    value = _number(observation.value, metric)
    if value is None:
        sorting.refusals.append(_refusal("type", observation.where, str(observation.value), series))
        return
    sorting.kept[series] = _Row(series, value, observation.data_us, observation.where)


def _inside_us(observation: Observation, sorting: _Sorting) -> int:
    """A moment inside the window: its end, the data time of a closed one, is past its last day."""
    end_us = sorting.ends_us.get(observation.period or "")
    return observation.data_us - (observation.data_us == end_us)


def _number(value: Decimal | str, metric: Metric) -> Decimal | None:
    """The number that is stored: a state's by its name, else the finite decimal itself."""
    if metric.kind == "state":
        return _state(str(value), metric.values or {})
    if isinstance(value, Decimal) and value.is_finite():
        return value
    return None


def _state(name: str, values: Mapping[str, Decimal]) -> Decimal | None:
    """A state's number; case, spaces and the way accents are composed do not tell states apart."""
    if name in values:
        return values[name]
    alike = {_folded(known): number for known, number in values.items()}
    return alike.get(_folded(name))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def _judge_times(context: Context, sorting: _Sorting) -> None:
    """What is yet to come would never grow old; what is older than its period is not its."""
    ahead_us = context.now_us + AHEAD_US_MAX
    for row in tuple(sorting.kept.values()):
        if row.data_us > ahead_us:
            sorting.refuse("future", row, f"{row.value} of {iso(row.data_us)}")
        elif row.data_us < sorting.starts_us.get(row.series.period, row.data_us):
            got = f"{row.value} of {iso(row.data_us)}, before {row.series.period}"
            sorting.refuse("range", row, got)


def _judge_ranges(context: Context, sorting: _Sorting) -> None:
    for row in tuple(sorting.kept.values()):
        metric = context.metrics[row.series.metric]
        below = metric.low is not None and row.value < metric.low
        above = metric.high is not None and row.value > metric.high
        if below or above:
            sorting.refuse("range", row, f"{row.value} outside {metric.low}–{metric.high}")


def _judge_wholes(context: Context, sorting: _Sorting) -> None:
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


def _current(series: Series, context: Context, sorting: _Sorting) -> Decimal | None:
    row = sorting.kept.get(series)
    if row is not None:
        return row.value
    reading = context.readings.get(series)
    return None if reading is None else reading.value


def _judge_falls(context: Context, sorting: _Sorting) -> None:
    """A total that fell by more than its metric's `max_fall`; smaller falls are restatements."""
    for row in tuple(sorting.kept.values()):
        max_fall = context.metrics[row.series.metric].max_fall
        before = context.readings.get(row.series)
        if max_fall is None or before is None:
            continue
        if row.value < before.value * (1 - max_fall):
            sorting.refuse("fall", row, f"{row.value} after {before.value}")


def _restated(context: Context, sorting: _Sorting) -> Iterator[Restated]:
    """Totals that were admitted and are lower than they were."""
    for series, row in sorting.kept.items():
        before = context.readings.get(series) if series.period else None
        if before is not None and row.value < before.value:
            yield Restated(series, before.value, row.value)


def _judge_expectations(context: Context, sorting: _Sorting) -> None:
    """Each comparison over one agency's figures of a period, where all that it names came."""
    for group in _by_agency(sorting.kept.values()):
        values = {row.series.metric: row.value for row in group}
        for comparison in context.source.expectations:
            if comparison.metrics <= values.keys() and not comparison.holds(values):
                got = ", ".join(f"{name} {values[name]}" for name in sorted(comparison.metrics))
                for row in group:
                    if row.series.metric in comparison.metrics and row.series in sorting.kept:
                        sorting.refuse("expect", row, f"{comparison.text}: {got}")


def _by_agency(rows: Iterable[_Row]) -> Iterator[tuple[_Row, ...]]:
    """Rows of one agency together: its totals by period, each with what speaks of the moment."""
    groups: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        groups[row.series.agency, row.series.period].append(row)
    for (agency, period), group in groups.items():
        moment = groups.get((agency, ""), []) if period else []
        yield tuple(group + moment)


def _held(
    answer: Answer, context: Context, sorting: _Sorting, placed: set[tuple[str, str]]
) -> tuple[Verdict, str] | None:
    """Why nothing of this answer is used: then the source changed, not the agencies."""
    if answer.declared is not None and answer.declared != answer.received:
        return "partial", f"declared {answer.declared} rows, received {answer.received}"
    if not placed and any(r.reason == "unknown_agency" for r in sorting.refusals):
        return "held", _nobody(answer, sorting)
    share = context.source.agencies_min
    if share is not None and answer.complete:
        expected = context.directory.expected(context.source, context.day)
        came = expected & {agency for agency, _ in placed}
        if len(came) < share * len(expected):
            said = f"{len(came)} of {len(expected)} agencies came, {share:%} are expected"
            return "partial", said
    bad = {(r.series.agency, r.series.period) for r in sorting.refusals if r.series}
    if bad and len(bad) > context.source.max_refused * len(placed):
        return "held", _too_many(bad, placed)
    return None


def _nobody(answer: Answer, sorting: _Sorting) -> str:
    """An answer of strangers alone was read by the wrong codes, or is of another province."""
    said = list(dict.fromkeys(r.got for r in sorting.refusals if r.reason == "unknown_agency"))
    names = ", ".join(repr(name) for name in said[:_NAMES_SHOWN])
    more = " …" if len(said) > _NAMES_SHOWN else ""
    if answer.received == 1:
        return f"the one row is of no known agency; it says {names}"
    return f"none of {answer.received} rows is of a known agency; they say {names}{more}"


def _too_many(bad: set[tuple[str, str]], placed: set[tuple[str, str]]) -> str:
    if len({period for _, period in placed}) == 1:
        return f"rows of {len(bad)} of {len(placed)} known agencies are refused"
    return f"{len(bad)} of {len(placed)} are refused, counted by known agency and period"


def _all_held(sorting: _Sorting) -> tuple[Refusal, ...]:
    """In a held run the good rows are not used either; they are listed as such."""
    return tuple(_refused("held", row, str(row.value)) for row in sorting.kept.values())


def _with_lacking(
    admission: Admission, answer: Answer, context: Context, placed: set[tuple[str, str]]
) -> Admission:
    if not answer.complete or context.source.absent == "zero":
        return admission
    lacking = [series for series, _ in _lacking(context, placed)]
    if not lacking:
        return admission
    return replace(
        admission,
        lacking=frozenset(series.agency for series in lacking),
        lost=frozenset(series.agency for series in lacking if series in context.readings),
    )


def _absent(answer: Answer, context: Context, placed: set[tuple[str, str]]) -> Iterator[Admitted]:
    """What a complete answer without a known agency says of it, by the source's `absent`."""
    if context.source.absent == "hold" or not answer.complete:
        return
    value = Decimal(0) if context.source.absent == "zero" else None
    for series, data_us in _lacking(context, placed):
        if value is not None or series in context.readings:
            yield Admitted(series, value, data_us)


def _lacking(context: Context, placed: set[tuple[str, str]]) -> Iterator[tuple[Series, int]]:
    """What a complete answer would have of agencies that it says nothing of, and as of when."""
    expected = context.directory.expected(context.source, context.day)
    feeds = sorted(context.source.connector.feeds(), key=str)
    for window in context.windows:
        gone = sorted(one for one in expected if (one, window.id) not in placed)
        data_us = min(context.now_us, instant_us(window.end))
        for metric, kind in feeds if gone else ():
            if kind == window.kind and context.metrics[metric].kind == "period_total":
                yield from ((Series(metric, agency, window.id), data_us) for agency in gone)
    gone = sorted(one for one in expected if (one, "") not in placed) if context.moments else []
    for metric, _ in feeds if gone else ():
        if context.metrics[metric].kind != "period_total":
            yield from ((Series(metric, agency, ""), context.now_us) for agency in gone)
