"""A site to look at: a year of made-up runs of the shipped province in a real store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import structlog
from prometheus_client import CollectorRegistry

from collector.clock import DAY_US, HOUR_US, MINUTE_US, SimulatedClock
from collector.documents import Document
from collector.exposition import Look, ScoreboardCollector
from collector.facts import Admitted, Refusal, Run, Series
from collector.insight.rescore import Task, rescore
from collector.meters import Meters
from collector.outlook import outlook
from collector.periods import instant_us, period_at
from collector.publish import Published, Publisher
from collector.settings.load import load, load_set
from collector.settings.model import Metric, Settings, Source
from collector.store.store import Store
from collector.web.app import create_app
from collector.web.server import Server
from collector.web.site import Site
from connectors.base import Request

CONFIG = Path(__file__).parents[2] / "config"
BEGIN_US = instant_us(datetime(2024, 1, 1, 1, 0, tzinfo=UTC))
END_US = instant_us(datetime(2024, 12, 31, 9, 0, tzinfo=UTC))
HOSTILE = "=1+1<script>alert(1)</script>\x1b[31m\n"
NOTE = ("Số liệu minh họa, không có thật.", "Made-up figures.")


@dataclass
class World:
    """A site and the hands that move it."""

    site: Site
    clock: SimulatedClock
    publisher: Publisher
    logged: list[dict[str, object]] = field(default_factory=list)

    def published(self) -> Published:
        return self.publisher.published


@contextmanager
def world(
    folder: Path,
    config: str = "sonla",
    *,
    not_ready: str | None = None,
    published: Callable[[], Any] | None = None,
    note: tuple[str, str] | None = NOTE,
) -> Iterator[World]:
    """A site over an empty store: nothing is published yet."""
    settings = load(CONFIG / config, environ={})
    store = Store.open(f"sqlite:///{folder / 'chiso.db'}")
    clock = SimulatedClock(BEGIN_US)
    publisher = Publisher(settings, store, clock)
    logged: list[dict[str, object]] = []
    registry = CollectorRegistry(auto_describe=False)
    Meters(registry, settings.sources)
    look = Look(
        settings=settings,
        published=published or (lambda: publisher.published),
        next_due_us=lambda: dict.fromkeys(settings.sources, clock.now_us() + HOUR_US),
        store_bytes=store.bytes,
        now_us=clock.now_us,
    )
    registry.register(ScoreboardCollector(look))
    site = Site(
        settings=settings,
        store=store,
        registry=registry,
        published=look.published,
        next_due_us=look.next_due_us,
        now_us=clock.now_us,
        not_ready=lambda: not_ready,
        note=lambda: note,
        log=structlog.wrap_logger(
            structlog.testing.CapturingLogger(),
            processors=[lambda _log, _name, event: _keep(logged, dict(event))],
        ),
    )
    try:
        yield World(site, clock, publisher, logged)
    finally:
        store.close()


@contextmanager
def client_of(one: World) -> Iterator[httpx.Client]:
    """A client of a real server over the site."""
    server = Server(create_app(one.site), "127.0.0.1", 0)
    server.start()
    try:
        with httpx.Client(base_url=server.url, timeout=20, trust_env=False) as client:
            yield client
    finally:
        server.stop()


def live_a_year(one: World, steps: int = 27) -> None:
    """Runs of all sources, a fortnight apart, and one on the last day; a few of them go wrong.

    Wi-Fi falls silent in autumn, one agency's reports never come, one document count is refused,
    and the newest run of the portal fails.
    """
    settings = one.site.settings
    for step in range(steps):
        at_us = END_US - (steps - 1 - step) * 14 * DAY_US
        one.clock.move_to(at_us)
        share = (step + 1) / steps
        runs = [
            run_of(settings, source, at_us, share)
            for source in settings.sources.values()
            if source.id != "wifi" or step < steps - 6
        ]
        one.publisher.publish(runs)
    one.clock.move_to(END_US + 5 * MINUTE_US)
    one.publisher.publish([_failed(END_US + 4 * MINUTE_US)])
    one.clock.move_to(END_US + 12 * MINUTE_US)


def rescore_it(one: World, folder: Path) -> Document:
    """The year under a set in which one target is lower; kept as rescoring 1."""
    shipped = (CONFIG / "sonla" / "indicators-2024.yaml").read_text(encoding="utf-8")
    lowered = shipped.replace("rule: to_target, target: 0.8}", "rule: to_target, target: 0.6}")
    assert lowered != shipped
    file = folder / "trial.yaml"
    file.write_text(lowered, encoding="utf-8")
    settings = one.site.settings
    spec = load_set(settings.folder, file, environ={})
    task = Task(spec, settings.sets[0].id, 0, 2**62)
    return rescore(settings, one.site.store, task, lambda *_: None, now_us=one.clock.now_us())


# A source that is not asked over HTTP.
READ = Request("READ", "reports/bao-cao.xlsx", None, 20_480, 0.012, rows=868)


def run_of(settings: Settings, source: Source, at_us: int, share: float) -> Run:
    """A good run: every agency that the source knows reports; `share` of the year is past."""
    facts = tuple(_facts(settings, source, at_us, share))
    refusals: tuple[Refusal, ...] = ()
    if source.id == "documents":
        refusals = (
            Refusal("range", "du_lieu.don_vi[3].van_ban_di", "1250000", facts[6].series),
            Refusal("unknown_agency", "du_lieu.don_vi[9]", HOSTILE),
        )
    return Run(
        source=source.id,
        due_us=at_us - MINUTE_US,
        began_us=at_us - MINUTE_US,
        ended_us=at_us,
        outcome="ok",
        received=len(facts) + len(refusals),
        declared=len(facts) + len(refusals),
        admitted=facts,
        refusals=refusals,
        requests=(READ,) if source.id == "reports" else (),
    )


def _facts(settings: Settings, source: Source, at_us: int, share: float) -> Iterator[Admitted]:
    plan = outlook(settings, at_us).plans[0]
    for row, agency in enumerate(plan.roster.agencies):
        if source.id == "reports" and agency == "so-ngoai-vu":
            continue
        for metric, feed in zip(plan.metrics, plan.feeds[row], strict=True):
            if feed == source.id:
                period = period_at("year", at_us, settings.zone).id
                series = Series(metric.id, agency, period if metric.kind == "period_total" else "")
                value = _value(settings, metric, row, share)
                yield Admitted(series, value, at_us - 10 * MINUTE_US)


def _value(settings: Settings, metric: Metric, row: int, share: float) -> Decimal:
    """Better agencies stand first; all grow over the year."""
    quality = max(0.35, min(1.0, 1.02 - 0.028 * (row % 20) + 0.004 * (len(metric.id) % 7)))
    grown = quality * (0.72 + 0.28 * share)
    if metric.values is not None:
        return max(value for value in metric.values.values() if float(value) <= grown + 0.2)
    if metric.at_most is not None:
        return Decimal(
            int(
                _value(settings, settings.metrics[metric.at_most], row, share)
                * Decimal(str(round(min(1.0, grown), 4)))
            )
        )
    if metric.unit == "points":
        return Decimal(str(round(float(metric.high or 100) * grown * 0.95, 2)))
    base = {"steering_meetings": 5, "news_items": 60}.get(metric.id, 40 + 97 * (row % 7 + 1))
    return Decimal(int(base * (share if metric.kind == "period_total" else 1)))


def _failed(at_us: int) -> Run:
    return Run(
        source="portal",
        due_us=at_us - MINUTE_US,
        began_us=at_us - MINUTE_US,
        ended_us=at_us,
        outcome="failed",
        error_reason="content",
        message="the answer is HTML, not JSON",
    )


def _keep(kept: list[dict[str, object]], event: dict[str, object]) -> str:
    kept.append(event)
    return ""
