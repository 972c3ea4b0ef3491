"""A connection is kept only where nothing that came over it can be taken for a later answer."""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from connectors.base import SourceError
from tests.connectors.asking import asking, bare

OK = b"HTTP/1.1 200 OK\r\n"
RECORD_BYTES = 16_384
WAIT_S = 5.0


def answer(body: bytes) -> bytes:
    return OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


FORGED, FRESH = answer(b'["forged"]'), answer(b'["fresh"]')


@pytest.mark.parametrize(
    "first",
    [
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\nZZ\r\n",
        OK + b"Transfer-Encoding: gzip, chunked\r\nContent-Length: 5\r\n\r\n5\r\n[]",
        OK + b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
        OK + b"Content-Length: +2\r\n\r\n[]",
    ],
)
def test_after_an_answer_whose_end_was_not_seen_its_connection_is_not_asked_again(
    first: bytes,
) -> None:
    with speaking([[first], [FORGED]], [[FRESH]]) as url:
        limits = {"attempts": 1}
        with asking(bare(url, limits=limits)) as http:
            with pytest.raises(SourceError):
                http.send("GET", "/stat")

            assert http.send("GET", "/stat").json() == ["fresh"]


@pytest.mark.parametrize("trailer", [b"", b"X-Sum: 1\r\n"])
def test_after_the_last_chunk_and_its_trailer_a_connection_is_asked_again(trailer: bytes) -> None:
    chunks = OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n" + trailer + b"\r\n"
    with speaking([[chunks], [FRESH]]) as url, asking(bare(url)) as http:
        assert http.send("GET", "/stat").json() == []
        assert http.send("GET", "/stat").json() == ["fresh"]


def test_what_is_left_of_a_record_inside_tls_is_not_the_next_answer(
    tls: ssl.SSLContext, ca_file: Path
) -> None:
    """Records that lie across the reads: after the last byte of the body one is half read."""
    tls.maximum_version = ssl.TLSVersion.TLSv1_2  # later, tickets too would be seen as bytes
    blanks = [RECORD_BYTES] * 3 + [8000] * 2
    rest = b" " * 8384
    size = sum(blanks) + len(rest)
    last = rest + FORGED
    first = [
        OK + b"Content-Length: %d\r\n\r\n" % size,
        *(b" " * count for count in blanks),
        last + b" " * (RECORD_BYTES - len(last)),
    ]
    with (
        speaking([first, [answer(b'["late"]')]], [[FRESH]], tls=tls) as url,
        asking(bare(url, ca_file=ca_file)) as http,
    ):
        assert len(http.send("GET", "/stat").body) == size
        assert http.send("GET", "/stat").json() == ["fresh"]


@contextmanager
def speaking(
    *connections: Sequence[Sequence[bytes]], tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """A source that gives these answers, each in pieces, over its first connection, and so on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_speak, args=(listener, connections, tls))
        thread.start()
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # which ends a wait for a connection
            thread.join(WAIT_S)


def _speak(
    listener: socket.socket,
    connections: Sequence[Sequence[Sequence[bytes]]],
    tls: ssl.SSLContext | None,
) -> None:
    with suppress(OSError):
        for answers in connections:
            near, _ = listener.accept()
            with tls.wrap_socket(near, server_side=True) if tls else near as conn:
                for pieces in answers:
                    if not conn.recv(65_536):
                        break
                    for piece in pieces:
                        conn.sendall(piece)
