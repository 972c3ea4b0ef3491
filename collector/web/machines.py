"""What machines ask for: metrics, and whether the service is alive and ready."""

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query
from prometheus_client.exposition import choose_encoder
from pydantic import BaseModel
from starlette.responses import Response

from collector.outlook import nothing_in_force
from collector.web.problems import answers
from collector.web.site import Site


class Health(BaseModel):
    status: str


class Readiness(Health):
    note: str | None = None


def machine_routes(site: Site) -> APIRouter:
    router = APIRouter()

    @router.get("/metrics", include_in_schema=False)
    def metrics(
        accept: Annotated[str, Header()] = "",
        names: Annotated[list[str] | None, Query(alias="name[]")] = None,
    ) -> Response:
        encode, content_type = choose_encoder(accept)
        registry = site.registry.restricted_registry(names) if names else site.registry
        # Passed as a header: the type has parameters that must stay as they are.
        return Response(encode(registry), headers={"content-type": content_type})

    @router.get("/healthz")
    def healthz() -> Health:
        """The process answers."""
        return Health(status="ok")

    @router.get("/readyz", responses=answers(503), response_model_exclude_none=True)
    def readyz() -> Readiness:
        """Figures are shown and kept up to date; else 503, and why not.

        Where no set is in force there is nothing to show, which is no fault: a note says it.
        """
        why = site.not_ready()
        if why is not None:
            raise HTTPException(503, why)
        published = site.published()
        idle = published.board.number > 0 and not published.edition().set_ids()
        return Readiness(status="ready", note=nothing_in_force(site.settings) if idle else None)

    return router
