"""What the handlers of all pages share: their routes, their frame, and the page before any."""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from collector.web.current import Current
from collector.web.feeds import views
from collector.web.links import Here
from collector.web.render import Frame, frame_of, render
from collector.web.site import Site
from collector.web.views.sources_view import source_rows


def add_page(router: APIRouter, path: str, page: Callable[..., Response]) -> None:
    router.add_api_route(path, page, response_class=HTMLResponse, methods=["GET", "HEAD"])


def page_frame(site: Site, here: Here, one: Current | None) -> Frame:
    """With the sources that need attention, where there is a scoreboard to be wrong."""
    plain = frame_of(site, here.language, here)
    if one is None:
        return plain
    late = tuple(row for row in source_rows(views(site), plain.voice) if not row.fresh)
    return frame_of(site, here.language, here, one, late)


def nothing_yet(site: Site, here: Here) -> Response:
    first_us = min(site.next_due_us().values(), default=None)
    frame = frame_of(site, here.language, here)
    begun = site.published().board.number > 0
    sets = site.settings.sets if begun else ()
    return HTMLResponse(render("nothing_yet.html", frame, first_us=first_us, sets=sets))
