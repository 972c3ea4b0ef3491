"""`/api/v1/agencies/…/whatif`: a score, a rank and all that follows, were readings others."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from collector.web.api.board_api import AgencyPath
from collector.web.api.whatif_models import WhatIfDocument
from collector.web.asked import asked, pairs_of
from collector.web.problems import answers
from collector.web.site import Site

SetToTry = Annotated[
    str | None,
    Query(alias="set", description="A set in force, or the digest of one that the store keeps."),
]
# Metrics are the configuration's: no parameter can be named here.
_READINGS: dict[str, Any] = {
    "parameters": [
        {
            "name": "readings",
            "in": "query",
            "description": "Each METRIC=VALUE: a number such as 1234.5, or a state by its name.",
            "style": "form",
            "explode": True,
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    ]
}


def whatif_routes(site: Site) -> APIRouter:
    router = APIRouter(prefix="/api/v1/agencies/{agency}")

    @router.get(
        "/whatif",
        response_model=WhatIfDocument,
        responses=answers(400, 404, 409, 500, 503),
        openapi_extra=_READINGS,
    )
    def whatif(request: Request, agency: AgencyPath, set_id: SetToTry = None) -> Response:
        """The published scoreboard with other readings of an agency; nothing is stored."""
        return JSONResponse(asked(site, agency, pairs_of(request), set_id))

    return router
