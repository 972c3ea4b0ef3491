"""From bytes to values: unpacked within bounds, decoded as declared, parsed strictly."""

import json
import re
import unicodedata
import zlib
from codecs import BOM_UTF8
from email.message import Message
from functools import lru_cache
from typing import Any

from connectors.nouns import SourceError
from connectors.numbers import decimal_of

# An honest answer packs some 30 to 1; below this size the ratio can do no harm.
_RATIO_MAX = 100
_RATIO_FREE_BYTES = 100_000
_GZIP_ONLY = 16 + zlib.MAX_WBITS
# Parsed, a piece takes some 120 bytes however few it has here, so a short answer could fill the
# memory. Real ones have one in 16 bytes or more.
_PIECES_FREE = 300_000
_PIECE_BYTES = 14
# Honest ones have one, or one for each of a few files; each further one costs a copy of the rest.
_MEMBERS_MAX = 16
# What sources write in, and the language decodes in one go. Others take it minutes for an answer.
_CHARSETS = re.compile(
    r"utf-?8(-sig)?|utf-?(16|32)(-?[bl]e)?|(us-)?ascii"
    r"|latin-?1|iso-?8859-?([1-9]|1[0-6])|(windows-?|cp)125[0-8]"
)
_TYPE_CHARS_MAX = 1000
# As Unicode itself has it for streams (UAX 15). To put more in order takes the square of their
# number, and nobody else has the processor meanwhile.
_MARKS_MAX = 30
_MAY_BE_MARKS = re.compile(rf"[^\w\x00-\x7f]{{{_MARKS_MAX},}}")
_MARKUP = (b"<", BOM_UTF8 + b"<")
_UTF_8 = frozenset({"utf-8", "utf8", "utf-8-sig"})


def unpack(wire: bytes, encoding: str, max_bytes: int) -> bytes:
    """The body without its content encoding: gzip or none, at most `max_bytes`."""
    named = encoding.strip().lower()
    if named in {"", "identity"}:
        return wire
    if named not in {"gzip", "x-gzip"}:
        raise _not_json("the answer is packed otherwise than by gzip")
    bound = max(_RATIO_FREE_BYTES, len(wire) * _RATIO_MAX)
    return _gunzip(wire, min(max_bytes, bound))


def parse_json(body: bytes, content_type: str, *, any_type: bool = False) -> Any:
    """Strict JSON with exact numbers (int, or Decimal) and composed (NFC) text.

    NaN and Infinity become decimals that are not finite, and absurd numbers the texts that they
    are, so that one bad value costs its row and not the answer. SourceError("content") for
    whatever is not JSON.
    """
    kind, charset = _content_type(content_type)
    if body.lstrip().startswith(_MARKUP) or ("html" in kind and not any_type):
        raise _not_json("the source answered an HTML page, perhaps a login page")
    if not body.strip():
        raise _not_json("the answer is empty")
    text = _decode(body, charset)
    _check_pieces(text)
    try:
        # Composing the whole text once is the same as each string alone, and much faster; only
        # escapes hide letters from it. One sign is found much faster than two.
        if "\\" in text and "\\u" in text:
            return _composed(_loads(text))
        return _loads(_in_nfc(text))
    except RecursionError:
        raise _not_json("the JSON is nested too deeply") from None


def decoded(body: bytes, content_type: str) -> str:
    """Text that is no page, composed (NFC), in the charset declared, else UTF-8."""
    kind, charset = _content_type(content_type)
    if body.lstrip().startswith(_MARKUP) or "html" in kind:
        raise _not_json("the source answered an HTML page, perhaps a login page")
    if not body.strip():
        raise _not_json("the answer is empty")
    return _storable(_in_nfc(_decode(body, charset or "utf-8")))


