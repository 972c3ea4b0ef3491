"""The two rankings and how firm ranks are, on pages and in the API."""

import csv
import io
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import httpx
import pytest

from collector.insight.level import level_at, level_document, level_of
from collector.insight.retrace import retrace_published
from collector.insight.robust import robust_document
from collector.periods import instant_us
from collector.web.api.models import ScoreboardDocument
from collector.web.api.robust_models import RobustDocument
from collector.web.current import current
from collector.web.levels import Levels
from collector.web.views.rank_picture import RankRow, rank_picture
from tests.web.site_maker import World
from tests.web.test_pages import Page

SET = "sonla-2024"


def test_the_level_scoreboard_is_that_of_the_published_one(http: httpx.Client, year: World) -> None:
    answer = http.get("/api/v1/scoreboard", params={"ranking": "level"})

    traced = retrace_published(year.site.settings, year.published(), SET)
    assert answer.json() == level_document(level_of(traced, year.site.store))
    ScoreboardDocument.model_validate(answer.json(), strict=True)
    moments = {(one["indicator"], one["block"]): one["data_at"] for one in answer.json()["moments"]}
    assert moments["wifi-online", "district"].startswith("2024-10-08T")
    assert moments["dossiers-online", "district"].startswith("2024-12-31T")


def test_the_live_scoreboard_is_what_it_was_without_being_asked_for(http: httpx.Client) -> None:
    plain = http.get("/api/v1/scoreboard").json()

    assert http.get("/api/v1/scoreboard", params={"ranking": "live"}).json() == plain
    assert not {"ranking", "moments"} & plain.keys()
    assert http.get("/api/v1/scoreboard", params={"ranking": "other"}).status_code == 400


def test_the_page_switches_between_the_rankings_and_keeps_the_headline(http: httpx.Client) -> None:
    live, level = http.get("/").text, http.get("/?ranking=level").text
    document = http.get("/api/v1/scoreboard", params={"ranking": "level"}).json()

    assert 'href="/?ranking=level"' in live
    assert re.search(r'<a href="/" aria-current="true">theo số liệu mới nhất</a>', live)
    assert re.search(r'<a href="/\?ranking=level" aria-current="true">cùng thời điểm</a>', level)
    assert 'href="/en/?ranking=level"' in level
    assert 'href="/?sort=score&amp;ranking=level#' in level
    shown, before = Page(level).figures, Page(live).figures
    for one in document["agencies"]:
        assert float(shown[f"agency/{one['id']}/score"][0]) == one["score"]
    assert shown["province/score"] == before["province/score"]
    assert "15:50 ngày 08/10/2024" in level
    assert "Không ai bị xếp sau" in level


def test_a_level_ranking_says_what_changed_since_yesterdays(
    http: httpx.Client, year: World
) -> None:
    agencies = http.get("/api/v1/scoreboard", params={"ranking": "level"}).json()["agencies"]
    settings, store = year.site.settings, year.site.store
    midnight_us = instant_us(datetime(2024, 12, 30, 17, tzinfo=UTC))

    before = level_at(settings, store, SET, midnight_us - 1)

    assert before is not None
    scores = {one["id"]: one["score"] for one in level_document(before)["agencies"]}
    for one in agencies:
        assert one["change"] == pytest.approx(one["score"] - scores[one["id"]], abs=1e-9)
    assert {one["change"] for one in agencies} != {0.0}


def test_the_sheet_is_of_the_ranking_that_is_asked_for(http: httpx.Client) -> None:
    document = http.get("/api/v1/scoreboard", params={"ranking": "level"}).json()

    answer = http.get("/api/v1/scoreboard.csv", params={"ranking": "level"})

    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["id"], row["score"], row["rank"]) for row in rows] == [
        (one["id"], str(one["score"]), str(one["rank"])) for one in document["agencies"]
    ]
    assert answer.headers["content-disposition"].endswith('-level.csv"')
    page = http.get("/?ranking=level").text
    assert 'href="/api/v1/scoreboard.csv?lang=vi&amp;ranking=level"' in page


