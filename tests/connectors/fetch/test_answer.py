"""One answer over a connection: it is read as the library reads it, whichever way it goes."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse, IncompleteRead

import pytest
from urllib3.exceptions import InvalidHeader

from connectors.fetch.answer import Answer, SilenceError

OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def said(*pieces: bytes) -> Iterator[socket.socket]:
    """The near end of a connection whose far end says this, and is closed."""
    near, far = socket.socketpair()
    with near, far:
        for piece in pieces:
            far.sendall(piece)
        far.shutdown(socket.SHUT_WR)
        yield near


def begun(near: socket.socket, method: str = "GET") -> Answer:
    answer = Answer(near, method=method)
    answer.begin()
    return answer


@pytest.mark.parametrize(
    "head",
    [
        OK + b"Content-Length: 4\r\n\r\n",
        OK + b"content-length:4\r\nX-Empty:\r\nX-Blank:   \r\nX-Late: a \r\n\r\n",
        OK + b"Content-Length: 4\r\nConnection: Close\r\n\r\n",
        OK + b"Transfer-Encoding: Chunked\r\nContent-Length: 9\r\n\r\n",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        OK + b"Content-Type: text/plain\r\n\r\n",
        OK + b"Content-Length: -4\r\n\r\n",
        OK + b"Content-Length: four\r\n\r\n",
        OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        OK + b"Content-Length: 4\r\nX-Folded: a\r\n b\r\n\r\n",
        OK + b"Content-Length: 4\r\nno header\r\nX-A: b\r\n\r\n",
        OK + b"Content-Length: 4\r\nX-\xc3\xa9: \xc3\xa9\r\nX-Low: \x01\r\n\r\n",
        OK + b"Content-Length: 4\nX-A: only a line feed\n\n",
        OK + b"Content-Length : 4\r\n\r\n",
        OK + b"X-A: \r\r\n\r\n",
        OK,
        b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 4\r\n\r\n",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_head_is_read_as_the_library_reads_it(head: bytes, method: str) -> None:
    with said(head, b"body") as near, said(head, b"body") as other:
        ours, theirs = begun(near, method), HTTPResponse(other, method=method)
        theirs.begin()

        assert (ours.status, ours.version) == (theirs.status, theirs.version)
        assert (ours.chunked, ours.length) == (theirs.chunked, theirs.length)
        assert ours.will_close == theirs.will_close
        assert ours.pairs == theirs.headers.items()
        if not ours.chunked:
            assert ours.read() == theirs.read()
        ours.close()
        theirs.close()


def test_a_header_that_comes_twice_is_one_with_both_values() -> None:
    with said(OK + b"Link: <a>\r\nContent-Length: 0\r\nlink: <b>\r\n\r\n") as near:
        answer = begun(near)

        assert answer.named == {"link": "<a>, <b>", "content-length": "0"}
        assert answer.pairs == [("Link", "<a>"), ("Content-Length", "0"), ("link", "<b>")]
        answer.close()


def test_a_head_may_come_in_pieces() -> None:
    near, far = socket.socketpair()
    with near, far:
        far.sendall(OK + b"Content-Le")
        answer = Answer(near, method="GET")
        assert answer.fp.peek() == OK + b"Content-Le"
        far.sendall(b"ngth: 4\r\n\r\nbody")
        answer.begin()

        assert answer.read() == b"body"
        assert answer.is_whole


def test_two_lengths_contradict_each_other() -> None:
    head = OK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody!"
    with said(head) as near, pytest.raises(InvalidHeader):
        begun(near)


def test_a_chunk_of_less_than_nothing_is_no_chunk() -> None:
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    with said(head + b"-1\r\nall that still comes") as near:
        answer = begun(near)

        with pytest.raises(IncompleteRead):
            answer.read(65_536)
        answer.close()


@pytest.mark.parametrize(
    ("rest", "whole"),
    [
        (b"Content-Length: 4\r\n\r\nbody", True),
        (b"Content-Length: 5\r\n\r\nbody", False),
        (b"Content-Length: 4\r\nConnection: close\r\n\r\nbody", False),
        (b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", True),
        (b"Content-Length: 0\r\n\r\n", True),
        (b"Content-Length: 4\r\n\r\nbody of which this is too much", False),
        (b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nand more", False),
        (b"\r\nbody", False),
    ],
)
def test_only_after_a_whole_answer_can_its_connection_carry_another(
    rest: bytes, whole: bool
) -> None:
    with said(OK + rest) as near:
        answer = begun(near)
        assert not answer.is_whole
        while answer.read(3):
            pass

        assert answer.is_whole is whole
        answer.close()


@pytest.mark.parametrize("timeout_s", [0.0, 0.001])
def test_who_says_nothing_in_time_is_silent(timeout_s: float) -> None:
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(timeout_s)
        answer = Answer(near, method="GET")

        with pytest.raises(SilenceError):
            answer.begin()
        answer.close()
