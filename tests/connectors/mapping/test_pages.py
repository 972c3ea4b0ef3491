"""Every way of paging, and every way in which a page can be missing or twice."""

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import SourceError
from connectors.http import NO_WAIT
from connectors.http_json import HttpJson
from tests.connectors.asking import observe
from tests.connectors.preset import recorded
from tests.source_server import Asked, Script, Served, SourceServer, as_json

ROWS = [{"code": f"H{number}", "sent": number} for number in range(5)]


def paged(url: str, pages: dict[str, Any], **request: Any) -> HttpJson:
    asked = {
        "path": "/rows",
        "pages": pages,
        "records": "rows",
        "agency": {"code": "code", "system": "documents"},
        "metrics": {"documents_sent": {"path": "sent"}},
        **request,
    }
    limits = NO_WAIT.model_dump() | {"max_pages": 10, "max_records": 50}
    return HttpJson.model_validate(
        {"base_url": url, "allow": ["base_url"], "limits": limits, "requests": [asked]}
    )


def rows_from(parameter: str, *, first: int = 0, scale: int = 1, size: int = 2) -> Script:
    """A source that numbers pages (scale: their size) or rows (scale 1) in a query parameter."""

    def answer(asked: Asked) -> Served:
        start = (int(asked.query[parameter]) - first) * scale
        return as_json({"rows": ROWS[start : start + size], "total": len(ROWS)})

    return answer


@pytest.mark.parametrize("total", [{}, {"total": "total"}])
def test_pages_by_number(source_server: SourceServer, total: dict[str, str]) -> None:
    source_server.answer = rows_from("page", first=1, scale=2)
    pages = {"type": "page_number", "param": "page", "size_param": "size", "size": 2, **total}

    answer = observe(paged(source_server.url, pages))

    assert [one.agency for one in answer.observations] == ["H0", "H1", "H2", "H3", "H4"]
    assert (answer.received, answer.declared) == (5, 5 if total else None)
    assert [asked.query for asked in source_server.asked] == [
        {"page": page, "size": "2"} for page in ("1", "2", "3")
    ]


def test_pages_by_number_from_zero_in_the_path(source_server: SourceServer) -> None:
    def answer(asked: Asked) -> Served:
        start = int(asked.path.rpartition("/")[2]) * 2
        return as_json({"rows": ROWS[start : start + 2]})

    source_server.answer = answer
    pages = {"type": "page_number", "start": 0, "size": 2}

    answer_ = observe(paged(source_server.url, pages, path="/rows/{page}"))

    assert answer_.received == 5
    assert source_server.paths() == ["/rows/0", "/rows/1", "/rows/2"]


def test_without_a_size_an_empty_page_is_the_end(source_server: SourceServer) -> None:
    source_server.answer = rows_from("page", first=1, scale=2)

    answer = observe(paged(source_server.url, {"type": "page_number", "param": "page"}))

    assert answer.received == 5
    assert len(source_server.asked) == 4


def test_pages_by_offset_move_on_by_what_came(source_server: SourceServer) -> None:
    source_server.answer = rows_from("start", size=2)  # whatever limit is asked for
    pages = {
        "type": "offset",
        "param": "start",
        "size_param": "limit",
        "size": 4,
        "total": "total",
    }

    answer = observe(paged(source_server.url, pages))

    assert (answer.received, answer.declared) == (5, 5)
    assert [asked.query["start"] for asked in source_server.asked] == ["0", "2", "4"]


def test_pages_by_a_link_in_the_header(source_server: SourceServer) -> None:
    source_server.says(
        as_json({"rows": ROWS[:3]}, Link='</rows?after=H2>; rel="next", </rows>; rel=first'),
        as_json({"rows": ROWS[3:]}, Link='</rows>; rel="prev"'),
    )
    pages = {"type": "link_header", "size_param": "perPage", "size": 3}

    answer = observe(paged(source_server.url, pages, query={"product": "wireless"}))

    assert answer.received == 5
    assert [asked.query for asked in source_server.asked] == [
        {"product": "wireless", "perPage": "3"},
        {"after": "H2"},
    ]


@pytest.mark.parametrize("end", [None, ""])
def test_pages_by_a_link_in_the_body(source_server: SourceServer, end: str | None) -> None:
    source_server.says(
        as_json({"rows": ROWS[:2], "next": f"{source_server.url}/rows?page=2"}),
        as_json({"rows": ROWS[2:4], "next": "?page=3"}),
        as_json({"rows": ROWS[4:], "next": end}),
    )

    answer = observe(paged(source_server.url, {"type": "next_link", "next": "next"}))

    assert answer.received == 5
    assert [asked.query.get("page") for asked in source_server.asked] == [None, "2", "3"]


