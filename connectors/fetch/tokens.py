"""Authentication that asks for a token first: what is asked, and what the answer gives."""

from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote_plus

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from connectors.compact import compact
from connectors.fetch.credentials import (
    Credentials,
    Pairs,
    Place,
    Told,
    basic,
    bearer,
    carried,
    pairs_of,
)
from connectors.fetch.reply import Reply
from connectors.nouns import Model, SourceError
from connectors.query import Path, query_of
from connectors.secret import Secret, revealed, with_secrets

_LIFETIME_S_MAX = 86_400.0
_LIFETIME_S = 300.0
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What is asked for a token."""

    url: str
    form: Pairs | None
    headers: Pairs
    method: Literal["GET", "POST"] = "POST"
    query: Pairs = ()
    json: Any = None


@dataclass(frozen=True, slots=True)
class Token:
    """What proves who asks until `renew_at_s`, on the monotonic clock of whoever asked for it."""

    credentials: Credentials
    renew_at_s: float


class Expired(Model):
    """What says that a token has died early; then a new one is asked for, once a run."""

    statuses: tuple[int, ...] = (_UNAUTHORIZED,)
    """Statuses that say so."""
    body: Path | None = None
    """JMESPath over the body that holds when it says so, with whatever status."""
    login_page: bool = False
    """Whether an HTML page in place of JSON says so."""


class TokenAuth(Model, ABC):
    """Asks for a token first, keeps it in memory for its life, and asks anew when it has died."""

    expired_when: Expired = Expired()
    """What says that the token has died before its time."""

    @abstractmethod
    def token_request(self) -> TokenRequest:
        """SourceError(reason="config") when a secret is not there."""

    @abstractmethod
    def token(self, reply: Reply, now_s: float) -> Token:
        """The token in the answer; SourceError(reason="auth") where it has none."""


class OAuth2ClientCredentials(TokenAuth):
    """RFC 6749, 4.4, as WSO2 and Keycloak speak it."""

    type: Literal["oauth2_client_credentials"] = "oauth2_client_credentials"
    token_url: str
    """Where tokens are given: a path under base_url or a whole address."""
    client_id: Secret | str
    """The client's id, or consumer key."""
    client_secret: Secret
    """The client's secret."""
    scope: str | None = None
    """The scope asked for."""
    send: Literal["form", "basic"] = "form"
    """Whether id and secret stand in the form or in the header Authorization."""

    def token_request(self) -> TokenRequest:
        form: Pairs = (("grant_type", "client_credentials"),)
        if self.scope is not None:
            form += (("scope", self.scope),)
        name, secret = revealed(self.client_id), self.client_secret.reveal()
        if self.send == "basic":
            # RFC 6749, 2.3.1: both are form-encoded before they are joined.
            return TokenRequest(
                self.token_url, form, (basic(quote_plus(name), quote_plus(secret)),)
            )
        form += (("client_id", name), ("client_secret", secret))
        return TokenRequest(self.token_url, form, ())

    def token(self, reply: Reply, now_s: float) -> Token:
        return read_token(reply.json(), now_s)


class Lgsp(TokenAuth):
    """A provincial integration platform: a header of keys asks for a token, and goes with it."""

    type: Literal["lgsp"] = "lgsp"
    token_url: str
    """Where tokens are given: a path under base_url or a whole address."""
    keys: dict[str, Secret | str] = Field(min_length=1)
    """What the header holds, as base64 of JSON: AccessKey, SecretKey, AppName, PartnerCode …"""
    header: str = "lgspaccesstoken"
    """The header's name."""
    headers: dict[str, Told] = Field(default_factory=dict)
    """More headers for the token request, such as X-Authentication-Token."""
    token_path: Path = Field(default_factory=lambda: query_of("access_token"))
    """JMESPath to the token in the answer, such as data.token; without it access_token."""

    def token_request(self) -> TokenRequest:
        form: Pairs = (("grant_type", "client_credentials"),)
        return TokenRequest(self.token_url, form, (self._keys(), *pairs_of(self.headers)))

    def token(self, reply: Reply, now_s: float) -> Token:
        answer = reply.json()
        found = self.token_path.of(answer)
        life = answer.get("expires_in", _LIFETIME_S) if isinstance(answer, Mapping) else _LIFETIME_S
        token = bearer(_text(found, self.token_path.text))
        return Token(token.beside(Credentials(headers=(self._keys(),))), renew_at_s(life, now_s))

    def _keys(self) -> tuple[str, str]:
        told = compact({name: revealed(value) for name, value in self.keys.items()})
        return self.header, b64encode(told.encode()).decode("ascii")


