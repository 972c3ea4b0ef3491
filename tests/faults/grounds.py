"""Where a fault is met: a shared server, or a place of its own that is no sound server at all."""

import socket
import ssl
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.certificates import Certificates
from tests.faults.fault_server import Entry, FaultServer, Greet, Part, reset, serving
from tests.source_server import full_house


@dataclass(frozen=True)
class Site:
    """A place: its address, its own server if it has one, and what a source needs to go there."""

    url: str
    server: FaultServer | None = None
    options: Mapping[str, object] = field(default_factory=dict)

    def visits(self) -> int:
        return 0 if self.server is None else self.server.greeted

    def ledger(self) -> list[Entry]:
        return [] if self.server is None else self.server.ledger


Ground = Callable[[ExitStack, str, Part, Certificates], Site]


def _alone(
    stack: ExitStack, name: str, part: Part, *, host: str = "127.0.0.1", greet: Greet | None = None
) -> FaultServer:
    return stack.enter_context(serving({name: part}, host=host, greet=greet))


def nobody(stack: ExitStack, name: str, _part: Part, _: Certificates) -> Site:
    """A port that is taken, so that no other test gets it, and nobody listens on."""
    taken = stack.enter_context(socket.socket())
    taken.bind(("127.0.0.1", 0))
    return Site(f"http://127.0.0.1:{taken.getsockname()[1]}/{name}")


def full(stack: ExitStack, name: str, _part: Part, _: Certificates) -> Site:
    return Site(f"http://127.0.0.1:{stack.enter_context(full_house())}/{name}")


def named(host: str) -> Ground:
    """A name that the puller's resolver knows; see there for what it stands for."""

    def ground(stack: ExitStack, name: str, part: Part, _: Certificates) -> Site:
        server = _alone(stack, name, part)
        url = f"http://{host}:{server.port}/{name}"
        return Site(url, server, {"allow": []})

    return ground


def rebound(stack: ExitStack, name: str, part: Part, _: Certificates) -> Site:
    """A name that is first in the allowed network, and then within this machine."""
    server = _alone(stack, name, part, host="127.0.0.2")
    server.armed.add(name)
    url = f"http://rebound.test:{server.port}/{name}"
    return Site(url, server, {"allow": ["127.0.0.2/32"]})


def greeted(greet: Greet) -> Ground:
    """Something other than a sound handshake of TLS."""

    def ground(stack: ExitStack, name: str, part: Part, certificates: Certificates) -> Site:
        server = _alone(stack, name, part, greet=greet)
        return _secure(server, name, certificates)

    return ground


def certified(of: str) -> Ground:
    """A server of TLS with one of the certificates."""

    def ground(stack: ExitStack, name: str, part: Part, certificates: Certificates) -> Site:
        context = server_context(certificates.of(of))
        server = _alone(stack, name, part, greet=_handshake(context))
        return _secure(server, name, certificates)

    return ground


def outdated(stack: ExitStack, name: str, part: Part, certificates: Certificates) -> Site:
    """A server of TLS 1.0 and nothing newer."""
    context = server_context(certificates.of("good"))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1
    server = _alone(stack, name, part, greet=_handshake(context))
    return _secure(server, name, certificates)


def server_context(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def greet_with_reset(wire: socket.socket) -> None:
    wire.recv(16)
    reset(wire)


def greet_with_silence(wire: socket.socket) -> None:
    while wire.recv(4096):
        pass


def greet_in_plain(wire: socket.socket) -> None:
    wire.recv(4096)
    wire.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def _secure(server: FaultServer, name: str, certificates: Certificates) -> Site:
    url = f"https://127.0.0.1:{server.port}/{name}"
    return Site(url, server, {"ca_file": str(certificates.authority)})


def _handshake(context: ssl.SSLContext) -> Greet:
    return lambda wire: context.wrap_socket(wire, server_side=True)
