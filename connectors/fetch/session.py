"""The session of one source: connections that can be watched, and requests made ready to send."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import requests
import urllib3
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests.cookies import extract_cookies_to_jar

from connectors.fetch.lookup import Lookup
from connectors.fetch.options import HttpOptions
from connectors.fetch.reply import Sent, is_error, is_good, unpacked
from connectors.fetch.watch import Watch
from connectors.fetch.wire import pool_classes
from connectors.nouns import SourceError

_CHUNK_BYTES = 65_536
# What comes with a status of errors is a sentence or two.
_WORDS_BYTES_MAX = 65_536
_BODILESS = frozenset({204, 304})


class _Session(requests.Session):
    def send(self, request: PreparedRequest, **named: Any) -> requests.Response:
        """Without hooks and redirects: for these requests would read a body of any size."""
        adapter = self.get_adapter(request.url or "")
        named |= {"verify": self.verify, "cert": self.cert, "proxies": self.proxies}
        response = adapter.send(request, **named)
        extract_cookies_to_jar(self.cookies, request, response.raw)  # type: ignore[no-untyped-call]
        return response


class _Adapter(HTTPAdapter):
    """No tries of its own, and connections that the watch can shut, through a proxy too."""

    def __init__(self, watch: Watch, options: HttpOptions, lookup: Lookup) -> None:
        self._pools = pool_classes(watch, options.allowed(), lookup)
        # A request that is kept is asked again through the same pool.
        self._pool_of = WeakKeyDictionary[PreparedRequest, Any]()
        super().__init__(pool_connections=4, pool_maxsize=1, max_retries=urllib3.Retry(0))

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **named)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def get_connection_with_tls_context(
        self, request: PreparedRequest, *args: Any, **named: Any
    ) -> Any:
        found = self._pool_of.get(request)
        if found is None:
            found = super().get_connection_with_tls_context(request, *args, **named)
            self._pool_of[request] = found
        return found

    def close(self) -> None:
        self._pool_of.clear()
        super().close()


def session_of(options: HttpOptions, watch: Watch, lookup: Lookup) -> requests.Session:
    """One source's session: nothing in it comes from the environment."""
    session = _Session()
    session.trust_env = False
    session.verify = str(options.ca_file) if options.ca_file else True
    session.headers.update({"Accept-Encoding": "gzip", "User-Agent": "chiso"})
    if options.client_cert:
        session.cert = (str(options.client_cert.cert), str(options.client_cert.key))
    if options.proxy:
        session.proxies = {"http": options.proxy, "https": options.proxy}
    adapter = _Adapter(watch, options, lookup)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def missing_file(options: HttpOptions) -> str | None:
    """Which declared file is not there, so that no request can leave."""
    missing = next(iter(options.missing_files()), None)
    return None if missing is None else f"{'.'.join(missing.keys)}: {missing.problem}"


def wire_of(response: requests.Response, sent: Sent, max_bytes: int, *, marked: bool) -> bytes:
    """The body as it comes; `marked`: its end can be told although nothing says its length."""
    if response.status_code in _BODILESS:
        return b""
    if not marked and is_good(response.status_code) and is_open_ended(response.headers):
        # Such a body ends when the connection does, so half of it would look like all of it.
        raise SourceError(f"{sent.shown}: the answer does not say where it ends", reason="source")
    wire = bytearray()
    for chunk in response.raw.stream(_CHUNK_BYTES, decode_content=False):
        wire += chunk
        sent.bytes = len(wire)
        if len(wire) > max_bytes:
            raise SourceError(f"{sent.shown}: more than {max_bytes} bytes came", reason="content")
    return bytes(wire)


def words_of(response: requests.Response, headers: Mapping[str, str], sent: Sent) -> bytes:
    """The body of an error, as far as it can be had: the status alone says enough."""
    if not is_error(response.status_code):  # a redirect's body may be of any size
        return b""
    try:
        wire = wire_of(response, sent, _WORDS_BYTES_MAX, marked=True)
        return unpacked(wire, headers, _WORDS_BYTES_MAX, sent.shown)
    except (SourceError, requests.RequestException, urllib3.exceptions.HTTPError, OSError):
        return b""


def is_open_ended(headers: Mapping[str, str]) -> bool:
    """Whether an answer ends only when its connection does."""
    named = {name.lower(): value for name, value in headers.items()}
    # What is no number of bytes is no length: such an answer is read until the connection ends.
    length = named.get("content-length", "").strip()
    is_measured = length.isascii() and length.isdecimal()
    return not is_measured and "chunked" not in named.get("transfer-encoding", "").lower()
