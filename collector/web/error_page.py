"""An error as a page, for browsers."""

from collections.abc import Mapping

from starlette.responses import HTMLResponse, Response

from collector.figures import Language
from collector.web.links import Here
from collector.web.render import frame_of, render
from collector.web.site import Site


def error_page(
    site: Site, path: str, status: int, incident: str | None, headers: Mapping[str, str]
) -> Response:
    """In the language of the address."""
    english = path == "/en" or path.startswith("/en/")
    language: Language = "en" if english else "vi"
    frame = frame_of(site, language, Here(language, "/"))
    kinds = {404: "not_found", 400: "bad_request"}
    html = render("error.html", frame, kind=kinds.get(status, "failed"), incident=incident)
    return HTMLResponse(html, status, headers=dict(headers))
