"""`/api/v1/robust`: how far the published ranks lean on the weights of their set."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import JSONResponse, Response

from collector.documents import Document
from collector.insight.retrace import RetraceError, retrace_published
from collector.insight.robust import (
    DRAWS,
    DRAWS_MAX,
    SEED,
    SEED_MAX,
    SPREAD,
    SPREAD_MAX,
    robust_document,
)
from collector.web.api.board_api import SetQuery
from collector.web.api.robust_models import RobustDocument
from collector.web.current import Current, current
from collector.web.problems import answers
from collector.web.site import Site

Draws = Annotated[int, Query(ge=1, le=DRAWS_MAX, description="How many sets of weights.")]
Seed = Annotated[int, Query(ge=0, le=SEED_MAX, description="The same draws for the same seed.")]
Spread = Annotated[
    float, Query(ge=0, le=SPREAD_MAX, description="How far a weight may be off: 0.1 is ±10 %.")
]


def robust_routes(site: Site) -> APIRouter:
    router = APIRouter(prefix="/api/v1")

    @router.get("/robust", response_model=RobustDocument, responses=answers(400, 404, 500, 503))
    def robust(
        set_id: SetQuery = None, draws: Draws = DRAWS, seed: Seed = SEED, spread: Spread = SPREAD
    ) -> Response:
        """The ranks that hold under other weights, and with each indicator left out once."""
        return JSONResponse(robust_of(current(site, set_id), draws, seed, spread))

    return router


def robust_of(
    one: Current, draws: int = DRAWS, seed: int = SEED, spread: float = SPREAD
) -> Document:
    """503 before the service has scored anything itself."""
    try:
        traced = retrace_published(one.settings, one.published, one.set_id)
    except RetraceError as error:
        raise HTTPException(503, str(error)) from error
    return robust_document(traced, draws=draws, seed=seed, spread=spread)
