"""What each part of the files may look like, each alone: one frozen model a shape."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    field_validator,
    model_validator,
)

from collector.settings.base import Shape
from collector.settings.model import MetricKind
from collector.settings.points import PointsShape
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
# Scores are compared at 1e-9 in 64 bits.
SCALE_MAX = Decimal(1_000_000)


class NameShape(Shape):
    """A name in both languages of the pages."""

    vi: Text
    en: Text


class IntervalShape(Shape):
    """Half-open, in local days; no beginning is always, no end is for ever."""

    start: Day | None = Field(default=None, alias="from")
    """The first local day."""
    until: Day | None = None
    """The first local day that is no longer meant."""

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.start and self.until and self.until <= self.start:
            raise ValueError(f"ends {self.until} before it begins {self.start}")
        return self


class ProvinceFile(Shape):
    province: Any
    """Whose agencies are scored."""
    store: Text = "sqlite:///var/chiso.db"
    """The URL of the database; `--store` and the variable CHISO_STORE go before it."""
    blocks: list[Any]
    """Agencies are ranked inside their block."""
    agencies: list[Any]
    """Who is scored, dissolved agencies too: their past stays."""


class ProvinceShape(Shape):
    id: Id
    name: NameShape
    time_zone: Text
    """Of the tz database, such as Asia/Ho_Chi_Minh: periods and days are local."""
    working_hours: Hours | None = None
    """When figures are expected to change, for `frozen_after`; without it always."""
    holidays: list[Days] = Field(default_factory=list)
    """Local days, or intervals without their last day, on which nobody works."""


class BlockShape(Shape):
    """A group of agencies that are ranked among themselves."""

    id: Id
    name: NameShape


class CodeShape(IntervalShape):
    """A code, and the local days on which it is the agency's."""

    code: CodeText
    """As the source system writes it."""


def _codes(given: Any) -> Any:
    return given if isinstance(given, list) else [{"code": given}]


Codes = Annotated[
    list[CodeShape], BeforeValidator(_codes, json_schema_input_type=CodeText | list[CodeShape])
]


class AgencyShape(IntervalShape):
    """Who is scored, from one local day until before another."""

    id: Id
    block: Text
    """The id of its block."""
    name: NameShape
    codes: dict[Id, Codes] = Field(default_factory=dict)
    """By source system its code there, or the codes that it has had."""
    successors: list[Text] = Field(default_factory=list)
    """The ids of the agencies that took over."""
    inherits: Literal["sum"] | None = None
    """Whether its successors take over its totals of the period; without it they do not."""


class MetricsFile(Shape):
    metrics: dict[MetricId, Any]
    """The raw counts and states, by the ids that formulas use."""


class MetricShape(Shape):
    """A raw count or a state."""

    kind: MetricKind
    """`gauge`: how many now; `period_total`: how many since the period began; `state`: a word."""
    unit: Text | None = None
    """What is counted; a state needs none."""
    name: NameShape
    range: tuple[Number, Number] | None = None
    """The least and the most that is plausible: a row outside is refused."""
    at_most: Text | None = None
    """The metric of which this one is a part: a row above it is refused."""
    max_fall: Share | None = None
    """The share by which a total of a period may fall, as restated; a row that fell by more is
    refused. Without it a total may fall by any."""
    max_change_per_day: Annotated[Number, Field(gt=0)] | None = None
    """How much it may change in a day; more is a finding of `check`."""
    values: dict[str, Number] | None = Field(default=None, min_length=1)
    """The words of a state, each with its number."""
    stale_after: DurationUs | None = None
    """The age of data past which a reading is stale, in place of its source's."""

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
    """The source systems by their ids."""


