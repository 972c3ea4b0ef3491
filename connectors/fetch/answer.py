"""What comes back over a connection: one answer, its head read at once and its body in bounds."""

import io
import re
from collections.abc import Sequence
from email import message_from_string
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected
from typing import Any

from urllib3.exceptions import InvalidHeader

from connectors.nouns import SourceError

_STATUSES_MAX = 10
# As many and as long as the library takes.
_FIELDS_MAX, _LINE_BYTES_MAX = 100, 65_536
_SIZE_LINE_BYTES_MAX = 1024
# A record of TLS holds no more, so that one read takes all of it. Where records and reads come to
# lie across each other, what is left of one is in sight of no poll; `is_quiet` asks for it.
_BUFFER_BYTES = 16_384
# What a head, or all that is not body, may have.
_AROUND_BYTES_MAX = 1_048_576
_SWITCHING = 101
_BODILESS = frozenset({_SWITCHING, 204, 304})
_BLANK = (b"\r\n", b"\n")
_NAME, _VALUE = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", rb"[\t\x20-\x7e\x80-\xff]*"
_PLAIN_FIELDS = rb"((?:%b:%b\r\n)*)\r\n" % (_NAME, _VALUE)
_HEAD = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9])(?: [^\r\n]*)?\r\n" + _PLAIN_FIELDS)
_FIELDS = re.compile(_PLAIN_FIELDS)
_FIELD = re.compile(r"([^:]+):[ \t]*([^\r]*)\r\n")
_STATUS = re.compile(r"HTTP/1\.([0-9]) +([1-9][0-9][0-9])(?: ([^\r\n]*))?\r?\n")
# More digits are no length of anything.
_LENGTH = re.compile(r"[0-9]{1,18}")
_SIZE = re.compile(rb"([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")


class SilenceError(TimeoutError):
    """Nothing came, or nothing was taken, for as long as a source may be silent."""


class FloodError(SourceError):
    """More came over the wire than one answer may have."""


