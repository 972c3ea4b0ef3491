"""An answer as it came, and what of it may be shown."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from connectors.fetch.body import parse_json, unpack
from connectors.nouns import Request, SourceError

_DOUBTFUL = re.compile(r"[\\\x00-\x20\x7f]")
_SECRET_KEY = re.compile(
    r"token|key|secret|pass|pwd|ticket|signature|credential|^(pw|sig|auth|code|sid|session)$",
    re.IGNORECASE,
)
_HIDDEN = "***"
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_WAIT_S_MAX = 86_400.0
_NONE: Mapping[str, str] = MappingProxyType({})


class Reply(NamedTuple):
    """`headers` has lower-case names; `body` is whole and unpacked; `url` is redacted.

    `links` are the addresses of the header `Link` by their `rel` (RFC 8288); `cookies` are those
    that this answer sets.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    links: Mapping[str, str] = _NONE
    cookies: Mapping[str, str] = _NONE

    def json(self, *, any_type: bool = False) -> Any:
        """The body as strict JSON, numbers as int or Decimal; SourceError("content") otherwise.

        An HTML page is refused by its type or its first sign; `any_type` ignores the type, for
        sources that label JSON as HTML.
        """
        try:
            return parse_json(self.body, self.headers.get("content-type", ""), any_type=any_type)
        except SourceError as error:
            raise SourceError(f"{self.url}: {error}", reason=error.reason) from error


@dataclass(slots=True)
class Sent:
    """What is known of a request under way; `shown` is its redacted url."""

    method: str
    shown: str
    began_s: float
    status: int | None = None
    bytes: int = 0

    def request(self, now_s: float) -> Request:
        return Request(self.method, self.shown, self.status, self.bytes, now_s - self.began_s)


def is_good(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004  RFC 9110, 15.3


def is_error(status: int | None) -> bool:
    return status is not None and status >= 400  # noqa: PLR2004  RFC 9110, 15.5 and 15.6


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port; ValueError for an address that is none, or not the same to everyone.

    Before a backslash, a blank or a user some readers of addresses see another host than others.
    """
    if _DOUBTFUL.search(url):
        raise ValueError("an address has no backslash, blank or control character")
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("an address names no user")
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def is_elsewhere(url: str, base: str) -> bool:
    """Whether an address is of another origin than the source's, or none at all."""
    try:
        return origin(url) != origin(base)
    except ValueError:
        return True


def unpacked(wire: bytes, headers: Mapping[str, str], max_bytes: int, shown: str) -> bytes:
    """The body as `unpack` gives it; an error names what was asked."""
    try:
        return unpack(wire, headers.get("content-encoding", ""), max_bytes)
    except SourceError as error:
        words = f"{shown}: {error}"
        raise SourceError(words, reason=error.reason, permanent=error.permanent) from None


def redacted(url: str, secret_names: Collection[str] = ()) -> str:
    """The address without user, password and the values of query keys that look secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return _HIDDEN
    host = parts.netloc.rpartition("@")[2]
    pairs = [
        (name, _HIDDEN if name in secret_names or _SECRET_KEY.search(name) else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(pairs, safe="*:/,"), ""))


def error_of(status: int, headers: Mapping[str, str], url: str, now: datetime) -> SourceError:
    """What a status other than 2xx means; `headers` has lower-case names, `url` is redacted.

    A source that says when to come back is not asked again in this run.
    """
    said = f"{url} answered {status}"
    if 300 <= status < 400:  # noqa: PLR2004  the class of redirects
        return SourceError(said + _pointing(headers.get("location")), reason="source")
    if status in {401, 403, 407}:
        return SourceError(said, reason="auth")
    wait_s = asked_wait_s(headers, now)
    if status not in _TRANSIENT:
        return SourceError(said, reason="source", retry_after_s=wait_s)
    if wait_s is not None:
        said += f", to be asked again in {wait_s:.0f} s"
        return SourceError(said, reason="source", retry_after_s=wait_s)
    return SourceError(said, reason="source", permanent=False)


def asked_wait_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long an answer asks to wait; both dates are then of one clock, the source's own."""
    return retry_after_s(headers.get("retry-after"), _date(headers.get("date")) or now)


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """RFC 9110, 10.2.3: seconds or a date, at most a day; None when absent or unreadable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), _WAIT_S_MAX)
    moment = _date(text)
    if moment is None:
        return None
    return min(max((moment - now).total_seconds(), 0.0), _WAIT_S_MAX)


def _date(header: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header or "")
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _pointing(location: str | None) -> str:
    try:
        host = urlsplit(location or "").hostname
    except ValueError:
        host = "an address that is none"
    to = f" to {host}" if host else " to another page of its own"
    return f": a redirect{to}, perhaps a login page, and it is not followed"
