"""What each part of the files may look like, each alone: one frozen model a shape."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    field_validator,
    model_validator,
)

from collector.settings.base import Shape
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
