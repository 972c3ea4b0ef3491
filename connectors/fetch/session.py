"""The session of one source: connections that can be watched, and requests made ready to send."""

from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException, HTTPMessage
from typing import Any
from weakref import WeakKeyDictionary

import requests
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests.cookies import MockRequest, MockResponse, RequestsCookieJar

from connectors.fetch.answer import Answer, FloodError
from connectors.fetch.lookup import Lookup
from connectors.fetch.options import HttpOptions
from connectors.fetch.reply import Sent, is_error, is_good, unpacked
from connectors.fetch.watch import Watch
from connectors.fetch.wire import POOLS, Pool, Terms
from connectors.nouns import SourceError

_CHUNK_BYTES = 65_536
# What comes with a status of errors is a sentence or two.
_WORDS_BYTES_MAX = 65_536


class Heard(requests.Response):
    """As the library makes it; closing it lets its connection carry more.

    Only what is looked at is filled in: a jar and a case-insensitive mapping for each answer cost
    as much as all the rest of it.
    """

    raw: Answer

    def __init__(self, request: PreparedRequest, pool: Pool, taken: tuple[Answer, Any]) -> None:
        self.request, self.url = request, request.url or ""
        self.raw, self._connection = taken
        self._pool = pool
        self.status_code = self.raw.status
        # A plain mapping, for its names are in lower case and nobody asks for others.
        self.headers = self.raw.named  # type: ignore[assignment]

    @cached_property
    def cookies(self) -> RequestsCookieJar:  # type: ignore[override]  # only where there are some
        return RequestsCookieJar()

    def told(self) -> dict[str, str]:
        """The cookies that this answer sets."""
        if "set-cookie" not in self.headers:
            return {}
        return {each.name: each.value or "" for each in self.cookies}

    def close(self) -> None:
        self._pool.release(self.raw, self._connection)


@dataclass(frozen=True, slots=True)
class _Way:
    """A request that is ready to go: through which pool, and what goes over the wire."""

    pool: Pool
    method: str
    message: bytes


class _Adapter(HTTPAdapter):
    """No tries of its own, and connections that the watch can shut, through a proxy too."""

    def __init__(self, watch: Watch, options: HttpOptions, lookup: Lookup) -> None:
        self._terms = Terms(watch, options.allowed(), lookup, options.limits.read_s)
        # A request that is kept goes the same way again.
        self._ways = WeakKeyDictionary[PreparedRequest, _Way]()
        super().__init__(pool_connections=4, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = dict(POOLS)

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **named)
        manager.pool_classes_by_scheme = dict(POOLS)
        return manager

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002  a body is always read by who asks
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Heard:
        way = self._ways.get(request)
        if way is None:
            way = self._ways[request] = self._way(request, verify, cert, proxies)
        return Heard(request, way.pool, way.pool.ask(way.message, way.method, timeout[0]))

    def close(self) -> None:
        for way in self._ways.values():
            way.pool.close()
        self._ways.clear()
        super().close()

    def _way(self, request: PreparedRequest, verify: Any, cert: Any, proxies: Any) -> _Way:
        pool = self.get_connection_with_tls_context(request, verify, proxies, cert)
        if not isinstance(pool, Pool):
            raise TypeError(f"{type(pool).__name__} is no pool of ours")
        pool.terms = self._terms
        self.cert_verify(pool, request.url or "", verify, cert)  # type: ignore[no-untyped-call]
        message = pool.message(request, self.request_url(request, proxies))
        return _Way(pool, request.method or "GET", message)


class Session(requests.Session):
    def __init__(self, adapter: _Adapter) -> None:
        super().__init__()
        self._has_cookies = False  # to look into the jar takes longer
        self._adapter = adapter
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def send(self, request: PreparedRequest, **named: Any) -> Heard:
        """Without hooks and redirects: for these requests would read a body of any size."""
        heard = self._adapter.send(
            request, verify=self.verify, cert=self.cert, proxies=self.proxies, **named
        )
        if "set-cookie" in heard.raw.named:
            self._has_cookies = True
            _take_cookies(heard, self.cookies)
        return heard

    def carried(self) -> tuple[object, ...] | None:
        """The cookies that requests are given; None where time alone may take one away."""
        if not self._has_cookies:
            return ()
        if any(each.expires is not None for each in self.cookies):
            return None
        return tuple(
            (each.domain, each.path, each.secure, each.name, each.value) for each in self.cookies
        )


def session_of(options: HttpOptions, watch: Watch, lookup: Lookup) -> Session:
    """One source's session: nothing in it comes from the environment."""
    session = Session(_Adapter(watch, options, lookup))
    session.trust_env = False
    session.verify = str(options.ca_file) if options.ca_file else True
    session.headers.update({"Accept-Encoding": "gzip", "User-Agent": "chiso"})
    if options.client_cert:
        session.cert = (str(options.client_cert.cert), str(options.client_cert.key))
    if options.proxy:
        session.proxies = {"http": options.proxy, "https": options.proxy}
    return session


def missing_file(options: HttpOptions) -> str | None:
    """Which declared file is not there, so that no request can leave."""
    missing = next(iter(options.missing_files()), None)
    return None if missing is None else f"{'.'.join(missing.keys)}: {missing.problem}"


def wire_of(answer: Answer, sent: Sent, max_bytes: int, *, marked: bool) -> bytes:
    """The body as it comes; `marked`: its end can be told although nothing says its length."""
    if answer.is_endless and not marked and is_good(answer.status):
        # Such a body ends when the connection does, so half of it would look like all of it.
        raise SourceError(f"{sent.shown}: the answer does not say where it ends", reason="source")
    answer.admit(max_bytes)
    wire = bytearray()
    try:
        while chunk := answer.read(_CHUNK_BYTES):
            wire += chunk
            sent.bytes = len(wire)
            if sent.bytes > max_bytes:
                raise _too_much(sent, max_bytes)
    except FloodError:
        raise _too_much(sent, max_bytes) from None
    return bytes(wire)


def _too_much(sent: Sent, max_bytes: int) -> SourceError:
    return SourceError(f"{sent.shown}: more than {max_bytes} bytes came", reason="content")


def words_of(answer: Answer, sent: Sent) -> bytes:
    """The body of an error, as far as it can be had: the status alone says enough."""
    if not is_error(answer.status):  # a redirect's body may be of any size
        return b""
    try:
        wire = wire_of(answer, sent, _WORDS_BYTES_MAX, marked=True)
        return unpacked(wire, answer.named, _WORDS_BYTES_MAX, sent.shown)
    except (SourceError, HTTPException, OSError):
        return b""


def _take_cookies(heard: Heard, jar: RequestsCookieJar) -> None:
    """Into the answer's own jar, and into the source's, which the next request takes from."""
    told = HTTPMessage()
    for name, value in heard.raw.pairs:
        told[name] = value
    for taker in (heard.cookies, jar):
        said, asked = MockResponse(told), MockRequest(heard.request)
        taker.extract_cookies(said, asked)  # type: ignore[arg-type]  # made for it
