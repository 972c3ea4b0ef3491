"""The only place that touches requests and tenacity: one way to ask a source over HTTP."""

import threading
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from connectors.base import Request
from connectors.options import NO_WAIT, HttpOptions, Limits
from connectors.reply import Reply

__all__ = ["NO_WAIT", "Client", "Http", "HttpOptions", "Limits", "Reply"]


class Client:
    """One source's connections, cookies and token, for as long as the service lives.

    One run at a time. `abort` may be called from any thread: it shuts the open sockets.
    """

    def __init__(self, options: HttpOptions) -> None:
        self.options = options

    def begin(self, stop: threading.Event) -> "Http":
        """What one run asks through; its total time begins now."""
        return Http(self, stop)

    def abort(self) -> None: ...

    def close(self) -> None: ...


class Http:
    """One run's way to its source; the whole run ends by `limits.total_s`."""

    def __init__(self, client: Client, stop: threading.Event) -> None:
        self._client = client
        self._stop = stop

    @property
    def requests(self) -> tuple[Request, ...]:
        """What was asked so far, redacted, also after an error."""
        return ()

    def digest(self) -> str:
        """SHA-256, in hex, of the answers' bodies in the order they came."""
        return ""

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
        raise NotImplementedError
