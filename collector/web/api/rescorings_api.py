"""`/api/v1/rescorings`: what other sets would have made of stored history."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import JSONResponse, Response

from collector.web.api.rescorings_models import RescoringDocument, RescoringsDocument
from collector.web.problems import answers
from collector.web.rescorings import Rescorings

_NUMBER_MAX = 2**53
Number = Annotated[int, Path(ge=1, le=_NUMBER_MAX, description="As the command gave it.")]


def rescorings_routes(rescorings: Rescorings) -> APIRouter:
    router = APIRouter(prefix="/api/v1/rescorings")

    @router.get("", response_model=RescoringsDocument, responses=answers(500, 503))
    def rescorings_list() -> Response:
        """All that the store keeps, the newest first."""
        return JSONResponse(rescorings.listed())

    @router.get(
        "/{number}", response_model=RescoringDocument, responses=answers(400, 404, 500, 503)
    )
    def rescoring(number: Number) -> Response:
        """Who gains and who loses; the command `chiso rescore` makes them."""
        return JSONResponse(rescorings.document(number))

    return router
