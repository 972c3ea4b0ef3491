"""The shape of what moved a score, for the OpenAPI."""

from pydantic import Field

from collector.web.api.models import NameText, Shape
from collector.web.api.traced_models import Who
from scoring.changes import Cause


class ChangeEnd(Shape):
    number: int
    published_at: str
    data_at: str | None
    period: str
    digest: str = Field(description="Of the set's edition that scored it.")
    score: float | None
    rank: int | None
    band: str | None
    coverage: float | None


class CausePoints(Shape):
    cause: Cause
    points: float
    exact: float


class ReadingThen(Shape):
    value: float
    data_at: str
    known_at: str
    run: int


class ReadingChanged(Shape):
    metric: str
    from_: ReadingThen | None = Field(alias="from")
    to: ReadingThen | None


class ChangePart(Shape):
    cause: Cause
    indicator: str | None = Field(description="None: the scale itself.")
    name: NameText | None
    points: float = Field(description="Of the shown scores: all parts add up to their difference.")
    exact: float = Field(description="The same at nine decimals.")
    inputs: list[ReadingChanged]


class RankChange(Shape):
    """What is below 0 is a way up."""

    change: int
    own: int = Field(description="By its new score among the others as they were.")
    others: int


class ChangesDocument(Shape):
    """What moved a score and a rank from one scoreboard to another.

    Causes in their order: late corrections, new data and coverage by the former rules, then the
    change of the rules. Parts that are 0 are left out.
    """

    agency: Who
    set: str
    from_: ChangeEnd = Field(alias="from")
    to: ChangeEnd
    change: float | None = Field(description="None where one of them gives no score.")
    exact: float | None
    causes: list[CausePoints]
    parts: list[ChangePart]
    rank: RankChange | None
