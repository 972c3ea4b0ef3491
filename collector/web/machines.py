"""What machines ask for: metrics, and whether the service is alive and ready."""

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query
from prometheus_client.exposition import choose_encoder
from pydantic import BaseModel
from starlette.responses import Response

from collector.web.problems import answers
from collector.web.site import Site


class Health(BaseModel):
    status: str


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

    @router.get("/readyz", responses=answers(503))
    def readyz() -> Health:
        """Figures are shown and kept up to date; else 503, and why not."""
        why = site.not_ready()
        if why is not None:
            raise HTTPException(503, why)
        return Health(status="ready")

    return router
