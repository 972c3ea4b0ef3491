"""Keeps what a source answers as a test case, without its secrets."""

import json
import re
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from connectors.base import Request, SourceError
from connectors.http import Client
from connectors.line import Http, Wanted
from connectors.reply import Reply, redacted
from connectors.secret import Secret, secrets_in

LIST = "answers.json"
HIDDEN = "***"
_UNAUTHORIZED = 401
# Shorter ones would be found in half of all figures.
_SECRET_CHARS_MIN = 4
_SUFFIXES = {"application/json": ".json", "text/csv": ".csv", "text/html": ".html"}
_KEPT_HEADERS = ("content-type",)
# Texts under such keys are hidden whoever they belong to: a controller lists its devices' own keys.
_SECRET_TEXT = re.compile(
    rb'("[^"\\]*(?:token|secret|passw|passphrase|api_?key|auth_?key|private_?key|psk|cookie'
    rb'|credential|session)[^"\\]*"\s*:\s*")((?:[^"\\]|\\.)+)(")',
    re.IGNORECASE,
)


def recording(client: Client, stop: threading.Event, local: datetime | None = None) -> "Recording":
    """A run's way to its source that keeps what comes; to be used in place of `client.begin`."""
    return Recording(client.begin(stop, local), lambda: secrets_of(client))


def secrets_of(client: Client) -> Iterator[str]:
    """What must not be seen: the values of the options' secrets, and what a login has given."""
    for secret in secrets_in(client.options):
        yield from _told(secret)
    yield from client.prover.secrets()
    yield from (each.value for each in client.session.cookies if each.value)


class Recording(Http):
    """Asks through another, and remembers each reply that a replay will need.

    Not those of logins, which are asked uncounted by POST, nor the refusals that led to them.
    """

    def __init__(self, inner: Http, secrets: Callable[[], Iterable[str]]) -> None:
        super().__init__(inner.base_url)
        self._inner = inner
        self._secrets = secrets
        self._kept: list[_Kept] = []

    @property
    def requests(self) -> tuple[Request, ...]:
        return self._inner.requests

    def note(self, error: SourceError) -> None:
        self._inner.note(error)

    def answer(self, wanted: Wanted, *, counted: bool) -> Reply:
        reply = self._inner.answer(wanted, counted=counted)
        self.retries = self._inner.retries
        login = not counted and wanted.method == "POST"
        if not login and reply.status != _UNAUTHORIZED:
            self._kept.append(_Kept(wanted.method, reply))
        return reply

    def save(self, folder: Path) -> tuple[Path, ...]:
        """The files written; FileExistsError where there are answers already, other OSErrors."""
        folder.mkdir(parents=True, exist_ok=True)
        spellings = _spellings(self._secrets())
        listed: list[dict[str, Any]] = []
        files = []
        with (folder / LIST).open("x", encoding="utf-8") as stream:
            for number, kept in enumerate(self._kept, start=1):
                file = folder / f"{number:03d}{_suffix(kept.reply)}"
                file.write_bytes(_without(kept.reply.body, spellings))
                listed.append(_entry(kept, file.name, spellings))
                files.append(file)
            json.dump(listed, stream, ensure_ascii=False, indent=1)
        return (folder / LIST, *files)


@dataclass(frozen=True, slots=True)
class _Kept:
    method: str
    reply: Reply


def _entry(kept: _Kept, file: str, spellings: tuple[bytes, ...]) -> dict[str, Any]:
    reply = kept.reply
    headers = {name: reply.headers[name] for name in _KEPT_HEADERS if name in reply.headers}
    entry = {
        "method": kept.method,
        "url": reply.url,
        "status": reply.status,
        "headers": headers,
        "links": {rel: redacted(url) for rel, url in reply.links.items()},
    }
    told = json.dumps(entry, ensure_ascii=False).encode()
    clean: dict[str, Any] = json.loads(_without(told, spellings))
    return {**clean, "body": file}


def _without(body: bytes, spellings: tuple[bytes, ...]) -> bytes:
    for spelling in spellings:
        body = body.replace(spelling, HIDDEN.encode())
    return _SECRET_TEXT.sub(rb"\1" + HIDDEN.encode() + rb"\3", body)


def _spellings(secrets: Iterable[str]) -> tuple[bytes, ...]:
    """Every way in which a secret may stand in an answer, the longest first."""
    found: set[bytes] = set()
    for secret in secrets:
        if len(secret) < _SECRET_CHARS_MIN:
            continue
        texts = {secret, quote(secret, safe=""), quote_plus(secret)}
        texts |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
        texts.add(b64encode(secret.encode()).decode("ascii").rstrip("="))
        found |= {text.encode() for text in texts}
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def _told(secret: Secret) -> Iterator[str]:
    try:
        yield secret.reveal()
    except SourceError:
        return


def _suffix(reply: Reply) -> str:
    message = Message()
    message["Content-Type"] = reply.headers.get("content-type", "")
    return _SUFFIXES.get(message.get_content_type(), ".bin")
