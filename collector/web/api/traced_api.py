"""`/api/v1/agencies/…`: where a score comes from, and what it would take for a better one."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from collector.web.api.board_api import AgencyPath, SetQuery
from collector.web.api.traced_models import AdviceDocument, ExplanationDocument
from collector.web.current import current
from collector.web.problems import answers
from collector.web.site import Site
from collector.web.traced import advised, explained


def traced_routes(site: Site) -> APIRouter:
    router = APIRouter(prefix="/api/v1/agencies/{agency}", responses=answers(400, 404, 500, 503))

    @router.get("/explain", response_model=ExplanationDocument)
    def explanation(
        agency: AgencyPath,
        indicator: Annotated[str | None, Query(description="Left out: all of them.")] = None,
        set_id: SetQuery = None,
    ) -> Response:
        """Where an agency's score comes from, down to the answers of its sources."""
        return JSONResponse(explained(current(site, set_id), site.store, agency, indicator))

    @router.get("/advise", response_model=AdviceDocument)
    def advice(agency: AgencyPath, set_id: SetQuery = None) -> Response:
        """What would earn an agency more points, a better band or a better rank."""
        return JSONResponse(advised(current(site, set_id), agency))

    return router
