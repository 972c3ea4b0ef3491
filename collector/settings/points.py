"""The rules from an indicator's value to its points, each as a file may write it."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from collector.periods import parse_period
from collector.settings.base import Shape
from collector.settings.scalars import Number, Share, Text
from scoring.formula import parse_comparison

POINTS_MAX = Decimal(1_000_000)


def _target(given: Any) -> Any:
    return given if isinstance(given, Mapping) else {"default": given}


def _period(text: str) -> str:
    return parse_period(text).id


Goal = Annotated[Number, Field(gt=0)]


PeriodText = Annotated[str, AfterValidator(_period)]


class TargetShape(Shape):
    """One number, or one by agency before block before period before default."""

    default: Goal
    """Wherever nothing else is said."""
    agencies: dict[str, Goal] = Field(default_factory=dict)
    """By the agency's id."""
    blocks: dict[str, Goal] = Field(default_factory=dict)
    """By the block's id."""
    periods: dict[PeriodText, Goal] = Field(default_factory=dict)
    """By the period's id."""

    def all(self) -> list[Decimal]:
        named = (self.agencies, self.blocks, self.periods)
        return [self.default, *(goal for each in named for goal in each.values())]


Ceiling = Annotated[Number, Field(ge=0)]


class CeilingShape(TargetShape):
    """A target that is better undercut, and may be 0."""

    default: Ceiling
    """Wherever nothing else is said."""
    agencies: dict[str, Ceiling] = Field(default_factory=dict)
    """By the agency's id."""
    blocks: dict[str, Ceiling] = Field(default_factory=dict)
    """By the block's id."""
    periods: dict[PeriodText, Ceiling] = Field(default_factory=dict)
    """By the period's id."""


class ToTargetShape(Shape):
    """Points in proportion to value / target, all from the target on."""

    rule: Literal["to_target"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    """The most points."""
    target: Annotated[
        TargetShape, BeforeValidator(_target, json_schema_input_type=Goal | TargetShape)
    ]
    """What earns all points."""


class AtMostShape(Shape):
    """All up to the target, then target / value, or a straight line down to `none_at`."""

    rule: Literal["at_most"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    """The most points."""
    target: Annotated[
        CeilingShape, BeforeValidator(_target, json_schema_input_type=Ceiling | CeilingShape)
    ]
    """Up to where all points are earned."""
    none_at: Number | None = None
    """From where no points are earned."""

    @model_validator(mode="after")
    def _above_targets(self) -> Self:
        most = max(self.target.all())
        if self.none_at is not None and self.none_at <= most:
            raise ValueError(f"`none_at` {self.none_at:f} is not above the target {most:f}")
        return self


class StepsShape(Shape):
    """Points by the highest step that a value reaches."""

    rule: Literal["steps"]
    max: Number = Field(gt=0, le=POINTS_MAX)
    """The most points."""
    steps: list[tuple[Number, Number]] = Field(min_length=1)
    """Pairs: from this value on, these points."""

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
    """All points from 1 on, which is yes; else none."""

    rule: Literal["yes_no"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    """The most points."""


class LevelsShape(Shape):
    """The names of a state and the share that each earns."""

    rule: Literal["levels"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    """The most points."""
    levels: dict[str, Share] = Field(min_length=1)
    """By the state's word the share of the points."""


class PiecewiseShape(Shape):
    """Straight lines between knots, each a value and the share there."""

    rule: Literal["piecewise"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    """The most points."""
    knots: list[tuple[Number, Share]]
    """Pairs of a value and the share there, values rising; beyond the ends it stays level."""

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
    """A condition and what it is worth."""

    when: Annotated[Text, AfterValidator(_comparison)]
    """A comparison of metrics, such as "meetings >= 4"."""
    share: Share
    """The share of the points."""


class PartsShape(Shape):
    """Conditions, each worth a share; those that hold are added."""

    rule: Literal["parts"]
    max: Number = Field(ge=0, le=POINTS_MAX)
    """The most points."""
    parts: list[PartShape] = Field(min_length=1)
    """What is asked for, part by part; the shares are at most all."""

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
