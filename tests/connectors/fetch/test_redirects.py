"""Redirects are an error unless declared, and then stay at home."""

import pytest

from connectors.base import SourceError
from tests.connectors.asking import asking, bare
from tests.source_server import Asked, Served, SourceServer, as_json, serving


def moved(to: str, status: int = 302) -> Served:
    return Served(b"moved", status, headers={"Location": to})


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_KEY", "planted-key")


AUTH = {"type": "api_key", "key": {"env": "PORTAL_KEY"}}


def test_a_declared_redirect_is_followed_with_our_key(source_server: SourceServer) -> None:
    source_server.says(moved("/new?page=2"), moved(f"{source_server.url}/newer"), as_json(["in"]))

    with asking(bare(source_server.url, redirects=2, auth=AUTH)) as http:
        body = http.send("GET", "/old", query=[("page", "1")]).json()

    assert body == ["in"]
    assert source_server.paths() == ["/old", "/new", "/newer"]
    assert [asked.query for asked in source_server.asked] == [{"page": "1"}, {"page": "2"}, {}]
    assert {asked.headers["x-api-key"] for asked in source_server.asked} == {"planted-key"}
    assert [one.status for one in http.requests] == [302, 302, 200]


def test_one_redirect_more_than_declared_is_an_error(source_server: SourceServer) -> None:
    source_server.answer = lambda _: moved("/again")

    with (
        asking(bare(source_server.url, redirects=3)) as http,
        pytest.raises(SourceError, match="redirect") as caught,
    ):
        http.send("GET", "/stat")

    assert len(source_server.asked) == 4
    assert caught.value.reason == "source"


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.2:{port}/stat",
        "http://localhost:{port}/stat",
        "http://127.0.0.1:1/stat",
        "https://127.0.0.1:{port}/stat",
        "http://169.254.169.254/latest/meta-data",
        "//169.254.169.254/latest/meta-data",
        "http://[::1]:{port}/stat",
        "http://[",
        "file:///etc/passwd",
    ],
)
def test_no_redirect_leads_to_another_origin(source_server: SourceServer, to: str) -> None:
    source_server.answer = lambda _: moved(to.format(port=source_server.port))

    with (
        asking(bare(source_server.url, redirects=3, auth=AUTH)) as http,
        pytest.raises(SourceError, match="redirect"),
    ):
        http.send("GET", "/stat")

    assert len(source_server.asked) == 1


def test_our_key_reaches_no_other_host(source_server: SourceServer) -> None:
    with serving() as other:
        source_server.answer = lambda _: moved(other.url)

        with (
            asking(bare(source_server.url, redirects=3, auth=AUTH)) as http,
            pytest.raises(SourceError),
        ):
            http.send("GET", "/stat")

        assert other.asked == []


@pytest.mark.parametrize(
    ("status", "method", "body"), [(302, "GET", b""), (303, "GET", b""), (307, "POST", b"a=1")]
)
def test_a_form_is_sent_on_only_where_the_status_says_so(
    source_server: SourceServer, status: int, method: str, body: bytes
) -> None:
    source_server.says(moved("/new", status), as_json([]))

    with asking(bare(source_server.url, redirects=1)) as http:
        http.send("POST", "/old", form=[("a", "1")])

    assert (source_server.asked[1].method, source_server.asked[1].body) == (method, body)


def test_a_status_that_the_caller_wants_to_see_is_not_followed(source_server: SourceServer) -> None:
    source_server.says(moved("/manage"))

    with asking(bare(source_server.url, redirects=3)) as http:
        reply = http.send("GET", "/", accept={302})

    assert reply.headers["location"] == "/manage"


def test_a_login_page_behind_a_redirect_is_no_answer(source_server: SourceServer) -> None:
    def answer(asked: Asked) -> Served:
        return moved("/login") if asked.path == "/stat" else Served(b"<html>", 200, "text/html")

    source_server.answer = answer

    with (
        asking(bare(source_server.url, redirects=1)) as http,
        pytest.raises(SourceError, match="login page") as caught,
    ):
        http.send("GET", "/stat").json()

    assert caught.value.reason == "content"
