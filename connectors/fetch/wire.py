"""Connections that can be watched and are bounded from the first look-up on, and their faults."""

import socket
import ssl
import time
from collections.abc import Iterator
from http.client import HTTPResponse, RemoteDisconnected
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection

from connectors.fetch.addresses import Allowed
from connectors.fetch.lookup import Lookup, resolved
from connectors.fetch.options import Limits
from connectors.fetch.watch import Watch
from connectors.nouns import Reason, SourceError

_STATUSES_MAX = 10


def pool_classes(
    watch: Watch, allowed: Allowed, lookup: Lookup
) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's pools, by scheme, with connections that `watch` can shut."""
    parts = {"watch": watch, "allowed": allowed, "lookup": staticmethod(lookup)}
    plain = type("WatchedHTTPConnection", (_Watched, HTTPConnection), parts)
    secure = type("WatchedHTTPSConnection", (_Watched, HTTPSConnection), parts)
    return {
        "http": type("WatchedHTTPPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("WatchedHTTPSPool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


def fault_of(error: Exception, limits: Limits) -> tuple[str, Reason, bool]:
    """What went wrong in words that hold no address, whose it is, and whether to ask again."""
    chain = tuple(_chain(error))
    for kind, words, transient in _FAULTS:
        if any(isinstance(link, kind) for link in chain):
            return words.format(limits=limits), "source", transient
    untrusted = next(
        (link for link in chain if isinstance(link, ssl.SSLCertVerificationError)), None
    )
    if untrusted is not None:
        return f"its certificate is not accepted: {untrusted.verify_message}", "source", False
    if isinstance(error, ValueError):
        return "the address or a header cannot be sent", "config", False
    system = next((link for link in chain if isinstance(link, OSError) and link.strerror), None)
    if system is not None:
        return f"the connection failed: {system.strerror}", "source", True
    if any(isinstance(link, exceptions.ProtocolError) for link in chain):
        return "the answer is cut short", "source", True
    return f"the connection failed: {type(error).__name__}", "source", True


# The first kind that is in the chain of causes decides.
_FAULTS: tuple[tuple[type[BaseException], str, bool], ...] = (
    (exceptions.NameResolutionError, "its name cannot be resolved", True),
    (exceptions.ReadTimeoutError, "nothing came for {limits.read_s:g} s", True),
    (TimeoutError, "no connection within {limits.connect_s:g} s", True),
    (exceptions.ProxyError, "its proxy is not there, or does not let us through", True),
    (RemoteDisconnected, "it ended the connection without an answer", True),
    (exceptions.InvalidHeader, "its headers contradict each other", False),
)


class _Answer(HTTPResponse):
    """An answer before which a few others may come that only say to go on (100 Continue).

    The library reads as many as come, and who sends them without an end would keep the processor
    from all other sources until the time is over.
    """

    _statuses = 0

    def _read_status(self) -> Any:
        self._statuses += 1
        if self._statuses > _STATUSES_MAX:
            words = "it sends interim answers in place of one"
            raise SourceError(words, reason="source", permanent=False)
        return super()._read_status()  # type: ignore[misc]  # not in the types


class _Watched(HTTPConnection):
    """Mixed into both kinds of connection: resolves in time, and hands its socket to the watch."""

    watch: Watch
    allowed: Allowed
    lookup: Lookup
    response_class = _Answer

    def _new_conn(self) -> socket.socket:
        opened = self._connected()
        self.watch.hold(id(self), opened)
        return opened

    def close(self) -> None:
        self.watch.leave(id(self))
        super().close()

    def _connected(self) -> socket.socket:
        """The first address that answers; urllib3 itself would look the name up without a bound."""
        name, within_s = self._dns_host.strip("[]"), _seconds(self.timeout)
        ends_s = time.monotonic() + within_s
        failure: Exception = exceptions.NameResolutionError(
            name, self, socket.gaierror("no address")
        )
        for address in self._inside(resolved(self.lookup, name, self.port, within_s)):
            try:
                self._dns_host = address
                self.timeout = max(ends_s - time.monotonic(), 0.001)
                return self._peer_checked(super()._new_conn())
            except (exceptions.NewConnectionError, exceptions.ConnectTimeoutError) as error:
                failure = error
            finally:
                self._dns_host, self.timeout = name, within_s
        raise failure

    def _inside(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """Checked on the very addresses that are connected to; a proxy is the operator's own."""
        if self.proxy is not None:
            return addresses
        refusals = {address: self.allowed.refusal(address) for address in addresses}
        inside = tuple(address for address, refusal in refusals.items() if refusal is None)
        if addresses and not inside:
            raise self._refused(refusals[addresses[0]])
        return inside

    def _peer_checked(self, opened: socket.socket) -> socket.socket:
        """Whom the system did connect us to decides, not whom it was asked for."""
        peer = str(opened.getpeername()[0])
        refusal = None if self.proxy is not None else self.allowed.refusal(peer)
        if refusal is not None:
            opened.close()
            raise self._refused(f"leads to {peer}, which {refusal}")
        return opened

    def _refused(self, refusal: str | None) -> SourceError:
        return SourceError(f"{self.host} {refusal}", reason="config")


def _seconds(timeout: Any) -> float:
    return float(timeout) if isinstance(timeout, int | float) else 60.0


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what lies behind it, however the libraries have wrapped it."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