class Issued(Model):
    """Something that the answer to a login gives, and how later requests carry it."""

    model_config = ConfigDict(populate_by_name=True)

    path: Path | None = None
    """JMESPath to it in the answer."""
    header: str | None = None
    """The answer's header that holds it."""
    cookie: str | None = None
    """The answer's cookie that holds it; cookies themselves always go along."""
    place: Place = Field(default="header", alias="in")
    """What carries it."""
    name: str = "Authorization"
    """The header, query parameter or cookie that carries it."""
    prefix: str = ""
    """Text before it, such as "Bearer "."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(each is not None for each in (self.path, self.header, self.cookie)) != 1:
            raise ValueError("needs one of path, header and cookie: where the answer has it")
        return self

    def credentials(self, reply: Reply) -> Credentials:
        return carried(self.place, self.name, self.prefix + self._found(reply))

    def _found(self, reply: Reply) -> str:
        if self.path is not None:
            return _text(self.path.of(reply.json()), self.path.text)
        if self.header is not None:
            return _text(reply.headers.get(self.header.lower()), self.header)
        return _text(reply.cookies.get(self.cookie or ""), f"the cookie {self.cookie}")


class TokenLogin(TokenAuth):
    """A declared request whose answer gives a token, a cookie, or both."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["login"] = "login"
    path: str
    """A path under base_url or a whole address."""
    method: Literal["GET", "POST"] = "POST"
    """How it is asked."""
    query: dict[str, Told] = Field(default_factory=dict)
    """Query parameters, plain or secret."""
    headers: dict[str, Told] = Field(default_factory=dict)
    """Headers, plain or secret."""
    form: dict[str, Told] | None = None
    """A form, its values plain or secret."""
    json_body: Annotated[Any, BeforeValidator(with_secrets)] = Field(default=None, alias="json")
    """A JSON body; `{env: NAME}` and `{file: PATH}` in it are secrets."""
    ok_when: Path | None = None
    """JMESPath over the answer that holds when the login was good."""
    issued: Issued | None = Field(default=None, alias="token")
    """The token that the answer gives; without one, its cookies are the session."""
    csrf: Issued | None = None
    """A second thing that it gives, such as X-CSRF-Token."""
    expires_in: Path | None = None
    """JMESPath to the token's life in seconds."""
    lifetime_s: float | None = Field(default=None, gt=0)
    """The token's life where the answer says none; else a day, or until it is refused."""

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.form is not None and self.json_body is not None:
            raise ValueError("a login has a form or a JSON body, not both")
        if self.method == "GET" and (self.form is not None or self.json_body is not None):
            raise ValueError("a login with a form or a JSON body has method: POST")
        return self

    def token_request(self) -> TokenRequest:
        return TokenRequest(
            self.path,
            None if self.form is None else pairs_of(self.form),
            pairs_of(self.headers),
            self.method,
            pairs_of(self.query),
            revealed(self.json_body),
        )

    def token(self, reply: Reply, now_s: float) -> Token:
        if self.ok_when is not None and not self.ok_when.holds(reply.json()):
            words = f"{reply.url}: the login was refused: {self.ok_when.text!r} does not hold"
            raise SourceError(words, reason="auth")
        given = [each.credentials(reply) for each in (self.issued, self.csrf) if each is not None]
        life = self.lifetime_s or _LIFETIME_S_MAX
        if self.expires_in is not None:
            life = self.expires_in.of(reply.json())
        return Token(reduce(Credentials.beside, given, Credentials()), renew_at_s(life, now_s))


def read_token(answer: Any, now_s: float) -> Token:
    """The token in a token endpoint's answer; without `expires_in` it lasts 5 minutes."""
    if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
        raise SourceError("the token endpoint gave no access_token", reason="auth")
    life = answer.get("expires_in", _LIFETIME_S)
    return Token(bearer(answer["access_token"]), renew_at_s(life, now_s))


def renew_at_s(lifetime: Any, now_s: float) -> float:
    """Early, so that no request leaves with a token that expires on its way."""
    try:
        lifetime_s = min(max(float(lifetime), 0.0), _LIFETIME_S_MAX)
    except (TypeError, ValueError):
        raise SourceError("the token's answer gave no readable life", reason="auth") from None
    return now_s + lifetime_s - min(max(30.0, lifetime_s / 10), lifetime_s / 2)


def _text(found: Any, where: str) -> str:
    if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
        raise SourceError(f"the login gave no token at {where}", reason="auth")
    return str(found)
