"""A small valid configuration in a folder of its own, and ways to spoil it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from collector.settings.load import inspect, load
from collector.settings.model import Settings
from connectors.base import Answer, Ask, Connector, Model, PeriodKind, SourceError
from connectors.secret import Secret

PROVINCE = """\
province:
  id: son-la
  name: {vi: Sơn La, en: Son La}
  time_zone: Asia/Ho_Chi_Minh
  working_hours: "Mon-Fri 07:30-17:00"
  holidays: [2024-02-08/2024-02-15, 2024-09-02]
store: {env: TEST_STORE, default: "sqlite:///var/test.db"}
blocks:
  - {id: provincial, name: {vi: Khối tỉnh, en: Provincial}}
  - {id: district, name: {vi: Khối huyện, en: Districts}}
agencies:
  - id: so-tttt
    block: provincial
    name: {vi: Sở TTTT, en: Information}
    codes: {register: H52.01}
    until: 2025-03-01
    successors: [so-khcn]
    inherits: sum
  - id: so-khcn
    block: provincial
    name: {vi: Sở KHCN, en: Science}
    from: 2025-03-01
    codes:
      register:
        - {code: H52.02, until: 2026-01-01}
        - {code: 5203, from: 2026-01-01}
  - {id: phu-yen, block: district, name: {vi: Phù Yên, en: Phu Yen}}
"""
METRICS = """\
metrics:
  documents_sent:
    kind: period_total
    unit: documents
    name: {vi: Đi, en: Sent}
    range: [0, 5000000.50]
    max_fall: 10 %
  documents_signed:
    {kind: period_total, unit: documents, name: {vi: Ký, en: Signed}, at_most: documents_sent}
  hotspots:
    kind: gauge
    unit: devices
    name: {vi: Điểm, en: Spots}
    range: [1, 500]
    stale_after: 2h
  officer:
    kind: state
    name: {vi: Cán bộ, en: Officer}
    values: {none: 0, deputy: 0.5, true: 1}
"""
SOURCES = """\
sources:
  documents:
    connector: register
    name: {vi: Văn bản, en: Documents}
    owner: Văn phòng
    schedule: {every: 15m}
    freshness: {late_after: 45m, stale_after: 3d, frozen_after: 200}
    url: {env: DOCUMENTS_URL, default: https://documents.example}
    token: {env: DOCUMENTS_TOKEN}
    period: year
    agency: {system: register}
    metrics:
      documents_sent: {path: sent}
      documents_signed: {path: signed}
    expect: ["documents_signed <= documents_sent", "agencies >= 90 %"]
  radio:
    connector: register
    name: {vi: Mạng, en: Network}
    owner: Sở TTTT
    schedule: {cron: "30 6 * * *"}
    freshness: {late_after: 1d, stale_after: 3d}
    url: https://radio.example
    sites: {north: phu-yen}
    metrics:
      hotspots: {path: up, factor: 0.5}
      officer: {path: who}
    priority: 2
    absent: zero
    max_refused: 0.25
    close_after: 30d
"""
INDICATORS = """\
set:
  id: test-2024
  name: {vi: Bộ 2024, en: Set of 2024}
  effective: {from: 2024-01-01, until: 2025-01-01}
  period: year
  scale: 100
  digits: 2
  missing: zero
  min_coverage: 25 %
  province: mean_of_blocks
bands:
  - {id: tot, name: {vi: Tốt, en: Good}, from: 85}
  - {id: yeu, name: {vi: Yếu, en: Weak}, from: 0}
groups:
  - id: documents
    name: {vi: Văn bản, en: Documents}
    indicators:
      - id: signed
        name: {vi: Ký số, en: Signed}
        value: documents_signed / documents_sent
        when_zero: not_applicable
        unit: ratio
        points:
          max: 91
          rule: to_target
          target: {default: 0.97, agencies: {so-tttt: 0.99}, periods: {2025: 0.98}}
        applies_to: {blocks: [provincial], agencies: [phu-yen], except: [so-khcn]}
      - id: spots
        name: {vi: Điểm, en: Spots}
        value: hotspots
        unit: devices
        points: {max: 4, rule: steps, steps: [[10, 4], [5, 2.5]]}
  - id: people
    name: {vi: Người, en: People}
    indicators:
      - id: officer
        name: {vi: Cán bộ, en: Officer}
        value: officer
        unit: state
        points: {max: 5, rule: yes_no}
"""


class AgencyOption(Model):
    system: str


class FieldOption(Model):
    path: str
    factor: float = 1.0


class RequestOption(Model):
    expect: tuple[str, ...] = ()


class Register(Connector):
    """A connector with one option of each kind that the settings know of."""

    url: str
    token: Secret | None = None
    period: PeriodKind | None = None
    agency: AgencyOption | None = None
    sites: Mapping[str, str] = {}
    metrics: Mapping[str, FieldOption]
    body: Mapping[str, Any] = {}
    requests: tuple[RequestOption, ...] = ()

    @property
    def agency_system(self) -> str | None:
        return self.agency.system if self.agency else None

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return frozenset((metric, self.period) for metric in self.metrics)

    def agencies(self) -> frozenset[str]:
        return frozenset(self.sites.values())

    def expectations(self) -> tuple[str, ...]:
        return tuple(text for request in self.requests for text in request.expect)

    def observe(self, ask: Ask) -> Answer:
        raise SourceError("is never asked in these tests", reason="ours")


CONNECTORS: Mapping[str, type[Connector]] = {"register": Register}


class Mistake(NamedTuple):
    """`old` becomes `new`; the finding is of the line where `at` stands then, first of all."""

    file: str
    old: str
    new: str
    at: str
    key: str
    problem: str

    def __str__(self) -> str:
        return f"{self.key} {self.new}"


@dataclass
class Folder:
    """`config/here` below a temporary folder, with a place for presets beside it."""

    path: Path
    environ: dict[str, str] = field(default_factory=lambda: {"DOCUMENTS_TOKEN": "t"})

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands exactly once."""
        text = self.read(name)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def add(self, name: str, text: str) -> None:
        self.write(name, self.read(name) + text)

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.path / name).read_text(encoding="utf-8")

    def line(self, name: str, text: str) -> int:
        """The line in which that text stands first."""
        return self.read(name).partition(text)[0].count("\n") + 1

    def says(self) -> list[str]:
        """All findings; files are named from the configuration's parent on."""
        _, findings = inspect(self.path, self.environ, CONNECTORS)
        return [str(each).removeprefix(f"{self.path}/") for each in findings]

    def errors(self) -> list[str]:
        """The errors alone; where there is none there are settings, and nowhere else."""
        settings, findings = inspect(self.path, self.environ, CONNECTORS)
        errors = [str(each) for each in findings if each.severity == "error"]
        assert (settings is None) == bool(errors)
        return [each.removeprefix(f"{self.path}/") for each in errors]

    def expected(self, mistake: Mistake) -> str:
        """How the finding of a mistake begins."""
        line = self.line(mistake.file, mistake.at)
        return f"{mistake.file}:{line}: {mistake.key}: {mistake.problem}"

    def settings(self) -> Settings:
        return load(self.path, environ=self.environ, connectors=CONNECTORS)


def valid(parent: Path) -> Folder:
    """The configuration, without a finding."""
    folder = Folder(parent / "config" / "here")
    folder.path.mkdir(parents=True)
    folder.write("province.yaml", PROVINCE)
    folder.write("metrics.yaml", METRICS)
    folder.write("sources.yaml", SOURCES)
    folder.write("indicators-2024.yaml", INDICATORS)
    return folder
