"""The shapes of the API's documents, for the OpenAPI; the documents themselves come from elsewhere.

A test holds the two together: every document must fit its model, which allows no other key.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from collector.facts import Outcome
from collector.sources import SourceState
from connectors.base import PeriodKind, Reason, RefusalReason
from scoring.model import Status


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class NameText(Shape):
    vi: str
    en: str


class SetHead(Shape):
    id: str
    digest: str
    scale: float


class PeriodHead(Shape):
    kind: PeriodKind
    id: str
    from_: str = Field(alias="from", description="First local day.")
    until: str = Field(description="The local day after the last.")


class Province(Shape):
    id: str
    score: float | None
    low: float | None
    high: float | None
    band: str | None


class Block(Shape):
    id: str
    name: NameText
    score: float | None
    low: float | None
    high: float | None
    band: str | None
    agencies_scored: int


class Agency(Shape):
    id: str
    block: str
    name: NameText
    score: float | None
    low: float | None
    high: float | None
    rank: int | None = Field(description="Inside the block; equal scores share the better one.")
    rank_best: int | None
    rank_worst: int | None
    rank_certain: bool = Field(
        description="It has a rank, and nothing that could still come would change it."
    )
    band: str | None
    coverage: float | None = Field(description="Share of points whose inputs are known, 0 to 1.")
    change: float | None = Field(description="Against the last scoreboard of the day before.")


class ProvinceIndicator(Shape):
    id: str
    value: float | None = Field(description="A ratio of sums over the agencies; 0 to 1.")
    target: float | None = Field(
        description="Where all agencies that have the duty share one; else null."
    )
    unit: str
    agencies_counted: int


class Moment(Shape):
    indicator: str
    block: str
    data_at: str | None = Field(description="Null where there is none, and it is left out.")


class ScoreboardDocument(Shape):
    """One set's complete, numbered, immutable result; of the level ranking with its moments."""

    number: int
    published_at: str
    data_at: str | None
    set: SetHead
    period: PeriodHead
    province: Province
    blocks: list[Block]
    agencies: list[Agency]
    indicators: list[ProvinceIndicator]
    ranking: Literal["level"] | None = None
    moments: list[Moment] | None = None


class Input(Shape):
    metric: str
    value: float | None
    source: str | None
    owner: str | None
    data_at: str | None
    known_at: str | None
    run: int | None


class Indicator(Shape):
    id: str
    group: str
    name: NameText
    unit: str
    value: float | None
    target: float | None
    points: float | None
    points_low: float | None
    points_high: float | None
    points_max: float
    status: Status
    data_at: str | None
    known_at: str | None
    inputs: list[Input]


class Group(Shape):
    id: str
    name: NameText
    points: float | None
    points_max: float
    indicators: list[Indicator]


class AgencyDocument(Agency):
    """An agency's entry, with its indicators by group and the readings they came from."""

    number: int
    published_at: str
    data_at: str | None
    set: SetHead
    period: PeriodHead
    groups: list[Group]


class HistorySample(Shape):
    at: str | None = Field(description="Data time of the scoreboard.")
    known_at: str = Field(description="When the scoreboard was published.")
    value: float | None
    points: float | None
    status: Status | None


class HistoryDocument(Shape):
    """Every change of an indicator, or of the score where no indicator is named."""

    agency: str
    indicator: str | None
    unit: str
    samples: list[HistorySample]


class RunEntry(Shape):
    id: int
    due_at: str
    began_at: str
    ended_at: str
    outcome: Outcome
    reason: Reason | None
    message: str | None
    received: int
    declared: int | None
    admitted: int
    refused: int


class RefusalEntry(Shape):
    run: int
    reason: RefusalReason
    where: str
    got: str
    metric: str | None
    agency: str | None


class SourceEntry(Shape):
    id: str
    name: NameText
    owner: str
    state: SourceState
    up: bool
    data_at: str | None = Field(description="Of the oldest of its metrics.")
    last_attempt_at: str | None
    last_success_at: str | None
    next_due_at: str | None
    waiting: list[int] = Field(
        description="Of its last runs those that `chiso accept` could take, newest first."
    )
    runs: list[RunEntry] = Field(description="Newest first.")
    refusals: list[RefusalEntry] = Field(description="Of the newest run that refused anything.")


class SourcesDocument(Shape):
    """How every source stands, in the order of the configuration."""

    at: str
    sources: list[SourceEntry]


Lang = Literal["vi", "en"]
