"""The shape of what would be, for the OpenAPI."""

from pydantic import Field

from collector.web.api.models import NameText, SetHead, Shape
from scoring.model import Status


class ReadingAsked(Shape):
    metric: str
    before: float | None
    after: float


class Standing(Shape):
    score: float | None
    low: float | None
    high: float | None
    rank: int | None
    rank_best: int | None
    rank_worst: int | None
    band: str | None
    coverage: float | None


class CellFigures(Shape):
    value: float | None
    points: float | None
    points_max: float
    status: Status


class IndicatorMoved(Shape):
    id: str
    name: NameText
    before: CellFigures | None = Field(description="Null where only the other set has it.")
    after: CellFigures | None


class RankFigures(Shape):
    score: float | None
    rank: int | None


class AgencyMoved(Shape):
    id: str
    block: str
    name: NameText
    before: RankFigures | None
    after: RankFigures | None


class WholeFigures(Shape):
    score: float | None
    band: str | None


class WholeMoved(Shape):
    id: str
    name: NameText
    before: WholeFigures | None
    after: WholeFigures | None


class WhatIfDocument(Shape):
    """A scoreboard as it is, and as it would be with an agency's other readings, or another set."""

    agency: str
    number: int
    published_at: str
    live: SetHead
    set: SetHead = Field(description="That it is scored by; mostly the live one.")
    readings: list[ReadingAsked]
    before: Standing | None
    after: Standing | None
    indicators: list[IndicatorMoved] = Field(description="Those of the agency that change.")
    others: list[AgencyMoved] = Field(description="Whose rank becomes another.")
    blocks: list[WholeMoved]
    province: WholeMoved
