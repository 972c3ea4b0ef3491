"""Answers with what was saved of a source, so that it can be mapped without access to it."""

from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, TypeAdapter, ValidationError

from connectors.base import Model, Request, SourceError
from connectors.fetch.line import Http, Wanted
from connectors.fetch.options import HttpOptions
from connectors.fetch.reply import Reply, is_good, redacted
from connectors.record import LIST

_TYPES = {".json": "application/json", ".csv": "text/csv", ".html": "text/html"}


class Saved(Model):
    """One reply in a folder of them."""

    method: str
    url: str
    status: int
    headers: dict[str, str] = Field(default_factory=dict)
    links: dict[str, str] = Field(default_factory=dict)
    body: str = Field(pattern=r"^[\w.-]+$")

    def reply(self, folder: Path) -> Reply:
        body = _read(folder / self.body)
        return Reply(self.status, self.headers, body, self.url, self.links)


_LIST = TypeAdapter(tuple[Saved, ...])


def replay(options: HttpOptions, answer: Path) -> "Replay":
    """From a folder that was recorded, or a file that is the body of the source's one answer.

    SourceError("config") where it cannot be read.
    """
    if not answer.is_dir():
        kind = _TYPES.get(answer.suffix.lower(), "application/json")
        url = redacted(options.base_url)
        return Replay(options.base_url, one=Reply(200, {"content-type": kind}, _read(answer), url))
    try:
        saved = _LIST.validate_json(_read(answer / LIST))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise SourceError(f"{answer / LIST}: {where}: {first['msg']}", reason="config") from None
    replies: dict[tuple[str, str], list[Reply]] = defaultdict(list)
    for each in saved:
        replies[each.method, _path(each.url)].append(each.reply(answer))
    return Replay(options.base_url, replies)


class Replay(Http):
    """The n-th request for a path gets the n-th reply that was saved for it.

    What is asked beside the path does not matter: windows move on. With `one`, that is the reply
    to the first request, whatever it is, and its page the whole answer: `goes_on` says whether more
    pages would come. A request without a reply left is a SourceError.
    """

    def __init__(
        self,
        base_url: str,
        replies: dict[tuple[str, str], list[Reply]] | None = None,
        *,
        one: Reply | None = None,
    ) -> None:
        super().__init__(base_url)
        self._replies = replies or {}
        self._one = one
        self._has_one_page = one is not None
        self.goes_on = False
        self._requests: list[Request] = []

    @property
    def requests(self) -> tuple[Request, ...]:
        return tuple(self._requests)

    @property
    def has_one_page(self) -> bool:
        return self._has_one_page

    def went_on(self) -> None:
        self.goes_on = True

    def answer(self, wanted: Wanted, *, counted: bool) -> Reply:  # noqa: ARG002  of the live one
        shown = redacted(_whole(wanted), wanted.hidden)
        reply = self._next(wanted)
        size = 0 if reply is None else len(reply.body)
        status = None if reply is None else reply.status
        self._requests.append(Request(wanted.method, shown, status, size, 0.0))
        if reply is None:
            words = f"{wanted.method} {shown}: no answer to it was saved"
            raise SourceError(words, reason="source")
        if not is_good(reply.status) and reply.status not in wanted.accept:
            raise SourceError(f"{shown} answered {reply.status}", reason="source")
        return reply

    def _next(self, wanted: Wanted) -> Reply | None:
        if self._one is not None:
            one, self._one = self._one, None
            return one
        left = self._replies.get((wanted.method, _path(wanted.url)))
        return left.pop(0) if left else None


def _path(url: str) -> str:
    """As it is asked for: the root is asked as such where no path is written."""
    return urlsplit(url).path or "/"


def _whole(wanted: Wanted) -> str:
    joined = "&".join(f"{name}={value}" for name, value in wanted.query)
    return f"{wanted.url}?{joined}" if joined else wanted.url


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read {file}: {error.strerror}", reason="config") from None
