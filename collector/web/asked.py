"""What would be with other readings: asked of what is published, for pages and API alike."""

from collections.abc import Iterable

from fastapi import HTTPException
from starlette.requests import Request

from collector.documents import Document
from collector.insight.recompute import NotKeptError, rules_of
from collector.insight.whatif import Question, Stood, WhatIfError, readings_given, what_if_of
from collector.settings.findings import ConfigErrors
from collector.settings.model import SetSpec
from collector.web.current import Current, current
from collector.web.site import Site

Pairs = tuple[tuple[str, str], ...]
_DIGEST = "sha256:"


def pairs_of(request: Request) -> Pairs:
    """The metrics of a query and their values; `set` is none."""
    return tuple((key, text) for key, text in request.query_params.multi_items() if key != "set")


def asked(site: Site, agency: str, pairs: Pairs, set_id: str | None) -> Document:
    """400 for a question that makes no sense, 404 for an agency or a set that is not there.

    The set is one in force, or by its digest any that the store keeps.
    """
    one, spec = _chosen(site, set_id)
    if not pairs and set_id is None:
        raise HTTPException(400, "give readings as METRIC=VALUE, a set, or both")
    try:
        return asked_by(one, agency, pairs, spec)
    except WhatIfError as error:
        raise HTTPException(400, str(error)) from error


def asked_by(
    one: Current, agency: str, pairs: Iterable[tuple[str, str]], spec: SetSpec
) -> Document:
    """WhatIfError for a question that makes no sense; 404 for an agency that is not there."""
    one.agency(agency)
    published, values = one.published, readings_given(pairs, one.settings, spec)
    stood = Stood(one.edition.number, one.edition.published_us, published.known)
    return what_if_of(one.settings, stood, Question(agency, values, live_spec(one), spec))


def live_spec(one: Current) -> SetSpec:
    """The set that is looked at; 503 before the service has scored anything itself."""
    found = next(
        (each.spec for each in one.published.view.plans if each.spec.id == one.set_id), None
    )
    if found is None:
        raise HTTPException(503, f"{one.set_id} has not been scored since the service began")
    return found


def _chosen(site: Site, set_id: str | None) -> tuple[Current, SetSpec]:
    """What is looked at, and the set to score by."""
    if set_id is None or not set_id.startswith(_DIGEST):
        one = current(site, set_id)
        return one, live_spec(one)
    try:
        spec = rules_of(site.settings, site.store, set_id)
    except NotKeptError as error:
        raise HTTPException(404, str(error)) from error
    except ConfigErrors as error:
        raise HTTPException(409, str(error)) from error
    in_force = site.published().edition().set_ids()
    return current(site, spec.id if spec.id in in_force else None), spec