def test_a_level_ranking_is_worked_out_once_a_scoreboard(year: World) -> None:
    levels, one = Levels(year.site), current(year.site, None)

    assert levels.of(one) is levels.of(current(year.site, SET))


def test_robustness_is_the_document_for_the_draws_that_are_asked_for(
    http: httpx.Client, year: World
) -> None:
    answer = http.get("/api/v1/robust", params={"draws": 50, "seed": 7, "spread": 0.3})

    traced = retrace_published(year.site.settings, year.published(), SET)
    assert answer.json() == robust_document(traced, draws=50, seed=7, spread=0.3)
    RobustDocument.model_validate(answer.json(), strict=True)
    board = {one["id"]: one["rank"] for one in http.get("/api/v1/scoreboard").json()["agencies"]}
    assert {one["id"]: one["rank"] for one in answer.json()["agencies"]} == board


@pytest.mark.parametrize(
    "query", [{"draws": 0}, {"draws": 10_001}, {"spread": 1}, {"spread": "nan"}, {"seed": -1}]
)
def test_draws_that_cannot_be_are_refused(http: httpx.Client, query: dict[str, str]) -> None:
    assert http.get("/api/v1/robust", params=query).status_code == 400


@pytest.mark.parametrize("language", ["", "/en"])
def test_every_figure_of_the_page_on_robustness_is_that_of_the_api(
    http: httpx.Client, language: str
) -> None:
    document = http.get("/api/v1/robust").json()
    shown = Page(http.get(f"{language}/robust").text).figures

    expected = {
        f"agency/{one['id']}/{key}": one[key]
        for one in document["agencies"]
        for key in ("rank", "inside", "holds")
        if one[key] is not None
    }
    assert {key: float(raw) for key, (raw, _) in shown.items()} == expected


def test_an_agencys_page_says_how_firm_its_rank_is(http: httpx.Client) -> None:
    document = http.get("/api/v1/robust").json()
    said = {one["id"]: one["sentence"] for one in document["agencies"]}

    page = Page(http.get("/agencies/so-yte").text).text

    assert f"Độ vững của thứ hạng: {said['so-yte']['vi']}" in page
    assert said["so-yte"]["en"].startswith("stays at rank ")


def test_both_languages_of_it_have_the_same_elements_and_lead_back(http: httpx.Client) -> None:
    vi, en = http.get("/robust").text, http.get("/en/robust").text

    assert Page(vi).tree == Page(en).tree
    assert 'href="/robust"' in http.get("/").text
    assert '<a href="/en/">To the page of the province</a>' in en


def test_a_rank_is_a_cell_of_the_picture_and_a_range_several() -> None:
    rows = [
        RankRow("<Sở>", rank=1, stays=(1, 1), without=(1, 1)),
        RankRow("B", rank=2, stays=(2, 4), without=(1, 3)),
        RankRow("C", rank=3, stays=(2, 3), without=(3, 3)),
        RankRow("D", rank=4, stays=(4, 4), without=(4, 4)),
    ]

    picture = ET.fromstring(rank_picture(rows, "T", "D", "here"))  # noqa: S314  our own picture

    boxes = [(one.get("x"), one.get("width")) for one in picture.iter("rect")]
    assert boxes == [
        ("0.00%", "25.00%"),
        ("25.00%", "75.00%"),
        ("25.00%", "50.00%"),
        ("75.00%", "25.00%"),
    ]
    lines = [(one.get("x1"), one.get("x2")) for one in picture.iter("line")]
    assert lines[3] == ("12.50%", "62.50%")
    words = [one.text for one in picture.iter("text")]
    assert words == ["1", "2", "3", "4", "<Sở>", "B", "C", "D"]
    assert picture.get("aria-labelledby") == "here-t here-d"


def test_of_many_ranks_only_so_many_have_their_number() -> None:
    rows = [RankRow(str(n), n, (n, n), (n, n)) for n in range(1, 46)]

    words = re.findall(r'class="rank-word"[^>]*>(\d+)<', rank_picture(rows, "T", "D", "here"))

    assert words == [str(rank) for rank in range(1, 46, 4)]
    assert rank_picture([], "T", "D", "here") == ""
