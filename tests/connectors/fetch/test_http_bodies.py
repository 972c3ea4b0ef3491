"""Bodies come whole, bounded and unpacked, or not at all."""

import gzip

import pytest

from connectors.base import SourceError
from tests.connectors.asking import asking, bare
from tests.source_server import Served, SourceServer, as_json

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CUT = {
    "by length": OK + b"Content-Length: 20\r\n\r\n[1, 2",
    "by chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n14\r\n[1, 2",
    "between chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n",
}


@pytest.mark.parametrize("raw", CUT.values(), ids=CUT.keys())
def test_half_an_answer_is_asked_for_again_and_never_used(
    source_server: SourceServer, raw: bytes
) -> None:
    source_server.answer = lambda _: Served(raw=raw)

    with (
        asking(bare(source_server.url)) as http,
        pytest.raises(SourceError, match="cut short") as caught,
    ):
        http.send("GET", "/stat")

    assert caught.value.reason == "source"
    assert len(source_server.asked) == 3


def test_an_answer_whose_half_was_repeated_whole_is_good(source_server: SourceServer) -> None:
    source_server.says(Served(raw=CUT["by length"]), as_json([1, 2]))

    with asking(bare(source_server.url)) as http:
        body = http.send("GET", "/stat").json()

    assert body == [1, 2]


def test_an_answer_that_does_not_say_where_it_ends_is_refused(source_server: SourceServer) -> None:
    source_server.says(Served(raw=OK + b"\r\n[1, 2]"))

    with asking(bare(source_server.url)) as http, pytest.raises(SourceError, match="where it ends"):
        http.send("GET", "/stat")


def test_chunks_are_put_together(source_server: SourceServer) -> None:
    raw = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n3\r\n 2]\r\n0\r\n\r\n"
    source_server.says(Served(raw=raw))

    with asking(bare(source_server.url)) as http:
        body = http.send("GET", "/stat").json()

    assert body == [1, 2]


def test_a_body_over_the_limit_is_left_on_the_wire(source_server: SourceServer) -> None:
    source_server.says(Served(b"1" * 5_000_000))

    with (
        asking(bare(source_server.url, limits={"max_bytes": 100_000})) as http,
        pytest.raises(SourceError, match="more than 100000 bytes") as caught,
    ):
        http.send("GET", "/stat")

    assert caught.value.reason == "content"
    assert (http.requests[0].bytes or 0) < 1_000_000


def test_a_packed_body_is_unpacked(source_server: SourceServer) -> None:
    packed = gzip.compress(b"[1,") + gzip.compress(b"2]")
    source_server.says(Served(packed, headers={"Content-Encoding": "gzip"}))

    with asking(bare(source_server.url)) as http:
        reply = http.send("GET", "/stat")

    assert reply.json() == [1, 2]
    assert http.requests[0].bytes == len(packed)


@pytest.mark.parametrize("max_bytes", [1_000_000, 50_000_000])
def test_a_bomb_is_not_unpacked(source_server: SourceServer, max_bytes: int) -> None:
    source_server.says(
        Served(gzip.compress(b" " * 30_000_000), headers={"Content-Encoding": "gzip"})
    )

    with (
        asking(bare(source_server.url, limits={"max_bytes": max_bytes})) as http,
        pytest.raises(SourceError, match="unpacks to more than") as caught,
    ):
        http.send("GET", "/stat")

    assert caught.value.reason == "content"


def test_a_packed_body_that_is_cut_is_asked_for_again(source_server: SourceServer) -> None:
    packed = gzip.compress(b"[1, 2]")
    source_server.says(
        Served(packed[:-3], headers={"Content-Encoding": "gzip"}),
        Served(packed, headers={"Content-Encoding": "gzip"}),
    )

    with asking(bare(source_server.url)) as http:
        body = http.send("GET", "/stat").json()

    assert body == [1, 2]


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
def test_a_body_that_is_not_packed_as_it_says_is_refused(
    source_server: SourceServer, encoding: str
) -> None:
    source_server.says(Served(b"[1, 2]", headers={"Content-Encoding": encoding}))

    with (
        asking(bare(source_server.url)) as http,
        pytest.raises(SourceError, match="gzip") as caught,
    ):
        http.send("GET", "/stat")

    assert caught.value.reason == "content"


def test_an_answer_without_a_body_is_no_json(source_server: SourceServer) -> None:
    source_server.says(Served(raw=b"HTTP/1.1 204 No Content\r\n\r\n"))

    with asking(bare(source_server.url)) as http, pytest.raises(SourceError, match="empty"):
        http.send("GET", "/stat").json()


OPEN_ENDED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"


def test_an_answer_without_an_end_is_taken_where_its_end_mark_is_declared(
    source_server: SourceServer,
) -> None:
    source_server.says(Served(raw=OPEN_ENDED + b'{"rows": [1]}\n'))

    with asking(bare(source_server.url, end_mark="}")) as http:
        assert http.send("GET", "/stat").json() == {"rows": [1]}


def test_an_answer_that_ends_before_its_mark_is_cut_short(source_server: SourceServer) -> None:
    source_server.says(
        Served(raw=OPEN_ENDED + b"[1, 2"), Served(raw=OPEN_ENDED), Served(raw=OPEN_ENDED + b"[1]")
    )

    with asking(bare(source_server.url, end_mark="]")) as http:
        body = http.send("GET", "/stat").json()

    assert body == [1]
    assert http.retries == 2


def test_a_mark_does_not_matter_where_the_length_is_known(source_server: SourceServer) -> None:
    source_server.says(Served(b"7"))

    with asking(bare(source_server.url, end_mark="}")) as http:
        assert http.send("GET", "/stat").json() == 7
