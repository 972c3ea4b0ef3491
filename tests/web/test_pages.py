import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.periods import instant_us
from tests.web.site_maker import NOTE, client_of, world

VOID = {"meta", "link", "br", "input", "img"}


class Page(HTMLParser):
    """Figures by key, the tree of elements, and the visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.figures: dict[str, tuple[str, str]] = {}
        self.tree: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self._key: tuple[str, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tree.append(f"{tag}.{found.get('class', '')}")
        self.attributes += found
        if found.get("data-key") and found.get("value") is not None:
            self._key = (str(found["data-key"]), str(found["value"]))

    def handle_endtag(self, tag: str) -> None:
        self.tree.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._key and data.strip():
            key, raw = self._key
            self.figures[key] = (raw, data.strip())
            self._key = None


def _figures(http: httpx.Client, path: str) -> dict[str, tuple[str, str]]:
    return Page(http.get(path).text).figures


def test_every_figure_of_the_provinces_page_is_that_of_the_api(http: httpx.Client) -> None:
    board = http.get("/api/v1/scoreboard").json()
    shown = _figures(http, "/")

    expected: dict[str, Any] = {"province/score": board["province"]["score"]}
    for one in board["blocks"]:
        expected[f"block/{one['id']}/score"] = one["score"]
    for one in board["agencies"]:
        for key in ("score", "rank", "coverage", "change"):
            if one[key] is not None:
                expected[f"agency/{one['id']}/{key}"] = one[key]
    for one in board["indicators"]:
        if one["unit"] == "ratio" and None not in (one["value"], one["target"]):
            expected[f"indicator/{one['id']}/value"] = one["value"]
    found = {key: float(raw) for key, (raw, _) in shown.items() if not key.endswith("/low")}
    found.pop("province/change")
    assert found == expected


def test_every_figure_of_an_agencys_page_is_that_of_the_api(http: httpx.Client) -> None:
    document = http.get("/api/v1/agencies/huyen-phu-yen").json()
    shown = _figures(http, "/en/agencies/huyen-phu-yen")

    subject = "agency/huyen-phu-yen"
    assert float(shown[f"{subject}/score"][0]) == document["score"]
    assert shown[f"{subject}/score"][1] == f"{document['score']:.2f}"
    for group in document["groups"]:
        for one in group["indicators"]:
            key = f"{subject}/{one['id']}"
            if one["value"] is not None:
                assert float(shown[f"{key}/value"][0]) == one["value"]
            if one["points"] is not None and one["points_max"]:
                assert float(shown[f"{key}/points"][0]) == one["points"]
                assert Decimal(shown[f"{key}/points"][1]) == Decimal(str(one["points"]))


def test_numbers_have_the_decimal_sign_of_their_language(http: httpx.Client) -> None:
    vi, en = _figures(http, "/"), _figures(http, "/en/")

    assert vi["province/score"][1] == en["province/score"][1].replace(".", ",")
    assert vi.keys() == en.keys()
    assert not [text for _, text in vi.values() if "." in text]


@pytest.mark.parametrize("path", ["/", "/agencies/so-yte", "/agencies/so-ngoai-vu", "/sources"])
def test_both_languages_have_the_same_elements(http: httpx.Client, path: str) -> None:
    vi, en = http.get(path).text, http.get("/en" + path).text

    assert Page(vi).tree == Page(en).tree
    assert '<html lang="vi">' in vi
    assert '<html lang="en">' in en


@pytest.mark.parametrize("path", ["/", "/agencies/so-yte", "/sources"])
def test_pages_have_no_inline_style_or_script_and_show_the_note(
    http: httpx.Client, path: str
) -> None:
    html = http.get(path).text
    page = Page(html)

    assert NOTE[0] in html
    assert not {"script.", "style."} & set(page.tree)
    assert not [name for name in page.attributes if name == "style" or name.startswith("on")]
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'href="#([^"]+)"', html)
    assert set(targets) <= set(ids)


def test_every_link_of_the_pages_leads_somewhere(http: httpx.Client) -> None:
    wanted = {"/", "/en/"}
    seen: set[str] = set()
    while todo := wanted - seen:
        path = todo.pop()
        seen.add(path)
        answer = http.get(path)
        assert answer.status_code == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            # The agencies' pages in English have the same elements, as another test shows.
            found = re.findall(r'href="(/(?!en/agencies)[^"#]*)', answer.text)
            wanted |= {one.replace("&amp;", "&") for one in found}
    assert len(seen) > 45


def test_the_language_link_keeps_path_and_query(http: httpx.Client) -> None:
    html = http.get("/?set=sonla-2024&sort=change&dir=desc").text
    back = http.get("/en/agencies/so-yte?set=sonla-2024").text

    assert 'href="/en/?set=sonla-2024&amp;sort=change&amp;dir=desc"' in html
    assert 'href="/agencies/so-yte?set=sonla-2024"' in back


def _order(http: httpx.Client, query: str) -> list[str]:
    html = http.get(f"/?{query}").text
    table = html[html.index('class="ranked') :].split("</table>")[0]
    return re.findall(r'href="/agencies/([\w-]+)', table)


def test_the_ranking_can_be_sorted_by_link_both_ways(http: httpx.Client) -> None:
    board = http.get("/api/v1/scoreboard").json()
    block = board["blocks"][0]["id"]
    agencies = [one for one in board["agencies"] if one["block"] == block]

    assert _order(http, "")[0] == agencies[0]["id"]
    assert _order(http, "sort=score&dir=asc")[0] == agencies[-1]["id"]
    by_change = {one["id"]: one["change"] for one in agencies}
    changes = [by_change[agency] for agency in _order(http, "sort=change")]
    assert changes == sorted(changes)
    assert _order(http, "sort=name") == _order(http, "sort=name&dir=desc")[::-1]
    html = http.get("/?sort=change").text
    assert html.count('aria-sort="ascending"') == len(board["blocks"])
    assert 'href="/?sort=change&amp;dir=desc#' in html


def test_stale_missing_and_refused_figures_are_said_with_word_reason_and_contact(
    http: httpx.Client,
) -> None:
    province = Page(http.get("/").text).text
    wifi = Page(http.get("/agencies/huyen-phu-yen").text).text
    silent = Page(http.get("/agencies/so-ngoai-vu").text).text
    sources = Page(http.get("/sources").text).text

    assert "2 nguồn số liệu cần chú ý." in province
    assert "Cũ hơn mức 1\xa0ngày của nguồn" in wifi
    assert "15:50 ngày 08/10/2024" in wifi
    assert "Đã hỏi nguồn, chưa nhận được số liệu kỳ này; tính 0 điểm" in silent
    assert "ngoài khoảng hợp lý" in sources
    assert "the answer is HTML, not JSON" in sources
    assert sources.index("Nội dung sai") < sources.index("Số liệu cũ") < sources.index("Đúng hạn")


def test_an_indicator_shows_numerator_denominator_target_source_and_owner(
    http: httpx.Client,
) -> None:
    entry = http.get("/api/v1/agencies/so-yte").json()
    found = {one["id"]: one for group in entry["groups"] for one in group["indicators"]}
    inputs = {one["metric"]: int(one["value"]) for one in found["dossiers-digitised"]["inputs"]}
    text = Page(http.get("/agencies/so-yte").text).text

    above = inputs["dossiers_digitised"] + inputs["results_digitised"]
    below = inputs["dossiers_received"] + inputs["dossiers_resolved"]
    assert f"{above} / {below}".replace(",", ".") in text.replace(".", "").replace("\xa0", " ")
    assert "Hệ thống thông tin giải quyết thủ tục hành chính" in text
    assert "Văn phòng UBND tỉnh" in text
    assert "Chuyên trách" in text or "Kiêm nhiệm" in text


@pytest.fixture
def two_sets(tmp_path: Path) -> Iterator[httpx.Client]:
    with world(tmp_path, "national-766", note=None) as one, client_of(one) as client:
        one.clock.move_to(instant_us(datetime(2025, 10, 15, tzinfo=UTC)))
        one.publisher.publish()
        yield client


def test_a_province_with_several_sets_offers_the_choice(two_sets: httpx.Client) -> None:
    html = two_sets.get("/").text
    sets = sorted(set(re.findall(r'href="/\?set=([\w-]+)"', html)))

    assert len(sets) == 1
    other = two_sets.get("/", params={"set": sets[0]})
    assert other.status_code == 200
    assert f"set={sets[0]}" in other.text
    assert (
        two_sets.get("/api/v1/scoreboard", params={"set": sets[0]}).json()["set"]["id"] == sets[0]
    )
    assert 'class="note"' not in html


def test_agencies_without_a_score_still_stand_in_their_table_with_what_is_possible(
    two_sets: httpx.Client,
) -> None:
    board = two_sets.get("/api/v1/scoreboard").json()
    page = Page(two_sets.get("/").text)

    assert {one["score"] for one in board["agencies"]} == {None}
    assert page.text.count("0,00–100,00") == len(board["agencies"])
    assert "Tỉnh Sơn La" in page.text
    assert page.text.count("Chưa có điểm") > len(board["agencies"])
