"""Where the body of an answer ends: it is whole only where its end was seen."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import IncompleteRead

import pytest
from urllib3.exceptions import InvalidHeader

from connectors.base import SourceError
from connectors.fetch.answer import Answer, FloodError
from tests.connectors.asking import asking, bare
from tests.source_server import Served, SourceServer

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@contextmanager
def heard(*pieces: bytes, ends: bool = True) -> Iterator[Answer]:
    """An answer of which the head is read."""
    near, far = socket.socketpair()
    says = threading.Thread(target=_say, args=(far, b"".join(pieces)), kwargs={"ends": ends})
    with far, near:
        says.start()
        answer = Answer(near)
        try:
            answer.begin()
            yield answer
        finally:
            answer.close()
            near.close()  # so that it takes no more
            says.join()


def _say(far: socket.socket, said: bytes, *, ends: bool) -> None:
    with suppress(ConnectionError):
        far.sendall(said)
        if ends:
            far.shutdown(socket.SHUT_WR)


def body_of(answer: Answer) -> bytes:
    return b"".join(iter(lambda: answer.read(3), b""))


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 4\r\n\r\nbody",
        b"Content-Length: 04 \r\n\r\nbody",
        b"Content-Length: 4, 4\r\n\r\nbody",
        b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
        b"Transfer-Encoding: chunked \r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        b"Transfer-Encoding: CHUNKED\r\n\r\n0002 ; a=b\r\nbo\r\n2\ndy\r\n0;c\r\nX: y\r\n\r\n",
    ],
)
def test_a_connection_carries_more_once_the_end_was_seen(rest: bytes) -> None:
    with heard(OK, rest, ends=False) as answer:
        assert not answer.is_whole
        assert body_of(answer) == b"body"
        assert answer.is_whole


def test_an_empty_body_ends_too() -> None:
    with heard(OK, b"Content-Length: 0\r\n\r\n", ends=False) as answer:
        assert body_of(answer) == b""
        assert answer.is_whole


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 4\r\nConnection: close\r\n\r\nbody",
        b"Content-Length: 4\r\n\r\nbody of which this is too much",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\nand more",
        b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        b"\r\nbody",
    ],
)
def test_a_body_may_be_all_there_and_its_connection_carry_no_more(rest: bytes) -> None:
    with heard(OK, rest) as answer:
        assert body_of(answer) == b"body"
        assert not answer.is_whole


def test_chunks_where_no_body_may_be_end_their_connection() -> None:
    head = b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"
    with heard(head, ends=False) as answer:
        assert body_of(answer) == b""
        assert not answer.is_whole


@pytest.mark.parametrize(
    "coding", ["identity", "gzip, chunked", "chunked, chunked", "xchunked", "", "chunked;q=1"]
)
def test_of_a_transfer_coding_other_than_chunked_no_end_is_known(coding: str) -> None:
    said = f"Transfer-Encoding: {coding}\r\nContent-Length: 4\r\n\r\n"
    with heard(OK, said.encode()) as answer:
        assert answer.is_endless
        assert answer.will_close


def test_of_a_transfer_coding_said_twice_no_end_is_known() -> None:
    said = b"Transfer-Encoding: chunked\r\n" * 2
    with heard(OK, said, b"Content-Length: 4\r\n\r\n") as answer:
        assert answer.is_endless


@pytest.mark.parametrize("length", ["+4", "-4", "0x4", "1_0", "four", "", "4,", "4, 4x", "9" * 19])
def test_a_length_that_is_no_plain_number_is_none(length: str) -> None:
    with heard(OK, f"Content-Length: {length}\r\n\r\n".encode()) as answer:
        assert answer.is_endless


@pytest.mark.parametrize("fields", [b"4\r\nContent-Length: 4x", b"\r\nContent-Length: 4"])
def test_a_plain_length_beside_another_thing_is_none(fields: bytes) -> None:
    with heard(OK, b"Content-Length: ", fields, b"\r\n\r\n") as answer:
        assert answer.is_endless


@pytest.mark.parametrize("fields", [b"4\r\nContent-Length: 5", b"4, 5"])
def test_two_lengths_contradict_each_other(fields: bytes) -> None:
    with (
        pytest.raises(InvalidHeader),
        heard(OK, b"Content-Length: ", fields, b"\r\n\r\nbody!"),
    ):
        pass


@pytest.mark.parametrize("size", range(len(b"4\r\nbody\r\n0\r\nX: y\r\n\r\n")))
def test_chunks_that_are_cut_are_never_whole(size: int) -> None:
    with heard(CHUNKED, b"4\r\nbody\r\n0\r\nX: y\r\n\r\n"[:size]) as answer:
        with pytest.raises(IncompleteRead):
            body_of(answer)

        assert not answer.is_whole


@pytest.mark.parametrize("size", range(4))
def test_a_body_shorter_than_its_length_is_never_whole(size: int) -> None:
    with heard(OK, b"Content-Length: 4\r\n\r\n", b"body"[:size]) as answer:
        with pytest.raises(IncompleteRead):
            body_of(answer)

        assert not answer.is_whole


@pytest.mark.parametrize(
    "chunks",
    [
        b"ZZ\r\n",
        b"-1\r\nall that still comes",
        b"-0\r\n\r\n",
        b"+2\r\n[]\r\n0\r\n\r\n",
        b"0x2\r\n[]\r\n0\r\n\r\n",
        b" 2\r\n[]\r\n0\r\n\r\n",
        b"1_0\r\n0123456789abcdef\r\n0\r\n\r\n",
        b"\r\n2\r\n[]\r\n0\r\n\r\n",
        b"2\r[]\r\n0\r\n\r\n",
        b"2\r\n[]XX0\r\n\r\n",
        b"2\r\n[]\n0\r\n\r\n",
        b"0" * 17 + b"\r\n\r\n",
        b"2;" + b"e" * 1024 + b"\r\n[]\r\n0\r\n\r\n",
    ],
)
def test_of_a_chunk_without_a_plain_size_and_end_nothing_is_believed(chunks: bytes) -> None:
    with heard(CHUNKED, chunks, ends=False) as answer:
        with pytest.raises(IncompleteRead):
            body_of(answer)

        assert not answer.is_whole


def test_a_trailer_has_a_hundred_fields_and_no_more() -> None:
    with (
        heard(CHUNKED, b"0\r\n", b"X: y\r\n" * 101, b"\r\n") as answer,
        pytest.raises(SourceError, match="more than 100 headers"),
    ):
        body_of(answer)


def test_what_comes_about_a_body_is_bounded_too(source_server: SourceServer) -> None:
    framing = b"1;" + b"e" * 1000 + b"\r\n \r\n"
    source_server.answer = lambda _: Served(raw=CHUNKED + framing * 2000)
    limits = {"max_bytes": 3000, "attempts": 1}
    with (
        asking(bare(source_server.url, limits=limits)) as http,
        pytest.raises(SourceError, match="more than 3000 bytes came") as caught,
    ):
        http.send("GET", "/stat")

    assert caught.value.reason == "content"


def test_small_chunks_have_room_for_their_framing() -> None:
    with heard(CHUNKED, b"2\r\n[]\r\n" * 300_000 + b"0\r\n\r\n") as answer:
        answer.admit(700_000)

        assert len(body_of(answer)) == 600_000


def test_a_head_is_bounded() -> None:
    with pytest.raises(FloodError), heard(OK, (b"X: " + b"y" * 60_000 + b"\r\n") * 40):
        pass
