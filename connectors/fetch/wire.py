"""Connections that can be watched and are bounded from the first look-up on."""

import select
import socket
import ssl
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from weakref import finalize

from requests import PreparedRequest
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection

from connectors.fetch.addresses import Allowed
from connectors.fetch.answer import Answer, SilenceError
from connectors.fetch.lookup import Lookup, resolved
from connectors.fetch.watch import Watch
from connectors.nouns import SourceError


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for each connection of one source; `silence_s` is how long it waits for bytes."""

    watch: Watch
    allowed: Allowed
    lookup: Lookup
    silence_s: float


class Pool(HTTPConnectionPool):
    """Mixed into both kinds of pool: the one connection that is kept, and one straight way to ask.

    The library's own way works out anew at each request what is the same for all of a source. It
    makes pools by itself, so the `terms` are handed in afterwards, before anything is asked.
    """

    terms: Terms

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._kept: list[_Watched] = []
        finalize(self, _drop, self._kept)

    def message(self, request: PreparedRequest, target: str) -> bytes:
        """A request as it goes over the wire, to be sent as often as one likes."""
        draft = _watched(self.ConnectionCls(host=self.host, port=self.port))
        return draft.message(request, target)

    def ask(self, message: bytes, method: str, connect_s: float) -> "tuple[Answer, _Watched]":
        """The answer, its body still to be read; give both back to `release`."""
        conn = self._connected(connect_s)
        try:
            return conn.ask(message, method), conn
        except BaseException:
            conn.close()
            raise

    def release(self, answer: Answer, conn: "_Watched") -> None:
        """No more of the answer is read; its connection is kept if it can carry another."""
        may_stay = answer.is_whole and conn.can_be_heard
        answer.close()
        if may_stay and not self._kept:
            self._kept.append(conn)
        else:
            conn.close()

    def close(self) -> None:
        _drop(self._kept)
        super().close()

    def _connected(self, connect_s: float) -> "_Watched":
        """The kept connection, if nothing came over it meanwhile, its end least of all."""
        while self._kept:
            conn = self._kept.pop()
            if conn.is_quiet():
                return conn
            conn.close()
        fresh = _watched(self._new_conn())
        fresh.terms, fresh.timeout = self.terms, connect_s
        try:
            self._connect(fresh)
        except BaseException:
            fresh.close()
            raise
        fresh.settle()
        return fresh

    def _connect(self, conn: "_Watched") -> None:
        try:
            if self.proxy is not None and self.scheme == "https":
                self._prepare_proxy(conn)
            else:
                conn.connect()
        except (exceptions.HTTPError, HTTPException, OSError) as error:
            if conn.proxy is None or conn.has_connected_to_proxy:
                raise
            raise exceptions.ProxyError("no way through the proxy", error) from error


class _Watched(HTTPConnection):
    """Mixed into both kinds of connection: resolves in time, and hands its socket to the watch."""

    terms: Terms
    response_class = Answer  # type: ignore[assignment]  # all that a tunnel asks of one
    _draft: bytearray | None = None
    _ears: select.poll

    def message(self, request: PreparedRequest, target: str) -> bytes:
        """What the library would send; nothing is."""
        self._draft = bytearray()
        self.request(request.method or "", target, request.body, request.headers)
        return bytes(self._draft)

    def send(self, data: Any) -> None:
        if self._draft is None:
            super().send(data)
        else:
            self._draft += data

    def settle(self) -> None:
        """A connection just made: from now on it waits for bytes, and no longer to be made."""
        self._ears = select.poll()
        self._ears.register(self.sock, select.POLLIN)
        if type(self.sock) is not socket.socket:
            self.sock.settimeout(self.terms.silence_s)  # TLS counts by itself
            return
        # The kernel counts while it waits. Where Python does, it asks before each call whether the
        # call would wait, and every time other threads may go first.
        self.sock.settimeout(None)
        bound = struct.pack("ll", *divmod(max(round(self.terms.silence_s * 1e6), 1), 1_000_000))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, bound)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, bound)

    @property
    def can_be_heard(self) -> bool:
        """Not inside TLS that is inside TLS: what has come there is seen by nobody."""
        return isinstance(self.sock, socket.socket)

    def is_quiet(self) -> bool:
        """Whether nothing has come: neither the end, nor bytes that nobody asked for."""
        if isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
            return False
        return not self._ears.poll(0)

    def ask(self, message: bytes, method: str) -> Answer:
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before
                self.sock.sendall(message)
        except (TimeoutError, BlockingIOError) as error:
            raise SilenceError("nothing was taken in time") from error
        answer = Answer(self.sock, method=method)
        answer.begin()
        return answer

    def _new_conn(self) -> socket.socket:
        opened = self._connected()
        self.terms.watch.hold(id(self), opened)
        return opened

    def close(self) -> None:
        self.terms.watch.leave(id(self))
        super().close()

    def _connected(self) -> socket.socket:
        """The first address that answers; urllib3 itself would look the name up without a bound."""
        name, within_s = self._dns_host.strip("[]"), _seconds(self.timeout)
        ends_s = time.monotonic() + within_s
        failure: Exception = exceptions.NameResolutionError(
            name, self, socket.gaierror("no address")
        )
        for address in self._inside(resolved(self.terms.lookup, name, self.port, within_s)):
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
        refusals = {address: self.terms.allowed.refusal(address) for address in addresses}
        inside = tuple(address for address, refusal in refusals.items() if refusal is None)
        if addresses and not inside:
            raise self._refused(refusals[addresses[0]])
        return inside

    def _peer_checked(self, opened: socket.socket) -> socket.socket:
        """Whom the system did connect us to decides, not whom it was asked for."""
        peer = str(opened.getpeername()[0])
        refusal = None if self.proxy is not None else self.terms.allowed.refusal(peer)
        if refusal is not None:
            opened.close()
            raise self._refused(f"leads to {peer}, which {refusal}")
        return opened

    def _refused(self, refusal: str | None) -> SourceError:
        return SourceError(f"{self.host} {refusal}", reason="config")


class _Plain(_Watched, HTTPConnection):
    """To a source in plain HTTP."""


class _Secure(_Watched, HTTPSConnection):
    """To a source inside TLS."""


class _PlainPool(Pool, HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(Pool, HTTPSConnectionPool):
    ConnectionCls = _Secure


POOLS: Mapping[str, type[HTTPConnectionPool]] = {"http": _PlainPool, "https": _SecurePool}
"""The library's pools, by scheme, with connections that can be watched."""


def _drop(kept: list[_Watched]) -> None:
    while kept:
        kept.pop().close()


def _watched(conn: object) -> _Watched:
    if not isinstance(conn, _Watched):
        raise TypeError(f"a pool of {type(conn).__name__} cannot be watched")
    return conn


def _seconds(timeout: Any) -> float:
    return float(timeout) if isinstance(timeout, int | float) else 60.0
