"""What each part of the files may look like, each alone: one frozen model a shape."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from collector.periods import parse_period
from collector.settings.model import MetricKind
from collector.settings.scalars import (
    CodeText,
    Day,
    Days,
    DurationUs,
    Hours,
    Id,
    MetricId,
    Number,
    Share,
    Text,
)
from connectors.base import PeriodKind
from scoring.formula import parse_formula

DIGITS_MAX = 6
POINTS_MAX = Decimal(1_000_000)


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


class NameShape(Shape):
    vi: Text
    en: Text


class IntervalShape(Shape):
    """Half-open, in local days; no beginning is always, no end is for ever."""

    start: Day | None = Field(default=None, alias="from")
    until: Day | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.start and self.until and self.until <= self.start:
            raise ValueError(f"ends {self.until} before it begins {self.start}")
        return self


class ProvinceFile(Shape):
    province: Any
    store: Text = "sqlite:///var/chiso.db"
    blocks: list[Any]
    agencies: list[Any]


class ProvinceShape(Shape):
    id: Id
    name: NameShape
    time_zone: Text
    working_hours: Hours | None = None
    holidays: list[Days] = []


class BlockShape(Shape):
    id: Id
    name: NameShape


class CodeShape(IntervalShape):
    code: CodeText


def _codes(given: Any) -> Any:
    return given if isinstance(given, list) else [{"code": given}]


class AgencyShape(IntervalShape):
    id: Id
    block: Text
    name: NameShape
    codes: dict[Id, Annotated[list[CodeShape], BeforeValidator(_codes)]] = {}
    successors: list[Text] = []
    inherits: Literal["sum"] | None = None


class MetricsFile(Shape):
    metrics: dict[MetricId, Any]


class MetricShape(Shape):
    kind: MetricKind
    unit: Text | None = None
    name: NameShape
    range: tuple[Number, Number] | None = None
    at_most: Text | None = None
    max_fall: Share | None = None
    values: dict[str, Number] | None = Field(default=None, min_length=1)
    stale_after: DurationUs | None = None

    @field_validator("range")
    @classmethod
    def _upwards(cls, ends: tuple[Decimal, Decimal] | None) -> tuple[Decimal, Decimal] | None:
        if ends and ends[0] > ends[1]:
            raise ValueError(f"begins at {ends[0]:f}, above its end {ends[1]:f}")
        return ends

    @model_validator(mode="after")
    def _kinds(self) -> Self:
        if self.kind == "state" and self.values is None:
            raise ValueError("a state needs `values`: its names and the number of each")
        if self.kind != "state" and self.values is not None:
            raise ValueError(f"`values` belong to a state, not to a {self.kind}")
        if self.kind != "state" and self.unit is None:
            raise ValueError(f"a {self.kind} needs a `unit`")
        return self


class SourcesFile(Shape):
    sources: dict[Id, Any]


class ScheduleShape(Shape):
    every: DurationUs | None = None
    cron: Text | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.every is None) == (self.cron is None):
            raise ValueError("needs one of `every` and `cron`")
        return self


class FreshnessShape(Shape):
    late_after: DurationUs
    stale_after: DurationUs
    frozen_after: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _late_before_stale(self) -> Self:
        if self.stale_after < self.late_after:
            raise ValueError("is stale before it is late")
        return self


class SourceShape(Shape):
    """What every source has, whatever its connector; the other keys are the connector's own."""

    connector: Text
    name: NameShape
    owner: Text
    schedule: ScheduleShape
    freshness: FreshnessShape
    priority: int = 0
    absent: Literal["missing", "zero", "hold"] = "missing"
    max_refused: Share = Decimal("0.2")
    close_after: DurationUs | None = None
    expect: list[Text] = []


class SetFile(Shape):
    set: Any
    bands: list[Any]
    groups: list[Any]


class EffectiveShape(IntervalShape):
    start: Day = Field(alias="from")


class SetShape(Shape):
    id: Id
    name: NameShape
    effective: EffectiveShape
    period: PeriodKind
    scale: Number = Field(default=Decimal(100), gt=0)
    digits: int = Field(default=2, ge=0, le=DIGITS_MAX)
    missing: Literal["zero", "exclude"]
    min_coverage: Share = Decimal(0)
    province: Literal["mean_of_blocks", "mean_of_agencies"]


class BandShape(Shape):
    id: Id
    name: NameShape
    start: Number = Field(alias="from", ge=0)


class GroupShape(Shape):
    id: Id
    name: NameShape
    indicators: list[Any]


def _target(given: Any) -> Any:
    return given if isinstance(given, Mapping) else {"default": given}


def _period(text: str) -> str:
    return parse_period(text).id


Goal = Annotated[Number, Field(gt=0)]


class TargetShape(Shape):
    """One number, or one by agency before period before default."""

    default: Goal
    agencies: dict[str, Goal] = {}
    periods: dict[Annotated[str, AfterValidator(_period)], Goal] = {}


class ToTargetShape(Shape):
    rule: Literal["to_target"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    target: Annotated[TargetShape, BeforeValidator(_target)]


class StepsShape(Shape):
    rule: Literal["steps"]
    max: Number = Field(gt=0, le=POINTS_MAX)
    steps: list[tuple[Number, Number]] = Field(min_length=1)

    @model_validator(mode="after")
    def _within(self) -> Self:
        starts = [start for start, _ in self.steps]
        if len(set(starts)) < len(starts):
            raise ValueError("two steps begin at the same value")
        for start, points in self.steps:
            if not 0 <= points <= self.max:
                raise ValueError(f"the step at {start:f} gives {points:f} points of {self.max:f}")
        return self


class YesNoShape(Shape):
    rule: Literal["yes_no"]
    max: Number = Field(ge=0, le=POINTS_MAX)


PointsShape = Annotated[ToTargetShape | StepsShape | YesNoShape, Field(discriminator="rule")]


class AppliesShape(Shape):
    blocks: list[Text] | None = None
    agencies: list[Text] | None = None
    exceptions: list[Text] = Field(default=[], alias="except")


def _formula(text: str) -> str:
    parse_formula(text)
    return text


class IndicatorShape(Shape):
    id: Id
    name: NameShape
    value: Annotated[Text, AfterValidator(_formula)]
    unit: Text
    when_zero: Literal["not_applicable", "zero", "full"] | None = None
    points: PointsShape
    applies_to: AppliesShape = AppliesShape()
