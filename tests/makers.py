"""A small province to test with: its configuration as files, its source, and all that runs it."""

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from collector.clock import Clock, SimulatedClock
from collector.facts import Run
from collector.logs import logger
from collector.periods import instant_us
from collector.publish import Published
from collector.run import Ended, run_source
from collector.service import Engine, Front, build_engine
from collector.settings.load import load
from collector.settings.model import Settings
from collector.store.store import Store
from tests.source_server import Asked, Served, as_json

Tree = dict[str, Any]
# A Wednesday, 16:00 in the province.
NOW_US = instant_us(datetime(2024, 10, 16, 9, 0, tzinfo=UTC))
AGENCIES = ("so-tttt", "so-gtvt", "thanh-tra", "phu-yen", "moc-chau")


def named(vi: str, en: str) -> Tree:
    return {"vi": vi, "en": en}


def province() -> Tree:
    blocks = {"so-tttt": "provincial", "so-gtvt": "provincial", "thanh-tra": "provincial"}
    return {
        "province": {
            "id": "son-la",
            "name": named("Sơn La", "Son La"),
            "time_zone": "Asia/Ho_Chi_Minh",
        },
        "store": "sqlite:///var/test.db",
        "blocks": [
            {"id": "provincial", "name": named("Khối tỉnh", "Provincial")},
            {"id": "district", "name": named("Khối huyện", "Districts")},
        ],
        "agencies": [
            {
                "id": agency,
                "block": blocks.get(agency, "district"),
                "name": named(f"Cơ quan {agency}", agency),
                "codes": {"register": f"H{number}"},
            }
            for number, agency in enumerate(AGENCIES)
        ],
    }


def metrics() -> Tree:
    def total(vi: str, en: str, **more: Any) -> Tree:
        return {"kind": "period_total", "unit": "documents", "name": named(vi, en), **more}

    return {
        "metrics": {
            "sent": total("Văn bản đi", "Sent", range=[0, 1_000_000], max_fall=0.1),
            "signed": total("Văn bản ký số", "Signed", at_most="sent"),
            "spots": {
                "kind": "gauge",
                "unit": "devices",
                "name": named("Điểm", "Spots"),
                "range": [0, 500],
                "stale_after": "2h",
            },
            "officer": {
                "kind": "state",
                "name": named("Cán bộ", "Officer"),
                "values": {"Chưa có": 0, "Cấp phó": 0.5, "Cấp trưởng": 1},
            },
        }
    }


def source(url: str, **more: Any) -> Tree:
    """One source with a request about the year and one about the moment."""
    agency = {"code": "code", "system": "register"}
    return {
        "connector": "http_json",
        "name": named("Nguồn", "Source"),
        "owner": "Văn phòng",
        "schedule": {"every": "15m"},
        "freshness": {"late_after": "45m", "stale_after": "3d"},
        "base_url": url,
        "allow": ["base_url"],
        "limits": {"attempts": 1, "total_s": 20, "read_s": 20},
        "requests": [
            {
                "path": "/totals",
                "query": {"tu": "{window.start:%d/%m/%Y}"},
                "window": {"period": "year"},
                "pages": {"type": "single", "total": "total"},
                "records": "rows",
                "data_at": "at || null",
                "agency": agency,
                "metrics": {"sent": {"path": "sent"}, "signed": {"path": "signed"}},
            },
            {
                "path": "/now",
                "records": "rows",
                "data_at": "at || null",
                "agency": agency,
                "metrics": {"spots": {"path": "spots"}, "officer": {"path": "officer"}},
            },
        ],
        **more,
    }


def indicators() -> Tree:
    return {
        "set": {
            "id": "test-2024",
            "name": named("Bộ 2024", "Set of 2024"),
            "effective": {"from": "2024-01-01"},
            "period": "year",
            "missing": "zero",
            "province": "mean_of_blocks",
        },
        "bands": [
            {"id": "tot", "name": named("Tốt", "Good"), "from": 80},
            {"id": "yeu", "name": named("Yếu", "Weak"), "from": 0},
        ],
        "groups": [
            {
                "id": "documents",
                "name": named("Văn bản", "Documents"),
                "indicators": [
                    {
                        "id": "signed-ratio",
                        "name": named("Tỷ lệ ký số", "Signed"),
                        "value": "signed / sent",
                        "when_zero": "not_applicable",
                        "unit": "ratio",
                        "points": {"max": 10, "rule": "to_target", "target": 1},
                    },
                    {
                        "id": "spots-up",
                        "name": named("Điểm Wi-Fi", "Spots"),
                        "value": "spots",
                        "unit": "devices",
                        "points": {"max": 5, "rule": "to_target", "target": 10},
                    },
                    {
                        "id": "officer-there",
                        "name": named("Có cán bộ", "Officer"),
                        "value": "officer",
                        "unit": "state",
                        "points": {"max": 5, "rule": "yes_no"},
                    },
                ],
            }
        ],
    }


