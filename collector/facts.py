"""The frozen nouns that the store and the rooms above share."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from connectors.base import Reason, RefusalReason, Request
from scoring.model import Inputs, Result, Roster

Outcome = Literal["ok", "held", "failed", "interrupted", "coalesced"]
# What is wrong with an answer though it came, as worst first; late and stale are matters of time.
Verdict = Literal["future", "partial", "regressed", "frozen", "held"]


class Series(NamedTuple):
    """A metric of an agency; `period` is a period's id for totals, empty for what has none."""

    metric: str
    agency: str
    period: str


class Reading(NamedTuple):
    """The newest fact known of a series. `value` is canonical decimal text in the store."""

    series: Series
    value: Decimal
    data_us: int
    known_us: int
    run_id: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row, or a piece of an answer, that was not used, and why.

    `series` is named where the row could be placed, so that its agency shows as held; `value` and
    `data_us` are the row's own where it had a number, so that it may be accepted after all.
    """

    reason: RefusalReason
    where: str
    got: str
    series: Series | None = None
    value: Decimal | None = None
    data_us: int | None = None


class Admitted(NamedTuple):
    """One observation that passed: what the store appends.

    A value of None withdraws the series: the source's complete answer no longer has its agency.
    """

    series: Series
    value: Decimal | None
    data_us: int


@dataclass(frozen=True, slots=True)
class Restated:
    """A total that its source said lower than before, within what its metric may fall."""

    series: Series
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Track:
    """How a run's answer stands beside the ones before it.

    `same` counts the changes that were expected since the answer last changed. `absent` are
    agencies that a complete answer lacks though they are known there, `vanished` those of them
    that came before.
    """

    verdict: Verdict | None = None
    same: int = 0
    absent: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who took what a run was not allowed to bring, and why."""

    of_run: int
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt to pull one source, from due time to outcome.

    `message` says in words why a run was held or failed, `error_reason` the class of a failure.
    `taken` are digests of content that need not be read again, `offered` those of a held run, which
    are taken once it is accepted. `past` is the period that a run asked for to fill the past.
    `not_before_us` is until when the source asked not to be asked.
    """

    source: str
    due_us: int
    began_us: int
    ended_us: int
    outcome: Outcome
    error_reason: Reason | None = None
    message: str | None = None
    received: int = 0
    declared: int | None = None
    digest: str | None = None
    admitted: tuple[Admitted, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    taken: tuple[str, ...] = ()
    requests: tuple[Request, ...] = ()
    manual: bool = False
    track: Track = Track()
    restated: tuple[Restated, ...] = ()
    offered: tuple[str, ...] = ()
    past: str | None = None
    not_before_us: int | None = None
    acceptance: Acceptance | None = None


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as it is read back: its id, and counts where the run itself had rows."""

    id: int
    source: str
    due_us: int
    began_us: int
    ended_us: int
    outcome: Outcome
    error_reason: Reason | None
    message: str | None
    received: int
    declared: int | None
    admitted: int
    refused: int
    digest: str | None
    track: Track = Track()
    past: str | None = None
    not_before_us: int | None = None


@dataclass(frozen=True, slots=True)
class SetBoard:
    """One set's part of a scoreboard: whom it scored, for which period, from what, to what end.

    `digest` tells the editions of a set apart.
    """

    set_id: str
    digest: str
    period: str
    roster: Roster
    inputs: Inputs
    result: Result


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """One complete, numbered, immutable result for all sets in force at one moment.

    `data_us` is the data time of its newest reading, None before any. `boards` are in the order
    of their set ids.
    """

    number: int
    published_us: int
    data_us: int | None
    boards: tuple[SetBoard, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of a scoreboard as it is stored: what a set says of a subject, as canonical JSON.

    Subjects: `province`, `block/ID`, `agency/ID`, `agency/ID/INDICATOR`, `indicator/ID`. Only
    what differs from the scoreboard before is stored; a body of None says the subject is gone.
    """

    set_id: str
    subject: str
    body: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """One moment of a subject's history: the scoreboard it stood in, and its stored body."""

    number: int
    data_us: int | None
    published_us: int
    body: str | None
