"""Proves who asks, for one source, and keeps its token in memory between runs."""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator

from connectors.fetch.auth import Auth
from connectors.fetch.credentials import Credentials
from connectors.fetch.reply import Reply, is_good
from connectors.fetch.tokens import Expired, Token, TokenAuth, TokenRequest
from connectors.nouns import SourceError

# A run sends one proof, and after a renewal another.
_KEPT = 4


class Prover:
    """A token is renewed before it expires, and once more where the source refuses it early."""

    def __init__(self, auth: Auth) -> None:
        self._tokens: TokenAuth | None = None
        self._plain: Callable[[], Credentials] = Credentials
        if isinstance(auth, TokenAuth):
            self._tokens = auth
        else:
            self._plain = auth.credentials
        self._token: Token | None = None
        self._sent: deque[Credentials] = deque(maxlen=_KEPT)

    def credentials(self, fetch: Callable[[TokenRequest], Reply]) -> Credentials:
        """What a request carries; `fetch` asks for a token where there is none that lives."""
        proof = self._credentials(fetch)
        if not self._sent or self._sent[-1] != proof:
            self._sent.append(proof)
        return proof

    def _credentials(self, fetch: Callable[[TokenRequest], Reply]) -> Credentials:
        tokens = self._tokens
        if tokens is None:
            return self._plain()
        if self._token is None or time.monotonic() >= self._token.renew_at_s:
            self._token = None
            self._token = tokens.token(fetch(tokens.token_request()), time.monotonic())
        return self._token.credentials

    def is_expired(self, reply: Reply) -> bool:
        """Whether an answer says that the token has died."""
        if self._tokens is None or self._token is None:
            return False
        return _says_so(self._tokens.expired_when, reply)

    def secrets(self) -> Iterator[str]:
        """What was sent of late to prove who asks; never to be shown, dead or alive.

        A secret may have been changed since it was sent: what was sent is what is told back.
        """
        for proof in self._sent:
            for pair in (*proof.headers, *proof.query, *proof.cookies):
                yield pair[1]
                # After a scheme ("Bearer x", "AccessToken=x") stands what is secret.
                yield from re.split(r"[ =]", pair[1], maxsplit=1)[1:]

    def forget(self) -> None:
        """Drop a refused token."""
        self._token = None


def _says_so(expired: Expired, reply: Reply) -> bool:
    if reply.status in expired.statuses:
        return True
    if expired.body is None and not expired.login_page:
        return False
    try:
        answer = reply.json()
    except SourceError:
        return expired.login_page and is_good(reply.status)
    return expired.body is not None and expired.body.holds(answer)
