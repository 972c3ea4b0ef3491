"""What every source over HTTP may set: where it is, how it is proved, and what one run may cost."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ByteSize, Field

from connectors.auth import Auth, NoAuth
from connectors.base import Connector, Model

Network = IPv4Network | IPv6Network


def _plain_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address begins with http:// or https:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address has no user or password: secrets never stand in addresses")
    if parts.query or parts.fragment:
        raise ValueError("an address has no query and no fragment")
    return url.rstrip("/")


def _network(given: Any) -> Any:
    return ip_network(given) if isinstance(given, str) else given


Address = Annotated[str, AfterValidator(_plain_address)]


class Limits(Model):
    """What one run may cost. Seconds are wall time; `total_s` bounds the whole run.

    `max_bytes` holds for an answer as it comes over the wire and for what it unpacks to.
    `wait_s` is the longest back-off between two attempts at one request.
    """

    connect_s: float = Field(default=5.0, gt=0)
    read_s: float = Field(default=20.0, gt=0)
    total_s: float = Field(default=60.0, gt=0)
    max_bytes: ByteSize = Field(default=ByteSize(5_000_000), gt=0)
    max_pages: int = Field(default=200, ge=1)
    max_records: int = Field(default=100_000, ge=1)
    attempts: int = Field(default=4, ge=1, le=10)
    wait_s: float = Field(default=30.0, ge=0)
    requests_per_minute: int | None = Field(default=None, ge=1)


# For tests: three attempts, one right after the other.
NO_WAIT = Limits(attempts=3, total_s=5.0, wait_s=0.0)


class HttpOptions(Connector):
    """The options of a source over HTTP.

    `proxy` and `ca_file` are never taken from the environment. `allow` lists the networks (such
    as 10.20.0.0/16) in which the source's address, and that of a token endpoint, must lie once it
    is resolved; empty: any.
    """

    base_url: Address
    proxy: Address | None = None
    ca_file: Path | None = None
    auth: Auth = NoAuth()
    limits: Limits = Limits()
    allow: tuple[Annotated[Network, BeforeValidator(_network)], ...] = ()
