"""What a source says in a body beside its data: that it is busy, or what is wrong."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.fetch.hide import Hiding
from connectors.fetch.reply import Reply, asked_wait_s
from connectors.nouns import SourceError
from connectors.query import Query

_SAID_CHARS_MAX = 200
_USUAL = ("detail", "message", "error_description", "error", "title")


@dataclass(frozen=True, slots=True)
class Words:
    """Where they stand, and how long to leave a source alone that is busy and does not say."""

    busy_when: Query | None = None
    error_message: Query | None = None
    busy_wait_s: float = 60.0
    guesses: bool = False
    """Whether the usual names are looked at where nobody said where the words stand."""

    def is_heard(self, content_type: str) -> bool:
        """Whether the body of an error is worth reading."""
        declared = self.busy_when is not None or self.error_message is not None
        return declared or (self.guesses and "json" in content_type.lower())

    def check_busy(
        self, body: Any, reply: Reply, hiding: Callable[[], Hiding], now: datetime
    ) -> None:
        """SourceError, with the time to wait, where the body says to come again later."""
        if self.busy_when is None or not self.busy_when.holds(body):
            return
        wait_s = asked_wait_s(reply.headers, now)
        wait_s = self.busy_wait_s if wait_s is None else wait_s
        words = f"{reply.url}: {self.busy_when.text!r} holds, to be asked again in {wait_s:.0f} s"
        said = self.said(body, hiding())
        raise SourceError(words + said, reason="source", retry_after_s=wait_s)

    def said(self, body: Any, hiding: Hiding) -> str:
        """Its own words; secrets are taken out before they are cut, for half of one would stay."""
        found = _usual(body) if self.guesses else None
        if self.error_message is not None:
            found = self.error_message.of(body)
        if found is None:
            return ""
        # Written as JSON a secret inside is spelt in a way that is looked for.
        told = (
            found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, default=str)
        )
        return f"; the source says: {hiding.text(told)[:_SAID_CHARS_MAX]}"

    def refusal(
        self, error: SourceError, reply: Reply, hiding: Hiding, now: datetime
    ) -> SourceError:
        """The error that a status is, with what its body says, if that can be read."""
        try:
            body = reply.json()
            said = self.said(body, hiding)
        except SourceError:
            return error
        try:
            self.check_busy(body, reply, lambda: hiding, now)
        except SourceError as busy:
            return busy if busy.reason == "source" else error
        return SourceError(
            f"{error}{said}",
            reason=error.reason,
            permanent=error.permanent,
            retry_after_s=error.retry_after_s,
        )


def _usual(body: Any) -> str | None:
    """What most systems call it; `error` is often a mere code, and comes late."""
    said = (body.get(name) for name in _USUAL) if isinstance(body, dict) else ()
    return next((each for each in said if isinstance(each, str) and each.strip()), None)


NO_WORDS = Words()