class ScheduleShape(Shape):
    """When a source is asked: one of the two."""

    every: DurationUs | None = None
    """The time from one run to the next."""
    cron: Text | None = None
    """Five fields (minute, hour, day, month, weekday), in the province's zone."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.every is None) == (self.cron is None):
            raise ValueError("needs one of `every` and `cron`")
        return self


class FreshnessShape(Shape):
    """Ages of data time. What is late calls for attention; what is stale is no longer trusted."""

    late_after: DurationUs
    """The age past which a source is late."""
    stale_after: DurationUs
    """The age past which readings are stale: scores then have bounds."""
    frozen_after: int | None = Field(default=None, ge=1)
    """After how many runs in working time without any change a source counts as frozen."""

    @model_validator(mode="after")
    def _late_before_stale(self) -> Self:
        if self.stale_after < self.late_after:
            raise ValueError("is stale before it is late")
        return self


class SourceShape(Shape):
    """What every source has, whatever its connector; the other keys are the connector's own."""

    connector: Text
    """The kind of system."""
    name: NameShape
    owner: Text
    """Whom operators call."""
    schedule: ScheduleShape
    """When it is asked."""
    freshness: FreshnessShape
    """How old its data may be."""
    priority: int = 0
    """Of several sources of a metric the one with the highest feeds an agency."""
    absent: Literal["missing", "zero", "hold"] = "missing"
    """What it means when a complete answer lacks an agency; `hold` keeps the last reading."""
    max_refused: Share = Decimal("0.2")
    """The share of refused rows above which nothing of an answer is used."""
    close_after: DurationUs | None = None
    """How long after its end a period is still asked for; 45 days without it."""
    expect: list[Text] = Field(default_factory=list)
    """What each agency's figures must meet ("signed <= sent"), and "agencies >= 90 %"."""


class SetFile(Shape):
    set: Any
    """What the set is, and when it is in force."""
    bands: list[Any]
    """The levels of a score, in any order."""
    groups: list[Any]
    """The indicators, in groups."""


class EffectiveShape(IntervalShape):
    """The local days on which a set is in force."""

    start: Day = Field(alias="from")
    """The first local day."""


class SetShape(Shape):
    """What an indicator set is, and how its scores are made."""

    id: Id
    name: NameShape
    effective: EffectiveShape
    """When it is in force."""
    period: PeriodKind
    """The assessment period that a score speaks of."""
    scale: Number = Field(default=Decimal(100), gt=0, le=SCALE_MAX)
    """The score of an agency with all points."""
    points: Number | None = Field(default=None, gt=0)
    """What all maxima add up to, where that is not the scale; `check` holds them to it."""
    digits: int = Field(default=2, ge=0, le=DIGITS_MAX)
    """Decimals of points and scores as they are shown."""
    missing: Literal["zero", "exclude"]
    """Whether an input that is not there counts as 0 points or leaves the denominator."""
    min_coverage: Share = Decimal(0)
    """The coverage below which an agency has bounds but no score."""
    province: Literal["mean_of_blocks", "mean_of_agencies"]
    """What the province's score is the mean of."""


class BandShape(Shape):
    """A level of scores."""

    id: Id
    name: NameShape
    start: Number = Field(alias="from", ge=0)
    """The least score in it."""


class GroupShape(Shape):
    """Indicators that belong together."""

    id: Id
    name: NameShape
    points: Number | None = Field(default=None, ge=0)
    """What the maxima of its indicators add up to, for `check` to hold them to it."""
    indicators: list[Any]
    """What is scored."""


class AboveShape(Shape):
    """The most that a value can naturally be, and whether one above it is cut or held."""

    max: Number
    """The most that it can be."""
    does: Literal["cap", "held"] = Field(alias="do")
    """Whether a value above counts as the most, or is held."""


class AppliesShape(Shape):
    """Whose duty it is; without any key, everybody's."""

    blocks: list[Text] | None = None
    """Agencies of these blocks."""
    agencies: list[Text] | None = None
    """These agencies."""
    exceptions: list[Text] = Field(default_factory=list, alias="except")
    """But not these."""


def _formula(text: str) -> str:
    parse_formula(text)
    return text


class IndicatorShape(Shape):
    """A formula over metrics, and the points that its value earns."""

    id: Id
    name: NameShape
    value: Annotated[Text, AfterValidator(_formula)]
    """The formula, such as `signed / sent`."""
    unit: Text
    """Of the value, such as `ratio`."""
    when_zero: Literal["not_applicable", "zero", "full"] | None = None
    """What a zero denominator means."""
    above: AboveShape | None = None
    """What becomes of a value above its natural most."""
    points: PointsShape
    """The rule from value to points."""
    applies_to: AppliesShape = AppliesShape()
    """Whose duty it is."""
