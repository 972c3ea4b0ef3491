"""The pages in Chromium: at desk and phone width, light and dark, with and without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.programs import require

PATHS = (
    "/",
    "/en/",
    "/agencies/huyen-phu-yen",
    "/en/agencies/so-ngoai-vu",
    "/agencies/huyen-phu-yen/explain",
    "/en/agencies/so-ngoai-vu/explain?indicator=staff-trained",
    "/sources",
    "/?ranking=level",
    "/robust",
    "/agencies/huyen-phu-yen/whatif?documents_signed=500&dossiers_online=3",
    "/en/agencies/so-ngoai-vu/whatif",
    "/rescorings",
    "/en/rescorings/1",
)
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
SMALL = """[...document.querySelectorAll('a, summary')]
  .filter(one => one.checkVisibility() && !one.closest('.skip') && one.className !== 'skip')
  .filter(one => [...one.getClientRects()].every(box => box.height < 24))
  .map(one => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = require("chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def _open(page: Page, url: str) -> list[str]:
    """What the browser complains about while a page opens: errors, refusals by the policy."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(request.url))
    page.goto(url, wait_until="load")
    return said


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_open_without_a_complaint(
    chromium: Browser, served: str, width: int, scheme: str
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    for path in PATHS:
        page = context.new_page()
        assert _open(page, served + path) == []
        assert page.locator("h1").is_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(20, 23, 27)" if scheme == "dark" else "rgb(255, 255, 255)"
        )
        page.close()
    context.close()


@pytest.mark.parametrize("width", [320, 640, 970])
def test_nothing_scrolls_sideways_even_with_all_details_open(
    chromium: Browser, served: str, width: int
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    for path in PATHS:
        page.goto(served + path)
        page.evaluate(OPEN_ALL)
        assert page.evaluate(FITS), path
    page.close()


def test_pages_say_the_same_without_javascript(chromium: Browser, served: str) -> None:
    texts = []
    for enabled in (True, False):
        context = chromium.new_context(java_script_enabled=enabled)
        page = context.new_page()
        page.goto(served + "/")
        texts.append(page.locator("main").inner_text())
        context.close()

    assert texts[0] == texts[1]


def test_the_ranked_table_means_the_same_on_a_phone_as_on_a_desk(
    chromium: Browser, served: str
) -> None:
    shapes = []
    for width in (390, 1280):
        page = chromium.new_page(viewport={"width": width, "height": 900})
        page.goto(served + "/")
        table = page.get_by_role("table", name="Xếp hạng").first
        rows = table.get_by_role("row")
        shapes.append(
            [
                (rows.count(), rows.nth(index).get_by_role("cell").count())
                for index in range(rows.count())
            ]
        )
        page.close()

    assert shapes[0] == shapes[1]
    assert len(shapes[0]) == 21


def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(
    chromium: Browser, served: str
) -> None:
    page = chromium.new_page()
    page.goto(served + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").is_visible()
    for _ in range(12):
        assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
        page.keyboard.press("Tab")

    page.locator(".ranked a", has_text="Độ phủ").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?sort=coverage*")
    assert page.locator("[aria-sort]").first.inner_text().strip() == "Độ phủ"
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_what_can_be_touched_is_large_enough(chromium: Browser, served: str, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    for path in PATHS:
        page.goto(served + path)
        assert page.evaluate(SMALL) == [], path
    page.close()


def test_paper_is_light_and_has_instants_instead_of_ages(chromium: Browser, served: str) -> None:
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(served + "/")
    page.emulate_media(media="print", color_scheme="dark")

    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 31, 36)"
    assert page.get_by_text("phút trước").filter(visible=True).count() == 0
    assert page.locator(".ranked .paper").first.is_visible()
    assert page.locator("header nav").is_hidden()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    context.close()


def test_from_the_province_to_an_agency_to_its_source_in_english(
    chromium: Browser, served: str
) -> None:
    page = chromium.new_page()
    page.goto(served + "/")
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Department of Health").click()
    assert page.locator("h1").inner_text() == "Department of Health"
    page.locator("summary", has_text="Document system").first.click()
    assert page.get_by_text("Outgoing e-documents:").first.is_visible()
    page.get_by_role("link", name="Sources", exact=True).click()
    page.locator("#source-documents summary").click()
    assert page.get_by_text("outside the plausible range").is_visible()
    page.close()
