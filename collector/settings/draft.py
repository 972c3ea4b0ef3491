"""The files part by part: what passed its model stands here, beside what is wrong with the rest."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel

from collector.settings.findings import Finding, hint
from collector.settings.part import Located, Part, shaped
from collector.settings.read import Document, Tree
from collector.settings.set_shape import BandShape, GroupShape, IndicatorShape, SetFile, SetShape
from collector.settings.shape import (
    AgencyShape,
    BlockShape,
    MetricsFile,
    MetricShape,
    ProvinceFile,
    ProvinceShape,
    SourcesFile,
    SourceShape,
)
from connectors.base import Connector
from scoring.formula import Comparison, FormulaError, parse_comparisons

ModelT = TypeVar("ModelT", bound=BaseModel)
ConnectorClasses = Mapping[str, type[Connector]]

_AGENCIES = re.compile(r"agencies\s*>=\s*(\d{1,3}(?:\.\d{1,6})?)\s*%")
_COMMON = frozenset(SourceShape.model_fields)


@dataclass(frozen=True, slots=True)
class Files:
    """What could be read of the configuration's files."""

    province: Document | None
    metrics: Document | None
    sources: Document | None
    sets: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a file declares, the faulty ones too; where it is unreadable, any name."""

    names: frozenset[str] | None

    def lacks(self, name: str) -> bool:
        return self.names is not None and name not in self.names

    def hint(self, name: str) -> str:
        return hint(name, self.names or ())


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """A source: the keys that all have, its connector's own, and what its rows must meet."""

    shape: SourceShape
    connector: Connector
    expectations: tuple[Located[Comparison], ...]
    agencies_min: Decimal | None


@dataclass(frozen=True, slots=True)
class SetDraft:
    part: Part
    shape: Located[SetShape] | None
    bands: tuple[Located[BandShape], ...]
    groups: tuple[Located[GroupShape], ...]
    indicators: tuple[Located[IndicatorShape], ...]
    bands_whole: bool  # every one passed its model
    indicators_whole: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """All parts that passed their models, and the names that all parts declare."""

    store: str
    province: Located[ProvinceShape] | None
    blocks: tuple[Located[BlockShape], ...]
    agencies: tuple[Located[AgencyShape], ...]
    metrics: tuple[Located[MetricShape], ...]
    sources: tuple[Located[SourceDraft], ...]
    sets: tuple[SetDraft, ...]
    known_blocks: Known
    known_agencies: Known
    known_metrics: Known
    environ: Mapping[str, str]
    # Whether all passed, so that what is not there is not meant either.
    agencies_whole: bool
    sources_whole: bool
    whole: bool


def draft(
    files: Files, connectors: ConnectorClasses, environ: Mapping[str, str]
) -> tuple[Draft, list[Finding]]:
    """Each part by its model; the findings are of parts alone, not of how they agree."""
    desk = _Desk(connectors)
    head = desk.shape(ProvinceFile, Part(files.province)) if files.province else None
    blocks = desk.shapes(BlockShape, _listed(files.province, "blocks"))
    agencies = desk.shapes(AgencyShape, _listed(files.province, "agencies"))
    metrics, sources = desk.metrics(files.metrics), desk.sources(files.sources)
    sets = tuple(desk.set(document) for document in files.sets)
    parts = Draft(
        store=environ.get("CHISO_STORE") or (head.value.store if head else ""),
        province=desk.shape(ProvinceShape, head.part.into("province")) if head else None,
        blocks=blocks,
        agencies=agencies,
        metrics=metrics,
        sources=sources,
        sets=sets,
        known_blocks=_ids(files.province, "blocks"),
        known_agencies=_ids(files.province, "agencies"),
        known_metrics=_keys(files.metrics, "metrics"),
        environ=environ,
        agencies_whole=bool(head) and len(agencies) == len(_listed(files.province, "agencies")),
        sources_whole=bool(files.sources) and len(sources) == len(_keyed(files.sources, "sources")),
        whole=not desk.findings and all([files.province, files.metrics, files.sources]),
    )
    return parts, desk.findings


def draft_set(document: Document) -> tuple[SetDraft, list[Finding]]:
    """One set's file alone, by the models of its parts."""
    desk = _Desk({})
    return desk.set(document), desk.findings


