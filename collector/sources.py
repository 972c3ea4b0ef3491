"""How each source stands: one state, the first that holds of the worst, and its times."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from collector.facts import Reading, Series, StoredRun
from collector.publish import Published
from collector.settings.model import Settings, Source

SourceState = Literal[
    "wrong_content",
    "future",
    "partial",
    "regressed",
    "frozen",
    "held",
    "never",
    "stale",
    "late",
    "fresh",
]
STATES: tuple[SourceState, ...] = (
    "wrong_content",
    "future",
    "partial",
    "regressed",
    "frozen",
    "held",
    "never",
    "stale",
    "late",
    "fresh",
)
# A source's clock may run a little ahead of ours.
_FUTURE_US = 120 * 1_000_000


@dataclass(frozen=True)
class SourceView:
    """`data_us` is the oldest data time among the source's metrics, each at its newest."""

    source: Source
    state: SourceState
    up: bool
    data_us: int | None
    last: StoredRun | None
    last_ok: StoredRun | None
    next_due_us: int | None


def source_views(
    settings: Settings, published: Published, next_due_us: Mapping[str, int], now_us: int
) -> tuple[SourceView, ...]:
    """All sources in the order of the file."""
    newest = _newest_by_metric(settings, published.known.readings)
    return tuple(
        _view(source, published, newest.get(source.id, {}), next_due_us.get(source.id), now_us)
        for source in settings.sources.values()
    )


def _newest_by_metric(
    settings: Settings, readings: Mapping[Series, Reading]
) -> dict[str, dict[str, int]]:
    """By source and metric the newest data time; a metric counts for all that may feed it."""
    feeders: dict[str, list[str]] = {}
    for source in settings.sources.values():
        for metric in {name for name, _ in source.connector.feeds()}:
            feeders.setdefault(metric, []).append(source.id)
    newest: dict[str, dict[str, int]] = {}
    for series, reading in readings.items():
        for source_id in feeders.get(series.metric, ()):
            metrics = newest.setdefault(source_id, {})
            metrics[series.metric] = max(metrics.get(series.metric, 0), reading.data_us)
    return newest


def _view(
    source: Source,
    published: Published,
    newest: Mapping[str, int],
    next_due_us: int | None,
    now_us: int,
) -> SourceView:
    last, last_ok = published.last_runs.get(source.id), published.last_ok.get(source.id)
    data_us = min(newest.values(), default=None)
    return SourceView(
        source,
        _state(source, last, data_us, now_us),
        last is not None and last.outcome == "ok",
        data_us,
        last,
        last_ok,
        next_due_us,
    )


def _state(source: Source, last: StoredRun | None, data_us: int | None, now_us: int) -> SourceState:
    if last is not None and last.outcome == "failed" and last.error_reason == "content":
        return "wrong_content"
    if data_us is not None and data_us > now_us + _FUTURE_US:
        return "future"
    if last is not None and last.outcome == "held":
        incomplete = last.declared is not None and last.declared != last.received
        return "partial" if incomplete else "held"
    if data_us is None:
        return "never"
    age_us = now_us - data_us
    if age_us > source.freshness.stale_after_us:
        return "stale"
    return "late" if age_us > source.freshness.late_after_us else "fresh"
