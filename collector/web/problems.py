"""Errors as people and programs read them: a page for browsers, problem+json (RFC 9457) else."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.store.errors import StoreError
from collector.web.error_page import error_page
from collector.web.site import Site

MEDIA_TYPE = "application/problem+json"
_RETRY_S = "5"


class Problem(BaseModel):
    """An error, as RFC 9457 describes it."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    detail: str
    instance: str | None = Field(None, description="The id under which the log has it.")


class ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer instead of its document, for the OpenAPI."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def answer(
    request: Request, site: Site, status: int, detail: str, *, incident: str | None = None
) -> Response:
    """The error in the form that the asker reads."""
    headers = {"retry-after": _RETRY_S} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if _is_page(request):
        return error_page(site, request.url.path, status, incident, headers)
    problem = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=None if incident is None else f"urn:uuid:{incident}",
    )
    return ProblemResponse(problem.model_dump(exclude_none=True), status, headers=headers)


def handle(app: FastAPI, site: Site) -> None:
    """Have the application answer its errors this way."""

    async def http(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        response = answer(request, site, error.status_code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    async def query(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        return answer(request, site, 400, _what_is_wrong(error))

    async def away(request: Request, error: Exception) -> Response:
        # The message names the store's place: it is for the log only.
        site.log.error("store is not available", path=request.url.path, error=str(error))
        return answer(request, site, 503, "the store is not available at the moment")

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, query)
    app.add_exception_handler(StoreError, away)


def _is_page(request: Request) -> bool:
    machine = request.url.path.startswith(("/api/", "/static/", "/metrics", "/healthz", "/readyz"))
    return not machine and "text/html" in request.headers.get("accept", "")


def _what_is_wrong(error: RequestValidationError) -> str:
    return "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors())
