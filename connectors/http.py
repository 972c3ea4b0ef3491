"""The only place that touches requests and tenacity: one way to ask a source over HTTP."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from connectors.base import Connector
from connectors.fetch.circuit import Circuit
from connectors.fetch.credentials import Credentials
from connectors.fetch.faults import FAULTS, UNSENDABLE, fault_of
from connectors.fetch.guard import Guard
from connectors.fetch.hide import Hiding
from connectors.fetch.line import Http, Wanted
from connectors.fetch.lookup import Lookup, system_lookup
from connectors.fetch.options import NO_WAIT, HttpOptions, Limits
from connectors.fetch.pace import Pace
from connectors.fetch.patience import RetryPolicy
from connectors.fetch.prover import Prover
from connectors.fetch.quiet import check_quiet
from connectors.fetch.ready import Preparer, Ready
from connectors.fetch.reply import Reply, Sent, error_of, is_error, is_good, unpacked
from connectors.fetch.session import Heard, missing_file, session_of, wire_of, words_of
from connectors.fetch.tokens import TokenRequest
from connectors.fetch.watch import Turn, Watch
from connectors.nouns import Request, SourceError
from connectors.secret import secret_values, secrets_in

__all__ = ["NO_WAIT", "Client", "Http", "HttpConnector", "HttpOptions", "Limits", "Reply"]

_TOKEN_REFUSED = frozenset({400, 401, 403})


class HttpConnector(HttpOptions, Connector):
    """A connector whose source is asked over HTTP."""


class Client:
    """One source's connections, cookies and token, for as long as the service lives.

    One run at a time. `abort` may be called from any thread: it shuts the open sockets. `spent` is
    how many requests an earlier process made in the last minute: they count against the pace.
    `lookup` resolves names. `guard` is the one of all clients of a process, ended by whoever made
    it; a client that is given none has its own.
    """

    def __init__(
        self,
        options: HttpOptions,
        *,
        spent: int = 0,
        lookup: Lookup = system_lookup,
        guard: Guard | None = None,
    ) -> None:
        self.options = options
        self._own_guard = guard is None
        self._guard = Guard() if guard is None else guard
        self.watch = Watch(self._guard)
        self.pace = Pace(options.limits.requests_per_minute, spent)
        self.prover = Prover(options.auth)
        self.circuit = Circuit(secrets_in(options), options.limits.refused_wait_s)
        self.session = session_of(options, self.watch, lookup)
        self.preparer = Preparer(self.session)
        self._named = tuple(secrets_in(options))

    def begin(self, stop: threading.Event, local: datetime | None = None) -> "Http":
        """What one run asks through; its total time begins now.

        `local` is the time in the province, for the source's quiet hours; none: they do not count.
        """
        return Live(self, stop, local)

    def secrets(self) -> Iterator[str]:
        """What must not be seen: the options' secrets, and what the source gave for them."""
        yield from secret_values(self._named)
        yield from self.prover.secrets()
        yield from (each.value for each in self.session.cookies if each.value)

    def abort(self) -> None:
        """Shut the sockets of the run under way; set its stop event first."""
        self.watch.shut()

    def close(self) -> None:
        """Close the connections; the client can still be used, and opens new ones."""
        self.session.close()
        self.watch.end()
        if self._own_guard:
            self._guard.end()


