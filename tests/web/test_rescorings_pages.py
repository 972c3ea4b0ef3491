"""Stored rescorings in the API and on pages: as the command told them."""

from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from collector.web.api.rescorings_models import RescoringDocument, RescoringsDocument
from collector.web.words.voice import Voice, us_of
from tests.web.site_maker import END_US, client_of, live_a_year, rescore_it, world
from tests.web.test_pages import Page


def test_the_api_tells_a_rescoring_as_the_command_did(tmp_path: Path) -> None:
    with world(tmp_path) as one, client_of(one) as http:
        live_a_year(one, steps=2)
        told = rescore_it(one, tmp_path)

        answer = http.get(f"/api/v1/rescorings/{told['rescoring']}")

    assert answer.json() == told
    RescoringDocument.model_validate(answer.json(), strict=True)


def test_the_list_says_of_each_what_it_is_and_who_gains_most(http: httpx.Client) -> None:
    answer = http.get("/api/v1/rescorings").json()

    RescoringsDocument.model_validate(answer, strict=True)
    (one,) = answer["rescorings"]
    whole = http.get("/api/v1/rescorings/1").json()
    assert (one["set"], one["live"], one["result"]) == (
        whole["set"],
        whole["live"],
        whole["result"],
    )
    assert one["set"]["digest"] != one["live"]["digest"]
    assert one["scoreboards"] == {"first": 1, "last": 28}
    assert one["gains_most"]["gain"] == whole["agencies"][0]["gain"] > 0
    assert one["gain"] == sum((each["gain"] or 0) > 0 for each in whole["agencies"])


@pytest.mark.parametrize(("prefix", "made"), [("", "Chấm lại lúc"), ("/en", "Made")])
def test_pages_and_api_say_when_it_was_made(http: httpx.Client, prefix: str, made: str) -> None:
    (one,) = http.get("/api/v1/rescorings").json()["rescorings"]
    whole = http.get("/api/v1/rescorings/1").json()

    assert one["made_at"] == whole["made_at"] == "2024-12-31T09:12:00Z"
    page = Page(http.get(f"{prefix}/rescorings/1").text).text
    voice = Voice("en" if prefix else "vi", ZoneInfo("Asia/Ho_Chi_Minh"), END_US)
    assert f"{made} {voice.instant(us_of(one['made_at']))}" in page
    assert made.lower() in Page(http.get(f"{prefix}/rescorings").text).text.lower()


@pytest.mark.parametrize("number", ["2", "0", "x", "9" * 30])
def test_there_is_no_other_one(http: httpx.Client, number: str) -> None:
    api, page = http.get(f"/api/v1/rescorings/{number}"), http.get(f"/rescorings/{number}")

    expected = 404 if number == "2" else 400
    assert (api.status_code, page.status_code) == (expected, expected)


@pytest.mark.parametrize("language", ["", "/en"])
def test_every_figure_of_its_page_is_that_of_the_api(http: httpx.Client, language: str) -> None:
    document = http.get("/api/v1/rescorings/1").json()
    shown = Page(http.get(f"{language}/rescorings/1").text).figures

    bodies = {
        "province": document["province"],
        **{f"block/{one['id']}": one for one in document["blocks"]},
        **{f"agency/{one['id']}": one for one in document["agencies"]},
    }
    expected = {f"{key}/gain": one["gain"] for key, one in bodies.items()} | {
        f"{key}/rescored": one["rescored"]["score"] for key, one in bodies.items()
    }
    assert {key: float(raw) for key, (raw, _) in shown.items()} == {
        key: value for key, value in expected.items() if value is not None
    }


def test_its_page_says_why_and_has_the_agencies_of_a_block_together(http: httpx.Client) -> None:
    document = http.get("/api/v1/rescorings/1").json()
    html = http.get("/en/rescorings/1").text

    differences = document["why"]["differences"]
    assert differences
    for one in differences:
        assert f"<code>{one['key']}: {one['live']} → {one['rescored']}</code>" in html
    moved = document["why"]["indicators"][0]
    assert f"most by {moved['name']['en']} +" in html
    live, tried = (document[side]["digest"][7:15] for side in ("live", "set"))
    assert f"({tried})" in html
    assert f"({live})" in html
    ids = [
        one["id"]
        for block in document["blocks"]
        for one in document["agencies"]
        if one["block"] == block["id"]
    ]
    places = [html.index(f'href="/en/agencies/{one}"') for one in ids]
    assert places == sorted(places)


def test_both_languages_have_the_same_elements(http: httpx.Client) -> None:
    for path in ("/rescorings", "/rescorings/1"):
        vi, en = http.get(path).text, http.get(f"/en{path}").text
        assert Page(vi).tree == Page(en).tree
        assert "chiso rescore --set trial.yaml" in vi


def test_an_agencys_page_has_a_line_of_it_and_the_province_leads_to_all(
    http: httpx.Client,
) -> None:
    agencies = http.get("/api/v1/rescorings/1").json()["agencies"]
    one = next(each for each in agencies if each["id"] == "so-yte")

    html = http.get("/agencies/so-yte").text

    shown = Page(html).figures["agency/so-yte/rescored/1"]
    assert float(shown[0]) == one["rescored"]["score"]
    assert f"hạng {one['rescored']['rank']}" in html
    assert '<a href="/rescorings/1">' in html
    assert '<a href="/rescorings">' in http.get("/").text


def test_where_nothing_was_rescored_the_page_says_so_and_how(tmp_path: Path) -> None:
    with world(tmp_path) as one, client_of(one) as http:
        page = http.get("/rescorings").text

        assert http.get("/api/v1/rescorings").json() == {"rescorings": []}
    assert "Chưa có lần chấm lại nào." in page
    assert "chiso rescore --set trial.yaml" in page
