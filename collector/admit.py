"""Observations to facts: each row is admitted or refused with its reason, and a run may be held."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from collector.facts import Admitted, Refusal, Restated, Series, Verdict
from collector.judges import Context, Row, Sorting, judge, refusal_of, refused
from collector.periods import instant_us
from collector.settings.model import Metric
from connectors.base import Answer, Observation

_NAMES_SHOWN = 3


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


def admit(answer: Answer, context: Context) -> Admission:
    """Judge an answer row by row, then as a whole, as a run of its source."""
    sorting = Sorting(
        {one.id: instant_us(one.start) for one in context.windows},
        {one.id: instant_us(one.end) for one in context.windows},
    )
    sorting.refusals += [refusal_of(r.reason, r.where, r.got) for r in answer.rejected]
    system = context.source.connector.agency_system
    for observation in _of_use(answer, context):
        _place(observation, system, context, sorting)
    placed = {(agency, period) for _, agency, period in sorting.kept}
    placed |= {(r.series.agency, r.series.period) for r in sorting.refusals if r.series}
    judge(context, sorting)
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


def _place(
    observation: Observation, system: str | None, context: Context, sorting: Sorting
) -> None:
    inside_us = _inside_us(observation, sorting)
    agency = context.directory.find(system, observation.agency, inside_us)
    if agency is None:
        sorting.refusals.append(refusal_of("unknown_agency", observation.where, observation.agency))
        return
    metric = context.metrics[observation.metric]
    period = (observation.period or "") if metric.kind == "period_total" else ""
    series = Series(metric.id, agency, period)
    before = sorting.spoken.get(series)
    if before is not None and before.period == observation.period:
        refusal = refusal_of("duplicate", observation.where, str(observation.value), series)
        sorting.refusals.append(refusal)
    elif before is None or before.data_us < observation.data_us:
        # Of the moment, the closed windows beside the present one only have older words.
        sorting.spoken[series] = observation
        _keep(observation, series, metric, sorting)


def _keep(observation: Observation, series: Series, metric: Metric, sorting: Sorting) -> None:
    sorting.kept.pop(series, None)
    value = _number(observation.value, metric)
    if value is None:
        sorting.refusals.append(
            refusal_of("type", observation.where, str(observation.value), series)
        )
        return
    sorting.kept[series] = Row(series, value, observation.data_us, observation.where)


def _inside_us(observation: Observation, sorting: Sorting) -> int:
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


def _restated(context: Context, sorting: Sorting) -> Iterator[Restated]:
    """Totals that were admitted and are lower than they were."""
    for series, row in sorting.kept.items():
        before = context.readings.get(series) if series.period else None
        if before is not None and row.value < before.value:
            yield Restated(series, before.value, row.value)


def _held(
    answer: Answer, context: Context, sorting: Sorting, placed: set[tuple[str, str]]
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


def _nobody(answer: Answer, sorting: Sorting) -> str:
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


def _all_held(sorting: Sorting) -> tuple[Refusal, ...]:
    """In a held run the good rows are not used either; they are listed as such."""
    return tuple(refused("held", row, str(row.value)) for row in sorting.kept.values())


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
