"""The shape of the API's document on robustness."""

from pydantic import Field

from collector.web.api.models import NameText, PeriodHead, SetHead, Shape


class LeftOut(Shape):
    indicator: str
    rank: int | None = Field(description="The rank without it; null without a score then.")


class Sentence(Shape):
    vi: str
    en: str


class RobustAgency(Shape):
    id: str
    block: str
    name: NameText
    score: float | None
    rank: int | None
    stays_best: int | None = Field(description="First of the ranks that most draws keep to.")
    stays_worst: int | None = Field(description="Last of them.")
    inside: float | None = Field(description="Share of the draws that keep to them, 0 to 1.")
    holds: float | None = Field(description="Share of the draws in which the rank is the same.")
    without_best: int | None = Field(description="Best rank with one indicator left out.")
    without_worst: int | None
    without: list[LeftOut] = Field(description="Those without which the rank is another.")
    sentence: Sentence


class RobustBlock(Shape):
    id: str
    name: NameText


class RobustIndicator(Shape):
    id: str
    name: NameText
    agencies_moved: int = Field(description="Agencies whose rank is another without it.")


class RobustDocument(Shape):
    """How far ranks lean on weights: drawn at random, and each indicator left out once."""

    number: int
    published_at: str
    data_at: str | None
    set: SetHead
    period: PeriodHead
    draws: int
    seed: int
    spread: float
    level: float = Field(description="The least share of draws that `stays` speaks of.")
    blocks: list[RobustBlock]
    agencies: list[RobustAgency]
    indicators: list[RobustIndicator]
