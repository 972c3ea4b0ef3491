"""The application: API, metrics, health and pages, in the two layers that every answer passes."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from collector.web.api.board_api import api_routes
from collector.web.api.changes_api import changes_routes
from collector.web.api.rescorings_api import rescorings_routes
from collector.web.api.robust_api import robust_routes
from collector.web.api.traced_api import traced_routes
from collector.web.api.whatif_api import whatif_routes
from collector.web.asking_pages import asking_routes
from collector.web.machines import machine_routes
from collector.web.pages import page_routes
from collector.web.problems import Problem, handle
from collector.web.rescorings import Rescorings
from collector.web.shell import Headers, Shield
from collector.web.site import Site

STATIC = Path(__file__).parent / "static"


def create_app(site: Site) -> FastAPI:
    """Everything that is served, from what the site gives to look at."""
    app = _App(
        title="chiso",
        version="1",
        description="Scoreboards of agencies on an indicator set, with where every figure is from.",
        openapi_url="/api/v1/openapi.json",
        # Their pages need scripts of elsewhere, which the Content-Security-Policy refuses.
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(Headers), Middleware(Shield, site=site)],
    )
    handle(app, site)
    app.include_router(machine_routes(site))
    app.include_router(api_routes(site))
    app.include_router(traced_routes(site))
    app.include_router(changes_routes(site))
    app.include_router(robust_routes(site))
    app.include_router(whatif_routes(site))
    rescorings = Rescorings(site)
    app.include_router(rescorings_routes(rescorings))
    app.include_router(page_routes(site, rescorings))
    app.include_router(asking_routes(site, rescorings))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/favicon.ico", include_in_schema=False)
    def favicon() -> Response:
        return FileResponse(STATIC / "favicon.svg", media_type="image/svg+xml")

    return app


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """With the shape of our errors, which no route returns as its model, for FastAPI's own."""
        schema = super().openapi()
        shapes = schema.setdefault("components", {}).setdefault("schemas", {})
        shapes["Problem"] = Problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            shapes.pop(unused, None)
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
        return schema
