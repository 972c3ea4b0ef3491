"""What runs count for `/metrics`."""

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from collector.clock import SECOND_US
from collector.facts import Run
from connectors.base import Reason, RefusalReason

_REASONS: tuple[Reason, ...] = ("config", "auth", "source", "content", "ours")
_REFUSALS: tuple[RefusalReason, ...] = (
    "unknown_agency",
    "duplicate",
    "type",
    "future",
    "range",
    "at_most",
    "fall",
    "expect",
    "held",
)


class Meters:
    """What runs count; every known source is there with 0 from the start."""

    def __init__(self, registry: CollectorRegistry, sources: Iterable[str]) -> None:
        self._runs = Counter("dti_runs", "Runs that ended.", ["source"], registry=registry)
        self._failures = Counter(
            "dti_run_failures", "Runs that failed.", ["source", "reason"], registry=registry
        )
        self._duration = Histogram(
            "dti_run_duration_seconds",
            "From beginning to outcome of a run.",
            ["source"],
            registry=registry,
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
        )
        self._lateness = Gauge(
            "dti_run_lateness_seconds",
            "How long after its due time the last run began.",
            ["source"],
            registry=registry,
        )
        self._requests = Counter(
            "dti_http_requests", "Requests sent.", ["source"], registry=registry
        )
        self._retries = Counter(
            "dti_http_retries", "Requests sent again.", ["source"], registry=registry
        )
        self._observations = Counter(
            "dti_observations", "Observations admitted.", ["source"], registry=registry
        )
        self._refused = Counter(
            "dti_observations_refused",
            "Observations refused.",
            ["source", "reason"],
            registry=registry,
        )
        self._store_failures = Counter(
            "dti_store_failures", "Times that the store did not take something.", registry=registry
        )
        self._of: dict[str, _OfSource] = {}
        for source in sources:
            self._start(source)

    def count_store_failure(self) -> None:
        self._store_failures.inc()

    def count(self, run: Run, *, duration_s: float, retries: int) -> None:
        """Count one run that ended; `duration_s` by the monotonic clock."""
        source = run.source
        of = self._of.get(source) or self._look_up(source)
        of.runs.inc()
        if run.outcome == "failed":
            self._failures.labels(source, run.error_reason or "ours").inc()
        of.duration.observe(duration_s)
        of.lateness.set(max(0, run.began_us - run.due_us) / SECOND_US)
        of.requests.inc(sum(one.is_http for one in run.requests))
        if retries:
            of.retries.inc(retries)
        of.observations.inc(len(run.admitted))
        for refusal in run.refusals:
            self._refused.labels(source, refusal.reason).inc()

    def _look_up(self, source: str) -> "_OfSource":
        """Once: to find a meter by its labels costs more than to count on it."""
        self._of[source] = _OfSource(
            runs=self._runs.labels(source),
            duration=self._duration.labels(source),
            lateness=self._lateness.labels(source),
            requests=self._requests.labels(source),
            retries=self._retries.labels(source),
            observations=self._observations.labels(source),
        )
        return self._of[source]

    def _start(self, source: str) -> None:
        for meter in (self._runs, self._duration, self._requests, self._retries):
            meter.labels(source)
        self._observations.labels(source)
        for reason in _REASONS:
            self._failures.labels(source, reason)
        for refusal in _REFUSALS:
            self._refused.labels(source, refusal)


@dataclass(frozen=True, slots=True)
class _OfSource:
    """What each run of a source counts on."""

    runs: Counter
    duration: Histogram
    lateness: Gauge
    requests: Counter
    retries: Counter
    observations: Counter
