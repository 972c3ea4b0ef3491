"""Where an SNMP agent is, how it is told who asks, and what it said."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

from connectors.fetch.addresses import Allowed, reachable

Value: TypeAlias = Decimal | str
Wanted: TypeAlias = tuple[tuple[Literal["scalar", "table"], str], ...]
AuthProtocol = Literal["md5", "sha", "sha224", "sha256", "sha384", "sha512"]
PrivacyProtocol = Literal["des", "3des", "aes128", "aes192", "aes256"]


@dataclass(frozen=True, slots=True)
class Community:
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    name: str
    auth_protocol: AuthProtocol
    auth_key: str | None = field(repr=False)
    privacy_protocol: PrivacyProtocol
    privacy_key: str | None = field(repr=False)
    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """`total_s` bounds a whole talk, `timeout_s` the wait for one answer."""

    host: str
    port: int
    allowed: Allowed
    proof: Community | User
    timeout_s: float
    retries: int
    total_s: float
    max_rows: int
    rows_per_request: int

    def address(self) -> str:
        """The first address that may be asked."""
        return reachable(self.allowed, self.host, self.port, socket.SOCK_DGRAM)


@dataclass(frozen=True, slots=True)
class Said:
    """What a device said, by object identifier; a scalar that it does not know is not there."""

    scalars: dict[str, Value]
    tables: dict[str, tuple[Value, ...]]

    def rows(self) -> int:
        return len(self.scalars) + sum(len(rows) for rows in self.tables.values())


def shown(host: str, port: int, oids: Iterable[str]) -> str:
    """Of whom something is asked, and what."""
    return f"udp://{host}:{port}: {' '.join(oids)}"
