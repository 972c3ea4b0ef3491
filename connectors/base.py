"""What a connector is asked, what it answers, and how it fails."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from connectors.http import Http

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


@dataclass(frozen=True, slots=True)
class Observation:
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
    """One request as it may be shown: the url is redacted; status is None without an answer."""

    method: str
    url: str
    status: int | None
    bytes: int
    seconds: float


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
class Ask:
    """What a pull is given: how to fetch, what for, and when to give up.

    `line` is how a source over HTTP is asked, None for the others. `now` is aware UTC. `windows`
    are the periods wanted, of every kind that the connector feeds. `codes` are the known agencies'
    codes in the connector's agency system. `taken` are digests of content taken by earlier runs.
    `stop` is set when the service ends. `zone` is the province's. Without `moments` only windows
    are asked for: how things stand now says nothing of the past.
    """

    line: "Http | None"
    windows: tuple[Window, ...]
    now: datetime
    codes: tuple[str, ...]
    taken: frozenset[str]
    stop: threading.Event
    zone: tzinfo | None = None
    moments: bool = True

    @property
    def http(self) -> "Http":
        if self.line is None:
            raise SourceError("this source has no HTTP options", reason="ours")
        return self.line

    def windows_of(self, kind: PeriodKind | None) -> tuple[Window | None, ...]:
        """The windows of a kind; for none, one None: a question about the moment."""
        if kind is None:
            return (None,) if self.moments else ()
        return tuple(window for window in self.windows if window.kind == kind)


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


class Connector(Model, ABC):
    """Code for one protocol; its fields are the options that a source may set in YAML."""

    @property
    @abstractmethod
    def agency_system(self) -> str | None:
        """The system whose codes the answers use; None where they are our own agency ids."""

    @abstractmethod
    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        """The metrics this source may bring, each with the kind of period it is asked for."""

    def agencies(self) -> frozenset[str]:
        """Our own agency ids that the options name, where there is no agency system."""
        return frozenset()

    def recalls(self) -> bool:
        """Whether it can be asked for a window that is over."""
        return True

    def expectations(self) -> tuple[str, ...]:
        """Statements that every row must meet, in the grammar of formulas plus comparisons."""
        return ()

    def quiet_hours(self) -> tuple[str, ...]:
        """Hours of the province's day, such as "12:00-13:00", in which it is never due."""
        return ()

    def asks(self) -> tuple[str, ...]:
        """What is asked of whom, without secrets, where no requests over HTTP tell it."""
        return ()

    def doubts(self) -> Iterable[Doubt]:
        """What can be seen to be wrong without asking the source."""
        return ()

    @abstractmethod
    def observe(self, ask: Ask) -> Answer:
        """Ask the source once; SourceError when there is no usable answer."""


def kinds_of(feeds: Iterable[tuple[str, PeriodKind | None]]) -> frozenset[PeriodKind]:
    return frozenset(kind for _, kind in feeds if kind is not None)
