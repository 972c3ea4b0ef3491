"""The only place that touches requests and tenacity: one way to ask a source over HTTP."""

import hashlib
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
import tenacity
import urllib3
from requests import PreparedRequest
from requests.adapters import HTTPAdapter

from connectors.auth import Credentials, Prover, TokenRequest
from connectors.base import Reason, Request, SourceError
from connectors.options import NO_WAIT, HttpOptions, Limits
from connectors.pace import Pace
from connectors.reply import Reply, Sent, checked, is_elsewhere, is_good, redacted, unpacked
from connectors.watch import Fired, Watch
from connectors.wire import fault_of, pool_classes

__all__ = ["NO_WAIT", "Client", "Http", "HttpOptions", "Limits", "Reply", "RetryPolicy"]

_CHUNK_BYTES = 65_536
_BODILESS = frozenset({204, 304})
_UNAUTHORIZED = 401
_TOKEN_REFUSED = frozenset({400, 401, 403})
_FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often one request may be tried, and how long the waits between may grow."""

    attempts_max: int
    wait_s_max: float

    def retrying(self, left_s: float, stop: threading.Event) -> tenacity.Retrying:
        """Full jitter; ends before the total time does, and at once when the service stops."""
        return tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.attempts_max)
            | tenacity.stop_before_delay(left_s),
            wait=tenacity.wait_random_exponential(multiplier=0.5, max=self.wait_s_max),
            retry=tenacity.retry_if_exception(_is_transient),
            sleep=lambda seconds: _sleep(stop, seconds),
            reraise=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """One request before it is proved who asks."""

    method: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str]
    form: tuple[tuple[str, str], ...] | None = None
    json: Any = None
    accept: frozenset[int] = frozenset()


class Client:
    """One source's connections, cookies and token, for as long as the service lives.

    One run at a time. `abort` may be called from any thread: it shuts the open sockets.
    """

    def __init__(self, options: HttpOptions) -> None:
        self.options = options
        self.watch = Watch()
        self.pace = Pace(options.limits.requests_per_minute)
        self.prover = Prover(options.auth)
        self.session = _session(options, self.watch)

    def begin(self, stop: threading.Event) -> "Http":
        """What one run asks through; its total time begins now."""
        return Http(self, stop)

    def abort(self) -> None:
        """Shut the sockets of the run under way; set its stop event first."""
        self.watch.shut()

    def close(self) -> None:
        """Close the connections; the client can still be used, and opens new ones."""
        self.session.close()
        # urllib3 closes its sockets when it is collected, which may be late.
        self.watch.end()


class Http:
    """One run's way to its source; the whole run ends by `limits.total_s`."""

    def __init__(self, client: Client, stop: threading.Event) -> None:
        self._client = client
        self._stop = stop
        self._limits = client.options.limits
        self._deadline_s = time.monotonic() + self._limits.total_s
        self._requests: list[Request] = []
        self._digest = hashlib.sha256()
        self._may_renew = True
        self.retries = 0

    @property
    def requests(self) -> tuple[Request, ...]:
        """What was asked so far, redacted, also after an error; a try again is one more."""
        return tuple(self._requests)

    def digest(self) -> str:
        """SHA-256, in hex, of the answers' bodies in the order they came."""
        return self._digest.hexdigest()

    def absolute(self, url: str) -> str:
        """A path under base_url as a whole address; an address must be of the same origin."""
        base = self._client.options.base_url
        if "://" not in url.partition("?")[0]:
            return f"{base}/{url.lstrip('/')}" if url else base
        if is_elsewhere(url, base):
            shown = redacted(url).partition("?")[0]
            raise SourceError(f"{shown} is not of the source's own origin", reason="content")
        return url

    def send(
        self,
        method: str,
        url: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        form: Sequence[tuple[str, str]] | None = None,
        json: Any = None,
        accept: Collection[int] = (),
        counted: bool = True,
    ) -> Reply:
        """Ask once, and again while only the moment is bad; SourceError without a whole answer.

        `url` is a path under base_url, or an address of the same origin. Statuses 2xx and those in
        `accept` come back as a Reply (so a login can look at a 302 or a 401). `counted=False` keeps
        a body out of the digest: those of logins differ each time.
        """
        ask = _Ask(
            method=method,
            url=self.absolute(url),
            query=tuple(query),
            headers=headers or {},
            form=None if form is None else tuple(form),
            json=json,
            accept=frozenset(accept),
        )
        reply = self._patiently(ask)
        if counted:
            self._digest.update(reply.body)
        return reply

    def _patiently(self, ask: _Ask) -> Reply:
        policy = RetryPolicy(attempts_max=self._limits.attempts, wait_s_max=self._limits.wait_s)
        retrying = policy.retrying(self._left_s(), self._stop)
        try:
            return retrying(self._proved, ask)
        finally:
            self.retries += int(retrying.statistics.get("attempt_number", 1)) - 1

    def _proved(self, ask: _Ask) -> Reply:
        """One attempt with credentials, and one renewal of a token that was refused too early."""
        prover = self._client.prover
        reply = self._exchange(ask, prover.credentials(self._token_answer))
        if reply.status == _UNAUTHORIZED and self._may_renew and prover.forget():
            self._may_renew = False  # once a run, so that no account is locked
            reply = self._exchange(ask, prover.credentials(self._token_answer))
        return checked(reply, ask.accept, datetime.now(UTC))

    def _token_answer(self, wanted: TokenRequest) -> Any:
        whole = wanted.url.startswith(("http://", "https://"))
        ask = _Ask(
            method="POST",
            url=wanted.url if whole else self.absolute(wanted.url),
            headers=dict(wanted.headers),
            form=wanted.form,
        )
        reply = self._exchange(ask, Credentials())
        if reply.status in _TOKEN_REFUSED:
            raise SourceError(f"{reply.url} answered {reply.status}", reason="auth")
        return checked(reply, (), datetime.now(UTC)).json()

    def _exchange(self, ask: _Ask, proof: Credentials) -> Reply:
        """One request and its whole answer, whatever its status; kept in `requests`."""
        prepared = _prepared(self._client.session, ask, proof)
        shown = redacted(prepared.url or "", {name for name, _ in proof.query})
        sent = Sent(ask.method, shown, time.monotonic())
        fired = Fired()
        self._wait_turn(shown)
        try:
            with self._client.watch.until(self._deadline_s, fired):
                reply = self._read(prepared, sent, ask.accept)
        except SourceError as error:
            raise self._over(sent, fired) or error from None
        except _FAULTS as error:
            raise self._over(sent, fired) or self._fault(error, sent) from None
        finally:
            self._requests.append(sent.request(time.monotonic()))
        over = self._over(sent, fired)
        if over is not None:
            raise over
        return reply

    def _wait_turn(self, shown: str) -> None:
        """Wait until the source bears one more request; not when the run is over before."""
        wait_s = self._client.pace.wait_s()
        if wait_s >= self._left_s():
            raise SourceError(f"{shown}: no time left to ask", reason="source")
        if self._stop.wait(wait_s):
            raise _interrupted(shown)
        self._client.pace.note()

    def _read(self, prepared: PreparedRequest, sent: Sent, accept: frozenset[int]) -> Reply:
        limits = self._limits
        sent.began_s = time.monotonic()
        response = self._client.session.send(
            prepared,
            timeout=(max(min(limits.connect_s, self._left_s()), 0.001), limits.read_s),
            allow_redirects=False,
            stream=True,
        )
        try:
            sent.status = response.status_code
            headers = {name.lower(): value for name, value in response.headers.items()}
            wanted = is_good(sent.status) or sent.status in accept
            wire = _wire(response, headers, sent, limits.max_bytes) if wanted else b""
            body = unpacked(wire, headers, limits.max_bytes, sent.shown)
            links = {rel: link["url"] for rel, link in response.links.items() if "url" in link}
            return Reply(sent.status, headers, body, sent.shown, links)
        finally:
            response.close()

    def _over(self, sent: Sent, fired: Fired) -> SourceError | None:
        """The true cause where sockets were shut; on success too: a cut can look like one."""
        if self._stop.is_set():
            return _interrupted(sent.shown)
        if fired.it_did:
            total_s = self._limits.total_s
            return SourceError(
                f"{sent.shown}: no whole answer within {total_s:g} s", reason="source"
            )
        return None

    def _fault(self, error: Exception, sent: Sent) -> SourceError:
        ca_file = self._client.options.ca_file
        if ca_file is not None and not ca_file.is_file():
            return SourceError(f"there is no ca_file {ca_file}", reason="config")
        words, transient = fault_of(error, self._limits)
        reason: Reason = "config" if isinstance(error, ValueError) else "source"
        return SourceError(f"{sent.shown}: {words}", reason=reason, permanent=not transient)

    def _left_s(self) -> float:
        return self._deadline_s - time.monotonic()


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002  its shape
        """None: requests would read a redirect's body, of any size, even without following it."""
        return None