class Live(Http):
    """The source itself, for one run; the whole run ends by `limits.total_s`."""

    def __init__(self, client: Client, stop: threading.Event, local: datetime | None) -> None:
        super().__init__(client.options.base_url)
        self._client = client
        self._stop = stop
        self._local = local
        self._limits = client.options.limits
        self._deadline_s = time.monotonic() + self._limits.total_s
        self._requests: list[Request] = []
        self._may_renew = True

    @property
    def requests(self) -> tuple[Request, ...]:
        return tuple(self._requests)

    def note(self, error: SourceError) -> None:
        if error.reason == "auth" and self._requests:
            self._client.circuit.refused()

    def hiding(self) -> Hiding:
        return Hiding(self._client.secrets())

    def answer(self, wanted: Wanted, *, counted: bool) -> Reply:  # noqa: ARG002  for who records
        """Not in quiet hours, and not while the source does not know us."""
        circuit = self._client.circuit
        if not self._requests:
            circuit.check()
            if self._local is not None:
                check_quiet(self._limits.quiet, self._local)
        try:
            reply = self._patiently(wanted)
        except SourceError as error:
            if error.reason == "auth":
                circuit.refused()
            raise
        if is_good(reply.status):
            circuit.passed()
        return reply

    def _patiently(self, wanted: Wanted) -> Reply:
        try:
            return self._proved(wanted)
        except SourceError as error:
            if error.permanent:
                raise
            first = error
        policy = RetryPolicy(attempts_max=self._limits.attempts, wait_s_max=self._limits.wait_s)
        return policy.again(
            lambda: self._retried(wanted), first, left_s=self._left_s(), stop=self._stop
        )

    def _retried(self, wanted: Wanted) -> Reply:
        self.retries += 1
        return self._proved(wanted)

    def _proved(self, wanted: Wanted) -> Reply:
        """One attempt with credentials, and one renewal of a token that was refused too early."""
        prover = self._client.prover
        reply = self._followed(wanted, prover.credentials(self._token_answer))
        if self._may_renew and prover.is_expired(reply):
            self._may_renew = False  # once a run, so that no account is locked
            prover.forget()
            reply = self._followed(wanted, prover.credentials(self._token_answer))
        if is_good(reply.status) and prover.is_expired(reply):
            raise SourceError(f"{reply.url} refuses a token just given", reason="auth")
        if is_good(reply.status) or reply.status in wanted.accept:
            return reply
        now = datetime.now(UTC)
        error = error_of(reply.status, reply.headers, reply.url, now)
        raise wanted.words.refusal(error, reply, self.hiding(), now)

    def _token_answer(self, asked: TokenRequest) -> Reply:
        whole = asked.url.startswith(("http://", "https://"))
        wanted = Wanted(
            method=asked.method,
            url=asked.url if whole else self.absolute(asked.url),
            query=asked.query,
            headers=dict(asked.headers),
            form=asked.form,
            json=asked.json,
            hidden=frozenset(name for name, _ in asked.query),
        )
        reply = self._followed(wanted, Credentials())
        if reply.status in _TOKEN_REFUSED:
            raise SourceError(f"{reply.url} answered {reply.status}", reason="auth")
        if not is_good(reply.status):
            raise error_of(reply.status, reply.headers, reply.url, datetime.now(UTC))
        return reply

    def _followed(self, wanted: Wanted, proof: Credentials) -> Reply:
        """The answer, after the redirects that the source may give."""
        for _ in range(self._client.options.redirects):
            reply = self._exchange(wanted, proof)
            further = wanted.redirected(reply.status, reply.headers.get("location"))
            if further is None:
                return reply
            wanted = further
        return self._exchange(wanted, proof)

    def _exchange(self, wanted: Wanted, proof: Credentials) -> Reply:
        """One request and its whole answer, whatever its status; kept in `requests`."""
        ready = self._client.preparer.ready(wanted, proof)
        shown = ready.shown
        if "?" in wanted.url:  # given by the source, which may repeat what it was told
            shown = self.hiding().text(shown)
        sent = Sent(wanted.method, shown, time.monotonic())
        turn = self._client.watch.until(self._deadline_s)
        self._wait_turn(shown)
        try:
            with turn:
                reply = self._read(ready, sent, wanted)
        except SourceError as error:
            raise self._over(sent, turn) or error from None
        except FAULTS as error:
            raise self._over(sent, turn) or self._fault(error, sent) from None
        finally:
            self._requests.append(sent.request(time.monotonic()))
        over = self._over(sent, turn)
        if over is not None:
            raise over
        return reply

    def _wait_turn(self, shown: str) -> None:
        """Wait until the source bears one more request; not when the run is over before."""
        wait_s = self._client.pace.wait_s()
        if wait_s >= self._left_s():
            raise SourceError(f"{shown}: no time left to ask", reason="source")
        if self._stop.wait(wait_s) if wait_s else self._stop.is_set():
            raise _interrupted(shown)
        self._client.pace.note()

    def _read(self, ready: Ready, sent: Sent, asked: Wanted) -> Reply:
        limits, mark = self._limits, self._client.options.end_mark
        sent.began_s = time.monotonic()
        heard = self._heard(ready, sent.shown)
        answer = heard.raw
        try:
            sent.status, headers = answer.status, answer.named
            wanted = is_good(sent.status) or sent.status in asked.accept
            if not wanted:
                is_heard = asked.words.is_heard(headers.get("content-type", ""))
                body = words_of(answer, sent) if is_heard else b""
                return Reply(sent.status, headers, body, sent.shown)
            wire = wire_of(answer, sent, limits.max_bytes, marked=mark is not None)
            body = unpacked(wire, headers, limits.max_bytes, sent.shown)
            if mark is not None and answer.is_endless and is_good(sent.status):
                _check_end(body, mark, sent.shown)
            links = {rel: link["url"] for rel, link in heard.links.items() if "url" in link}
            return Reply(sent.status, headers, body, sent.shown, links, heard.told())
        finally:
            heard.close()

    def _heard(self, ready: Ready, shown: str) -> Heard:
        """The head of an answer. A request that cannot be sent is told without what it says."""
        limits = self._limits
        connect_s = max(min(limits.connect_s, self._left_s()), 0.001)
        try:
            return self._client.session.send(ready.request, timeout=(connect_s, limits.read_s))
        except SourceError as error:
            words = f"{shown}: {error}"
            raise SourceError(words, reason=error.reason, permanent=error.permanent) from None
        except FAULTS:
            raise
        except UNSENDABLE:
            words = f"{shown}: the address or a header cannot be sent"
            raise SourceError(words, reason="config") from None

    def _over(self, sent: Sent, turn: Turn) -> SourceError | None:
        """The true cause where sockets were shut; on success too: a cut can look like one."""
        if self._stop.is_set():
            return _interrupted(sent.shown)
        # Once a status has said that there is no answer, what lacks of its body is no matter.
        if turn.was_cut and not is_error(sent.status):
            total_s = self._limits.total_s
            return SourceError(
                f"{sent.shown}: no whole answer within {total_s:g} s", reason="source"
            )
        return None

    def _fault(self, error: Exception, sent: Sent) -> SourceError:
        missing = missing_file(self._client.options)
        if missing is not None:
            return SourceError(missing, reason="config")
        words, reason, transient = fault_of(error, self._limits)
        return SourceError(f"{sent.shown}: {words}", reason=reason, permanent=not transient)

    def _left_s(self) -> float:
        return self._deadline_s - time.monotonic()


def _check_end(body: bytes, mark: str, shown: str) -> None:
    if not body.rstrip().endswith(mark.encode()):
        words = f"{shown}: the answer is cut short: it does not end with {mark!r}"
        raise SourceError(words, reason="source", permanent=False)


def _interrupted(shown: str) -> SourceError:
    return SourceError(f"{shown}: interrupted, for the service stops", reason="source")
