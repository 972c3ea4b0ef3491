"""How a source is told who asks: what each kind of authentication adds to a request."""

import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from connectors.base import Model, SourceError
from connectors.secret import Secret

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Headers and query pairs that prove who asks. Never shown, and never put in a message."""

    headers: Pairs = ()
    query: Pairs = ()


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The form that is posted for a token."""

    url: str
    form: Pairs
    headers: Pairs


@dataclass(frozen=True, slots=True)
class Token:
    """`renew_at_s` is on the monotonic clock of whoever asked."""

    value: str
    renew_at_s: float


class NoAuth(Model):
    type: Literal["none"] = "none"

    def credentials(self) -> Credentials:
        return Credentials()


class ApiKey(Model):
    """A key in a header or, where the source wants it so, in the query."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["api_key"] = "api_key"
    key: Secret
    name: str = "X-API-KEY"
    place: Literal["header", "query"] = Field(default="header", alias="in")
    prefix: str = ""

    def credentials(self) -> Credentials:
        pair = (self.name, self.prefix + self.key.reveal())
        return Credentials(query=(pair,)) if self.place == "query" else Credentials(headers=(pair,))


class Basic(Model):
    type: Literal["basic"] = "basic"
    username: Secret | str
    password: Secret

    def credentials(self) -> Credentials:
        return Credentials(headers=(_basic(_plain(self.username), self.password.reveal()),))


class Bearer(Model):
    type: Literal["bearer"] = "bearer"
    token: Secret

    def credentials(self) -> Credentials:
        return bearer(self.token.reveal())


class Login(Model):
    """A user and password that a connector of its own protocol turns into a session."""

    type: Literal["login"] = "login"
    username: Secret | str
    password: Secret

    def credentials(self) -> Credentials:
        return Credentials()

    def name(self) -> str:
        return _plain(self.username)


class OAuth2ClientCredentials(Model):
    """RFC 6749, 4.4. `token_url` is a path under base_url or a whole address."""

    type: Literal["oauth2_client_credentials"] = "oauth2_client_credentials"
    token_url: str
    client_id: Secret | str
    client_secret: Secret
    scope: str | None = None
    send: Literal["form", "basic"] = "form"

    def token_request(self) -> TokenRequest:
        """SourceError(reason="config") when a secret is not there."""
        form: Pairs = (("grant_type", "client_credentials"),)
        if self.scope is not None:
            form += (("scope", self.scope),)
        name, secret = _plain(self.client_id), self.client_secret.reveal()
        if self.send == "basic":
            return TokenRequest(self.token_url, form, (_basic(name, secret),))
        form += (("client_id", name), ("client_secret", secret))
        return TokenRequest(self.token_url, form, ())


# What can be added to a request without talking to the source first, or with one token request.
RequestAuth = Annotated[
    NoAuth | ApiKey | Basic | Bearer | OAuth2ClientCredentials, Field(discriminator="type")
]
Auth = Annotated[
    NoAuth | ApiKey | Basic | Bearer | OAuth2ClientCredentials | Login,
    Field(discriminator="type"),
]


class Prover:
    """Proves who asks, for one source; keeps its token in memory between runs.

    `fetch` posts a token request and gives the JSON answer. A token is renewed before it expires,
    and once more where the source refuses it early.
    """

    def __init__(self, auth: Auth) -> None:
        self._auth = auth
        self._token: Token | None = None

    def credentials(self, fetch: Callable[[TokenRequest], Any]) -> Credentials:
        if not isinstance(self._auth, OAuth2ClientCredentials):
            return self._auth.credentials()
        if self._token is None or time.monotonic() >= self._token.renew_at_s:
            answer = fetch(self._auth.token_request())
            self._token = read_token(answer, time.monotonic())
        return bearer(self._token.value)

    def forget(self) -> bool:
        """Drop a refused token; whether there was one, so that a new one may be fetched."""
        had, self._token = self._token is not None, None
        return had


def bearer(token: str) -> Credentials:
    return Credentials(headers=(("Authorization", f"Bearer {token}"),))


def read_token(answer: Any, now_s: float) -> Token:
    """The token in a token endpoint's answer; without `expires_in` it lasts 5 minutes."""
    if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
        raise SourceError("the token endpoint gave no access_token", reason="auth")
    lifetime_s = _seconds(answer.get("expires_in", 300))
    # Renewed early, so that no request leaves with a token that expires on its way.
    margin_s = min(max(30.0, lifetime_s / 10), lifetime_s / 2)
    return Token(answer["access_token"], now_s + lifetime_s - margin_s)


def _seconds(given: Any) -> float:
    try:
        return min(max(float(given), 0.0), 86_400.0)
    except (TypeError, ValueError):
        raise SourceError("the token endpoint gave no readable expires_in", reason="auth") from None


def _plain(given: Secret | str) -> str:
    return given if isinstance(given, str) else given.reveal()


def _basic(name: str, password: str) -> tuple[str, str]:
    joined = b64encode(f"{name}:{password}".encode()).decode("ascii")
    return ("Authorization", f"Basic {joined}")
