"""Which addresses may be connected to: a name must not lead into this machine or its neighbours."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

from connectors.nouns import Doubt, SourceError

Network = IPv4Network | IPv6Network
_Address = IPv4Address | IPv6Address

_TRANSLATED = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
_LOOPBACKS = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
# What no name may lead to by itself. Clouds hand out a machine's own credentials at the last four.
_INNER: tuple[tuple[Network, str], ...] = (
    (ip_network("127.0.0.0/8"), "a loopback address"),
    (ip_network("::1/128"), "a loopback address"),
    (ip_network("0.0.0.0/8"), "no address of a host"),
    (ip_network("::/128"), "no address of a host"),
    (ip_network("224.0.0.0/3"), "no address of a host"),
    (ip_network("ff00::/8"), "no address of a host"),
    (ip_network("169.254.0.0/16"), "a link-local address"),
    (ip_network("fe80::/10"), "a link-local address"),
    (ip_network("100.100.100.200/32"), "a metadata address"),
    (ip_network("192.0.0.192/32"), "a metadata address"),
    (ip_network("168.63.129.16/32"), "a metadata address"),
    (ip_network("fd00:ec2::254/128"), "a metadata address"),
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """`networks`: nothing but these; without any, all but loopback, link-local and metadata.

    `own` are single addresses allowed beside them.
    """

    networks: tuple[Network, ...] = ()
    own: tuple[_Address, ...] = ()

    def refusal(self, address: str) -> str | None:
        """Why an address, as sockets write it, must not be connected to; None when it may."""
        try:
            said = ip_address(address.partition("%")[0])
        except ValueError:
            return "is no address"
        meant = tuple(_meant(said))
        if any(each in self.own for each in meant):
            return None
        if self.networks:
            inside = any(each in network for each in meant for network in self.networks)
            return None if inside else "is outside the allowed networks"
        kind = next((kind for net, kind in _INNER for each in meant if each in net), None)
        return f"is {kind} that `allow` does not name" if kind else None


def reachable(allowed: Allowed, host: str, port: int | None, kind: socket.SocketKind) -> str:
    """The first address of a host that may be connected to; SourceError where there is none.

    The look-up itself cannot be interrupted.
    """
    try:
        rows = socket.getaddrinfo(host, port, type=kind)
    except (OSError, UnicodeError):
        problem = "its name cannot be resolved"
        raise SourceError(problem, reason="source", permanent=False) from None
    refusals = {str(row[4][0]): allowed.refusal(str(row[4][0])) for row in rows}
    found = next((address for address, refusal in refusals.items() if refusal is None), None)
    if found is None:
        address, refusal = next(iter(refusals.items()))
        raise SourceError(f"{address} {refusal}", reason="config")
    return found


def doubts_of(allowed: Allowed, key: str, host: str | None) -> Iterator[Doubt]:
    """What `key` says against a host that is written in digits and must not be connected to."""
    for address in spelt_out(host)[:1]:
        refusal = allowed.refusal(str(address))
        if refusal is not None:
            way_out = f": write `allow: {key}`" if address.is_loopback else ""
            yield Doubt((key,), f"{address} {refusal}{way_out}", lasting=True)


def network_or(own: str) -> Callable[[Any], Any]:
    """Reads one item of an `allow`: a network, or the word for the source's own address."""
    return lambda given: ip_network(given) if isinstance(given, str) and given != own else given


def listed(given: Any) -> Any:
    """A list also as one text, for that is all that an environment variable can hold."""
    return given.replace(",", " ").split() if isinstance(given, str) else given


def spelt_out(host: str | None) -> tuple[_Address, ...]:
    """The address that a host is when it is written in digits, or as `localhost`; else none."""
    if host is not None and host.lower() == "localhost":
        return _LOOPBACKS
    try:
        return (ip_address((host or "").partition("%")[0]),)
    except ValueError:
        return ()


def _meant(address: _Address) -> Iterator[_Address]:
    """The address, and the one of version 4 that it stands for."""
    yield address
    if not isinstance(address, IPv6Address):
        return
    last = IPv4Address(int(address) & 0xFFFF_FFFF)
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    yield from (each for each in inner if each is not None)
    if address in _TRANSLATED or (address in _COMPATIBLE and int(address) > 1):
        yield last