@pytest.mark.parametrize(
    "link", ["https://other.example/rows?page=2", "//other.example/rows", "ftp://x/y"]
)
def test_a_link_to_another_host_is_not_followed(source_server: SourceServer, link: str) -> None:
    source_server.answer = lambda _: as_json({"rows": ROWS, "next": link})

    with pytest.raises(SourceError, match="own origin") as caught:
        observe(paged(source_server.url, {"type": "next_link", "next": "next"}))

    assert caught.value.reason == "content"
    assert len(source_server.asked) == 1


@pytest.mark.parametrize(
    ("place", "given", "body"),
    [
        ("form", {"a": "1"}, b"a=1&page=1&size=2"),
        ("json", {"a": 1}, b'{"a": 1, "page": 1, "size": 2}'),
        (
            "form_json",
            {"params": {"a": 1}},
            b"params=%7B%22a%22%3A1%2C%22page%22%3A1%2C%22size%22%3A2%7D",
        ),
    ],
)
def test_the_page_can_stand_in_a_body(
    source_server: SourceServer, place: str, given: dict[str, Any], body: bytes
) -> None:
    source_server.answer = lambda _: as_json({"rows": []})
    pages = {"type": "page_number", "param": "page", "size_param": "size", "size": 2, "in": place}

    observe(paged(source_server.url, pages, method="POST", **{place: given}))

    asked = source_server.asked[0]
    assert asked.body == body
    assert asked.query == {}


