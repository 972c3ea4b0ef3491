"""`/api/v1/agencies/…/changes`: what moved a score and a rank between two scoreboards."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from collector.web.api.board_api import AgencyPath, SetQuery
from collector.web.api.changes_models import ChangesDocument
from collector.web.current import current
from collector.web.movement import Movements
from collector.web.problems import answers
from collector.web.site import Site

WHEN = "A scoreboard's number, a local day (its last scoreboard), or an instant. "
FromWhen = Annotated[
    str | None, Query(alias="from", description=f"{WHEN}Left out: the day before `to`.")
]
ToWhen = Annotated[str | None, Query(description=f"{WHEN}Left out: the published one.")]


def changes_routes(site: Site) -> APIRouter:
    router = APIRouter(prefix="/api/v1/agencies/{agency}")
    movements = Movements(site)

    @router.get(
        "/changes",
        response_model=ChangesDocument,
        responses=answers(400, 404, 409, 500, 503),
    )
    def changes(
        agency: AgencyPath, from_: FromWhen = None, to: ToWhen = None, set_id: SetQuery = None
    ) -> Response:
        """What moved an agency's score and rank, by cause and indicator, adding up exactly."""
        return JSONResponse(movements.document(current(site, set_id), agency, from_, to))

    return router
