from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

FEW = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


def test_whatever_fits_the_description_is_answered_as_described(served: str) -> None:
    description = schemathesis.openapi.from_url(f"{served}/api/v1/openapi.json")
    operations = [found.ok() for found in description.get_all_operations() if isinstance(found, Ok)]

    for operation in operations:

        @FEW
        @given(case=operation.as_strategy())
        def holds(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(checks=CHECKS)

        holds()

    assert len(operations) == 14


def test_the_description_names_every_route_and_its_errors(http: httpx.Client) -> None:
    document = http.get("/api/v1/openapi.json").json()

    assert set(document["paths"]) == {
        "/healthz",
        "/readyz",
        "/api/v1/scoreboard",
        "/api/v1/scoreboard.csv",
        "/api/v1/agencies/{agency}",
        "/api/v1/agencies/{agency}/history",
        "/api/v1/agencies/{agency}/explain",
        "/api/v1/agencies/{agency}/advise",
        "/api/v1/agencies/{agency}/changes",
        "/api/v1/agencies/{agency}/whatif",
        "/api/v1/rescorings",
        "/api/v1/rescorings/{number}",
        "/api/v1/robust",
        "/api/v1/sources",
    }
    history = document["paths"]["/api/v1/agencies/{agency}/history"]["get"]["responses"]
    assert set(history) == {"200", "400", "404", "500", "503"}
    assert set(history["404"]["content"]) == {"application/problem+json"}
    assert "Problem" in document["components"]["schemas"]


def test_there_are_no_pages_of_documentation_that_the_policy_would_break(
    http: httpx.Client,
) -> None:
    assert http.get("/docs").status_code == 404
    assert http.get("/redoc").status_code == 404
