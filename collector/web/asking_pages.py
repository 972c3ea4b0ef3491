"""The pages of what would be: with other readings, and by other sets."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from collector.documents import Document
from collector.figures import LANGUAGES, Language
from collector.insight.whatif import WhatIfError
from collector.web.api.board_api import SetQuery
from collector.web.api.rescorings_api import Number
from collector.web.asked import Pairs, asked_by, live_spec, pairs_of
from collector.web.current import Current, current_or_none
from collector.web.links import Here
from collector.web.page import add_page, nothing_yet, page_frame
from collector.web.render import render
from collector.web.rescorings import Rescorings
from collector.web.site import Site
from collector.web.views.rescorings_view import list_rows, rescoring_view
from collector.web.views.whatif_view import whatif_view
from connectors.numbers import read_number

# What a form sends, whose metrics are values: no metric's id has brackets.
_FIELDS = ("metric[]", "value[]")
_DIGITS = 2


def asking_routes(site: Site, rescorings: Rescorings) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    for language in LANGUAGES:
        prefix = "/en" if language == "en" else ""
        add_page(router, f"{prefix}/agencies/{{agency}}/whatif", _whatif(site, language))
        add_page(router, f"{prefix}/rescorings", _rescorings(site, rescorings, language))
        add_page(router, f"{prefix}/rescorings/{{number}}", _rescoring(site, rescorings, language))
    return router


def _whatif(site: Site, language: Language) -> Callable[..., Response]:
    def whatif(request: Request, agency: str, set_id: SetQuery = None) -> Response:
        path, pairs = f"/agencies/{agency}/whatif", pairs_of(request)
        if any(key in _FIELDS for key, _ in pairs):
            asked = _plainly(request, language)
            return RedirectResponse(Here(language, path, set_id, asked=asked).href(), 303)
        here = Here(language, path, set_id, asked=pairs)
        one = current_or_none(site, set_id)
        if one is None:
            return nothing_yet(site, here)
        document, found = one.agency(agency), None
        if pairs:
            found = _found(lambda: asked_by(one, agency, pairs, live_spec(one)))
        frame = page_frame(site, here, one)
        view = whatif_view(one, frame.voice, here, document, pairs, found)
        html = render("whatif.html", frame, view=view, bands=frame.bands)
        return HTMLResponse(html, 400 if view.wrong else 200)

    return whatif


def _found(ask: Callable[[], Document]) -> Document | WhatIfError:
    try:
        return ask()
    except WhatIfError as error:
        return error


def _plainly(request: Request, language: Language) -> Pairs:
    """What a form sent, as an address says it: numbers plain, in whichever language typed."""
    names, texts = (request.query_params.getlist(field) for field in _FIELDS)
    given = zip(names, (text.strip() for text in texts), strict=False)
    return tuple((name, _plain(text, language)) for name, text in given if text)


def _plain(text: str, language: Language) -> str:
    value = read_number(text, "vi" if language == "vi" else "plain")
    return text if isinstance(value, str) or not value.is_finite() else f"{value:f}"


def _rescorings(site: Site, rescorings: Rescorings, language: Language) -> Callable[..., Response]:
    def listed(set_id: SetQuery = None) -> Response:
        here = Here(language, "/rescorings", set_id)
        one = current_or_none(site, set_id)
        frame = page_frame(site, here, one)
        rows = list_rows(frame.voice, here, rescorings.listed(), _digits(one))
        return HTMLResponse(render("rescorings.html", frame, rows=rows))

    return listed


def _rescoring(site: Site, rescorings: Rescorings, language: Language) -> Callable[..., Response]:
    def rescoring(number: Number, set_id: SetQuery = None) -> Response:
        here = Here(language, f"/rescorings/{number}", set_id)
        one = current_or_none(site, set_id)
        frame = page_frame(site, here, one)
        view = rescoring_view(frame.voice, here, rescorings.document(number), _digits(one))
        return HTMLResponse(render("rescoring.html", frame, view=view))

    return rescoring


def _digits(one: Current | None) -> int:
    return _DIGITS if one is None else int(one.head["digits"])
