"""Requests made ready to send, and kept: a source is asked the same again and again."""

import json
from dataclasses import dataclass

import requests
from requests import PreparedRequest

from connectors.fetch.credentials import Credentials
from connectors.fetch.faults import UNSENDABLE
from connectors.fetch.line import Wanted
from connectors.fetch.reply import redacted
from connectors.fetch.session import Session
from connectors.nouns import SourceError

_KEPT_MAX = 16


@dataclass(frozen=True, slots=True)
class Ready:
    """A request as it will be sent, and its address as it may be shown."""

    request: PreparedRequest
    shown: str


class Preparer:
    """Makes the requests of one session ready; the last few are kept, with what proves who asks."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[object, Ready] = {}

    def ready(self, wanted: Wanted, proof: Credentials) -> Ready:
        """SourceError("config") where it cannot be sent."""
        carried = self._session.carried()
        if carried is None:
            return self._made(wanted, proof)
        key = (wanted.method, wanted.url, _told(wanted), wanted.hidden, proof, carried)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) == _KEPT_MAX:
                self._kept.clear()
            found = self._kept[key] = self._made(wanted, proof)
        return found

    def _made(self, wanted: Wanted, proof: Credentials) -> Ready:
        request = requests.Request(
            wanted.method,
            wanted.url,
            params=[*wanted.query, *proof.query],
            headers={**wanted.headers, **dict(proof.headers)},
            cookies=dict(proof.cookies),
            data=None if wanted.form is None else list(wanted.form),
            json=wanted.json,
        )
        try:
            made = self._session.prepare_request(request)
        except (requests.RequestException, *UNSENDABLE):
            raise _unsendable(wanted) from None
        # A plain mapping is copied and read much faster, and nobody looks into this one by case.
        made.headers = dict(made.headers)  # type: ignore[assignment]
        names = wanted.hidden | {name for name, _ in proof.query}
        return Ready(made, redacted(made.url or "", names))


def _told(wanted: Wanted) -> str:
    """What is sent beside the address, as a text: of values, True and 1 would be the same."""
    try:
        body = wanted.form if wanted.json is None else json.dumps(wanted.json)
    except UNSENDABLE:
        raise _unsendable(wanted) from None
    return repr((wanted.query, [*wanted.headers.items()], body))


def _unsendable(wanted: Wanted) -> SourceError:
    return SourceError(f"{redacted(wanted.url)} cannot be asked for", reason="config")
