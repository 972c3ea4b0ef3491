"""How a source is told who asks: what each kind of authentication adds to a request."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from connectors.fetch.credentials import Credentials, Place, basic, bearer, carried
from connectors.fetch.tokens import Lgsp, OAuth2ClientCredentials, TokenLogin
from connectors.nouns import Model
from connectors.secret import Secret, revealed


class NoAuth(Model):
    """Nothing is proved."""

    type: Literal["none"] = "none"

    def credentials(self) -> Credentials:
        return Credentials()


class Mtls(NoAuth):
    """Our certificate (`client_cert` beside `auth`) is all that proves who asks."""

    type: Literal["mtls"] = "mtls"  # type: ignore[assignment]


class ApiKey(Model):
    """A key in a header or, where the source wants it so, in the query or a cookie."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["api_key"] = "api_key"
    key: Secret
    """The key."""
    name: str = "X-API-KEY"
    """The header, query parameter or cookie that carries it."""
    place: Place = Field(default="header", alias="in")
    """What carries it."""
    prefix: str = ""
    """Text before the key, such as "Token "."""

    def credentials(self) -> Credentials:
        return carried(self.place, self.name, self.prefix + self.key.reveal())


class Basic(Model):
    """A user and a password in the header Authorization (RFC 7617)."""

    type: Literal["basic"] = "basic"
    username: Secret | str
    """The user."""
    password: Secret
    """The password."""

    def credentials(self) -> Credentials:
        return Credentials(headers=(basic(revealed(self.username), self.password.reveal()),))


class Bearer(Model):
    """A token that does not expire, in the header Authorization (RFC 6750)."""

    type: Literal["bearer"] = "bearer"
    token: Secret
    """The token."""

    def credentials(self) -> Credentials:
        return bearer(self.token.reveal())


class Login(Model):
    """A user and password that a connector of its own protocol turns into a session."""

    type: Literal["login"] = "login"
    username: Secret | str
    """The user."""
    password: Secret
    """The password."""

    def credentials(self) -> Credentials:
        return Credentials()

    def name(self) -> str:
        return str(revealed(self.username))


# What can be added to a request without talking to the source first, or after one for a token.
RequestAuth = Annotated[
    NoAuth | Mtls | ApiKey | Basic | Bearer | OAuth2ClientCredentials | TokenLogin | Lgsp,
    Field(discriminator="type"),
]
Auth = RequestAuth | Login
