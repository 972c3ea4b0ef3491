"""Explanations and advice of what is published, for pages and API alike."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import HTTPException

from collector.documents import Document
from collector.insight.advise import advise
from collector.insight.evidence import NOTHING_READ, evidence_of
from collector.insight.explain import explain
from collector.insight.retrace import RetraceError, Traced, retrace_published
from collector.store.store import Store
from collector.web.current import Current


def explained(one: Current, store: Store, agency: str, indicator: str | None) -> Document:
    """404 for an agency or an indicator that the scoreboard does not have."""
    with _traced(one) as traced:
        traced.row(agency)
        return explain(traced, agency, evidence_of(traced, store, agency), indicator)


def advised(one: Current, agency: str) -> Document:
    """404 for an agency that the scoreboard does not have."""
    with _traced(one) as traced:
        return advise(traced, agency)


def sentence_of(one: Current, agency: str) -> Document:
    """The sentence in both languages; reads no store."""
    with _traced(one) as traced:
        sentence: Document = explain(traced, agency, NOTHING_READ)["sentence"]
        return sentence


@contextmanager
def _traced(one: Current) -> Iterator[Traced]:
    """404 for what is not there; 503 before the service has scored anything itself."""
    try:
        yield retrace_published(one.settings, one.published, one.set_id)
    except RetraceError as error:
        raise HTTPException(404 if error.unknown else 503, str(error)) from error
