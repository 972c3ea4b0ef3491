"""Keeps what a source answers as a test case, without its secrets."""

import json
import re
import threading
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from pathlib import Path
from typing import Any

from connectors.base import Request, SourceError
from connectors.fetch.hide import HIDDEN, Hiding
from connectors.fetch.line import Http, Wanted
from connectors.fetch.reply import Reply, redacted
from connectors.http import Client

LIST = "answers.json"
_UNAUTHORIZED = 401
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
    return Recording(client.begin(stop, local))


class Recording(Http):
    """Asks through another, and remembers each reply that a replay will need.

    Not those of logins, which are asked uncounted by POST, nor the refusals that led to them.
    """

    def __init__(self, inner: Http) -> None:
        super().__init__(inner.base_url)
        self._inner = inner
        self._kept: list[_Kept] = []

    @property
    def requests(self) -> tuple[Request, ...]:
        return self._inner.requests

    def note(self, error: SourceError) -> None:
        self._inner.note(error)

    def hiding(self) -> Hiding:
        return self._inner.hiding()

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
        hiding = self.hiding()
        listed: list[dict[str, Any]] = []
        files = []
        with (folder / LIST).open("x", encoding="utf-8") as stream:
            for number, kept in enumerate(self._kept, start=1):
                file = folder / f"{number:03d}{_suffix(kept.reply)}"
                file.write_bytes(_without(kept.reply.body, hiding))
                listed.append(_entry(kept, file.name, hiding))
                files.append(file)
            json.dump(listed, stream, ensure_ascii=False, indent=1)
        return (folder / LIST, *files)


@dataclass(frozen=True, slots=True)
class _Kept:
    method: str
    reply: Reply


def _entry(kept: _Kept, file: str, hiding: Hiding) -> dict[str, Any]:
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
    clean: dict[str, Any] = json.loads(_without(told, hiding))
    return {**clean, "body": file}


def _without(body: bytes, hiding: Hiding) -> bytes:
    return _SECRET_TEXT.sub(rb"\1" + HIDDEN.encode() + rb"\3", hiding.body(body))


def _suffix(reply: Reply) -> str:
    message = Message()
    message["Content-Type"] = reply.headers.get("content-type", "")
    return _SUFFIXES.get(message.get_content_type(), ".bin")
