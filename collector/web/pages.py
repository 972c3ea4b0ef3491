"""The pages: province, agency, sources; each in both languages at its own address."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from collector.figures import LANGUAGES, Language
from collector.web.api.board_api import RankingQuery, SetQuery
from collector.web.api.changes_api import FromWhen, ToWhen
from collector.web.api.robust_api import robust_of
from collector.web.current import current_or_none
from collector.web.feeds import views
from collector.web.levels import Levels
from collector.web.links import Direction, Here, SortKey
from collector.web.movement import Movements
from collector.web.page import add_page, nothing_yet, page_frame
from collector.web.past import Past
from collector.web.render import frame_of, render
from collector.web.rescorings import Rescorings
from collector.web.site import Site
from collector.web.traced import advised, explained, sentence_of
from collector.web.views.advise_view import advise_view
from collector.web.views.agency_view import agency_view
from collector.web.views.changes_view import changes_view
from collector.web.views.explain_view import explain_view
from collector.web.views.province_view import province_view
from collector.web.views.rescorings_view import rescored_lines
from collector.web.views.robust_view import firm_sentence, robust_view
from collector.web.views.sources_view import source_rows, sources_view
from collector.web.views.whatif_view import choices_of

DirQuery = Annotated[Direction | None, Query(alias="dir")]


def page_routes(site: Site, rescorings: Rescorings) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    levels = Levels(site)
    past, movements = Past(site.store), Movements(site)
    for language in LANGUAGES:
        prefix = "/en" if language == "en" else ""
        add_page(router, f"{prefix}/", _province(site, past, levels, language))
        agency = _agency(site, past, movements, rescorings, language)
        add_page(router, f"{prefix}/agencies/{{agency}}", agency)
        add_page(router, f"{prefix}/agencies/{{agency}}/explain", _explain(site, language))
        add_page(router, f"{prefix}/sources", _sources(site, language))
        add_page(router, f"{prefix}/robust", _robust(site, language))
    return router


def _province(
    site: Site, past: Past, levels: Levels, language: Language
) -> Callable[..., Response]:
    def province(
        set_id: SetQuery = None,
        sort: SortKey = "rank",
        direction: DirQuery = None,
        ranking: RankingQuery = "live",
    ) -> Response:
        here = Here(language, "/", set_id, sort, direction, ranking=ranking)
        one = current_or_none(site, set_id)
        if one is None:
            return nothing_yet(site, here)
        frame = page_frame(site, here, one)
        level = levels.of(one) if ranking == "level" else None
        view = province_view(one, frame.voice, here, past, views(site), level)
        rows = source_rows(views(site), frame.voice)
        return HTMLResponse(render("province.html", frame, view=view, sources=rows))

    return province


def _agency(
    site: Site, past: Past, movements: Movements, rescorings: Rescorings, language: Language
) -> Callable[..., Response]:
    def agency(
        agency: str, set_id: SetQuery = None, from_: FromWhen = None, to: ToWhen = None
    ) -> Response:
        here = Here(language, f"/agencies/{agency}", set_id, from_=from_ or None, to_=to or None)
        one = current_or_none(site, set_id)
        if one is None:
            return nothing_yet(site, here)
        frame = page_frame(site, here, one)
        view = agency_view(one, frame.voice, agency, past)
        advice = advise_view(frame.voice, advised(one, agency), one.head["digits"])
        sentence = sentence_of(one, agency)[language]
        changes = changes_view(
            frame.voice,
            site.settings,
            one.head["digits"],
            lambda: movements.document(one, agency, from_, to),
        )
        shown = {"view": view, "changes": changes, "advice": advice, "sentence": sentence}
        shown["firm"] = firm_sentence(robust_of(one), agency)[language]
        shown["choices"] = tuple(choices_of(one, frame.voice, one.agency(agency)))
        digits = one.head["digits"]
        shown["rescored"] = rescored_lines(frame.voice, here, rescorings, agency, digits)
        return HTMLResponse(render("agency.html", frame, **shown))

    return agency


def _explain(site: Site, language: Language) -> Callable[..., Response]:
    def explain(agency: str, indicator: str | None = None, set_id: SetQuery = None) -> Response:
        here = Here(language, f"/agencies/{agency}/explain", set_id, indicator=indicator)
        one = current_or_none(site, set_id)
        if one is None:
            return nothing_yet(site, here)
        frame = page_frame(site, here, one)
        tree = explained(one, site.store, agency, indicator)
        view = explain_view(one, frame.voice, tree, alone=indicator is not None)
        return HTMLResponse(render("explain.html", frame, view=view))

    return explain


def _sources(site: Site, language: Language) -> Callable[..., Response]:
    def sources(set_id: SetQuery = None) -> Response:
        here = Here(language, "/sources", set_id)
        frame = frame_of(site, language, here, current_or_none(site, set_id))
        view = sources_view(site, frame.voice)
        return HTMLResponse(render("sources.html", frame, view=view))

    return sources


def _robust(site: Site, language: Language) -> Callable[..., Response]:
    def robust(set_id: SetQuery = None) -> Response:
        here = Here(language, "/robust", set_id)
        one = current_or_none(site, set_id)
        if one is None:
            return nothing_yet(site, here)
        frame = page_frame(site, here, one)
        view = robust_view(frame.voice, here, robust_of(one))
        return HTMLResponse(render("robust.html", frame, view=view))

    return robust
