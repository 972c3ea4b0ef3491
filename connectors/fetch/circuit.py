"""A source that knows us not is left alone, so that no account is ever locked by us."""

import hmac
import os
import time
from collections.abc import Iterable

from connectors.nouns import SourceError
from connectors.secret import Secret

_WAIT_S_MAX = 14_400.0


class Circuit:
    """Opened by a refusal of our credentials; closed by time, by new secrets, or by an answer.

    The first wait is `wait_s`, and each further refusal doubles it. What the secrets were is kept
    only as a keyed digest.
    """

    def __init__(self, secrets: Iterable[Secret], wait_s: float) -> None:
        self._secrets = tuple(secrets)
        self._wait_s = wait_s
        self._key = os.urandom(32)
        self._refused_with: bytes | None = None
        self._refusals = 0
        self._until_s = 0.0

    def check(self) -> None:
        """SourceError while it is open; after the wait one run may try."""
        if self._refused_with is None:
            return
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            return
        if self._digest() != self._refused_with:
            self.passed()
            return
        times = "once" if self._refusals == 1 else f"{self._refusals} times"
        raise SourceError(
            f"not asked: our credentials were refused {times};"
            f" the next attempt is in {left_s:.0f} s, or once a secret has changed",
            reason="auth",
        )

    def refused(self) -> None:
        """Our credentials were refused just now."""
        digest = self._digest()
        self._refusals = self._refusals + 1 if digest == self._refused_with else 1
        self._refused_with = digest
        wait_s = min(self._wait_s * 2.0 ** (min(self._refusals, 30) - 1), _WAIT_S_MAX)
        self._until_s = time.monotonic() + wait_s

    def passed(self) -> None:
        """The source has answered."""
        self._refused_with, self._refusals, self._until_s = None, 0, 0.0

    def _digest(self) -> bytes:
        made = hmac.new(self._key, digestmod="sha256")
        for secret in self._secrets:
            made.update(_told(secret) + b"\0")
        return made.digest()


def _told(secret: Secret) -> bytes:
    try:
        return secret.reveal().encode()
    except SourceError:
        return b""
