"""A scoreboard beside all that it was worked out from: of a running service, or of a store."""

import json
from dataclasses import dataclass

from collector.cells import agency_body, cell_body
from collector.documents import Document, Edition, stored_edition
from collector.facts import SetBoard
from collector.insight.recompute import known_at
from collector.outlook import SetPlan, outlook
from collector.publish import Published
from collector.scoreboard import Known, build, grids
from collector.settings.findings import hint
from collector.settings.model import Settings
from collector.store.store import Store

# What a stored cell must have in common with what is worked out again. Bounds are left out: how
# far they reach may be told better by a later version, from the same answers.
_AGENCY_FIGURES = ("score", "rank", "band", "coverage")
_CELL_FIGURES = ("value", "target", "points", "points_max", "status")


class RetraceError(ValueError):
    """The scoreboard cannot be worked out again, or there is none; the message says why.

    `unknown`: there is one, and it does not have what was asked for.
    """

    def __init__(self, message: str, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.unknown = unknown


@dataclass(frozen=True)
class Traced:
    """One set's part of a scoreboard, with its plan, the inputs of that moment and the result."""

    settings: Settings
    edition: Edition
    plan: SetPlan
    board: SetBoard
    known: Known

    @property
    def set_id(self) -> str:
        return self.plan.spec.id

    @property
    def head(self) -> Document:
        return self.body("set")

    def body(self, subject: str) -> Document:
        """What the scoreboard says of a subject; RetraceError where it does not have it."""
        body = self.edition.body(self.set_id, subject)
        if body is None:
            raise RetraceError(f"scoreboard {self.edition.number} has no {subject}")
        return body

    def row(self, agency: str) -> int:
        """The agency's place in the arrays; RetraceError where the scoreboard does not have it."""
        try:
            return self.board.roster.agencies.index(agency)
        except ValueError:
            text = f"{agency}: the scoreboard has no such agency"
            hinted = hint(agency, self.board.roster.agencies)
            raise RetraceError(text + hinted, unknown=True) from None


def retrace_published(settings: Settings, published: Published, set_id: str) -> Traced:
    """What the service shows; RetraceError before it has scored anything itself."""
    for plan, board in zip(published.view.plans, published.board.boards, strict=False):
        if plan.spec.id == set_id:
            return Traced(settings, published.edition(), plan, board, published.known)
    raise RetraceError(f"{set_id} has not been scored since the service began")


def retrace_stored(
    settings: Settings, store: Store, set_id: str | None = None, number: int | None = None
) -> Traced:
    """A stored scoreboard, the newest by default, scored again from what was known then.

    RetraceError where there is none, where it does not have the set, and where the configuration
    makes another set of it. The set left out is the first by id.
    """
    edition = stored_edition(store, settings.zone, number)
    if edition is None or not edition.set_ids():
        raise RetraceError("the store holds no such scoreboard" if number else _NOTHING)
    wanted = set_id or edition.set_ids()[0]
    if wanted not in edition.set_ids():
        there = ", ".join(edition.set_ids())
        raise RetraceError(f"--set {wanted}: in force are {there}", unknown=True)
    at_us = edition.published_us
    # By its last run: of several boards of one instant, each knew what had come by then.
    known = known_at(store, edition.number)
    view = outlook(settings, at_us)
    board = build(grids(view, known), known, number=edition.number, at_us=at_us)
    for plan, one in zip(view.plans, board.boards, strict=True):
        if plan.spec.id == wanted:
            return _same_set(Traced(settings, edition, plan, one, known))
    raise RetraceError(f"the configuration has no {wanted} in force at that moment")


def check_agency(traced: Traced, agency: str) -> None:
    """RetraceError unless all figures of an agency come out again as they were published."""
    row = traced.row(agency)
    subject = f"agency/{agency}"
    again = agency_body(traced.settings, traced.plan, traced.board, row)
    _compare(traced, subject, json.loads(json.dumps(again)), _AGENCY_FIGURES)
    for column, indicator in enumerate(traced.plan.spec.indicators):
        again = cell_body(traced.plan, traced.board.result.cells, row, column)
        _compare(traced, f"{subject}/{indicator.id}", again, _CELL_FIGURES)


def _same_set(traced: Traced) -> Traced:
    digest = traced.plan.spec.scoring.digest
    if traced.head["digest"] != digest:
        raise RetraceError(
            f"scoreboard {traced.edition.number} was scored with another version of "
            f"{traced.set_id} ({traced.head['digest']}) than the configuration's ({digest})"
        )
    return traced


def _compare(traced: Traced, subject: str, again: Document, figures: tuple[str, ...]) -> None:
    stored = traced.body(subject)
    for name in figures:
        if again[name] != stored[name]:
            raise RetraceError(
                f"scoreboard {traced.edition.number} has {subject} {name} {stored[name]}, this "
                f"configuration makes it {again[name]}: it is not the one that it was scored with"
            )


_NOTHING = "the store holds no scoreboard yet"
