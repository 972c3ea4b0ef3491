"""What every source over HTTP may set: where it is, how it is proved, and what one run may cost."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ByteSize,
    Field,
    field_validator,
    model_validator,
)

from connectors.fetch.addresses import (
    Allowed,
    Network,
    doubts_of,
    listed,
    network_or,
    spelt_out,
)
from connectors.fetch.auth import Auth, Mtls, NoAuth
from connectors.fetch.quiet import QuietHours, leaves_time
from connectors.nouns import Doubt, Model

REDIRECTS_MAX = 3


def _plain_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address begins with http:// or https:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address has no user or password: secrets never stand in addresses")
    if parts.query or parts.fragment:
        raise ValueError("an address has no query and no fragment")
    return url.rstrip("/")


Address = Annotated[str, AfterValidator(_plain_address)]
Allow = Annotated[
    tuple[Annotated[Network | Literal["base_url"], BeforeValidator(network_or("base_url"))], ...],
    BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...]),
]


DAY_S = 86_400.0
# For much longer no system can wait.
Seconds = Annotated[float, Field(gt=0, le=DAY_S, allow_inf_nan=False)]


class Limits(Model):
    """What one run may cost. Seconds are wall time and at most a day; `total_s` bounds the run."""

    connect_s: Seconds = 5.0
    """Longest wait for a connection, the look-up of its name included."""
    read_s: Seconds = 20.0
    """Longest wait for the next bytes of an answer."""
    total_s: Seconds = 60.0
    """Longest time that a whole run may take, tries and waits included."""
    max_bytes: ByteSize = Field(default=ByteSize(5_000_000), gt=0)
    """Largest answer, as it comes over the wire and as it unpacks."""
    max_pages: int = Field(default=200, ge=1)
    """Most pages of one answer."""
    max_records: int = Field(default=100_000, ge=1)
    """Most rows of one answer."""
    attempts: int = Field(default=4, ge=1, le=10)
    """How often one request is tried while only the moment is bad."""
    wait_s: float = Field(default=30.0, ge=0, le=DAY_S, allow_inf_nan=False)
    """Longest back-off between two attempts at one request."""
    requests_per_minute: int | None = Field(default=None, ge=1)
    """Most requests in any minute, whatever runs they belong to; none: any number."""
    quiet: tuple[QuietHours, ...] = ()
    """Hours of the province's day, such as "12:00-13:00", in which nothing is asked: what comes due
    in them is due at their end."""
    refused_wait_s: Seconds = 900.0
    """How long nothing is asked after a 401 or 403, unless the secret changes; doubles each time,
    up to four hours, so that no account is ever locked by us."""

    busy_wait_s: Seconds = 60.0
    """How long nothing is asked once `busy_when` held, where the source does not say."""

    @field_validator("quiet")
    @classmethod
    def _some_time_is_left(cls, quiet: tuple[str, ...]) -> tuple[str, ...]:
        if not leaves_time(quiet):
            raise ValueError("the quiet hours leave no time of the day")
        return quiet


# For tests: three attempts, one right after the other.
NO_WAIT = Limits(attempts=3, total_s=5.0, wait_s=0.0)


class ClientCert(Model):
    """The certificate that we show (mutual TLS), as PEM files; the key is not encrypted."""

    cert: Path
    """The certificate, with those between it and its root."""
    key: Path
    """Its private key."""


class HttpOptions(Model):
    """The options of a source over HTTP; none of them is ever taken from the environment."""

    base_url: Address
    """Where the source is; paths of requests are under it."""
    proxy: Address | None = None
    """A proxy to ask through."""
    ca_file: Path | None = None
    """The certificates (PEM) that sign the source's own, where it is no public authority."""
    client_cert: ClientCert | None = None
    """Our own certificate, where the source asks for one (mutual TLS)."""
    auth: Auth = NoAuth()
    """How the source is told who asks."""
    limits: Limits = Limits()
    """What one run may cost."""
    allow: Allow = ()
    """The networks, such as 10.20.0.0/16, in which the source and its token endpoint must lie once
    their names are resolved. `base_url` stands for the address that base_url spells out in digits.
    Without networks: any address but loopback, link-local and metadata ones."""
    redirects: int = Field(default=0, ge=0, le=REDIRECTS_MAX)
    """How many redirects of one request are followed, each to the same scheme, host and port."""
    end_mark: str | None = Field(default=None, min_length=1)
    """What every whole answer ends with, such as "}". Only with it is an answer taken that ends
    when its connection does: half of one would look like all of it."""

    @model_validator(mode="after")
    def _certificate_is_there(self) -> Self:
        if isinstance(self.auth, Mtls) and self.client_cert is None:
            raise ValueError("auth of type mtls needs client_cert: {cert: PATH, key: PATH}")
        return self

    def quiet_hours(self) -> tuple[str, ...]:
        return self.limits.quiet

    def missing_files(self) -> Iterator[Doubt]:
        """The declared files that are not there, so that no request can leave."""
        named: dict[tuple[str, ...], Path] = {("ca_file",): self.ca_file} if self.ca_file else {}
        if self.client_cert is not None:
            named["client_cert", "cert"] = self.client_cert.cert
            named["client_cert", "key"] = self.client_cert.key
        for keys, path in named.items():
            if not path.is_file():
                yield Doubt(keys, f"there is no file {path}")

    def doubts(self) -> Iterable[Doubt]:
        yield from self.missing_files()
        # Only the address that is connected to is looked at, and names are not resolved here.
        key, url = ("base_url", self.base_url) if self.proxy is None else ("proxy", self.proxy)
        yield from doubts_of(self.allowed(), key, urlsplit(url).hostname)

    def allowed(self) -> Allowed:
        """Which addresses may be connected to."""
        networks = tuple(each for each in self.allow if each != "base_url")
        own = "base_url" in self.allow
        return Allowed(networks, spelt_out(urlsplit(self.base_url).hostname) if own else ())
