"""What would be with other readings: the command's document, and the pages that ask for it."""

from pathlib import Path

import httpx
import pytest

from collector.insight.whatif import Question, readings_of, what_if
from collector.web.api.whatif_models import WhatIfDocument
from tests.web.site_maker import World, client_of, world
from tests.web.test_pages import Page

PHU_YEN = "/agencies/huyen-phu-yen/whatif"
ASKED = {"documents_signed": "500", "dossiers_online": "3"}


def asked(http: httpx.Client, agency: str = "huyen-phu-yen", **query: str) -> httpx.Response:
    return http.get(f"/api/v1/agencies/{agency}/whatif", params=query)


def test_the_api_answers_what_the_command_answers(http: httpx.Client, year: World) -> None:
    answer = asked(http, **ASKED)

    settings, store = year.site.settings, year.site.store
    spec = settings.sets[0]
    values = readings_of([f"{name}={text}" for name, text in ASKED.items()], settings, spec)
    question = Question("huyen-phu-yen", values, spec, spec)
    assert answer.json() == what_if(settings, store, question)
    WhatIfDocument.model_validate(answer.json(), strict=True)
    assert {one["id"] for one in answer.json()["indicators"]} == {
        "documents-personally-signed",
        "dossiers-online",
    }


def test_a_state_is_given_by_its_name_and_a_set_by_its_digest(
    http: httpx.Client, year: World
) -> None:
    digest = next(iter(year.site.store.rescorings().values())).set_digest
    states = year.site.settings.metrics["dx_officer"].values or {}

    named = asked(http, dx_officer=next(iter(states)), set="sonla-2024")
    other = asked(http, set=digest)

    assert named.json()["readings"][0]["after"] == float(next(iter(states.values())))
    assert other.json()["set"]["digest"] == digest != other.json()["live"]["digest"]
    rescored = http.get("/api/v1/rescorings/1").json()["agencies"]
    after = next(one["rescored"] for one in rescored if one["id"] == "huyen-phu-yen")
    assert other.json()["after"]["score"] == after["score"]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({}, 400, "give readings as METRIC=VALUE"),
        ({"documents_signd": "3"}, 400, "no such metric, did you mean documents_signed?"),
        ({"documents_signed": "many"}, 400, "'many' is no number"),
        ({"documents_signed": "1e999999999"}, 400, "is no number"),
        ({"documents_sent": "-1"}, 400, "-1 is outside its range, 0 to "),
        ({"documents_signed": "526"}, 400, "526 is more than documents_sent, 525"),
        ({"dx_officer": "seven"}, 400, "'seven' is no state"),
        ({"documents_signed": "3", "set": "sonla-1999"}, 404, "no set 'sonla-1999'"),
        ({"documents_signed": "3", "set": "sha256:00"}, 404, "does not have the set"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_why(
    http: httpx.Client, query: dict[str, str], status: int, said: str
) -> None:
    answer = asked(http, **query)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_an_unknown_agency_and_a_metric_given_twice_are_refused(http: httpx.Client) -> None:
    assert asked(http, "so-khong", documents_signed="3").status_code == 404
    twice = http.get(f"/api/v1{PHU_YEN}?documents_signed=3&documents_signed=4")
    assert (twice.status_code, twice.json()["detail"]) == (
        400,
        "documents_signed: given more than once",
    )


def test_nothing_is_answered_before_there_is_a_scoreboard(tmp_path: Path) -> None:
    with world(tmp_path) as one, client_of(one) as http:
        assert asked(http, documents_signed="3").status_code == 503
        assert "Chưa có bảng điểm" in http.get(PHU_YEN).text


@pytest.mark.parametrize("language", ["", "/en"])
def test_the_page_shows_the_figures_of_the_document(http: httpx.Client, language: str) -> None:
    document = asked(http, **ASKED).json()

    answer = http.get(language + PHU_YEN, params=ASKED)

    assert answer.status_code == 200
    page = Page(answer.text)
    mine = "agency/huyen-phu-yen/whatif"
    for when in ("before", "after"):
        assert float(page.figures[f"{mine}/{when}"][0]) == document[when]["score"]
    for one in document["others"]:
        assert f"/agencies/{one['id']}" in answer.text
    assert "chiso whatif huyen-phu-yen documents_signed=500 dossiers_online=3" in page.text
    assert 'name="value[]" value="500"' in answer.text


def test_both_languages_of_it_have_the_same_elements_and_keep_the_question(
    http: httpx.Client,
) -> None:
    vi, en = http.get(PHU_YEN, params=ASKED).text, http.get(f"/en{PHU_YEN}", params=ASKED).text

    assert Page(vi).tree == Page(en).tree
    assert f'href="/en{PHU_YEN}?documents_signed=500&amp;dossiers_online=3"' in vi


def test_an_agencys_page_offers_its_figures_with_what_they_are_now(http: httpx.Client) -> None:
    html = http.get("/agencies/huyen-phu-yen").text

    assert f'<form method="get" action="{PHU_YEN}">' in html
    assert '<option value="documents_sent">Văn bản điện tử đi (hiện là 525)</option>' in html


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [("", "1.234,5", "1234.5"), ("", "0,5", "0.5"), ("/en", "1234.5", "1234.5")],
)
def test_a_form_is_read_in_the_language_of_its_page(
    http: httpx.Client, language: str, typed: str, meant: str
) -> None:
    sent = {"metric[]": ["tong_score", "staff"], "value[]": [typed, " "]}

    answer = http.get(language + PHU_YEN, params=sent)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{language}{PHU_YEN}?tong_score={meant}"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("documents_sent=-1", "Văn bản điện tử đi: −1 ngoài khoảng từ 0 đến 500.000"),
        ("documents_sent=1e60", " ngoài khoảng từ 0 đến 500.000"),
        ("documents_signed=x", "“x” không phải là số"),
        ("<script>=1", "không có số liệu “&lt;script&gt;”"),
        ("documents_signed=999", "999 lớn hơn Văn bản điện tử đi, 525"),
        ("dx_officer=x", "“x” không thuộc các trạng thái"),
    ],
)
def test_a_page_says_what_is_wrong_in_its_language(
    http: httpx.Client, query: str, said: str
) -> None:
    answer = http.get(f"{PHU_YEN}?{query}")

    assert answer.status_code == 400
    assert said in answer.text
    assert "<script>" not in answer.text


def test_nothing_live_changes(http: httpx.Client, year: World) -> None:
    before = http.get("/api/v1/scoreboard").json(), year.site.store.head()

    asked(http, **ASKED)

    assert (http.get("/api/v1/scoreboard").json(), year.site.store.head()) == before
