"""Observations to facts: each row is admitted or refused with its reason, and a run may be held."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from collector.facts import Admitted, Refusal, Restated, Series, Verdict
from collector.judges import Context, Sorting, judge, refusal_of, refused
from collector.periods import instant_us
from connectors.base import Answer, Observation, PeriodKind

_NAMES_SHOWN = 3


class Admission(NamedTuple):
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


# Of whom an answer speaks, by period; the period is empty for what speaks of the moment.
Came = Mapping[str, set[str]]
# What a complete answer would have said, and as of when.
Gone = tuple[Series, int]


def admit(answer: Answer, context: Context) -> Admission:
    """Judge an answer row by row, then as a whole, as a run of its source."""
    sorting = _sorted(answer, context)
    _doubt_parts(context, sorting)
    came = _came(sorting)
    judge(context, sorting)
    gone = _gone(context, came) if answer.complete else []
    admission = _as_a_whole(answer, context, sorting, came, gone)
    if not gone or context.source.absent == "zero":
        return admission
    return admission._replace(
        lacking=frozenset(series.agency for series, _ in gone),
        lost=frozenset(series.agency for series, _ in gone if series in context.readings),
    )


def _as_a_whole(
    answer: Answer, context: Context, sorting: Sorting, came: Came, gone: list[Gone]
) -> Admission:
    held = _held(answer, context, sorting, came)
    refusals = tuple(sorting.refusals)
    if held is not None:
        return Admission("held", (), refusals + _all_held(sorting), held)
    admitted = [Admitted(one, value, at_us) for one, (value, at_us, _) in sorting.kept.items()]
    admitted += _absent(context, gone)
    restated = tuple(_restated(context, sorting))
    return Admission("ok", tuple(admitted), refusals, restated=restated)


def _sorted(answer: Answer, context: Context) -> Sorting:
    """Each observation to the series that it speaks of, kept with its number or refused."""
    sorting = _unsorted(answer, context)
    kept, unread, ends_us = sorting.kept, sorting.unread, sorting.ends_us
    metrics, moments, directory = context.metrics, context.moments, context.directory
    system = context.source.connector.agency_system
    register = directory.register(system, context.now_us)
    for one in answer.observations:
        name, code, period, data_us, value, where = one
        metric = metrics[name]
        total = metric.kind == "period_total"
        if not (total or moments):
            continue
        # The data time of a closed window is its end, past its last day: inside it codes hold.
        inside_us = data_us - 1 if period and ends_us.get(period) == data_us else data_us
        if not register.start_us <= inside_us < register.until_us:
            register = directory.register(system, inside_us)
        agency = register.agencies.get(code)
        if agency is None:
            sorting.refusals.append(refusal_of("unknown_agency", where, code))
            sorting.strangers.append(one)
            continue
        series = directory.series(metric.id, period or "" if total else "")[agency]
        if metric.kind == "state":
            number = _state(str(value), metric.values or {})
        else:
            number = value if isinstance(value, Decimal) and value.is_finite() else None
        if number is None or unread or series in kept:
            _weigh(one, series, number, sorting)
        else:
            kept[series] = number, data_us, one
    return sorting


def _unsorted(answer: Answer, context: Context) -> Sorting:
    sorting = Sorting(
        {one.id: instant_us(one.start) for one in context.windows},
        {one.id: instant_us(one.end) for one in context.windows},
    )
    sorting.refusals += [refusal_of(r.reason, r.where, r.got) for r in answer.rejected]
    return sorting


def _weigh(one: Observation, series: Series, number: Decimal | None, sorting: Sorting) -> None:
    """Keep or refuse what may be no number, and may not be the first that is said of a series."""
    before = sorting.unread.get(series)
    if series in sorting.kept:
        *_, before = sorting.kept[series]
    if before is not None and before.period == one.period:
        sorting.refusals.append(refusal_of("duplicate", one.where, str(one.value), series))
        if series in sorting.kept and number != sorting.kept[series][0]:
            # Which of them is right nobody can tell, and their order says nothing.
            del sorting.kept[series]
            sorting.unread[series] = before
            said = refusal_of("duplicate", before.where, str(before.value), series)
            sorting.refusals.append(said)
    elif before is None or before.data_us < one.data_us:
        # Of the moment, the closed windows beside the present one only have older words.
        sorting.kept.pop(series, None)
        sorting.unread.pop(series, None)
        if number is not None:
            sorting.kept[series] = number, one.data_us, one
            return
        sorting.unread[series] = one
        sorting.refusals.append(refusal_of("type", one.where, str(one.value), series))


def _doubt_parts(context: Context, sorting: Sorting) -> None:
    """Where a code was an agency's when the window began, what its code of now says is a part."""
    system = context.source.connector.agency_system
    for one in sorting.strangers:
        start_us = sorting.starts_us.get(one.period or "")
        former = context.directory.register(system, start_us) if start_us is not None else None
        agency = former.agencies.get(one.agency) if former else None
        if agency is not None and one.period is not None:
            series = context.directory.series(one.metric, one.period)[agency]
            if series in sorting.kept:
                sorting.unread[series] = sorting.kept[series][2]
                sorting.refuse("duplicate", series, f"in part by its earlier code {one.agency}")


