"""Proves who asks, for one source, and keeps its token in memory between runs."""

import re
import time
from collections.abc import Callable

from connectors.fetch.auth import Auth
from connectors.fetch.credentials import Credentials
from connectors.fetch.reply import Reply, is_good
from connectors.fetch.tokens import Expired, Token, TokenAuth, TokenRequest
from connectors.nouns import SourceError


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
        self._last: Token | None = None

    def credentials(self, fetch: Callable[[TokenRequest], Reply]) -> Credentials:
        """What a request carries; `fetch` asks for a token where there is none that lives."""
        tokens = self._tokens
        if tokens is None:
            return self._plain()
        if self._token is None or time.monotonic() >= self._token.renew_at_s:
            self._token = None
            self._token = tokens.token(fetch(tokens.token_request()), time.monotonic())
            self._last = self._token
        return self._token.credentials

    def is_expired(self, reply: Reply) -> bool:
        """Whether an answer says that the token has died."""
        if self._tokens is None or self._token is None:
            return False
        return _says_so(self._tokens.expired_when, reply)

    def secrets(self) -> tuple[str, ...]:
        """What the source gave us last to prove who asks; never to be shown, dead or alive."""
        if self._last is None:
            return ()
        proof = self._last.credentials
        carried = (
            value for pair in (proof.headers, proof.query, proof.cookies) for _, value in pair
        )
        # After a scheme ("Bearer x", "AccessToken=x") stands what is secret.
        return tuple(re.split(r"[ =]", value, maxsplit=1)[-1] for value in carried)

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