@dataclass
class Draft:
    """The files of a configuration as trees, to be changed before they are written."""

    province: Tree = field(default_factory=province)
    metrics: Tree = field(default_factory=metrics)
    sources: dict[str, Tree] = field(default_factory=dict)
    indicators: Tree = field(default_factory=indicators)

    def agency(self, agency_id: str) -> Tree:
        found: Tree = next(one for one in self.province["agencies"] if one["id"] == agency_id)
        return found

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        files = {
            "province.yaml": self.province,
            "metrics.yaml": self.metrics,
            "sources.yaml": {"sources": self.sources},
            "indicators-2024.yaml": self.indicators,
        }
        for name, tree in files.items():
            with (folder / name).open("wb") as file:
                yaml = YAML(typ="safe")
                yaml.representer.ignore_aliases = lambda _: True
                yaml.dump(deepcopy(tree), file)
        return folder

    def settings(self, folder: Path) -> Settings:
        return load(self.write(folder), environ={})


def drafted(url: str, **more: Any) -> Draft:
    """The small province with its one source, `counts`, at that address."""
    return Draft(sources={"counts": source(url, **more)})


def row(agency: str, **values: Any) -> Tree:
    """A row of the source, under the agency's code in it."""
    return {"code": f"H{AGENCIES.index(agency)}", **values}


@dataclass
class Counts:
    """What the source says: a row an agency, changed by the test between pulls."""

    totals: list[Tree] = field(
        default_factory=lambda: [row(one, sent=1000, signed=800) for one in AGENCIES]
    )
    now: list[Tree] = field(
        default_factory=lambda: [row(one, spots=8, officer="Cấp trưởng") for one in AGENCIES]
    )
    declared: int | None = None

    def __call__(self, asked: Asked) -> Served:
        if asked.path != "/totals":
            return as_json({"rows": self.now})
        total = len(self.totals) if self.declared is None else self.declared
        return as_json({"rows": self.totals, "total": total})

    def say(self, agency: str, **values: Any) -> None:
        """Change what stands of an agency, in whichever answer has it."""
        for rows in (self.totals, self.now):
            for one in rows:
                if one["code"] == row(agency)["code"]:
                    one.update({key: text for key, text in values.items() if key in one})

    def leave_out(self, agency: str) -> None:
        code = row(agency)["code"]
        self.totals = [one for one in self.totals if one["code"] != code]
        self.now = [one for one in self.now if one["code"] != code]


@dataclass(frozen=True)
class Rig:
    """An engine over an open store, its front, its clock, and the lines it logged."""

    settings: Settings
    store: Store
    clock: Clock
    front: Front
    engine: Engine
    lines: io.StringIO

    @property
    def published(self) -> Published:
        return self.engine.desk.publisher.published

    def pull(self, source_id: str = "counts", due_us: int | None = None) -> Ended:
        due = self.clock.now_us() if due_us is None else due_us
        return run_source(self.settings.sources[source_id], due, desk=self.engine.desk).result()

    def publish(self, *runs: Run) -> Published:
        return self.engine.desk.publisher.publish(runs)

    def move(self, step_us: int) -> None:
        assert isinstance(self.clock, SimulatedClock)
        self.clock.move_to(self.clock.now_us() + step_us)

    def logged(self) -> list[Tree]:
        return [json.loads(line) for line in self.lines.getvalue().splitlines()]

    def metrics(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """/metrics as a scraper reads it: the value of each sample by name and labels."""
        text = generate_latest(self.front.registry).decode()
        return {
            (one.name, frozenset(one.labels.items())): one.value
            for family in text_string_to_metric_families(text)
            for one in family.samples
        }

    def body(self, subject: str) -> Tree:
        found: Tree = json.loads(self.published.bodies["test-2024", subject])
        return found

    def status(self, agency: str, indicator: str) -> str:
        return str(self.body(f"agency/{agency}/{indicator}")["status"])

    def readings(self) -> dict[tuple[str, str], str]:
        """The values known, by metric and agency, whatever their period."""
        known = self.published.known.readings
        return {(one.metric, one.agency): str(fact.value) for one, fact in known.items()}


@contextmanager
def rigged(
    settings: Settings,
    url: str,
    *,
    clock: Clock | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Rig]:
    """All of a service but its schedule and its port; its first scoreboard stands."""
    lines, moved = io.StringIO(), clock or SimulatedClock(NOW_US)
    store = Store.open(url)
    log, flag = logger(lines, "json"), stop or threading.Event()
    front = Front(settings, store, log)
    engine = build_engine(settings, store, moved, log, flag, front.meters)
    front.show(engine)
    try:
        yield Rig(settings, store, moved, front, engine, lines)
    finally:
        engine.close()
        store.close()


def with_source(settings: Settings, source_id: str = "counts", **changes: Any) -> Settings:
    """The settings with one source changed."""
    changed = replace(settings.sources[source_id], **changes)
    return replace(settings, sources={**settings.sources, source_id: changed})


def label(**labels: str) -> frozenset[tuple[str, str]]:
    return frozenset(labels.items())


Saying = Callable[[Asked], Served]


def by_path(answers: Mapping[str, Saying]) -> Saying:
    """Different answers at different first parts of the path: `/a/totals` goes to `a`."""

    def answer(asked: Asked) -> Served:
        _, first, rest = asked.path.split("/", 2)
        return answers[first](replace(asked, path=f"/{rest}"))

    return answer