class _Adapter(HTTPAdapter):
    """No tries of its own, and connections that the watch can shut, through a proxy too."""

    def __init__(self, watch: Watch, options: HttpOptions) -> None:
        self._pools = pool_classes(watch, options.allow)
        super().__init__(pool_connections=4, pool_maxsize=1, max_retries=urllib3.Retry(0))

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **named)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _session(options: HttpOptions, watch: Watch) -> requests.Session:
    session = _Session()
    session.trust_env = False
    session.verify = str(options.ca_file) if options.ca_file else True
    session.headers.update({"Accept-Encoding": "gzip", "User-Agent": "chiso"})
    if options.proxy:
        session.proxies = {"http": options.proxy, "https": options.proxy}
    adapter = _Adapter(watch, options)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _prepared(session: requests.Session, ask: _Ask, proof: Credentials) -> PreparedRequest:
    request = requests.Request(
        ask.method,
        ask.url,
        params=[*ask.query, *proof.query],
        headers={**ask.headers, **dict(proof.headers)},
        data=None if ask.form is None else list(ask.form),
        json=ask.json,
    )
    try:
        return session.prepare_request(request)
    except (requests.RequestException, ValueError):
        raise SourceError(f"{redacted(ask.url)} cannot be asked for", reason="config") from None


def _wire(
    response: requests.Response, headers: Mapping[str, str], sent: Sent, max_bytes: int
) -> bytes:
    if sent.status in _BODILESS:
        return b""
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    if is_good(response.status_code) and not chunked and "content-length" not in headers:
        # Such a body ends when the connection does, so half of it would look like all of it.
        raise SourceError(f"{sent.shown}: the answer does not say where it ends", reason="source")
    wire = bytearray()
    for chunk in response.raw.stream(_CHUNK_BYTES, decode_content=False):
        wire += chunk
        sent.bytes = len(wire)
        if len(wire) > max_bytes:
            raise SourceError(f"{sent.shown}: more than {max_bytes} bytes came", reason="content")
    return bytes(wire)


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, SourceError) and not error.permanent


def _sleep(stop: threading.Event, seconds: float) -> None:
    stop.wait(seconds)


def _interrupted(shown: str) -> SourceError:
    return SourceError(f"{shown}: interrupted, for the service stops", reason="source")
