"""The nouns of a pull: what is asked for, what is said, how it fails, and what options are."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

Reason = Literal["config", "auth", "source", "content", "ours"]
# "held" is a good row of a run that was held as a whole.
RefusalReason = Literal[
    "unknown_agency", "duplicate", "type", "future", "range", "at_most", "fall", "expect", "held"
]
PeriodKind = Literal["year", "quarter", "month", "day"]


class SourceError(Exception):
    """A source gave no usable answer; permanent: asking again now will not help.

    The message names no secret. `retry_after_s` is what the source asked us to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: Reason,
        permanent: bool = True,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.permanent = permanent
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open interval [start, end), aware and in the province's zone, and its period's id."""

    kind: PeriodKind
    id: str
    start: datetime
    end: datetime


class Observation(NamedTuple):
    """What a source said once.

    `agency` is the source's own code. `period` is a period id, or None where the answer speaks
    of the moment. A number is a finite or non-finite Decimal; whatever could not be read as one
    stays text, so that whoever admits it can refuse it with what was got.
    """

    metric: str
    agency: str
    period: str | None
    data_us: int
    value: Decimal | str
    where: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A piece of an answer that the connector itself could not use, such as a bad file."""

    reason: RefusalReason
    where: str
    got: str


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it may be shown: the url is redacted; status is None without an answer.

    Where it was not over HTTP there is no status: `rows` are those that came of it, None without
    an answer, and `bytes` is None where they are not known.
    """

    method: str
    url: str
    status: int | None
    bytes: int | None
    seconds: float
    rows: int | None = None

    @property
    def is_http(self) -> bool:
        return self.url.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Answer:
    """All that one pull brought.

    `declared` is the number of rows the source said it has, where it says so; `digest` is the
    SHA-256 of the bodies in the order they came; `taken` names content (by digest) that need
    not be read again once this answer is stored. `complete` says that an agency which is not
    here was not in the source either; a folder of reports that come when they come is not.
    """

    observations: tuple[Observation, ...]
    received: int
    digest: str
    declared: int | None = None
    rejected: tuple[Rejected, ...] = ()
    taken: tuple[str, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Doubt:
    """An option, by its keys, with which no run can go well.

    `lasting`: it is wrong by itself; otherwise this machine lacks something.
    """

    keys: tuple[str, ...]
    problem: str
    lasting: bool = False


class Model(BaseModel):
    """Frozen, and strict about its keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        # The line under a field is what the key reference says of it.
        use_attribute_docstrings=True,
    )
