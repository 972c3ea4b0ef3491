"""Checks of sources: what they feed, when, for whom, and with which secrets."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from collector.cron import cron_trigger
from collector.settings.check_names import metric_part
from collector.settings.check_province import zone_of
from collector.settings.draft import Draft, SourceDraft
from collector.settings.findings import Finding, Severity
from collector.settings.part import Located
from collector.settings.read import Steps
from connectors.base import PeriodKind
from connectors.http_json import HttpJson
from connectors.secret import Secret
from scoring.formula import parse_formula


def one_source_feeds_a_series(draft: Draft) -> Iterator[Finding]:
    """Two may feed the same only where their priorities say which of them counts."""
    first: dict[tuple[str, PeriodKind | None, int], str] = {}
    for source in draft.sources:
        for metric, kind in sorted(source.value.connector.feeds(), key=str):
            series = (metric, kind, source.value.shape.priority)
            if series in first:
                problem = f"{first[series]} feeds it too: give one of the two another `priority`"
                yield Finding(metric_part(source, metric).place(), problem)
            first.setdefault(series, source.key)


def totals_have_a_period(draft: Draft) -> Iterator[Finding]:
    totals = {each.key for each in draft.metrics if each.value.kind == "period_total"}
    for source in draft.sources:
        for metric, kind in sorted(source.value.connector.feeds(), key=str):
            if kind is None and metric in totals:
                problem = f"is a period_total: {_period_to_say(source, metric)}"
                yield Finding(metric_part(source, metric).place(), problem)


def _period_to_say(source: Located[SourceDraft], metric: str) -> str:
    connector = source.value.connector
    if isinstance(connector, HttpJson):
        named = connector.metrics.get(metric, metric)
        asking = [
            where
            for where, request in connector.named()
            if named in request.metrics and request.period is None
        ]
        return f"add `window: {{period: year}}` to {' and '.join(asking)}"
    return "say for which window or period it is asked"


def cron_comes_due(draft: Draft) -> Iterator[Finding]:
    zone = zone_of(draft.province.value.time_zone) if draft.province else None
    for source in draft.sources:
        cron = source.value.shape.schedule.cron
        problem = _cron_problem(cron, zone or ZoneInfo("UTC")) if cron else None
        if problem:
            yield source.part.error(problem, "schedule", "cron")


def _cron_problem(cron: str, zone: ZoneInfo) -> str | None:
    # Any fixed moment will do: what does not come due in the years after it never does.
    start = datetime(2024, 1, 1, tzinfo=UTC)
    try:
        trigger = cron_trigger(cron, zone=zone, start=start)
    except ValueError as error:
        return f"{cron!r} is no cron expression: {error}"
    if trigger.get_next_fire_time(None, start) is None:
        return f"{cron!r} never comes due"
    return None


def secrets_are_there(draft: Draft) -> Iterator[Finding]:
    """A source without its secret is no error here: its runs fail with the reason `config`."""
    for source in draft.sources:
        for steps, secret in _secrets(source.value.connector, ()):
            if problem := _missing(secret, draft.environ):
                yield source.part.warning(problem, *steps)


def options_can_be_used(draft: Draft) -> Iterator[Finding]:
    """What this machine lacks is no error here either, but an address that is never asked is."""
    for source in draft.sources:
        for doubt in source.value.connector.doubts():
            severity: Severity = "error" if doubt.lasting else "warning"
            yield Finding(source.part.place(*doubt.keys), doubt.problem, severity)


def _missing(secret: Secret, environ: Mapping[str, str]) -> str | None:
    if secret.env is None:
        return secret.missing()
    return None if environ.get(secret.env) else f"the environment has no {secret.env}"


def _secrets(value: Any, steps: Steps) -> Iterator[tuple[Steps, Secret]]:
    if isinstance(value, Secret):
        yield steps, value
        return
    for step, inner in _inner(value):
        yield from _secrets(inner, (*steps, step))


def _inner(value: Any) -> list[tuple[str | int, Any]]:
    if isinstance(value, BaseModel):
        fields = type(value).model_fields.items()
        return [(field.alias or name, getattr(value, name)) for name, field in fields]
    if isinstance(value, Mapping):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list | tuple) else []


def metrics_are_of_use(draft: Draft) -> Iterator[Finding]:
    fed, used = _fed(draft), _used(draft)
    for metric in draft.metrics if draft.whole else ():
        if metric.key not in fed | used:
            yield metric.part.warning("no source feeds it and no set uses it")


def sources_are_of_use(draft: Draft) -> Iterator[Finding]:
    used = _used(draft)
    for source in draft.sources if draft.whole else ():
        for name in sorted({metric for metric, _ in source.value.connector.feeds()} - used):
            yield Finding(metric_part(source, name).place(), "no set uses this metric", "warning")


def _fed(draft: Draft) -> set[str]:
    return {metric for each in draft.sources for metric, _ in each.value.connector.feeds()}


def _used(draft: Draft) -> set[str]:
    """What formulas, bounds and expectations speak of."""
    formulas = [each.value.value for one in draft.sets for each in one.indicators]
    expectations = [each.value for source in draft.sources for each in source.value.expectations]
    bounds = {each.value.at_most for each in draft.metrics if each.value.at_most}
    return bounds.union(
        *(parse_formula(text).metrics for text in formulas),
        *(each.metrics for each in expectations),
    )
