"""What a connector is: what it is asked, what it answers, and how it fails."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TypeAlias

from connectors.fetch.line import Http
from connectors.ledger import Ledger
from connectors.nouns import (
    Answer,
    Doubt,
    Model,
    Observation,
    PeriodKind,
    Reason,
    RefusalReason,
    Rejected,
    Request,
    SourceError,
    Window,
)

__all__ = [
    "Answer",
    "Ask",
    "Connector",
    "Doubt",
    "Model",
    "Observation",
    "PeriodKind",
    "Reason",
    "RefusalReason",
    "Rejected",
    "Request",
    "SourceError",
    "Window",
    "kinds_of",
]


Whose: TypeAlias = Callable[[str, int], str | None]


def _nobody(_code: str, _at_us: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a pull is given: how to fetch, what for, and when to give up.

    `line` is how a source over HTTP is asked, None for the others. `now` is aware UTC. `windows`
    are the periods wanted, of every kind that the connector feeds. `codes` are the known agencies'
    codes in the connector's agency system, and `whose` says for whom a code stands at an instant
    (UTC microseconds), None where for nobody: an agency may have several. `taken` are digests of
    content taken by earlier runs. `stop` is set when the service ends. `zone` is the province's.
    Without `moments` only windows are asked for: how things stand now says nothing of the past.
    `ledger` is where a source that is not asked over HTTP writes down what it is asked.
    """

    line: Http | None
    windows: tuple[Window, ...]
    now: datetime
    codes: tuple[str, ...]
    taken: frozenset[str]
    stop: threading.Event
    zone: tzinfo | None = None
    moments: bool = True
    whose: Whose = _nobody
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def http(self) -> Http:
        if self.line is None:
            raise SourceError("this source has no HTTP options", reason="ours")
        return self.line

    def windows_of(self, kind: PeriodKind | None) -> tuple[Window | None, ...]:
        """The windows of a kind; for none, one None: a question about the moment."""
        if kind is None:
            return (None,) if self.moments else ()
        return tuple(window for window in self.windows if window.kind == kind)


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
