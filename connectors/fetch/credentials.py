"""What proves who asks, as a request carries it."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Literal, NamedTuple

from connectors.secret import Secret, revealed

Pairs = tuple[tuple[str, str], ...]
Place = Literal["header", "query", "cookie"]
Plain = str | int | float | bool
Told = Plain | Secret


class Credentials(NamedTuple):
    """Headers, query pairs and cookies that prove who asks. Never shown, and in no message."""

    headers: Pairs = ()
    query: Pairs = ()
    cookies: Pairs = ()

    def beside(self, other: "Credentials") -> "Credentials":
        return Credentials(
            self.headers + other.headers, self.query + other.query, self.cookies + other.cookies
        )


def bearer(token: str) -> Credentials:
    return Credentials(headers=(("Authorization", f"Bearer {token}"),))


def basic(name: str, password: str) -> tuple[str, str]:
    """The header of RFC 7617."""
    joined = b64encode(f"{name}:{password}".encode()).decode("ascii")
    return ("Authorization", f"Basic {joined}")


def carried(place: Place, name: str, value: str) -> Credentials:
    pair = ((name, value),)
    match place:
        case "header":
            return Credentials(headers=pair)
        case "query":
            return Credentials(query=pair)
        case "cookie":
            return Credentials(cookies=pair)


def pairs_of(told: Mapping[str, Told]) -> Pairs:
    return tuple((name, text_of(revealed(value))) for name, value in told.items())


def text_of(value: Plain) -> str:
    """As it stands in a query, a form or a header."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