class Answer:
    """An answer to one request.

    `named` are its headers by their names in lower case, `pairs` all of them as they came. A head
    that everyone reads alike is taken in at once. Any other is read as the standard library reads
    it, but its connection carries no more, for another may see its end elsewhere.
    """

    def __init__(self, sock: Any, *, method: str | None = None) -> None:
        self._wire = _Wire(sock)
        self.fp = io.BufferedReader(self._wire, _BUFFER_BYTES)
        self.version = self.status = 0
        self.named: dict[str, str] = {}
        self.pairs: Sequence[tuple[str, str]] = ()
        self.length: int | None = None
        self.chunked = False
        self.will_close = False
        self._chunk_left = 0
        self._is_bodiless = method == "HEAD"
        self._is_odd = False
        self._has_ended = False
        self._goes_on = False

    @property
    def is_endless(self) -> bool:
        """Whether it ends only when its connection does."""
        return self.length is None and not self.chunked

    @property
    def is_whole(self) -> bool:
        """Whether its end was seen and no more has come: its connection can carry another."""
        return self._has_ended and not (self.will_close or self._goes_on)

    def begin(self) -> None:
        """Read the head, after a few that only say to wait for it (RFC 9110, 15.2).

        Who sends these without an end would keep the processor from all other sources until the
        time is over.
        """
        for _ in range(_STATUSES_MAX):
            self._take_head()
            if self.status >= 200 or self.status == _SWITCHING:  # noqa: PLR2004  RFC 9110, 15.2
                return self._frame()
        words = "it sends interim answers in place of one"
        raise SourceError(words, reason="source", permanent=False)

    def admit(self, max_bytes: int) -> None:
        """Let a body of so many bytes come, and as many about it: chunks may be small."""
        self._wire.bytes_left += 2 * max_bytes

    def read(self, size: int) -> bytes:
        """At most so much of the body, nothing at its end; IncompleteRead where it is cut."""
        if self._has_ended:
            return b""
        if self.chunked and self.length is None:
            return self._read_chunk(size)
        if self.length is None:
            piece = self.fp.read(size)
            if not piece:
                self._end()
            return piece
        piece = self._some(min(size, self.length))
        self.length -= len(piece)
        if not self.length:
            self._end()
        return piece

    def close(self) -> None:
        self.fp.close()

    def _take_head(self) -> None:
        head = _HEAD.match(self.fp.peek())
        if head is not None:
            self.fp.read(head.end())
            self.version, self.status = 11, int(head[1])
            self._name(_FIELD.findall(head[2].decode("latin-1")))
            return
        self.version, self.status, _ = self._read_status()
        fields = b"".join(self._lines())
        said, plain = fields.decode("latin-1"), _FIELDS.fullmatch(fields)
        self._is_odd = plain is None or self.version < 11  # noqa: PLR2004  HTTP/1.1
        self._name(_FIELD.findall(said) if plain else message_from_string(said).items())

    def _name(self, pairs: list[tuple[str, str]]) -> None:
        if len(pairs) > _FIELDS_MAX:
            raise _too_many()
        self.pairs = pairs
        self.named = {name.lower(): value for name, value in pairs}
        if len(self.named) < len(pairs):
            self.named = _joined(pairs)

    def _frame(self) -> None:
        """Where the body ends (RFC 9112, 6.3)."""
        named = self.named
        length, coding = named.get("content-length"), named.get("transfer-encoding")
        self.chunked = coding is not None and coding.strip().lower() == "chunked"
        self.length = None
        if self._is_bodiless or self.status in _BODILESS:
            self.length = 0
        elif length is not None and coding is None:
            self.length = _length_of(length)
        is_doubtful = coding is not None and (length is not None or self.length is not None)
        says_close = "close" in named.get("connection", "").lower()
        self.will_close = self.is_endless or self._is_odd or is_doubtful or says_close

    def _read_status(self) -> tuple[int, int, str]:
        """The library calls it too, for what a proxy answers."""
        line = self.fp.readline(_LINE_BYTES_MAX)
        if not line:
            raise RemoteDisconnected("no answer came")
        said = _STATUS.fullmatch(line.decode("latin-1"))
        if said is None:
            raise BadStatusLine("no status")
        return 10 + int(said[1]), int(said[2]), said[3] or ""

    def _lines(self) -> list[bytes]:
        """The fields of a head or a trailer, to the blank line after them."""
        lines: list[bytes] = []
        while not lines or lines[-1] not in _BLANK:
            if len(lines) > _FIELDS_MAX:
                raise _too_many()
            lines.append(self._line(_LINE_BYTES_MAX))
        return lines

    def _line(self, max_bytes: int) -> bytes:
        line = self.fp.readline(max_bytes)
        if not line.endswith(b"\n"):
            raise IncompleteRead(b"")
        return line

    def _read_chunk(self, size: int) -> bytes:
        if not self._chunk_left:
            said = _SIZE.fullmatch(self._line(_SIZE_LINE_BYTES_MAX))
            if said is None:
                raise IncompleteRead(b"")
            self._chunk_left = int(said[1], 16)
        if not self._chunk_left:
            self._lines()
            self._end()
            return b""
        piece = self._some(min(size, self._chunk_left))
        self._chunk_left -= len(piece)
        if not self._chunk_left and self.fp.read(2) != b"\r\n":
            raise IncompleteRead(piece)
        return piece

    def _some(self, size: int) -> bytes:
        piece = self.fp.read(size)
        if size and not piece:
            raise IncompleteRead(b"", size)
        return piece

    def _end(self) -> None:
        """Its end is reached; what has come after it is nobody's answer."""
        self._has_ended = self._wire.is_over = True
        self._goes_on = bool(self.fp.peek())


class _Wire(io.RawIOBase):
    """The bytes as they come from a socket that waits by itself, or as long as it was told."""

    def __init__(self, sock: Any) -> None:
        super().__init__()
        self._sock = sock
        self.is_over = False
        self.bytes_left = _AROUND_BYTES_MAX

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.is_over:
            return None
        try:
            size = int(self._sock.recv_into(buffer))
        except (TimeoutError, BlockingIOError) as error:  # the latter is how the kernel says it
            raise SilenceError("nothing came in time") from error
        self.bytes_left -= size
        if self.bytes_left < 0:
            raise FloodError("more came than an answer has", reason="content")
        return size


def _joined(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    named: dict[str, list[str]] = {}
    for name, value in pairs:
        named.setdefault(name.lower(), []).append(value)
    return {name: ", ".join(values) for name, values in named.items()}


def _length_of(said: str) -> int | None:
    """None unless plain numbers are said; InvalidHeader where each reader would see another end."""
    numbers = [number.strip(" \t") for number in said.split(",")]
    if not all(map(_LENGTH.fullmatch, numbers)):
        return None
    lengths = set(map(int, numbers))
    if len(lengths) > 1:
        raise InvalidHeader("an answer says two lengths")
    return lengths.pop()


def _too_many() -> SourceError:
    return SourceError(f"it sends more than {_FIELDS_MAX} headers", reason="source")
