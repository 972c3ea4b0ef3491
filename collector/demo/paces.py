"""The demo's two paces: a year pulled daily, and its last day live, every source each few seconds.

Schedules are replaced, ages of freshness scaled with them, and `frozen_after` is left out: the
synthetic counts stand still for days.
"""

from dataclasses import replace

from collector.clock import DAY_US, HOUR_US, SECOND_US
from collector.settings.model import Freshness, Schedule, Settings, Source
from connectors.http import HttpConnector

YEAR_EVERY_US = DAY_US
LIVE_EVERY_US = 5 * SECOND_US


def at_year_pace(settings: Settings) -> Settings:
    paced = _paced(settings, YEAR_EVERY_US, Freshness(30 * HOUR_US, 3 * DAY_US))
    return replace(paced, sources={one.id: _hurried(one) for one in paced.sources.values()})


def at_live_pace(settings: Settings) -> Settings:
    return _paced(settings, LIVE_EVERY_US, Freshness(20 * SECOND_US, 120 * SECOND_US))


def _paced(settings: Settings, every_us: int, freshness: Freshness) -> Settings:
    sources = {
        source.id: replace(
            source, schedule=Schedule(every_us=every_us), freshness=_freshness(source, freshness)
        )
        for source in settings.sources.values()
    }
    metrics = {
        metric.id: replace(metric, stale_after_us=None) for metric in settings.metrics.values()
    }
    return replace(settings, sources=sources, metrics=metrics)


def _hurried(source: Source) -> Source:
    """Back-off is real time, of which a simulated day has none: try again at once."""
    connector = source.connector
    if not isinstance(connector, HttpConnector):
        return source
    limits = connector.limits.model_copy(update={"wait_s": 0.0})
    return replace(source, connector=connector.model_copy(update={"limits": limits}))


def _freshness(source: Source, scaled: Freshness) -> Freshness:
    """Reports have the date that their author wrote: pulling more often makes them no younger."""
    if source.connector_name == "sheet":
        return replace(source.freshness, frozen_after=None)
    return scaled
