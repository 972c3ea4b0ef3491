"""What each part of the files may look like, each alone: one frozen model a shape."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
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
from scoring.formula import parse_comparison, parse_formula

DIGITS_MAX = 6
POINTS_MAX = Decimal(1_000_000)
# Scores are compared at 1e-9 in 64 bits.
SCALE_MAX = Decimal(1_000_000)


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
    max_change_per_day: Annotated[Number, Field(gt=0)] | None = None
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
        if self.kind == "state" and self.max_change_per_day is not None:
            raise ValueError("a state does not change by so much a day: leave it out")
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
    """`points` is what all maxima add up to, where that is not the scale."""

    id: Id
    name: NameShape
    effective: EffectiveShape
    period: PeriodKind
    scale: Number = Field(default=Decimal(100), gt=0, le=SCALE_MAX)
    points: Number | None = Field(default=None, gt=0)
    digits: int = Field(default=2, ge=0, le=DIGITS_MAX)
    missing: Literal["zero", "exclude"]
    min_coverage: Share = Decimal(0)
    province: Literal["mean_of_blocks", "mean_of_agencies"]


class BandShape(Shape):
    id: Id
    name: NameShape
    start: Number = Field(alias="from", ge=0)


class GroupShape(Shape):
    """`points` is what the maxima of its indicators add up to, for `check` to hold them to it."""

    id: Id
    name: NameShape
    points: Number | None = Field(default=None, ge=0)
    indicators: list[Any]


def _target(given: Any) -> Any:
    return given if isinstance(given, Mapping) else {"default": given}


def _period(text: str) -> str:
    return parse_period(text).id


Goal = Annotated[Number, Field(gt=0)]


PeriodText = Annotated[str, AfterValidator(_period)]


class TargetShape(Shape):
    """One number, or one by agency before block before period before default."""

    default: Goal
    agencies: dict[str, Goal] = {}
    blocks: dict[str, Goal] = {}
    periods: dict[PeriodText, Goal] = {}

    def all(self) -> list[Decimal]:
        named = (self.agencies, self.blocks, self.periods)
        return [self.default, *(goal for each in named for goal in each.values())]


Ceiling = Annotated[Number, Field(ge=0)]


class CeilingShape(TargetShape):
    """A target that is better undercut, and may be 0."""

    default: Ceiling
    agencies: dict[str, Ceiling] = {}
    blocks: dict[str, Ceiling] = {}
    periods: dict[PeriodText, Ceiling] = {}


class ToTargetShape(Shape):
    rule: Literal["to_target"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    target: Annotated[TargetShape, BeforeValidator(_target)]


class AtMostShape(Shape):
    """All up to the target, then target / value, or a straight line down to `none_at`."""

    rule: Literal["at_most"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    target: Annotated[CeilingShape, BeforeValidator(_target)]
    none_at: Number | None = None

    @model_validator(mode="after")
    def _above_targets(self) -> Self:
        most = max(self.target.all())
        if self.none_at is not None and self.none_at <= most:
            raise ValueError(f"`none_at` {self.none_at:f} is not above the target {most:f}")
        return self


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


class LevelsShape(Shape):
    """The names of a state and the share that each earns."""

    rule: Literal["levels"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    levels: dict[str, Share] = Field(min_length=1)


class PiecewiseShape(Shape):
    """Straight lines between knots, each a value and the share there."""

    rule: Literal["piecewise"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    knots: list[tuple[Number, Share]]

    @model_validator(mode="after")
    def _rising(self) -> Self:
        values = [value for value, _ in self.knots]
        if len(set(values)) <= 1:
            raise ValueError("a line needs two knots at least")
        for left, right in pairwise(values):
            if right <= left:
                raise ValueError(f"the knot at {right:f} stands behind that at {left:f}")
        return self


def _comparison(text: str) -> str:
    parse_comparison(text)
    return text


class PartShape(Shape):
    when: Annotated[Text, AfterValidator(_comparison)]
    share: Share


class PartsShape(Shape):
    """Conditions, each worth a share; those that hold are added."""

    rule: Literal["parts"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    parts: list[PartShape] = Field(min_length=1)

    @model_validator(mode="after")
    def _within(self) -> Self:
        whole = sum((part.share for part in self.parts), Decimal(0))
        if whole > 1:
            raise ValueError(f"the shares add up to {whole:f}, more than all")
        return self


PointsShape = Annotated[
    ToTargetShape
    | AtMostShape
    | StepsShape
    | YesNoShape
    | LevelsShape
    | PiecewiseShape
    | PartsShape,
    Field(discriminator="rule"),
]


class AboveShape(Shape):
    """The most that a value can naturally be, and whether one above it is cut or held."""

    max: Number
    does: Literal["cap", "held"] = Field(alias="do")


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
    above: AboveShape | None = None
    points: PointsShape
    applies_to: AppliesShape = AppliesShape()
