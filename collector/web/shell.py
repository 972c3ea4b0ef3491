"""The two layers around every answer: security headers, and no trace of what went wrong inside."""

from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.web.problems import answer
from collector.web.site import Site

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


class Headers:
    """Adds the security headers to every answer, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                # Figures change with every scoreboard; only static files say otherwise.
                headers.setdefault("cache-control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_secured)


class Shield:
    """Turns what a handler did not expect into a plain 500; the log has it under the same id."""

    def __init__(self, app: ASGIApp, *, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        except Exception:
            incident = str(uuid4())
            self._site.log.exception("request failed", path=scope.get("path"), incident=incident)
            if begun:
                raise
            response = answer(
                Request(scope), self._site, 500, "something went wrong inside", incident=incident
            )
            await response(scope, receive, send)