def test_a_page_that_comes_twice_is_an_error(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json({"rows": ROWS[:2], "took": len(source_server.asked)})
    pages = {"type": "page_number", "param": "page", "size": 2}

    with pytest.raises(SourceError, match="page 2 is a page that came before") as caught:
        observe(paged(source_server.url, pages))

    assert caught.value.reason == "content"


@pytest.mark.parametrize("again", [slice(0, 2), slice(2, 4)])
def test_a_page_that_comes_back_later_is_an_error(
    source_server: SourceServer, again: slice
) -> None:
    parts = (slice(0, 2), slice(2, 4), again)
    source_server.says(*(as_json({"rows": ROWS[part]}) for part in parts))
    pages = {"type": "page_number", "param": "page", "size": 2}

    with pytest.raises(SourceError, match="page 3 is a page that came before"):
        observe(paged(source_server.url, pages))


def test_a_page_that_fails_fails_the_run(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": ROWS[:2]}), Served(status=404))
    pages = {"type": "page_number", "param": "page", "size": 2}

    with pytest.raises(SourceError, match="404"):
        observe(paged(source_server.url, pages))


def test_a_page_too_few_is_seen_by_the_total(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": ROWS[:2], "total": 5}), as_json({"rows": [], "total": 5}))
    pages = {"type": "page_number", "param": "page", "size": 2, "total": "total"}

    answer = observe(paged(source_server.url, pages))

    assert (answer.received, answer.declared) == (2, 5)


def test_a_total_can_be_declared_for_a_single_page(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": ROWS, "total": "7"}))

    answer = observe(paged(source_server.url, {"type": "single", "total": "total"}))

    assert (answer.received, answer.declared) == (5, 7)


def test_a_total_that_changes_on_the_way_is_an_error(source_server: SourceServer) -> None:
    source_server.says(
        as_json({"rows": ROWS[:2], "total": 4}), as_json({"rows": ROWS[2:4], "total": 5})
    )
    pages = {"type": "page_number", "param": "page", "size": 2, "total": "total"}

    with pytest.raises(SourceError, match="total changed from 4 to 5"):
        observe(paged(source_server.url, pages))


@pytest.mark.parametrize("total", [None, "many", -1, 2.5, True, [5], "NaN"])
def test_a_total_that_is_no_number_of_rows_is_an_error(
    source_server: SourceServer, total: Any
) -> None:
    source_server.says(as_json({"rows": ROWS, "total": total}))

    with pytest.raises(SourceError, match="`total` is no number of rows") as caught:
        observe(paged(source_server.url, {"type": "none", "total": "total"}))

    assert caught.value.reason == "content"


def test_a_page_that_miscounts_itself_is_an_error(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": ROWS[:2], "count": 3}))

    with pytest.raises(SourceError, match="page 1 says it has 3 rows and has 2"):
        observe(paged(source_server.url, {"type": "single", "count": "count"}))


def test_there_is_an_end_to_pages(source_server: SourceServer) -> None:
    source_server.answer = lambda asked: as_json({"rows": [{"code": asked.query["page"]}]})

    with pytest.raises(SourceError, match="more than 10 pages"):
        observe(paged(source_server.url, {"type": "page_number", "param": "page"}))

    assert len(source_server.asked) == 10


def test_there_is_an_end_to_rows(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": ROWS * 11}))

    with pytest.raises(SourceError, match="more than 50 rows"):
        observe(paged(source_server.url, {"type": "single"}))


@pytest.mark.parametrize(
    ("pages", "request_"),
    [
        ({"type": "page_number"}, {}),
        ({"type": "offset", "size": 2}, {}),
        ({"type": "single"}, {"path": "/rows/{page}"}),
        ({"type": "link_header"}, {"query": {"p": "{page}"}}),
        ({"type": "cursor"}, {}),
        ({"type": "next_link"}, {}),
        ({"type": "next_link", "next": "next["}, {}),
        ({"type": "page_number", "param": "page", "size": 0}, {}),
    ],
)
def test_paging_that_cannot_be_meant_is_refused(
    pages: dict[str, Any], request_: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        paged("https://documents.example", pages, **request_)


def from_cursor(asked: Asked) -> Served:
    """Two rows a page; each but the last says where the next one begins."""
    start = int(asked.query.get("after", "0"))
    more = start + 2 < len(ROWS)
    return as_json(
        {"rows": ROWS[start : start + 2], "next": start + 2 if more else None, "more": more}
    )


@pytest.mark.parametrize("more", [{}, {"has_more": "more"}])
def test_pages_by_cursor(source_server: SourceServer, more: dict[str, str]) -> None:
    source_server.answer = from_cursor
    pages = {
        "type": "cursor",
        "param": "after",
        "cursor": "next",
        "size_param": "n",
        "size": 2,
        **more,
    }

    answer = observe(paged(source_server.url, pages))

    assert answer.received == 5
    assert [asked.query for asked in source_server.asked] == [
        {"n": "2"},
        {"after": "2", "n": "2"},
        {"after": "4", "n": "2"},
    ]


def test_a_cursor_can_be_more_than_a_text(source_server: SourceServer) -> None:
    source_server.says(
        as_json({"rows": ROWS[:2], "next": {"_id": {"gt": 1}}}), as_json({"rows": ROWS[2:]})
    )

    observe(paged(source_server.url, {"type": "cursor", "param": "filters", "cursor": "next"}))

    assert source_server.asked[1].query == {"filters": '{"_id":{"gt":1}}'}


def test_a_recorded_page_says_where_the_next_begins(source_server: SourceServer) -> None:
    source_server.says(
        recorded("ckan/datastore_search_include_next_page.json"),
        as_json({"result": {"records": [], "total": 36}}),
    )
    pages = {"type": "cursor", "param": "filters", "cursor": "result.next_page"}

    columns = {"agency": {"code": "service"}, "metrics": {"applications": {"path": "applications"}}}
    observe(paged(source_server.url, pages, records="result.records", **columns))

    assert source_server.asked[1].query == {"filters": '{"_id":{"gt":4}}'}


def test_a_cursor_that_stands_still_is_an_error(source_server: SourceServer) -> None:
    rows = iter(ROWS)
    source_server.answer = lambda _: as_json({"rows": [next(rows)], "next": "here"})

    with pytest.raises(SourceError, match="begins where this one did"):
        observe(paged(source_server.url, {"type": "cursor", "param": "after", "cursor": "next"}))

    assert len(source_server.asked) == 2


def test_a_cursor_in_a_json_body(source_server: SourceServer) -> None:
    source_server.says(as_json({"rows": ROWS[:2], "next": "b"}), as_json({"rows": ROWS[2:]}))
    pages = {"type": "cursor", "param": "after", "cursor": "next", "in": "json"}

    observe(paged(source_server.url, pages, method="POST", json={"kind": 1}))

    assert [asked.json for asked in source_server.asked] == [{"kind": 1}, {"kind": 1, "after": "b"}]


def test_what_says_whether_there_is_more_decides(source_server: SourceServer) -> None:
    source_server.says(
        as_json({"rows": ROWS[:1], "more": True}), as_json({"rows": ROWS[1:], "more": False})
    )
    pages = {"type": "page_number", "param": "page", "size": 2, "has_more": "more"}

    assert observe(paged(source_server.url, pages)).received == 5


def test_a_page_without_rows_that_says_there_are_more_is_an_error(
    source_server: SourceServer,
) -> None:
    source_server.answer = lambda _: as_json({"rows": [], "more": True})
    pages = {"type": "offset", "param": "start", "has_more": "more"}

    with pytest.raises(SourceError, match="without rows says that there are more"):
        observe(paged(source_server.url, pages))


def test_one_page_that_says_there_are_more_is_an_error(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json({"rows": ROWS, "more": True})

    with pytest.raises(SourceError, match="there are more pages"):
        observe(paged(source_server.url, {"type": "single", "has_more": "more"}))