def _gunzip(wire: bytes, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    left = wire
    room = max_bytes
    while left:  # a gzip stream may have several members
        if len(parts) == _MEMBERS_MAX:
            raise _not_json(f"the answer is packed in more than {_MEMBERS_MAX} pieces")
        member = zlib.decompressobj(_GZIP_ONLY)
        part = _inflate(member, left, room + 1)
        room -= len(part)
        if room < 0:
            raise _not_json(f"the answer unpacks to more than {max_bytes} bytes")
        if not member.eof:
            raise SourceError("the packed answer is cut short", reason="source", permanent=False)
        parts.append(part)
        left = member.unused_data
    return b"".join(parts)


def _inflate(member: "zlib._Decompress", left: bytes, room: int) -> bytes:
    try:
        return member.decompress(left, room)
    except zlib.error as error:
        raise _not_json("the answer is not the gzip it says it is") from error


@lru_cache(maxsize=64)
def _content_type(header: str) -> tuple[str, str | None]:
    if len(header) > _TYPE_CHARS_MAX:  # the library takes the square of it
        raise _not_json("the answer names its type at too great a length")
    message = Message()
    message["Content-Type"] = header or "application/octet-stream"
    try:
        charset = message.get_content_charset()
    except (TypeError, ValueError):  # in parts (RFC 2231) that do not fit together
        raise _not_json("the answer names its charset in no way that can be read") from None
    return message.get_content_type(), charset


def _decode(body: bytes, charset: str | None) -> str:
    named = (charset or json.detect_encoding(body)).lower().replace("_", "-")
    if _CHARSETS.fullmatch(named) is None:
        raise _not_json("the answer is not text in a charset that is read here")
    try:
        if named in _UTF_8:
            return body.removeprefix(BOM_UTF8).decode()
        text = body.decode(named)
        text.encode()  # some charsets have halves of signs, which have no bytes
    except (LookupError, UnicodeError) as error:
        raise _not_json("the answer is not text in the charset that it names") from error
    return text


def _check_pieces(text: str) -> None:
    pieces_max = max(_PIECES_FREE, len(text) // _PIECE_BYTES)
    # A text has no more pieces than signs.
    if len(text) > pieces_max and sum(map(text.count, "[{,")) > pieces_max:
        raise _not_json("the JSON has more pieces than an answer of its size should")


def _loads(text: str) -> Any:
    try:
        return _loaded(text)
    except ValueError as error:
        # Only where it is wrong: an answer may hold what must not be shown.
        place = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise _not_json(f"the answer is not JSON{place}") from None


def _loaded(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # an int of more digits than the language reads
        return _PATIENT_DECODER.decode(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _not_json(f"the JSON has the key {twice[:50]!r} twice in one object")
    return made


# The first makes whole numbers without calling back for each of them.
_DECODER, _PATIENT_DECODER = (
    json.JSONDecoder(
        parse_int=parse_int,
        parse_float=decimal_of,
        parse_constant=decimal_of,
        object_pairs_hook=_object,
    )
    for parse_int in (int, decimal_of)
)


def _in_nfc(text: str) -> str:
    """Composed; SourceError where a sign has more marks than any language gives it."""
    if unicodedata.is_normalized("NFC", text):
        return text
    for run in _MAY_BE_MARKS.findall(text):
        if sum(map(_is_mark, run)) > _MARKS_MAX:
            raise _not_json(f"the answer has more than {_MARKS_MAX} marks on one sign")
    return unicodedata.normalize("NFC", text)


def _is_mark(sign: str) -> bool:
    return unicodedata.combining(unicodedata.normalize("NFD", sign)[0]) > 0


def _composed(value: Any) -> Any:
    """The same value with text that can be compared and stored: NFC, no NUL, no half signs."""
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value
        return _storable(_in_nfc(value))
    if isinstance(value, list):
        return [_composed(item) for item in value]
    if isinstance(value, dict):
        return {_composed(key): _composed(item) for key, item in value.items()}
    return value


def _storable(text: str) -> str:
    try:
        text.encode()  # half a sign has no bytes
    except UnicodeError:
        raise _not_json("the answer has text that is no Unicode") from None
    if "\0" in text:
        raise _not_json("the answer has text that is no Unicode")
    return text


def _not_json(message: str) -> SourceError:
    return SourceError(message, reason="content")