@dataclass
class _Desk:
    """Gathers the findings while the parts go by."""

    connectors: ConnectorClasses
    findings: list[Finding] = field(default_factory=list)

    def shape(self, model: type[ModelT], part: Part) -> Located[ModelT] | None:
        value, findings = shaped(model, part, part.data)
        self.findings += findings
        return None if value is None else Located(value, part)

    def shapes(self, model: type[ModelT], parts: list[Part]) -> tuple[Located[ModelT], ...]:
        located = [self.shape(model, part) for part in parts]
        return tuple(each for each in located if each)

    def metrics(self, document: Document | None) -> tuple[Located[MetricShape], ...]:
        if document:
            self.shape(MetricsFile, Part(document))
        return self.shapes(MetricShape, _keyed(document, "metrics"))

    def set(self, document: Document) -> SetDraft:
        part = Part(document)
        head = self.shape(SetFile, part)
        groups = _listed(document, "groups")
        lists = [group.into("indicators") for group in groups]
        indicators = [
            each for part in lists if isinstance(part.data, list) for each in part.items()
        ]
        bands = _listed(document, "bands")
        shaped_bands = self.shapes(BandShape, bands)
        shaped_indicators = self.shapes(IndicatorShape, indicators)
        return SetDraft(
            part=part,
            shape=self.shape(SetShape, part.into("set")) if head else None,
            bands=shaped_bands,
            groups=self.shapes(GroupShape, groups),
            indicators=shaped_indicators,
            bands_whole=len(shaped_bands) == len(bands),
            indicators_whole=len(shaped_indicators) == len(indicators),
        )

    def sources(self, document: Document | None) -> tuple[Located[SourceDraft], ...]:
        if document:
            self.shape(SourcesFile, Part(document))
        drafts = [(part, self._source(part)) for part in _keyed(document, "sources")]
        return tuple(Located(value, part) for part, value in drafts if value)

    def _source(self, part: Part) -> SourceDraft | None:
        data = part.data
        if not isinstance(data, dict):
            self.findings.append(part.error("should be a mapping"))
            return None
        if "use" in data:
            return None
        common = {key: value for key, value in data.items() if key in _COMMON}
        shape, findings = shaped(SourceShape, part, common)
        self.findings += findings
        connector = self._connector(part, data)
        if not shape or not connector:
            return None
        agencies_min, expectations = self._expectations(_expected(part, shape, connector))
        return SourceDraft(shape, connector, expectations, agencies_min)

    def _connector(self, part: Part, data: dict[str, Tree]) -> Connector | None:
        name = data.get("connector")
        if not isinstance(name, str):
            return None
        if name not in self.connectors:
            problem = f"no such connector{hint(name, self.connectors)}"
            self.findings.append(part.error(problem, "connector"))
            return None
        own = {key: _plain(value) for key, value in data.items() if key not in _COMMON}
        connector, findings = shaped(self.connectors[name], part, own, more_keys=_COMMON)
        self.findings += findings
        return connector

    def _expectations(
        self, texts: Iterator[Located[str]]
    ) -> tuple[Decimal | None, tuple[Located[Comparison], ...]]:
        """`agencies >= 90 %` is about a run; everything else is about its rows."""
        shares: list[Decimal] = []
        rows: list[Located[Comparison]] = []
        for text in texts:
            try:
                said = _expectation(text.value)
            except FormulaError as error:
                self.findings.append(text.part.error(str(error)))
                continue
            if isinstance(said, Decimal):
                shares.append(said)
            else:
                rows += [Located(each, text.part) for each in said]
        return max(shares, default=None), tuple(rows)


def _expectation(text: str) -> Decimal | tuple[Comparison, ...]:
    if match := _AGENCIES.fullmatch(text.strip()):
        share = Decimal(match[1]) / 100
        if share > 1:
            raise FormulaError("there are no more than 100 % of the agencies")
        return share
    comparisons = parse_comparisons(text)
    if any("agencies" in comparison.metrics for comparison in comparisons):
        raise FormulaError("agencies are counted as a share: `agencies >= 90 %`")
    return comparisons


def _expected(part: Part, shape: SourceShape, connector: Connector) -> Iterator[Located[str]]:
    for index, text in enumerate(shape.expect):
        yield Located(text, part.into("expect", index))
    for text in connector.expectations():
        yield Located(text, _where(part, text))


def _where(part: Part, text: str) -> Part:
    """The item of an `expect` anywhere below that says so."""
    for path in part.document.places:
        here = Part(part.document, path)
        if path[: len(part.steps)] == part.steps and "expect" in path and here.data == text:
            return here
    return part


def _plain(tree: Tree) -> Any:
    """Connectors get floats: what they are told is seconds and factors, never counts."""
    if isinstance(tree, dict):
        return {key: _plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_plain(value) for value in tree]
    return float(tree) if isinstance(tree, Decimal) else tree


def _listed(document: Document | None, key: str) -> list[Part]:
    """The items of a list; what is no list has its finding from the file's model."""
    part = Part(document, (key,)) if document else None
    return list(part.items()) if part and isinstance(part.data, list) else []


def _keyed(document: Document | None, key: str) -> list[Part]:
    part = Part(document, (key,)) if document else None
    return list(part.items()) if part and isinstance(part.data, dict) else []


def _ids(document: Document | None, key: str) -> Known:
    if not document or not isinstance(document.data.get(key), list):
        return Known(None)
    names = [part.into("id").data for part in _listed(document, key)]
    return Known(frozenset(name for name in names if isinstance(name, str)))


def _keys(document: Document | None, key: str) -> Known:
    names = document.data.get(key) if document else None
    return Known(frozenset(names) if isinstance(names, dict) else None)
