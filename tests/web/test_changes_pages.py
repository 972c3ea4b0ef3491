"""What moved a score, as API and page show it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.clock import HOUR_US
from tests.web.site_maker import END_US, World, client_of, live_a_year, world
from tests.web.test_pages import Page

AGENCY = "huyen-phu-yen"
ROUTE = f"/api/v1/agencies/{AGENCY}/changes"
AUTUMN = {"from": "2024-10-01", "to": "2024-12-31"}


def summed(document: dict[str, Any], kind: str, key: str) -> Decimal:
    return sum((Decimal(str(one[key])) for one in document[kind]), Decimal(0))


def test_the_api_splits_a_change_so_that_its_parts_add_up(http: httpx.Client) -> None:
    document = http.get(ROUTE, params=AUTUMN).json()

    scores = [Decimal(str(document[end]["score"])) for end in ("from", "to")]
    assert scores[1] != scores[0]
    for kind in ("parts", "causes"):
        assert summed(document, kind, "points") == scores[1] - scores[0]
        assert summed(document, kind, "exact") == Decimal(str(document["exact"]))
    rank = document["rank"]
    assert rank["own"] + rank["others"] == document["to"]["rank"] - document["from"]["rank"]


def test_left_out_it_is_the_change_since_the_day_before(http: httpx.Client) -> None:
    board = http.get("/api/v1/scoreboard").json()

    for agency in board["agencies"][:5]:
        document = http.get(f"/api/v1/agencies/{agency['id']}/changes").json()
        assert document["change"] == agency["change"]
        assert document["to"]["number"] == board["number"]
        assert document["to"]["score"] == agency["score"]


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ("from=soon", 400, "'soon' is none of these"),
        ("from=3&to=2", 400, "from: scoreboard 3 is newer than 2"),
        ("to=99999", 404, "to: there is no scoreboard of 99999"),
        ("to=1", 404, "there is no scoreboard of a day before"),
        ("set=x", 404, "no set 'x' is in force"),
    ],
)
def test_what_means_no_two_scoreboards_is_said(
    http: httpx.Client, query: str, status: int, detail: str
) -> None:
    answer = http.get(f"{ROUTE}?{query}")

    assert answer.status_code == status
    assert detail in answer.json()["detail"]


def test_an_agency_that_is_not_there_is_a_404(http: httpx.Client) -> None:
    assert http.get("/api/v1/agencies/nobody/changes").status_code == 404


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_page_has_every_part_with_its_readings_and_says_the_rank(
    http: httpx.Client, prefix: str
) -> None:
    language = "en" if prefix else "vi"
    document = http.get(ROUTE, params=AUTUMN).json()

    html = http.get(f"{prefix}/agencies/{AGENCY}", params=AUTUMN).text
    page = Page(html)

    raw, _ = page.figures[f"agency/{AGENCY}/changes"]
    assert float(raw) == document["change"]
    for part in document["parts"]:
        assert part["name"][language] in page.text
    assert ("Hạng " if language == "vi" else "Rank ") + str(document["from"]["rank"]) in page.text
    assert 'name="from" value="2024-' in html
    other = "" if prefix else "/en"
    assert f'href="{other}/agencies/{AGENCY}?from=2024-10-01&amp;to=2024-12-31"' in html


def test_both_languages_have_the_same_elements(http: httpx.Client) -> None:
    vi, en = (
        Page(http.get(f"{prefix}/agencies/{AGENCY}", params=AUTUMN).text) for prefix in ("", "/en")
    )

    assert vi.tree == en.tree


def test_a_form_with_empty_days_is_that_of_yesterday(http: httpx.Client) -> None:
    empty = http.get(f"/agencies/{AGENCY}", params={"from": "", "to": ""})

    assert empty.status_code == 200
    assert 'name="from" value="2024-' in empty.text


def test_moments_without_a_scoreboard_leave_the_page_with_a_note(http: httpx.Client) -> None:
    answer = http.get(f"/en/agencies/{AGENCY}", params={"from": "2020-01-01"})

    assert answer.status_code == 200
    assert "There is no scoreboard of that moment to compare with." in answer.text
    assert http.get(f"/agencies/{AGENCY}", params={"from": "soon"}).status_code == 400


@pytest.fixture
def two_days(tmp_path: Path) -> Any:
    with world(tmp_path) as one:
        live_a_year(one, steps=2)
        yield one


def test_a_day_on_which_nothing_moved_says_so(
    two_days: World,
) -> None:
    two_days.clock.move_to(END_US + HOUR_US)
    two_days.publisher.publish()

    with client_of(two_days) as http:
        same = http.get(f"/en/agencies/{AGENCY}", params={"from": "3", "to": "4"}).text

    assert "No indicator moved the score." in same
