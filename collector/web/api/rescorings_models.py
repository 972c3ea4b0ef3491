"""The shapes of stored rescorings, for the OpenAPI."""

from pydantic import Field

from collector.web.api.models import NameText, Shape

_MADE_AT = "When it was first asked; null of what was kept before that was."
_LIVE = (
    "The set that it was held against; where `made_at` is null, that of the same id, or the first, "
    "in force then."
)


class SetNamed(Shape):
    id: str
    digest: str
    scale: float
    name: NameText


class Span(Shape):
    first: int
    last: int


class SpanCounted(Span):
    count: int


class Most(Shape):
    id: str
    block: str
    name: NameText
    gain: float


class RescoringListed(Shape):
    rescoring: int
    result: str = Field(description="Digest of all that came out.")
    made_at: str | None = Field(description=_MADE_AT)
    scoreboards: Span
    from_: str = Field(alias="from", description="When the first of them was published.")
    until: str = Field(description="When the last of them was published.")
    live: SetNamed = Field(description=_LIVE)
    set: SetNamed
    gain: int = Field(description="Agencies whose score is higher at the last scoreboard.")
    lose: int
    stay: int
    gains_most: Most | None
    loses_most: Most | None


class RescoringsDocument(Shape):
    """History scored by other sets, the newest first."""

    rescorings: list[RescoringListed]


class Side(Shape):
    score: float | None
    band: str | None
    rank: int | None
    mean: float | None = Field(description="Weighted by how long each score stood.")


class Compared(Shape):
    id: str
    name: NameText
    live: Side
    rescored: Side
    gain: float | None = Field(description="At the last scoreboard, on the live set's scale.")
    mean_gain: float | None


class Moved(Shape):
    id: str
    name: NameText
    change: float = Field(description="Of points, on the live set's scale.")


class AgencyCompared(Compared):
    block: str
    most: Moved | None = Field(description="The indicator that moves its points most, at the end.")


class Difference(Shape):
    """What the two sets say otherwise; a whole indicator of one of them has no key."""

    indicator: str | None = Field(description="None: of the set as a whole.")
    key: str | None
    live: str | None = Field(description="As written; of a whole indicator its most points.")
    rescored: str | None


class IndicatorMoved(Shape):
    id: str
    name: NameText
    mean_change: float = Field(description="Of points at the end, over all agencies.")
    gain: int
    lose: int


class Why(Shape):
    differences: list[Difference]
    indicators: list[IndicatorMoved] = Field(description="Those that move anybody.")


class RescoringDocument(Shape):
    """What `chiso rescore --json` printed: history under another set beside what was published."""

    rescoring: int
    result: str
    made_at: str | None = Field(description=_MADE_AT)
    counted_until: str = Field(description="Until when the last scoreboard counts in means.")
    scoreboards: SpanCounted
    live: SetNamed = Field(description=_LIVE)
    set: SetNamed
    province: Compared
    blocks: list[Compared]
    agencies: list[AgencyCompared] = Field(description="Who gains most comes first.")
    why: Why
