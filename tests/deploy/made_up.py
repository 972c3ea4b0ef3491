"""A page with every family that chiso exposes, with made-up series: for tests without a service."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from collector.exposition import FAMILIES, Labels
from collector.facts import Run
from collector.meters import Meters
from collector.sources import STATES

Entity = dict[str, str]
AGENCIES: list[Entity] = [
    {"agency": "so-a", "block": "provincial", "name": "Sở A"},
    {"agency": "huyen-b", "block": "district", "name": "Huyện B"},
]
INDICATORS: list[Entity] = [
    {"indicator": "documents-signed", "group": "so", "unit": "ratio", "name": "Ký số"},
    {"indicator": "meetings", "group": "so", "unit": "meetings", "name": "Phiên họp"},
]
SOURCES: list[Entity] = [{"source": "wifi"}, {"source": "portal"}]
# What each series has one of, where its family has the label.
ONE: Entity = {
    "set": "tinh-2024",
    "digest": "sha256:0",
    "version": "0",
    "status": "ok",
    "band": "kha",
}


@contextmanager
def made_up_page() -> Iterator[str]:
    """The URL of a server whose /metrics is the made-up page."""
    server, thread = start_http_server(0, addr="127.0.0.1", registry=_registry())
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page_text() -> str:
    return generate_latest(_registry()).decode()


def series_names() -> set[str]:
    """Every name that a query can ask for."""
    return {sample.name for family in _registry().collect() for sample in family.samples}


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    names = [one["source"] for one in SOURCES]
    meters = Meters(registry, names)
    for name in names:
        meters.count(
            Run(name, due_us=0, began_us=1, ended_us=2, outcome="ok"), duration_s=1, retries=0
        )
    registry.register(_MadeUp())
    return registry


class _MadeUp(Collector):
    def collect(self) -> Iterator[Metric]:
        for name, (text, labels) in FAMILIES.items():
            family = GaugeMetricFamily(name, text, labels=labels)
            for values in _label_values(labels):
                family.add_metric(values, _value(name, values))
            yield family


def _label_values(labels: Labels) -> list[Labels]:
    """Each distinct combination of the entities that the labels speak of."""
    states: list[Entity] = [{"dti_source_state": state} for state in STATES]
    kinds = [AGENCIES, INDICATORS, SOURCES, states]
    rows = [ONE]
    for kind in kinds:
        if _speaks_of(labels, kind):
            rows = [{**row, **one} for row in rows for one in kind]
    return list(dict.fromkeys(tuple(row[label] for label in labels) for row in rows))


def _speaks_of(labels: Labels, kind: list[Entity]) -> bool:
    """By the kind's first label; blocks are those of the agencies."""
    return next(iter(kind[0])) in labels or (kind is AGENCIES and "block" in labels)


def _value(name: str, values: Labels) -> float:
    if name == "dti_source_state":
        return float(values[-1] == "fresh")
    return time.time() if name.endswith("_timestamp_seconds") else 0.5
