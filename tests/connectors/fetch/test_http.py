"""One request and its answer: statuses, tries, redirects, what is remembered and what is hidden."""

import hashlib
import threading
from pathlib import Path

import pytest
import responses

from connectors.base import SourceError
from connectors.http import Client, Limits
from tests.connectors.asking import asking, bare
from tests.source_server import LOGIN_PAGE, Asked, Served, SourceServer, as_json, serving


def test_a_busy_source_is_asked_three_times_and_no_more(source_server: SourceServer) -> None:
    source_server.answer = lambda _: Served(status=503)

    with asking(bare(source_server.url)) as http, pytest.raises(SourceError, match="503") as caught:
        http.send("GET", "/stat")

    assert source_server.paths() == ["/stat"] * 3
    assert (caught.value.reason, caught.value.permanent) == ("source", False)
    assert [request.status for request in http.requests] == [503] * 3
    assert http.retries == 2


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_fault_is_asked_again(source_server: SourceServer, status: int) -> None:
    source_server.says(Served(status=status), as_json({"good": True}))

    with asking(bare(source_server.url)) as http:
        body = http.send("GET", "/stat").json()

    assert body == {"good": True}


@pytest.mark.parametrize(
    ("status", "reason"),
    [(400, "source"), (401, "auth"), (403, "auth"), (404, "source"), (501, "source")],
)
def test_a_lasting_fault_is_asked_once(
    source_server: SourceServer, status: int, reason: str
) -> None:
    source_server.answer = lambda _: Served(status=status)

    with asking(bare(source_server.url)) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat")

    assert len(source_server.asked) == 1
    assert (caught.value.reason, caught.value.permanent) == (reason, True)


def test_a_source_that_says_when_to_come_back_is_not_waited_for(
    source_server: SourceServer,
) -> None:
    source_server.says(Served(status=503, headers={"Retry-After": "3600"}))

    with asking(bare(source_server.url)) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat")

    assert len(source_server.asked) == 1
    assert caught.value.permanent
    assert caught.value.retry_after_s == 3600.0


def test_a_date_to_come_back_at_is_counted_from_the_clock_of_the_source(
    source_server: SourceServer,
) -> None:
    source_server.says(
        Served(
            status=429,
            headers={
                "Date": "Wed, 16 Oct 2024 09:00:00 GMT",
                "Retry-After": "Wed, 16 Oct 2024 09:02:00 GMT",
            },
        )
    )

    with asking(bare(source_server.url)) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat")

    assert caught.value.retry_after_s == 120.0


