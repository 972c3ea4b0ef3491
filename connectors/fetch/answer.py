"""What comes back over a connection: one answer, its head read at once and its body in bounds."""

import io
import re
from collections.abc import Iterable
from http.client import HTTPResponse, IncompleteRead
from typing import Any

from urllib3.exceptions import InvalidHeader

from connectors.nouns import SourceError

_STATUSES_MAX = 10
_BUFFER_BYTES = 16_384
_BODILESS = frozenset({204, 304})
# More digits are no length of anything.
_LENGTH_CHARS_MAX = 18
_NAME, _VALUE = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", rb"[\t\x20-\x7e\x80-\xff]*"
_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: [^\r\n]*)?\r\n((?:%b:%b\r\n)*)\r\n" % (_NAME, _VALUE)
)
_FIELD = re.compile(r"([^:]+):[ \t]*([^\r]*)\r\n")


class SilenceError(TimeoutError):
    """Nothing came, or nothing was taken, for as long as a source may be silent."""


class Answer(HTTPResponse):
    """An answer to one request, as the library reads it, but with a quick way through its head.

    `named` are its headers by their names in lower case, `pairs` all of them as they came. A head
    that everyone reads alike is taken in at once; any other is left to the library.
    """

    def __init__(self, sock: Any, debuglevel: int = 0, method: str | None = None) -> None:
        self._wire = _Wire(sock)
        super().__init__(self._wire, debuglevel, method)  # type: ignore[arg-type]  # all it asks
        self.named: dict[str, str] = {}
        self.pairs: list[tuple[str, str]] = []
        self._statuses = 0
        self._is_bodiless = method == "HEAD"
        self._goes_on = False

    @property
    def is_endless(self) -> bool:
        """Whether it ends only when its connection does."""
        return self.length is None and not self.chunked

    @property
    def is_whole(self) -> bool:
        """Whether all of it was read and no more has come: its connection can carry another."""
        return self.isclosed() and not (self.length or self.will_close or self._goes_on)

    def begin(self) -> None:
        head = _HEAD.match(self.fp.peek())
        if head is not None:
            self._name(_FIELD.findall(head[2].decode("latin-1")))
        if head is None or not _is_measured(self.named):
            super().begin()
            self._name(self.headers.items())
            _check_length(self.named)
            return
        self.fp.read(head.end())
        self.version, self.status = 11, int(head[1])
        self._frame()

    def _frame(self) -> None:
        """Where the body ends (RFC 9112, 6.3)."""
        named = self.named
        self.chunked = named.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.length = None
        if self._is_bodiless or self.status in _BODILESS:
            self.length = 0
        elif not self.chunked and "content-length" in named:
            self.length = int(named["content-length"])
        self.will_close = self.is_endless or "close" in named.get("connection", "").lower()

    def _name(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = list(pairs)
        self.named = {name.lower(): value for name, value in self.pairs}
        if len(self.named) < len(self.pairs):
            self.named = {
                name: ", ".join(value for each, value in self.pairs if each.lower() == name)
                for name in self.named
            }

    def _read_status(self) -> Any:
        """A few may come before it that only say to go on (100 Continue).

        The library reads as many as come, and who sends them without an end would keep the
        processor from all other sources until the time is over.
        """
        self._statuses += 1
        if self._statuses > _STATUSES_MAX:
            words = "it sends interim answers in place of one"
            raise SourceError(words, reason="source", permanent=False)
        return super()._read_status()  # type: ignore[misc]  # not in the types

    def _close_conn(self) -> None:
        """Its end is reached; what has come after it is nobody's answer."""
        self._wire.is_over = True
        self._goes_on = bool(self.fp.peek())
        super()._close_conn()  # type: ignore[misc]  # not in the types

    def _read_next_chunk_size(self) -> int:
        """The library takes a size below nothing for all that still comes."""
        size = int(super()._read_next_chunk_size())  # type: ignore[misc]  # not in the types
        if size < 0:
            raise IncompleteRead(b"")
        return size


class _Wire(io.RawIOBase):
    """The bytes as they come from a socket that waits by itself, or as long as it was told."""

    def __init__(self, sock: Any) -> None:
        super().__init__()
        self._sock = sock
        self.is_over = False

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self, _BUFFER_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.is_over:
            return None
        try:
            return int(self._sock.recv_into(buffer))
        except (TimeoutError, BlockingIOError) as error:  # the latter is how the kernel says it
            raise SilenceError("nothing came in time") from error


def _is_measured(named: dict[str, str]) -> bool:
    """Whether a length, if there is one, is a plain number, and said once."""
    length = named.get("content-length", "0")
    return length.isdecimal() and len(length) <= _LENGTH_CHARS_MAX


def _check_length(named: dict[str, str]) -> None:
    """InvalidHeader where an answer has two lengths: each reader would see another end."""
    try:
        lengths = {int(length) for length in named.get("content-length", "0").split(",")}
    except ValueError:
        return
    if len(lengths) > 1:
        raise InvalidHeader("an answer says two lengths")
