"""Takes secrets out of whatever a source says: some repeat in their errors what they were told."""

import json
from base64 import b64encode
from collections.abc import Iterable
from functools import cached_property
from urllib.parse import quote, quote_plus

HIDDEN = "***"
# Shorter ones would be found in half of all figures.
_SECRET_CHARS_MIN = 4


class Hiding:
    """Knows every way in which certain secrets may stand in a text, the longest first.

    The secrets are read when there is a first text: most answers have none to look through.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = secrets

    @cached_property
    def _spellings(self) -> tuple[str, ...]:
        found: set[str] = set()
        for secret in self._secrets:
            if len(secret) >= _SECRET_CHARS_MIN:
                found |= _spellings(secret)
        return tuple(sorted(found, key=lambda text: (-len(text), text)))

    def text(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling, HIDDEN)
        return text

    def body(self, body: bytes) -> bytes:
        for spelling in self._spellings:
            body = body.replace(spelling.encode(), HIDDEN.encode())
        return body


def _spellings(secret: str) -> set[str]:
    packed = b64encode(secret.encode()).decode("ascii").rstrip("=")
    escaped = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    quoted = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    # As `redacted` writes a query.
    return {secret, packed, quote_plus(secret, safe="*:/,")} | quoted | escaped
