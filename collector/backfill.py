"""Fill the past: one run for each period that was, beside the schedule."""

from collections.abc import Iterable, Iterator
from datetime import date

from collector.documents import Document
from collector.periods import Period, local, parse_period, period_of
from collector.settings.model import Settings, Source
from connectors.base import PeriodKind

# So many periods without an answer, one after another: the next would have none either.
FAILURES_MAX = 3
# More would not be the past of a source, but a slip of the pen.
PERIODS_MAX = 2_000


class BackfillError(ValueError):
    """The past cannot be asked for; the message says why."""


def periods_of_past(
    source: Source, settings: Settings, first: date, last: date, now_us: int
) -> tuple[Period, ...]:
    """All periods of the source's totals that touch [first, last], oldest first."""
    today = local(now_us, settings.zone).date()
    if last < first:
        raise BackfillError(f"{last} is before {first}")
    if first > today:
        raise BackfillError(f"{first} is yet to come")
    found = [
        period
        for kind in sorted(kinds_of_totals(source, settings))
        for period in _periods(kind, first, min(last, today))
    ]
    if len(found) > PERIODS_MAX:
        raise BackfillError(f"these are {len(found)} periods, more than {PERIODS_MAX} at once")
    return tuple(sorted(found, key=lambda period: (period.start, period.until)))


def period_named(text: str, source: Source, settings: Settings, now_us: int) -> Period:
    """The period of an id, if the source can be asked for it; ValueError for what is none."""
    period = parse_period(text)
    if period.kind not in kinds_of_totals(source, settings):
        raise BackfillError(f"{source.id} has no totals of a {period.kind}")
    if period.start_us(settings.zone) > now_us:
        raise BackfillError(f"{text} is yet to come")
    return period


def kinds_of_totals(source: Source, settings: Settings) -> frozenset[PeriodKind]:
    """BackfillError where the past cannot be asked for."""
    if not source.connector.recalls():
        problem = f"{source.id} takes whatever lies there: its past cannot be asked for"
        raise BackfillError(problem)
    kinds = frozenset(
        kind
        for metric, kind in source.connector.feeds()
        if kind is not None and settings.metrics[metric].kind == "period_total"
    )
    if not kinds:
        problem = f"{source.id} only tells how things stand now: its past cannot be asked for"
        raise BackfillError(problem)
    return kinds


def while_hopeful(documents: Iterable[Document]) -> Iterator[Document]:
    """Documents of runs, until the credentials are refused or several runs in a row failed.

    Whoever goes on asking then locks an account or hammers a source that is down.
    """
    failures = 0
    for document in documents:
        yield document
        failures = failures + 1 if document["outcome"] == "failed" else 0
        refused = failures and document["error"]["reason"] in {"auth", "config"}
        if refused or failures == FAILURES_MAX:
            return


def _periods(kind: PeriodKind, first: date, last: date) -> Iterator[Period]:
    period = period_of(kind, first)
    while period.start <= last:
        yield period
        period = period_of(kind, period.until)
