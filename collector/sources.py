"""How each source stands: one state, the first that holds of the worst, and its times."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from collector.clock import MINUTE_US
from collector.facts import Reading, Series, StoredRun, Verdict
from collector.judges import AHEAD_US_MAX
from collector.publish import Published
from collector.settings.model import Settings, Source

SourceState = Literal["wrong_content", Verdict, "never", "stale", "late", "fresh"]
Consequence = Literal["keep", "hold", "alarm"]
Severity = Literal["warning", "critical"]


@dataclass(frozen=True, slots=True)
class Alert:
    """How bad a state is, and for how long it must last before anybody is called."""

    severity: Severity
    for_us: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A state as it is declared: what it means, what follows from it, and when it calls.

    keep: what came is in use, and that is all. hold: what came is not used, last good readings
    stay. alarm: what came is in use, and someone must look at it. `aged` states are told from the
    age of the data, by the same ages that expire readings.
    """

    state: SourceState
    meaning: str
    consequence: Consequence
    alert: Alert | None = None
    aged: bool = False


_SOON = Alert("warning", 30 * MINUTE_US)
# Worst first: of several that hold, the first is the source's state.
STANDINGS: tuple[Standing, ...] = (
    Standing(
        "wrong_content",
        "its answers are not what was asked for: a login page, another format, a page missing",
        "hold",
        _SOON,
    ),
    Standing("future", "it speaks of a time that is yet to come", "hold", _SOON),
    Standing(
        "partial",
        "its answers are incomplete: fewer rows than it declares, or agencies that came before are"
        " gone",
        "hold",
        _SOON,
    ),
    Standing(
        "regressed", "totals fell by more than their max_fall; those rows are held", "hold", _SOON
    ),
    Standing(
        "frozen",
        "its answer has not changed in frozen_after expected changes, as if it were dead",
        "alarm",
        _SOON,
    ),
    Standing("held", "too many of its rows are refused to believe the others", "hold", _SOON),
    Standing("never", "it has not brought anything yet", "keep"),
    Standing(
        "stale",
        "its data are past stale_after: scores that use them are uncertain",
        "alarm",
        Alert("critical", 5 * MINUTE_US),
        aged=True,
    ),
    Standing(
        "late",
        "its data are past late_after, and still trusted",
        "alarm",
        Alert("warning", 15 * MINUTE_US),
        aged=True,
    ),
    Standing("fresh", "all is well", "keep"),
)
STATES: tuple[SourceState, ...] = tuple(one.state for one in STANDINGS)


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
    newest = newest_by_metric(settings, published.known.readings)
    return tuple(
        _view(
            *(settings, source, published),
            newest.get(source.id, {}),
            next_due_us.get(source.id),
            now_us,
        )
        for source in settings.sources.values()
    )


def newest_by_metric(
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


def state_of(
    settings: Settings,
    source: Source,
    last: StoredRun | None,
    told: StoredRun | None,
    newest: Mapping[str, int],
    now_us: int,
) -> SourceState:
    """The state at a moment: by the newest run, the newest answer, and the age of each metric."""
    if last is not None and last.outcome == "failed" and last.error_reason == "content":
        return "wrong_content"
    if any(data_us > now_us + AHEAD_US_MAX for data_us in newest.values()):
        return "future"
    if told is not None and told.track.verdict is not None:
        return told.track.verdict
    if not newest:
        return "never"
    if any(
        now_us - data_us > settings.trusted_us(source, metric) for metric, data_us in newest.items()
    ):
        return "stale"
    late = now_us - min(newest.values()) > source.freshness.late_after_us
    return "late" if late else "fresh"


def _view(
    settings: Settings,
    source: Source,
    published: Published,
    newest: Mapping[str, int],
    next_due_us: int | None,
    now_us: int,
) -> SourceView:
    last, last_ok = published.last_runs.get(source.id), published.last_ok.get(source.id)
    told = published.last_told.get(source.id)
    return SourceView(
        source,
        state_of(settings, source, last, told, newest, now_us),
        last is not None and last.outcome == "ok",
        min(newest.values(), default=None),
        last,
        last_ok,
        next_due_us,
    )
