"""One answer over a connection: it is read as the library reads it, whichever way it goes."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import BadStatusLine, HTTPException, HTTPResponse, RemoteDisconnected

import pytest

from connectors.fetch.answer import Answer, SilenceError
from connectors.nouns import SourceError

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


def body_of(answer: Answer) -> bytes:
    return b"".join(iter(lambda: answer.read(65_536), b""))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "head",
    [
        OK + b"Content-Length: 4\r\n\r\n",
        OK + b"content-length:4\r\nX-Empty:\r\nX-Blank:   \r\nX-Late: a \r\n\r\n",
        OK + b"Content-Length: 4\r\nConnection: Close\r\n\r\n",
        OK + b"Content-Type: text/plain\r\n\r\n",
        OK + b"Content-Length: four\r\n\r\n",
        OK + b"Content-Length: 4\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n",
        b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 4\r\n\r\n",
    ],
)
def test_a_head_is_read_as_the_library_reads_it(head: bytes, method: str) -> None:
    with read_by_both(head, method) as (ours, theirs):
        assert ours.will_close == theirs.will_close


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "head",
    [
        OK + b"Content-Length: 4\r\nX-Folded: a\r\n b\r\n\r\n",
        OK + b"Content-Length: 4\r\nno header\r\nX-A: b\r\n\r\n",
        OK + b"Content-Length: 4\r\nX-\xc3\xa9: \xc3\xa9\r\nX-Low: \x01\r\n\r\n",
        OK + b"Content-Length: 4\nX-A: only a line feed\n\n",
        OK + b"Content-Length : 4\r\n\r\n",
        OK + b"X-A: \r\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\n",
    ],
)
def test_a_head_that_others_may_read_otherwise_ends_its_connection(
    head: bytes, method: str
) -> None:
    with read_by_both(head, method) as (ours, _):
        assert ours.will_close


@contextmanager
def read_by_both(head: bytes, method: str) -> Iterator[tuple[Answer, HTTPResponse]]:
    """An answer that is the same to us and to the library, but for whether more may come."""
    with said(head, b"body") as near, said(head, b"body") as other:
        ours, theirs = begun(near, method), HTTPResponse(other, method=method)
        theirs.begin()
        assert (ours.status, ours.version) == (theirs.status, theirs.version)
        assert (ours.chunked, ours.length) == (theirs.chunked, theirs.length)
        assert list(ours.pairs) == theirs.headers.items()
        if not ours.chunked:
            assert body_of(ours) == theirs.read()
        yield ours, theirs
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

        assert body_of(answer) == b"body"
        assert answer.is_whole


@pytest.mark.parametrize("timeout_s", [0.0, 0.001])
def test_who_says_nothing_in_time_is_silent(timeout_s: float) -> None:
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(timeout_s)
        answer = Answer(near, method="GET")

        with pytest.raises(SilenceError):
            answer.begin()
        answer.close()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 204",
        b"HTTP/1.1 200 OK\r\n",
        OK + b"Content-Length: 0",
        OK + b"Content-Length: 0\r\n",
        OK + b"Content-Length: 0\r\nX-Nex",
    ],
)
def test_a_head_without_its_blank_line_is_cut(head: bytes) -> None:
    with said(head) as near, pytest.raises(HTTPException):
        begun(near)


def test_no_answer_at_all_is_told_from_a_cut_one() -> None:
    with said() as near, pytest.raises(RemoteDisconnected):
        begun(near)


@pytest.mark.parametrize("status", [b"+200", b"2_0", b"099", b"20", b"2000"])
def test_a_status_has_three_digits(status: bytes) -> None:
    head = b"HTTP/1.1 " + status + b" OK\r\nContent-Length: 0\r\n\r\n"
    with said(head) as near, pytest.raises(BadStatusLine):
        begun(near)


@pytest.mark.parametrize("status", [100, 102, 103, 199])
def test_an_interim_answer_is_not_the_answer(status: int) -> None:
    interim = b"HTTP/1.1 %d Wait\r\nLink: </early>\r\n\r\n" % status
    with said(interim * 9 + OK + b"Content-Length: 4\r\n\r\nbody") as near:
        answer = begun(near)

        assert (answer.status, answer.named) == (200, {"content-length": "4"})
        assert body_of(answer) == b"body"
        answer.close()


def test_interim_answers_without_an_end_are_no_answer() -> None:
    interim = b"HTTP/1.1 102 Wait\r\n\r\n"
    with (
        said(interim * 10 + OK + b"Content-Length: 0\r\n\r\n") as near,
        pytest.raises(SourceError, match="interim answers"),
    ):
        begun(near)


def test_a_change_of_protocol_is_not_waited_behind() -> None:
    with said(b"HTTP/1.1 101 Switching Protocols\r\n\r\n") as near:
        answer = begun(near)

        assert answer.status == 101
        answer.close()


@pytest.mark.parametrize("value", [b"", b"\x01", b"b" * 1000], ids=["plain", "odd", "long"])
def test_a_head_has_a_hundred_headers_and_no_more(value: bytes) -> None:
    fields = (b"X: " + value + b"\r\n") * 99 + b"Content-Length: 0\r\n"
    with said(OK + fields + b"\r\n") as near:
        answer = begun(near)
        assert len(answer.pairs) == 100
        answer.close()
    with (
        said(OK + b"X: y\r\n" + fields + b"\r\n") as near,
        pytest.raises(SourceError, match="more than 100 headers"),
    ):
        begun(near)