def _state(name: str, values: Mapping[str, Decimal]) -> Decimal | None:
    """A state's number; case, spaces and the way accents are composed do not tell states apart."""
    if name in values:
        return values[name]
    alike = {_folded(known): number for known, number in values.items()}
    return alike.get(_folded(name))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def _came(sorting: Sorting) -> Came:
    came: dict[str, set[str]] = defaultdict(set)
    for _, agency, period in (*sorting.kept, *sorting.unread):
        came[period].add(agency)
    return came


def _restated(context: Context, sorting: Sorting) -> Iterator[Restated]:
    """Totals that were admitted and are lower than they were."""
    for series, (value, _, _) in sorting.kept.items():
        before = context.readings.get(series) if series.period else None
        if before is not None and value < before.value:
            yield Restated(series, before.value, value)


def _held(
    answer: Answer, context: Context, sorting: Sorting, came: Came
) -> tuple[Verdict, str] | None:
    """Why nothing of this answer is used: then the source changed, not the agencies."""
    if answer.declared is not None and answer.declared != answer.received:
        return "partial", f"declared {answer.declared} rows, received {answer.received}"
    if not came and any(r.reason == "unknown_agency" for r in sorting.refusals):
        return "held", _nobody(answer, sorting)
    share = context.source.agencies_min
    if share is not None and answer.complete:
        expected = context.directory.expected(context.source, context.day)
        there = expected & frozenset().union(*came.values())
        if len(there) < share * len(expected):
            said = f"{len(there)} of {len(expected)} agencies came, {share:%} are expected"
            return "partial", said
    bad = {(r.series.agency, r.series.period) for r in sorting.refusals if r.series}
    if bad and len(bad) > context.source.max_refused * _placed(came):
        return "held", _too_many(len(bad), came)
    return None


def _placed(came: Came) -> int:
    return sum(len(agencies) for agencies in came.values())


def _nobody(answer: Answer, sorting: Sorting) -> str:
    """An answer of strangers alone was read by the wrong codes, or is of another province."""
    said = list(dict.fromkeys(r.got for r in sorting.refusals if r.reason == "unknown_agency"))
    names = ", ".join(repr(name) for name in said[:_NAMES_SHOWN])
    more = " …" if len(said) > _NAMES_SHOWN else ""
    if answer.received == 1:
        return f"the one row is of no known agency; it says {names}"
    return f"none of {answer.received} rows is of a known agency; they say {names}{more}"


def _too_many(bad: int, came: Came) -> str:
    if len(came) == 1:
        return f"rows of {bad} of {_placed(came)} known agencies are refused"
    return f"{bad} of {_placed(came)} are refused, counted by known agency and period"


def _all_held(sorting: Sorting) -> tuple[Refusal, ...]:
    """In a held run the good rows are not used either; they are listed as such."""
    return tuple(refused("held", one, said, str(said[0])) for one, said in sorting.kept.items())


def _absent(context: Context, gone: Iterable[Gone]) -> Iterator[Admitted]:
    """What a complete answer without a known agency says of it, by the source's `absent`."""
    if context.source.absent == "hold":
        return
    value = Decimal(0) if context.source.absent == "zero" else None
    for series, data_us in gone:
        if value is not None or series in context.readings:
            yield Admitted(series, value, data_us)


def _gone(context: Context, came: Came) -> list[Gone]:
    """What a complete answer would have of agencies that it says nothing of, and as of when."""
    expected = context.directory.expected(context.source, context.day)
    found: list[Gone] = []
    for window in context.windows:
        gone = expected.difference(came.get(window.id, ()))
        data_us = min(context.now_us, instant_us(window.end))
        for metric, kind in _feeds(context) if gone else ():
            if kind == window.kind and context.metrics[metric].kind == "period_total":
                found += [(Series(metric, agency, window.id), data_us) for agency in sorted(gone)]
    gone = expected.difference(came.get("", ())) if context.moments else frozenset()
    for metric, _ in _feeds(context) if gone else ():
        if context.metrics[metric].kind != "period_total":
            found += [(Series(metric, agency, ""), context.now_us) for agency in sorted(gone)]
    return found


def _feeds(context: Context) -> list[tuple[str, PeriodKind | None]]:
    return sorted(context.source.connector.feeds(), key=str)
