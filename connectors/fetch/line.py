"""How connectors ask over HTTP, whoever answers: the source itself, or what was saved of it."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urljoin

from connectors.fetch.hide import Hiding
from connectors.fetch.reply import Reply, is_elsewhere, redacted
from connectors.fetch.words import NO_WORDS, Words
from connectors.nouns import Request, SourceError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPING = frozenset({307, 308})


class Wanted(NamedTuple):
    """One request before it is proved who asks; `hidden` are names in its query.

    `words` is where the body of an error says what is wrong.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    query: Sequence[tuple[str, str]] = ()
    form: Sequence[tuple[str, str]] | None = None
    json: Any = None
    accept: frozenset[int] = frozenset()
    hidden: frozenset[str] = frozenset()
    words: Words = NO_WORDS

    def redirected(self, status: int, location: str | None) -> "Wanted | None":
        """What a redirect asks for; None where it is none, or leads to another origin."""
        if status not in _REDIRECTS or status in self.accept or not location:
            return None
        try:
            target = urljoin(self.url, location)
        except ValueError:
            return None
        if is_elsewhere(target, self.url):
            return None
        if status in _KEEPING or self.method == "GET":
            return self._replace(url=target, query=())
        return self._replace(url=target, query=(), method="GET", form=None, json=None)


class Http(ABC):
    """One run's way to its source."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.retries = 0
        self._digest = hashlib.sha256()

    @property
    @abstractmethod
    def requests(self) -> tuple[Request, ...]:
        """What was asked so far, redacted, also after an error; a try again is one more."""

    @abstractmethod
    def answer(self, wanted: Wanted, *, counted: bool) -> Reply:
        """The reply to one request; `send` is what connectors call."""

    @property
    def has_one_page(self) -> bool:
        """Whether a saved page stands for the whole answer, although it may go on."""
        return False

    def went_on(self) -> None:  # noqa: B027  only a saved page minds
        """Tell that the answer goes on after its one page."""

    def note(self, error: SourceError) -> None:  # noqa: B027  only a source itself minds
        """Tell how the run ended where a connector judged it by itself: refused credentials."""

    def hiding(self) -> Hiding:
        """What takes the source's secrets out of a text, as they are at this moment."""
        return Hiding(())

    def digest(self) -> str:
        """SHA-256, in hex, of the answers' bodies in the order they came."""
        return self._digest.hexdigest()

    def absolute(self, url: str) -> str:
        """A path under base_url as a whole address; an address must be of the same origin."""
        base = self.base_url
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
        hidden: Collection[str] = (),
        counted: bool = True,
        words: Words = NO_WORDS,
    ) -> Reply:
        """Ask once, and again while only the moment is bad; SourceError without a whole answer.

        `url` is a path under base_url, or an address of the same origin. Statuses 2xx and those in
        `accept` come back as a Reply (so a login can look at a 302 or a 401). `hidden` are the
        names in the query whose values are secret. `counted=False` keeps a body out of the digest:
        those of logins differ each time. `words` adds to the error of a status what its body says.
        """
        wanted = Wanted(
            method=method,
            url=self.absolute(url),
            query=tuple(query),
            headers=headers or {},
            form=None if form is None else tuple(form),
            json=json,
            accept=frozenset(accept),
            hidden=frozenset(hidden),
            words=words,
        )
        reply = self.answer(wanted, counted=counted)
        if counted:
            self._digest.update(reply.body)
        return reply
