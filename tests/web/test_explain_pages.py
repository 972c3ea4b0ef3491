"""Explanations and advice as API and pages show them."""

import re

import httpx
import pytest

from tests.web.test_pages import Page

AGENCY = "huyen-phu-yen"


def test_the_explanation_of_one_indicator_is_that_branch_of_the_whole(http: httpx.Client) -> None:
    whole = http.get(f"/api/v1/agencies/{AGENCY}/explain").json()
    branch = http.get(f"/api/v1/agencies/{AGENCY}/explain?indicator=staff-trained").json()
    agency = http.get(f"/api/v1/agencies/{AGENCY}").json()

    (only,) = [one for group in branch["groups"] for one in group["indicators"]]
    assert only in [one for group in whole["groups"] for one in group["indicators"]]
    assert whole["score"]["score"] == agency["score"]
    assert [group["points"] for group in whole["groups"]] == [
        group["points"] for group in agency["groups"]
    ]
    assert whole["sentence"] == branch["sentence"]


@pytest.mark.parametrize("kind", ["explain", "advise"])
def test_what_is_not_there_is_a_404_as_program_and_as_page(http: httpx.Client, kind: str) -> None:
    program = http.get(f"/api/v1/agencies/nobody/{kind}")
    assert program.status_code == 404
    assert program.json()["detail"].startswith("nobody: the scoreboard has no such agency")
    page = http.get("/agencies/nobody/explain", headers={"accept": "text/html"})
    assert page.status_code == 404
    indicator = http.get(f"/api/v1/agencies/{AGENCY}/explain?indicator=staff-traine")
    assert indicator.json()["detail"] == (
        "staff-traine: no such indicator, did you mean staff-trained?"
    )


@pytest.mark.parametrize(("prefix", "language"), [("", "vi"), ("/en", "en")])
def test_the_page_shows_every_point_the_sentence_and_the_way_down(
    http: httpx.Client, prefix: str, language: str
) -> None:
    tree = http.get(f"/api/v1/agencies/{AGENCY}/explain").json()
    html = http.get(f"{prefix}/agencies/{AGENCY}/explain").text
    page = Page(html)

    assert tree["sentence"][language] in page.text
    for one in [one for group in tree["groups"] for one in group["indicators"]]:
        if one["points"] is not None and one["points_max"]:
            raw, _ = page.figures[f"agency/{AGENCY}/{one['id']}/points"]
            assert float(raw) == one["points"]
        if one["rule"]["words"]:
            assert one["rule"]["words"][language] in page.text
        for reading in one["readings"]:
            assert reading["name"][language] in page.text
    assert float(page.figures[f"agency/{AGENCY}/score"][0]) == tree["score"]["score"]


def test_a_page_of_one_indicator_has_that_one_and_a_way_to_all(http: httpx.Client) -> None:
    html = http.get(f"/en/agencies/{AGENCY}/explain?indicator=staff-trained").text

    assert re.findall(r'<article id="([^"]+)"', html) == ["staff-trained"]
    assert f'href="/en/agencies/{AGENCY}/explain"' in html
    assert f'href="/agencies/{AGENCY}/explain?indicator=staff-trained"' in html


@pytest.mark.parametrize(("prefix", "rows"), [("", "868 dòng"), ("/en", "rows: 868")])
def test_what_was_not_asked_over_http_has_its_rows(
    http: httpx.Client, prefix: str, rows: str
) -> None:
    path = f"/agencies/{AGENCY}/explain?indicator=staff-trained"
    tree = http.get(f"/api/v1{path}").json()
    html = http.get(f"{prefix}{path}").text

    (one,) = [one for group in tree["groups"] for one in group["indicators"]]
    (asked,) = one["readings"][0]["run"]["requests"]
    assert asked == {
        "method": "READ",
        "url": "reports/bao-cao.xlsx",
        "status": None,
        "bytes": 20480,
        "rows": 868,
        "seconds": 0.012,
    }
    assert f"READ reports/bao-cao.xlsx → {rows}" in Page(html).text


def test_the_sum_says_what_its_numbers_are_and_no_step_says_nothing(http: httpx.Client) -> None:
    html = http.get("/en/agencies/so-yte/explain").text
    tree = http.get("/api/v1/agencies/so-yte/explain").json()

    assert f" of the {tree['score']['points_max']:g} points that apply)" in html
    assert not re.search(r">([\d.,]+) = \1<", html)
    assert [one["formula"]["numbers"] for one in tree["groups"][0]["indicators"]]


def test_both_languages_have_the_same_elements(http: httpx.Client) -> None:
    vi = Page(http.get(f"/agencies/{AGENCY}/explain").text)
    en = Page(http.get(f"/en/agencies/{AGENCY}/explain").text)

    assert vi.tree == en.tree


@pytest.mark.parametrize(("prefix", "language"), [("", "vi"), ("/en", "en")])
def test_the_agencys_page_has_the_sentence_the_advice_and_links_to_explanations(
    http: httpx.Client, prefix: str, language: str
) -> None:
    advice = http.get(f"/api/v1/agencies/{AGENCY}/advise").json()
    sentence = http.get(f"/api/v1/agencies/{AGENCY}/explain").json()["sentence"]
    html = http.get(f"{prefix}/agencies/{AGENCY}").text
    text = Page(html).text

    assert sentence[language] in text
    for one in advice["indicators"]:
        for goal in one["goals"]:
            if goal["options"]:
                assert goal["words"][language] in text
    assert any(one["goals"] for one in advice["indicators"])
    assert f'href="{prefix}/agencies/{AGENCY}/explain#staff-trained"' in html


def test_every_next_goal_of_the_api_names_a_figure_that_the_board_has(http: httpx.Client) -> None:
    board = http.get("/api/v1/scoreboard").json()
    for agency in board["agencies"]:
        document = http.get(f"/api/v1/agencies/{agency['id']}/advise").json()
        assert (document["score"], document["rank"]) == (agency["score"], agency["rank"])
        if document["next_rank"] is not None:
            ahead = [
                one["score"]
                for one in board["agencies"]
                if one["block"] == agency["block"] and one["rank"] == document["next_rank"]["rank"]
            ]
            assert document["next_rank"]["score"] in ahead
