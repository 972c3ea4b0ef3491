"""The shapes of explanations and advice, for the OpenAPI."""

from typing import Literal

from pydantic import Field

from collector.web.api.models import NameText, PeriodHead, RunEntry, SetHead, Shape
from connectors.base import RefusalReason
from scoring.model import Status


class Who(Shape):
    id: str
    block: str
    name: NameText


class Asked(Shape):
    method: str
    url: str = Field(description="Without secrets.")
    status: int | None
    bytes: int | None
    rows: int | None = Field(description="Where it was not asked over HTTP.")
    seconds: float


class RunBehind(RunEntry):
    source: str
    digest: str | None = Field(description="SHA-256 of the answer's bodies.")
    requests: list[Asked]


class RefusalBehind(Shape):
    reason: RefusalReason
    where: str
    got: str
    run: RunBehind | None


class ReadingBehind(Shape):
    """What is known of a metric, and how."""

    metric: str
    name: NameText
    unit: str
    status: Status
    why: NameText | None
    value: float | None
    word: str | None = Field(description="A state's own word.")
    period: str | None
    source: str | None
    source_name: NameText | None
    owner: str | None
    data_at: str | None
    known_at: str | None
    stale_after_s: float | None
    run: RunBehind | None
    asked: RunBehind | None = Field(description="Where nothing came: the newest attempt.")
    refused: RefusalBehind | None = Field(description="What was refused since it came.")


class RuleFired(Shape):
    kind: str
    result: float | None = Field(description="Points before they are rounded.")
    text: str | None
    words: NameText | None


class FormulaUsed(Shape):
    text: str
    numbers: str
    value: float | None
    zero: bool = Field(description="Its denominator is 0.")


class IndicatorExplained(Shape):
    id: str
    group: str
    name: NameText
    unit: str
    status: Status
    value: float | None
    target: float | None
    points: float | None
    points_low: float | None
    points_high: float | None
    points_max: float
    change: float | None = Field(description="Of its points, against the day before.")
    counts: Literal["newly", "no_longer"] | None = Field(
        description="Came into the score, or went out of it, since the day before."
    )
    why: NameText | None
    rule: RuleFired
    formula: FormulaUsed
    readings: list[ReadingBehind]


class GroupExplained(Shape):
    id: str
    name: NameText
    points: float | None
    points_max: float
    indicators: list[IndicatorExplained]


class ScoreExplained(Shape):
    score: float | None
    low: float | None
    high: float | None
    rank: int | None
    rank_best: int | None
    rank_worst: int | None
    rank_certain: bool
    band: str | None
    coverage: float | None
    band_name: NameText | None
    change: float | None
    digits: int
    points: float = Field(description="Of all that counts, before they are rounded.")
    points_max: float
    text: str | None


class ExplanationDocument(Shape):
    """Where a score comes from: group, indicator, rule, formula, readings, runs."""

    number: int
    published_at: str
    data_at: str | None
    set: SetHead
    period: PeriodHead
    agency: Who
    score: ScoreExplained
    groups: list[GroupExplained]
    sentence: NameText


class DaysLeft(Shape):
    left: int
    working: int
    until: str


class NextBand(Shape):
    id: str
    name: NameText
    from_: float = Field(alias="from")
    short: float


class NextRank(Shape):
    rank: int
    score: float
    short: float


class Whole(Shape):
    metric: str
    name: NameText


class Option(Shape):
    """The least change of one count that reaches a goal, and what follows from it."""

    metric: str
    name: NameText
    unit: str
    with_: list[Whole] = Field(alias="with", description="Counts that grow along.")
    change: float
    from_: float = Field(alias="from")
    to: float
    from_word: str | None
    to_word: str | None
    per_day: float | None
    points: float
    score: float | None
    band: str | None
    rank: int | None
    words: NameText


class Goal(Shape):
    goal: Literal["target", "yes", "step", "level", "knot", "condition", "band", "rank"]
    points: float | None
    target: float | None
    target_word: str | None
    band: str | None
    band_name: NameText | None
    rank: int | None
    score: float | None
    wanted: NameText
    options: list[Option] = Field(description="None: not by this alone.")
    words: NameText


class IndicatorAdvised(Shape):
    id: str
    group: str
    name: NameText
    unit: str
    status: Status
    points: float | None
    points_max: float
    gain_max: float = Field(description="What all its points would add to the score.")
    blocked: NameText | None
    goals: list[Goal]


class AdviceDocument(Shape):
    """What would earn more points, a better band or a better rank."""

    number: int
    published_at: str
    data_at: str | None
    set: SetHead
    period: PeriodHead
    agency: Who
    score: float | None
    band: str | None
    rank: int | None
    days: DaysLeft
    next_band: NextBand | None
    next_rank: NextRank | None
    nothing: NameText | None
    indicators: list[IndicatorAdvised]