def test_a_time_to_come_back_that_is_none_is_a_passing_fault(source_server: SourceServer) -> None:
    source_server.says(Served(status=503, headers={"Retry-After": "soon"}), as_json([]))

    with asking(bare(source_server.url)) as http:
        reply = http.send("GET", "/stat")

    assert reply.json() == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_that_names_its_host_and_takes_no_key_along(
    source_server: SourceServer, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_KEY", "planted-key")
    source_server.says(
        Served(b"moved", status, headers={"Location": "https://sso.example/login?next=planted"})
    )
    options = bare(source_server.url, auth={"type": "api_key", "key": {"env": "PORTAL_KEY"}})

    with asking(options) as http, pytest.raises(SourceError, match=r"sso\.example") as caught:
        http.send("GET", "/stat")

    assert caught.value.reason == "source"
    assert "planted" not in str(caught.value)
    assert len(source_server.asked) == 1


def test_the_body_of_a_redirect_is_not_read(source_server: SourceServer) -> None:
    source_server.says(Served(b"x" * 50_000_000, 302, headers={"Location": "/login"}))

    with asking(bare(source_server.url)) as http, pytest.raises(SourceError, match="redirect"):
        http.send("GET", "/stat")

    assert http.requests[0].bytes == 0


def test_a_status_that_the_caller_accepts_comes_back(source_server: SourceServer) -> None:
    source_server.says(Served(b"no", 401), Served(status=302, headers={"Location": "/manage"}))

    with asking(bare(source_server.url)) as http:
        refused = http.send("POST", "/login", json={"a": 1}, accept={401})
        moved = http.send("GET", "/", accept={302})

    assert (refused.status, refused.body) == (401, b"no")
    assert (moved.status, moved.headers["location"]) == (302, "/manage")
    assert source_server.asked[0].json == {"a": 1}


def test_secrets_in_addresses_are_never_shown(
    source_server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_KEY", "planted-1")
    source_server.answer = lambda _: Served(status=404)
    options = bare(
        source_server.url,
        auth={"type": "api_key", "in": "query", "name": "zugang", "key": {"env": "PORTAL_KEY"}},
    )
    query = [("serviceTicket", "planted-2"), ("pw", "planted-3"), ("year", "2024")]

    with asking(options) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat?access_token=planted-4", query=query)

    assert source_server.asked[0].query == {
        "access_token": "planted-4",
        "serviceTicket": "planted-2",
        "pw": "planted-3",
        "year": "2024",
        "zugang": "planted-1",
    }
    assert "planted" not in str(caught.value) + http.requests[0].url
    assert "year=2024" in http.requests[0].url
    assert "serviceTicket=***" in str(caught.value)


def test_a_refused_connection_is_said_in_our_own_words() -> None:
    with serving() as ended:
        url = ended.url

    with asking(bare(url)) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat", query=[("token", "planted")])

    assert str(caught.value) == f"{url}/stat?token=***: the connection failed: Connection refused"
    assert not caught.value.permanent
    assert [request.status for request in http.requests] == [None] * 3


def test_a_name_that_is_none_is_said_so() -> None:
    with asking(bare("http://nobody.invalid")) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat")

    assert str(caught.value).endswith("its name cannot be resolved")
    assert caught.value.reason == "source"


def test_connections_and_cookies_are_kept_from_run_to_run(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json([], Set_Cookie="route=7")
    client = Client(bare(source_server.url))

    client.begin(threading.Event()).send("GET", "/one")
    client.begin(threading.Event()).send("GET", "/two")
    client.close()

    first, second = source_server.asked
    assert first.peer == second.peer
    assert second.headers["cookie"] == "route=7"


def test_the_environment_gives_neither_proxy_nor_password(
    source_server: SourceServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login planted password planted\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    source_server.says(as_json([]))

    with asking(bare(source_server.url)) as http:
        http.send("GET", "/stat")

    assert "authorization" not in source_server.asked[0].headers


def test_a_proxy_is_used_when_it_is_declared(source_server: SourceServer) -> None:
    source_server.says(as_json(["by proxy"]))

    with asking(bare("http://portal.invalid", proxy=source_server.url)) as http:
        body = http.send("GET", "/stat").json()

    assert body == ["by proxy"]
    assert source_server.asked[0].headers["host"] == "portal.invalid"


def test_a_proxy_that_lets_nobody_through_is_named(source_server: SourceServer) -> None:
    with (
        asking(bare("https://portal.invalid", proxy=source_server.url)) as http,
        pytest.raises(SourceError, match="its proxy") as caught,
    ):
        http.send("GET", "/stat")

    assert caught.value.reason == "source"


def test_a_ca_file_that_is_not_there_is_an_error_of_the_configuration(tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"

    with (
        asking(bare("https://127.0.0.1:9", ca_file=missing)) as http,
        pytest.raises(SourceError, match="ca_file: there is no file") as caught,
    ):
        http.send("GET", "/stat")

    assert caught.value.reason == "config"


def test_an_address_outside_the_allowed_networks_is_not_connected_to(
    source_server: SourceServer,
) -> None:
    options = bare(source_server.url, allow=["10.20.0.0/16"])

    with asking(options) as http, pytest.raises(SourceError, match="allowed networks") as caught:
        http.send("GET", "/stat")

    assert caught.value.reason == "config"
    assert source_server.asked == []


def test_an_address_inside_the_allowed_networks_is_asked(source_server: SourceServer) -> None:
    source_server.says(as_json([]))

    with asking(bare(source_server.url, allow=["127.0.0.0/8"])) as http:
        http.send("GET", "/stat")

    assert len(source_server.asked) == 1


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/x", "http://other.example/x", "http://127.0.0.1:1/x", "http://[::1"]
)
def test_only_the_origin_of_the_source_is_asked(source_server: SourceServer, url: str) -> None:
    with asking(bare(source_server.url)) as http, pytest.raises(SourceError, match="own origin"):
        http.send("GET", url)

    assert source_server.asked == []


def test_the_digest_is_that_of_the_counted_bodies_in_their_order(
    source_server: SourceServer,
) -> None:
    source_server.says(Served(b"[1]"), Served(b"[2]"), Served(b"[3]"))

    with asking(bare(source_server.url)) as http:
        http.send("GET", "/one")
        http.send("POST", "/login", counted=False)
        http.send("GET", "/three")

    assert http.digest() == hashlib.sha256(b"[1][3]").hexdigest()


def test_a_run_that_has_asked_enough_in_a_minute_asks_no_more(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json([])
    limits = Limits(requests_per_minute=2, total_s=1.0)

    with asking(bare(source_server.url, limits=limits)) as http:
        http.send("GET", "/one")
        http.send("GET", "/two")
        with pytest.raises(SourceError, match="no time left") as caught:
            http.send("GET", "/three")

    assert source_server.paths() == ["/one", "/two"]
    assert caught.value.reason == "source"


def test_a_login_page_is_no_json(source_server: SourceServer) -> None:
    source_server.says(LOGIN_PAGE)

    with (
        asking(bare(source_server.url)) as http,
        pytest.raises(SourceError, match="login page") as caught,
    ):
        http.send("GET", "/stat").json()

    assert caught.value.reason == "content"


def test_a_header_that_cannot_be_sent_is_an_error_of_the_configuration(
    source_server: SourceServer,
) -> None:
    with asking(bare(source_server.url)) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat", headers={"X-Unit": "Sở\r\nX-Other: planted"})

    assert caught.value.reason == "config"
    assert source_server.asked == []


def test_what_is_sent_is_what_was_said(source_server: SourceServer) -> None:
    source_server.says(as_json([]))

    with asking(bare(source_server.url)) as http:
        http.send("POST", "jsp/rest.jsp", form=[("params", '{"a":"ờ"}')], headers={"X-A": "1"})

    (asked,) = source_server.asked
    assert (asked.method, asked.path) == ("POST", "/jsp/rest.jsp")
    assert asked.body == b"params=%7B%22a%22%3A%22%E1%BB%9D%22%7D"
    assert asked.headers["content-length"] == str(len(asked.body))
    assert asked.headers["host"] == source_server.url.removeprefix("http://")
    assert (asked.headers["x-a"], asked.headers["accept-encoding"]) == ("1", "gzip")


def test_each_request_asks_for_gzip_and_names_us(source_server: SourceServer) -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Served:
        seen.append(asked)
        return as_json([])

    source_server.answer = answer

    with asking(bare(source_server.url)) as http:
        http.send("GET", "")

    assert seen[0].headers["accept-encoding"] == "gzip"
    assert seen[0].headers["user-agent"] == "chiso"


def test_nothing_goes_by_the_librarys_own_way(source_server: SourceServer) -> None:
    """There a request would have no deadline, and nobody would look at its address."""
    source_server.says(
        Served(status=503), Served(status=302, headers={"Location": "/b"}), as_json(1)
    )

    with responses.RequestsMock() as refusing, asking(bare(source_server.url, redirects=1)) as http:
        body = http.send("GET", "/a").json()
        asked = len(refusing.calls)

    assert (body, asked) == (1, 0)
    assert source_server.paths() == ["/a", "/a", "/b"]
