"""What an indicator set's file may look like, part by part."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
)

from collector.settings.base import Shape
from collector.settings.points import PointsShape
from collector.settings.scalars import (
    Day,
    Id,
    Number,
    Share,
    Text,
)
from collector.settings.shape import IntervalShape, NameShape
from connectors.base import PeriodKind
from scoring.formula import parse_formula

DIGITS_MAX = 6
# Scores are compared at 1e-9 in 64 bits.
SCALE_MAX = Decimal(1_000_000)


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
