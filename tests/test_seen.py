"""What people and machines see of the demo after its year: metrics, dashboards, API and pages."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, sync_playwright

from tests.deploy.panels import assert_every_panel_answers
from tests.programs import require
from tests.prometheus import ask, running_prometheus
from tests.years import Year

PAGES = ("/", "/en/", "/agencies/so-yte", "/en/agencies/huyen-phu-yen", "/sources", "/en/sources")


def test_prometheus_scrapes_it_and_every_panel_of_both_dashboards_answers(
    served_year: str, tmp_path: Path
) -> None:
    with running_prometheus(served_year, tmp_path) as url:
        assert_every_panel_answers(url)

        assert ask(url, "dti_province_score")[0]["value"][1] == "74.8"


def test_promtool_finds_nothing_wrong_with_the_metrics(served_year: str) -> None:
    page = got(f"{served_year}/metrics")

    checked = subprocess.run(
        [require("promtool"), "check", "metrics"], input=page, capture_output=True, check=False
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


def test_the_api_gives_the_document_that_the_year_ended_with(served_year: str, year: Year) -> None:
    document = json.loads(got(f"{served_year}/api/v1/scoreboard"))

    for key in ("set", "period", "province", "blocks"):
        assert without_bounds(document[key]) == without_bounds(year.document[key])
    assert [(one["id"], one["score"], one["rank"]) for one in document["agencies"]] == [
        (one["id"], one["score"], one["rank"]) for one in year.document["agencies"]
    ]


@pytest.mark.parametrize("width", [390, 1280])
def test_chromium_opens_every_page_without_a_word_on_the_console(
    served_year: str, width: int
) -> None:
    chromium = require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": width, "height": 900})
        said = listened(page)
        for path in PAGES:
            page.goto(served_year + path)
            assert page.locator("h1").count() == 1
            assert fits(page)
        browser.close()

    assert said == []


def listened(page: Page) -> list[str]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def fits(page: Page) -> bool:
    root = "document.documentElement"
    return bool(page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"))


def got(url: str) -> bytes:
    answer = requests.get(url, timeout=10)
    assert answer.status_code == 200
    return answer.content


def without_bounds(value: Any) -> Any:
    """What does not depend on how many seconds ago a source was asked."""
    if isinstance(value, list):
        return [without_bounds(one) for one in value]
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if key not in {"low", "high"}}
    return value
