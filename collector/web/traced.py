"""Explanations and advice of what is published, for pages and API alike."""

from collections.abc import Callable
from typing import TypeVar

from fastapi import HTTPException

from collector.advise import advise
from collector.documents import Document
from collector.evidence import NOTHING_READ, evidence_of
from collector.explain import explain
from collector.retrace import RetraceError, Traced, retrace_published
from collector.store.store import Store
from collector.web.current import Current

T = TypeVar("T")


def explained(one: Current, store: Store, agency: str, indicator: str | None) -> Document:
    """404 for an agency or an indicator that the scoreboard does not have."""
    traced = _traced(one)
    _check(one, agency)
    evidence = evidence_of(traced, store, agency)
    return _found(lambda: explain(traced, agency, evidence, indicator))


def advised(one: Current, agency: str) -> Document:
    """404 for an agency that the scoreboard does not have."""
    _check(one, agency)
    return advise(_traced(one), agency)


def sentence_of(one: Current, agency: str) -> Document:
    """The sentence in both languages; reads no store."""
    sentence: Document = explain(_traced(one), agency, NOTHING_READ)["sentence"]
    return sentence


def _traced(one: Current) -> Traced:
    """503 in the moment before the service has scored anything itself."""
    try:
        return retrace_published(one.settings, one.published, one.set_id)
    except RetraceError as error:
        raise HTTPException(503, str(error)) from error


def _check(one: Current, agency: str) -> None:
    if agency not in one.head["agencies"]:
        raise HTTPException(404, f"the scoreboard has no agency {agency!r}")


def _found(document: Callable[[], T]) -> T:
    try:
        return document()
    except RetraceError as error:
        raise HTTPException(404, str(error)) from error
